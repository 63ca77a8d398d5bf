//! A policy with every kind of requirement, and requests to it. The tests of the layer and of the
//! server send the same.

use routescope::OwnedPolicy;
use routescope_guard::{KeyEntry, KeyHash, StoredHash};

/// A request, and the answer to it.
pub(crate) struct RequirementCase {
    pub(crate) name: String,
    /// The values of all `Authorization` headers.
    pub(crate) authorization: Vec<String>,
    /// Whose key it is, if it is one of [`entries`] and has not expired.
    pub(crate) id: Option<&'static str>,
    pub(crate) method: &'static str,
    pub(crate) target: &'static str,
    pub(crate) expected: Expected,
}

/// The answer to a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Expected {
    Allow {
        /// `scope`, `all`, `any_key` or `public`.
        by: &'static str,
        route: &'static str,
    },
    /// The reason.
    Deny(&'static str),
}

/// The set that [`Expected::Allow`] by `all` is about: the policy has no other.
pub(crate) const SET: [&str; 2] = ["boards:read", "boards:write"];

pub(crate) fn compiled() -> Vec<u8> {
    let text = include_str!("../data/boards.yaml");
    let compiled = routescope_compiler::compile("boards.yaml", text);
    compiled
        .unwrap_or_else(|report| panic!("{report}"))
        .to_bytes()
}

pub(crate) fn policy() -> OwnedPolicy {
    OwnedPolicy::from_bytes(compiled()).expect("a policy")
}

/// A key in the form of the policy.
pub(crate) fn key_of(id: &str) -> String {
    format!("wsk-v1-{id:x<93}")
}

/// The keys: `empty` holds nothing, `half` one scope of the set, `writer` all of it, `admin` the
/// scope that is as good on one route, and `old` everything, but it has expired.
pub(crate) fn entries() -> Vec<KeyEntry> {
    let entry = |id: &str, scopes: &[&str]| {
        let hash = StoredHash::Sha256(KeyHash::sha256(key_of(id).as_bytes()));
        KeyEntry::new(id, hash, scopes.iter().copied())
    };
    let mut old = entry(
        "old",
        &["users.read", "users.write", "boards:read", "boards:write"],
    );
    old.expires = Some(1);
    vec![
        entry("empty", &[]),
        entry("half", &["users.read", "boards:read"]),
        entry("writer", &["users.write", "boards:read", "boards:write"]),
        entry("admin", &["https://example.com/auth/boards"]),
        old,
    ]
}

/// Requests that no valid key makes, and their reasons.
fn bad_credentials() -> [(&'static str, Vec<String>, &'static str); 7] {
    let bearer = |id: &str| format!("Bearer {}", key_of(id));
    [
        ("no key", vec![], "missing_key"),
        (
            "another scheme",
            vec!["Basic YTpi".to_owned()],
            "missing_key",
        ),
        ("no scheme", vec![key_of("writer")], "missing_key"),
        (
            "a malformed key",
            vec!["Bearer x".to_owned()],
            "malformed_key",
        ),
        (
            "two keys",
            vec![bearer("writer"), bearer("admin")],
            "malformed_key",
        ),
        ("an unknown key", vec![bearer("nobody")], "unknown_key"),
        ("an expired key", vec![bearer("old")], "expired_key"),
    ]
}

const KEYS: [&str; 4] = ["empty", "half", "writer", "admin"];

const LOGIN: &str = "POST /v1/users/login";
const USERS: &str = "POST /v1/users/{id}";
const BOARD: &str = "PUT /v1/boards/{id}";

/// The answers to a request.
#[derive(Clone, Copy)]
enum Answers {
    /// The route is public.
    Everybody(Expected),
    /// The answers to each of [`KEYS`]; without a valid key there is none but 401.
    Keys([Expected; 4]),
}

/// Methods and targets with their answers.
fn requests() -> Vec<(&'static str, &'static str, Answers)> {
    let public = |route| {
        Answers::Everybody(Expected::Allow {
            by: "public",
            route,
        })
    };
    let by = |by, route| Expected::Allow { by, route };
    let denied = |reason| Answers::Keys([Expected::Deny(reason); 4]);
    let missing = Expected::Deny("missing_scope");
    vec![
        ("POST", "/v1/users/login", public(LOGIN)),
        ("POST", "/v1/users/login?next=/v1/me", public(LOGIN)),
        ("GET", "/v1/health", public("GET /v1/health")),
        ("HEAD", "/v1/health", public("GET /v1/health")),
        (
            "GET",
            "/v1/me",
            Answers::Keys([by("any_key", "GET /v1/me"); 4]),
        ),
        (
            "POST",
            "/v1/users/7",
            Answers::Keys([missing, missing, by("scope", USERS), missing]),
        ),
        (
            "GET",
            "/v1/users/7",
            Answers::Keys([missing, by("scope", "GET /v1/users/{id}"), missing, missing]),
        ),
        (
            "POST",
            "/v1/boards",
            Answers::Keys([missing, missing, by("all", "POST /v1/boards"), missing]),
        ),
        (
            "PUT",
            "/v1/boards/7",
            Answers::Keys([missing, missing, by("all", BOARD), by("scope", BOARD)]),
        ),
        ("GET", "/v1/users/login", denied("method_not_listed")),
        ("DELETE", "/v1/users/login", denied("method_not_listed")),
        ("OPTIONS", "/v1/users/login", denied("method_not_listed")),
        ("POST", "/v1/health", denied("method_not_listed")),
        ("post", "/v1/users/login", denied("bad_method")),
        ("PURGE", "/v1/users/login", denied("bad_method")),
        ("POST", "/v1/users/Login", denied("bad_path")),
        ("POST", "/v1/users/%6Cogin", denied("bad_path")),
        ("POST", "/v1/users/login%20", denied("bad_path")),
        ("POST", "/v1/users/login;x=1", denied("bad_path")),
        ("POST", "/v1//users/login", denied("bad_path")),
        ("POST", "/v1/./users/login", denied("bad_path")),
        ("POST", "/v1/users/login/../7", denied("bad_path")),
        ("POST", "/v1/users/7/../login", denied("bad_path")),
        ("POST", "/v1/users/%2e%2e/login", denied("bad_path")),
        ("POST", "http://host/v1/users/login", denied("bad_path")),
        ("POST", "/v1/users/login/", denied("unknown_route")),
        ("POST", "/v1/users/login/7", denied("unknown_route")),
        ("POST", "/users/login", denied("unknown_route")),
        ("GET", "/v1/nothing", denied("unknown_route")),
    ]
}

/// Each request with each credential.
pub(crate) fn requirement_cases() -> Vec<RequirementCase> {
    let mut cases = Vec::new();
    for (method, target, answers) in requests() {
        for (credential, authorization, reason) in bad_credentials() {
            cases.push(RequirementCase {
                name: format!("{credential}: {method} {target}"),
                authorization,
                id: None,
                method,
                target,
                expected: match answers {
                    Answers::Everybody(answer) => answer,
                    Answers::Keys(_) => Expected::Deny(reason),
                },
            });
        }
        for (place, id) in KEYS.into_iter().enumerate() {
            cases.push(RequirementCase {
                name: format!("{id}: {method} {target}"),
                authorization: vec![format!("Bearer {}", key_of(id))],
                id: Some(id),
                method,
                target,
                expected: match answers {
                    Answers::Everybody(answer) => answer,
                    Answers::Keys(answers) => answers[place],
                },
            });
        }
    }
    cases
}
