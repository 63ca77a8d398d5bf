//! Public routes, routes for any valid key, and sets of scopes.

use std::future::Future;
use std::iter;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use routescope_guard::{
    Answer, Builder, By, CheckFault, DecisionLog, DenyReason, FoundKey, Guard, KeyFile, KeyHash,
    KeyLookup, LookupFailed, Reason, Shadow,
};
use serde_json::{Value, json};

use crate::requests::{Lines, NOW, parsed};
use crate::requirement_cases::{
    Expected, RequirementCase, SET, entries, key_of, policy, requirement_cases,
};

const LOGIN: &str = "/v1/users/login";

fn builder() -> Builder {
    Guard::builder(policy()).keys(KeyFile::new(entries()))
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a store without waiting is ready at once"),
    }
}

/// A store that counts its questions.
struct Store(AtomicUsize, Result<Option<FoundKey>, LookupFailed>);

impl Store {
    fn new(answer: Result<Option<FoundKey>, LookupFailed>) -> Self {
        Self(AtomicUsize::new(0), answer)
    }

    fn questions(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

impl KeyLookup for Store {
    async fn find(&self, _: KeyHash) -> Result<Option<FoundKey>, LookupFailed> {
        self.0.fetch_add(1, Ordering::Relaxed);
        self.1.clone()
    }
}

impl RequirementCase {
    fn headers(&self) -> impl Iterator<Item = &[u8]> {
        self.authorization.iter().map(String::as_bytes)
    }

    /// The headers for the back end.
    fn forwarded(&self, digest: &str) -> Vec<(&'static str, String)> {
        let Expected::Allow { by, route } = self.expected else {
            return Vec::new();
        };
        let id = self.id.filter(|_| by != "public");
        let id = id.map(|id| ("x-key-id", id.to_owned()));
        let rest = [
            ("x-route", route.to_owned()),
            ("x-policy-digest", digest.to_owned()),
        ];
        id.into_iter().chain(rest).collect()
    }

    /// The fields of the log that say who and why.
    fn logged(&self) -> Value {
        match self.expected {
            Expected::Allow { by, route } => {
                let mut line = json!({"decision": "allow", "by": by, "route": route});
                if by == "all" {
                    line["scopes"] = json!(SET);
                }
                if let (Some(id), true) = (self.id, by != "public") {
                    line["key"] = id.into();
                }
                line
            }
            Expected::Deny(reason) => {
                let mut line = json!({"decision": "deny", "reason": reason});
                if let Some(id) = self.id {
                    line["key"] = id.into();
                } else if reason == "expired_key" {
                    line["key"] = "old".into();
                }
                line
            }
        }
    }

    fn check(&self, answer: &Answer) {
        let name = &self.name;
        let (by, route) = match self.expected {
            Expected::Allow { by, route } => (Some(by), Some(route)),
            Expected::Deny(_) => (None, None),
        };
        assert_eq!(answer.admits(), by.is_some(), "{name}: {answer}");
        assert_eq!(answer.by().map(By::as_str), by, "{name}");
        let headers: Vec<_> = answer.forward_headers().collect();
        let headers: Vec<_> = headers
            .into_iter()
            .map(|(name, value)| (name, value.to_owned()))
            .collect();
        assert_eq!(headers, self.forwarded(answer.digest()), "{name}");
        match self.expected {
            Expected::Allow { by, .. } => {
                assert_eq!(answer.status(), 200, "{name}");
                assert_eq!(answer.route_name(), route, "{name}");
                assert_eq!(answer.scope().is_some(), by == "scope", "{name}");
                assert_eq!(answer.problem_details(true), None, "{name}");
            }
            Expected::Deny(reason) => {
                let given = answer.reason().map(DenyReason::as_str);
                assert_eq!(given, Some(reason), "{name}");
            }
        }
        if by == Some("public") {
            assert_eq!(answer.key_id(), None, "{name}");
            assert_eq!(answer.token_subject(), None, "{name}");
            assert!(!answer.is_previous_key(), "{name}");
        }
        // One that is kept says the same.
        let kept: Vec<_> = answer.forward_headers().collect();
        assert_eq!(answer.clone().forward_headers().collect::<Vec<_>>(), kept);
    }
}

#[test]
fn each_request_is_answered_logged_and_counted() {
    let lines = Lines::default();
    let log = DecisionLog::new(Arc::clone(&lines))
        .one_allow_in(1)
        .denials_per_second(u32::MAX);
    let guard = builder().log(log).build().unwrap();
    let store = Store::new(Ok(None));
    let (mut allowed, mut public) = (0, 0);
    for case in requirement_cases() {
        let answers = [false, true].map(|asks_store| {
            lines.lock().unwrap().clear();
            let (method, target) = (case.method, case.target);
            let answer = if asks_store {
                ready(guard.decide_with(&store, case.headers(), method, target, NOW))
            } else {
                guard.decide(case.headers(), method, target, NOW)
            };
            case.check(&answer);
            let expected = case.logged();
            let shown = parsed(&lines);
            assert_eq!(shown.len(), 1, "{}", case.name);
            for field in ["decision", "reason", "by", "scopes", "key"] {
                assert_eq!(shown[0][field], expected[field], "{}: {field}", case.name);
            }
            if expected["decision"] == "allow" {
                assert_eq!(shown[0]["route"], expected["route"], "{}", case.name);
            }
            answer
        });
        let questions = store.questions();
        // Where the answer depends on the key, the store is asked for a key that is in no file.
        let is_unknown = case.expected == Expected::Deny("unknown_key");
        assert_eq!(questions, usize::from(is_unknown), "{}", case.name);
        allowed += answers.iter().filter(|answer| answer.is_allow()).count() as u64;
        if let Expected::Allow { by: "public", .. } = case.expected {
            public += 2;
        }
    }
    let counts = guard.counts();
    assert_eq!((counts.allowed, counts.public), (allowed, public));
    assert_eq!(counts.total(), 2 * requirement_cases().len() as u64);
    let login = counts
        .routes
        .iter()
        .find(|route| route.route == "POST /v1/users/login")
        .unwrap();
    assert!(login.public > 0 && login.public == login.allowed);
    let me = counts
        .routes
        .iter()
        .find(|route| route.route == "GET /v1/me");
    assert!(me.is_some_and(|me| me.public == 0 && me.allowed > 0));
    let metrics = guard.metrics();
    let line = format!("\nroutescope_public_allowed_total {public}\n");
    assert!(metrics.contains(&line), "{metrics}");
}

/// The headers of a request to a public route are not even read.
#[test]
fn nobody_looks_at_the_key_of_a_public_route() {
    let guard = builder().build().unwrap();
    let unread = || iter::from_fn(|| -> Option<&[u8]> { panic!("the header is read") });
    let answer = guard.decide(unread(), "POST", LOGIN, NOW);
    assert!(answer.admits());
    let store = Store::new(Err(LookupFailed));
    let answer = ready(guard.decide_with(&store, unread(), "POST", LOGIN, NOW));
    assert!(answer.admits());
    assert_eq!(store.questions(), 0);
    assert_eq!(
        answer.to_string(),
        "allow POST /v1/users/login, which is public"
    );
    assert_eq!(guard.counts().denied, [0; DenyReason::COUNT]);
}

/// A store that fails, or knows a key, matters to the routes that look at keys.
#[test]
fn a_store_is_asked_for_routes_that_need_a_key() {
    let guard = builder().build().unwrap();
    let header = format!("Bearer {}", key_of("remote"));
    let header = Some(header.as_bytes());
    let expired = FoundKey::new("remote", ["users.write"]).valid_until(NOW);
    let cases = [
        (
            Ok(Some(FoundKey::new("remote", [""; 0]))),
            "GET /v1/me",
            "any_key",
        ),
        (Ok(Some(expired)), "GET /v1/me", "expired_key"),
        (Ok(None), "GET /v1/me", "unknown_key"),
        (Err(LookupFailed), "GET /v1/me", "unavailable"),
        (
            Ok(Some(FoundKey::new("remote", SET))),
            "POST /v1/boards",
            "all",
        ),
        (
            Ok(Some(FoundKey::new("remote", [SET[0]]))),
            "POST /v1/boards",
            "missing_scope",
        ),
        // One name that has a space is no two scopes.
        (
            Ok(Some(FoundKey::new("remote", [SET.join(" ")]))),
            "POST /v1/boards",
            "missing_scope",
        ),
    ];
    for (found, line, expected) in cases {
        let store = Store::new(found);
        let (method, target) = line.split_once(' ').unwrap();
        let answer = ready(guard.decide_with(&store, header, method, target, NOW));
        let given = answer.reason().map(DenyReason::as_str);
        let given = given.or(answer.by().map(By::as_str));
        assert_eq!(given, Some(expected), "{line}");
        assert_eq!(store.questions(), 1, "{line}");
        let id = answer
            .forward_headers()
            .next()
            .filter(|_| answer.is_allow());
        assert_eq!(
            id.is_some_and(|id| id == ("x-key-id", "remote")),
            answer.is_allow()
        );
    }
}

/// A client that lacks scopes is told which of them are needed together.
#[test]
fn a_refusal_names_alternatives() {
    let guard = builder().build().unwrap();
    let header = format!("Bearer {}", key_of("half"));
    let ask =
        |method: &str, target: &str| guard.decide(Some(header.as_bytes()), method, target, NOW);
    let detail = "The scopes of the API key do not open the route.";
    let problem = json!({
        "type": "about:blank", "title": "Forbidden", "status": 403, "detail": detail,
    });
    let cases = [
        (
            "one scope",
            ("POST", "/v1/users/7"),
            "users.write",
            "users.write",
            json!({"accepted_scopes": ["users.write"]}),
            "deny missing_scope: POST /v1/users/{id} accepts users.write",
        ),
        (
            "a set alone: nothing suffices by itself",
            ("POST", "/v1/boards"),
            "boards:read boards:write",
            "boards:read boards:write",
            json!({"alternatives": [["boards:read", "boards:write"]]}),
            "deny missing_scope: POST /v1/boards accepts boards:read boards:write",
        ),
        (
            "a set and a scope",
            ("PUT", "/v1/boards/7"),
            "https://example.com/auth/boards",
            "https://example.com/auth/boards, boards:read boards:write",
            json!({
                "accepted_scopes": ["https://example.com/auth/boards"],
                "alternatives": [
                    ["https://example.com/auth/boards"],
                    ["boards:read", "boards:write"],
                ],
            }),
            "deny missing_scope: PUT /v1/boards/{id} accepts https://example.com/auth/boards, boards:read boards:write",
        ),
    ];
    for (name, (method, target), challenge, accepted, members, text) in cases {
        let answer = ask(method, target);
        let challenge = format!(r#"Bearer error="insufficient_scope", scope="{challenge}""#);
        let headers: Vec<_> = answer.response_headers().collect();
        let expected = [
            ("www-authenticate", challenge.as_str()),
            ("x-accepted-scopes", accepted),
        ];
        assert_eq!(headers, expected, "{name}");
        let mut expected = problem.clone();
        for (member, value) in members.as_object().unwrap() {
            expected[member] = value.clone();
        }
        let body = answer.problem_details(false).unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body, expected, "{name}");
        assert_eq!(answer.to_string(), text, "{name}");
    }
    // A client without a valid key is told nothing about scopes.
    let answer = guard.decide(None, "POST", "/v1/boards", NOW);
    let headers: Vec<_> = answer.response_headers().collect();
    assert_eq!(headers, [("www-authenticate", "Bearer")]);
}

/// An allow is no denial that is let through, and a mode for routes lets nothing else through.
#[test]
fn shadow_mode_leaves_public_routes_alone() {
    let guard = builder().build().unwrap();
    let boards = "POST /v1/boards";
    let half = format!("Bearer {}", key_of("half"));
    for shadow in [
        Shadow::OFF,
        Shadow::everything(),
        Shadow::forbidden().only_routes([boards]),
    ] {
        let is_everything = shadow == Shadow::everything();
        let lets_boards = !shadow.is_off();
        let trial = guard.listener("trial", shadow);
        let before = guard.counts().shadowed;
        let answer = trial.decide(Some(&b"Bearer x"[..]), "POST", LOGIN, NOW);
        assert!(answer.is_allow());
        assert_eq!(answer.forward_headers().count(), 2);
        assert_eq!(guard.counts().shadowed, before);
        for (name, method, target) in [
            ("a look-alike", "POST", "/v1/users/Login"),
            ("another method", "PUT", LOGIN),
            ("any key", "GET", "/v1/me"),
            ("a set", "POST", "/v1/boards"),
        ] {
            let answer = trial.decide(None, method, target, NOW);
            assert!(!answer.is_allow(), "{name}");
            assert_eq!(answer.admits(), is_everything, "{name}");
            assert_eq!(answer.status(), 401, "{name}");
        }
        let answer = trial.decide(Some(half.as_bytes()), "POST", "/v1/boards", NOW);
        assert_eq!(answer.reason(), Some(Reason::MissingScope.into()));
        assert_eq!(answer.admits(), lets_boards);
        assert_eq!(answer.forward_headers().count(), 0);
    }
}

/// Such a request is refused before anybody asks which route it calls.
#[test]
fn a_public_route_takes_no_request_that_contradicts_itself() {
    let guard = builder().build().unwrap();
    let answer = guard.refuse(CheckFault::OverrideHeader, "POST", LOGIN, NOW);
    assert!(!answer.admits());
    assert_eq!(answer.status(), 403);
}

#[test]
fn a_decision_on_a_public_route_allocates_nothing() {
    let guard = builder().build().unwrap();
    let decide = || {
        let answer = guard.decide(Some(&b"Bearer x"[..]), "POST", LOGIN, NOW);
        assert!(answer.is_allow());
    };
    // The thread takes its number.
    decide();
    assert_eq!(allocation_counter::measure(decide).count_total, 0);
}

/// The line of a set is written without a list of its scopes in memory.
#[test]
fn a_line_with_scopes_needs_no_list() {
    struct Nowhere;
    impl routescope_guard::LogSink for Nowhere {
        fn write_line(&self, _: &[u8]) -> std::io::Result<()> {
            Ok(())
        }
    }
    let log = DecisionLog::new(Nowhere).one_allow_in(1);
    let guard = builder().log(log).build().unwrap();
    let header = format!("Bearer {}", key_of("writer"));
    let decide = || {
        let answer = guard.decide(Some(header.as_bytes()), "POST", "/v1/boards", NOW);
        assert!(answer.is_allow());
    };
    decide();
    assert_eq!(allocation_counter::measure(decide).count_total, 0);
}

#[test]
fn the_status_counts_routes_that_need_no_scope() {
    let status = builder().build().unwrap().status();
    assert_eq!(
        (status.routes, status.public_routes, status.any_key_routes),
        (7, 2, 1)
    );
    let text = status.to_string();
    let start = "policy boards revision 0 (7 routes, 2 of them public, 1 of them for any valid key, digest ";
    assert!(text.starts_with(start), "{text}");
}

/// A token is an identity on routes that look at it, and nothing on public ones, good or bad.
#[cfg(feature = "tokens")]
#[test]
fn no_token_is_verified_for_a_public_route() {
    use crate::requests::File;
    use crate::sign::{self, Signer};

    let header = br#"{"alg":"EdDSA","typ":"at+jwt","kid":"ed"}"#;
    let token = |claims: String, signer| {
        let token = sign::token(header, claims.as_bytes(), signer);
        format!("Bearer {token}")
    };
    let scopes = |scopes: &str| sign::claims(&[("scope", scopes)], &[]);
    let expired = sign::claims(&[("exp", "1")], &[]);
    let key = Signer::Key("ed");
    let cases = [
        (
            "no scopes",
            token(scopes(r#""""#), key),
            "any_key",
            "missing_scope",
        ),
        (
            "the set",
            token(scopes(r#""boards:write boards:read""#), key),
            "any_key",
            "all",
        ),
        (
            "half of the set",
            token(scopes(r#""boards:write""#), key),
            "any_key",
            "missing_scope",
        ),
        (
            "a bad signature",
            token(
                scopes(r#""boards:write boards:read""#),
                Signer::Bytes(&[0; 64]),
            ),
            "unknown_key",
            "unknown_key",
        ),
        ("expired", token(expired, key), "expired_key", "expired_key"),
    ];
    let set = File::new("requirements-jwks", sign::jwk_set(&["ed"]).as_bytes());
    let guard = builder().tokens(sign::rules(), &set.0).build().unwrap();
    for (name, bearer, me, boards) in cases {
        for (method, target, expected) in [
            ("POST", LOGIN, "public"),
            ("GET", "/v1/me", me),
            ("POST", "/v1/boards", boards),
        ] {
            let answer = guard.decide(Some(bearer.as_bytes()), method, target, sign::NOW);
            let given = answer.reason().map(DenyReason::as_str);
            let given = given.or(answer.by().map(By::as_str));
            assert_eq!(given, Some(expected), "{name}: {target}");
            let subject = answer.token_subject();
            let first = answer.forward_headers().next();
            if expected == "public" {
                assert_eq!(subject, None, "{name}");
                assert_eq!(first, Some(("x-route", "POST /v1/users/login")), "{name}");
            } else if answer.is_allow() {
                assert_eq!(first, Some(("x-token-subject", "billing-export")), "{name}");
            }
        }
    }
}
