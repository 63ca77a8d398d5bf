//! Shadow mode: denials that are logged and counted, and let through all the same.

use std::fmt;

use crate::texts::Texts;
use crate::verdict::{Denied, Verdict};

/// Which denials a listener lets through, so that a policy can be tried on real traffic before it
/// is enforced. Off by default.
///
/// A request that is let through is counted and logged as denied. It gets no identity headers, because only
/// a request that the policy allows has an identity that means anything to a back end.
///
/// ```
/// use routescope_guard::Shadow;
///
/// assert_eq!(Shadow::OFF.to_string(), "off");
/// let shadow = Shadow::forbidden().only_routes(["GET /api/v1/colleagues/"]);
/// assert_eq!(shadow.to_string(), "403 on GET /api/v1/colleagues/");
/// assert_eq!(Shadow::everything().to_string(), "401 and 403");
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Shadow {
    forbidden: bool,
    unauthenticated: bool,
    /// Routes by their names; none means every request.
    routes: Option<Vec<String>>,
}

impl Shadow {
    /// Every denial is enforced.
    pub const OFF: Self = Self {
        forbidden: false,
        unauthenticated: false,
        routes: None,
    };

    /// Lets through what a valid key is denied with 403. A request whose key is missing, malformed,
    /// unknown or expired is still answered with 401.
    ///
    /// Two denials come before the key is known, and are enforced too, or a request without a key
    /// would get in by provoking them: `bad_check_request` and `unavailable`.
    #[must_use]
    pub const fn forbidden() -> Self {
        Self {
            forbidden: true,
            ..Self::OFF
        }
    }

    /// Lets through everything: **whoever sends a request gets in, with or without a key.**
    #[must_use]
    pub const fn everything() -> Self {
        Self {
            forbidden: true,
            unauthenticated: true,
            ..Self::OFF
        }
    }

    /// The same, for these routes alone, by their names (`GET /api/v1/colleagues/{id}/`). A
    /// denial that comes before a route is found is then enforced, and so are 401: a missing
    /// scope alone is let through. Without a route it is [`Self::OFF`].
    ///
    /// [`Status::warnings`](crate::Status::warnings) names the routes that the policy does not
    /// have.
    #[must_use]
    pub fn only_routes(self, routes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let routes: Vec<String> = routes.into_iter().map(Into::into).collect();
        if self.is_off() || routes.is_empty() {
            return Self::OFF;
        }
        Self {
            unauthenticated: false,
            routes: Some(routes),
            ..self
        }
    }

    /// Whether every denial is enforced.
    #[must_use]
    pub const fn is_off(&self) -> bool {
        !self.forbidden && !self.unauthenticated
    }

    /// Whether it lets some denials with this status through: 401 or 403.
    #[must_use]
    pub const fn covers(&self, status: u16) -> bool {
        match status {
            401 => self.unauthenticated,
            403 => self.forbidden,
            _ => false,
        }
    }

    /// The routes that it is limited to.
    pub(crate) fn routes(&self) -> &[String] {
        self.routes.as_deref().unwrap_or_default()
    }

    /// Whether it lets a denial through.
    pub(crate) fn lets_through(&self, denied: Denied, texts: &Texts) -> bool {
        if self.is_off() {
            return false;
        }
        let is_covered = match denied {
            // Nobody has found a valid key yet.
            Denied::Key(_) | Denied::BadCheckRequest(_) | Denied::Unavailable => {
                self.unauthenticated
            }
            Denied::BadMethod
            | Denied::BadPath(_)
            | Denied::UnknownRoute
            | Denied::MethodNotListed { .. }
            | Denied::MissingScope { .. } => self.forbidden,
        };
        is_covered
            && match (&self.routes, denied) {
                (None, _) => true,
                (Some(routes), Denied::MissingScope { route }) => {
                    let name = texts.route(route);
                    routes.iter().any(|route| route == name)
                }
                (Some(_), _) => false,
            }
    }

    /// Whether a request goes on.
    #[inline]
    pub(crate) fn admits(&self, verdict: &Verdict, texts: &Texts) -> bool {
        match verdict {
            Verdict::Allow { .. } => true,
            Verdict::Deny(denied) => self.lets_through(*denied, texts),
        }
    }
}

/// `off`, `403`, `401 and 403`, and the routes.
impl fmt::Display for Shadow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.unauthenticated, self.forbidden) {
            (false, false) => return f.write_str("off"),
            (false, true) => "403",
            (true, false) => "401",
            (true, true) => "401 and 403",
        })?;
        match &self.routes {
            Some(routes) => write!(f, " on {}", routes.join(", ")),
            None => Ok(()),
        }
    }
}
