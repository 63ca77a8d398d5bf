//! `routescope suggest`, end to end.

use std::fmt::Write as _;

use crate::common::{TempFile, expect, google_yaml, run, run_with_closed_pipe, run_with_input};
use serde_json::{Value, json};

/// A week in the life of an integration, and of the internet.
const COMBINED: &str = r#"192.0.2.1 - - [28/May/2026:10:00:00 +0000] "GET /api/v1/colleagues/ HTTP/1.1" 200 312 "-" "client/1.0"
192.0.2.1 - - [28/May/2026:10:00:01 +0000] "GET /api/v1/colleagues/7/ HTTP/1.1" 200 312 "-" "client/1.0"
192.0.2.1 - - [28/May/2026:10:00:02 +0000] "GET /api/v1/colleagues/8/?x=1 HTTP/1.1" 200 312 "-" "client \"1\""
192.0.2.1 - - [28/May/2026:10:00:03 +0000] "HEAD /api/v1/phonebooks/7/contacts/?page=2 HTTP/2.0" 200 0 "-" "client/1.0"
192.0.2.1 - - [28/May/2026:10:00:04 +0000] "POST /api/v1/phonebooks/7/contacts/ HTTP/1.1" 201 20 "-" "client/1.0"
192.0.2.1 - - [28/May/2026:10:00:05 +0000] "PUT /api/v1/sounds/%C3%BCbergabe.wav/ HTTP/1.1" 500 20 "-" "client/1.0"

192.0.2.7 - - [28/May/2026:10:00:06 +0000] "GET /wp-login.php HTTP/1.1" 403 20 "-" "-"
192.0.2.7 - - [28/May/2026:10:00:07 +0000] "GET /wp-login.php?again HTTP/1.1" 403 20 "-" "-"
192.0.2.7 - - [28/May/2026:10:00:08 +0000] "GET /a\x22b\xFF\"\\\n HTTP/1.1" 403 20 "-" "-"
192.0.2.7 - - [28/May/2026:10:00:09 +0000] "GET /api/v1/colleagues/a b HTTP/1.1" 403 20 "-" "-"
192.0.2.7 - - [28/May/2026:10:00:10 +0000] "PROPFIND / HTTP/1.1" 405 20 "-" "-"
192.0.2.7 - - [28/May/2026:10:00:11 +0000] "DELETE /api/v1/sounds/directory/ HTTP/1.1" 403 20 "-" "-"
192.0.2.7 - - [28/May/2026:10:00:12 +0000] "\x16\x03\x01" 400 0 "-" "-"
192.0.2.7 - - [28/May/2026:10:00:13 +0000] "-" 408 0 "-" "-"
"#;

#[test]
fn suggests_to_people() {
    let cases: [(&str, &[&str], i32); 5] = [
        ("all", &[], 0),
        ("only-successful", &["--only-successful"], 0),
        (
            "held-too-much",
            &["-s", "pbx:*,devices:*,colleague:read"],
            0,
        ),
        ("held-too-little", &["-s", "pbx:read phonebooks:read"], 1),
        ("held-nothing", &["-s", ""], 1),
    ];
    for (name, arguments, code) in cases {
        let arguments = [&["suggest", "-"], arguments].concat();
        let answer = run_with_input(&arguments, COMBINED.as_bytes()).exits(code);
        assert_eq!(answer.err, "");
        assert!(answer.out.is_ascii(), "a byte of the log got out unescaped");
        expect(&format!("suggest/{name}.txt"), &answer.out);
    }
}

#[test]
fn json_has_every_field() {
    let file = TempFile::new("access.log", COMBINED);
    let answer = run(&[
        "suggest",
        &file.as_str(),
        "--format",
        "json",
        "--scope",
        "pbx:read",
        "--scope",
        "devices:*,colleague:read",
    ])
    .exits(1)
    .json();
    let route = |route: &str, requests: u64, narrowest: &str| json!({ "route": route, "requests": requests, "narrowest": narrowest });
    let contacts = "/api/v1/phonebooks/{phonebookid}/contacts/";
    assert_eq!(
        answer["logs"],
        json!([{
            "file": file.as_str(),
            "kind": "combined",
            "lines": 15,
            "without_request": 1,
            "unread": 1,
            "first_unread": [
                { "line": 14, "why": "the text in the quotes is no request such as `GET /a/ HTTP/1.1`" },
            ],
        }])
    );
    assert_eq!(answer["policy"]["name"], "pbx");
    assert_eq!(
        (&answer["requests"], &answer["left_out"]),
        (&json!(12), &json!(0))
    );
    assert_eq!(
        answer["scopes"],
        json!([
            {
                "scope": "colleagues:read", "scopes": ["colleagues:read"], "opens": 4, "requests": 3,
                "routes": [
                    route("GET /api/v1/colleagues/{id}/", 2, "colleagues:read"),
                    route("GET /api/v1/colleagues/", 1, "colleagues:read"),
                ],
            },
            {
                "scope": "phonebooks:*", "scopes": ["phonebooks:*"], "opens": 10, "requests": 2,
                "routes": [
                    route(&format!("GET {contacts}"), 1, "phonebooks:read"),
                    route(&format!("POST {contacts}"), 1, "phonebooks:*"),
                ],
            },
            {
                "scope": "sounds:*", "scopes": ["sounds:*"], "opens": 5, "requests": 1,
                "routes": [route("PUT /api/v1/sounds/{path}/", 1, "sounds:*")],
            },
        ])
    );
    let uncovered = &answer["uncovered"];
    assert_eq!(
        (&uncovered["requests"], &uncovered["forgot"]),
        (&json!(6), &json!(false))
    );
    assert_eq!(
        uncovered["reasons"],
        json!([
            { "reason": "bad_path", "requests": 2 },
            { "reason": "unknown_route", "requests": 2 },
            { "reason": "bad_method", "requests": 1 },
            { "reason": "method_not_listed", "requests": 1 },
        ])
    );
    let example = |reason: &str,
                   rule: Value,
                   method: &str,
                   target: Value,
                   hex: Value,
                   requests: u64,
                   line: u64| {
        json!({
            "reason": reason, "rule": rule, "method": method, "target": target, "target_hex": hex,
            "requests": requests, "file": file.as_str(), "line": line,
        })
    };
    assert_eq!(
        uncovered["examples"],
        json!([
            example(
                "unknown_route",
                Value::Null,
                "GET",
                json!("/wp-login.php"),
                Value::Null,
                2,
                8
            ),
            // The bytes of the wire, not the log's escapes.
            example(
                "bad_path",
                json!("byte"),
                "GET",
                Value::Null,
                json!("2f612262ff225c0a"),
                1,
                10
            ),
            example(
                "bad_path",
                json!("byte"),
                "GET",
                json!("/api/v1/colleagues/a b"),
                Value::Null,
                1,
                11
            ),
            example(
                "bad_method",
                Value::Null,
                "PROPFIND",
                json!("/"),
                Value::Null,
                1,
                12
            ),
            example(
                "method_not_listed",
                Value::Null,
                "DELETE",
                json!("/api/v1/sounds/directory/"),
                Value::Null,
                1,
                13
            ),
        ])
    );
    assert_eq!(
        answer["held"],
        json!({
            "scopes": [
                { "scope": "pbx:read", "known": true, "nearest": null, "hint": null, "requests": 4 },
                { "scope": "devices:*", "known": true, "nearest": null, "hint": null, "requests": 0 },
                { "scope": "colleague:read", "known": false, "nearest": "colleagues:read", "hint": "did you mean `colleagues:read`?", "requests": 0 },
            ],
            "lacking": [
                route(&format!("POST {contacts}"), 1, "phonebooks:*"),
                route("PUT /api/v1/sounds/{path}/", 1, "sounds:*"),
            ],
            "add": ["phonebooks:*", "sounds:*"],
            "unused": ["devices:*"],
        })
    );
    let fields = answer.as_object().unwrap().keys().collect::<Vec<_>>();
    let nothing = run_with_input(&["suggest", "-", "--format", "json"], b"")
        .exits(1)
        .json();
    assert_eq!(
        nothing.as_object().unwrap().keys().collect::<Vec<_>>(),
        fields
    );
    assert_eq!(
        (&nothing["scopes"], &nothing["held"]),
        (&json!([]), &Value::Null)
    );
    assert_eq!(nothing["logs"][0]["kind"], Value::Null);
}

/// The suggested scopes allow every request of the log that any scope could,
/// and the same log as JSON lines gives the same suggestion.
#[test]
fn every_shape_of_log_says_the_same() {
    let requests = [
        ("GET", "/api/v1/colleagues/", 200),
        ("POST", "/api/v1/devices/", 201),
        ("GET", "/nothing/", 404),
    ];
    let combined: String = requests
        .iter()
        .map(|(method, target, status)| {
            format!("h - - [t] \"{method} {target} HTTP/1.1\" {status} 0\n")
        })
        .collect();
    let scopes = |text: &str, arguments: &[&str]| {
        let arguments = [&["suggest", "-", "--format", "json"], arguments].concat();
        let json = run_with_input(&arguments, text.as_bytes()).exits(0).json();
        let names: Vec<String> = json["scopes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|choice| choice["scope"].as_str().unwrap().to_owned())
            .collect();
        (
            names,
            json["uncovered"]["requests"].as_u64(),
            json["left_out"].as_u64(),
        )
    };
    let wanted = vec!["colleagues:read".to_owned(), "devices:*".to_owned()];
    assert_eq!(scopes(&combined, &[]), (wanted.clone(), Some(1), Some(0)));
    assert_eq!(
        scopes(&combined, &["--only-successful"]),
        (wanted.clone(), Some(0), Some(1))
    );
    assert_eq!(
        scopes(&combined, &["--log", "combined"]),
        (wanted.clone(), Some(1), Some(0))
    );
    type Shape = fn(&str, &str, u16) -> Value;
    let shapes: [Shape; 6] = [
        |method, target, status| json!({ "method": method, "target": target, "status": status }),
        |method, target, status| json!({ "time": 1.5, "request_method": method, "request_uri": target, "uri": "/x", "status": status.to_string() }),
        |method, target, status| json!({ "method": method, "path": target, "status": status }),
        |method, target, status| json!({ "method": method, "url": format!("https://pbx.example{target}"), "status": status }),
        |method, target, status| json!({ "request": format!("{method} {target} HTTP/1.1"), "status": status }),
        |method, target, status| json!({ "request": { "method": method, "uri": target, "proto": "HTTP/2.0" }, "status": status }),
    ];
    for shape in shapes {
        let text: String = requests
            .iter()
            .map(|(method, target, status)| format!("{}\n", shape(method, target, *status)))
            .collect();
        assert_eq!(
            scopes(&text, &[]),
            (wanted.clone(), Some(1), Some(0)),
            "{text}"
        );
        assert_eq!(
            scopes(&text, &["--log", "json"]),
            (wanted.clone(), Some(1), Some(0))
        );
        assert_eq!(
            scopes(&text, &["--only-successful"]),
            (wanted.clone(), Some(0), Some(1)),
            "{text}"
        );
    }
}

#[test]
fn several_logs() {
    let first = TempFile::new("one.log", COMBINED);
    let second = TempFile::new("two.jsonl", "{\"method\":\"GET\",\"path\":\"/second\"}\n");
    let answer = run(&[
        "suggest",
        &first.as_str(),
        &second.as_str(),
        "--format",
        "json",
    ])
    .exits(0);
    let json = answer.json();
    assert_eq!(json["requests"], 13);
    assert_eq!(json["logs"][1]["kind"], "json");
    let examples = json["uncovered"]["examples"].as_array().unwrap();
    let example = examples
        .iter()
        .find(|example| example["target"] == "/second")
        .unwrap();
    assert_eq!(
        (&example["file"], &example["line"]),
        (&json!(second.as_str()), &json!(1))
    );
    let answer = run(&["suggest", &first.as_str(), &second.as_str()]).exits(0);
    assert!(
        answer
            .out
            .contains(&format!("first in {}:1", second.as_str())),
        "{}",
        answer.out
    );
}

#[test]
fn wrong_commands_and_input() {
    let answer = run(&["suggest"]).exits(2);
    assert!(answer.err.contains("<FILE>"), "{}", answer.err);
    let answer = run(&["suggest", "no-such.log"]).exits(2);
    assert!(
        answer.err.contains("cannot read no-such.log"),
        "{}",
        answer.err
    );
    let answer = run(&["suggest", "-", "-"]).exits(2);
    assert!(answer.err.contains("only one file"), "{}", answer.err);
    let answer = run(&["suggest", "-", "-p", "-"]).exits(2);
    assert!(answer.err.contains("only one file"), "{}", answer.err);
    let answer = run(&["suggest", "-", "--format", "html"]).exits(2);
    assert!(
        answer.err.contains("[possible values: human, json]"),
        "{}",
        answer.err
    );

    let answer = run(&["suggest", "README.md"]).exits(2);
    assert_eq!(answer.out, "");
    assert!(
        answer
            .err
            .contains("no line of README.md could be read as the combined log format; line 1:"),
        "{}",
        answer.err
    );
    assert!(answer.err.contains("--log json"), "{}", answer.err);
    let answer = run_with_input(&["suggest", "-", "--log", "json"], COMBINED.as_bytes()).exits(2);
    assert!(
        answer
            .err
            .contains("could be read as JSON lines; line 1: it is no JSON object"),
        "{}",
        answer.err
    );

    // Bytes that are no UTF-8 are a matter of their line alone.
    let log = [
        b"h \xFF - [t] \"GET /\xFF HTTP/1.1\" 400 0\n\xFF\xFE\n",
        COMBINED.as_bytes(),
    ]
    .concat();
    let json = run_with_input(&["suggest", "-", "--format", "json"], &log)
        .exits(1)
        .json();
    assert_eq!(
        (&json["requests"], &json["logs"][0]["unread"]),
        (&json!(13), &json!(2))
    );
    assert_eq!(
        json["doubts"],
        json!([
            "2 of 16 lines in standard input could not be read; what they ask for is missing here"
        ])
    );
    let log = [
        b"{\"method\":\"GET\",\"path\":\"/\xFF\"}\n".as_slice(),
        b"{\"method\":\"GET\",\"path\":\"/\"}\n",
    ]
    .concat();
    let json = run_with_input(&["suggest", "-", "--format", "json"], &log)
        .exits(1)
        .json();
    assert_eq!(
        (&json["requests"], &json["logs"][0]["unread"]),
        (&json!(1), &json!(1))
    );

    for empty in ["", "\n\n"] {
        let answer = run_with_input(&["suggest", "-"], empty.as_bytes()).exits(1);
        assert!(
            answer
                .out
                .ends_with("\nThere are no requests in the log, so there is no scope to suggest\n"),
            "{}",
            answer.out
        );
    }
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let file = TempFile::new("access.log", COMBINED);
    let answer = run_with_closed_pipe(&["suggest", &file.as_str()]).exits(0);
    assert_eq!(answer.err, "");
}

/// A log that calls every route: the suggestion covers them all, and each
/// suggested scope is one that the file lists.
#[test]
fn a_large_policy() {
    let source = google_yaml();
    let policy = TempFile::new("google.yaml", &source);
    let compiled = routescope_compiler::compile("google.yaml", &source).unwrap();
    let compiled = compiled.policy();
    let mut log = String::new();
    let mut requests = Vec::new();
    for route in compiled.routes() {
        let target = route.template().replace(['{', '}'], "");
        if compiled.required_scopes(route.method(), &target).is_ok() {
            writeln!(
                log,
                "h - - [t] \"{} {target} HTTP/1.1\" 200 0",
                route.method()
            )
            .unwrap();
            requests.push((route.method(), target));
        }
    }
    assert!(requests.len() > 5000, "{}", requests.len());
    let json = run_with_input(
        &[
            "suggest",
            "-",
            "--policy",
            &policy.as_str(),
            "--format",
            "json",
        ],
        log.as_bytes(),
    )
    .exits(0)
    .json();
    assert_eq!(json["requests"], requests.len());
    assert_eq!(json["uncovered"]["requests"], 0);
    let names: Vec<&str> = json["scopes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|choice| choice["scope"].as_str().unwrap())
        .collect();
    let held = compiled.scope_set(&names);
    assert_eq!(held.unknown_count(), 0);
    for (method, target) in &requests {
        assert!(
            compiled.authorize(&held, method, target).is_allow(),
            "{method} {target}"
        );
    }
    let declared = |name: &str| {
        compiled
            .scopes()
            .any(|scope| scope.name() == name && scope.is_declared())
    };
    assert!(names.iter().all(|name| declared(name)));
}
