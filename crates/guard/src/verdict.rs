//! The outcome of a decision, without a reference into the policy that decided it.

use routescope::{BadPath, By, Denial, GuardDecision, KeyDenial, Methods, Route, RouteDenial};

use crate::reason::{CheckFault, DenyReason};
use crate::texts::Texts;

/// The outcome of a decision. Routes and scopes are places in the lists of the snapshot's policy.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Verdict {
    Allow { route: u32, by: AllowedBy },
    Deny(Denied),
}

/// Why a request is allowed, as [`By`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum AllowedBy {
    Scope(u32),
    /// The place of the alternative in those of the route.
    All(u32),
    AnyKey,
    Public,
}

impl AllowedBy {
    #[inline]
    fn new(route: Route<'_>, by: By<'_>) -> Self {
        match by {
            By::Scope(scope) => Self::Scope(place(scope.index())),
            By::All(set) => {
                let alternatives = route.requirement().alternatives();
                let mut alternatives = alternatives.into_iter().flatten();
                let found = alternatives.position(|alternative| alternative == set);
                Self::All(found.map_or(u32::MAX, place))
            }
            By::AnyKey => Self::AnyKey,
            By::Public => Self::Public,
        }
    }

    /// The same in terms of the policy that decided.
    pub(crate) fn in_policy<'t>(self, route: Route<'t>) -> Option<By<'t>> {
        match self {
            Self::Scope(scope) => route.policy().scopes().nth(scope as usize).map(By::Scope),
            Self::All(set) => {
                let alternatives = route.requirement().alternatives()?;
                alternatives.iter().nth(set as usize).map(By::All)
            }
            Self::AnyKey => Some(By::AnyKey),
            Self::Public => Some(By::Public),
        }
    }
}

#[inline]
fn place(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Why not.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Denied {
    Key(KeyDenial),
    BadMethod,
    BadPath(BadPath),
    UnknownRoute,
    MethodNotListed {
        /// The first route of the template, if it was found.
        route: Option<u32>,
        methods: Methods,
    },
    MissingScope {
        route: u32,
    },
    BadCheckRequest(CheckFault),
    Unavailable,
}

impl Denied {
    pub(crate) const fn reason(self) -> DenyReason {
        use routescope::Reason;

        match self {
            Self::Key(denial) => DenyReason::Decision(denial.reason()),
            Self::BadMethod => DenyReason::Decision(Reason::BadMethod),
            Self::BadPath(_) => DenyReason::Decision(Reason::BadPath),
            Self::UnknownRoute => DenyReason::Decision(Reason::UnknownRoute),
            Self::MethodNotListed { .. } => DenyReason::Decision(Reason::MethodNotListed),
            Self::MissingScope { .. } => DenyReason::Decision(Reason::MissingScope),
            Self::BadCheckRequest(_) => DenyReason::BadCheckRequest,
            Self::Unavailable => DenyReason::Unavailable,
        }
    }
}

impl Verdict {
    /// The allow of a public route.
    #[inline]
    pub(crate) fn public(route: Route<'_>) -> Self {
        Self::Allow {
            route: place(route.index()),
            by: AllowedBy::Public,
        }
    }

    /// The verdict of a decision of the policy that `texts` is of.
    #[inline]
    pub(crate) fn new<I>(decision: &GuardDecision<'_, I>, texts: &Texts) -> Self {
        match decision {
            GuardDecision::Allow { route, by, .. } => Self::Allow {
                route: place(route.index()),
                by: AllowedBy::new(*route, *by),
            },
            GuardDecision::Public { route } => Self::Allow {
                route: place(route.index()),
                by: AllowedBy::Public,
            },
            GuardDecision::Deny { denial, .. } => Self::Deny(match *denial {
                Denial::Key(denial) => Denied::Key(denial),
                Denial::Route(RouteDenial::BadMethod) => Denied::BadMethod,
                Denial::Route(RouteDenial::BadPath(bad)) => Denied::BadPath(bad),
                Denial::Route(RouteDenial::UnknownRoute) => Denied::UnknownRoute,
                Denial::Route(RouteDenial::MethodNotListed { template, methods }) => {
                    Denied::MethodNotListed {
                        route: texts.first_route(template),
                        methods,
                    }
                }
                Denial::Route(RouteDenial::MissingScope(route)) => Denied::MissingScope {
                    route: place(route.index()),
                },
            }),
        }
    }

    /// The route that the request calls, or one with the template that it matches.
    pub(crate) const fn route(self) -> Option<u32> {
        match self {
            Self::Allow { route, .. } | Self::Deny(Denied::MissingScope { route }) => Some(route),
            Self::Deny(Denied::MethodNotListed { route, .. }) => route,
            Self::Deny(_) => None,
        }
    }

    pub(crate) const fn reason(self) -> Option<DenyReason> {
        match self {
            Self::Allow { .. } => None,
            Self::Deny(denied) => Some(denied.reason()),
        }
    }
}
