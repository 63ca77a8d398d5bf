//! Whose request it is, for handlers.

use std::fmt;

use routescope_guard::{Answer, By};

/// The allow that a request goes on with, in its extensions. Handlers learn from it whose request
/// it is.
///
/// Only a [`Guarded`](crate::Guarded) makes one, and only for a request that the policy allows:
/// none is there for what shadow mode lets through, nor for a CORS preflight.
///
/// ```
/// # #[cfg(feature = "axum")]
/// # {
/// use axum::Extension;
/// use routescope_tower::Authorized;
///
/// async fn handler(Extension(authorized): Extension<Authorized>) -> String {
///     format!("hello, {}", authorized.key_id().unwrap_or_default())
/// }
/// # }
/// ```
///
/// It keeps the policy that the request was decided by, so that all it tells belongs together,
/// whatever is reloaded meanwhile. It keeps no keys, and may last as long as a stream.
#[derive(Clone)]
pub struct Authorized(Answer);

impl Authorized {
    /// `None` for a denial, whatever shadow mode does with it.
    pub(crate) fn new(answer: &Answer) -> Option<Self> {
        answer.is_allow().then(|| Self(answer.clone()))
    }

    /// Whose key it is, unescaped. A token has none, and nor has a request to a public route,
    /// whose key nobody has looked at.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.0.key_id()
    }

    /// Whose token it is, as the identity provider writes it. It is apart from [`Self::key_id`],
    /// since a provider's users may choose a name that is the id of somebody's key.
    #[must_use]
    pub fn token_subject(&self) -> Option<&str> {
        self.0.token_subject()
    }

    /// The route's name: `GET /api/v1/colleagues/{id}/`.
    #[must_use]
    pub fn route_name(&self) -> &str {
        self.0.route_name().unwrap_or_default()
    }

    /// Why the request is allowed: by a held scope, by several that are needed together, because
    /// any valid key will do, or because the route is public.
    #[must_use]
    pub fn by(&self) -> Option<By<'_>> {
        self.0.by()
    }

    /// The name of the held scope that allowed the request alone, if one did: the narrowest of
    /// them.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        Some(self.0.scope()?.name())
    }

    /// The digest of the policy that decided, in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> &str {
        self.0.digest()
    }
}

impl fmt::Debug for Authorized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorized")
            .field("key_id", &self.key_id())
            .field("token_subject", &self.token_subject())
            .field("route_name", &self.route_name())
            .field("by", &self.by())
            .field("digest", &self.digest())
            .finish()
    }
}
