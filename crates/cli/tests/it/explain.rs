//! `routescope explain`, end to end.

use std::ffi::OsStr;

use crate::common::{
    TempFile, expect, google_yaml, repository, run, run_with_closed_pipe, run_with_input,
};
use serde_json::{Value, json};

/// Frequent questions, each with its whole answer: `tests/explain/NAME.txt`.
#[test]
fn explains_to_people() {
    let cases: [(&str, &[&str]); 25] = [
        (
            "allow",
            &["GET", "/api/v1/colleagues/?page=2", "-s", "colleagues:read"],
        ),
        (
            "allow-head-by-umbrella",
            &["HEAD", "/api/v1/colleagues/7/", "--scope", "pbx:*,x:y"],
        ),
        (
            "missing-scope",
            &[
                "PUT",
                "/api/v1/pbx/system/reboot/",
                "--scope",
                "colleagues:read",
                "--scope",
                "pbxpowr:* coll*:read,*:read,*:*,colleagues,colleagues:write,Colleagues:Read,nothing",
            ],
        ),
        (
            "missing-scope-without-scopes",
            &["POST", "/api/v1/devices/"],
        ),
        (
            "method-not-listed",
            &["DELETE", "/api/v1/sounds/directory/", "-s", "pbx:*"],
        ),
        (
            "unknown-slash",
            &["GET", "/api/v1/colleagues", "-s", "pbx:*"],
        ),
        ("unknown-prefix", &["GET", "/colleagues/"]),
        ("unknown-extra", &["GET", "/pbx/api/v1/colleagues/7/"]),
        ("unknown-spelling", &["GET", "/api/v1/Colleages/5"]),
        (
            "unknown-method-too",
            &["GET", "/api/v3/pbx/colleagues/x/preferences"],
        ),
        ("unknown-far", &["GET", "/wp-login.php"]),
        (
            "bad-method-case",
            &["get", "/api/v1/colleagues/", "-s", "pbx:read"],
        ),
        ("bad-method-other", &["PROPFIND", "/"]),
        (
            "bad-path-byte",
            &["GET", "/api/v1/colleagues/a;b/", "-s", "pbx:*"],
        ),
        (
            "bad-path-control",
            &["GET", "--target-hex", "2f6170692f1b5b324a0aff2f"],
        ),
        ("bad-path-text", &["GET", "/api/v1/sounds/übergabe.wav/"]),
        ("bad-path-dots", &["GET", "/api/v1/sounds/../pbx/"]),
        ("bad-path-escaped", &["GET", "/api/v1/sounds/%2e%2e/pbx/"]),
        ("bad-path-delimiter", &["GET", "/api/v1/sounds/..%2fpbx/"]),
        (
            "bad-path-shadow",
            &["PUT", "/api/v1/dialplan/timetables/IMPORT/"],
        ),
        (
            "bad-path-confusable",
            &["GET", "/api/v1/sounds/a%EF%BC%8Fb/"],
        ),
        (
            "bad-path-url",
            &["GET", "https://pbx.example/api/v1/colleagues/"],
        ),
        ("bad-path-query", &["GET", "/api/v1/colleagues/?name=a b"]),
        ("bad-path-asterisk", &["OPTIONS", "*"]),
        ("bad-path-empty", &["GET", ""]),
    ];
    for (name, arguments) in cases {
        let answer = run(&[&["explain"], arguments].concat());
        let answer = answer.exits(i32::from(!name.starts_with("allow")));
        assert_eq!(answer.err, "");
        expect(&format!("explain/{name}.txt"), &answer.out);
        assert!(
            answer.out.is_ascii(),
            "{name}: a byte of the request got out unescaped"
        );
    }
}

/// One target for each rule: every rule has its sentences, and its caret is
/// below the byte that the engine names.
#[test]
fn every_rule_is_explained() {
    let long = format!("/{}", "a/".repeat(1200));
    let deep = "/a".repeat(33);
    let wide = format!("/{}", "a".repeat(256));
    let cases = [
        ("too_long", long.as_str()),
        ("not_origin_form", "api/v1/"),
        ("fragment", "/a#b"),
        ("query_bytes", "/a?b c"),
        ("too_many_segments", &deep),
        ("segment_too_long", &wide),
        ("byte", "/a\\b"),
        ("bad_escape", "/a%2"),
        ("encoded_delimiter", "/a%2Fb"),
        ("encoded_unreserved", "/%61"),
        ("utf8", "/%C0%AF"),
        ("confusable", "/%E2%80%8B"),
        ("empty_segment", "/a//b"),
        ("dot_segment", "/a/./b"),
        ("segment_edge", "/a./b"),
        ("shadows_literal", "/api/v1/sounds/Directory/"),
    ];
    for (rule, target) in cases {
        let answer = run(&["explain", "GET", target, "-s", "pbx:*"]).exits(1);
        let lines: Vec<&str> = answer.out.lines().collect();
        let carets = lines
            .iter()
            .position(|line| line.trim_start().starts_with('^'));
        let carets = carets.unwrap_or_else(|| panic!("no carets: {}", answer.out));
        assert!(lines[carets].contains(rule), "{rule}: {}", answer.out);
        assert!(lines[carets - 1].len() < 130, "{}", lines[carets - 1]);

        let json = run(&["explain", "GET", target, "-s", "pbx:*", "--format", "json"])
            .exits(1)
            .json();
        let refusal = &json["refusal"];
        assert_eq!(refusal["rule"], rule);
        let (says, attack) = (refusal["says"].as_str(), refusal["attack"].as_str());
        assert!(says.unwrap().ends_with('.') && attack.unwrap().ends_with('.'));
        assert!(
            json["advice"][0].as_str().unwrap().ends_with(['.', '/']),
            "{json}"
        );
        let (at, length) = (
            refusal["at"].as_u64().unwrap(),
            refusal["length"].as_u64().unwrap(),
        );
        assert!(at + length <= target.len() as u64 && length > 0);
        if target.len() < 60 {
            let at = usize::try_from(at).unwrap();
            assert_eq!(lines[carets].find('^'), Some(2 + at), "{rule}");
            assert_eq!(&lines[carets - 1][2..], target);
        }
    }
}

#[test]
fn json_has_every_field() {
    let json = run(&[
        "explain",
        "PUT",
        "/api/v1/pbx/system/reboot/?x",
        "-s",
        "pbxpowr:*,devices:*",
        "--format",
        "json",
    ])
    .exits(1)
    .json();
    let digest: String = routescope::pbx::POLICY
        .digest()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(
        json,
        json!({
            "version": 1,
            "policy": { "name": "pbx", "updated": "2026-05-28", "digest": digest },
            "digest": digest,
            "request": { "method": "PUT", "target": "/api/v1/pbx/system/reboot/?x", "target_hex": null },
            "decision": "deny",
            "status": 403,
            "reason": "missing_scope",
            "summary": "The key holds none of the scopes that the route accepts.",
            "route": "PUT /api/v1/pbx/system/reboot/",
            "by": null,
            "accepted": ["pbxpower:*", "pbx:*"],
            "alternatives": [["pbxpower:*"], ["pbx:*"]],
            "by_kind": null,
            "needs": "scopes",
            "lacking": { "lacks": ["pbxpower:*"], "has": [] },
            "key": true,
            "held": [
                { "scope": "pbxpowr:*", "known": false, "nearest": "pbxpower:*", "hint": "did you mean `pbxpower:*`?" },
                { "scope": "devices:*", "known": true, "nearest": null, "hint": null },
            ],
            "matching": [
                { "template": "/api/v1/pbx/system/reboot/", "methods": ["PUT"], "wins": true, "because": null },
            ],
            "refusal": null,
            "nearest": [],
            "advice": [
                "Correct the key's `pbxpowr:*`: `pbxpower:*` would allow the request.",
                "Give the key `pbxpower:*`, the narrowest scope that allows the request; it opens 1 route.",
            ],
            "response": {
                "status_line": "HTTP/1.1 403 Forbidden",
                "headers": [
                    ["WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"pbxpower:*\""],
                    ["X-Accepted-Scopes", "pbxpower:*, pbx:*"],
                ],
            },
        })
    );
    let fields: Vec<&String> = json.as_object().unwrap().keys().collect();
    for arguments in [
        &["GET", "/api/v1/colleagues/", "-s", "pbx:read"][..],
        &["GET", "--target-hex", "2fff"],
        &["GET", "/nothing"],
        &["get", "/"],
        &["PATCH", "/api/v1/colleagues/"],
    ] {
        let answer = run(&[&["explain", "--format", "json"], arguments].concat());
        let json = answer.json();
        assert_eq!(json.as_object().unwrap().keys().collect::<Vec<_>>(), fields);
        assert_eq!(answer.code, i32::from(json["decision"] == "deny"));
    }
}

#[test]
fn json_of_the_other_decisions() {
    let explain =
        |arguments: &[&str]| run(&[&["explain", "--format", "json"], arguments].concat()).json();

    let json = explain(&["HEAD", "/api/v1/colleagues/7/", "-s", "pbx:* colleagues:*"]);
    assert_eq!(
        (&json["decision"], &json["by"]),
        (&json!("allow"), &json!("colleagues:*"))
    );
    assert_eq!(json["route"], "GET /api/v1/colleagues/{id}/");
    assert_eq!(
        (&json["reason"], &json["response"]),
        (&Value::Null, &Value::Null)
    );

    let json = explain(&["DELETE", "/api/v1/sounds/directory/"]);
    assert_eq!(
        (&json["route"], &json["accepted"]),
        (&Value::Null, &json!([]))
    );
    assert_eq!(json["matching"][0]["template"], "/api/v1/sounds/directory/");
    assert_eq!(json["matching"][0]["wins"], true);
    assert_eq!(json["matching"][1]["template"], "/api/v1/sounds/{path}/");
    assert_eq!(json["matching"][1]["wins"], false);
    assert!(
        json["matching"][1]["because"]
            .as_str()
            .unwrap()
            .starts_with("segment 4:")
    );

    let json = explain(&["GET", "/api/v1/colleagues"]);
    assert_eq!(
        json["nearest"],
        json!([{
            "template": "/api/v1/colleagues/",
            "methods": ["GET", "HEAD"],
            "change": ["add `/` at the end"],
        }])
    );

    let json = explain(&["GET", "--target-hex", "2fff41"]);
    assert_eq!(
        json["request"],
        json!({ "method": "GET", "target": null, "target_hex": "2fff41" })
    );
    assert_eq!(json["refusal"]["at"], 1);

    let json = explain(&["PUT", "/api/v1/dialplan/timetables/%69mport/"]);
    assert_eq!(json["refusal"]["rule"], "encoded_unreserved");
    let json = explain(&["PUT", "/api/v1/dialplan/timetables/Import/"]);
    assert_eq!(json["refusal"]["resembles"], "import");
}

/// The property: the library and the command decide alike, on every hostile
/// path.
#[test]
fn decides_as_the_library_does() {
    let cases = std::fs::read(repository().join("tests/data/path-cases.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_slice(&cases).unwrap();
    assert_eq!(cases.len(), 216);
    for case in &cases {
        let method = case["method"].as_str().unwrap();
        let digits = match (&case["target_hex"], &case["target"]) {
            (Value::String(digits), _) => digits.clone(),
            (_, target) => {
                let target = target.as_str().unwrap();
                target.bytes().map(|byte| format!("{byte:02x}")).collect()
            }
        };
        let target: Vec<u8> = (0..digits.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
            .collect();
        let held = ["pbx:read", "sounds:*"];
        let wanted = routescope::pbx::POLICY.authorize(&held, method, &target);
        let answer = run(&[
            "explain",
            "--format",
            "json",
            "-s",
            "pbx:read,sounds:*",
            "--target-hex",
            &digits,
            "--",
            method,
        ]);
        let answer = answer.exits(i32::from(!wanted.is_allow()));
        let json = answer.json();
        let id = &case["id"];
        assert_eq!(json["decision"] == "allow", wanted.is_allow(), "{id}");
        assert_eq!(
            json["status"],
            wanted.denial().map_or(200, |denial| denial.status()),
            "{id}"
        );
        assert_eq!(
            json["reason"],
            json!(wanted.denial().map(|denial| denial.reason().as_str())),
            "{id}"
        );
        // The fields that another part of the command writes agree with the decision.
        if let Some(route) = json["route"].as_str() {
            let (_, template) = route.split_once(' ').unwrap();
            assert_eq!(json["matching"][0]["template"], template, "{id}");
        }
        let winners = json["matching"].as_array().unwrap().iter();
        let winners = winners.filter(|matching| matching["wins"] == true).count();
        let has_winner =
            ["missing_scope", "method_not_listed"].map(|reason| json["reason"] == reason);
        assert_eq!(
            winners == 1,
            wanted.is_allow() || has_winner.contains(&true),
            "{id}"
        );
        if json["reason"] == "bad_path" {
            assert_eq!(
                json["refusal"]["resembles"].is_string(),
                json["refusal"]["rule"] == "shadows_literal",
                "{id}"
            );
        }
    }
}

#[test]
fn options_of_the_policy_are_told_right() {
    let yaml = "version: 1\nname: lenient\npaths: { trailing_slash: optional, case: insensitive }\nscopes:\n  \"a:read\":\n    routes:\n      - GET /Files/{*path}\n      - GET /files/Index/\n      - GET /files/{name}/\n";
    let policy = TempFile::new("lenient.yaml", yaml);
    let explain = |method: &str, target: &str| {
        run(&[
            "explain",
            method,
            target,
            "-p",
            &policy.as_str(),
            "-s",
            "a:read",
            "--format",
            "json",
        ])
        .json()
    };
    let json = explain("GET", "/FILES/index");
    assert_eq!(json["decision"], "allow");
    let templates: Vec<&Value> = json["matching"]
        .as_array()
        .unwrap()
        .iter()
        .map(|matching| &matching["template"])
        .collect();
    assert_eq!(
        templates,
        ["/files/Index/", "/files/{name}/", "/Files/{*path}"]
    );
    let json = explain("GET", "/fils/x/y");
    assert_eq!(
        json["nearest"][0]["change"],
        json!(["write `Files` for `fils`"])
    );
}

#[test]
fn a_large_policy() {
    let policy = TempFile::new("google.yaml", google_yaml());
    let explain =
        |arguments: &[&str]| run(&[&["explain", "-p", &policy.as_str()], arguments].concat());
    let shown =
        |answer: &crate::common::Answer| answer.out.replace(&policy.as_str(), "google.yaml");
    let answer = explain(&[
        "GET",
        "/accessapproval/v1/folders/7/accessApprovalSetings",
        "-s",
        "accessapproval.v1.folders:raed",
    ])
    .exits(1);
    expect("explain/large-unknown.txt", &shown(&answer));
    let answer = explain(&[
        "GET",
        "/accessapproval/v1/folders/7/accessApprovalSettings",
        "-s",
        "accessapproval.v1.folders:raed",
    ])
    .exits(1);
    expect("explain/large-missing-scope.txt", &shown(&answer));
}

#[test]
fn wrong_commands() {
    for (arguments, why) in [
        (&["explain"][..], "required arguments"),
        (&["explain", "GET"], "required arguments"),
        (
            &["explain", "GET", "/", "--target-hex", "2f"],
            "cannot be used with",
        ),
        (
            &["explain", "GET", "--target-hex", "2fg"],
            "no text of hex digits",
        ),
        (
            &["explain", "GET", "/", "--format", "csv"],
            "[possible values: human, json]",
        ),
        (
            &["explain", "GET", "/", "-p", "no-such.yaml"],
            "cannot read no-such.yaml",
        ),
        (&["explain", "GET", "/", "-p", "README.md"], "README.md"),
    ] {
        let answer = run(arguments).exits(2);
        assert!(answer.err.contains(why), "{}", answer.err);
        assert_eq!(answer.out, "");
    }
    let empty = run_with_input(&["explain", "GET", "/", "-p", "-"], b"").exits(2);
    assert!(empty.err.contains("standard input"), "{}", empty.err);
    let not_utf8 = run_with_input(&["explain", "GET", "/", "-p", "-"], b"name: \xFF").exits(2);
    assert!(not_utf8.err.contains("not UTF-8"), "{}", not_utf8.err);
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let answer =
        run_with_closed_pipe(&["explain", "GET", "/api/v1/colleagues/", "-s", "pbx:*"]).exits(0);
    assert_eq!(answer.err, "");
    // A denial is still one.
    let answer = run_with_closed_pipe(&["explain", "PUT", "/api/v1/colleagues/"]).exits(1);
    assert_eq!(answer.err, "");
}

#[cfg(unix)]
#[test]
fn arguments_that_are_no_utf8() {
    use std::os::unix::ffi::OsStrExt;

    let output = crate::common::routescope()
        .args(["explain", "--format", "json"])
        .arg(OsStr::from_bytes(b"G\xFFT"))
        .arg(OsStr::from_bytes(b"/\xFE"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["reason"], "bad_method");
    assert_eq!(json["request"]["target_hex"], "2ffe");
}

#[test]
fn colours_only_where_they_are_wanted() {
    let arguments = ["explain", "GET", "/api/v1/colleagues/", "-s", "pbx:*"];
    assert!(!run(&arguments).exits(0).out.contains('\x1b'));
    let colored = run(&[&arguments[..], &["--color", "always"]].concat()).exits(0);
    assert!(colored.out.contains("\x1b[1m"), "{:?}", colored.out);
}
