//! The answer, and the reasons there are for a no.

use core::fmt;

use crate::{BadPath, Methods, Miss, Route, Scope};

/// The answer to *may a key that holds these scopes call this method on this
/// path?*
///
/// Exhaustive on purpose, like [`Denial`]: a new kind of answer must break the
/// build of whoever acts on it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use = "a decision that nobody looks at protects nothing"]
pub enum Decision<'p> {
    /// No, and why. Also the answer wherever none could be reached.
    Deny(Denial<'p>),
    /// Yes.
    Allow {
        /// The route that was called. A `HEAD` request may be answered by a
        /// `GET` route.
        route: Route<'p>,
        /// The held scope that allowed it: the narrowest of them.
        scope: Scope<'p>,
    },
}

impl<'p> Decision<'p> {
    /// Whether the answer is yes.
    #[must_use]
    #[inline]
    pub const fn is_allow(&self) -> bool {
        matches!(self, Self::Allow { .. })
    }

    /// The HTTP status that goes with it: 200, 401 or 403.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Allow { .. } => 200,
            Self::Deny(denial) => denial.status(),
        }
    }

    /// Why not, if not.
    #[must_use]
    pub const fn denial(&self) -> Option<Denial<'p>> {
        match self {
            Self::Allow { .. } => None,
            Self::Deny(denial) => Some(*denial),
        }
    }
}

/// One sentence for a log: `allow GET /api/v1/colleagues/ by colleagues:read`,
/// or the denial's.
impl fmt::Display for Decision<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allow { route, scope } => write!(f, "allow {route} by {scope}"),
            Self::Deny(denial) => write!(f, "deny {denial}"),
        }
    }
}

/// Why a request may not be made.
///
/// For the operator's log. What the client is told is less: see the challenges
/// of the package `routescope`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Denial<'p> {
    /// 401: the request carries no key.
    MissingKey,
    /// 401: it carries something that is no key of the policy's format.
    MalformedKey,
    /// 401: nobody knows the key.
    UnknownKey,
    /// 401: the key's time is over.
    ExpiredKey,
    /// 403: the method is none of [`Method`](crate::Method).
    BadMethod,
    /// 403: the target breaks a path rule.
    BadPath(BadPath),
    /// 403: no template matches. Never means that the path is public.
    UnknownRoute,
    /// 403: the template that wins does not list the method.
    MethodNotListed {
        /// The template.
        template: &'p str,
        /// What it answers, `HEAD` included where it lists `GET`.
        methods: Methods,
    },
    /// 403: none of the route's [accepted scopes](Route::accepted) is held.
    MissingScope(Route<'p>),
}

impl Denial<'_> {
    /// What a walk that found no template means.
    #[doc(hidden)]
    #[must_use]
    #[inline]
    pub const fn of(miss: Miss) -> Self {
        match miss.bad_path() {
            Some(bad) => Self::BadPath(bad),
            None => Self::UnknownRoute,
        }
    }

    /// The reason's name in logs, JSON and the C interface.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::MissingKey => "missing_key",
            Self::MalformedKey => "malformed_key",
            Self::UnknownKey => "unknown_key",
            Self::ExpiredKey => "expired_key",
            Self::BadMethod => "bad_method",
            Self::BadPath(_) => "bad_path",
            Self::UnknownRoute => "unknown_route",
            Self::MethodNotListed { .. } => "method_not_listed",
            Self::MissingScope(_) => "missing_scope",
        }
    }

    /// 401 where the key is at fault, else 403.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::MissingKey | Self::MalformedKey | Self::UnknownKey | Self::ExpiredKey => 401,
            Self::BadMethod
            | Self::BadPath(_)
            | Self::UnknownRoute
            | Self::MethodNotListed { .. }
            | Self::MissingScope(_) => 403,
        }
    }
}

/// The reason and what it carries: `missing_scope: PUT /a/ accepts a:*, pbx:*`.
impl fmt::Display for Denial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())?;
        match self {
            Self::BadPath(bad) => write!(f, ": {bad}"),
            Self::MethodNotListed { template, methods } => {
                write!(f, ": {template} lists {methods}")
            }
            Self::MissingScope(route) => write!(f, ": {route} accepts {}", route.accepted()),
            Self::MissingKey
            | Self::MalformedKey
            | Self::UnknownKey
            | Self::ExpiredKey
            | Self::BadMethod
            | Self::UnknownRoute => Ok(()),
        }
    }
}
