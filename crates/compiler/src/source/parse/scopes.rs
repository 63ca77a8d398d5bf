//! Scopes and their routes.

use super::{Parser, method};
use crate::model::listed_route::reads;
use crate::source::document::{RouteEntry, ScopeEntry, Spanned};
use crate::source::report::{Problem, quoted};
use crate::source::yaml::{Node, Value};

const SCOPES: &str = "list the scopes below it, indented, each with its routes:\n\
    scopes:\n  \
      \"things:read\":\n    \
        routes:\n      \
          - GET /things/";

const ROUTES: &str = "write a list, one route a line, with a space behind each `-`:\n\
    routes:\n  \
      - GET /things/";

const CONSTANT: &str =
    "the name of the scope's constant in generated code, such as `name: THINGS_READ`";

const VARIANT: &str = "the name of the route in generated code, such as `name: GetThings`";

const ROUTE: &str = "a method and a path, such as `GET /things/`";

impl Parser<'_> {
    pub(super) fn scopes(&mut self, node: &Node) -> Vec<ScopeEntry> {
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
                    .with_label(first, "first here")
                    .help("put all its routes under one of them"),
                );
            }
            scopes.push(self.scope(name, value));
        }
        scopes
    }

    fn scope(&mut self, name: Spanned<String>, node: &Node) -> ScopeEntry {
        let mut entry = ScopeEntry {
            name,
            code_name: None,
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
        let Some(fields) = self.fields(node, &what, &["name", "summary", "routes"]) else {
            return entry;
        };
        entry.code_name = fields
            .find("name")
            .and_then(|node| self.text(node, "`name`", CONSTANT));
        entry.summary = fields
            .find("summary")
            .and_then(|node| self.text(node, "`summary`", "a text"))
            .map(|text| text.value);
        entry.routes = fields
            .find("routes")
            .map(|node| self.routes(node, "routes"))
            .unwrap_or_default();
        entry
    }

    /// The list of routes that a field is.
    pub(super) fn routes(&mut self, node: &Node, field: &str) -> Vec<RouteEntry> {
        match &node.value {
            Value::Null => Vec::new(),
            Value::List(items) => items.iter().filter_map(|item| self.route(item)).collect(),
            other => {
                let message = format!("`{field}` is {}, not a list", other.kind());
                let help = ROUTES.replacen("routes:", &format!("{field}:"), 1);
                self.report(Problem::error(node.at.clone(), message).help(help));
                Vec::new()
            }
        }
    }

    fn route(&mut self, node: &Node) -> Option<RouteEntry> {
        let Value::Map(entries) = &node.value else {
            let text = self.text(node, "the route", ROUTE)?;
            return Some(RouteEntry {
                text,
                code_name: None,
                note: None,
                overlap: None,
                literal: None,
            });
        };
        if let Some(meant) = meant_route(entries) {
            self.report(
                Problem::error(
                    entries[0].0.at.clone(),
                    "a route is one text, without a colon",
                )
                .help(if reads(&meant) {
                    format!("write `- {meant}`")
                } else {
                    format!("write {ROUTE}")
                }),
            );
            return None;
        }
        let fields = self.fields(
            node,
            "a route",
            &["route", "name", "note", "overlap", "literal"],
        )?;
        let route = self.required(&fields, "route", "route: GET /things/")?;
        let text = self.text(route, "`route`", ROUTE)?;
        let code_name = fields
            .find("name")
            .and_then(|node| self.text(node, "`name`", VARIANT));
        let note = fields
            .find("note")
            .and_then(|node| self.text(node, "`note`", "a text"))
            .map(|text| text.value);
        let overlap = fields.find("overlap").and_then(|node| {
            self.choice(node, "overlap", &["allow"])
                .map(|_| node.at.clone())
        });
        let literal = fields
            .find("literal")
            .and_then(|node| self.literal(node).then(|| node.at.clone()));
        Some(RouteEntry {
            text,
            code_name,
            note,
            overlap,
            literal,
        })
    }

    /// `literal: true`
    fn literal(&mut self, node: &Node) -> bool {
        let right = matches!(node.value, Value::Bool(true));
        if !right {
            self.report(
                Problem::error(node.at.clone(), format!("`literal` is {}", node.value.kind()))
                    .help("write `literal: true` if the path has segments such as `:id` or `*` that stand for themselves, or remove the field"),
            );
        }
        right
    }
}

/// The route that an author wants by `GET: /things/` or by `method:` and `path:`.
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
