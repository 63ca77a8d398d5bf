//! The scopes that a route accepts, from narrow to broad.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::{Model, ModelRoute, ScopeName};

/// The number of routes that each scope opens, by which accepted scopes are ordered.
pub(crate) struct AcceptedScopes {
    coverage: HashMap<ScopeName, usize>,
}

/// The breadth of a scope by its kind, from one operation to everything.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Breadth {
    Operation,
    Resource,
    UmbrellaRead,
    Umbrella,
    Global,
}

impl AcceptedScopes {
    /// Counts the routes that each scope opens.
    pub(crate) fn new(model: &Model) -> Self {
        let mut coverage = HashMap::new();
        for route in model.templates.iter().flat_map(|listing| &listing.routes) {
            for scope in breadths(model, &route.listed).into_keys() {
                *coverage.entry(scope).or_insert(0) += 1;
            }
        }
        Self { coverage }
    }

    /// The scopes that a route accepts: narrow kinds before broad ones, and within one
    /// kind the scopes that open fewer routes first.
    pub(crate) fn of(&self, model: &Model, route: &ModelRoute) -> Vec<ScopeName> {
        let mut accepted: Vec<(Breadth, ScopeName)> = breadths(model, &route.listed)
            .into_iter()
            .map(|(scope, breadth)| (breadth, scope))
            .collect();
        let coverage = |scope: &ScopeName| self.coverage.get(scope).copied().unwrap_or_default();
        accepted.sort_by(|(a_breadth, a), (b_breadth, b)| {
            (a_breadth, coverage(a), a.to_string()).cmp(&(b_breadth, coverage(b), b.to_string()))
        });
        accepted.into_iter().map(|(_, scope)| scope).collect()
    }
}

/// Each accepted scope with the narrowest kind it is accepted as.
fn breadths(model: &Model, listed: &BTreeSet<ScopeName>) -> BTreeMap<ScopeName, Breadth> {
    let mut breadths: BTreeMap<ScopeName, Reverse<Breadth>> = BTreeMap::new();
    let mut accept = |scope: ScopeName, breadth: Breadth| {
        let known = breadths.entry(scope).or_insert(Reverse(breadth));
        *known = (*known).max(Reverse(breadth));
    };
    for scope in listed {
        accept(
            scope.clone(),
            if scope.is_full() {
                Breadth::Resource
            } else {
                Breadth::Operation
            },
        );
        accept(scope.with("*"), Breadth::Resource);
        if let Some(umbrella) = &model.umbrella {
            let umbrella = |action: &str| ScopeName {
                resource: umbrella.clone(),
                action: action.to_owned(),
            };
            if scope.action == "read" {
                accept(umbrella("read"), Breadth::UmbrellaRead);
            }
            accept(umbrella("*"), Breadth::Umbrella);
        }
        if model.global {
            accept(
                ScopeName {
                    resource: "*".to_owned(),
                    action: "*".to_owned(),
                },
                Breadth::Global,
            );
        }
    }
    breadths
        .into_iter()
        .map(|(scope, Reverse(breadth))| (scope, breadth))
        .collect()
}
