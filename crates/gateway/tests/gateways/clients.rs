//! The clients that people use, and the answers as they see them: curl, a program in Python, and
//! a page in a browser.

use std::process::Command;

use serde_json::{Value, json};

use crate::gateways::Gateway;
use crate::process::repository;
use crate::rig::Rig;

/// A client, and the answers to its three requests in the same form for all.
type Client = (&'static str, fn(base: &str, key: &str) -> Vec<Value>);

const CLIENTS: [Client; 3] = [("curl", curl), ("Python", python), ("a browser", browser)];

pub(crate) fn test(gateway: &Gateway) {
    let rig = Rig::start(gateway);
    let base = format!("http://{}", rig.front);
    let bearer = rig.server.keys.bearer("colleagues:read");
    let key = bearer.strip_prefix("Bearer ").expect("a key");
    for (name, client) in CLIENTS {
        let answers = client(&base, key);
        let [unauthorized, allowed, forbidden] = &answers[..] else {
            panic!("{name}: {answers:?}");
        };
        let name = format!("{} and {name}", gateway.name);
        is_denial(
            &name,
            unauthorized,
            401,
            "Unauthorized",
            &json!("Bearer"),
            "missing_key",
        );
        assert_eq!(allowed["status"], 200, "{name}: {allowed}");
        assert_eq!(allowed["reason"], Value::Null, "{name}: {allowed}");
        let challenge = json!(r#"Bearer error="insufficient_scope", scope="pbxpower:*""#);
        is_denial(
            &name,
            forbidden,
            403,
            "Forbidden",
            &challenge,
            "missing_scope",
        );
        assert_eq!(
            forbidden["accepted"], "pbxpower:*, pbx:*",
            "{name}: {forbidden}"
        );
        // A person who reads the body alone learns what is missing.
        let body = forbidden["body"].as_str().expect("a text");
        assert!(body.contains("pbxpower:*"), "{name}: {body}");
        let judged = rig.judge_recorded(|_| vec![bearer.clone()]);
        let forwarded = judged.unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert_eq!(forwarded.len(), 1, "{name}");
    }
    rig.finish();
}

/// Checks that a client can tell from an answer, by its headers and by its body, what is wrong.
fn is_denial(name: &str, seen: &Value, status: u16, title: &str, challenge: &Value, reason: &str) {
    assert_eq!(seen["status"], status, "{name}: {seen}");
    assert_eq!(seen["challenge"], *challenge, "{name}: {seen}");
    assert_eq!(seen["reason"], reason, "{name}: {seen}");
    let body = seen["body"].as_str().expect("a text");
    let body: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{name}: {body}"));
    assert_eq!(body["status"], status, "{name}: {body}");
    assert_eq!(body["title"], title, "{name}: {body}");
    assert_eq!(body["reason"], reason, "{name}: {body}");
    let detail = body["detail"].as_str().expect("a sentence");
    assert!(
        detail.ends_with('.') || detail.contains("scopes: "),
        "{name}: {detail}"
    );
}

fn curl(base: &str, key: &str) -> Vec<Value> {
    let ask = |method, path, key: Option<&str>| {
        let mut command = Command::new("curl");
        command.args([
            "--silent",
            "--include",
            "--max-time",
            "10",
            "--request",
            method,
        ]);
        if let Some(key) = key {
            command.args(["--header", &format!("Authorization: Bearer {key}")]);
        }
        let text = output(command.arg(format!("{base}{path}")));
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let status: u16 = status.and_then(|text| text.parse().ok()).expect("a status");
        let header = |name: &str| {
            let fields = lines.clone().filter_map(|line| line.split_once(": "));
            let mut values = fields.filter(|field| field.0.eq_ignore_ascii_case(name));
            let value = values.next().map(|field| field.1.to_owned());
            assert!(values.next().is_none(), "two of {name}: {head}");
            value
        };
        json!({
            "status": status,
            "challenge": header("WWW-Authenticate"),
            "accepted": header("X-Accepted-Scopes"),
            "reason": header("X-Denied-Reason"),
            "body": body,
        })
    };
    vec![
        ask("GET", "/api/v1/colleagues/", None),
        ask("GET", "/api/v1/colleagues/", Some(key)),
        ask("PUT", "/api/v1/pbx/system/reboot/", Some(key)),
    ]
}

fn python(base: &str, key: &str) -> Vec<Value> {
    lines(Command::new("python3").arg("client.py"), base, key)
}

fn browser(base: &str, key: &str) -> Vec<Value> {
    lines(Command::new("node").arg("fetch.mjs"), base, key)
}

/// The lines of JSON that a client in `gateways/clients` prints.
fn lines(command: &mut Command, base: &str, key: &str) -> Vec<Value> {
    command
        .current_dir(repository().join("gateways/clients"))
        .arg(base)
        .env("KEY", key);
    let text = output(command);
    text.lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

fn output(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8(output.stdout).expect("UTF-8")
}
