//! Compares the parts of a policy that no path shows: names, options, the key's form,
//! the digest, the scopes and the order in which a route accepts them.

use std::collections::{BTreeMap, HashMap};

use routescope_core::{KeyFormat, Policy};

use crate::model::digest::digest;
use crate::model::{Model, ModelRoute};
use crate::verify::difference::Difference;
use crate::verify::proof::Proof;

impl Proof<'_> {
    /// Compares the fields of the policy and of its keys.
    pub(super) fn settings(&self, policy: Policy<'_>) -> Result<(), Difference> {
        // No `..`: a field that is forgotten here would not build.
        let Model {
            name,
            updated,
            revision,
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
            revision.unwrap_or(0),
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
            policy.revision(),
            policy.umbrella(),
            policy.path_options(),
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

    /// Checks that every scope is found by its name, and that those of the file are marked.
    pub(super) fn scopes(&self, policy: Policy<'_>) -> Result<(), Difference> {
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
        let found = policy.scope_set(known.keys());
        let is_itself =
            |name: &String| policy.scope(name).is_some_and(|scope| scope.name() == name);
        let all_found = known.keys().all(is_itself);
        if known == tables && all_found && found.unknown_count() == 0 && found.len() == known.len()
        {
            return Ok(());
        }
        Err(Difference {
            path: String::new(),
            file: format!("scopes {known:?}"),
            tables: format!("scopes {tables:?}, {found:?}"),
        })
    }

    /// Checks that every template lists the file's methods, and that every method accepts
    /// the scopes that the rules give it, in their order.
    pub(super) fn listings(&self, policy: Policy<'_>) -> Result<(), Difference> {
        let mut rows = policy.routes();
        let coverage = coverage(self.model);
        for listing in &self.model.templates {
            for route in &listing.routes {
                let row = rows.next();
                let found = row.map(|row| {
                    let accepted: Vec<String> = row
                        .accepted()
                        .iter()
                        .map(|scope| scope.name().to_owned())
                        .collect();
                    (row.to_string(), accepted)
                });
                let expected = (
                    format!("{} {}", route.method, route.text),
                    narrowest_first(accepted(self.model, route), &coverage),
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

/// The rules for scopes, written a second time: the accepted scopes and their breadth.
fn accepted(model: &Model, route: &ModelRoute) -> BTreeMap<String, u8> {
    let mut breadths = BTreeMap::new();
    let mut accept = |name: String, breadth: u8| {
        let known = breadths.entry(name).or_insert(breadth);
        *known = breadth.min(*known);
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
    breadths
}

/// The number of routes that accept each scope.
fn coverage(model: &Model) -> HashMap<String, usize> {
    let mut coverage = HashMap::new();
    for route in model.templates.iter().flat_map(|listing| &listing.routes) {
        for name in accepted(model, route).into_keys() {
            *coverage.entry(name).or_insert(0) += 1;
        }
    }
    coverage
}

fn narrowest_first(
    accepted: BTreeMap<String, u8>,
    coverage: &HashMap<String, usize>,
) -> Vec<String> {
    let mut names: Vec<(u8, usize, String)> = accepted
        .into_iter()
        .map(|(name, breadth)| {
            (
                breadth,
                coverage.get(&name).copied().unwrap_or_default(),
                name,
            )
        })
        .collect();
    names.sort_unstable();
    names.into_iter().map(|(_, _, name)| name).collect()
}
