//! The scopes that a key lacks of those that a route needs together.

use routescope::{Route, Scope};

/// A set of scopes that a route needs together, of which a key has a part.
pub(crate) struct Incomplete<'p> {
    /// All scopes of the set.
    pub(crate) needed: Vec<&'p str>,
    /// The least of them with which the key may call the route.
    pub(crate) lacks: Vec<&'p str>,
}

impl<'p> Incomplete<'p> {
    /// The set of which a key that may not call the route lacks the fewest scopes, the narrowest of
    /// several. `None` if the key has a part of no set, neither by itself nor by scopes that imply it.
    pub(crate) fn nearest(route: Route<'p>, held: &[impl AsRef<str>]) -> Option<Self> {
        let alternatives = route.requirement().alternatives()?;
        let held: Vec<&str> = held.iter().map(AsRef::as_ref).collect();
        let sets = alternatives.iter().filter(|one| one.as_scope().is_none());
        sets.map(|set| {
            let needed: Vec<&str> = set.scopes().map(Scope::name).collect();
            let mut lacks = needed.clone();
            for scope in &needed {
                let others = lacks.iter().filter(|other| *other != scope);
                let key: Vec<&str> = held.iter().chain(others).copied().collect();
                if route.authorize(&key).is_allow() {
                    lacks.retain(|other| other != scope);
                }
            }
            Self { needed, lacks }
        })
        .filter(|set| set.lacks.len() < set.needed.len())
        .min_by_key(|set| set.lacks.len())
    }

    /// ``of `a:read b:read`, the key lacks `b:read` ``
    pub(crate) fn in_words(&self) -> String {
        let lacks: Vec<String> = self.lacks.iter().map(|name| format!("`{name}`")).collect();
        format!(
            "of `{}`, the key lacks {}",
            self.needed.join(" "),
            lacks.join(" and ")
        )
    }
}
