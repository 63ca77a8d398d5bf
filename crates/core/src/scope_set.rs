//! The scopes that a key holds.

use crate::automaton::{Clause, Features, Tables};
use crate::named::is_equal;
use crate::swar::HAS_64_BIT_WORDS;
use crate::{Alternative, By, Decision, Policy, Requirement, Route, RouteDenial, Scope};

/// The scopes of a key, prepared for one policy, so that a decision tests a few bits.
///
/// [`Policy::scope_set`] makes it, once for each key. It remembers its policy, by the first eight
/// bytes of the digest, and holds nothing for any other one: after a reload, prepare the sets
/// again, or every decision is a denial. Bytes that somebody has given the digest of another
/// policy pass for that policy, in both directions: load only bytes that you trust, see
/// [`Loader`](crate::Loader).
///
/// `WORDS` is the number of 64-bit words; [`Policy::scope_words`] says how many a policy
/// needs. A set that is too small for a scope does not hold it. The default holds the scopes of
/// any policy in 528 bytes. The type that [`policy!`](crate::policy!) makes is much smaller.
///
/// The default value is empty and allows nothing.
///
/// ```
/// use routescope_core::{Policy, ScopeSet};
///
/// fn scopes_of_token<'t>(policy: Policy<'t>, scope_claim: &str) -> ScopeSet {
///     ScopeSet::from_claim(policy, scope_claim)
/// }
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ScopeSet<const WORDS: usize = 64> {
    /// The [tag](tag) of its policy; 0 for none.
    policy: u64,
    words: [u64; WORDS],
    unknown: usize,
}

impl<const WORDS: usize> ScopeSet<WORDS> {
    /// The set that holds nothing, whatever the policy.
    pub const EMPTY: Self = Self {
        policy: 0,
        words: [0; WORDS],
        unknown: 0,
    };

    /// The set of the scopes with these names. Names that the policy does not know are
    /// [counted](Self::unknown_count) and grant nothing.
    ///
    /// Cost: one hash look-up for each name; no allocation.
    pub fn from_names(
        policy: Policy<'_>,
        names: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Self {
        let tables = policy.tables();
        let mut set = Self {
            policy: tag(tables),
            ..Self::EMPTY
        };
        for name in names {
            set.add(policy.scope_id(name.as_ref()));
        }
        set
    }

    /// The set of the scopes in a `scope` claim: names with spaces between them (RFC 8693
    /// section 4.2, RFC 6749 section 3.3).
    ///
    /// Cost: as [`Self::from_names`].
    #[must_use]
    pub fn from_claim(policy: Policy<'_>, claim: &str) -> Self {
        let names = claim.split(' ').filter(|name| !name.is_empty());
        Self::from_names(policy, names)
    }

    /// The set of these scopes of a policy, in a constant: the names of generated code make one
    /// that cannot have a wrong scope in it.
    ///
    /// # Panics
    ///
    /// In a constant, these are compile errors:
    ///
    /// - a scope of another policy;
    /// - a set that is too small for a scope of this one: see [`Policy::scope_words`].
    ///
    /// ```
    /// use routescope_core::{Policy, Scope, ScopeSet};
    ///
    /// const fn for_a_service(policy: Policy<'_>, may: Scope<'_>) -> ScopeSet {
    ///     ScopeSet::of(policy, &[may])
    /// }
    /// ```
    #[must_use]
    #[allow(clippy::panic, reason = "stops the build of a constant; documented")]
    pub const fn of(policy: Policy<'_>, scopes: &[Scope<'_>]) -> Self {
        let mut set = Self {
            policy: tag(policy.tables()),
            ..Self::EMPTY
        };
        let mut rest = scopes;
        while let [scope, others @ ..] = rest {
            assert!(
                tag(scope.tables()) == set.policy && is_alike(policy.tables(), *scope),
                "a scope of this set is one of another policy"
            );
            let id = scope.id();
            let words: &mut [u64] = &mut set.words;
            match words.split_at_mut_checked((id >> 6) as usize) {
                Some((_, [word, ..])) => *word |= 1 << (id & 63),
                _ => panic!("this set has too few words for a scope of the policy"),
            }
            rest = others;
        }
        set
    }

    /// Adds a scope, and returns whether the set holds it now: it does not if the set is too
    /// small, or is prepared for another policy. [`Self::EMPTY`] takes the policy of the scope.
    pub fn insert(&mut self, scope: Scope<'_>) -> bool {
        let policy = tag(scope.tables());
        if self.policy == 0 {
            self.policy = policy;
        }
        let is_known = self.policy == policy;
        self.add(is_known.then_some(scope.id()))
    }

    fn add(&mut self, scope: Option<u16>) -> bool {
        let word = scope.and_then(|id| self.words.get_mut(usize::from(id >> 6)));
        match (word, scope) {
            (Some(word), Some(id)) => {
                *word |= 1 << (id & 63);
                true
            }
            _ => {
                self.unknown = self.unknown.saturating_add(1);
                false
            }
        }
    }

    /// The number of names and scopes that were not added: the policy does not know the name, the
    /// scope is of another policy, or the set is too small for it. They grant nothing and are no
    /// error: a key is often made for several APIs. [`Policy::unknown_scopes`] gives the names.
    /// Two sets with different counts are not equal.
    #[must_use]
    pub const fn unknown_count(&self) -> usize {
        self.unknown
    }

    /// The number of scopes in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.iter().fold(0usize, |sum, word| {
            sum.saturating_add(word.count_ones() as usize)
        })
    }

    /// Whether it holds no scope.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }

    #[inline]
    const fn as_prepared(&self) -> PreparedScopes<'_> {
        PreparedScopes {
            policy: self.policy,
            words: &self.words,
        }
    }
}

impl<const WORDS: usize> Default for ScopeSet<WORDS> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<'t, const WORDS: usize> Extend<Scope<'t>> for ScopeSet<WORDS> {
    fn extend<I: IntoIterator<Item = Scope<'t>>>(&mut self, scopes: I) {
        for scope in scopes {
            self.insert(scope);
        }
    }
}

impl<'t, const WORDS: usize> FromIterator<Scope<'t>> for ScopeSet<WORDS> {
    fn from_iter<I: IntoIterator<Item = Scope<'t>>>(scopes: I) -> Self {
        let mut set = Self::EMPTY;
        set.extend(scopes);
        set
    }
}

impl Policy<'_> {
    /// Prepares the scopes of a key, so that decisions test bits. The set has room for the
    /// scopes of any policy; [`Policy::scope_set_in`] makes a smaller one.
    ///
    /// Names that the policy does not know are [counted](ScopeSet::unknown_count) and grant
    /// nothing.
    ///
    /// Cost: one hash look-up for each name; no allocation.
    ///
    /// ```
    /// # use routescope_core::Policy;
    /// fn can_list(policy: Policy<'_>, key_scopes: &[String]) -> bool {
    ///     let held = policy.scope_set(key_scopes);
    ///     policy.authorize(&held, "GET", "/orders/").is_allow()
    /// }
    /// ```
    pub fn scope_set(self, names: impl IntoIterator<Item = impl AsRef<str>>) -> ScopeSet {
        ScopeSet::from_names(self, names)
    }

    /// As [`Policy::scope_set`], in a set of `WORDS` words, of which the policy needs
    /// [`Policy::scope_words`].
    pub fn scope_set_in<const WORDS: usize>(
        self,
        names: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> ScopeSet<WORDS> {
        ScopeSet::from_names(self, names)
    }
}

/// Whether the tables have a scope of this name in its row.
const fn is_alike(tables: &Tables<'_>, scope: Scope<'_>) -> bool {
    let names = (
        tables.scope_name(scope.id()),
        scope.tables().scope_name(scope.id()),
    );
    match names {
        (Some(own), Some(other)) => is_equal(own, other),
        _ => false,
    }
}

/// The number by which a set remembers its policy: eight bytes of the digest.
#[inline]
const fn tag(tables: &Tables<'_>) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = tables.digest;
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// A [`ScopeSet`] of any size.
#[derive(Clone, Copy, Debug)]
pub struct PreparedScopes<'s> {
    policy: u64,
    words: &'s [u64],
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
    #[inline]
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
            // Usually one scope, or none.
            if both & both.wrapping_sub(1) == 0 {
                return (both != 0).then(|| scope(both.trailing_zeros() as u16));
            }
        } else if let Some(first) = route.accepted_ids().first()
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

/// Why a key may call a route that holds the names of which this is true, if it may.
fn allowed_by_names<'t>(route: Route<'t>, is_held: impl Fn(&str) -> bool) -> Option<By<'t>> {
    match route.requirement() {
        Requirement::Public => return Some(By::Public),
        Requirement::AnyKey => return Some(By::AnyKey),
        Requirement::Scopes(_) => {}
    }
    if let Some(scope) = route.accepted().iter().find(|scope| is_held(scope.name())) {
        return Some(By::Scope(scope));
    }
    let is_held = |id: &[u8; 2]| {
        let scope = Scope::new(route.tables(), u16::from_le_bytes(*id));
        is_held(scope.name())
    };
    set_of_which_all(route, |clause| clause.scopes.iter().any(is_held))
}

/// The first set of a route of which all clauses are met.
#[inline]
fn set_of_which_all<'t>(route: Route<'t>, is_met: impl Fn(Clause<'t>) -> bool) -> Option<By<'t>> {
    let tables = route.tables();
    let set = tables.first_met(route.row().accepted, is_met)?;
    Some(By::All(Alternative::of_set(tables, set)))
}

/// The scopes that a key holds: a prepared [`ScopeSet`], which is fast, or their names, with
/// the same answers.
///
/// Names are slices, arrays and, with the feature `alloc`, `Vec`, `Box`, `Rc`, `Arc` and
/// `BTreeSet` of anything that is `AsRef<str>`. They compare byte for byte. `*` is a whole
/// action, never a pattern.
///
/// Sealed: what a key holds is a set of scopes and nothing cleverer.
pub trait HeldScopes: sealed::Sealed {
    /// The set, if it is a prepared one.
    #[doc(hidden)]
    #[inline]
    fn prepared(&self) -> Option<PreparedScopes<'_>> {
        None
    }

    /// Why a key with these scopes may call a route, if it may.
    #[doc(hidden)]
    fn allowed_by<'t>(&self, route: Route<'t>) -> Option<By<'t>>;
}

impl<const WORDS: usize> HeldScopes for ScopeSet<WORDS> {
    #[inline]
    fn prepared(&self) -> Option<PreparedScopes<'_>> {
        Some(self.as_prepared())
    }

    #[inline]
    fn allowed_by<'t>(&self, route: Route<'t>) -> Option<By<'t>> {
        self.as_prepared().allowed_by(route.tables(), route)
    }
}

impl<S: AsRef<str>> HeldScopes for [S] {
    fn allowed_by<'t>(&self, route: Route<'t>) -> Option<By<'t>> {
        allowed_by_names(route, |name| self.iter().any(|held| held.as_ref() == name))
    }
}

impl<S: AsRef<str>, const N: usize> HeldScopes for [S; N] {
    fn allowed_by<'t>(&self, route: Route<'t>) -> Option<By<'t>> {
        self.as_slice().allowed_by(route)
    }
}

/// Held scopes behind a pointer.
macro_rules! pointers {
    ($($pointer:ty),+) => {$(
        impl<H: HeldScopes + ?Sized> HeldScopes for $pointer {
            #[inline]
            fn prepared(&self) -> Option<PreparedScopes<'_>> {
                (**self).prepared()
            }

            #[inline]
            fn allowed_by<'t>(&self, route: Route<'t>) -> Option<By<'t>> {
                (**self).allowed_by(route)
            }
        }

        impl<H: sealed::Sealed + ?Sized> sealed::Sealed for $pointer {}
    )+};
}

pointers!(&H);

#[cfg(feature = "alloc")]
mod with_alloc {
    use alloc::boxed::Box;
    use alloc::collections::BTreeSet;
    use alloc::rc::Rc;
    use alloc::sync::Arc;
    use alloc::vec::Vec;

    use super::{HeldScopes, PreparedScopes, allowed_by_names, sealed};
    use crate::{By, Route};

    pointers!(Box<H>, Rc<H>, Arc<H>);

    impl<S: AsRef<str>> HeldScopes for Vec<S> {
        fn allowed_by<'t>(&self, route: Route<'t>) -> Option<By<'t>> {
            self.as_slice().allowed_by(route)
        }
    }

    impl<S: AsRef<str>> sealed::Sealed for Vec<S> {}

    impl<S: AsRef<str>> HeldScopes for BTreeSet<S> {
        fn allowed_by<'t>(&self, route: Route<'t>) -> Option<By<'t>> {
            allowed_by_names(route, |name| self.iter().any(|held| held.as_ref() == name))
        }
    }

    impl<S: AsRef<str>> sealed::Sealed for BTreeSet<S> {}
}

mod sealed {
    pub trait Sealed {}
    impl<const WORDS: usize> Sealed for super::ScopeSet<WORDS> {}
    impl<S: AsRef<str>> Sealed for [S] {}
    impl<S: AsRef<str>, const N: usize> Sealed for [S; N] {}
}
