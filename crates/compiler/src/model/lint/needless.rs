//! Warns of alternatives that make no difference.

use std::collections::HashMap;

use crate::model::implications::Implications;
use crate::model::listed_route::{Heading, ListedRoute};
use crate::model::requirements::{needed, suffices};
use crate::model::{Listed, Model, ScopeList};
use crate::source::report::Problem;

/// Warns of each heading of which a key never needs all scopes for a route, because it has those of
/// another heading of the route then, and of headings with a scope that another one of them implies.
///
/// Where the rules for names alone make a single scope needless, nothing is said: to list a route
/// under `r:read` and under `r:*` is a habit.
pub(crate) fn alternatives(
    model: &Model,
    implications: &Implications,
    routes: &[ListedRoute],
    problems: &mut Vec<Problem>,
) {
    let has_sets = |lists: &&Listed| {
        let mut lists = lists.lists();
        lists.any(|list| list.single().is_none())
    };
    let mut classes: Vec<&Listed> = model.routes().map(|route| &route.listed).collect();
    classes.retain(|listed| !model.implies.is_empty() || has_sets(listed));
    if classes.is_empty() {
        return;
    }
    let mut needless: HashMap<(&Listed, &ScopeList), &ScopeList> = HashMap::new();
    let mut reducible: HashMap<&ScopeList, Vec<usize>> = HashMap::new();
    let mut seen = std::collections::HashSet::new();
    for listed in classes.into_iter().filter(|listed| seen.insert(*listed)) {
        let numbers: Vec<(&ScopeList, Vec<usize>)> = listed
            .lists()
            .map(|list| (list, needed(list, implications)))
            .collect();
        for (list, scopes) in &numbers {
            if scopes.len() < list.iter().len() {
                reducible.insert(list, scopes.clone());
            }
            let says_something = |other: &ScopeList| {
                !model.implies.is_empty() || list.single().is_none() || other.single().is_none()
            };
            let wider = numbers.iter().find(|(other, wanted)| {
                // Of two that are equal once they are reduced, the later one is needless.
                let is_other = wanted != scopes || other < list;
                other != list
                    && is_other
                    && says_something(other)
                    && suffices(scopes, wanted, implications)
            });
            if let Some((wider, _)) = wider {
                needless.insert((listed, list), wider);
            }
        }
    }
    let listed_of: HashMap<_, &Listed> = model
        .templates
        .iter()
        .flat_map(|listing| {
            let routes = listing.routes.iter();
            routes.map(|route| ((&listing.template, route.method), &route.listed))
        })
        .collect();
    let places: HashMap<_, &ListedRoute> = match needless.is_empty() {
        true => HashMap::new(),
        false => routes
            .iter()
            .map(|route| ((route.method, &route.template, &route.heading), route))
            .collect(),
    };
    for route in routes {
        let Heading::Scopes(list) = &route.heading else {
            continue;
        };
        let listed = listed_of.get(&(&route.template, route.method));
        if let Some(wider) = listed.and_then(|listed| needless.get(&(*listed, list))) {
            let heading = Heading::Scopes((*wider).clone());
            let other = places.get(&(route.method, &route.template, &heading));
            let mut problem = Problem::warning(
                route.at.clone(),
                format!(
                    "`{list}` makes no difference for `{} {}`: `{wider}` opens it too, and a key with the one has the other",
                    route.method, route.text
                ),
            );
            if let Some(other) = other {
                problem = problem.with_label(other.at.clone(), format!("under `{wider}`"));
            }
            problems.push(problem.help(format!("remove the route under `{list}`")));
        }
        if let Some(scopes) = reducible.remove(list) {
            let implied = list
                .iter()
                .find(|scope| !scopes.contains(&implications.number(scope)));
            let by = implied.and_then(|implied| {
                let number = implications.number(implied);
                list.iter().find(|other| {
                    *other != implied && implications.implies(implications.number(other), number)
                })
            });
            if let (Some(implied), Some(by)) = (implied, by) {
                problems.push(
                    Problem::warning(
                        route.at.clone(),
                        format!("the heading `{list}` names `{implied}`, which `{by}` implies"),
                    )
                    .help(format!("leave `{implied}` out of the heading")),
                );
            }
        }
    }
}
