//! Who may use an operation: `security` and the scopes in it.

use std::collections::BTreeMap;
use std::ops::Range;

use routescope_compiler::Problem;
use routescope_compiler::yaml::{Node, Value};

use super::tree::{Tree, text};

pub(super) struct Security<'t> {
    /// What is true of operations that say nothing themselves.
    global: Option<&'t Node>,
    /// The names of the schemes.
    schemes: Vec<&'t str>,
    /// What the schemes say of their scopes.
    summaries: BTreeMap<&'t str, &'t str>,
}

/// Scopes, each with the place where it is named.
type Scopes = Vec<(String, Range<usize>)>;

impl<'t> Security<'t> {
    pub(super) fn new(tree: &'t Tree) -> Self {
        let mut summaries = BTreeMap::new();
        let mut names = Vec::new();
        let schemes = tree
            .field(&tree.root, "components")
            .and_then(|components| tree.field(components, "securitySchemes"));
        for (name, scheme) in entries(schemes) {
            names.extend(text(name));
            let scheme = tree.follow(scheme).unwrap_or(scheme);
            for (_, flow) in entries(tree.field(scheme, "flows")) {
                for (scope, summary) in entries(tree.field(flow, "scopes")) {
                    if let (Some(scope), Some(summary)) = (text(scope), text(summary)) {
                        summaries.entry(scope).or_insert(summary);
                    }
                }
            }
        }
        Self {
            global: tree.field(&tree.root, "security"),
            schemes: names,
            summaries,
        }
    }

    /// What the file says a scope is for, in one line.
    pub(super) fn summary(&self, scope: &str) -> Option<String> {
        let words: Vec<&str> = self.summaries.get(scope)?.split_whitespace().collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// The scopes of which an operation needs any one; `None` if it needs none.
    pub(super) fn scopes(
        &self,
        tree: &Tree,
        operation: &Node,
        route: &str,
        at: &Range<usize>,
    ) -> Result<Option<Scopes>, Box<Problem>> {
        let own = tree.field(operation, "security");
        let Some(security) = own.or(self.global) else {
            return Ok(None);
        };
        // Where the global one is at fault, the operation is the place to look.
        let place = |node: &Node| {
            if own.is_some() {
                node.at.clone()
            } else {
                at.clone()
            }
        };
        let public = |node: &Node| {
            let problem = Problem::error(
                place(node),
                format!("{route} is public: it can be used without a key"),
            );
            Err(Box::new(problem.help(
                "a policy cannot make a route public: what it does not list, it denies. Give the operation a scope in the file, or remove it and let the gateway pass it by",
            )))
        };
        let Value::List(alternatives) = &security.value else {
            let problem = Problem::error(place(security), "`security` is no list");
            return Err(Box::new(
                problem.help("write one requirement a line, each behind a `-`"),
            ));
        };
        if alternatives.is_empty() {
            return public(security);
        }
        let mut all = Scopes::new();
        let mut any_key = false;
        for alternative in alternatives {
            let schemes = entries(Some(alternative));
            if schemes.is_empty() {
                return public(alternative);
            }
            let mut scopes: Scopes = Vec::new();
            for (scheme, list) in schemes {
                let name = text(scheme).unwrap_or_default();
                if !self.schemes.contains(&name) {
                    let problem = Problem::error(
                        place(scheme),
                        format!(
                            "{route} names the security scheme `{name}`, which the file does not have"
                        ),
                    );
                    return Err(Box::new(problem.help(
                        "describe it under `components: securitySchemes:`, or correct its name",
                    )));
                }
                let Value::List(list) = &list.value else {
                    let problem = Problem::error(
                        place(scheme),
                        format!("the scopes of `{name}` are no list"),
                    );
                    return Err(Box::new(
                        problem.help("write them as a list, such as `[things:read]`"),
                    ));
                };
                for scope in list {
                    let name = text(scope).unwrap_or_default().to_owned();
                    if !scopes.iter().any(|(known, _)| *known == name) {
                        scopes.push((name, scope.at.clone()));
                    }
                }
            }
            match scopes.as_slice() {
                [] => any_key = true,
                [_] => all.append(&mut scopes),
                several => {
                    let names: Vec<String> = several
                        .iter()
                        .map(|(name, _)| format!("`{name}`"))
                        .collect();
                    let problem = Problem::error(
                        place(alternative),
                        format!("{route} needs {} at once", names.join(" and ")),
                    );
                    return Err(Box::new(problem.help(
                        "a policy says of which scopes a key needs any one, never several at once: make one scope that stands for both; or, if any one of them will do, write each as a requirement of its own",
                    )));
                }
            }
        }
        Ok((!any_key).then_some(all))
    }
}

fn entries(node: Option<&Node>) -> &[(Node, Node)] {
    match node.map(|node| &node.value) {
        Some(Value::Map(entries)) => entries,
        _ => &[],
    }
}
