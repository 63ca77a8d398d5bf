//! The requirements of routes, with all scopes that imply those that the file names, from narrow
//! to broad.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::implications::{Bits, Circle, Implications};
use crate::model::{Listed, Model, ModelRoute, ScopeList, ScopeName};

/// The requirement of a route.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Requirement {
    /// Nothing.
    Public,
    /// A valid key.
    AnyKey,
    /// One of the scopes, or one of the sets.
    Scopes {
        /// The scopes of which each alone suffices, narrowest first.
        singles: Vec<ScopeName>,
        /// The sets, narrowest first.
        sets: Vec<RequiredSet>,
    },
}

/// Scopes that a route needs all of.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct RequiredSet {
    /// The number of single scopes that are narrower.
    pub(crate) position: usize,
    /// For each scope of the set, in byte order: the scope, and then those that imply it.
    pub(crate) clauses: Vec<Vec<ScopeName>>,
}

/// The requirements of a policy's routes.
pub(crate) struct Requirements {
    by_listed: HashMap<Listed, Requirement>,
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

/// The routes that are listed under the same headings.
struct Class {
    listed: Listed,
    /// The number of routes.
    routes: usize,
    /// The scopes of which each alone suffices.
    singles: Bits,
    /// The sets that no other alternative makes needless.
    sets: Vec<Vec<usize>>,
}

impl Requirements {
    /// Works out the requirement of every route.
    ///
    /// # Errors
    ///
    /// Scopes that imply each other. A checked model has none.
    ///
    /// Cost: linear in the routes, and the number of distinct sets times that of distinct lists of
    /// headings.
    pub(crate) fn new(model: &Model) -> Result<Self, Circle> {
        let implications = Implications::new(model)?;
        let mut by_listed = HashMap::from([
            (Listed::Public, Requirement::Public),
            (Listed::AnyKey, Requirement::AnyKey),
        ]);
        let classes = classes(model, &implications);
        let coverage = coverage(&classes, implications.count());
        let mut set_coverage: HashMap<&[usize], usize> = HashMap::new();
        for class in &classes {
            for set in &class.sets {
                set_coverage
                    .entry(set)
                    .or_insert_with(|| opened_by(set, &classes, &implications));
            }
        }
        for class in &classes {
            let singles = order_singles(model, &implications, class, &coverage);
            let mut sets: Vec<_> = class
                .sets
                .iter()
                .map(|set| {
                    let scopes =
                        ScopeList::new(set.iter().map(|at| implications.scope(*at).clone()));
                    let breadth = scopes.iter().map(breadth_of_listed).max();
                    let breadth = breadth.unwrap_or(Breadth::Operation);
                    // As the set is shown.
                    let mut names: Vec<&str> = scopes.iter().map(ScopeName::as_str).collect();
                    names.sort_unstable();
                    (
                        (breadth, set_coverage[set.as_slice()], names.join(" ")),
                        set,
                    )
                })
                .collect();
            sets.sort();
            let sets = sets
                .into_iter()
                .map(|(key, set)| RequiredSet {
                    position: singles.partition_point(|(single, _)| *single < key),
                    clauses: clauses(set, &implications),
                })
                .collect();
            let singles = singles.into_iter().map(|(_, scope)| scope).collect();
            by_listed.insert(class.listed.clone(), Requirement::Scopes { singles, sets });
        }
        Ok(Self { by_listed })
    }

    /// The requirement of a route of the model.
    pub(crate) fn of(&self, route: &ModelRoute) -> &Requirement {
        // Every route's listing was there when this was made.
        self.by_listed.get(&route.listed).unwrap_or(NOBODY)
    }
}

/// The requirement that nobody meets.
const NOBODY: &Requirement = &Requirement::Scopes {
    singles: Vec::new(),
    sets: Vec::new(),
};

fn classes(model: &Model, implications: &Implications) -> Vec<Class> {
    let mut numbers: HashMap<&Listed, usize> = HashMap::new();
    let mut classes: Vec<Class> = Vec::new();
    for route in model.routes() {
        let Listed::Scopes(lists) = &route.listed else {
            continue;
        };
        let number = *numbers.entry(&route.listed).or_insert_with(|| {
            let alternatives = alternatives(lists, implications);
            classes.push(Class {
                listed: route.listed.clone(),
                routes: 0,
                singles: singles(&alternatives, implications),
                sets: alternatives
                    .into_iter()
                    .filter(|set| set.len() > 1)
                    .collect(),
            });
            classes.len() - 1
        });
        classes[number].routes += 1;
    }
    classes
}

/// The alternatives of a route by the numbers of their scopes, without scopes that others of their
/// alternative imply, and without sets that another alternative makes needless.
fn alternatives(lists: &BTreeSet<ScopeList>, implications: &Implications) -> Vec<Vec<usize>> {
    let reduced = lists.iter().map(|list| needed(list, implications));
    let reduced: BTreeSet<Vec<usize>> = reduced.collect();
    let is_needless = |set: &Vec<usize>| {
        set.len() > 1
            && reduced
                .iter()
                .any(|other| other != set && suffices(set, other, implications))
    };
    let all = reduced.iter().filter(|set| !is_needless(set));
    all.cloned().collect()
}

/// The scopes of a list that no other one of it implies.
pub(crate) fn needed(list: &ScopeList, implications: &Implications) -> Vec<usize> {
    let numbers: Vec<usize> = list
        .iter()
        .map(|scope| implications.number(scope))
        .collect();
    let is_implied = |scope: usize| {
        let mut others = numbers.iter().filter(|other| **other != scope);
        others.any(|other| implications.implies(*other, scope))
    };
    let needed = numbers.iter().copied().filter(|scope| !is_implied(*scope));
    needed.collect()
}

/// Whether a key that holds all of `held` has all of `wanted`.
pub(crate) fn suffices(held: &[usize], wanted: &[usize], implications: &Implications) -> bool {
    let has = |wanted: usize| held.iter().any(|held| implications.implies(*held, wanted));
    wanted.iter().all(|wanted| has(*wanted))
}

/// The scopes of which each alone has all scopes of one of the alternatives.
fn singles(alternatives: &[Vec<usize>], implications: &Implications) -> Bits {
    let mut singles = Bits::none(implications.count());
    for alternative in alternatives {
        let Some((first, others)) = alternative.split_first() else {
            continue;
        };
        let mut implying = implications.implying(*first).clone();
        for other in others {
            implying.retain(implications.implying(*other));
        }
        singles.add(&implying);
    }
    singles
}

/// The number of routes that each scope opens alone.
fn coverage(classes: &[Class], scopes: usize) -> Vec<usize> {
    let mut coverage = vec![0; scopes];
    for class in classes {
        for scope in class.singles.iter() {
            coverage[scope] += class.routes;
        }
    }
    coverage
}

/// The number of routes that a key opens which holds these scopes and no others.
fn opened_by(set: &[usize], classes: &[Class], implications: &Implications) -> usize {
    let opens = |class: &&Class| {
        set.iter().any(|scope| class.singles.contains(*scope))
            || class
                .sets
                .iter()
                .any(|wanted| suffices(set, wanted, implications))
    };
    classes.iter().filter(opens).map(|class| class.routes).sum()
}

type Key = (Breadth, usize, String);

/// The single scopes of a class with what they are ordered by: narrow kinds before broad ones, and
/// within one kind the scopes that open fewer routes first.
fn order_singles(
    model: &Model,
    implications: &Implications,
    class: &Class,
    coverage: &[usize],
) -> Vec<(Key, ScopeName)> {
    let mut listed: BTreeMap<ScopeName, Breadth> = BTreeMap::new();
    let lists = class.listed.lists();
    for scope in lists.filter_map(ScopeList::single) {
        let full = scope.with("*").map(|full| (full, Breadth::Resource));
        for (scope, breadth) in [(scope.clone(), breadth_of_listed(scope))]
            .into_iter()
            .chain(full)
        {
            let known = listed.entry(scope).or_insert(breadth);
            *known = breadth.min(*known);
        }
    }
    let mut singles: Vec<(Key, ScopeName)> = class
        .singles
        .iter()
        .map(|number| {
            let scope = implications.scope(number);
            let breadth = listed.get(scope).copied();
            let breadth = breadth.unwrap_or_else(|| breadth_of_implying(model, scope));
            (
                (breadth, coverage[number], scope.to_string()),
                scope.clone(),
            )
        })
        .collect();
    singles.sort();
    singles
}

/// The breadth of a scope that the file lists a route under.
fn breadth_of_listed(scope: &ScopeName) -> Breadth {
    if scope.is_full() {
        Breadth::Resource
    } else {
        Breadth::Operation
    }
}

/// The breadth of a scope that implies what the file lists a route under.
fn breadth_of_implying(model: &Model, scope: &ScopeName) -> Breadth {
    let is_umbrella = model.umbrella.is_some() && scope.resource() == model.umbrella.as_deref();
    if model.global.as_ref() == Some(scope) {
        Breadth::Global
    } else if is_umbrella && scope.is_full() {
        Breadth::Umbrella
    } else if is_umbrella && scope.action() == Some("read") {
        Breadth::UmbrellaRead
    } else {
        breadth_of_listed(scope)
    }
}

fn clauses(set: &[usize], implications: &Implications) -> Vec<Vec<ScopeName>> {
    let mut clauses: Vec<Vec<ScopeName>> = set
        .iter()
        .map(|number| {
            let implying = implications.implying(*number).iter();
            let others = implying.filter(|other| other != number);
            let mut others: Vec<ScopeName> = others
                .map(|other| implications.scope(other).clone())
                .collect();
            others.sort_by(|a, b| a.as_str().cmp(b.as_str()));
            others.insert(0, implications.scope(*number).clone());
            others
        })
        .collect();
    clauses.sort_by(|a, b| a[0].as_str().cmp(b[0].as_str()));
    clauses
}
