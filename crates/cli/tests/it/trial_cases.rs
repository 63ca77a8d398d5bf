//! Reports against other gateways, routers and guards, asked here: each test is
//! named after its case, and says what was reported.

use crate::common::{TempFile, run, run_with_input};
use routescope::{ApiKey, Guard, KeyStore, StoredKey, pbx};
use serde_json::{Value, json};

/// A method, a target, held scopes, and the reason or `allow`.
type Request = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static str,
);

/// Asks the command about each request.
#[track_caller]
fn decides(policy: &str, requests: &[Request]) {
    let file = TempFile::new("routes.yaml", policy);
    let lines: String = requests
        .iter()
        .map(|(method, target, scopes, _)| {
            let line = json!({ "method": method, "target": target, "scopes": scopes });
            format!("{line}\n")
        })
        .collect();
    let arguments = ["decide", "--policy", &file.as_str()];
    let answer = run_with_input(&arguments, lines.as_bytes()).exits(0);
    let answers: Vec<Value> = answer
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), requests.len());
    for (answer, (method, target, scopes, wanted)) in answers.iter().zip(requests) {
        let got = match answer["decision"].as_str() {
            Some("allow") => "allow",
            _ => answer["reason"].as_str().unwrap(),
        };
        assert_eq!(got, *wanted, "{method} {target} with {scopes:?}");
    }
}

/// The lines of a policy at which `check` finds errors.
#[track_caller]
fn errors(policy: &str) -> Vec<u64> {
    let file = TempFile::new("routes.yaml", policy);
    let json = run(&["check", "--format", "json", &file.as_str()])
        .exits(1)
        .json();
    let problems = json["problems"].as_array().unwrap().iter();
    problems
        .filter(|problem| problem["severity"] == "error")
        .map(|problem| problem["line"].as_u64().unwrap())
        .collect()
}

/// A pattern that is a prefix of the path matched longer paths.
#[test]
fn a01_a_pattern_is_the_whole_path() {
    decides(
        "version: 1\nname: t\nscopes:\n  \"process:*\":\n    routes:\n      - POST /process\n      - POST /process/cancel\n  \"root:read\":\n    routes:\n      - GET /\n",
        &[
            ("POST", "/process/approve", &["process:*"], "unknown_route"),
            ("GET", "/abc", &["root:read"], "unknown_route"),
            ("POST", "/process/cancel", &["process:*"], "allow"),
            ("GET", "/", &["root:read"], "allow"),
        ],
    );
}

/// A rule with a star at the end did not match when the request had a query.
#[test]
fn a06_a_query_does_not_count() {
    decides(
        "version: 1\nname: t\nscopes:\n  \"reviews:read\":\n    routes:\n      - GET /reviews/{*rest}\n",
        &[
            ("GET", "/reviews/top3?foo=bar", &["reviews:read"], "allow"),
            ("GET", "/reviews", &["reviews:read"], "unknown_route"),
        ],
    );
}

/// A catch-all does not match its root, and the operator was not told why.
#[test]
fn a07_the_root_of_a_catch_all_is_explained() {
    let policy = "version: 1\nname: t\nscopes:\n  \"a:read\":\n    routes:\n      - GET /admin\n      - GET /admin/{*path}\n      - GET /reviews/{*rest}\n";
    let file = TempFile::new("routes.yaml", policy);
    for target in ["/reviews", "/admin/"] {
        let answer = run(&["explain", "GET", target, "-p", &file.as_str()]).exits(1);
        assert!(
            answer
                .out
                .contains("A catch-all takes one or more segments")
                && answer.out.contains(&format!("list `GET {target}` as well")),
            "{}",
            answer.out
        );
        assert!(!answer.out.contains("in front"), "{}", answer.out);
    }
}

/// An invalid regular expression among the allowed URLs let everything through.
#[test]
fn a09_what_is_no_pattern_stops_the_build() {
    let lines = errors(
        "version: 1\nname: t\nscopes:\n  \"users:read\":\n    routes:\n      - GET /users/[0-9]+(\n      - GET /users/{id:[0-9]+}\n      - GET /users/<id>\n",
    );
    assert_eq!(lines, [6, 7, 8]);
}

/// 405 or 404 depended on which route was registered later.
#[test]
fn a11_the_order_of_routes_means_nothing() {
    for [first, second] in [["{id}", "thing"], ["thing", "{id}"]] {
        decides(
            &format!(
                "version: 1\nname: t\nscopes:\n  \"a:read\":\n    routes:\n      - GET /{first}\n      - GET /{second}\n"
            ),
            &[("PUT", "/thing", &["a:*"], "method_not_listed")],
        );
    }
}

/// Custom methods after a parameter were not routable, without a word.
#[test]
fn a12_several_parameters_in_a_segment_are_refused_with_their_line() {
    let policy = "version: 1\nname: t\nscopes:\n  \"users:*\":\n    routes:\n      - PUT /api/users/{id}\n      - POST /api/users/{id}:{action}\n";
    assert_eq!(errors(policy), [7]);
}

/// A name with an encoded slash worked at one hop and not at another.
#[test]
fn a15_an_encoded_slash_is_explained() {
    let policy =
        "version: 1\nname: t\nscopes:\n  \"foo:read\":\n    routes:\n      - GET /foo/{name}\n";
    let file = TempFile::new("routes.yaml", policy);
    let arguments = ["explain", "GET", "/foo/xx%2Fyy", "-p", &file.as_str()];
    let json = run(&[&arguments[..], &["--format", "json"]].concat())
        .exits(1)
        .json();
    assert_eq!(json["refusal"]["rule"], "encoded_delimiter");
    assert_eq!(
        (&json["refusal"]["at"], &json["refusal"]["length"]),
        (&json!(7), &json!(3))
    );
    assert_eq!(json["advice"].as_array().unwrap().len(), 1);
}

/// `*` and `:` in a value were refused though they are legal.
#[test]
fn a16_stars_and_colons_are_values() {
    decides(
        "version: 1\nname: t\nscopes:\n  \"cache:read\":\n    routes:\n      - GET /cache/{key}\n",
        &[("GET", "/cache/key*::hello", &["cache:read"], "allow")],
    );
}

/// One slash more or less at the end was another handler.
#[test]
fn a18_a_slash_at_the_end_may_be_optional() {
    decides(
        "version: 1\nname: t\npaths: { trailing_slash: optional }\nscopes:\n  \"g:Post\":\n    routes:\n      - POST /graphql\n  \"mall:read\":\n    routes:\n      - GET /Mall/\n      - GET /Mall/{*x}\n",
        &[
            ("POST", "/graphql", &["g:Post"], "allow"),
            ("POST", "/graphql/", &["g:Post"], "allow"),
            ("GET", "/Mall", &["mall:read"], "allow"),
            ("GET", "/Mall//", &["mall:read"], "bad_path"),
        ],
    );
}

/// A read-only credential could POST a restore.
#[test]
fn a20_post_under_read_stops_the_build() {
    let policy = "version: 1\nname: t\nscopes:\n  \"backup:read\":\n    routes:\n      - GET /teleporter\n      - POST /teleporter\n";
    assert_eq!(errors(policy), [7]);
}

/// A read-only role should run a saved query by POST, and no more.
#[test]
fn a21_a_named_operation_allows_just_that() {
    let target = "/extras/graphql-queries/7/run/";
    decides(
        "version: 1\nname: t\nscopes:\n  \"queries:Run\":\n    routes:\n      - POST /extras/graphql-queries/{id}/run/\n  \"queries:read\":\n    routes:\n      - GET /extras/graphql-queries/{id}/\n",
        &[
            ("POST", target, &["queries:Run"], "allow"),
            ("POST", target, &["queries:read"], "missing_scope"),
        ],
    );
}

/// A PBX token that was restricted to GET could PUT; a read key rotated keys.
#[test]
fn a22_read_is_read() {
    let target = "/api/v1/pbx/colleagues/7/";
    decides(
        routescope::PBX_ROUTES_YAML,
        &[
            ("PUT", target, &["colleagues:read"], "missing_scope"),
            ("PUT", target, &["pbx:read"], "missing_scope"),
            (
                "POST",
                "/api/v2/call-control/hangup/",
                &["callcontrol:read"],
                "missing_scope",
            ),
        ],
    );
}

/// Scopes came as one text, absent, null or empty; an empty list was taken for
/// no restriction.
#[test]
fn a24_what_is_no_list_is_never_decided() {
    let request = |scopes: &str| {
        format!("{{\"method\":\"GET\",\"target\":\"/api/v1/colleagues/\"{scopes}}}\n")
    };
    let input: String = [
        ",\"scopes\":\"colleagues:read pbx:*\"",
        "",
        ",\"scopes\":null",
        ",\"scopes\":[]",
    ]
    .map(request)
    .concat();
    let answer = run_with_input(&["decide"], input.as_bytes()).exits(2);
    let answers: Vec<Value> = answer
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for answer in &answers[..3] {
        assert!(answer["error"].is_string() && answer.get("decision").is_none());
    }
    assert_eq!(answers[3]["reason"], "missing_scope");
    assert_eq!(answers.len(), 4);
}

/// A scope with a quote or a space would break out of the header.
#[test]
fn a26_a_scope_has_no_quote_and_no_space() {
    let policy = "version: 1\nname: t\nscopes:\n  'a\"b:read':\n    routes:\n      - GET /a\n  'a b:read':\n    routes:\n      - GET /b\n";
    assert_eq!(errors(policy), [4, 7]);
}

/// In an embedded server, a star in the middle did not match.
#[test]
fn f08_a_parameter_in_the_middle_matches_one_segment() {
    decides(
        "version: 1\nname: t\nscopes:\n  \"friends:read\":\n    routes:\n      - GET /api/user/{id}/friends\n",
        &[
            ("GET", "/api/user/192/friends", &["friends:read"], "allow"),
            (
                "GET",
                "/api/user/1/2/friends",
                &["friends:read"],
                "unknown_route",
            ),
            ("GET", "/api/user//friends", &["friends:read"], "bad_path"),
        ],
    );
}

/// One key that is valid, one that ended at 1000.
struct Keys;

fn key(letter: &str) -> String {
    format!("wsk-v1-{}", letter.repeat(93))
}

impl KeyStore for Keys {
    type Scopes = &'static [&'static str];
    type Identity = &'static str;

    fn find(&self, presented: &ApiKey<'_>) -> Option<StoredKey<Self::Scopes, &'static str>> {
        let held = &["colleagues:read"][..];
        let known = [
            StoredKey::new(held, "a"),
            StoredKey::new(held, "b").valid_until(1000),
        ];
        known
            .into_iter()
            .find(|stored| presented.matches(key(stored.identity).as_bytes()))
    }
}

/// Asks the guard with these `Authorization` headers: status, reason and
/// challenge.
#[track_caller]
fn guards(headers: &[String], wanted: (u16, &str, &str)) {
    let guard = Guard::new(pbx::Compiled, Keys);
    let headers: Vec<&[u8]> = headers.iter().map(String::as_bytes).collect();
    let decision = guard.decide(headers, "GET", "/api/v1/colleagues/", 2000);
    let denial = decision.denial().expect("the guard denies");
    let challenge = denial.challenge().unwrap().to_string();
    assert_eq!(
        (
            denial.status(),
            denial.reason().as_str(),
            challenge.as_str()
        ),
        wanted
    );
}

const INVALID: &str = "Bearer error=\"invalid_token\"";

/// No credentials were answered with 403 or 400, and with an error code.
#[test]
fn b01_no_key_is_401_without_a_code() {
    guards(&[], (401, "missing_key", "Bearer"));
}

/// Of two Authorization headers, layers picked different ones.
#[test]
fn b03_several_keys_are_never_a_choice() {
    let bearer = |letter: &str| format!("Bearer {}", key(letter));
    let malformed = (401, "malformed_key", INVALID);
    guards(&[bearer("a"), bearer("a")], malformed);
    guards(&[bearer("a"), bearer("c")], malformed);
    guards(&[format!("{},{}", bearer("a"), bearer("a"))], malformed);
}

/// Expired, unknown and malformed tokens should be told apart.
#[test]
fn b05_each_bad_key_has_its_reason() {
    let bearer = |letter: &str| format!("Bearer {}", key(letter));
    guards(&[bearer("b")], (401, "expired_key", INVALID));
    guards(&[bearer("c")], (401, "unknown_key", INVALID));
    guards(&["Bearer".to_owned()], (401, "malformed_key", INVALID));
}
