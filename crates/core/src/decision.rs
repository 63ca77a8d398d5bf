//! The answer to a request.

use core::fmt;

use crate::{By, Route, RouteDenial};

/// The answer to *may a key that holds these scopes call this method on this path?*
///
/// Exhaustive on purpose, like [`RouteDenial`]: a new kind of answer must break the build of
/// whoever acts on it.
///
/// ```
/// use routescope_core::{Decision, Policy, RouteDenial};
///
/// fn forward<'t>(policy: Policy<'t>, held: &[&str], target: &str) -> Result<(), RouteDenial<'t>> {
///     let allowed = policy.authorize(held, "GET", target).into_result()?;
///     println!("{} by {}", allowed.route, allowed.by);
///     Ok(())
/// }
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[must_use = "a decision that nobody looks at protects nothing"]
pub enum Decision<'t> {
    /// No, and why. Also the answer wherever none could be reached.
    Deny(RouteDenial<'t>),
    /// Yes.
    Allow {
        /// The route that the request calls. A `HEAD` request may be answered by a `GET`
        /// route.
        route: Route<'t>,
        /// Why it is allowed: the held scope, for instance.
        by: By<'t>,
    },
}

/// The content of a [`Decision::Allow`]; see [`Decision::into_result`].
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Allowed<'t> {
    /// The route that the request calls.
    pub route: Route<'t>,
    /// Why it is allowed: the held scope, for instance.
    pub by: By<'t>,
}

impl<'t> Decision<'t> {
    /// Whether the answer is yes.
    #[must_use]
    #[inline]
    pub const fn is_allow(&self) -> bool {
        matches!(self, Self::Allow { .. })
    }

    /// Why not, if the answer is no.
    #[must_use]
    pub const fn denial(&self) -> Option<RouteDenial<'t>> {
        match self {
            Self::Allow { .. } => None,
            Self::Deny(denial) => Some(*denial),
        }
    }

    /// The decision for `?`.
    ///
    /// # Errors
    ///
    /// The denial.
    pub const fn into_result(self) -> Result<Allowed<'t>, RouteDenial<'t>> {
        match self {
            Self::Allow { route, by } => Ok(Allowed { route, by }),
            Self::Deny(denial) => Err(denial),
        }
    }
}

/// A sentence for a log: `allow GET /api/v1/colleagues/ by colleagues:read`, or `deny` and the
/// denial.
impl fmt::Display for Decision<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allow { route, by } => match by {
                By::Public => write!(f, "allow {route}, which is public"),
                by => write!(f, "allow {route} by {by}"),
            },
            Self::Deny(denial) => write!(f, "deny {denial}"),
        }
    }
}
