//! Why a request may not be made: the reasons, their statuses, and what each carries.

use core::fmt;

use crate::automaton::NoMatch;
use crate::{BadPath, Methods, Route};

/// The name of a denial in logs, in JSON and in the C interface. This is the one list that all
/// of them take names, statuses and numbers from.
///
/// Exhaustive on purpose: code that maps reasons to something else should stop building when a
/// reason is added.
///
/// ```
/// use routescope_core::Reason;
///
/// assert_eq!(Reason::MissingScope.as_str(), "missing_scope");
/// assert_eq!(Reason::ExpiredKey.status(), 401);
/// assert_eq!("unknown_route".parse(), Ok(Reason::UnknownRoute));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum Reason {
    /// The request carries no key.
    MissingKey = 0x10,
    /// The request carries something that has not the form of a key.
    MalformedKey = 0x11,
    /// No such key is stored.
    UnknownKey = 0x12,
    /// The key is no longer valid.
    ExpiredKey = 0x13,
    /// The method is none of [`Method`](crate::Method).
    BadMethod = 0x20,
    /// The target breaks a path rule.
    BadPath = 0x21,
    /// No template matches the path.
    UnknownRoute = 0x22,
    /// The template that wins does not list the method.
    MethodNotListed = 0x23,
    /// The key does not hold the scopes that the route needs.
    MissingScope = 0x24,
}

impl Reason {
    /// Every reason, in the order in which requests are checked.
    pub const ALL: [Self; 9] = [
        Self::MissingKey,
        Self::MalformedKey,
        Self::UnknownKey,
        Self::ExpiredKey,
        Self::BadMethod,
        Self::BadPath,
        Self::UnknownRoute,
        Self::MethodNotListed,
        Self::MissingScope,
    ];

    /// The name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissingKey => "missing_key",
            Self::MalformedKey => "malformed_key",
            Self::UnknownKey => "unknown_key",
            Self::ExpiredKey => "expired_key",
            Self::BadMethod => "bad_method",
            Self::BadPath => "bad_path",
            Self::UnknownRoute => "unknown_route",
            Self::MethodNotListed => "method_not_listed",
            Self::MissingScope => "missing_scope",
        }
    }

    /// The HTTP status: 401 if the key is at fault (RFC 9110 section 15.5.2), else 403 (section
    /// 15.5.4). A path that no template matches is 403 and not 404, and a method that is not
    /// listed is no 405: a client without access learns nothing about the routes.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::MissingKey | Self::MalformedKey | Self::UnknownKey | Self::ExpiredKey => 401,
            Self::BadMethod
            | Self::BadPath
            | Self::UnknownRoute
            | Self::MethodNotListed
            | Self::MissingScope => 403,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl AsRef<str> for Reason {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// A text is not the name of a [`Reason`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UnknownReason(());

impl core::error::Error for UnknownReason {}

impl fmt::Display for UnknownReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text is not the name of a reason, such as missing_scope")
    }
}

/// # Errors
///
/// [`UnknownReason`] for any text that is not the name of a reason, byte for byte.
impl core::str::FromStr for Reason {
    type Err = UnknownReason;

    fn from_str(name: &str) -> Result<Self, UnknownReason> {
        let reason = Self::ALL.into_iter().find(|reason| reason.as_str() == name);
        reason.ok_or(UnknownReason(()))
    }
}

/// The reason to refuse the key of a request. The status is 401.
///
/// Exhaustive on purpose, like [`Reason`].
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum KeyDenial {
    /// The request carries no key.
    Missing,
    /// The request carries something that has not the form of a key.
    Malformed,
    /// No such key is stored.
    Unknown,
    /// The key is no longer valid.
    Expired,
}

impl KeyDenial {
    /// Its name in logs.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::Missing => Reason::MissingKey,
            Self::Malformed => Reason::MalformedKey,
            Self::Unknown => Reason::UnknownKey,
            Self::Expired => Reason::ExpiredKey,
        }
    }

    /// The HTTP status, 401.
    #[must_use]
    pub const fn status(self) -> u16 {
        self.reason().status()
    }
}

impl core::error::Error for KeyDenial {}

/// `missing_key`
impl fmt::Display for KeyDenial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.reason(), f)
    }
}

/// Why a policy denies a request. The status is 403.
///
/// Reasons are for the operator's log. The client is told less: see [`Challenge`].
///
/// Exhaustive on purpose, like [`Reason`].
///
/// [`Challenge`]: crate::Challenge
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RouteDenial<'t> {
    /// The method is none of [`Method`](crate::Method).
    BadMethod,
    /// The target breaks a path rule.
    BadPath(BadPath),
    /// No template matches. Never means that the path is public.
    UnknownRoute,
    /// The template that wins does not list the method.
    MethodNotListed {
        /// The template.
        template: &'t str,
        /// The methods that it answers, `HEAD` included where it lists `GET`.
        methods: Methods,
    },
    /// The key holds all scopes of none of the route's [alternatives](Route::requirement).
    MissingScope(Route<'t>),
}

impl RouteDenial<'_> {
    /// Its name in logs.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        match self {
            Self::BadMethod => Reason::BadMethod,
            Self::BadPath(_) => Reason::BadPath,
            Self::UnknownRoute => Reason::UnknownRoute,
            Self::MethodNotListed { .. } => Reason::MethodNotListed,
            Self::MissingScope(_) => Reason::MissingScope,
        }
    }

    /// The HTTP status, 403.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.reason().status()
    }
}

impl From<NoMatch> for RouteDenial<'_> {
    #[inline]
    fn from(no_match: NoMatch) -> Self {
        match no_match.as_bad_path() {
            Some(bad) => Self::BadPath(bad),
            None => Self::UnknownRoute,
        }
    }
}

impl From<BadPath> for RouteDenial<'_> {
    fn from(bad: BadPath) -> Self {
        Self::BadPath(bad)
    }
}

impl core::error::Error for RouteDenial<'_> {}

/// The reason and what it carries: `missing_scope: PUT /a/ accepts a:*, pbx:*`.
impl fmt::Display for RouteDenial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason().as_str())?;
        match self {
            Self::BadPath(bad) => write!(f, ": {bad}"),
            Self::MethodNotListed { template, methods } => {
                write!(f, ": {template} lists {methods}")
            }
            Self::MissingScope(route) => write!(f, ": {route} accepts {}", route.requirement()),
            Self::BadMethod | Self::UnknownRoute => Ok(()),
        }
    }
}

/// Why a request is denied: for its key, or by the policy.
///
/// ```
/// use routescope_core::{Denial, KeyDenial, Reason};
///
/// let denial = Denial::from(KeyDenial::Expired);
/// assert_eq!((denial.reason(), denial.status()), (Reason::ExpiredKey, 401));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Denial<'t> {
    /// The key is at fault: 401.
    Key(KeyDenial),
    /// The policy denies the request, whatever the key or for its scopes: 403.
    Route(RouteDenial<'t>),
}

impl Denial<'_> {
    /// Its name in logs.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        match self {
            Self::Key(denial) => denial.reason(),
            Self::Route(denial) => denial.reason(),
        }
    }

    /// The HTTP status: 401 if the key is at fault, else 403.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.reason().status()
    }
}

impl From<KeyDenial> for Denial<'_> {
    fn from(denial: KeyDenial) -> Self {
        Self::Key(denial)
    }
}

impl<'t> From<RouteDenial<'t>> for Denial<'t> {
    fn from(denial: RouteDenial<'t>) -> Self {
        Self::Route(denial)
    }
}

impl core::error::Error for Denial<'_> {}

/// As [`KeyDenial`] and [`RouteDenial`] display themselves.
impl fmt::Display for Denial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(denial) => fmt::Display::fmt(denial, f),
            Self::Route(denial) => fmt::Display::fmt(denial, f),
        }
    }
}
