//! Sets of scopes, public routes and routes for any key, in the commands that show a policy and
//! what changes in it.

use serde_json::{Value, json};

use crate::common::{Answer, TempFile, expect, repository, run};

const BOARDS: &str = "crates/cli/tests/data/boards.yaml";

fn boards(arguments: &[&str]) -> Answer {
    let (command, rest) = arguments.split_first().unwrap();
    run(&[&[*command, "--policy", BOARDS], rest].concat())
}

/// The policy of the file with some of its text changed.
fn changed(pairs: &[(&str, &str)]) -> TempFile {
    let mut text = std::fs::read_to_string(repository().join(BOARDS)).unwrap();
    for (from, to) in pairs {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    TempFile::new("new.yaml", text)
}

#[test]
fn shown_in_every_form() {
    let key = ["-s", "boards.manage,boards.read"];
    for (name, arguments) in [
        ("routes", &["routes"][..]),
        ("routes-key", &["routes", key[0], key[1]]),
        ("routes-no-scope", &["routes", "-s", ""]),
        ("routes-markdown", &["routes", "--format", "markdown"]),
        ("routes-csv", &["routes", "--format", "csv", key[0], key[1]]),
        ("graph", &["graph"]),
        ("graph-dot", &["graph", "--format", "dot"]),
        ("graph-mermaid", &["graph", "--format", "mermaid"]),
        ("graph-part", &["graph", "--resource", "boards.read"]),
    ] {
        expect(
            &format!("boards/{name}.txt"),
            &boards(arguments).exits(0).out,
        );
    }
    let picture = boards(&["graph", "--format", "svg"]).exits(0).out;
    assert_eq!(picture.matches("class=\"pill public ").count(), 2);
    assert_eq!(picture.matches("class=\"pill any-key ").count(), 1);
    let tree = boards(&["graph", "--format", "json"]).exits(0).json();
    assert_eq!(
        tree["resources"],
        json!(["boards.manage", "boards.read", "members.read"])
    );
    assert!(tree.to_string().contains(r#""needs":"any_key""#));
}

#[test]
fn explained() {
    for (name, arguments, code) in [
        ("any-key", "GET /v1/me", 0),
        ("any-key-without-key", "GET /v1/me --no-key", 1),
        ("public-without-key", "GET /v1/health --no-key", 0),
        ("public-with-nonsense", "GET /v1/health -s nonsense", 0),
        ("half", "POST /v1/boards -s boards.read", 1),
        ("half-by-implication", "POST /v1/boards -s boards.manage", 1),
        ("whole", "POST /v1/boards -s boards.read,boards.write", 0),
        (
            "whole-by-implication",
            "POST /v1/boards -s boards.manage,boards.read",
            0,
        ),
        ("nothing", "POST /v1/boards", 1),
        (
            "set-or-scope",
            "POST /v1/boards/7/members -s boards.read",
            1,
        ),
        ("unknown-without-key", "GET /v1/none --no-key", 1),
        ("scopes-without-key", "POST /v1/boards --no-key", 1),
    ] {
        let words = arguments.split(' ').collect::<Vec<_>>();
        let answer = boards(&[&["explain"], words.as_slice()].concat()).exits(code);
        expect(&format!("boards/explain-{name}.txt"), &answer.out);
    }
    let answer = boards(&["explain", "GET", "/v1/me", "--no-key", "-s", "boards.read"]).exits(2);
    assert!(answer.err.contains("cannot be used with"), "{}", answer.err);
}

#[test]
fn explained_for_programs() {
    for (arguments, expected) in [
        (
            "POST /v1/boards -s boards.read",
            json!({
                "decision": "deny", "status": 403, "reason": "missing_scope", "by": null, "by_kind": null,
                "needs": "scopes", "accepted": [], "alternatives": [["boards.read", "boards.write"]],
                "lacking": { "lacks": ["boards.write"], "has": ["boards.read"] }, "key": true,
            }),
        ),
        (
            "POST /v1/boards -s boards.read,boards.manage",
            json!({
                "decision": "allow", "status": 200, "reason": null,
                "by": "boards.read boards.write", "by_kind": "all", "needs": "scopes",
                "accepted": [], "alternatives": [["boards.read", "boards.write"]],
                "lacking": null, "key": true,
            }),
        ),
        (
            "GET /v1/me",
            json!({
                "decision": "allow", "status": 200, "reason": null, "by": "any key", "by_kind": "any_key",
                "needs": "any_key", "accepted": [], "alternatives": [], "lacking": null, "key": true,
            }),
        ),
        (
            "GET /v1/me --no-key",
            json!({
                "decision": "deny", "status": 401, "reason": "missing_key", "by": null, "by_kind": null,
                "needs": "any_key", "accepted": [], "alternatives": [], "lacking": null, "key": false,
            }),
        ),
        (
            "HEAD /v1/health --no-key",
            json!({
                "decision": "allow", "status": 200, "reason": null, "by": "public", "by_kind": "public",
                "needs": "public", "accepted": [], "alternatives": [], "lacking": null, "key": false,
            }),
        ),
        (
            "GET /v1//health --no-key",
            json!({
                "decision": "deny", "status": 401, "reason": "missing_key", "by": null, "by_kind": null,
                "needs": null, "accepted": [], "alternatives": [], "lacking": null, "key": false,
            }),
        ),
    ] {
        let words = arguments.split(' ').collect::<Vec<_>>();
        let answer = boards(&[&["explain", "--format", "json"], words.as_slice()].concat());
        let answer: Value = serde_json::from_str(&answer.out).unwrap();
        for (field, value) in expected.as_object().unwrap() {
            assert_eq!(&answer[field], value, "{arguments}: {field}");
        }
    }
}

#[test]
fn suggested() {
    let log = TempFile::new(
        "access.log",
        [
            ("GET", "/v1/health", 200, 3),
            ("GET", "/v1/boards", 200, 1),
            ("POST", "/v1/boards", 201, 2),
            ("POST", "/v1/boards/7/members", 201, 1),
            ("GET", "/v1/boards/7/members", 403, 1),
            ("GET", "/v1/me", 200, 1),
        ]
        .map(|(method, path, status, times)| {
            format!("{{\"method\":\"{method}\",\"path\":\"{path}\",\"status\":{status}}}\n")
                .repeat(times)
        })
        .concat(),
    );
    let log = log.as_str();
    expect(
        "boards/suggest.txt",
        &boards(&["suggest", &log]).exits(0).out,
    );
    let held = boards(&["suggest", &log, "-s", "boards.read,boards.manage"]).exits(1);
    expect("boards/suggest-held.txt", &held.out);
    let answer = boards(&["suggest", &log, "-s", "boards.read", "--format", "json"])
        .exits(1)
        .json();
    assert_eq!(
        answer["held"]["add"],
        json!(["boards.write", "members.write"])
    );
    assert_eq!(
        answer["scopes"][1]["scopes"],
        json!(["boards.read", "boards.write"])
    );
    assert_eq!(
        answer["open"][0],
        json!({ "route": "GET /v1/health", "requests": 3, "needs": "public" })
    );
    assert_eq!(answer["refused"]["add"], json!(["members.read"]));

    let only_open = TempFile::new(
        "open.log",
        "{\"method\":\"GET\",\"path\":\"/v1/me\",\"status\":200}\n",
    );
    let answer = boards(&["suggest", &only_open.as_str()]).exits(1);
    assert!(
        answer
            .out
            .contains("Every request is to a route that needs no scope"),
        "{}",
        answer.out
    );
}

#[test]
fn compared() {
    let new = changed(&[
        ("any_key:\n", "any_key:\n  - GET /v1/boards\n"),
        ("      - GET /v1/boards\n", ""),
        ("public:\n", "public:\n  - GET /v1/status\n"),
        (
            "  \"boards.manage\": [\"boards.write\"]\n",
            "  \"boards.manage\": [\"boards.write\"]\n  \"superuser\": [\"boards.write\"]\n",
        ),
        ("\"boards.read members.write\":", "\"members.write\":"),
    ]);
    let new = new.as_str();
    let human = run(&["diff", BOARDS, &new])
        .exits(1)
        .out
        .replace(&new, "new.yaml");
    expect("boards/diff.txt", &human);
    let markdown = run(&["diff", BOARDS, &new, "--format", "markdown"]).exits(1);
    expect("boards/diff.md", &markdown.out.replace(&new, "new.yaml"));
    let back = run(&["diff", &new, BOARDS])
        .exits(1)
        .out
        .replace(&new, "new.yaml");
    expect("boards/diff-back.txt", &back);

    let json = run(&["diff", BOARDS, &new, "--format", "json"])
        .exits(1)
        .json();
    assert_eq!(json["counts"]["public"], json!({ "old": 2, "new": 3 }));
    assert_eq!(json["counts"]["any_key"], json!({ "old": 1, "new": 2 }));
    let change = |route: &str| {
        let mut changes = json["changes"].as_array().unwrap().iter();
        changes.find(|change| change["new"] == route).unwrap()
    };
    let create = change("POST /v1/boards");
    assert_eq!(create["gained"], json!([["boards.read", "superuser"]]));
    assert_eq!(
        create["witness"]["wider"]["scopes"],
        json!(["boards.read", "superuser"])
    );
    let status = change("GET /v1/status");
    assert_eq!(
        (&status["opened"], &status["gained"]),
        (&json!("public"), &json!([]))
    );
    assert_eq!(status["witness"]["wider"]["scopes"], Value::Null);
    let list = change("GET /v1/boards");
    assert_eq!(list["opened"], "any_key");
    assert_eq!(list["witness"]["wider"]["scopes"], json!([]));
}

#[test]
fn widening_is_denied_for_each_reason() {
    for (what, pair, code) in [
        (
            "a public route",
            ("public:\n", "public:\n  - GET /v1/status\n"),
            1,
        ),
        (
            "a route for any key",
            ("any_key:\n", "any_key:\n  - GET /v1/status\n"),
            1,
        ),
        (
            "a scope less in a set",
            ("\"boards.read boards.write\":", "\"boards.write\":"),
            1,
        ),
        (
            "a scope more in a set",
            (
                "\"boards.read boards.write\":",
                "\"boards.read boards.write x\":",
            ),
            0,
        ),
        (
            "an implication",
            ("[\"boards.write\"]", "[\"boards.write\", \"members.read\"]"),
            1,
        ),
        (
            "an implication less",
            ("implies:\n  \"boards.manage\": [\"boards.write\"]\n", ""),
            0,
        ),
        ("a global scope", ("implies:", "global: all\nimplies:"), 1),
        ("a public route less", ("  - POST /v1/login\n", ""), 0),
    ] {
        let new = changed(&[pair]);
        let answer = run(&["diff", "--deny", "widening", BOARDS, &new.as_str()]);
        assert_eq!(answer.code, code, "{what}\n{}{}", answer.out, answer.err);
        assert!(!answer.out.contains("no difference"), "{what}");
    }
}

/// The page has what its script needs, and shows it without the script.
#[test]
fn on_the_page() {
    let page = boards(&["routes", "--format", "html"]).exits(0).out;
    for part in [
        r#"<span class="needs"><span class="open public">public</span></span>"#,
        r#"<span class="needs"><span class="open any-key">any key</span></span>"#,
        "<code>boards.read</code> and <code>boards.write</code>",
        "9 routes under 6 scopes (2 of them public, 1 open to every valid key)",
        r#"<input id="keyless" type="checkbox"> No key at all"#,
        "2 routes, 2 with others",
    ] {
        assert!(page.contains(part), "{part}");
    }
}
