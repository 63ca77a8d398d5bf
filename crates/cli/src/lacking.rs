//! The scopes that a key lacks of those that a route needs together.

use routescope::Route;

use crate::needs;

/// A set of scopes that a route needs together, of which a key has a part.
pub(crate) struct Incomplete<'p> {
    /// All scopes of the set.
    pub(crate) needed: Vec<&'p str>,
    /// Those that the key does not hold, by themselves or by scopes that imply them.
    pub(crate) lacks: Vec<&'p str>,
}

impl<'p> Incomplete<'p> {
    /// The set of which a key that may not call the route lacks the fewest scopes, the narrowest of
    /// several. `None` if the key has a part of no set, neither by itself nor by scopes that imply it.
    pub(crate) fn nearest(route: Route<'p>, held: &[impl AsRef<str>]) -> Option<Self> {
        let is_held = |name: &str| held.iter().any(|held| held.as_ref() == name);
        let sets = needs::alternatives(route).into_iter();
        sets.filter(|needed| needed.single().is_none())
            .map(|set| Self {
                needed: set.names(),
                lacks: set.lacking(is_held),
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
