//! The responses to requests that are refused.

use serde_json::{Value, json};
use tower::Layer;

use crate::guards::{bearer, layer};
use crate::{echo, server, wire};

struct Case {
    name: &'static str,
    line: &'static str,
    headers: String,
    status: u16,
    challenge: Option<&'static str>,
    accepted: Option<&'static str>,
    detail: &'static str,
    reason: &'static str,
}

const NO_KEY: &str = "The request has no API key. Send it as `Authorization: Bearer KEY`.";
const BAD_KEY: &str = "The API key is malformed, unknown or expired.";
const NO_SCOPE: &str = "The scopes of the API key do not open the route.";
const NOT_ALLOWED: &str = "The request is not allowed.";
const INVALID: Option<&str> = Some(r#"Bearer error="invalid_token""#);

fn cases() -> [Case; 10] {
    let forbidden = |name, line, reason| Case {
        name,
        line,
        headers: bearer("desk"),
        status: 403,
        challenge: None,
        accepted: None,
        detail: NOT_ALLOWED,
        reason,
    };
    let unauthenticated = |name, headers, reason| Case {
        headers,
        status: 401,
        challenge: INVALID,
        detail: BAD_KEY,
        ..forbidden(name, "GET /api/v1/colleagues/", reason)
    };
    let malformed = "Authorization: Bearer x\r\n".to_owned();
    [
        Case {
            challenge: Some("Bearer"),
            detail: NO_KEY,
            ..unauthenticated("no key", String::new(), "missing_key")
        },
        unauthenticated("a malformed key", malformed, "malformed_key"),
        unauthenticated("an unknown key", bearer("nobody"), "unknown_key"),
        unauthenticated("an expired key", bearer("old"), "expired_key"),
        forbidden("a bad method", "get /api/v1/colleagues/", "bad_method"),
        forbidden("a bad path", "GET /api/v1//colleagues/", "bad_path"),
        forbidden("an unknown route", "GET /api/v1/", "unknown_route"),
        forbidden(
            "a method not listed",
            "PUT /api/v1/colleagues/",
            "method_not_listed",
        ),
        Case {
            challenge: Some(r#"Bearer error="insufficient_scope", scope="pbxpower:*""#),
            accepted: Some("pbxpower:*, pbx:*"),
            detail: NO_SCOPE,
            ..forbidden(
                "a missing scope",
                "PUT /api/v1/pbx/system/reboot/",
                "missing_scope",
            )
        },
        Case {
            headers: format!("{}X-Original-URL: /\r\n", bearer("desk")),
            ..forbidden(
                "an override header",
                "GET /api/v1/colleagues/",
                "bad_check_request",
            )
        },
    ]
}

impl Case {
    fn problem(&self, shows_reason: bool) -> Value {
        let title = if self.status == 401 {
            "Unauthorized"
        } else {
            "Forbidden"
        };
        let mut problem = json!({
            "type": "about:blank",
            "title": title,
            "status": self.status,
            "detail": self.detail,
        });
        if let Some(accepted) = self.accepted {
            problem["accepted_scopes"] = accepted.split(", ").collect();
        }
        if shows_reason {
            problem["reason"] = self.reason.into();
        }
        problem
    }
}

#[tokio::test]
async fn a_refusal_says_what_rfc_6750_says_and_no_more() {
    for shows_reason in [false, true] {
        let layer = layer().show_reason(shows_reason);
        let address = server::serve(layer.layer(echo::echo())).await;
        for case in cases() {
            let name = case.name;
            let reply = wire::ask(address, case.line, &case.headers).await;
            assert_eq!(reply.status, case.status, "{name}");
            assert_eq!(reply.header("www-authenticate"), case.challenge, "{name}");
            assert_eq!(reply.header("x-accepted-scopes"), case.accepted, "{name}");
            assert_eq!(reply.header("cache-control"), Some("no-store"), "{name}");
            let content_type = reply.header("content-type");
            assert_eq!(content_type, Some("application/problem+json"), "{name}");
            let length = reply.body.len().to_string();
            assert_eq!(
                reply.header("content-length"),
                Some(length.as_str()),
                "{name}"
            );
            assert_eq!(reply.header("grpc-status"), None, "{name}");
            assert!(
                !format!("{reply:?}").contains("wsk-v1-"),
                "{name}: {reply:?}"
            );
            let problem: Value = serde_json::from_str(&reply.body).expect("JSON");
            assert_eq!(problem, case.problem(shows_reason), "{name}");
            assert!(
                reply.body.starts_with(r#"{"type":"about:blank","title":""#),
                "{name}"
            );
        }
    }
}

#[tokio::test]
async fn a_refusal_of_head_has_no_body() {
    let address = server::serve(layer().layer(echo::echo())).await;
    for headers in [
        String::new(),
        bearer("nobody"),
        format!("{}X-Http-Method: PUT\r\n", bearer("desk")),
    ] {
        let get = wire::ask(address, "GET /api/v1/colleagues/", &headers).await;
        let head = wire::ask(address, "HEAD /api/v1/colleagues/", &headers).await;
        assert_eq!(head.body, "");
        assert_eq!(head.status, get.status);
        for name in [
            "content-length",
            "content-type",
            "www-authenticate",
            "cache-control",
        ] {
            assert_eq!(head.header(name), get.header(name), "{name}");
        }
    }
    let allowed = wire::ask(address, "HEAD /api/v1/colleagues/", &bearer("desk")).await;
    assert_eq!(allowed.status, 200);
}

#[tokio::test]
async fn a_refusal_of_head_has_no_body_in_http_2() {
    let address = server::serve(layer().layer(echo::echo())).await;
    let fields: [(&[u8], &[u8]); 4] = [
        (b":method", b"HEAD"),
        (b":scheme", b"http"),
        (b":authority", b"localhost"),
        (b":path", b"/api/v1/colleagues/"),
    ];
    let body = crate::h2_frames::send(address, &fields).await;
    assert_eq!(body.as_deref(), Some(""));
}
