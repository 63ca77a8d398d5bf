//! The first stage: YAML text -> [`Document`].

use std::ops::Range;

use routescope_core::{Alphabet, Method, Options};

use crate::document::{At, Document, Key, MethodRule, RouteEntry, ScopeEntry};
use crate::report::{Problem, quoted};
use crate::suggest::nearest;
use crate::yaml::{self, Node, Value};

/// Reads a file, reporting every problem of its form.
///
/// `None` where too little could be read for the next stage to look at.
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

const SCOPES: &str = "list the scopes below it, indented, each with its routes:\n\
    scopes:\n  \
      \"things:read\":\n    \
        routes:\n      \
          - GET /things/";

const ROUTES: &str = "write a list, one route a line, with a space behind each `-`:\n\
    routes:\n  \
      - GET /things/";

const ROUTE: &str = "a method and a path, such as `GET /things/`";

struct Parser<'s> {
    source: &'s str,
    problems: Vec<Problem>,
}

/// The fields of a mapping, each known one at most once.
struct Fields<'n> {
    /// Where to point when one is missing.
    at: Range<usize>,
    found: Vec<(&'static str, &'n Node)>,
    /// Those that a misspelled one is meant to be: reported, and not missing.
    meant: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    fn find(&self, name: &str) -> Option<&'n Node> {
        self.found
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, node)| *node)
    }
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
            "umbrella",
            "global",
            "key",
            "paths",
            "method_rule",
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
            // What a file of another version means, nobody here knows.
            self.problems.drain(..self.problems.len() - 1);
            return None;
        }
        let name = self
            .required(&fields, "name", "name: my-api")
            .and_then(|node| self.name(node));
        let scopes = self.required_as(&fields, "scopes", EXAMPLE);
        let document = Document {
            updated: fields.find("updated").and_then(|node| self.date(node)),
            umbrella: fields.find("umbrella").and_then(|node| {
                self.text(node, "`umbrella`", "a resource, such as `umbrella: pbx`")
            }),
            global: fields.find("global").is_some_and(|node| self.global(node)),
            key: fields.find("key").and_then(|node| self.key(node)),
            options: fields
                .find("paths")
                .map(|node| self.options(node))
                .unwrap_or_default(),
            method_rule: fields
                .find("method_rule")
                .map(|node| self.method_rule(node))
                .unwrap_or_default(),
            scopes: scopes.map(|node| self.scopes(node)).unwrap_or_default(),
            name: name.unwrap_or(At {
                value: String::new(),
                at: 0..0,
            }),
        };
        (version && scopes.is_some()).then_some(document)
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

    fn name(&mut self, node: &Node) -> Option<At<String>> {
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

    fn date(&mut self, node: &Node) -> Option<At<String>> {
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

    fn global(&mut self, node: &Node) -> bool {
        let right = matches!(&node.value, Value::Text(text) if text == "*:*");
        if !right {
            self.report(
                Problem::error(node.at.clone(), format!("`global` is {}", node.value.kind()))
                    .help("write `global: \"*:*\"` if a key with the scope `*:*` may do everything, or remove the field"),
            );
        }
        right
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

    fn options(&mut self, node: &Node) -> Options {
        let Some(fields) = self.fields(node, "`paths`", &["trailing_slash", "case"]) else {
            return Options::default();
        };
        let mut second = |name, choices: &[&str]| {
            fields
                .find(name)
                .and_then(|node| self.choice(node, name, choices))
                == Some(1)
        };
        Options {
            trailing_slash_optional: second("trailing_slash", &["exact", "optional"]),
            case_insensitive: second("case", &["exact", "insensitive"]),
        }
    }

    fn method_rule(&mut self, node: &Node) -> MethodRule {
        match self.choice(node, "method_rule", &["read-write", "none"]) {
            Some(1) => MethodRule::None,
            _ => MethodRule::ReadWrite,
        }
    }

    fn scopes(&mut self, node: &Node) -> Vec<ScopeEntry> {
        let Value::Map(entries) = &node.value else {
            self.report(
                Problem::error(
                    node.at.clone(),
                    format!("`scopes` is {}, not a mapping", node.value.kind()),
                )
                .help(SCOPES),
            );
            return Vec::new();
        };
        let mut scopes: Vec<ScopeEntry> = Vec::with_capacity(entries.len());
        let mut seen = std::collections::HashMap::new();
        for (key, value) in entries {
            let Some(name) =
                self.text(key, "the scope", "`resource:action`, such as `things:read`")
            else {
                continue;
            };
            if matches!(name.value.as_str(), "routes" | "summary") {
                self.report(
                    Problem::error(
                        name.at,
                        format!("`{}` stands beside the scopes, not in one", name.value),
                    )
                    .help("indent it deeper than the scope that it belongs to"),
                );
                continue;
            }
            if let Some(first) = seen.insert(name.value.clone(), name.at.clone()) {
                self.report(
                    Problem::error(
                        name.at.clone(),
                        format!("scope {} stands here twice", quoted(&name.value)),
                    )
                    .label("again")
                    .and(first, "first here")
                    .help("put all its routes under one of them"),
                );
            }
            scopes.push(self.scope(name, value));
        }
        scopes
    }

    fn scope(&mut self, name: At<String>, node: &Node) -> ScopeEntry {
        let mut entry = ScopeEntry {
            name,
            summary: None,
            routes: Vec::new(),
        };
        if let Value::List(items) = &node.value {
            self.report(
                Problem::error(
                    node.at.clone(),
                    format!(
                        "scope {} is a list, not a mapping",
                        quoted(&entry.name.value)
                    ),
                )
                .help("put the list below `routes:`, indented deeper:\nroutes:\n  - GET /things/"),
            );
            entry.routes = items.iter().filter_map(|item| self.route(item)).collect();
            return entry;
        }
        // A scope that says nothing is a scope without routes; `check` warns.
        if matches!(node.value, Value::Null) {
            return entry;
        }
        let what = format!("scope {}", quoted(&entry.name.value));
        if !matches!(node.value, Value::Map(_)) {
            let message = format!("{what} is {}, not a mapping", node.value.kind());
            self.report(Problem::error(node.at.clone(), message).help(
                "put the routes below the scope:\n\"things:read\":\n  routes:\n    - GET /things/",
            ));
            return entry;
        }
        let Some(fields) = self.fields(node, &what, &["summary", "routes"]) else {
            return entry;
        };
        entry.summary = fields
            .find("summary")
            .and_then(|node| self.text(node, "`summary`", "a text"))
            .map(|text| text.value);
        entry.routes = match fields.find("routes") {
            None => Vec::new(),
            Some(Node {
                value: Value::Null, ..
            }) => Vec::new(),
            Some(Node {
                value: Value::List(items),
                ..
            }) => items.iter().filter_map(|item| self.route(item)).collect(),
            Some(node) => {
                self.report(
                    Problem::error(
                        node.at.clone(),
                        format!("`routes` is {}, not a list", node.value.kind()),
                    )
                    .help(ROUTES),
                );
                Vec::new()
            }
        };
        entry
    }

    fn route(&mut self, node: &Node) -> Option<RouteEntry> {
        let Value::Map(entries) = &node.value else {
            let text = self.text(node, "the route", ROUTE)?;
            return Some(RouteEntry {
                text,
                note: None,
                overlap: None,
            });
        };
        if let Some(meant) = meant_route(entries) {
            self.report(
                Problem::error(
                    entries[0].0.at.clone(),
                    "a route is one text, without a colon",
                )
                .help(format!("write `- {meant}`")),
            );
            return None;
        }
        let fields = self.fields(node, "a route", &["route", "note", "overlap"])?;
        let route = self.required(&fields, "route", "route: GET /things/")?;
        let text = self.text(route, "`route`", ROUTE)?;
        let note = fields
            .find("note")
            .and_then(|node| self.text(node, "`note`", "a text"))
            .map(|text| text.value);
        let overlap = fields.find("overlap").and_then(|node| {
            self.choice(node, "overlap", &["allow"])
                .map(|_| node.at.clone())
        });
        Some(RouteEntry {
            text,
            note,
            overlap,
        })
    }

    /// The entries of a mapping by name; unknown and repeated ones are reported.
    fn fields<'n>(
        &mut self,
        node: &'n Node,
        what: &str,
        known: &[&'static str],
    ) -> Option<Fields<'n>> {
        let list = known
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ");
        let Value::Map(entries) = &node.value else {
            self.report(
                Problem::error(
                    node.at.clone(),
                    format!("{what} is {}, not a mapping", node.value.kind()),
                )
                .help(format!("its fields are {list}, each written `name: value`, with a space behind the colon")),
            );
            return None;
        };
        let mut fields = Fields {
            at: node.at.clone(),
            found: Vec::new(),
            meant: Vec::new(),
        };
        let mut places: Vec<(&str, Range<usize>)> = Vec::new();
        for (key, value) in entries {
            let Value::Text(name) = &key.value else {
                self.report(
                    Problem::error(
                        key.at.clone(),
                        format!("{what} has no field that is {}", key.value.kind()),
                    )
                    .help(format!("its fields are {list}")),
                );
                continue;
            };
            let Some(known) = known.iter().find(|known| *known == name) else {
                let unspaced = name.split_once(':').and_then(|(before, value)| {
                    Some((*known.iter().find(|known| **known == before)?, value))
                });
                let help = match nearest(name, known.iter().copied()) {
                    _ if let Some((near, value)) = unspaced => {
                        fields.meant.push(near);
                        format!("write a space behind the colon: `{near}: {value}`")
                    }
                    Some(near) => {
                        fields.meant.push(near);
                        format!("did you mean `{near}`?")
                    }
                    None if known.contains(&"routes") && method(name).is_some() => {
                        "put it into the list `routes:`, as `- GET /things/`".to_owned()
                    }
                    None if known.contains(&"scopes") && name.contains(':') => {
                        "if it is a scope, indent it: scopes stand below `scopes:`".to_owned()
                    }
                    None => format!("its fields are {list}"),
                };
                self.report(
                    Problem::error(
                        self.without_quotes(key, name),
                        format!("{what} has no field {}", quoted(name)),
                    )
                    .help(help),
                );
                continue;
            };
            if let Some((_, first)) = places.iter().find(|(seen, _)| seen == known) {
                self.report(
                    Problem::error(key.at.clone(), format!("`{name}` stands here twice"))
                        .label("again")
                        .and(first.clone(), "first here")
                        .help("write it once, with all that belongs to it"),
                );
                continue;
            }
            places.push((known, key.at.clone()));
            fields.found.push((known, value));
        }
        Some(fields)
    }

    fn required<'n>(&mut self, fields: &Fields<'n>, name: &str, example: &str) -> Option<&'n Node> {
        self.required_as(fields, name, &format!("add `{example}`"))
    }

    fn required_as<'n>(&mut self, fields: &Fields<'n>, name: &str, help: &str) -> Option<&'n Node> {
        let found = fields.find(name);
        if found.is_none() && !fields.meant.contains(&name) {
            self.report(
                Problem::error(fields.at.clone(), format!("`{name}` is missing")).help(help),
            );
        }
        found
    }

    /// The text that `what` is, `expected` being what should stand there.
    fn text(&mut self, node: &Node, what: &str, expected: &str) -> Option<At<String>> {
        if let Value::Text(text) = &node.value {
            return Some(At {
                value: text.clone(),
                at: self.without_quotes(node, text),
            });
        }
        let help = match node.value {
            Value::Map(_) => {
                format!("write {expected}; if there is a `: ` in it, put it into quotes")
            }
            Value::Bool(_) | Value::Integer(_) | Value::Float(_) => {
                format!(
                    "write {expected}; if it looks like a number or a truth value, put it into quotes"
                )
            }
            _ => format!("write {expected}"),
        };
        let not = if matches!(node.value, Value::Null) {
            ""
        } else {
            ", not a text"
        };
        self.report(
            Problem::error(
                node.at.clone(),
                format!("{what} is {}{not}", node.value.kind()),
            )
            .help(help),
        );
        None
    }

    /// The place of the text itself, where it stands there unchanged.
    fn without_quotes(&self, node: &Node, text: &str) -> Range<usize> {
        let whole = self.source.get(node.at.clone()).unwrap_or_default();
        match whole.find(text) {
            Some(offset) => node.at.start + offset..node.at.start + offset + text.len(),
            None => node.at.clone(),
        }
    }

    /// Which of the choices stands there.
    fn choice(&mut self, node: &Node, name: &str, choices: &[&str]) -> Option<usize> {
        if let Value::Text(text) = &node.value
            && let Some(chosen) = choices.iter().position(|choice| choice == text)
        {
            return Some(chosen);
        }
        let list = choices
            .iter()
            .map(|choice| format!("`{name}: {choice}`"))
            .collect::<Vec<_>>()
            .join(" or ");
        self.report(
            Problem::error(
                node.at.clone(),
                format!("`{name}` is {}", node.value.kind()),
            )
            .help(format!("write {list}")),
        );
        None
    }

    fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
}

/// The method that a name is, in whatever case.
fn method(name: &str) -> Option<Method> {
    Method::from_bytes(name.to_ascii_uppercase().as_bytes())
}

/// The route that is meant by `GET: /things/` or by `method:` and `path:`.
fn meant_route(entries: &[(Node, Node)]) -> Option<String> {
    let text = |node: &Node| match &node.value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    };
    if let [(key, value)] = entries {
        return Some(format!("{} {}", method(&text(key)?)?, text(value)?));
    }
    let field = |name: &str| {
        entries
            .iter()
            .find(|(key, _)| text(key).is_some_and(|key| key == name))
            .and_then(|(_, value)| text(value))
    };
    Some(format!("{} {}", field("method")?, field("path")?))
}
