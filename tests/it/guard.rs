//! From header to decision, and what the client is told.

use routescope::{ApiKey, BufferTooSmall, Guard, GuardDecision, KeyStore, StoredKey, pbx};

/// Three keys: one without an end, one that ended at 1000, one without scopes.
struct Keys {
    reader: pbx::ScopeSet,
}

fn key(letter: &str) -> String {
    format!("wsk-v1-{}", letter.repeat(93))
}

impl<'s> KeyStore for &'s Keys {
    type Scopes = &'s pbx::ScopeSet;
    type Identity = &'static str;

    fn find(&self, presented: &ApiKey<'_>) -> Option<StoredKey<Self::Scopes, &'static str>> {
        const NOTHING: &pbx::ScopeSet = &pbx::ScopeSet::EMPTY;
        let known = [
            StoredKey::new(&self.reader, "a"),
            StoredKey::new(&self.reader, "b").valid_until(1000),
            StoredKey::new(NOTHING, "c"),
        ];
        known
            .into_iter()
            .find(|stored| presented.matches(key(stored.identity).as_bytes()))
    }
}

/// One request, and everything it leads to.
struct Case {
    name: &'static str,
    header: Option<&'static str>,
    request: (&'static str, &'static str),
    now: u64,
    /// The reason, or the scope that allowed it.
    answer: &'static str,
    status: u16,
    challenge: Option<&'static str>,
    accepted: Option<&'static str>,
}

const LIST: (&str, &str) = ("GET", "/api/v1/colleagues/");

const CASES: &[Case] = &[
    Case {
        name: "allowed",
        header: Some("a"),
        request: LIST,
        now: 0,
        answer: "colleagues:read",
        status: 200,
        challenge: None,
        accepted: None,
    },
    Case {
        name: "no key",
        header: None,
        request: LIST,
        now: 0,
        answer: "missing_key",
        status: 401,
        challenge: Some("Bearer"),
        accepted: None,
    },
    Case {
        name: "no key comes before a bad method",
        header: None,
        request: ("get", "//"),
        now: 0,
        answer: "missing_key",
        status: 401,
        challenge: Some("Bearer"),
        accepted: None,
    },
    Case {
        name: "malformed",
        header: Some("-"),
        request: LIST,
        now: 0,
        answer: "malformed_key",
        status: 401,
        challenge: Some("Bearer error=\"invalid_token\""),
        accepted: None,
    },
    Case {
        name: "unknown",
        header: Some("z"),
        request: LIST,
        now: 0,
        answer: "unknown_key",
        status: 401,
        challenge: Some("Bearer error=\"invalid_token\""),
        accepted: None,
    },
    Case {
        name: "a second before it expires",
        header: Some("b"),
        request: LIST,
        now: 999,
        answer: "colleagues:read",
        status: 200,
        challenge: None,
        accepted: None,
    },
    Case {
        name: "expired",
        header: Some("b"),
        request: LIST,
        now: 1000,
        answer: "expired_key",
        status: 401,
        challenge: Some("Bearer error=\"invalid_token\""),
        accepted: None,
    },
    Case {
        name: "expired comes before a bad method",
        header: Some("b"),
        request: ("get", "//"),
        now: 1000,
        answer: "expired_key",
        status: 401,
        challenge: Some("Bearer error=\"invalid_token\""),
        accepted: None,
    },
    Case {
        name: "bad method comes before a bad path",
        header: Some("a"),
        request: ("get", "//"),
        now: 0,
        answer: "bad_method",
        status: 403,
        challenge: None,
        accepted: None,
    },
    Case {
        name: "bad path",
        header: Some("a"),
        request: ("GET", "//"),
        now: 0,
        answer: "bad_path",
        status: 403,
        challenge: None,
        accepted: None,
    },
    Case {
        name: "unknown route",
        header: Some("a"),
        request: ("GET", "/x"),
        now: 0,
        answer: "unknown_route",
        status: 403,
        challenge: None,
        accepted: None,
    },
    Case {
        name: "method not listed",
        header: Some("a"),
        request: ("PUT", "/api/v1/colleagues/"),
        now: 0,
        answer: "method_not_listed",
        status: 403,
        challenge: None,
        accepted: None,
    },
    Case {
        name: "missing scope",
        header: Some("c"),
        request: LIST,
        now: 0,
        answer: "missing_scope",
        status: 403,
        challenge: Some("Bearer error=\"insufficient_scope\", scope=\"colleagues:read\""),
        accepted: Some("colleagues:read, colleagues:*, pbx:read, pbx:*"),
    },
];

#[test]
fn every_answer_and_what_the_client_is_told() {
    let keys = Keys {
        reader: pbx::scope_set(["colleagues:read"]),
    };
    let guard = Guard::new(pbx::Compiled, &keys);
    // A policy that is no constant, and a look-up between the two steps.
    let steps = Guard::without_store(pbx::POLICY);
    let shared: Box<dyn KeyStore<Scopes = &pbx::ScopeSet, Identity = &'static str>> =
        Box::new(&keys);
    for case in CASES {
        let header = case.header.map(|letter| format!("Bearer {}", key(letter)));
        let header = || header.as_ref().map(String::as_bytes);
        let (method, target) = case.request;
        let decision = guard.decide(header(), method, target, case.now);
        let in_steps = match steps.key(header()) {
            Ok(key) => shared
                .find(&key)
                .map(|stored| steps.authorize(stored, method, target, case.now)),
            Err(denial) => Some(GuardDecision::Deny {
                denial: denial.into(),
                identity: None,
            }),
        };
        if let Some(in_steps) = in_steps {
            assert_eq!(in_steps, decision, "{}", case.name);
        }
        let denial = decision.denial();
        let answer = match &decision {
            GuardDecision::Allow { by, .. } => by.scope().map_or("", |scope| scope.name()),
            GuardDecision::Public { .. } => "public",
            GuardDecision::Deny { denial, .. } => denial.reason().as_str(),
        };
        let status = denial.map_or(200, |denial| denial.status());
        assert_eq!(
            (answer, status),
            (case.answer, case.status),
            "{}",
            case.name
        );
        let challenge = denial
            .and_then(|denial| denial.challenge())
            .map(|challenge| challenge.to_string());
        let accepted = denial
            .and_then(|denial| denial.alternatives())
            .map(|accepted| accepted.to_string());
        assert_eq!(challenge.as_deref(), case.challenge, "{}", case.name);
        assert_eq!(accepted.as_deref(), case.accepted, "{}", case.name);
        // A stored key tells whose it is, whatever the answer.
        let known = case
            .header
            .filter(|letter| ["a", "b", "c"].contains(letter));
        assert_eq!(decision.identity().copied(), known, "{}", case.name);
    }
}

#[test]
fn a_buffer_of_any_size() {
    let denial = pbx::authorize(&pbx::ScopeSet::default(), "GET", "/api/v1/colleagues/")
        .denial()
        .expect("nothing is held");
    let challenge = denial.challenge().expect("a missing scope has one");
    let text = challenge.to_string();
    for size in 0..text.len() + 3 {
        let mut buffer = vec![0; size];
        let written = challenge.write_to(&mut buffer).map(str::to_owned);
        if size < text.len() {
            assert_eq!(written, Err(BufferTooSmall { needed: text.len() }));
        } else {
            assert_eq!(written.as_deref(), Ok(text.as_str()));
        }
    }
}

/// A store that would print its keys, as a derived `Debug` does.
#[derive(Debug)]
struct Talkative {
    #[expect(dead_code, reason = "only shown")]
    key: &'static str,
}

impl KeyStore for Talkative {
    type Scopes = [&'static str; 0];
    type Identity = ();

    fn find(&self, _: &ApiKey<'_>) -> Option<StoredKey<[&'static str; 0]>> {
        None
    }
}

#[test]
fn a_guard_never_shows_its_keys() {
    let guard = Guard::new(
        pbx::Compiled,
        Talkative {
            key: "wsk-v1-secret",
        },
    );
    let shown = format!("{guard:?} {guard:#?} {:?}", Talkative { key: "seen" });
    assert!(
        !shown.contains("secret") && shown.contains("seen"),
        "{shown}"
    );
}
