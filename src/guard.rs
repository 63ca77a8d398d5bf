//! From a request's headers to a decision.

use core::fmt;

use routescope_core::__private::generated::find_public_route;
use routescope_core::{By, Decision, Denial, HeldScopes, KeyDenial, PolicySource, Route};

use crate::ApiKey;

/// Where an embedder keeps its keys, for [`Guard::decide`].
///
/// It can be a trait object: `Box<dyn KeyStore<Scopes = ScopeSet, Identity = CustomerId>>`. A
/// look-up that is `async` needs no store: see [`Guard::key`].
pub trait KeyStore {
    /// The scopes of a stored key: a prepared [`ScopeSet`](crate::ScopeSet), an `Arc` of one,
    /// or names. To lend a reference, implement the trait for a reference to the store.
    type Scopes: HeldScopes;
    /// Whose key it is, in terms of the embedder. The decision returns it.
    type Identity;

    /// The stored key with this text, expired or not, or `None` if there is none, which is
    /// answered with 401. A store that can fail needs [`Guard::key`] and [`Guard::authorize`], so
    /// that a failure is not taken for an unknown key.
    ///
    /// Compare with [`ApiKey::matches`], or look up a hash of the key: a comparison that stops
    /// at the first difference tells an attacker how much of a guess was right.
    fn find(&self, key: &ApiKey<'_>) -> Option<StoredKey<Self::Scopes, Self::Identity>>;
}

macro_rules! pointers {
    ($($pointer:ty),+) => {$(
        impl<K: KeyStore + ?Sized> KeyStore for $pointer {
            type Scopes = K::Scopes;
            type Identity = K::Identity;

            fn find(&self, key: &ApiKey<'_>) -> Option<StoredKey<K::Scopes, K::Identity>> {
                (**self).find(key)
            }
        }
    )+};
}

pointers!(&K);
#[cfg(feature = "alloc")]
pointers!(alloc::boxed::Box<K>, alloc::sync::Arc<K>);

/// A key as an embedder stores it.
///
/// ```
/// use routescope::{StoredKey, pbx};
///
/// let held = pbx::scope_set(["colleagues:read"]);
/// let stored = StoredKey::new(held, "customer 4711").valid_until(1_780_000_000);
/// assert_eq!(stored.expires, Some(1_780_000_000));
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct StoredKey<H, I = ()> {
    /// The scopes that it holds.
    pub held: H,
    /// Whose key it is, in terms of the embedder.
    pub identity: I,
    /// The first second, counted like `now`, at which it is no longer valid.
    pub expires: Option<u64>,
}

impl<H, I> StoredKey<H, I> {
    /// A key that does not expire.
    pub const fn new(held: H, identity: I) -> Self {
        Self {
            held,
            identity,
            expires: None,
        }
    }

    /// The same key, no longer valid from second `expires` on.
    #[must_use]
    pub fn valid_until(mut self, expires: u64) -> Self {
        self.expires = Some(expires);
        self
    }
}

/// The answer to a request with its key.
///
/// Exhaustive on purpose, like [`Decision`].
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[must_use = "a decision that nobody looks at protects nothing"]
pub enum GuardDecision<'t, I = ()> {
    /// No, and why.
    Deny {
        /// Why not.
        denial: Denial<'t>,
        /// Whose key it is, if the key is stored.
        identity: Option<I>,
    },
    /// Yes, with a valid key.
    Allow {
        /// The route that the request calls.
        route: Route<'t>,
        /// Why it is allowed: the held scope, for instance.
        by: By<'t>,
        /// Whose key it is.
        identity: I,
    },
    /// Yes, because the route is public. The key was not looked at, so that nobody knows whose the
    /// request is.
    Public {
        /// The route that the request calls.
        route: Route<'t>,
    },
}

impl<'t, I> GuardDecision<'t, I> {
    const fn unknown(denial: KeyDenial) -> Self {
        Self::Deny {
            denial: Denial::Key(denial),
            identity: None,
        }
    }

    /// Whether the answer is yes.
    #[must_use]
    pub const fn is_allow(&self) -> bool {
        matches!(self, Self::Allow { .. } | Self::Public { .. })
    }

    /// Why not, if the answer is no.
    #[must_use]
    pub const fn denial(&self) -> Option<Denial<'t>> {
        match self {
            Self::Allow { .. } | Self::Public { .. } => None,
            Self::Deny { denial, .. } => Some(*denial),
        }
    }

    /// Whose key it is, if the key is stored and the route is not public.
    #[must_use]
    pub const fn identity(&self) -> Option<&I> {
        match self {
            Self::Allow { identity, .. } => Some(identity),
            Self::Public { .. } => None,
            Self::Deny { identity, .. } => identity.as_ref(),
        }
    }
}

/// As [`Decision`]: `allow GET /api/v1/colleagues/ by colleagues:read`. Identities are not
/// shown.
impl<I> fmt::Display for GuardDecision<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allow { route, by, .. } => Decision::Allow {
                route: *route,
                by: *by,
            }
            .fmt(f),
            Self::Public { route } => write!(f, "allow {route}, which is public"),
            Self::Deny { denial, .. } => write!(f, "deny {denial}"),
        }
    }
}

/// Decides requests by their headers: the form of the key, its look-up, its expiry, method, path,
/// route, method on the route, scopes, in this order.
///
/// In a policy with public routes, method and path come first: a request to a public route is
/// allowed whatever its key, and every other request goes on with the key. So a request without a
/// valid key learns nothing about the other routes.
///
/// The policy is a [`PolicySource`]: `pbx::Compiled`, whose tables are constants, or any
/// [`Policy`](crate::Policy).
///
/// ```
/// use routescope::{ApiKey, Guard, KeyStore, StoredKey, pbx};
///
/// struct OneKey;
///
/// impl KeyStore for OneKey {
///     type Scopes = pbx::ScopeSet;
///     type Identity = &'static str;
///
///     fn find(&self, key: &ApiKey<'_>) -> Option<StoredKey<pbx::ScopeSet, &'static str>> {
///         let known = format!("wsk-v1-{}", "k".repeat(93));
///         key.matches(known.as_bytes())
///             .then(|| StoredKey::new(pbx::scope_set(["colleagues:read"]), "front desk"))
///     }
/// }
///
/// let guard = Guard::new(pbx::Compiled, OneKey);
/// let header = format!("Bearer wsk-v1-{}", "k".repeat(93));
/// let now = 1_780_000_000; // seconds since 1970
///
/// let decision = guard.decide(Some(header.as_bytes()), "GET", "/api/v1/colleagues/", now);
/// assert!(decision.is_allow());
/// assert_eq!(decision.identity(), Some(&"front desk"));
///
/// let denied = guard.decide(None, "GET", "/api/v1/colleagues/", now);
/// assert_eq!(denied.denial().unwrap().status(), 401);
/// ```
#[derive(Clone, Copy)]
pub struct Guard<P, K = ()> {
    policy: P,
    keys: K,
}

/// Shows neither keys nor policy, whatever their own `Debug` would show.
impl<P, K> fmt::Debug for Guard<P, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").finish_non_exhaustive()
    }
}

impl<P> Guard<P> {
    /// A guard without a store, for an embedder that looks keys up itself between
    /// [`Guard::key`] and [`Guard::authorize`].
    pub const fn without_store(policy: P) -> Self {
        Self { policy, keys: () }
    }
}

impl<P, K> Guard<P, K> {
    /// A guard over a policy and the embedder's keys.
    pub const fn new(policy: P, keys: K) -> Self {
        Self { policy, keys }
    }

    /// The public route that a request calls, if it calls one: it is allowed, and its key is not to
    /// be looked at. [`Self::decide`] asks this first; do so before [`Self::key`].
    ///
    /// Cost: as [`Policy::public_route`](crate::Policy::public_route).
    #[must_use]
    #[inline]
    pub fn public_route<'t>(
        &self,
        method: impl AsRef<[u8]>,
        target: impl AsRef<[u8]>,
    ) -> Option<Route<'t>>
    where
        P: PolicySource<'t>,
    {
        find_public_route(self.policy, method.as_ref(), target.as_ref())
    }

    /// Reads the key of a request, in the form that the policy declares.
    ///
    /// `authorization` is the value of every `Authorization` header of the request.
    ///
    /// # Errors
    ///
    /// As [`ApiKey::from_headers`].
    ///
    /// ```
    /// use routescope::{Guard, StoredKey, pbx};
    ///
    /// let guard = Guard::without_store(pbx::Compiled);
    /// let header = format!("Bearer wsk-v1-{}", "k".repeat(93));
    ///
    /// let key = guard.key(Some(header.as_bytes()))?;
    /// // let stored = database.find(hash(key.as_bytes())).await ...
    /// let stored = StoredKey::new(["colleagues:read"], 4711);
    /// let decision = guard.authorize(stored, "GET", "/api/v1/colleagues/", 1_780_000_000);
    /// assert_eq!(decision.identity(), Some(&4711));
    /// # Ok::<(), routescope::KeyDenial>(())
    /// ```
    pub fn key<'t, 'h>(
        &self,
        authorization: impl IntoIterator<Item = &'h [u8]>,
    ) -> Result<ApiKey<'h>, KeyDenial>
    where
        P: PolicySource<'t>,
    {
        let format = self.policy.policy().key_format();
        ApiKey::from_headers(authorization, format.as_ref())
    }

    /// Decides a request with a key that is stored. On a public route, the key is not looked at.
    ///
    /// `now` is the time in the unit of [`StoredKey::expires`].
    ///
    /// Cost: that of [`Policy::authorize`](crate::Policy::authorize).
    #[inline]
    pub fn authorize<'t, I>(
        &self,
        stored: StoredKey<impl HeldScopes, I>,
        method: impl AsRef<[u8]>,
        target: impl AsRef<[u8]>,
        now: u64,
    ) -> GuardDecision<'t, I>
    where
        P: PolicySource<'t>,
    {
        let (method, target) = (method.as_ref(), target.as_ref());
        match find_public_route(self.policy, method, target) {
            Some(route) => GuardDecision::Public { route },
            None => self.authorize_with_key(stored, method, target, now),
        }
    }

    /// As [`Self::authorize`], for a request of which [`Self::public_route`] has said that it calls
    /// no public route: its path is not looked at again for that.
    #[inline]
    pub fn authorize_with_key<'t, I>(
        &self,
        stored: StoredKey<impl HeldScopes, I>,
        method: impl AsRef<[u8]>,
        target: impl AsRef<[u8]>,
        now: u64,
    ) -> GuardDecision<'t, I>
    where
        P: PolicySource<'t>,
    {
        let StoredKey {
            held,
            identity,
            expires,
        } = stored;
        if expires.is_some_and(|expires| now >= expires) {
            return denied(&Denial::Key(KeyDenial::Expired), identity);
        }
        let (method, target) = (method.as_ref(), target.as_ref());
        match routescope_core::__private::authorize(self.policy, &held, method, target) {
            Decision::Allow { route, by } => GuardDecision::Allow {
                route,
                by,
                identity,
            },
            Decision::Deny(denial) => denied(&Denial::Route(denial), identity),
        }
    }
}

/// Never inlined: merged with an allow, both would be copied byte by byte.
#[inline(never)]
const fn denied<'t, I>(denial: &Denial<'t>, identity: I) -> GuardDecision<'t, I> {
    GuardDecision::Deny {
        denial: *denial,
        identity: Some(identity),
    }
}

impl<P, K: KeyStore> Guard<P, K> {
    /// Decides a request.
    ///
    /// `authorization` is the value of every `Authorization` header of the request;
    /// `Some(value)` and `None` will do where there is one at most. `now` is the time in the
    /// unit of [`StoredKey::expires`].
    ///
    /// Cost: one pass over the header, one [`KeyStore::find`], then that of
    /// [`Policy::authorize`](crate::Policy::authorize). The guard allocates nothing.
    #[inline]
    pub fn decide<'t, 'h>(
        &self,
        authorization: impl IntoIterator<Item = &'h [u8]>,
        method: impl AsRef<[u8]>,
        target: impl AsRef<[u8]>,
        now: u64,
    ) -> GuardDecision<'t, K::Identity>
    where
        P: PolicySource<'t>,
    {
        let (method, target) = (method.as_ref(), target.as_ref());
        if let Some(route) = self.public_route(method, target) {
            return GuardDecision::Public { route };
        }
        let key = match self.key(authorization) {
            Ok(key) => key,
            Err(denial) => return GuardDecision::unknown(denial),
        };
        match self.keys.find(&key) {
            Some(stored) => self.authorize_with_key(stored, method, target, now),
            None => GuardDecision::unknown(KeyDenial::Unknown),
        }
    }
}
