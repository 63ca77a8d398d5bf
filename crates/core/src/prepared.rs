//! Prepared scopes of any size: the bits that a decision tests.

use crate::automaton::{Clause, Features, Tables};
use crate::swar::HAS_64_BIT_WORDS;
use crate::{Alternative, By, Decision, Requirement, Route, RouteDenial, Scope};

/// The number by which a set remembers its policy: eight bytes of the digest.
#[inline]
pub(crate) const fn tag(tables: &Tables<'_>) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = tables.digest;
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// A [`ScopeSet`](crate::ScopeSet) of any size.
#[derive(Clone, Copy, Debug)]
pub struct PreparedScopes<'s> {
    /// The [tag](tag) of its policy; 0 for none.
    pub(crate) policy: u64,
    pub(crate) words: &'s [u64],
}

impl PreparedScopes<'_> {
    /// Why a key with this set may call a route, if it may. `tables` are the route's, passed
    /// separately because for a `Compiled` they are a constant that rustc propagates.
    #[inline]
    pub(crate) fn allowed_by<'t>(&self, tables: &Tables<'_>, route: Route<'t>) -> Option<By<'t>> {
        match self.first_accepted(tables, route) {
            Some(scope) => Some(By::Scope(scope)),
            None if tables.features.has(Features::MORE) => self.allowed_by_more(route),
            None => None,
        }
    }

    /// The decision where no scope of the set suffices alone.
    #[inline(never)]
    pub(crate) fn authorize_by_more<'t>(&self, route: Route<'t>) -> Decision<'t> {
        match self.allowed_by_more(route) {
            Some(by) => Decision::Allow { route, by },
            None => Decision::Deny(RouteDenial::MissingScope(route)),
        }
    }

    /// As [`Self::allowed_by`], where no scope of the set suffices alone.
    #[inline(never)]
    fn allowed_by_more<'t>(&self, route: Route<'t>) -> Option<By<'t>> {
        let tables = route.tables();
        match route.requirement() {
            Requirement::Public => return Some(By::Public),
            Requirement::AnyKey => return Some(By::AnyKey),
            Requirement::Scopes(_) if self.policy != tag(tables) => return None,
            Requirement::Scopes(_) => {}
        }
        let held = self.words.first().copied().unwrap_or_default();
        // A mask has to be put together where registers are narrow, which takes more code than the
        // scopes of a clause, one after another.
        let uses_masks = HAS_64_BIT_WORDS && tables.has_masks();
        let is_met = |clause: Clause<'_>| {
            if uses_masks {
                held & clause.mask != 0
            } else {
                let mut ids = clause.scopes.iter();
                ids.any(|id| contains(self.words, u16::from_le_bytes(*id)))
            }
        };
        set_of_which_all(route, is_met)
    }

    /// The first accepted scope of a route that the set holds. `tables` are the route's, passed
    /// separately because for a `Compiled` they are a constant that rustc propagates.
    #[inline(always)]
    pub(crate) fn first_accepted<'t>(
        &self,
        tables: &Tables<'_>,
        route: Route<'t>,
    ) -> Option<Scope<'t>> {
        if self.policy != tag(tables) {
            return None;
        }
        let scope = |id| Scope::new(route.tables(), id);
        if tables.has_masks() {
            let held = self.words.first().copied().unwrap_or_default();
            let both = held & tables.mask(route.row().accepted);
            if !HAS_64_BIT_WORDS {
                // The list finds the scope in less code, and few instructions more.
                if both == 0 {
                    return None;
                }
            } else if both & both.wrapping_sub(1) == 0 {
                // Usually one scope, or none.
                return (both != 0).then(|| scope(both.trailing_zeros() as u16));
            }
        } else if HAS_64_BIT_WORDS
            && let Some(first) = route.accepted_ids().first()
            && contains(self.words, u16::from_le_bytes(*first))
        {
            // Usually a key holds the narrowest scope, if it holds any.
            return Some(scope(u16::from_le_bytes(*first)));
        }
        first_in_list(self.words, route).map(scope)
    }
}

/// The first scope of a route's list that a set holds. It takes and returns no more than
/// registers hold, which saves flash.
#[inline(never)]
fn first_in_list(words: &[u64], route: Route<'_>) -> Option<u16> {
    let mut ids = route
        .accepted_ids()
        .iter()
        .map(|id| u16::from_le_bytes(*id));
    ids.find(|id| contains(words, *id))
}

#[inline]
fn contains(words: &[u64], scope: u16) -> bool {
    let word = words.get(usize::from(scope >> 6));
    word.copied().unwrap_or_default() >> (scope & 63) & 1 != 0
}

/// The first set of a route of which all clauses are met.
#[inline]
pub(crate) fn set_of_which_all<'t>(
    route: Route<'t>,
    is_met: impl Fn(Clause<'t>) -> bool,
) -> Option<By<'t>> {
    let tables = route.tables();
    let set = tables.first_met(route.row().accepted, is_met)?;
    Some(By::All(Alternative::of_set(tables, set)))
}
