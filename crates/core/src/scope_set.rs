//! The scopes a key holds.

use crate::{AcceptedScopes, Policy, Route, Scope};

/// A key's scopes, prepared for one policy: a decision then tests a few bits.
///
/// Built once per key by [`Policy::scope_set`]. It remembers which policy it
/// was built for, and holds nothing for any other one: after a reload, prepare
/// the sets again, or every decision is a denial.
///
/// `WORDS` is the number of 64-scope words, [`Policy::scope_words`] says how
/// many a policy needs; a set that is too small for a scope does not hold it.
/// The default holds the scopes of any policy in 528 bytes; a constant policy's
/// own type is much smaller:
///
/// ```ignore
/// type PbxScopes = ScopeSet<{ POLICY.scope_words() }>; // 24 bytes
/// ```
///
/// The default value is empty and allows nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ScopeSet<const WORDS: usize = 64> {
    /// [`Policy::tag`] of the policy it was built for; 0 for none.
    policy: u64,
    words: [u64; WORDS],
    unknown: usize,
}

impl<const WORDS: usize> ScopeSet<WORDS> {
    /// The set that holds nothing, whatever the policy.
    pub const EMPTY: Self = Self::empty(0);

    pub(crate) const fn empty(policy: u64) -> Self {
        Self {
            policy,
            words: [0; WORDS],
            unknown: 0,
        }
    }

    pub(crate) fn add(&mut self, scope: Option<u16>) {
        let word = scope.and_then(|id| self.words.get_mut(usize::from(id >> 6)));
        match (word, scope) {
            (Some(word), Some(id)) => *word |= 1 << (id & 63),
            _ => self.unknown = self.unknown.saturating_add(1),
        }
    }

    /// How many of the names it was built from the policy does not know. They
    /// grant nothing and are no error: keys are often made for several APIs.
    #[must_use]
    pub const fn unknown(&self) -> usize {
        self.unknown
    }

    /// How many scopes of its policy it holds.
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
}

impl<const WORDS: usize> Default for ScopeSet<WORDS> {
    fn default() -> Self {
        Self::EMPTY
    }
}

/// A prepared set of whatever size.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Prepared<'s> {
    policy: u64,
    words: &'s [u64],
}

impl<'s> Prepared<'s> {
    #[inline]
    const fn of<const WORDS: usize>(set: &'s ScopeSet<WORDS>) -> Self {
        Self {
            policy: set.policy,
            words: &set.words,
        }
    }

    /// The first accepted scope that it holds.
    #[inline]
    pub(crate) fn narrowest<'p>(
        self,
        policy: &'p Policy<'p>,
        route: Route<'p>,
    ) -> Option<Scope<'p>> {
        if self.policy != policy.tag() {
            return None;
        }
        if policy.tables().has_masks() {
            let held = self.words.first().copied().unwrap_or_default();
            let both = held & route.mask(policy);
            // Nearly always one, or none.
            if both & both.wrapping_sub(1) == 0 {
                return (both != 0).then(|| route.scope(both.trailing_zeros() as u16));
            }
        } else if let Some(first) = route.first_accepted()
            && self.holds(first)
        {
            // Nearly always, where it is held at all.
            return Some(route.scope(first));
        }
        self.first(route)
    }

    #[inline]
    fn holds(self, scope: u16) -> bool {
        let word = self.words.get(usize::from(scope >> 6));
        word.copied().unwrap_or_default() >> (scope & 63) & 1 != 0
    }

    /// As [`Self::narrowest`], one accepted scope after the other.
    #[inline(never)]
    fn first<'p>(self, route: Route<'p>) -> Option<Scope<'p>> {
        let accepted = route.accepted();
        let first = accepted.ids().iter().find(|scope| self.holds(**scope))?;
        Some(route.scope(*first))
    }
}

/// What can stand for the scopes a key holds: a prepared [`ScopeSet`], or plain
/// names (`["colleagues:read", "phonebooks:*"]`), slower, with the same answer.
///
/// Names compare byte for byte. `*` is a whole action, never a pattern.
///
/// Sealed: what a key holds is a set of scopes and nothing cleverer.
pub trait Held: sealed::Sealed {
    /// The set, if it is a prepared one.
    #[doc(hidden)]
    #[inline]
    fn prepared(&self) -> Option<Prepared<'_>> {
        None
    }

    /// The first accepted scope that is held: the narrowest.
    #[doc(hidden)]
    fn narrowest<'p>(
        &self,
        policy: &'p Policy<'p>,
        accepted: AcceptedScopes<'p>,
    ) -> Option<Scope<'p>>;
}

impl<const WORDS: usize> Held for ScopeSet<WORDS> {
    #[inline]
    fn prepared(&self) -> Option<Prepared<'_>> {
        Some(Prepared::of(self))
    }

    #[inline]
    fn narrowest<'p>(
        &self,
        policy: &'p Policy<'p>,
        accepted: AcceptedScopes<'p>,
    ) -> Option<Scope<'p>> {
        Prepared::of(self).narrowest(policy, accepted.route())
    }
}

impl<S: AsRef<str>> Held for [S] {
    fn narrowest<'p>(
        &self,
        _: &'p Policy<'p>,
        mut accepted: AcceptedScopes<'p>,
    ) -> Option<Scope<'p>> {
        accepted.find(|scope| self.iter().any(|held| held.as_ref() == scope.name()))
    }
}

impl<S: AsRef<str>, const N: usize> Held for [S; N] {
    fn narrowest<'p>(
        &self,
        policy: &'p Policy<'p>,
        accepted: AcceptedScopes<'p>,
    ) -> Option<Scope<'p>> {
        self.as_slice().narrowest(policy, accepted)
    }
}

impl<H: Held + ?Sized> Held for &H {
    #[inline]
    fn prepared(&self) -> Option<Prepared<'_>> {
        (**self).prepared()
    }

    #[inline]
    fn narrowest<'p>(
        &self,
        policy: &'p Policy<'p>,
        accepted: AcceptedScopes<'p>,
    ) -> Option<Scope<'p>> {
        (**self).narrowest(policy, accepted)
    }
}

mod sealed {
    pub trait Sealed {}
    impl<const WORDS: usize> Sealed for super::ScopeSet<WORDS> {}
    impl<S: AsRef<str>> Sealed for [S] {}
    impl<S: AsRef<str>, const N: usize> Sealed for [S; N] {}
    impl<H: Sealed + ?Sized> Sealed for &H {}
}
