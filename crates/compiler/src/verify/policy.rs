//! What no path shows: names, options, the key's form, the digest, the scopes and the
//! order in which a route accepts them.

use std::collections::{BTreeMap, HashMap};

use routescope_core::{KeyFormat, Policy, ScopeSet};

use super::{Difference, Proof};
use crate::model::digest::digest;
use crate::model::{Model, Route};

impl Proof<'_> {
    /// What the policy says of itself and of its keys.
    pub(super) fn whole(&self, policy: &Policy<'_>) -> Result<(), Difference> {
        // No `..`: a field that is forgotten here would not build.
        let Model {
            name,
            updated,
            umbrella,
            global: _,
            key,
            options,
            scopes: _,
            templates: _,
        } = self.model;
        let file = (
            name.as_str(),
            updated.as_deref(),
            umbrella.as_deref(),
            *options,
            key.as_ref().map(|key| KeyFormat {
                prefix: &key.prefix,
                length: key.length,
                alphabet: key.alphabet,
            }),
            digest(self.model),
        );
        let tables = (
            policy.name(),
            policy.updated(),
            policy.umbrella(),
            policy.options(),
            policy.key_format(),
            *policy.digest(),
        );
        if file == tables {
            return Ok(());
        }
        Err(Difference {
            path: String::new(),
            file: format!("{file:?}"),
            tables: format!("{tables:?}"),
        })
    }

    /// Every scope is found by its name, and those of the file are marked.
    pub(super) fn scopes(&self, policy: &Policy<'_>) -> Result<(), Difference> {
        let known: BTreeMap<String, bool> = self
            .model
            .known_scopes()
            .iter()
            .map(|scope| (scope.to_string(), self.model.scopes.contains(scope)))
            .collect();
        let tables: BTreeMap<String, bool> = policy
            .scopes()
            .map(|scope| (scope.name().to_owned(), scope.is_declared()))
            .collect();
        let found: ScopeSet = policy.scope_set(known.keys());
        if known == tables && found.unknown() == 0 && found.len() == known.len() {
            return Ok(());
        }
        Err(Difference {
            path: String::new(),
            file: format!("scopes {known:?}"),
            tables: format!("scopes {tables:?}, {found:?}"),
        })
    }

    /// Every template lists the file's methods, and every method accepts the
    /// scopes that the rules give it, in their order.
    pub(super) fn listings(&self, policy: &Policy<'_>) -> Result<(), Difference> {
        let mut rows = policy.routes();
        let reach = reach(self.model);
        for listing in &self.model.templates {
            for route in &listing.routes {
                let row = rows.next();
                let found = row.map(|row| {
                    let accepted: Vec<String> = row
                        .accepted()
                        .map(|scope| scope.name().to_owned())
                        .collect();
                    (row.to_string(), accepted)
                });
                let expected = (
                    format!("{} {}", route.method, route.text),
                    narrowest_first(accepted(self.model, route), &reach),
                );
                if found.as_ref() != Some(&expected) {
                    return Err(self.difference(
                        &listing.template,
                        format!("{expected:?}"),
                        format!("{found:?}"),
                    ));
                }
            }
        }
        match rows.next() {
            None => Ok(()),
            extra => Err(Difference {
                path: String::new(),
                file: "nothing more".into(),
                tables: format!("{extra:?}"),
            }),
        }
    }
}

/// The rules for scopes once more: what a route accepts, and how wide that is.
fn accepted(model: &Model, route: &Route) -> BTreeMap<String, u8> {
    let mut widths = BTreeMap::new();
    let mut accept = |name: String, width: u8| {
        let known = widths.entry(name).or_insert(width);
        *known = width.min(*known);
    };
    for scope in &route.listed {
        accept(scope.to_string(), u8::from(scope.action == "*"));
        accept(format!("{}:*", scope.resource), 1);
        if let Some(umbrella) = &model.umbrella {
            if scope.action == "read" {
                accept(format!("{umbrella}:read"), 2);
            }
            accept(format!("{umbrella}:*"), 3);
        }
        if model.global {
            accept("*:*".to_owned(), 4);
        }
    }
    widths
}

/// How many routes accept each scope.
fn reach(model: &Model) -> HashMap<String, usize> {
    let mut reach = HashMap::new();
    for route in model.templates.iter().flat_map(|listing| &listing.routes) {
        for name in accepted(model, route).into_keys() {
            *reach.entry(name).or_insert(0) += 1;
        }
    }
    reach
}

fn narrowest_first(accepted: BTreeMap<String, u8>, reach: &HashMap<String, usize>) -> Vec<String> {
    let mut names: Vec<(u8, usize, String)> = accepted
        .into_iter()
        .map(|(name, width)| (width, reach.get(&name).copied().unwrap_or_default(), name))
        .collect();
    names.sort_unstable();
    names.into_iter().map(|(_, _, name)| name).collect()
}
