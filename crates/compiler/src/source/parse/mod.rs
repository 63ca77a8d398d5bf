//! Reads a file: YAML text -> [`Document`].

mod fields;
mod implies;
mod scopes;

use std::ops::Range;

use routescope_core::{Alphabet, Case, Method, PathOptions, TrailingSlash, Values};

use crate::source::document::{Document, Key, MethodRule, ScopeNames, Spanned};
use crate::source::report::{Problem, quoted};
use crate::source::yaml::{self, Node, Value};

/// Reads a file, reporting every problem of its form.
///
/// `None` if too little could be read for the next stage.
pub(crate) fn parse(source: &str) -> (Option<Document>, Vec<Problem>) {
    let root = match yaml::read(source) {
        Ok(root) => root,
        Err(problem) => return (None, vec![problem]),
    };
    let mut parser = Parser {
        source,
        problems: Vec::new(),
    };
    let document = parser.document(&root);
    (document, parser.problems)
}

const EXAMPLE: &str = "write a version, a name and scopes with their routes, at least:\n\
    version: 1\n\
    name: my-api\n\
    scopes:\n  \
      \"things:read\":\n    \
        routes:\n      \
          - GET /things/";

const GLOBAL: &str = "write `global: \"*:*\"` if a key with the scope `*:*` may do everything, or remove the field; with `scope_names: opaque`, it may be any scope";

const OPAQUE_GLOBAL: &str =
    "write the scope that opens every route that needs scopes, such as `global: admin`";

struct Parser<'s> {
    source: &'s str,
    problems: Vec<Problem>,
}

impl Parser<'_> {
    fn document(&mut self, root: &Node) -> Option<Document> {
        if matches!(root.value, Value::Null) {
            self.report(Problem::error(0..0, "there is no policy in the file").help(EXAMPLE));
            return None;
        }
        if !matches!(root.value, Value::Map(_)) {
            let message = format!("the file is {}, not a mapping", root.value.kind());
            self.report(Problem::error(root.at.clone(), message).help(EXAMPLE));
            return None;
        }
        let known = [
            "version",
            "name",
            "updated",
            "revision",
            "scope_names",
            "umbrella",
            "global",
            "key",
            "paths",
            "method_rule",
            "implies",
            "public",
            "any_key",
            "scopes",
        ];
        let fields = self.fields(root, "a policy", &known)?;
        let version = self
            .required(&fields, "version", "version: 1")
            .is_some_and(|node| self.version(node));
        if let Some(Node {
            value: Value::Integer(_),
            ..
        }) = fields.find("version")
            && !version
        {
            // Only the problem of the version is kept: by its own version's rules, the
            // rest of the file may be right.
            self.problems.drain(..self.problems.len() - 1);
            return None;
        }
        let name = self
            .required(&fields, "name", "name: my-api")
            .and_then(|node| self.name(node));
        // A policy of nothing but open routes needs no scopes.
        let needs_scopes = fields.find("public").or(fields.find("any_key")).is_none();
        let scopes = match needs_scopes {
            true => self.required_as(&fields, "scopes", EXAMPLE),
            false => fields.find("scopes"),
        };
        let scope_names = fields
            .find("scope_names")
            .map(|node| self.scope_names(node))
            .unwrap_or_default();
        let document = Document {
            updated: fields.find("updated").and_then(|node| self.date(node)),
            revision: fields.find("revision").and_then(|node| self.revision(node)),
            umbrella: fields.find("umbrella").and_then(|node| {
                self.text(node, "`umbrella`", "a resource, such as `umbrella: pbx`")
            }),
            scope_names,
            global: fields
                .find("global")
                .and_then(|node| self.global(node, scope_names)),
            key: fields.find("key").and_then(|node| self.key(node)),
            options: fields
                .find("paths")
                .map(|node| self.options(node))
                .unwrap_or_default(),
            stated_method_rule: fields
                .find("method_rule")
                .and_then(|node| self.method_rule(node)),
            implies: fields
                .find("implies")
                .map(|node| self.implies(node))
                .unwrap_or_default(),
            public: fields
                .find("public")
                .map(|node| self.routes(node, "public"))
                .unwrap_or_default(),
            any_key: fields
                .find("any_key")
                .map(|node| self.routes(node, "any_key"))
                .unwrap_or_default(),
            scopes: scopes.map(|node| self.scopes(node)).unwrap_or_default(),
            name: name.unwrap_or(Spanned {
                value: String::new(),
                at: 0..0,
            }),
        };
        (version && (scopes.is_some() || !needs_scopes)).then_some(document)
    }

    fn version(&mut self, node: &Node) -> bool {
        let right = matches!(node.value, Value::Integer(1));
        if !right {
            let message = format!(
                "`version` is {}, and this compiler reads version 1",
                node.value.kind()
            );
            let help = match node.value {
                Value::Integer(_) => {
                    "write `version: 1`, or use the release of routescope that the file was written for"
                }
                _ => "write `version: 1`, the number without quotes or a point",
            };
            self.report(Problem::error(node.at.clone(), message).help(help));
        }
        right
    }

    fn name(&mut self, node: &Node) -> Option<Spanned<String>> {
        let name = self.text(node, "`name`", "a short name, such as `name: my-api`")?;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if name.value.is_empty() || name.value.len() > 64 || !name.value.bytes().all(fits) {
            self.report(
                Problem::error(
                    name.at.clone(),
                    match name.value.len() {
                        0 => "`name` is empty".to_owned(),
                        1..=64 => format!("{} is no name for a policy", quoted(&name.value)),
                        len => format!("a name of {len} bytes, over the limit of 64"),
                    },
                )
                .help("use 1 to 64 letters, digits, `-`, `_` and `.`, such as `my-api`"),
            );
        }
        Some(name)
    }

    fn date(&mut self, node: &Node) -> Option<Spanned<String>> {
        let date = self.text(node, "`updated`", "a date, such as `updated: 2026-05-28`")?;
        let shape: String = date
            .value
            .chars()
            .map(|c| if c.is_ascii_digit() { '0' } else { c })
            .collect();
        let number = |range: Range<usize>| {
            date.value
                .get(range)
                .and_then(|digits| digits.parse::<u8>().ok())
                .unwrap_or(0)
        };
        let days = match number(5..7) {
            2 => 29,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => 0,
        };
        if shape == "0000-00-00" && (1..=days).contains(&number(8..10)) {
            return Some(date);
        }
        self.report(
            Problem::error(
                date.at.clone(),
                format!("{} is not a date", quoted(&date.value)),
            )
            .help("write year-month-day, such as `2026-05-28`"),
        );
        None
    }

    fn revision(&mut self, node: &Node) -> Option<Spanned<u32>> {
        let revision = match node.value {
            Value::Integer(value) => u32::try_from(value).ok().filter(|value| *value > 0),
            _ => None,
        };
        if revision.is_none() {
            let message = format!("`revision` is {}", node.value.kind());
            self.report(Problem::error(node.at.clone(), message).help(
                "write a whole number from 1 to 4294967295 that grows with each edition of the file, such as `revision: 7`",
            ));
        }
        Some(Spanned {
            value: revision?,
            at: node.at.clone(),
        })
    }

    fn scope_names(&mut self, node: &Node) -> ScopeNames {
        let names = [ScopeNames::ResourceAction, ScopeNames::Opaque];
        let chosen = self.choice(node, "scope_names", &names.map(ScopeNames::as_str));
        chosen.map(|chosen| names[chosen]).unwrap_or_default()
    }

    fn global(&mut self, node: &Node, scope_names: ScopeNames) -> Option<Spanned<String>> {
        let (right, help) = match (&node.value, scope_names) {
            (Value::Text(text), ScopeNames::ResourceAction) => (text == "*:*", GLOBAL),
            (Value::Text(_), ScopeNames::Opaque) => (true, ""),
            (_, ScopeNames::ResourceAction) => (false, GLOBAL),
            (_, ScopeNames::Opaque) => (false, OPAQUE_GLOBAL),
        };
        if right {
            return self.text(node, "`global`", "a scope");
        }
        let message = format!("`global` is {}", node.value.kind());
        self.report(Problem::error(node.at.clone(), message).help(help));
        None
    }

    fn key(&mut self, node: &Node) -> Option<Key> {
        let fields = self.fields(node, "`key`", &["prefix", "length", "alphabet"])?;
        let prefix = self.required(&fields, "prefix", "prefix: my-");
        let length = self.required(&fields, "length", "length: 40");
        let alphabet = self.required(&fields, "alphabet", "alphabet: alphanumeric");
        let prefix = self.text(
            prefix?,
            "`prefix`",
            "what every key begins with, such as `prefix: my-`",
        )?;
        let names = Alphabet::ALL.map(Alphabet::as_str);
        let alphabet = self.choice(alphabet?, "alphabet", &names)?;
        // RFC 6750 section 2.1: what a bearer token may consist of.
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
        if !prefix.value.bytes().all(token) {
            self.report(
                Problem::error(
                    prefix.at.clone(),
                    format!("{} cannot begin a bearer token", quoted(&prefix.value)),
                )
                .help("use letters, digits and `-._~+/` (RFC 6750 section 2.1)"),
            );
            return None;
        }
        let least = prefix.value.len() + 16;
        let length = length?;
        let value = match length.value {
            Value::Integer(value) => u16::try_from(value)
                .ok()
                .filter(|value| usize::from(*value) >= least && *value <= 4096),
            _ => None,
        };
        let Some(value) = value else {
            self.report(
                Problem::error(length.at.clone(), format!("`length` is {}", length.value.kind()))
                    .help(format!("write the length of a whole key, prefix included: {least} (16 more than the prefix) to 4096")),
            );
            return None;
        };
        Some(Key {
            prefix: prefix.value,
            length: value,
            alphabet: Alphabet::ALL[alphabet],
        })
    }

    fn options(&mut self, node: &Node) -> PathOptions {
        let Some(fields) = self.fields(node, "`paths`", &["trailing_slash", "case", "values"])
        else {
            return PathOptions::default();
        };
        let mut chooses_second = |name, choices: [&str; 2]| {
            let node = fields.find(name);
            node.and_then(|node| self.choice(node, name, &choices)) == Some(1)
        };
        let trailing_slash = [TrailingSlash::Exact, TrailingSlash::Optional];
        let case = [Case::Exact, Case::Insensitive];
        let values = [Values::Any, Values::NoColon];
        PathOptions {
            trailing_slash: trailing_slash[usize::from(chooses_second(
                "trailing_slash",
                trailing_slash.map(TrailingSlash::as_str),
            ))],
            case: case[usize::from(chooses_second("case", case.map(Case::as_str)))],
            values: values[usize::from(chooses_second("values", values.map(Values::as_str)))],
        }
    }

    fn method_rule(&mut self, node: &Node) -> Option<Spanned<MethodRule>> {
        let value = match self.choice(node, "method_rule", &["read-write", "none"])? {
            1 => MethodRule::None,
            _ => MethodRule::ReadWrite,
        };
        Some(Spanned {
            value,
            at: node.at.clone(),
        })
    }

    fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
}

/// The method that a name is, in whatever case.
fn method(name: &str) -> Option<Method> {
    Method::from_bytes(name.to_ascii_uppercase().as_bytes())
}
