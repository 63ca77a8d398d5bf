//! Descriptions of the shapes that APIs have, imported: each decision of the policy is that of the
//! description.

use std::fmt::Write;

use proptest::prelude::*;
use routescope_compiler::{Compiled, compile};
use routescope_core::Policy;

use crate::common::{Answer, TempFile, run};

struct Case {
    name: &'static str,
    /// Each operation with its `security`.
    operations: &'static [(&'static str, &'static str)],
    arguments: &'static [&'static str],
    requests: &'static [Request],
}

/// The scopes of a key, or [`NO_KEY`]; the request; and the reason of the denial, or `allow`.
type Request = (&'static str, &'static str, &'static str);

const NO_KEY: &str = "no key";

const CASES: [Case; 11] = [
    Case {
        name: "dotted",
        operations: &[
            ("GET /2/files/{id}", "[{ oauth: [files.metadata.read] }]"),
            ("PUT /2/files/{id}", "[{ oauth: [files.content.write] }]"),
            ("GET /2/account", "[{ oauth: [account_info.read] }]"),
        ],
        arguments: &[],
        requests: &[
            ("files.metadata.read", "GET /2/files/9", "allow"),
            ("files.content.write", "GET /2/files/9", "missing_scope"),
            ("files.*", "GET /2/files/9", "missing_scope"),
            ("files.metadata.* *", "GET /2/files/9", "missing_scope"),
            ("account_info.read", "HEAD /2/account", "allow"),
        ],
    },
    Case {
        name: "three parts",
        operations: &[
            ("GET /routing/queues", "[{ oauth: ['routing:queue:view'] }]"),
            ("POST /routing/queues", "[{ oauth: ['routing:queue:add'] }]"),
            (
                "GET /routing/wrapup",
                "[{ oauth: ['routing:wrapup:view'] }, { oauth: ['routing:queue:view'] }]",
            ),
        ],
        arguments: &[],
        requests: &[
            ("routing:queue:view", "GET /routing/queues", "allow"),
            ("routing:queue:view", "GET /routing/wrapup", "allow"),
            ("routing:queue:*", "POST /routing/queues", "missing_scope"),
            ("routing:*:*", "POST /routing/queues", "missing_scope"),
        ],
    },
    Case {
        name: "all of",
        operations: &[
            ("GET /v5/boards", "[{ oauth: ['boards:read'] }]"),
            (
                "POST /v5/boards",
                "[{ oauth: ['boards:read', 'boards:write'] }]",
            ),
            (
                "POST /v5/pins",
                "[{ oauth: ['boards:read', 'boards:write', 'pins:read', 'pins:write'] }]",
            ),
        ],
        arguments: &[],
        requests: &[
            ("boards:write", "POST /v5/boards", "missing_scope"),
            ("boards:write boards:read", "POST /v5/boards", "allow"),
            (
                "boards:read boards:write pins:write",
                "POST /v5/pins",
                "missing_scope",
            ),
            (
                "pins:write pins:read boards:write boards:read x:y",
                "POST /v5/pins",
                "allow",
            ),
            ("boards:write", "GET /v5/boards", "missing_scope"),
            ("", "POST /v5/boards", "missing_scope"),
        ],
    },
    Case {
        name: "lists that mean any",
        operations: ORGANIZATIONS,
        arguments: &["--lists", "any"],
        requests: &[
            ("org:read", "GET /api/0/orgs/", "allow"),
            ("org:read", "PUT /api/0/orgs/acme/", "missing_scope"),
            ("org:write", "PUT /api/0/orgs/acme/", "allow"),
            ("org:write", "DELETE /api/0/orgs/acme/", "missing_scope"),
        ],
    },
    Case {
        name: "the same lists, as OpenAPI means them",
        operations: ORGANIZATIONS,
        arguments: &[],
        requests: &[
            ("org:read", "GET /api/0/orgs/", "missing_scope"),
            ("org:read org:write org:admin", "GET /api/0/orgs/", "allow"),
            ("org:write", "PUT /api/0/orgs/acme/", "missing_scope"),
            ("org:write org:admin", "PUT /api/0/orgs/acme/", "allow"),
        ],
    },
    Case {
        name: "public",
        operations: &[
            ("GET /v1/users/{id}", "[{ oauth: ['users:read'] }]"),
            ("POST /v1/users/{id}", "[{ oauth: ['users:write'] }]"),
            ("POST /v1/users/login", "[]"),
            ("GET /v1/health", "[{}]"),
        ],
        arguments: &["--public"],
        requests: &[
            (NO_KEY, "POST /v1/users/login", "allow"),
            (NO_KEY, "POST /v1/users/Login", "missing_key"),
            (NO_KEY, "POST /v1/users/7", "missing_key"),
            ("users:read", "GET /v1/users/login", "method_not_listed"),
            (NO_KEY, "GET /v1/health?x=1", "allow"),
            (NO_KEY, "GET /v1/nothing", "missing_key"),
            (NO_KEY, "POST /v1/users/%6Cogin", "missing_key"),
            ("users:write", "POST /v1/users/Login", "bad_path"),
            (NO_KEY, "HEAD /v1/health", "allow"),
        ],
    },
    Case {
        name: "verb",
        operations: &[
            ("GET /v1/entries/{id}", "[{ oauth: ['entries:read'] }]"),
            (
                "GET /v1/entries/{id}:getPolicy",
                "[{ oauth: ['entries:admin'] }]",
            ),
            (
                "POST /v1/entries/{id}:cancel",
                "[{ oauth: ['entries:write'] }]",
            ),
        ],
        arguments: &[],
        requests: &[
            ("entries:read", "GET /v1/entries/5", "allow"),
            (
                "entries:read",
                "GET /v1/entries/5:getPolicy",
                "missing_scope",
            ),
            ("entries:admin", "GET /v1/entries/5:getPolicy", "allow"),
            ("entries:read", "GET /v1/entries/5%3AgetPolicy", "bad_path"),
            ("entries:read", "GET /v1/entries/5:GETPOLICY", "bad_path"),
            ("entries:admin", "GET /v1/entries/:getPolicy", "bad_path"),
            ("entries:read", "GET /v1/entries/a:b", "allow"),
            ("entries:admin", "GET /v1/entries/a:b:getPolicy", "allow"),
            (
                "entries:read entries:write",
                "GET /v1/entries/5:cancel",
                "method_not_listed",
            ),
            ("entries:write", "POST /v1/entries/5:cancel", "allow"),
        ],
    },
    Case {
        name: "prefix",
        operations: &[
            ("GET /shop/carts/{id}", "[{ oauth: ['carts:view'] }]"),
            (
                "GET /shop/carts/key={key}",
                "[{ oauth: ['carts:view', 'carts:keys'] }]",
            ),
            (
                "DELETE /shop/carts/key={key}",
                "[{ oauth: ['carts:manage'] }]",
            ),
        ],
        arguments: &[],
        requests: &[
            ("carts:view", "GET /shop/carts/77", "allow"),
            ("carts:view", "GET /shop/carts/key=77", "missing_scope"),
            ("carts:view carts:keys", "GET /shop/carts/key=77", "allow"),
            ("carts:view", "GET /shop/carts/KEY=77", "bad_path"),
            ("carts:view", "GET /shop/carts/key%3D77", "bad_path"),
            ("carts:view carts:keys", "GET /shop/carts/key=", "bad_path"),
            ("carts:manage", "DELETE /shop/carts/77", "method_not_listed"),
        ],
    },
    Case {
        name: "absorbed",
        operations: &[(
            "GET /nf/data/{ueId}",
            "[{ oauth: [nf-sdm] }, { oauth: [nf-sdm, 'nf-sdm:am-data:read'] }]",
        )],
        arguments: &[],
        requests: &[
            ("nf-sdm", "GET /nf/data/1", "allow"),
            ("nf-sdm:am-data:read", "GET /nf/data/1", "missing_scope"),
        ],
    },
    Case {
        name: "a star that is a letter",
        operations: &[
            (
                "GET /apis/apps/v1/namespaces/{ns}/deployments",
                "[{ oauth: ['apps/deployments:list'] }]",
            ),
            (
                "DELETE /apis/apps/v1/namespaces/{ns}/deployments/{name}",
                "[{ oauth: ['apps/deployments:delete'] }, { oauth: ['*:*'] }]",
            ),
        ],
        arguments: &[],
        requests: &[
            (
                "*:*",
                "GET /apis/apps/v1/namespaces/d/deployments",
                "missing_scope",
            ),
            (
                "*:*",
                "DELETE /apis/apps/v1/namespaces/d/deployments/web",
                "allow",
            ),
            // Only `implies` can say it, which no description has.
            (
                "apps/*:*",
                "GET /apis/apps/v1/namespaces/d/deployments",
                "missing_scope",
            ),
            (
                "*/deployments:list",
                "GET /apis/apps/v1/namespaces/d/deployments",
                "missing_scope",
            ),
        ],
    },
    Case {
        name: "the specification's own example",
        operations: &[
            ("POST /pet", "[{ oauth: ['write:pets', 'read:pets'] }]"),
            (
                "GET /pet/{petId}",
                "[{ key: [] }, { oauth: ['write:pets', 'read:pets'] }]",
            ),
        ],
        arguments: &["--scheme", "oauth"],
        requests: &[
            ("write:pets", "POST /pet", "missing_scope"),
            ("write:pets read:pets", "POST /pet", "allow"),
            ("write:* read:*", "GET /pet/1", "allow"),
        ],
    },
];

const ORGANIZATIONS: &[(&str, &str)] = &[
    (
        "GET /api/0/orgs/",
        "[{ oauth: ['org:admin', 'org:read', 'org:write'] }]",
    ),
    (
        "PUT /api/0/orgs/{o}/",
        "[{ oauth: ['org:admin', 'org:write'] }]",
    ),
    ("DELETE /api/0/orgs/{o}/", "[{ oauth: ['org:admin'] }]"),
];

/// A description of operations, each with its `security`.
fn description<'o>(operations: impl IntoIterator<Item = (&'o str, &'o str)>) -> String {
    let mut paths: Vec<(&str, String)> = Vec::new();
    for (operation, security) in operations {
        let (method, path) = operation.split_once(' ').unwrap();
        let known = paths.iter().position(|(known, _)| *known == path);
        let place = known.unwrap_or_else(|| {
            paths.push((path, String::new()));
            paths.len() - 1
        });
        let method = method.to_lowercase();
        writeln!(paths[place].1, "    {method}: {{ security: {security} }}").unwrap();
    }
    let mut text = String::from(
        "openapi: 3.0.3\ncomponents: { securitySchemes: { oauth: { type: oauth2, flows: {} }, key: { type: apiKey } } }\npaths:\n",
    );
    for (path, operations) in paths {
        write!(text, "  \"{path}\":\n{operations}").unwrap();
    }
    text
}

fn import(text: &str, arguments: &[&str]) -> Answer {
    let file = TempFile::new("description.yaml", text);
    run(&[&["import", "--from", "openapi", &file.as_str()], arguments].concat())
}

fn policy(answer: &Answer) -> Compiled {
    compile("imported.yaml", &answer.out).unwrap_or_else(|report| panic!("{report}"))
}

/// The answer as a gate gives it: `allow`, or the reason of the denial.
fn decide(policy: Policy<'_>, scopes: &str, method: &str, target: &str) -> &'static str {
    if policy.public_route(method, target).is_some() {
        return "allow";
    }
    if scopes == NO_KEY {
        return "missing_key";
    }
    let held: Vec<&str> = scopes.split_whitespace().collect();
    let decision = policy.authorize(&held[..], method, target);
    match decision.denial() {
        Some(denial) => denial.reason().as_str(),
        None => "allow",
    }
}

#[test]
fn decisions_are_those_of_the_description() {
    for case in &CASES {
        let text = description(case.operations.iter().copied());
        let answer = import(&text, case.arguments);
        assert_eq!(answer.code, 0, "{}: {}", case.name, answer.err);
        let compiled = policy(&answer);
        for (scopes, request, wanted) in case.requests {
            let (method, target) = request.split_once(' ').unwrap();
            let decision = decide(compiled.policy(), scopes, method, target);
            assert_eq!(decision, *wanted, "{}: {request} by {scopes}", case.name);
        }
    }
}

/// A scope that goes with a value of the path never becomes a scope of the policy.
#[test]
fn bound_scopes_are_no_text() {
    for scope in ["view:{project}", "view:{other}", "a.{project}.b"] {
        let security = format!("[{{ oauth: ['{scope}'] }}]");
        let text = description([
            ("GET /{project}/orders", security.as_str()),
            ("GET /status", "[{ oauth: ['view:status'] }]"),
        ]);
        let answer = import(&text, &[]).exits(2);
        let says = "a scope that goes with a value";
        assert!(answer.err.contains(says), "{}", answer.err);
        let answer = import(&text, &["--skip"]).exits(0);
        assert!(!answer.out.contains("/{project}"), "{}", answer.out);
        let compiled = policy(&answer);
        let decision = decide(compiled.policy(), scope, "GET", "/a/orders");
        assert_eq!(decision, "unknown_route");
    }
}

/// The scopes of the random descriptions.
const SCOPES: [&str; 4] = ["a:view", "a:edit", "b.c", "d:e:f"];

/// A requirement: the scopes of `oauth`, by their numbers, and those of `key`; `None` if it does
/// not name the scheme.
type Requirement = (Option<Vec<usize>>, Option<Vec<usize>>);

/// The `security` of a requirement list, as a file writes it.
fn security(requirements: &[Requirement]) -> String {
    let list = |name: &str, scopes: &Option<Vec<usize>>| {
        let scopes = scopes.as_ref()?.iter();
        let names: Vec<&str> = scopes.map(|scope| SCOPES[*scope]).collect();
        Some(format!("{name}: ['{}']", names.join("', '")).replace("['']", "[]"))
    };
    let all: Vec<String> = requirements
        .iter()
        .map(|(oauth, key)| {
            let schemes = [list("oauth", oauth), list("key", key)];
            let schemes: Vec<String> = schemes.into_iter().flatten().collect();
            format!("{{ {} }}", schemes.join(", "))
        })
        .collect();
    format!("[{}]", all.join(", "))
}

/// The answer of the description to a holder of an `oauth` token: by the words of the standard, with
/// the requirements that need scopes of another scheme left out.
fn opens(requirements: &[Requirement], any: bool, held: Option<&[usize]>) -> bool {
    let needs_nothing = |(oauth, key): &Requirement| oauth.is_none() && key.is_none();
    if requirements.is_empty() || requirements.iter().any(needs_nothing) {
        return true;
    }
    let Some(held) = held else { return false };
    requirements.iter().any(|(oauth, key)| {
        let Some(scopes) = oauth else { return false };
        let other = key.as_ref().is_some_and(|scopes| !scopes.is_empty());
        let holds = |scope: &usize| held.contains(scope);
        let suffices = match any && !scopes.is_empty() {
            true => scopes.iter().any(holds),
            false => scopes.iter().all(holds),
        };
        suffices && !other
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 60,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// The policy opens each operation to the keys that the description opens it to, and to no
    /// others.
    #[test]
    fn random_descriptions(
        operations in prop::collection::vec(
            prop::collection::vec(
                (
                    prop::option::weighted(0.8, prop::collection::vec(0..SCOPES.len(), 0..4)),
                    prop::option::weighted(0.2, prop::collection::vec(0..SCOPES.len(), 0..2)),
                ),
                0..4,
            ),
            1..8,
        ),
        any in any::<bool>(),
    ) {
        let paths: Vec<String> = (0..operations.len()).map(|i| format!("GET /p{i}")).collect();
        let securities: Vec<String> = operations.iter().map(|list| security(list)).collect();
        let mut text = description(paths.iter().zip(&securities).map(|(path, list)| (path.as_str(), list.as_str())));
        // An operation that anyone may call, so that something is imported in any case.
        text.push_str("  /open: { get: { security: [] } }\n");
        let lists = if any { "any" } else { "all" };
        let answer = import(&text, &["--scheme", "oauth", "--public", "--any-key", "--lists", lists]);
        prop_assert_eq!(answer.code, 0, "{}\n{}", text, answer.err);
        let compiled = policy(&answer);
        for (i, requirements) in operations.iter().enumerate() {
            let target = format!("/p{i}");
            let allowed = |scopes: &str| decide(compiled.policy(), scopes, "GET", &target) == "allow";
            prop_assert_eq!(allowed(NO_KEY), opens(requirements, any, None), "{}", text);
            for set in 0..1 << SCOPES.len() {
                let held: Vec<usize> = (0..SCOPES.len()).filter(|scope| set >> scope & 1 == 1).collect();
                let names: Vec<&str> = held.iter().map(|scope| SCOPES[*scope]).collect();
                let (allowed, opens) = (allowed(&names.join(" ")), opens(requirements, any, Some(&held)));
                prop_assert_eq!(allowed, opens, "{} by {:?}\n{}\n{}", target, names, text, answer.out);
            }
        }
    }
}
