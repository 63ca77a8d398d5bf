//! The scopes that a key holds.

use crate::automaton::Tables;
use crate::named::is_equal;

use crate::prepared::{PreparedScopes, tag};
use crate::{Policy, Scope};

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
    pub(crate) const fn as_prepared(&self) -> PreparedScopes<'_> {
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
