//! The answers to check requests, whole: status, headers, body and the line in the log.

use std::collections::BTreeMap;

use routescope::pbx;

use crate::http::Response;

/// The policy's digest, as an answer has it.
fn digest() -> String {
    let digits = pbx::POLICY.digest().iter();
    digits.map(|byte| format!("{byte:02x}")).collect()
}

/// The headers of a response but for its date, and its body.
pub(crate) fn whole(response: &Response) -> (u16, BTreeMap<String, String>, String) {
    let mut headers = BTreeMap::new();
    for (name, value) in &response.headers {
        let other = headers.insert(name.clone(), value.clone());
        assert_eq!(other, None, "{name} twice: {response:?}");
    }
    headers.remove("date");
    (response.status, headers, response.body.clone())
}

/// The whole answer that a case expects: `200 ROUTE`, `400`, or a reason with a detail after a
/// space.
pub(crate) fn expected(text: &str, key_id: &str) -> (u16, BTreeMap<String, String>, String) {
    let words = text.split_once(' ').unwrap_or((text, ""));
    let mut headers = BTreeMap::new();
    let mut set = |name: &str, value: &str| {
        headers.insert(name.to_owned(), value.to_owned());
    };
    let status = match words {
        ("200", route) => {
            set("content-length", "0");
            set("x-key-id", key_id);
            set("x-route", route);
            set("x-policy-digest", &digest());
            return (200, headers, String::new());
        }
        // hyper's own answer to bytes that are no HTTP.
        ("400" | "431", _) => {
            set("content-length", "0");
            set("connection", "close");
            return (words.0.parse().unwrap(), headers, String::new());
        }
        ("missing_key", _) => {
            set("www-authenticate", "Bearer");
            401
        }
        ("malformed_key" | "unknown_key" | "expired_key", _) => {
            set("www-authenticate", r#"Bearer error="invalid_token""#);
            401
        }
        ("missing_scope", _) => {
            let challenge = r#"Bearer error="insufficient_scope", scope="pbxpower:*""#;
            set("www-authenticate", challenge);
            set("x-accepted-scopes", "pbxpower:*, pbx:*");
            403
        }
        _ => 403,
    };
    let body = body(words.0, status);
    set("content-length", &body.len().to_string());
    set("content-type", "application/problem+json");
    set("cache-control", "no-store");
    set("x-denied-reason", words.0);
    (status, headers, body)
}

pub(crate) fn body(reason: &str, status: u16) -> String {
    let title = if status == 401 {
        "Unauthorized"
    } else {
        "Forbidden"
    };
    let (detail, scopes) = match reason {
        "missing_key" => (
            "The request has no API key. Send it as `Authorization: Bearer KEY`.",
            "",
        ),
        "malformed_key" | "unknown_key" | "expired_key" => {
            ("The API key is malformed, unknown or expired.", "")
        }
        "missing_scope" => (
            "The scopes of the API key do not open the route.",
            r#""accepted_scopes":["pbxpower:*","pbx:*"],"#,
        ),
        _ => ("The request is not allowed.", ""),
    };
    format!(
        r#"{{"type":"about:blank","title":"{title}","status":{status},"detail":"{detail}",{scopes}"reason":"{reason}"}}"#
    )
}

/// The reason and detail of a line of the log: `bad_check_request doubled`, or `200 ROUTE`.
pub(crate) fn logged(line: &str) -> String {
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    let text = |name: &str| line[name].as_str().unwrap_or("").to_owned();
    match &*text("decision") {
        "allow" => format!("200 {}", text("route")),
        _ => format!("{} {}", text("reason"), text("detail"))
            .trim_end()
            .to_owned(),
    }
}
