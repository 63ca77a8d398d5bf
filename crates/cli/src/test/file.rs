//! A file of tests: reading it, with every mistake in it shown at its position.

use routescope::{PathRule, Reason};
use routescope_compiler::Report;
use routescope_compiler::unstable::yaml::{self, Node, Value};
use serde::Serialize;

use super::reader::{Fields, TestReader, near};
use crate::reasons;

/// The expectation of a request without a key that is not allowed.
const MISSING_KEY: &str = Reason::MissingKey.as_str();

/// A request, the scopes of the key that makes it, and the expected decision.
#[derive(Debug)]
pub(super) struct Case {
    /// The line in which it begins, from 1.
    pub(super) line: usize,
    pub(super) name: Option<String>,
    pub(super) method: String,
    pub(super) target: String,
    /// Whether the request comes with a key; without one it holds no scopes.
    pub(super) has_key: bool,
    pub(super) scopes: Vec<String>,
    pub(super) want: Want,
}

/// The expectation of a case; `null` allows everything.
#[derive(Debug, Serialize)]
pub(super) struct Want {
    pub(super) expect: &'static str,
    pub(super) route: Option<String>,
    pub(super) by: Option<String>,
    pub(super) rule: Option<String>,
}

impl Case {
    /// `GET /orders/7/`
    pub(super) fn request(&self) -> String {
        format!("{} {}", self.method, self.target)
    }

    /// `missing_scope, on GET /orders/{id}/`
    pub(super) fn want(&self) -> String {
        let Want {
            expect,
            route,
            by,
            rule,
        } = &self.want;
        let mut text = (*expect).to_owned();
        for (field, word) in [(rule, "by the rule"), (route, "on"), (by, "by")] {
            if let Some(field) = field {
                text = format!("{text}, {word} {field}");
            }
        }
        text
    }
}

const EXAMPLE: &str = "write a version and a list of tests, at least:\n\
    version: 1\n\
    tests:\n  \
      - request: GET /things/\n    \
        scopes: [\"things:read\"]\n    \
        expect: allow";

const CASE: &str = "write a case as a mapping, such as:\n\
    - request: GET /things/\n  \
      scopes: [\"things:read\"]\n  \
      expect: allow";

/// The values that `expect` can have.
fn expectations() -> Vec<&'static str> {
    // The last check of a request comes first: it is the reason that tests expect most.
    let mut reasons: Vec<_> = reasons::of_requests().collect();
    reasons.reverse();
    let reasons = reasons.into_iter().chain([MISSING_KEY]);
    ["allow", "deny"].into_iter().chain(reasons).collect()
}

/// Reads the cases of a file.
pub(super) fn read(file: &str, source: &str) -> Result<Vec<Case>, Report> {
    let mut reader = TestReader::new(source);
    let cases = match yaml::read(source) {
        Ok(root) => reader.file(&root),
        Err(problem) => {
            reader.problems.push(problem);
            Vec::new()
        }
    };
    let problems = reader.into_problems();
    if problems.is_empty() {
        Ok(cases)
    } else {
        Err(Report::new(file, source, problems))
    }
}

impl TestReader<'_> {
    fn file(&mut self, root: &Node) -> Vec<Case> {
        if matches!(root.value, Value::Null) {
            self.error(0..0, "there are no tests in the file", EXAMPLE);
            return Vec::new();
        }
        let Some(fields) = self.fields(root, "a file of tests", &["version", "tests"], EXAMPLE)
        else {
            return Vec::new();
        };
        match fields.get("version").map(|node| (node, &node.value)) {
            Some((_, Value::Integer(1))) => {}
            Some((node, value)) => {
                // Nobody here knows the meaning of a file of another version.
                self.forget_problems();
                let message = format!(
                    "`version` is {}, and this command reads version 1",
                    value.kind()
                );
                let help = match value {
                    Value::Integer(_) => {
                        "write `version: 1`, or use the release of routescope that the file was written for"
                    }
                    _ => "write `version: 1`, the number without quotes or a point",
                };
                self.error(node.at.clone(), message, help);
                return Vec::new();
            }
            None => self.missing(&fields, "version", "add `version: 1`"),
        }
        match fields.get("tests").map(|node| (node, &node.value)) {
            None => {
                self.missing(&fields, "tests", EXAMPLE);
                Vec::new()
            }
            Some((_, Value::List(items))) if !items.is_empty() => {
                let mut cases = Vec::new();
                for item in items {
                    cases.extend(self.case(item));
                    if self.gives_up() {
                        break;
                    }
                }
                cases
            }
            Some((node, value)) => {
                let message = match value {
                    Value::List(_) => "`tests` is an empty list".to_owned(),
                    other => format!("`tests` is {}, not a list", other.kind()),
                };
                self.error(node.at.clone(), message, EXAMPLE);
                Vec::new()
            }
        }
    }

    fn case(&mut self, node: &Node) -> Option<Case> {
        let known = [
            "name", "request", "key", "scopes", "expect", "route", "by", "rule",
        ];
        let before = self.problems.len();
        let fields = self.fields(node, "a case", &known, CASE)?;
        let name = self.optional(&fields, "name", "a sentence");
        let request = self.request(&fields);
        let has_key = self.has_key(&fields);
        let scopes = self.scopes(&fields, has_key);
        let expect = self.expect(&fields);
        let route = self.optional(
            &fields,
            "route",
            "a method and a template, such as `GET /things/{id}/`",
        );
        let by = self.optional(
            &fields,
            "by",
            "a scope, such as `things:read`; several that are needed together, such as `things:read things:write`; `any key` or `public`",
        );
        let rule = self.rule(&fields);
        let (expect, (method, target)) = (expect?, request?);
        let only = |field: &'static str, with: &[&str]| {
            let node = fields.get(field).filter(|_| !with.contains(&expect))?;
            Some((node.at.clone(), field, with.join("` or `expect: ")))
        };
        let misplaced = [
            only("route", &["allow", "deny", "missing_scope"]),
            only("by", &["allow"]),
            only("rule", &["bad_path"]),
        ];
        for (at, field, with) in misplaced.into_iter().flatten() {
            let message = format!("`{field}` says nothing about `expect: {expect}`");
            self.error(
                at,
                message,
                format!("remove it: it goes with `expect: {with}`"),
            );
        }
        self.expect_of_key(&fields, expect, has_key);
        (self.problems.len() == before).then_some(Case {
            line: self.line(node),
            name,
            method,
            target,
            has_key,
            scopes,
            want: Want {
                expect,
                route,
                by,
                rule,
            },
        })
    }

    fn request(&mut self, fields: &Fields<'_>) -> Option<(String, String)> {
        const HELP: &str =
            "a method, a space and a path as it is sent, such as `request: GET /things/7/`";
        let Some(node) = fields.get("request") else {
            self.missing(fields, "request", format!("add {HELP}"));
            return None;
        };
        let text = self.text(node, "`request`", HELP)?;
        match text.split_once(' ') {
            Some((method, target)) => Some((method.to_owned(), target.to_owned())),
            None => {
                self.error(
                    node.at.clone(),
                    "a request without a space between method and path",
                    format!("write {HELP}"),
                );
                None
            }
        }
    }

    /// Whether a case does not say `key: none`.
    fn has_key(&mut self, fields: &Fields<'_>) -> bool {
        let Some(node) = fields.get("key") else {
            return true;
        };
        match &node.value {
            Value::Text(text) if text == "none" => return false,
            other => self.error(
                node.at.clone(),
                format!("`key` is {}", other.kind()),
                "write `key: none` for a request without a key; a request with one states its `scopes`, never the key",
            ),
        }
        true
    }

    /// An expectation that no request with such a key can meet is a slip.
    fn expect_of_key(&mut self, fields: &Fields<'_>, expect: &str, has_key: bool) {
        let Some(node) = fields.get("expect") else {
            return;
        };
        match (has_key, expect) {
            (true, MISSING_KEY) => self.error(
                node.at.clone(),
                "a request with a key expects `missing_key`",
                "add `key: none` if the request comes without a key",
            ),
            (true, _) | (false, "allow" | "deny" | MISSING_KEY) => {}
            (false, _) => self.error(
                node.at.clone(),
                format!("a request without a key expects `{expect}`"),
                "write `expect: missing_key`: without a key, all that is not public gets the same answer",
            ),
        }
    }

    fn scopes(&mut self, fields: &Fields<'_>, has_key: bool) -> Vec<String> {
        const HELP: &str =
            "a list, such as `scopes: [\"things:read\"]`, or `scopes: []` for a key without any";
        let Some(node) = fields.get("scopes") else {
            if has_key {
                self.missing(fields, "scopes", format!("add what the key holds: {HELP}"));
            }
            return Vec::new();
        };
        if !has_key && !matches!(&node.value, Value::List(items) if items.is_empty()) {
            self.error(
                node.at.clone(),
                "a request without a key holds no scopes",
                "remove `scopes`, or `key: none`",
            );
            return Vec::new();
        }
        let Value::List(items) = &node.value else {
            let message = format!("`scopes` is {}, not a list", node.value.kind());
            self.error(node.at.clone(), message, format!("write {HELP}"));
            return Vec::new();
        };
        items
            .iter()
            .map_while(|item| (!self.gives_up()).then(|| self.text(item, "a scope", HELP)))
            .flatten()
            .collect()
    }

    fn expect(&mut self, fields: &Fields<'_>) -> Option<&'static str> {
        let known = expectations();
        let list = known.join(", ");
        let Some(node) = fields.get("expect") else {
            self.missing(
                fields,
                "expect",
                format!("add `expect: allow`, or one of {list}"),
            );
            return None;
        };
        let text = self.text(node, "`expect`", &format!("one of {list}"))?;
        let found = known.iter().copied().find(|known| *known == text);
        if found.is_none() {
            let help = if reasons::of_keys().any(|reason| reason == text) {
                "that is decided before a request is looked at, and a case has a valid key or none; leave it out"
                    .to_owned()
            } else {
                match near(&text, known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("write one of {list}"),
                }
            };
            self.error(
                node.at.clone(),
                format!("`expect` is {}", node.value.kind()),
                help,
            );
        }
        found
    }

    fn rule(&mut self, fields: &Fields<'_>) -> Option<String> {
        let node = fields.get("rule")?;
        let names = PathRule::ALL.map(PathRule::as_str);
        let text = self.text(node, "`rule`", "a path rule, such as `rule: dot_segment`")?;
        if names.contains(&text.as_str()) {
            return Some(text);
        }
        let help = match near(&text, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the rules are {}", names.join(", ")),
        };
        self.error(
            node.at.clone(),
            format!("`rule` is {}", node.value.kind()),
            help,
        );
        None
    }
}
