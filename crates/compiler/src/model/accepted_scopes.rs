//! Which scopes a route accepts, and which of them is narrower.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::{Model, Route, ScopeName};

/// The accepted scopes of each distinct listing, narrowest first.
pub(crate) struct Accepted {
    reach: HashMap<ScopeName, usize>,
}

/// How wide a scope is by its kind, from one operation to everything.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Width {
    Operation,
    Resource,
    UmbrellaRead,
    Umbrella,
    Global,
}

impl Accepted {
    /// Counts how many routes each scope reaches.
    pub(crate) fn new(model: &Model) -> Self {
        let mut reach = HashMap::new();
        for route in model.templates.iter().flat_map(|listing| &listing.routes) {
            for scope in widths(model, &route.listed).into_keys() {
                *reach.entry(scope).or_insert(0) += 1;
            }
        }
        Self { reach }
    }

    /// The scopes that a route accepts: narrow kinds before wide ones; of one
    /// kind, those that reach fewer routes first.
    pub(crate) fn of(&self, model: &Model, route: &Route) -> Vec<ScopeName> {
        let mut accepted: Vec<(Width, ScopeName)> = widths(model, &route.listed)
            .into_iter()
            .map(|(scope, width)| (width, scope))
            .collect();
        let reach = |scope: &ScopeName| self.reach.get(scope).copied().unwrap_or_default();
        accepted.sort_by(|(a_width, a), (b_width, b)| {
            (a_width, reach(a), a.to_string()).cmp(&(b_width, reach(b), b.to_string()))
        });
        accepted.into_iter().map(|(_, scope)| scope).collect()
    }
}

/// Each accepted scope with the narrowest kind it is accepted as.
fn widths(model: &Model, listed: &BTreeSet<ScopeName>) -> BTreeMap<ScopeName, Width> {
    let mut widths: BTreeMap<ScopeName, Reverse<Width>> = BTreeMap::new();
    let mut accept = |scope: ScopeName, width: Width| {
        let known = widths.entry(scope).or_insert(Reverse(width));
        *known = (*known).max(Reverse(width));
    };
    for scope in listed {
        accept(
            scope.clone(),
            if scope.is_full() {
                Width::Resource
            } else {
                Width::Operation
            },
        );
        accept(scope.with("*"), Width::Resource);
        if let Some(umbrella) = &model.umbrella {
            let umbrella = |action: &str| ScopeName {
                resource: umbrella.clone(),
                action: action.to_owned(),
            };
            if scope.action == "read" {
                accept(umbrella("read"), Width::UmbrellaRead);
            }
            accept(umbrella("*"), Width::Umbrella);
        }
        if model.global {
            accept(
                ScopeName {
                    resource: "*".to_owned(),
                    action: "*".to_owned(),
                },
                Width::Global,
            );
        }
    }
    widths
        .into_iter()
        .map(|(scope, Reverse(width))| (scope, width))
        .collect()
}
