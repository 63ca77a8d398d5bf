//! The requirements of routes, stated a second time: from the headings of the file, name by name.
//!
//! A key opens a route if the route is under a heading of which the key has every scope. It has a
//! scope if it holds it or holds one that implies it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use crate::model::{Listed, Model, ScopeList, ScopeName};

/// The requirement of a route, in names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Need {
    Nothing,
    AnyKey,
    OneOf {
        /// Single scopes and sets, narrowest first.
        alternatives: Vec<Vec<String>>,
        /// Of each set, for each of its scopes, the scope and then those that imply it.
        clauses: Vec<Vec<Vec<String>>>,
    },
}

/// The needs of a model's routes.
pub(super) struct Needs<'m> {
    model: &'m Model,
    /// Of each scope, every scope that a key may hold in its place.
    instead: HashMap<&'m str, BTreeSet<Rc<str>>>,
    /// Of each heading or pair of headings that routes are listed under, the number of routes.
    listings: HashMap<&'m Listed, usize>,
    /// The number of routes that each scope opens alone.
    opened_alone: HashMap<String, usize>,
}

/// An alternative with what it is ordered by.
type Ordered = (u8, usize, String, Vec<String>);

impl<'m> Needs<'m> {
    pub(super) fn new(model: &'m Model) -> Self {
        let mut needs = Self {
            model,
            instead: instead(model),
            listings: HashMap::new(),
            opened_alone: HashMap::new(),
        };
        for route in model.routes() {
            *needs.listings.entry(&route.listed).or_default() += 1;
        }
        let mut opened_alone = HashMap::new();
        for (listed, routes) in &needs.listings {
            for scope in needs.alone(listed) {
                *opened_alone.entry(scope).or_default() += routes;
            }
        }
        needs.opened_alone = opened_alone;
        needs
    }

    /// Every name that a key may hold for one of the scopes of these headings.
    pub(super) fn names(&self, listed: &Listed) -> BTreeSet<&str> {
        let scopes = listed.lists().flat_map(ScopeList::iter);
        let instead = scopes.filter_map(|scope| self.instead.get(scope.as_str()));
        instead.flatten().map(|name| &**name).collect()
    }

    /// Whether a valid key that holds these scopes and no others opens routes that are listed so.
    pub(super) fn opens(&self, listed: &Listed, held: &[&str]) -> bool {
        let has = |scope: &ScopeName| {
            let instead = self.instead.get(scope.as_str());
            instead.is_some_and(|instead| held.iter().any(|held| instead.contains(*held)))
        };
        match listed {
            Listed::Public | Listed::AnyKey => true,
            Listed::Scopes(lists) => lists.iter().any(|list| list.iter().all(has)),
        }
    }

    /// The scopes that each open such routes alone.
    pub(super) fn alone(&self, listed: &Listed) -> Vec<String> {
        let names = self.names(listed).into_iter();
        let opening = names.filter(|name| self.opens(listed, &[*name]));
        opening.map(str::to_owned).collect()
    }

    /// The sets by which such routes open and no single scope of them does, without scopes that
    /// others of the set bring along, and without those that have another heading anyway.
    pub(super) fn together(&self, listed: &Listed) -> BTreeSet<Vec<String>> {
        let lists: Vec<&ScopeList> = listed.lists().collect();
        let reduced = |list: &ScopeList| {
            let brought = |scope: &ScopeName| {
                let instead = self.instead.get(scope.as_str());
                list.iter().any(|other| {
                    other != scope
                        && instead.is_some_and(|instead| instead.contains(other.as_str()))
                })
            };
            let mut names: Vec<String> = list
                .iter()
                .filter(|scope| !brought(scope))
                .map(ToString::to_string)
                .collect();
            names.sort();
            names
        };
        let all: BTreeSet<Vec<String>> = lists.iter().map(|list| reduced(list)).collect();
        let has_another = |set: &Vec<String>| {
            let has = |wanted: &String| {
                let instead = self.instead.get(wanted.as_str());
                instead
                    .is_some_and(|instead| set.iter().any(|held| instead.contains(held.as_str())))
            };
            all.iter()
                .any(|other| other != set && other.iter().all(has))
        };
        let needed = all.iter().filter(|set| set.len() > 1 && !has_another(set));
        needed.cloned().collect()
    }

    /// The need of routes that are listed so.
    pub(super) fn of(&self, listed: &Listed) -> Need {
        let lists = match listed {
            Listed::Public => return Need::Nothing,
            Listed::AnyKey => return Need::AnyKey,
            Listed::Scopes(lists) => lists,
        };
        let mut alternatives: Vec<Ordered> = Vec::new();
        for scope in self.alone(listed) {
            let breadth = self.breadth(lists, &scope);
            let opened = self.opened_alone.get(&scope).copied().unwrap_or_default();
            alternatives.push((breadth, opened, scope.clone(), vec![scope]));
        }
        for set in self.together(listed) {
            let breadth = set.iter().map(|scope| u8::from(self.is_full(scope))).max();
            let held: Vec<&str> = set.iter().map(String::as_str).collect();
            let opened = self.listings.iter().filter(|(other, _)| {
                !matches!(other, Listed::Public | Listed::AnyKey) && self.opens(other, &held)
            });
            let opened = opened.map(|(_, routes)| routes).sum();
            alternatives.push((breadth.unwrap_or_default(), opened, set.join(" "), set));
        }
        alternatives.sort();
        let sets = alternatives
            .iter()
            .map(|(.., scopes)| scopes)
            .filter(|set| set.len() > 1);
        let clauses = sets
            .map(|set| set.iter().map(|scope| self.clause(scope)).collect())
            .collect();
        Need::OneOf {
            alternatives: alternatives
                .into_iter()
                .map(|(.., scopes)| scopes)
                .collect(),
            clauses,
        }
    }

    /// A scope, and then those that imply it.
    fn clause(&self, scope: &str) -> Vec<String> {
        let instead = self.instead.get(scope).into_iter().flatten();
        let others = instead
            .map(|other| &**other)
            .filter(|other| *other != scope);
        let others = others.map(str::to_owned);
        [scope.to_owned()].into_iter().chain(others).collect()
    }

    /// The kind of a scope that opens a route alone: 0 for an operation, 1 for a whole resource, 2
    /// and 3 for the umbrella's, 4 for the global one. A scope that the file lists is never of the
    /// last three.
    fn breadth(&self, lists: &BTreeSet<ScopeList>, scope: &str) -> u8 {
        let listed: Vec<&ScopeName> = lists.iter().filter_map(ScopeList::single).collect();
        if listed.iter().any(|listed| listed.as_str() == scope) {
            return u8::from(self.is_full(scope));
        }
        let full = |listed: &&ScopeName| {
            listed
                .resource()
                .is_some_and(|resource| format!("{resource}:*") == scope)
        };
        if listed.iter().any(full) {
            return 1;
        }
        let global = self.model.global.as_ref().map(ScopeName::as_str);
        let umbrella = self.model.umbrella.as_deref();
        match (scope.split_once(':'), umbrella) {
            _ if global == Some(scope) => 4,
            (Some((resource, "*")), Some(umbrella)) if resource == umbrella => 3,
            (Some((resource, "read")), Some(umbrella)) if resource == umbrella => 2,
            _ => u8::from(self.is_full(scope)),
        }
    }

    /// Whether a name is `r:*`, and that means something.
    fn is_full(&self, scope: &str) -> bool {
        self.model.scope_names == crate::source::document::ScopeNames::ResourceAction
            && scope.ends_with(":*")
    }
}

/// Of each scope that the file names, every scope that a key may hold in its place.
fn instead(model: &Model) -> HashMap<&str, BTreeSet<Rc<str>>> {
    // Of each name, those that one rule puts in its place. Names that are equal are one text, since
    // there may be millions of places.
    let mut at_once: HashMap<Rc<str>, Vec<Rc<str>>> = HashMap::new();
    let mut waiting: Vec<Rc<str>> = model
        .scopes
        .iter()
        .map(|scope| scope.as_str().into())
        .collect();
    let mut stated: HashMap<&str, Vec<&str>> = HashMap::new();
    for (scope, implied) in &model.implies {
        for implied in implied {
            let scopes = stated.entry(implied.as_str()).or_default();
            scopes.push(scope.as_str());
        }
    }
    while let Some(scope) = waiting.pop() {
        if at_once.contains_key(&scope) {
            continue;
        }
        let mut next: BTreeSet<Rc<str>> = BTreeSet::new();
        if let (Some((resource, action)), false) = (scope.split_once(':'), opaque(model)) {
            next.insert(format!("{resource}:*").into());
            if let Some(umbrella) = &model.umbrella {
                next.insert(format!("{umbrella}:*").into());
                if action == "read" {
                    next.insert(format!("{umbrella}:read").into());
                }
            }
        }
        next.extend(model.global.iter().map(|global| global.as_str().into()));
        let stated = stated.get(&*scope).into_iter().flatten();
        next.extend(stated.map(|name| Rc::from(*name)));
        waiting.extend(next.iter().cloned());
        at_once.insert(scope, next.into_iter().collect());
    }
    let found = model.scopes.iter().map(|scope| {
        let name: Rc<str> = scope.as_str().into();
        let mut seen: HashSet<&str> = HashSet::from([scope.as_str()]);
        let mut found = vec![name];
        let mut next = 0;
        while let Some(name) = found.get(next).cloned() {
            next += 1;
            let more = at_once.get(&name).into_iter().flatten();
            found.extend(more.filter(|name| seen.insert(name)).cloned());
        }
        (scope.as_str(), found.into_iter().collect())
    });
    found.collect()
}

fn opaque(model: &Model) -> bool {
    model.scope_names == crate::source::document::ScopeNames::Opaque
}
