//! `routescope test`, from the outside, and the built-in policy's own tests.

use std::fmt::Write;

use crate::common::{
    Answer, TempFile, expect, google_yaml, routescope, run, run_with_closed_pipe, run_with_input,
};
use serde_json::{Value, json};

fn test(tests: &str, arguments: &[&str]) -> Answer {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("my.test.yaml"), tests).unwrap();
    let output = routescope()
        .current_dir(&folder)
        .args(["test", "my.test.yaml"])
        .args(arguments)
        .output()
        .unwrap();
    output.into()
}

const PASSES: &str = "\
version: 1
tests:
  - name: readers read
    request: GET /api/v1/colleagues/42/
    scopes: [\"colleagues:read\"]
    expect: allow
    route: GET /api/v1/colleagues/{id}/
    by: colleagues:read
  - { request: DELETE /api/v1/pbx/colleagues/42/, scopes: [colleagues:read], expect: missing_scope }
  - { request: DELETE /api/v1/pbx/colleagues/42/, scopes: [], expect: deny }
  - { request: PUT /api/v1/../, scopes: [pbx:*], expect: bad_path, rule: dot_segment }
";

/// A failure of every kind.
const FAILS: &str = "\
version: 1
tests:
  - { request: GET /api/v1/colleagues/, scopes: [devices:*], expect: allow }
  - name: a hole
    request: GET /api/v1/colleagues/
    scopes: [\"pbx:*\"]
    expect: missing_scope
  - { request: GET /api/v1/colleagues, scopes: [pbx:*], expect: allow }
  - { request: POST /api/v1/colleagues/, scopes: [pbx:*], expect: allow }
  - { request: get /api/v1/colleagues/, scopes: [pbx:*], expect: allow }
  - { request: GET /api/v1/../, scopes: [pbx:*], expect: allow }
  - { request: GET /api/v1/../, scopes: [pbx:*], expect: bad_path, rule: byte }
  - { request: GET /api/v1/colleagues/, scopes: [pbx:*, pbx:read], expect: allow, route: GET /x/, by: pbx:* }
  - { request: GET /api/v1/colleagues/, scopes: [coleagues:read], expect: unknown_route }
  - { request: GET /nothing/, scopes: [], expect: deny, route: GET /nothing/ }
";

#[test]
fn the_built_in_policy_passes_its_tests() {
    let answer = run(&["test", "routes.test.yaml", "--min-coverage", "100"]).exits(0);
    assert!(
        answer.out.ends_with("\n277 passed, 0 failed\n"),
        "{}",
        answer.out
    );

    let arguments = ["test", "routes.test.yaml", "--coverage", "--format", "json"];
    let value = run(&arguments).exits(0).json();
    assert_eq!(
        value["coverage"],
        json!({ "routes": 110, "touched": 110, "percent": 100.0, "untouched": [] })
    );
    // Each route, allowed and denied.
    let cases = value["cases"].as_array().unwrap();
    for route in routescope::pbx::POLICY.routes() {
        for decision in ["allow", "deny"] {
            let found = cases.iter().any(|case| {
                case["got"]["route"] == route.to_string() && case["got"]["decision"] == decision
            });
            assert!(found, "no case in which {route} is {decision}");
        }
    }
    let rules: std::collections::BTreeSet<&str> = cases
        .iter()
        .filter_map(|case| case["got"]["rule"].as_str())
        .collect();
    assert!(rules.len() >= 15, "{rules:?}");
}

/// Tests that pass whichever way the policy decides would be worth nothing.
#[test]
fn its_tests_find_changes_of_the_built_in_policy() {
    let source = routescope::PBX_ROUTES_YAML;
    let changes = [
        ("umbrella: pbx", "umbrella: info"),
        ("case: exact", "case: insensitive"),
        ("trailing_slash: exact", "trailing_slash: optional"),
        (
            "      - PUT /api/v1/pbx/system/reboot/\n",
            "      - PUT /api/v1/pbx/system/halt/\n",
        ),
        ("      - GET /api/v1/pbx/version/\n", ""),
        ("\"sounds:read\"", "\"trunks:Sound\""),
    ];
    for (old, new) in changes {
        assert!(source.contains(old));
        let policy = TempFile::new("routes.yaml", source.replace(old, new));
        let answer = run(&["test", "routes.test.yaml", "--policy", &policy.as_str()]).exits(1);
        assert!(
            answer.out.contains("FAIL routes.test.yaml:"),
            "{old}: {}",
            answer.out
        );
    }
}

#[test]
fn all_pass() {
    let answer = test(PASSES, &[]).exits(0);
    assert_eq!(
        (answer.out.as_str(), answer.err.as_str()),
        (
            "policy: pbx, updated 2026-05-28, built in\n\n4 passed, 0 failed\n",
            ""
        )
    );
}

#[test]
fn failures_say_what_to_do() {
    let answer = test(FAILS, &[]).exits(1);
    expect("test/failures.txt", &answer.out);
}

#[test]
fn coverage() {
    let policy = TempFile::new(
        "routes.yaml",
        "version: 1\nname: shop\nscopes:\n  \"orders:read\":\n    routes:\n      - GET /orders/\n      - GET /orders/{id}/\n      - GET /orders/{id}/lines/\n",
    );
    let policy = policy.as_str();
    let tests = "version: 1\ntests:\n  - { request: HEAD /orders/7/, scopes: [], expect: deny }\n";
    let with = |arguments: &[&str]| test(tests, &[&["--policy", &policy], arguments].concat());

    let shown = |answer: Answer| answer.out.replace(&policy, "routes.yaml");
    let answer = with(&["--coverage"]).exits(0);
    expect("test/coverage.txt", &shown(answer));
    let answer = with(&["--coverage", "--min-coverage", "50"]).exits(1);
    expect("test/coverage-low.txt", &shown(answer));
    with(&["--min-coverage", "33"]).exits(0);
    with(&["--min-coverage", "34%"]).exits(1);
    with(&["--min-coverage", "101"]).exits(2);

    let value = with(&["--min-coverage", "50", "--format", "json"])
        .exits(1)
        .json();
    assert_eq!((&value["ok"], &value["failed"]), (&json!(false), &json!(0)));
    assert_eq!(
        value["coverage"],
        json!({ "routes": 3, "touched": 1, "percent": 33.3, "untouched": ["GET /orders/", "GET /orders/{id}/lines/"] })
    );
}

#[test]
fn json_field_by_field() {
    let value = test(PASSES, &["--format", "json"]).exits(0).json();
    assert_eq!(value["file"], "my.test.yaml");
    assert_eq!(value["policy"], "pbx");
    assert_eq!(
        (&value["ok"], &value["passed"], &value["failed"]),
        (&json!(true), &json!(4), &json!(0))
    );
    assert_eq!(
        (&value["coverage"], &value["unknown_scopes"]),
        (&Value::Null, &json!([]))
    );
    assert_eq!(
        value["cases"][0],
        json!({
            "name": "readers read",
            "line": 3,
            "request": "GET /api/v1/colleagues/42/",
            "key": null,
            "scopes": ["colleagues:read"],
            "want": { "expect": "allow", "route": "GET /api/v1/colleagues/{id}/", "by": "colleagues:read", "rule": null },
            "got": { "decision": "allow", "reason": null, "route": "GET /api/v1/colleagues/{id}/", "by": "colleagues:read", "rule": null },
            "passed": true,
            "help": [],
        })
    );
    assert_eq!(
        value["cases"][3]["got"],
        json!({ "decision": "deny", "reason": "bad_path", "route": null, "by": null, "rule": "dot_segment" })
    );

    let value = test(FAILS, &["--format", "json"]).exits(1).json();
    assert_eq!((&value["ok"], &value["passed"]), (&json!(false), &json!(0)));
    assert_eq!(
        value["unknown_scopes"],
        json!([{ "scope": "coleagues:read", "lines": [14] }])
    );
    for case in value["cases"].as_array().unwrap() {
        assert_eq!(case["passed"], false);
        assert!(!case["help"].as_array().unwrap().is_empty(), "{case:#}");
    }
}

/// A policy with a requirement of each kind.
const KINDS: &str = "\
version: 1
name: boards
scope_names: opaque
implies: { admin: [boards.write, pins.write] }
public: [POST /login, GET /health]
any_key: [GET /me]
scopes:
  boards.read: { routes: [GET /boards] }
  boards.read boards.write: { routes: [POST /boards] }
  all.of.it: { routes: [POST /pins] }
  boards.read boards.write pins.write: { routes: [POST /pins] }
";

#[test]
fn sets_and_requests_without_a_key() {
    let policy = TempFile::new("routes.yaml", KINDS);
    let policy = policy.as_str();
    let passes = "\
version: 1
tests:
  - { request: POST /login, key: none, expect: allow, by: public, route: POST /login }
  - { request: HEAD /health, key: none, scopes: [], expect: allow }
  - { request: POST /login, scopes: [x], expect: allow, by: public }
  - { request: GET /boards, key: none, expect: missing_key }
  - { request: GET /../, key: none, expect: deny }
  - { request: GET /me, key: none, expect: missing_key }
  - { request: GET /me, scopes: [], expect: allow, by: any key }
  - { request: POST /boards, scopes: [boards.write, boards.read], expect: allow, by: boards.write boards.read }
  - { request: POST /boards, scopes: [admin, boards.read], expect: allow, by: boards.read boards.write }
  - { request: POST /boards, scopes: [boards.write], expect: missing_scope, route: POST /boards }
  - { request: POST /pins, scopes: [all.of.it], expect: allow, by: all.of.it }
";
    let arguments = ["--policy", &policy, "--min-coverage", "80"];
    let answer = test(passes, &arguments).exits(0);
    assert!(
        answer.out.ends_with("\n11 passed, 0 failed\n"),
        "{}",
        answer.out
    );
    let json = [&arguments[..], &["--format", "json"]].concat();
    let value = test(passes, &json).exits(0).json();
    assert_eq!(value["cases"][0]["key"], "none");
    assert_eq!(value["cases"][0]["got"]["by"], "public");
    assert_eq!(value["cases"][3]["got"]["reason"], "missing_key");
    assert_eq!(value["cases"][7]["got"]["by"], "boards.read boards.write");

    let fails = "\
version: 1
tests:
  - { request: POST /login, key: none, expect: missing_key }
  - { request: GET /me, scopes: [], expect: missing_scope }
  - { request: GET /boards, key: none, expect: allow }
  - { request: GET /nothing, key: none, expect: allow }
  - { request: POST /boards, scopes: [boards.write, x], expect: allow }
  - { request: POST /pins, scopes: [admin], expect: allow }
  - { request: POST /pins, scopes: [], expect: allow }
  - { request: POST /boards, scopes: [boards.read, boards.write], expect: deny }
  - { request: POST /boards, scopes: [boards.read, boards.write], expect: allow, by: boards.read }
  - { request: GET /me, scopes: [boards.read], expect: allow, by: boards.read }
  - { request: POST /login, key: none, expect: allow, by: any key }
";
    let answer = test(fails, &["--policy", &policy]).exits(1);
    expect(
        "test/kinds.txt",
        &answer.out.replace(&policy, "routes.yaml"),
    );

    let mistakes = "\
version: 1
tests:
  - { request: GET /, key: wsk-v1-abc, scopes: [], expect: deny }
  - { request: GET /, key: null, scopes: [], expect: deny }
  - { request: GET /, key: none, scopes: [a], expect: deny }
  - { request: GET /, key: none, expect: missing_scope }
  - { request: GET /, scopes: [], expect: missing_key }
  - { request: GET /, key: none, expect: unknown_key }
  - { request: GET /, expect: deny }
";
    let answer = test(mistakes, &[]).exits(2);
    expect("test/kinds-mistakes.txt", &answer.err);
}

#[test]
fn mistakes_in_the_file() {
    let mistakes = "\
version: 1
test: []
tests:
  - { request: GET/api, scope: [devices:*], expect: alow }
  - request: GET /x/{id}/
    scopes: devices:*
    expect: expired_key
  - { request: GET /x/, scopes: [a:b], expect: deny, by: a:b, rule: dotsegment }
  - { name: 7, request: GET /x/, scopes: [1], expect: allow, expect: deny }
  - { scopes: [a:b], expect: missing_scope }
  - hello
";
    let answer = test(mistakes, &[]).exits(2);
    assert_eq!(answer.out, "");
    expect("test/mistakes.txt", &answer.err);
    for (tests, expected) in [
        ("", "there are no tests in the file"),
        ("[]", "a file of tests is a list, not a mapping"),
        (
            "version: 2\nfoo: bar\n",
            "`version` is the number 2, and this command reads version 1",
        ),
        ("version: 1\ntests: []\n", "`tests` is an empty list"),
        ("version: 1\n", "`tests` is missing"),
        (
            "tests:\n  - { request: GET /, scopes: [], expect: deny }\n",
            "`version` is missing",
        ),
        ("version: 1\ntests: \"\n", "these quotes are never closed"),
    ] {
        let answer = test(tests, &["--format", "json"]).exits(2);
        assert!(answer.err.contains(expected), "{tests}: {}", answer.err);
        assert!(answer.err.contains("help: "), "{tests}: {}", answer.err);
    }
}

#[test]
fn standard_input() {
    let answer = run_with_input(&["test", "-"], PASSES.as_bytes()).exits(0);
    assert!(
        answer.out.ends_with("\n\n4 passed, 0 failed\n"),
        "{}",
        answer.out
    );
}

#[test]
fn files_that_cannot_be_read() {
    let answer = run(&["test", "no-such-file.yaml"]).exits(2);
    assert!(
        answer.err.contains("cannot read no-such-file.yaml"),
        "{}",
        answer.err
    );
    let answer = test(PASSES, &["--policy", "no-such-policy.yaml"]).exits(2);
    assert!(
        answer.err.contains("cannot read no-such-policy.yaml"),
        "{}",
        answer.err
    );
    let answer = run_with_input(&["test", "-"], b"version: 1\n\xFF").exits(2);
    assert!(
        answer.err.contains("not UTF-8, from line 2 on"),
        "{}",
        answer.err
    );
    test(PASSES, &["--format", "html"]).exits(2);
}

/// Nobody reads, and the exit code still says whether a case failed.
#[test]
fn a_closed_pipe() {
    let passes = TempFile::new("my.test.yaml", PASSES);
    assert_eq!(
        run_with_closed_pipe(&["test", &passes.as_str()])
            .exits(0)
            .err,
        ""
    );
    let mut many = FAILS.to_owned();
    for _ in 0..2000 {
        many.push_str("  - { request: GET /nothing/, scopes: [], expect: allow }\n");
    }
    let fails = TempFile::new("my.test.yaml", many);
    assert_eq!(
        run_with_closed_pipe(&["test", &fails.as_str()])
            .exits(1)
            .err,
        ""
    );
}

/// The texts of a file of tests are shown, never obeyed by a terminal.
#[test]
fn nothing_acts_on_a_terminal() {
    let tests = "version: 1\ntests:\n  - { name: \"\\e[2J\", request: \"GET /\\e[2J\", scopes: [\"\\e[2J\"], expect: allow }\n";
    let answer = test(tests, &[]).exits(1);
    assert!(!answer.out.contains('\x1b'), "{:?}", answer.out);
}

#[test]
fn a_policy_of_5203_routes() {
    let google = TempFile::new("google.yaml", google_yaml());
    let mut tests = "version: 1\ntests:\n".to_owned();
    let listed = run(&["routes", "--policy", &google.as_str(), "--format", "json"])
        .exits(0)
        .json();
    for route in listed["routes"].as_array().unwrap() {
        let path = route["path"].as_str().unwrap();
        let target: Vec<&str> = path
            .split('/')
            .map(|segment| {
                if segment.starts_with('{') {
                    "7f3a"
                } else {
                    segment
                }
            })
            .collect();
        let (method, scope) = (route["method"].as_str().unwrap(), &route["listed"][0]);
        writeln!(
            tests,
            "  - {{ request: {method} {}, scopes: [{scope}], expect: allow }}",
            target.join("/")
        )
        .unwrap();
    }
    let arguments = ["--policy", &google.as_str(), "--min-coverage", "99.9"];
    let answer = test(&tests, &arguments).exits(0);
    assert!(
        answer.out.ends_with("5203 passed, 0 failed\n"),
        "{}",
        answer.out
    );
}
