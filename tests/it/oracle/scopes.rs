//! The sentences about scopes and the routes that need them, each as one function.

use std::collections::BTreeSet;

use super::template::Template;
use super::{Listed, Oracle};

/// The list of a policy that has a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heading {
    /// Under `public`.
    Public,
    /// Under `any_key`.
    AnyKey,
    /// Under a heading of `scopes`: names with spaces between them, all of which are needed.
    Scopes(String),
}

impl Heading {
    /// The heading of these scopes.
    pub(crate) fn of(scopes: &str) -> Self {
        Self::Scopes(scopes.to_owned())
    }

    /// The names of the heading; none for a list that is about no scopes.
    pub(crate) fn names(&self) -> Vec<&str> {
        match self {
            Self::Public | Self::AnyKey => Vec::new(),
            Self::Scopes(names) => names.split(' ').collect(),
        }
    }
}

/// The part of a requirement that a key meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// The first accepted scope, narrowest first, that is held.
    Scope(String),
    /// No held scope suffices alone; the first set, narrowest first, that the key has all of.
    All(Vec<String>),
    AnyKey,
    Public,
}

/// The need of a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Nothing,
    AnyKey,
    /// All scopes of any one of the alternatives, narrowest first.
    OneOf(Vec<Vec<String>>),
}

impl Need {
    /// The scopes of which each alone suffices, narrowest first.
    pub(crate) fn accepted(&self) -> Vec<String> {
        let alternatives = match self {
            Self::Nothing | Self::AnyKey => return Vec::new(),
            Self::OneOf(alternatives) => alternatives.iter(),
        };
        let single = |alternative: &&Vec<String>| alternative.len() == 1;
        alternatives.filter(single).flatten().cloned().collect()
    }
}

impl Oracle {
    /// By what a valid key that holds these names meets a need, if it does.
    pub(crate) fn meets(&self, held: &[&str], need: &Need) -> Option<By> {
        let alternatives = match need {
            Need::Nothing => return Some(By::Public),
            Need::AnyKey => return Some(By::AnyKey),
            Need::OneOf(alternatives) => alternatives,
        };
        let accepted = need.accepted();
        if let Some(scope) = accepted.iter().find(|scope| held.contains(&scope.as_str())) {
            return Some(By::Scope(scope.clone()));
        }
        let has = self.has(held);
        let complete = |set: &&Vec<String>| set.len() > 1 && set.iter().all(|s| has.contains(s));
        let set = alternatives.iter().find(complete)?;
        Some(By::All(set.clone()))
    }

    /// The need of a route that is listed under these headings.
    pub(super) fn need(&self, headings: &[&Heading]) -> Need {
        // A route is in one of the three lists only.
        match headings.first() {
            Some(Heading::Public) => return Need::Nothing,
            Some(Heading::AnyKey) => return Need::AnyKey,
            _ => {}
        }
        let mut found: Vec<(u8, usize, String, Vec<String>)> = Vec::new();
        for scope in self.known() {
            if opens(&self.has(&[&scope]), headings) {
                let reach = self.reach(&[&scope]);
                let class = self.class(&scope, headings);
                found.push((class, reach, scope.clone(), vec![scope]));
            }
        }
        for set in self.sets(headings) {
            let held: Vec<&str> = set.iter().map(String::as_str).collect();
            // As wide as the widest of its scopes.
            let class = set.iter().map(|scope| self.own_class(scope)).max();
            found.push((class.unwrap_or(0), self.reach(&held), set.join(" "), set));
        }
        found.sort();
        Need::OneOf(found.into_iter().map(|(.., scopes)| scopes).collect())
    }

    /// The number of routes that a key opens with these names and no others. Routes that need no
    /// scope do not count.
    fn reach(&self, held: &[&str]) -> usize {
        let has = self.has(held);
        let mut opened: BTreeSet<(&str, Template)> = BTreeSet::new();
        for Listed {
            heading,
            method,
            template,
        } in &self.routes
        {
            if opens(&has, &[heading]) {
                opened.insert((method, self.template(template)));
            }
        }
        opened.len()
    }

    /// All scopes that a key has which holds these names: those, and whatever they imply, step by
    /// step.
    pub(crate) fn has(&self, held: &[&str]) -> BTreeSet<String> {
        let named = self.named();
        let mut has: BTreeSet<String> = held.iter().map(|name| (*name).to_owned()).collect();
        loop {
            let more: Vec<String> = named
                .iter()
                .filter(|name| !has.contains(**name))
                .filter(|name| has.iter().any(|scope| self.implies_at_once(scope, name)))
                .map(|name| (*name).to_owned())
                .collect();
            if more.is_empty() {
                return has;
            }
            has.extend(more);
        }
    }

    /// Whether one sentence says that a scope implies another.
    fn implies_at_once(&self, scope: &str, other: &str) -> bool {
        // `implies` says it.
        let mut stated = self.implies.iter();
        if stated.any(|(left, right)| left == scope && right == other) {
            return true;
        }
        // The global scope opens everything that needs scopes.
        if self.global.as_deref() == Some(scope) {
            return true;
        }
        if self.opaque {
            return false;
        }
        let (Some(scope), Some((resource, action))) =
            (scope.split_once(':'), other.split_once(':'))
        else {
            return false;
        };
        // `r:*` is as good as any scope of `r`, and the umbrella stands for every resource.
        let of_resource = scope == (resource, "*");
        let umbrella = |action| Some(scope) == self.umbrella.as_deref().map(|u| (u, action));
        of_resource || umbrella("*") || action == "read" && umbrella("read")
    }

    /// The scopes that the file names.
    fn named(&self) -> BTreeSet<&str> {
        let headings = self.routes.iter().flat_map(|listed| listed.heading.names());
        let stated = self.implies.iter();
        let stated = stated.flat_map(|(scope, other)| [scope.as_str(), other]);
        headings.chain(stated).collect()
    }

    /// The scopes that mean something to the policy: those, and what the rules for names add.
    pub(crate) fn known(&self) -> BTreeSet<String> {
        let named = self.named();
        let mut known: BTreeSet<String> = named.iter().map(|name| (*name).to_owned()).collect();
        if !self.opaque {
            let full = |name: &&str| Some(format!("{}:*", name.split_once(':')?.0));
            known.extend(named.iter().filter_map(full));
            if let Some(umbrella) = &self.umbrella {
                known.extend([format!("{umbrella}:read"), format!("{umbrella}:*")]);
            }
        }
        known.extend(self.global.clone());
        known
    }

    /// The headings of several scopes that a key may have to meet as a whole, in byte order of
    /// names. Scopes that others of the heading bring along are left out; so is a heading of which
    /// the scopes bring along those of another heading.
    fn sets(&self, headings: &[&Heading]) -> BTreeSet<Vec<String>> {
        let reduced = |heading: &&Heading| -> Vec<String> {
            let names = heading.names();
            let brought = |name: &str| {
                let mut others = names.iter().filter(|other| **other != name);
                others.any(|other| self.has(&[other]).contains(name))
            };
            let mut left: Vec<String> = names
                .iter()
                .filter(|name| !brought(name))
                .map(|name| (*name).to_owned())
                .collect();
            left.sort();
            left
        };
        let all: BTreeSet<Vec<String>> = headings.iter().map(reduced).collect();
        let needless = |set: &Vec<String>| {
            let held: Vec<&str> = set.iter().map(String::as_str).collect();
            let has = self.has(&held);
            all.iter()
                .any(|other| other != set && other.iter().all(|scope| has.contains(scope)))
        };
        let sets = all.iter().filter(|set| set.len() > 1 && !needless(set));
        sets.cloned().collect()
    }

    /// The class of a scope that opens a route alone: the lower, the narrower. Operations come
    /// first, then whole resources, the umbrella's scopes, and the global one. A scope that the
    /// route is listed under counts by its action alone.
    fn class(&self, scope: &str, headings: &[&Heading]) -> u8 {
        let singles = headings.iter().map(|heading| heading.names());
        let singles: Vec<&str> = singles.filter(|names| names.len() == 1).flatten().collect();
        if singles.contains(&scope) {
            return self.own_class(scope);
        }
        let is_full_of = |name: &&str| {
            !self.opaque && name.split(':').next().map(|r| format!("{r}:*")) == Some(scope.into())
        };
        if singles.iter().any(is_full_of) {
            return 1;
        }
        let umbrella = |action: &str| {
            let umbrella = self.umbrella.as_ref();
            umbrella.is_some_and(|umbrella| scope == format!("{umbrella}:{action}"))
        };
        if self.global.as_deref() == Some(scope) {
            4
        } else if umbrella("*") {
            3
        } else if umbrella("read") {
            2
        } else {
            self.own_class(scope)
        }
    }

    fn own_class(&self, scope: &str) -> u8 {
        u8::from(!self.opaque && scope.ends_with(":*"))
    }
}

/// Whether a key that has these scopes opens a route that is listed so: it has all of one heading.
fn opens(has: &BTreeSet<String>, headings: &[&Heading]) -> bool {
    headings.iter().any(|heading| match heading {
        Heading::Public | Heading::AnyKey => false,
        Heading::Scopes(_) => heading.names().iter().all(|name| has.contains(*name)),
    })
}
