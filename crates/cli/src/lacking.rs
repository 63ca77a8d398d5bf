//! The scopes that a key lacks for a route.

use routescope::{Route, Scope};

/// An alternative of a route, and those of its scopes that a key lacks.
pub(crate) struct Lacking<'p> {
    /// All scopes of the alternative.
    pub(crate) needed: Vec<&'p str>,
    /// The least of them with which the key may call the route.
    pub(crate) lacks: Vec<&'p str>,
}

impl<'p> Lacking<'p> {
    /// The alternative of which a key that may not call the route lacks the fewest scopes, the
    /// narrowest of several. `None` for a route that needs no scopes.
    pub(crate) fn nearest(route: Route<'p>, held: &[impl AsRef<str>]) -> Option<Self> {
        let alternatives = route.requirement().alternatives()?;
        let held: Vec<&str> = held.iter().map(AsRef::as_ref).collect();
        alternatives
            .iter()
            .map(|alternative| {
                let needed: Vec<&str> = alternative.scopes().map(Scope::name).collect();
                let mut lacks = needed.clone();
                // A single scope is missing, or the key might call the route.
                let set = if needed.len() > 1 {
                    needed.as_slice()
                } else {
                    &[]
                };
                for scope in set {
                    let others = || lacks.iter().filter(|other| *other != scope);
                    let key: Vec<&str> = held.iter().chain(others()).copied().collect();
                    if route.authorize(&key).is_allow() {
                        lacks.retain(|other| other != scope);
                    }
                }
                Self { needed, lacks }
            })
            .min_by_key(|alternative| alternative.lacks.len())
    }

    /// The scopes that the key lacks: `` `a:read` and `b:read` ``.
    pub(crate) fn in_words(&self) -> String {
        let quoted: Vec<String> = self.lacks.iter().map(|name| format!("`{name}`")).collect();
        quoted.join(" and ")
    }

    /// Whether the key has some of the scopes, by itself or by scopes that imply them.
    pub(crate) fn is_partial(&self) -> bool {
        self.lacks.len() < self.needed.len()
    }
}
