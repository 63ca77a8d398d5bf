//! `routescope decide`, end to end.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;

use crate::common::{
    TempFile, google_yaml, repository, routescope, run, run_with_closed_pipe, run_with_input,
};
use routescope::{Decision, Policy, RouteDenial, Scope};
use serde_json::{Value, json};

const GET_COLLEAGUES: &str =
    r#"{"method":"GET","target":"/api/v1/colleagues/","scopes":["colleagues:read"]}"#;
const ALLOWED: &str = r#"{"decision":"allow","reason":null,"status":200,"route":"GET /api/v1/colleagues/","accepted":["colleagues:read","colleagues:*","pbx:read","pbx:*"],"by":"scope","alternatives":[["colleagues:read"],["colleagues:*"],["pbx:read"],["pbx:*"]]"#;

/// How each answer of the built-in policy ends.
fn by_pbx(answer: &str) -> String {
    let digest = hex(routescope::pbx::POLICY.digest());
    format!(r#"{answer},"policy":"pbx","digest":"{digest}"}}"#)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The library's answer, in the form of `decide`.
fn answer(policy: Policy<'_>, held: &[&str], method: &str, target: &[u8]) -> Value {
    let decision = policy.authorize(held, method, target);
    let route = match decision {
        Decision::Allow { route, .. } | Decision::Deny(RouteDenial::MissingScope(route)) => {
            Some(route)
        }
        Decision::Deny(_) => None,
    };
    let accepted: Vec<&str> = route
        .iter()
        .flat_map(|route| route.accepted())
        .map(Scope::name)
        .collect();
    let by = match decision {
        Decision::Allow { by, .. } => Some(by.as_str()),
        Decision::Deny(_) => None,
    };
    let alternatives: Vec<Vec<&str>> = route
        .and_then(|route| route.requirement().alternatives())
        .into_iter()
        .flatten()
        .map(|set| set.scopes().map(Scope::name).collect())
        .collect();
    json!({
        "decision": if decision.is_allow() { "allow" } else { "deny" },
        "reason": decision.denial().map(|denial| denial.reason().as_str()),
        "status": decision.denial().map_or(200, |denial| denial.status()),
        "route": route.map(|route| route.to_string()),
        "accepted": accepted,
        "by": by,
        "alternatives": alternatives,
        "policy": policy.name(),
        "digest": hex(policy.digest()),
    })
}

#[test]
fn answers_line_by_line_in_order() {
    let input = format!(
        "{GET_COLLEAGUES}\r\n{}\n{}\n{}\n{}\n{}\n{}",
        r#"{"scopes":[],"target":"/api/v1/colleagues/","method":"GET"}"#,
        r#" {"method":"HEAD","target_hex":"2F6170692f76312f636f6c6c6561677565732f","scopes":["pbx:\u0072ead", "x:y"]}"#,
        r#"{"method":"GET","target_hex":"2fff","scopes":["pbx:*"]}"#,
        r#"{"method":"get","target":"/","scopes":["pbx:*"]}"#,
        r#"{"method":"DELETE","target":"/api/v1/sounds/directory/","scopes":["pbx:*"]}"#,
        r#"{"method":"GET","target":"/\u00fc\u0000\"","scopes":["pbx:*"]}"#,
    );
    let denied = |reason: &str| {
        format!(
            r#"{{"decision":"deny","reason":"{reason}","status":403,"route":null,"accepted":[],"by":null,"alternatives":[]"#
        )
    };
    let missing = ALLOWED
        .replace(
            r#""allow","reason":null,"status":200"#,
            r#""deny","reason":"missing_scope","status":403"#,
        )
        .replace(r#""by":"scope""#, r#""by":null"#);
    let wanted = [
        ALLOWED,
        &missing,
        ALLOWED,
        &denied("bad_path"),
        &denied("bad_method"),
        &denied("method_not_listed"),
        &denied("bad_path"),
    ];
    let from_stdin = run_with_input(&["decide"], input.as_bytes()).exits(0);
    let wanted = wanted.map(by_pbx);
    assert_eq!(from_stdin.out.lines().collect::<Vec<_>>(), wanted);
    assert_eq!(from_stdin.err, "");
    let file = TempFile::new("requests.jsonl", &input);
    for arguments in [
        &["decide", &file.as_str()][..],
        &["decide", "--format", "json", &file.as_str()],
        &["decide", "--policy", "routes.yaml", &file.as_str()],
    ] {
        assert_eq!(run(arguments).exits(0).out, from_stdin.out);
    }
}

/// A policy with a requirement of each kind.
const KINDS: &str = r#"
version: 1
name: kinds
method_rule: none
public: ["GET /health", "POST /users/login"]
any_key: ["GET /me"]
scopes:
  "admin:*": { routes: ["POST /users/{id}", "POST /both"] }
  "a:x": { routes: ["GET /a"] }
  "a:x b:y": { routes: ["POST /both"] }
"#;

/// The part of an answer from the decision to the alternatives, for each kind of requirement.
#[test]
fn every_kind_of_requirement() {
    let policy = TempFile::new("kinds.yaml", KINDS);
    let missing_key = r#""deny","reason":"missing_key","status":401,"route":null,"accepted":[],"by":null,"alternatives":[]"#;
    let public = |route: &str| {
        format!(
            r#""allow","reason":null,"status":200,"route":"{route}","accepted":[],"by":"public","alternatives":[]"#
        )
    };
    let cases = [
        // Without a key: public routes, and nothing else whatever the request.
        (r#""GET","target":"/health","key":"none""#, public("GET /health")),
        (r#""HEAD","target":"/health?q","key":"none""#, public("GET /health")),
        (r#""GET","target":"/health","key":"\u006eone""#, public("GET /health")),
        (
            r#""POST","target":"/users/login","scopes":["admin:*"],"key":"none""#,
            public("POST /users/login"),
        ),
        (r#""GET","target":"/me","key":"none""#, missing_key.to_owned()),
        (
            r#""GET","target":"/a","scopes":["a:x"],"key":"none""#,
            missing_key.to_owned(),
        ),
        (r#""GET","target":"/nothing","key":"none""#, missing_key.to_owned()),
        (r#""GET","target":"/../","key":"none""#, missing_key.to_owned()),
        (r#""get","target":"/health","key":"none""#, missing_key.to_owned()),
        (r#""PUT","target":"/health","key":"none""#, missing_key.to_owned()),
        (r#""POST","target":"/users/LOGIN","key":"none""#, missing_key.to_owned()),
        // With one.
        (r#""GET","target":"/health","scopes":[]"#, public("GET /health")),
        (
            r#""GET","target":"/me","scopes":["x:y"]"#,
            r#""allow","reason":null,"status":200,"route":"GET /me","accepted":[],"by":"any_key","alternatives":[]"#.to_owned(),
        ),
    ];
    let input: String = cases
        .iter()
        .map(|(request, _)| format!("{{\"method\":{request}}}\n"))
        .collect();
    let arguments = ["decide", "--policy", &policy.as_str()];
    let answers = run_with_input(&arguments, input.as_bytes()).exits(0).out;
    assert_eq!(answers.lines().count(), cases.len());
    for (line, (request, wanted)) in answers.lines().zip(&cases) {
        let wanted = format!(r#"{{"decision":{wanted},"policy":"kinds""#);
        assert!(line.starts_with(&wanted), "{request}: {line}");
    }

    // Scopes that are needed together never add up with parts of others.
    let compiled = routescope_compiler::compile("kinds.yaml", KINDS).unwrap();
    let policy_of = compiled.policy();
    let names: Vec<&str> = policy_of.scopes().map(Scope::name).collect();
    let (mut input, mut wanted) = (String::new(), Vec::new());
    for held in 0..1usize << names.len() {
        let held: Vec<&str> = names
            .iter()
            .enumerate()
            .filter(|(i, _)| held >> i & 1 == 1)
            .map(|(_, name)| *name)
            .collect();
        for (method, target) in [("POST", "/both"), ("GET", "/a"), ("POST", "/users/7")] {
            let line = json!({ "method": method, "target": target, "scopes": held });
            input += &format!("{line}\n");
            wanted.push(answer(policy_of, &held, method, target.as_bytes()));
        }
    }
    let answers = run_with_input(&arguments, input.as_bytes()).exits(0).out;
    let answers: Vec<Value> = answers
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers, wanted);
    let by = |by: &str| answers.iter().filter(|answer| answer["by"] == by).count();
    assert!(by("scope") > 0 && by("all") > 0);
}

/// The property: the library and the command answer alike, on every hostile
/// path, whatever is held.
#[test]
fn decides_as_the_library_does() {
    let cases = std::fs::read(repository().join("tests/data/path-cases.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_slice(&cases).unwrap();
    assert_eq!(cases.len(), 216);
    let keys: [&[&str]; 4] = [
        &["pbx:*"],
        &["pbx:read", "sounds:*"],
        &["dialplan:read"],
        &[],
    ];
    let (mut input, mut wanted) = (String::new(), Vec::new());
    for case in &cases {
        for held in keys {
            let mut line = json!({ "method": case["method"], "scopes": held });
            let target = match case.get("target_hex") {
                Some(digits) => {
                    line["target_hex"] = digits.clone();
                    from_hex(digits.as_str().unwrap())
                }
                None => {
                    line["target"] = case["target"].clone();
                    case["target"].as_str().unwrap().as_bytes().to_vec()
                }
            };
            let method = case["method"].as_str().unwrap();
            wanted.push(answer(routescope::pbx::POLICY, held, method, &target));
            input += &format!("{line}\n");
        }
    }
    let answers = run_with_input(&["decide"], input.as_bytes()).exits(0);
    let answers: Vec<Value> = answers
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for ((line, answer), wanted) in input.lines().zip(&answers).zip(&wanted) {
        assert_eq!(answer, wanted, "{line}");
    }
    assert_eq!(answers.len(), wanted.len());
}

fn from_hex(digits: &str) -> Vec<u8> {
    let digits: Vec<u32> = digits.chars().map(|c| c.to_digit(16).unwrap()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap())
        .collect()
}

#[test]
fn a_line_that_is_no_request_is_never_allowed() {
    let cases: [(&[u8], &str); 26] = [
        (b"", "the line is empty"),
        (b" \t\r", "the line is empty"),
        (b"GET /", "the line is no JSON object"),
        (
            br#"["GET","/api/v1/colleagues/",null,["pbx:*"]]"#,
            "the line is no JSON object",
        ),
        (br#"{"method":"GET""#, "the line ends before the request does"),
        (br#"{"target":"/","scopes":[]}"#, "missing field `method`"),
        (br#"{"method":"GET","target":"/"}"#, "missing field `scopes`"),
        (br#"{"method":"GET","scopes":[]}"#, "there is no `target`"),
        (br#"{"method":"GET","target":null,"scopes":[]}"#, "there is no `target`"),
        (
            br#"{"method":"GET","target":"/","target_hex":"2f","scopes":[]}"#,
            "there are both",
        ),
        (br#"{"method":"GET","target_hex":"2","scopes":[]}"#, "pairs of hex digits"),
        (br#"{"method":"GET","target_hex":"zz","scopes":[]}"#, "pairs of hex digits"),
        (
            br#"{"method":"GET","target":"/","scopes":[],"scope":[]}"#,
            "unknown field `scope`",
        ),
        (
            br#"{"method":"GET","method":"PUT","target":"/","scopes":[]}"#,
            "duplicate field `method`",
        ),
        (
            br#"{"method":"GET","target":"/","scopes":[],"scopes":["pbx:*"]}"#,
            "duplicate field `scopes`",
        ),
        (br#"{"method":"GET","target":"/","scopes":"pbx:*"}"#, "`scopes` is no list of texts"),
        (br#"{"method":"GET","target":"/","scopes":[1]}"#, "`scopes` is no list of texts"),
        (br#"{"method":"GET","target":"/","scopes":null}"#, "`scopes` is no list of texts"),
        (br#"{"method":1,"target":"/","scopes":[]}"#, "invalid type"),
        (
            br#"{"method":"GET","target":"/","scopes":[],"key":"wsk-v1-abc"}"#,
            "`key` can only be \"none\", for a request without a key",
        ),
        (br#"{"method":"GET","target":"/","scopes":[],"key":null}"#, "`key` can only be"),
        (br#"{"method":"GET","target":"/","scopes":[],"key":"None"}"#, "`key` can only be"),
        (
            br#"{"method":"GET","target":"/","scopes":[],"key":"none","key":"none"}"#,
            "duplicate field `key`",
        ),
        (
            br#"{"method":"GET","target":"/","scopes":"","key":"none"}"#,
            "`scopes` is no list of texts",
        ),
        (
            br#"{"method":"GET","target":"/","scopes":[]} {"method":"GET","target":"/","scopes":[]}"#,
            "trailing characters",
        ),
        (
            b"{\"method\":\"GET\",\"target\":\"/\xFF\",\"scopes\":[]}",
            "byte 28 is no UTF-8; a target that is not goes into `target_hex`",
        ),
    ];
    for (line, why) in cases {
        let input = [
            GET_COLLEAGUES.as_bytes(),
            b"\n",
            line,
            b"\n",
            GET_COLLEAGUES.as_bytes(),
        ];
        let answer = run_with_input(&["decide"], &input.concat()).exits(2);
        let lines: Vec<&str> = answer.out.lines().collect();
        assert_eq!(
            [lines[0], lines[2]],
            [by_pbx(ALLOWED), by_pbx(ALLOWED)],
            "{why}"
        );
        assert_eq!(lines.len(), 3);
        let error: Value = serde_json::from_str(lines[1]).unwrap();
        assert_eq!(error["line"], 2);
        assert_eq!(error["policy"], "pbx");
        assert_eq!(error.as_object().unwrap().len(), 4);
        assert!(
            error["error"].as_str().unwrap().contains(why),
            "{error}: {why}"
        );
        assert!(!lines[1].contains("allow"));
        assert!(
            answer.err.contains("1 of 3 lines held no request"),
            "{}",
            answer.err
        );
        assert!(
            answer.err.contains("the first is line 2:"),
            "{}",
            answer.err
        );
    }
}

#[test]
fn long_lines_are_bounded() {
    let long = format!(
        r#"{{"method":"GET","target":"/{}","scopes":["pbx:*"]}}"#,
        "a".repeat(1 << 20)
    );
    let input = format!("{long}\n{GET_COLLEAGUES}\n");
    let answer = run_with_input(&["decide"], input.as_bytes()).exits(2);
    let lines: Vec<&str> = answer.out.lines().collect();
    assert_eq!(
        lines,
        [
            by_pbx(r#"{"error":"the line is longer than 1,048,576 bytes","line":1"#),
            by_pbx(ALLOWED)
        ]
    );
    // Just below, the target is simply too long for the policy.
    let long = long.replace(&"a".repeat(1 << 20), &"a".repeat((1 << 20) - 100));
    let answer = run_with_input(&["decide"], long.as_bytes()).exits(0);
    assert!(answer.out.contains("bad_path"), "{}", answer.out);
}

#[test]
fn many_different_keys() {
    // More lists of scopes than are remembered, and some too long for that.
    let mut input = String::new();
    for i in 0..3000 {
        let held = if i % 3 == 0 {
            "colleagues:read"
        } else {
            "devices:read"
        };
        let padding = if i % 500 == 0 {
            "x".repeat(5000)
        } else {
            String::new()
        };
        input += &format!(
            "{}\n",
            json!({ "method": "GET", "target": "/api/v1/colleagues/", "scopes": [format!("k{i}{padding}:read"), held] })
        );
    }
    let answer = run_with_input(&["decide"], input.as_bytes()).exits(0);
    for (i, line) in answer.out.lines().enumerate() {
        assert_eq!(line == by_pbx(ALLOWED), i % 3 == 0, "{i}: {line}");
    }
    assert_eq!(answer.out.lines().count(), 3000);
}

#[test]
fn empty_input() {
    let answer = run_with_input(&["decide"], b"").exits(0);
    assert_eq!((answer.out.as_str(), answer.err.as_str()), ("", ""));
}

#[test]
fn wrong_commands() {
    let answer = run(&["decide", "no-such-file.jsonl"]).exits(2);
    assert!(
        answer.err.contains("cannot read no-such-file.jsonl"),
        "{}",
        answer.err
    );
    let answer = run(&["decide", "tests"]).exits(2);
    assert!(answer.err.contains("cannot read tests"), "{}", answer.err);
    let answer = run_with_input(&["decide", "--policy", "-", "-"], b"").exits(2);
    assert!(
        answer.err.contains("cannot both come from standard input"),
        "{}",
        answer.err
    );
    let answer = run_with_input(&["decide", "--format", "csv"], b"").exits(2);
    assert!(
        answer.err.contains("[possible values: human, json]"),
        "{}",
        answer.err
    );
    let answer = run_with_input(&["decide", "--policy", "README.md"], b"").exits(2);
    assert!(answer.err.contains("README.md"), "{}", answer.err);
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let file = TempFile::new("requests.jsonl", format!("{GET_COLLEAGUES}\n").repeat(5000));
    let answer = run_with_closed_pipe(&["decide", &file.as_str()]).exits(0);
    assert_eq!(answer.err, "");
}

/// A program that asks and waits for the answer gets it.
#[test]
fn answers_before_the_input_ends() {
    let mut child = routescope()
        .arg("decide")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for _ in 0..3 {
        // The line comes in two parts, so that the command reads half of it first.
        let (first, second) = GET_COLLEAGUES.split_at(20);
        stdin.write_all(first.as_bytes()).unwrap();
        stdin.flush().unwrap();
        stdin.write_all(second.as_bytes()).unwrap();
        stdin.write_all(b"\n").unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line.trim_end(), by_pbx(ALLOWED));
    }
    drop(stdin);
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_large_policy() {
    let policy = TempFile::new("google.yaml", google_yaml());
    let source = google_yaml();
    let compiled = routescope_compiler::compile("google.yaml", &source).unwrap();
    let compiled = compiled.policy();
    let mut input = String::new();
    let mut wanted = Vec::new();
    let mut add = |held: &[&str], method: &str, target: &str| {
        input += &format!(
            "{}\n",
            json!({ "method": method, "target": target, "scopes": held })
        );
        wanted.push(answer(compiled, held, method, target.as_bytes()));
    };
    for route in compiled.routes() {
        let target = filled(route.template());
        let narrowest = route.accepted().first().unwrap().name();
        add(&[narrowest], route.method().as_str(), &target);
        add(
            &["accessapproval.v1.folders:read"],
            route.method().as_str(),
            &target,
        );
    }
    let answer =
        run_with_input(&["decide", "--policy", &policy.as_str()], input.as_bytes()).exits(0);
    let answers: Vec<Value> = answer
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers, wanted);
    let allowed = answers
        .iter()
        .filter(|answer| answer["decision"] == "allow")
        .count();
    assert!(allowed >= 5203, "{allowed}");
}

/// A path of a template.
fn filled(template: &str) -> String {
    let fill = |segment: &str| match segment.starts_with('{') {
        true => "7f3a".to_owned(),
        false => segment.to_owned(),
    };
    let segments: Vec<String> = template.split('/').map(fill).collect();
    segments.join("/")
}
