//! From a request's header to a decision.

use core::fmt;

use routescope_core::{Decision, Denial, Held, Policy};

use crate::ApiKey;

/// Where an embedder keeps its keys.
pub trait KeyStore {
    /// The scopes of a stored key: a prepared [`ScopeSet`](crate::ScopeSet), a
    /// reference to one, or names.
    type Held<'s>: Held
    where
        Self: 's;

    /// The key with this text, expired or not, or `None` if there is none.
    ///
    /// Compare with [`ApiKey::matches`], or look up a hash of the key: a
    /// comparison that stops at the first difference tells an attacker how far
    /// a guess was right.
    fn find(&self, key: &ApiKey<'_>) -> Option<StoredKey<Self::Held<'_>>>;
}

/// What an embedder knows about a key.
#[derive(Clone, Copy, Debug)]
pub struct StoredKey<H> {
    /// The scopes it holds.
    pub held: H,
    /// The first second, counted like `now`, at which it is no longer valid.
    pub expires: Option<u64>,
}

/// Decides requests by their headers: key, method, path, route, method on the
/// route, scope, in this order.
///
/// ```
/// use routescope::{ApiKey, Guard, KeyStore, StoredKey, pbx};
///
/// struct OneKey;
///
/// impl KeyStore for OneKey {
///     type Held<'s> = pbx::ScopeSet;
///
///     fn find(&self, key: &ApiKey<'_>) -> Option<StoredKey<pbx::ScopeSet>> {
///         let known = format!("wsk-v1-{}", "k".repeat(93));
///         key.matches(known.as_bytes())
///             .then(|| StoredKey { held: pbx::scope_set(["colleagues:read"]), expires: None })
///     }
/// }
///
/// let guard = Guard::new(&pbx::POLICY, OneKey);
/// let header = format!("Bearer wsk-v1-{}", "k".repeat(93));
/// let now = 1_780_000_000; // seconds since 1970
///
/// let decision = guard.decide(Some(header.as_bytes()), "GET", "/api/v1/colleagues/", now);
/// assert!(decision.is_allow());
/// assert_eq!(guard.decide(None, "GET", "/api/v1/colleagues/", now).status(), 401);
/// ```
#[derive(Clone, Copy)]
pub struct Guard<'p, S> {
    policy: &'p Policy<'p>,
    keys: S,
}

/// Leaves the keys out, whatever their own `Debug` would show.
impl<S> fmt::Debug for Guard<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("policy", self.policy)
            .finish_non_exhaustive()
    }
}

impl<'p, S: KeyStore> Guard<'p, S> {
    /// A guard over a policy and the embedder's keys.
    pub const fn new(policy: &'p Policy<'p>, keys: S) -> Self {
        Self { policy, keys }
    }

    /// Decides one request.
    ///
    /// `authorization` is the value of every `Authorization` header of the
    /// request; `Some(value)` and `None` will do where there is one at most.
    /// `now` is the time in the unit of [`StoredKey::expires`].
    ///
    /// Cost: one pass over the header, one [`KeyStore::find`], then that of
    /// [`Policy::authorize`]. No allocation of its own.
    pub fn decide<'h>(
        &self,
        authorization: impl IntoIterator<Item = &'h [u8]>,
        method: impl AsRef<[u8]>,
        target: impl AsRef<[u8]>,
        now: u64,
    ) -> Decision<'p> {
        let key = match ApiKey::from_headers(authorization, self.policy.key_format().as_ref()) {
            Ok(key) => key,
            Err(denial) => return Decision::Deny(denial),
        };
        let Some(stored) = self.keys.find(&key) else {
            return Decision::Deny(Denial::UnknownKey);
        };
        if stored.expires.is_some_and(|expires| now >= expires) {
            return Decision::Deny(Denial::ExpiredKey);
        }
        self.policy.authorize(&stored.held, method, target)
    }
}
