//! Shadow mode: which denials go on, and that nothing goes on without it.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;
use routescope::pbx;
use routescope_guard::{
    Answer, CheckFault, FoundKey, Guard, KeyHash, KeyLookup, LookupFailed, Shadow,
};

use crate::requests::{NOW, entry, key, keys};

/// A store that is not there.
struct Down;

impl KeyLookup for Down {
    async fn find(&self, _: KeyHash) -> Result<Option<FoundKey>, LookupFailed> {
        Err(LookupFailed)
    }
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a store without waiting is ready at once"),
    }
}

fn guard() -> Guard {
    let mut expired = entry("expired", &key(2), &["pbx:*"]);
    expired.expires = Some(NOW);
    let desk = entry("desk", &key(1), &["colleagues:read"]);
    Guard::builder(pbx::POLICY)
        .keys(keys([desk, expired]))
        .build()
        .unwrap()
}

/// A request that is answered with the reason after which it is named.
fn request(guard: &Guard, reason: &str) -> Answer {
    let bearer = |key: String| format!("Bearer {key}");
    let (desk, expired, unknown) = (bearer(key(1)), bearer(key(2)), bearer(key(3)));
    let decide = |header: &str, method: &str, target: &str| {
        guard.decide(Some(header.as_bytes()), method, target, NOW)
    };
    let target = "/api/v1/colleagues/";
    match reason {
        "allow" => decide(&desk, "GET", target),
        "missing_key" => guard.decide(None, "GET", target, NOW),
        "malformed_key" => decide("Bearer short", "GET", target),
        "unknown_key" => decide(&unknown, "GET", target),
        "expired_key" => decide(&expired, "GET", target),
        "bad_method" => decide(&desk, "GET ", target),
        "bad_path" => decide(&desk, "GET", "/api/v1/../colleagues/"),
        "unknown_route" => decide(&desk, "GET", "/unknown/"),
        "method_not_listed" => decide(&desk, "DELETE", target),
        "missing_scope" => decide(&desk, "GET", "/api/v1/phonebooks/"),
        "bad_check_request" => guard.refuse(CheckFault::OverrideHeader, "GET", target, NOW),
        "unavailable" => {
            ready(guard.decide_with(&Down, Some(unknown.as_bytes()), "GET", target, NOW))
        }
        _ => panic!("no such reason: {reason}"),
    }
}

const REASONS: [&str; 12] = [
    "allow",
    "missing_key",
    "malformed_key",
    "unknown_key",
    "expired_key",
    "bad_method",
    "bad_path",
    "unknown_route",
    "method_not_listed",
    "missing_scope",
    "bad_check_request",
    "unavailable",
];

/// A mode, its text, and the reasons that it lets through.
#[test]
fn a_mode_lets_these_denials_through() {
    let keyed = [
        "bad_method",
        "bad_path",
        "unknown_route",
        "method_not_listed",
        "missing_scope",
    ];
    let all = &REASONS[1..];
    let phonebooks = "GET /api/v1/phonebooks/";
    let cases: [(Shadow, &str, &[&str]); 8] = [
        (Shadow::OFF, "off", &[]),
        (Shadow::forbidden(), "403", &keyed),
        (Shadow::everything(), "401 and 403", all),
        (
            Shadow::forbidden().only_routes([phonebooks]),
            "403 on GET /api/v1/phonebooks/",
            &["missing_scope"],
        ),
        (
            Shadow::everything().only_routes([phonebooks]),
            "403 on GET /api/v1/phonebooks/",
            &["missing_scope"],
        ),
        (
            Shadow::everything()
                .only_routes(["GET /api/v1/colleagues/", "POST /api/v1/phonebooks/"]),
            "403 on GET /api/v1/colleagues/, POST /api/v1/phonebooks/",
            &[],
        ),
        (Shadow::everything().only_routes([""; 0]), "off", &[]),
        (Shadow::OFF.only_routes([phonebooks]), "off", &[]),
    ];
    for (shadow, text, expected) in cases {
        assert_eq!(shadow.to_string(), text);
        let guard = guard().listener("trial", shadow);
        for reason in REASONS {
            let answer = request(&guard, reason);
            let given = answer.reason().map_or("allow", |reason| reason.as_str());
            assert_eq!(given, reason, "{text}");
            let admits = reason == "allow" || expected.contains(&reason);
            assert_eq!(answer.admits(), admits, "{text}: {reason}");
            // An identity is forwarded for an allowed request alone.
            let identity = answer.forward_headers().count();
            assert_eq!(identity > 0, reason == "allow", "{text}: {reason}");
        }
        let counts = guard.counts();
        assert_eq!(counts.total(), REASONS.len() as u64, "{text}");
        assert_eq!(counts.allowed, 1, "{text}");
        assert_eq!(counts.shadowed, expected.len() as u64, "{text}");
    }
}

/// A listener's mode is its own.
#[test]
fn other_listeners_enforce() {
    let guard = guard();
    let trial = guard.listener("trial", Shadow::everything());
    assert!(request(&trial, "missing_key").admits());
    assert!(!request(&guard, "missing_key").admits());
    assert!(!request(&guard.clone(), "missing_key").admits());
    assert!(request(&trial.clone(), "missing_key").admits());
}

proptest! {
    /// Without shadow mode nothing but an allow goes on, whatever is asked.
    #[test]
    fn off_admits_what_is_allowed(
        key_seed in 0u64..4,
        has_key in any::<bool>(),
        method in prop_oneof!["GET|HEAD|POST|PUT|DELETE", "\\PC{0,8}"],
        target in prop_oneof![
            "/api/v1/(colleagues|phonebooks|devices)/([a-z0-9%./]{0,12})",
            "\\PC{0,40}",
        ],
        is_refused in any::<bool>(),
    ) {
        let guard = guard();
        let header = has_key.then(|| format!("Bearer {}", key(key_seed)));
        let header = header.as_ref().map(String::as_bytes);
        let answers = [
            guard.decide(header, &method, &target, NOW),
            ready(guard.decide_with(&Down, header, &method, &target, NOW)),
        ];
        for answer in answers {
            prop_assert_eq!(answer.admits(), answer.is_allow());
            prop_assert_eq!(answer.admits(), answer.status() == 200);
        }
        if is_refused {
            prop_assert!(!guard.refuse(CheckFault::Missing, &method, &target, NOW).admits());
        }
    }
}
