//! The headers of a request that decide, that are refused, and that go on.

use std::convert::Infallible;

use http::{HeaderName, Request, Response};
use routescope_guard::IDENTITY_HEADERS;
use routescope_tower::{Authorized, GuardLayer, OVERRIDE_HEADERS, OverrideHeaders};
use tower::{Layer, ServiceExt};

use crate::guards::{bearer, key, layer};
use crate::{echo, server, wire};

const LINE: &str = "GET /api/v1/colleagues/";

/// The status, and the reason if there is one.
async fn verdict(layer: &GuardLayer, headers: &str) -> (u16, String) {
    let address = server::serve(layer.layer(echo::echo())).await;
    let reply = wire::ask(address, LINE, headers).await;
    let problem = serde_json::from_str::<serde_json::Value>(&reply.body);
    let reason = problem.ok().map(|problem| problem["reason"].clone());
    let reason = reason.map(|reason| reason.as_str().expect("a reason").to_owned());
    (reply.status, reason.unwrap_or_default())
}

/// The request as the inner service sees it, if it is allowed.
async fn seen(layer: &GuardLayer, headers: &str) -> String {
    let address = server::serve(layer.layer(echo::echo())).await;
    let reply = wire::ask(address, LINE, headers).await;
    assert_eq!(reply.status, 200, "{headers}: {}", reply.body);
    reply.body
}

#[tokio::test]
async fn every_authorization_header_counts() {
    let layer = layer().show_reason(true);
    let desk = key("desk");
    let cases = [
        ("one key", bearer("desk"), (200, "")),
        ("none", String::new(), (401, "missing_key")),
        (
            "a key that nobody has",
            bearer("nobody"),
            (401, "unknown_key"),
        ),
        ("an expired key", bearer("old"), (401, "expired_key")),
        (
            "the same key twice",
            bearer("desk").repeat(2),
            (401, "malformed_key"),
        ),
        (
            "a valid key after another",
            format!("{}{}", bearer("nobody"), bearer("desk")),
            (401, "malformed_key"),
        ),
        (
            "a valid key after another scheme",
            format!("Authorization: Basic eDp5\r\n{}", bearer("desk")),
            (401, "malformed_key"),
        ),
        (
            "a valid key before an empty header",
            format!("{}Authorization:\r\n", bearer("desk")),
            (401, "malformed_key"),
        ),
        (
            "two keys in one header",
            format!("Authorization: Bearer {desk}, Bearer {desk}\r\n"),
            (401, "malformed_key"),
        ),
        (
            "another scheme",
            format!("Authorization: Basic {desk}\r\n"),
            (401, "missing_key"),
        ),
        (
            "a scheme in lower case, and space around",
            format!("authorization:   bearer {desk} \t\r\n"),
            (200, ""),
        ),
        (
            "a byte that is no text",
            format!("Authorization: Bearer {desk}\u{e9}\r\n"),
            (401, "malformed_key"),
        ),
        (
            "another header",
            format!("X-Api-Key: {desk}\r\n"),
            (401, "missing_key"),
        ),
    ];
    for (name, headers, (status, reason)) in cases {
        let expected = (status, reason.to_owned());
        assert_eq!(verdict(&layer, &headers).await, expected, "{name}");
    }
}

/// Each override header and one of the user's, also with `_`.
fn override_spellings() -> Vec<String> {
    let mut names: Vec<_> = OVERRIDE_HEADERS.map(String::from).into();
    names.push("x-own-path".into());
    let under_scores: Vec<_> = names.iter().map(|name| name.replace('-', "_")).collect();
    names.extend(under_scores);
    names.push("X-HTTP_Method-OVERRIDE".into());
    names
}

#[tokio::test]
async fn override_headers_are_refused_stripped_or_passed() {
    let own = [HeaderName::from_static("x-own-path")];
    let layer = layer().show_reason(true).more_override_headers(own);
    for name in override_spellings() {
        let headers = format!("{}{name}: PUT\r\n", bearer("desk"));
        let refused = (403, "bad_check_request".to_owned());
        assert_eq!(verdict(&layer, &headers).await, refused, "{name}");
        // Nothing tells a stranger that the header was why.
        let keyless = format!("{name}: PUT\r\n");
        assert_eq!(verdict(&layer, &keyless).await, refused, "{name}");

        let line = format!("header {}", name.to_ascii_lowercase());
        let strip = layer.clone().override_headers(OverrideHeaders::Strip);
        let body = seen(&strip, &headers).await;
        assert_eq!(echo::line(&body, &line), None, "{name}");

        let pass = layer.clone().override_headers(OverrideHeaders::Pass);
        let body = seen(&pass, &headers).await;
        assert_eq!(echo::line(&body, &line), Some("PUT"), "{name}");
    }
}

#[tokio::test]
async fn headers_that_resemble_override_headers_go_on() {
    let names = [
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Original-Url2",
        "Original-Url",
    ];
    for name in names {
        let headers = format!("{}{name}: a\r\n", bearer("desk"));
        let body = seen(&layer(), &headers).await;
        let line = format!("header {}", name.to_ascii_lowercase());
        assert_eq!(echo::line(&body, &line), Some("a"), "{name}");
    }
}

/// A client's own identity headers, twice each and with `_`.
fn spoofed() -> String {
    let names = IDENTITY_HEADERS.into_iter();
    let names =
        names.flat_map(|name| [name.to_owned(), name.to_uppercase(), name.replace('-', "_")]);
    names.map(|name| format!("{name}: admin\r\n")).collect()
}

#[tokio::test]
async fn no_client_says_who_it_is() {
    let headers = format!("{}{}", spoofed(), bearer("desk"));
    let body = seen(&layer(), &headers).await;
    assert!(!body.contains("admin"), "{body}");
    for name in IDENTITY_HEADERS {
        assert_eq!(echo::line(&body, &format!("header {name}")), None, "{body}");
    }
    assert_eq!(echo::line(&body, "authorized"), Some("desk"));
}

#[tokio::test]
async fn a_back_end_is_told_who_it_is() {
    let layer = layer().forward_identity(true);
    let headers = format!("{}{}", spoofed(), bearer("desk"));
    let body = seen(&layer, &headers).await;
    assert!(!body.contains("admin"), "{body}");
    assert_eq!(echo::line(&body, "header x-key-id"), Some("desk"));
    assert_eq!(
        echo::line(&body, "header x-route"),
        Some("GET /api/v1/colleagues/")
    );
    let digest = echo::line(&body, "digest").expect("a digest");
    assert_eq!(digest.len(), 64);
    assert_eq!(echo::line(&body, "header x-policy-digest"), Some(digest));

    // An id that would be two headers stays one.
    let body = seen(&layer, &bearer("strange")).await;
    assert_eq!(
        echo::line(&body, "header x-key-id"),
        Some("a%20b%0D%0AX-Admin:%201")
    );
    assert_eq!(echo::line(&body, "header x-admin"), None);
}

#[tokio::test]
async fn handlers_learn_whose_request_it_is() {
    let body = seen(&layer(), &bearer("desk")).await;
    assert_eq!(echo::line(&body, "authorized"), Some("desk"));
    assert_eq!(echo::line(&body, "route"), Some("GET /api/v1/colleagues/"));
    assert_eq!(echo::line(&body, "scope"), Some("colleagues:read"));
    let header = format!("Bearer {}", key("desk"));
    assert_eq!(
        echo::line(&body, "header authorization"),
        Some(header.as_str())
    );
}

#[tokio::test]
async fn a_credential_is_hidden_if_that_is_asked_for() {
    let body = seen(&layer().hide_credential(true), &bearer("desk")).await;
    assert_eq!(echo::line(&body, "header authorization"), None, "{body}");
    assert!(!body.contains("wsk-v1-"), "{body}");
}

/// Nothing that is printed for debugging shows a key.
#[tokio::test]
async fn no_key_is_shown() {
    let service = layer().layer(tower::service_fn(|request: Request<()>| async move {
        let authorized = request.extensions().get::<Authorized>();
        let shown = format!("{authorized:?}");
        Ok::<_, Infallible>(Response::new(shown))
    }));
    let request = Request::get("/api/v1/colleagues/");
    let request = request.header("authorization", format!("Bearer {}", key("desk")));
    let future = service
        .clone()
        .oneshot(request.body(()).expect("a request"));
    let response = future.await.expect("a response");
    let shown = format!("{:?} {response:?}", layer());
    assert!(shown.contains("key_id: Some(\\\"desk\\\")"), "{shown}");
    assert!(!shown.contains("wsk-v1-"), "{shown}");
}
