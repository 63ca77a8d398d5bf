//! The meaning of each reason of a denial, in a few words.

use routescope::Reason;

/// The names of the reasons for which a policy denies a request, in the order in which it looks
/// for them.
pub(crate) fn of_requests() -> impl Iterator<Item = &'static str> {
    of_status(403)
}

/// The names of the reasons for which a key is refused, before a policy is asked.
pub(crate) fn of_keys() -> impl Iterator<Item = &'static str> {
    of_status(401)
}

fn of_status(status: u16) -> impl Iterator<Item = &'static str> {
    let reasons = Reason::ALL.into_iter();
    reasons
        .filter(move |reason| reason.status() == status)
        .map(Reason::as_str)
}

/// The meaning of a reason, in a few words.
pub(crate) const fn meaning(reason: Reason) -> &'static str {
    match reason {
        Reason::BadMethod => "the method is none that a policy can list",
        Reason::BadPath => "the path is ambiguous and refused, whatever the key holds",
        Reason::UnknownRoute => {
            "no template of the policy matches; list the route, or stop calling it"
        }
        Reason::MethodNotListed => "the template lists other methods",
        Reason::MissingScope => {
            "the key holds no scope that the route accepts, and not all of any set that it accepts"
        }
        Reason::MissingKey => "there is no key, and the route is not public",
        Reason::MalformedKey => "the key does not have the policy's format",
        Reason::UnknownKey => "nobody knows the key",
        Reason::ExpiredKey => "the key's time is over",
    }
}
