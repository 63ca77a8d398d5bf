//! The requirement of a route as commands show it: its alternatives, with the scopes that imply
//! theirs.

use routescope::{Alternative, Requirement, Route, Scope};

/// An alternative of a route: scopes that suffice together.
#[derive(Clone, Debug)]
pub(crate) struct Needed<'p> {
    /// One scope, or a set in the byte order of names.
    pub(crate) scopes: Vec<Wanted<'p>>,
}

/// A scope of an alternative.
#[derive(Clone, Debug)]
pub(crate) struct Wanted<'p> {
    pub(crate) name: &'p str,
    /// The other scopes that are as good, in a set. A scope that suffices alone has none here: what
    /// implies it is an alternative by itself.
    pub(crate) implied_by: Vec<&'p str>,
}

impl<'p> Wanted<'p> {
    /// The held scope that meets it: itself, or one that implies it.
    pub(crate) fn met_by(&self, is_held: impl Fn(&str) -> bool) -> Option<&'p str> {
        let mut names = std::iter::once(self.name).chain(self.implied_by.iter().copied());
        names.find(|name| is_held(name))
    }
}

impl<'p> Needed<'p> {
    fn new(alternative: Alternative<'p>) -> Self {
        let scopes = alternative.clauses().filter_map(|mut clause| {
            Some(Wanted {
                name: clause.next()?.name(),
                implied_by: clause.map(Scope::name).collect(),
            })
        });
        Self {
            scopes: scopes.collect(),
        }
    }

    /// The names of its scopes.
    pub(crate) fn names(&self) -> Vec<&'p str> {
        self.scopes.iter().map(|wanted| wanted.name).collect()
    }

    /// Its only scope, if it has no more.
    pub(crate) fn single(&self) -> Option<&'p str> {
        match self.scopes.as_slice() {
            [one] => Some(one.name),
            _ => None,
        }
    }

    /// The scopes that a key lacks.
    pub(crate) fn lacking(&self, is_held: impl Fn(&str) -> bool) -> Vec<&'p str> {
        let lacking = self.scopes.iter();
        let lacking = lacking.filter(|wanted| wanted.met_by(&is_held).is_none());
        lacking.map(|wanted| wanted.name).collect()
    }

    /// `a and b`, each name as `show` writes it.
    pub(crate) fn in_words(&self, show: impl Fn(&str) -> String) -> String {
        joined(&self.names(), "and", show)
    }
}

/// `a, b and c`
pub(crate) fn joined(names: &[&str], last: &str, show: impl Fn(&str) -> String) -> String {
    let names: Vec<String> = names.iter().map(|name| show(name)).collect();
    match names.split_last() {
        Some((only, [])) => only.clone(),
        Some((end, rest)) => format!("{} {last} {end}", rest.join(", ")),
        None => String::new(),
    }
}

/// The alternatives of a route, narrowest first. There are none where no scope is needed.
pub(crate) fn alternatives(route: Route<'_>) -> Vec<Needed<'_>> {
    let alternatives = route.requirement().alternatives();
    let alternatives = alternatives.into_iter().flatten();
    alternatives.map(Needed::new).collect()
}

/// The kind of a requirement, for JSON: `scopes`, `any_key` or `public`.
pub(crate) fn kind(route: Route<'_>) -> &'static str {
    match route.requirement() {
        Requirement::Public => "public",
        Requirement::AnyKey => "any_key",
        Requirement::Scopes(_) => "scopes",
    }
}
