//! The outcome of a decision, without a reference into the policy that decided it.

use routescope::{BadPath, Denial, GuardDecision, KeyDenial, Methods, RouteDenial};

use crate::reason::{CheckFault, DenyReason};
use crate::texts::Texts;

/// The outcome of a decision. Routes and scopes are places in the lists of the snapshot's policy.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Verdict {
    Allow { route: u32, scope: u32 },
    Deny(Denied),
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
    /// The verdict of a decision of the policy that `texts` is of.
    #[inline]
    pub(crate) fn new<I>(decision: &GuardDecision<'_, I>, texts: &Texts) -> Self {
        let place = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
        match decision {
            GuardDecision::Allow { route, scope, .. } => Self::Allow {
                route: place(route.index()),
                scope: place(scope.index()),
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
