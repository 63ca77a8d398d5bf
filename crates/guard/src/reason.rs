//! Why a gateway denies a request: the reasons of the policy and the key, and two that a gateway adds.

use std::fmt;

use routescope::Reason;

/// The reason of a denial.
///
/// Exhaustive on purpose, like [`Reason`]: code that maps reasons to something else should stop
/// building when one is added.
///
/// ```
/// use routescope_guard::{DenyReason, Reason};
///
/// assert_eq!(DenyReason::Decision(Reason::MissingScope).as_str(), "missing_scope");
/// assert_eq!(DenyReason::Unavailable.status(), 403);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum DenyReason {
    /// The key or the policy denies the request.
    Decision(Reason),
    /// The request as the gateway received it contradicts itself: see [`CheckFault`].
    BadCheckRequest,
    /// The key could not be looked up, because its store did not answer.
    Unavailable,
}

impl DenyReason {
    /// The number of reasons.
    pub const COUNT: usize = Reason::ALL.len() + 2;

    /// Every reason, in the order of [`Self::index`].
    #[must_use]
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        let mut reasons = [Self::Unavailable; Self::COUNT];
        for (slot, reason) in reasons.iter_mut().zip(Reason::ALL) {
            *slot = Self::Decision(reason);
        }
        if let Some(slot) = reasons.get_mut(Reason::ALL.len()) {
            *slot = Self::BadCheckRequest;
        }
        reasons.into_iter()
    }

    /// Its place among all reasons, from 0: an index for an array of counters.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Decision(reason) => match reason {
                Reason::MissingKey => 0,
                Reason::MalformedKey => 1,
                Reason::UnknownKey => 2,
                Reason::ExpiredKey => 3,
                Reason::BadMethod => 4,
                Reason::BadPath => 5,
                Reason::UnknownRoute => 6,
                Reason::MethodNotListed => 7,
                Reason::MissingScope => 8,
            },
            Self::BadCheckRequest => 9,
            Self::Unavailable => 10,
        }
    }

    /// The name in logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Decision(reason) => reason.as_str(),
            Self::BadCheckRequest => "bad_check_request",
            Self::Unavailable => "unavailable",
        }
    }

    /// The HTTP status: 401 if the key is at fault, else 403. A gateway has no third answer,
    /// because nginx and others turn any other status of an authorizer into 500.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Decision(reason) => reason.status(),
            Self::BadCheckRequest | Self::Unavailable => 403,
        }
    }
}

impl From<Reason> for DenyReason {
    fn from(reason: Reason) -> Self {
        Self::Decision(reason)
    }
}

impl fmt::Display for DenyReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A fault of a request for which a gateway refuses it, before a key or a path is read.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum CheckFault {
    /// A header that makes some back ends take another method or path than those of the request
    /// line, such as `X-HTTP-Method-Override`.
    OverrideHeader,
    /// The original method or target, which the gateway has to tell, is missing.
    Missing,
    /// The original method or target is told twice.
    Doubled,
    /// The original method or target is told in a form that no request has.
    Malformed,
    /// The request was given another target between the client and the decision, so that what is
    /// served would not be what is decided on.
    Rewritten,
    /// The peer that asks is none that may ask.
    Peer,
}

impl CheckFault {
    /// The name in logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OverrideHeader => "override_header",
            Self::Missing => "missing",
            Self::Doubled => "doubled",
            Self::Malformed => "malformed",
            Self::Rewritten => "rewritten",
            Self::Peer => "peer",
        }
    }
}

impl fmt::Display for CheckFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::DenyReason;

    #[test]
    fn each_reason_has_its_place() {
        assert_eq!(DenyReason::all().len(), DenyReason::COUNT);
        for (place, reason) in DenyReason::all().enumerate() {
            assert_eq!(reason.index(), place, "{reason}");
        }
    }
}
