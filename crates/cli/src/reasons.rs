//! The reasons of denials, by the names that the engine gives them.

use routescope::path;
use routescope::{Denial, Methods, pbx};

/// The reasons for which a policy denies a request, in the order in which it looks for them.
pub(crate) fn of_requests() -> [&'static str; 5] {
    let refused = path::check(b"").err();
    let route = pbx::POLICY.routes().next();
    [
        Some(Denial::BadMethod),
        refused.map(Denial::BadPath),
        Some(Denial::UnknownRoute),
        Some(Denial::MethodNotListed {
            template: "",
            methods: Methods::NONE,
        }),
        route.map(Denial::MissingScope),
    ]
    .map(|denial| denial.map_or("", |denial| denial.reason()))
}

/// The reasons for which a key is refused, before a policy is asked.
pub(crate) const OF_KEYS: [&str; 4] = [
    Denial::MissingKey.reason(),
    Denial::MalformedKey.reason(),
    Denial::UnknownKey.reason(),
    Denial::ExpiredKey.reason(),
];

/// The meaning of a denial, in a few words.
pub(crate) const fn meaning(denial: &Denial<'_>) -> &'static str {
    match denial {
        Denial::BadMethod => "the method is none that a policy can list",
        Denial::BadPath(_) => "the path is ambiguous and refused, whatever the key holds",
        Denial::UnknownRoute => {
            "no template of the policy matches; list the route, or stop calling it"
        }
        Denial::MethodNotListed { .. } => "the template lists other methods",
        Denial::MissingScope(_) => "the key holds none of the scopes that the route accepts",
        Denial::MissingKey => "there is no key",
        Denial::MalformedKey => "the key does not have the policy's format",
        Denial::UnknownKey => "nobody knows the key",
        Denial::ExpiredKey => "the key's time is over",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_has_its_name() {
        let names: BTreeSet<&str> = of_requests().into_iter().chain(OF_KEYS).collect();
        assert_eq!(names.len(), 9);
        assert!(!names.contains(""));
    }
}
