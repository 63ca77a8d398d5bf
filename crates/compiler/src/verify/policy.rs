//! Compares the parts of a policy that no path shows: names, options, the key's form,
//! the digest, the scopes and the order in which a route accepts them.

use std::collections::{BTreeMap, HashMap};

use routescope_core::{Alternative, KeyFormat, Policy, Requirement, Route, Scope};

use crate::model::digest::digest;
use crate::model::{Listed, Model};
use crate::source::document::ScopeNames;
use crate::verify::difference::Difference;
use crate::verify::needs::{Need, Needs};
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
            scope_names,
            global: _,
            implies: _,
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
            *scope_names == ScopeNames::Opaque,
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
            policy.has_opaque_scopes(),
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

    /// Checks that every template lists the file's methods, and that every method needs what the
    /// rules say, in their order.
    pub(super) fn listings(&self, policy: Policy<'_>, needs: &Needs<'_>) -> Result<(), Difference> {
        let mut rows = policy.routes();
        // Many routes are listed alike.
        let mut known: HashMap<&Listed, Need> = HashMap::new();
        for listing in &self.model.templates {
            for route in &listing.routes {
                let row = rows.next();
                let found = row.map(|row| (row.to_string(), stated(row)));
                let need = known
                    .entry(&route.listed)
                    .or_insert_with(|| needs.of(&route.listed));
                let text = format!("{} {}", route.method, route.text);
                let is_right = found
                    .as_ref()
                    .is_some_and(|(found, stated)| *found == text && stated == need);
                if !is_right {
                    return Err(self.difference(
                        &listing.template,
                        format!("{:?}", (text, need)),
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

/// The requirement that the tables state for a route.
fn stated(route: Route<'_>) -> Need {
    let alternatives = match route.requirement() {
        Requirement::Public => return Need::Nothing,
        Requirement::AnyKey => return Need::AnyKey,
        Requirement::Scopes(alternatives) => alternatives,
    };
    let name = |scope: Scope<'_>| scope.name().to_owned();
    let names = |alternative: Alternative<'_>| alternative.scopes().map(name).collect();
    let clauses = |set: Alternative<'_>| {
        let clauses = set.clauses();
        clauses.map(|clause| clause.map(name).collect()).collect()
    };
    let sets = alternatives.iter().filter(|one| one.as_scope().is_none());
    Need::OneOf {
        alternatives: alternatives.iter().map(names).collect(),
        clauses: sets.map(clauses).collect(),
    }
}
