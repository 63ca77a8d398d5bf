//! Public routes, routes for any valid key, and sets of scopes, through the layer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use routescope_guard::{FoundKey, Guard, KeyFile, KeyHash, KeyLookup, LookupFailed};
use routescope_tower::{GuardLayer, OverrideHeaders};
use tower::Layer;

use crate::guards::over;
use crate::requirement_cases::{
    Expected, RequirementCase, entries, key_of, policy, requirement_cases,
};
use crate::wire::Reply;
use crate::{echo, server, wire};

/// A client's own headers of identity, in spellings that some back end takes for them.
const SPOOFED: &str =
    "X-Key-Id: root\r\nX_Key_Id: root\r\nX-Token.Subject: root\r\nX-Route: GET /\r\n";

fn guard() -> Guard {
    let builder = Guard::builder(policy()).keys(KeyFile::new(entries()));
    builder.build().expect("a guard")
}

fn layer() -> GuardLayer {
    over(guard()).show_reason(true)
}

/// A store that knows nobody, and counts its questions.
#[derive(Clone, Debug, Default)]
struct Store(Arc<AtomicUsize>);

impl KeyLookup for Store {
    async fn find(&self, _: KeyHash) -> Result<Option<FoundKey>, LookupFailed> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(None)
    }
}

impl RequirementCase {
    fn headers(&self) -> String {
        let line = |value| format!("Authorization: {value}\r\n");
        self.authorization.iter().map(line).collect()
    }

    /// Compares a reply of the echo, which has the request of the handler in it.
    fn check(&self, reply: &Reply, forwards_identity: bool, hides_credential: bool) {
        let name = &self.name;
        let (by, route) = match self.expected {
            Expected::Deny(reason) => {
                let is_of_key = matches!(
                    reason,
                    "missing_key" | "malformed_key" | "unknown_key" | "expired_key"
                );
                assert_eq!(reply.status, if is_of_key { 401 } else { 403 }, "{name}");
                let reason = format!(r#""reason":"{reason}""#);
                assert!(reply.body.contains(&reason), "{name}: {}", reply.body);
                return;
            }
            Expected::Allow { by, route } => (by, route),
        };
        assert_eq!(reply.status, 200, "{name}");
        if self.method == "HEAD" {
            return;
        }
        let seen = |line: &str| echo::line(&reply.body, line);
        let id = self.id.filter(|_| by != "public");
        assert_eq!(seen("authorized"), Some(id.unwrap_or("nobody")), "{name}");
        assert_eq!(seen("by"), Some(by), "{name}");
        assert_eq!(seen("route"), Some(route), "{name}");
        assert_eq!(seen("target"), Some(self.target), "{name}");
        let forwarded = |value| if forwards_identity { value } else { None };
        assert_eq!(seen("header x-key-id"), forwarded(id), "{name}");
        assert_eq!(seen("header x-route"), forwarded(Some(route)), "{name}");
        assert!(!reply.body.contains("root"), "{name}: {}", reply.body);
        let credential = self.authorization.first().filter(|_| !hides_credential);
        let credential = credential.map(String::as_str);
        assert_eq!(seen("header authorization"), credential, "{name}");
    }
}

#[tokio::test]
async fn each_request_is_answered_and_forwarded() {
    for (forwards, hides) in [(true, true), (true, false), (false, true), (false, false)] {
        let layer = layer().forward_identity(forwards).hide_credential(hides);
        let address = server::serve(layer.layer(echo::echo())).await;
        for case in requirement_cases() {
            let line = format!("{} {}", case.method, case.target);
            let headers = format!("{SPOOFED}{}", case.headers());
            let reply = wire::ask(address, &line, &headers).await;
            case.check(&reply, forwards, hides);
        }
    }
}

#[tokio::test]
async fn a_store_is_not_asked_for_public_routes() {
    let store = Store::default();
    let layer = layer().forward_identity(true).lookup(store.clone());
    let address = server::serve(layer.layer(echo::echo())).await;
    for case in requirement_cases() {
        let line = format!("{} {}", case.method, case.target);
        let reply = wire::ask(address, &line, &case.headers()).await;
        case.check(&reply, true, false);
        let questions = store.0.swap(0, Ordering::Relaxed);
        let is_unknown = case.expected == Expected::Deny("unknown_key");
        assert_eq!(questions, usize::from(is_unknown), "{}", case.name);
    }
}

/// A handler would take method or target from the header, and serve what nobody decided on.
#[tokio::test]
async fn override_headers_are_refused_on_public_routes() {
    let headers = "X-HTTP-Method-Override: DELETE\r\n";
    for (treatment, status) in [
        (OverrideHeaders::Refuse, 403),
        (OverrideHeaders::Strip, 200),
    ] {
        let layer = layer().override_headers(treatment);
        let address = server::serve(layer.layer(echo::echo())).await;
        let reply = wire::ask(address, "POST /v1/users/login", headers).await;
        assert_eq!(reply.status, status, "{treatment:?}");
        assert!(!reply.body.contains("DELETE"), "{}", reply.body);
    }
}

#[tokio::test]
async fn a_refusal_names_alternatives() {
    let address = server::serve(layer().layer(echo::echo())).await;
    let headers = format!("Authorization: Bearer {}\r\n", key_of("half"));
    let reply = wire::ask(address, "POST /v1/boards", &headers).await;
    assert_eq!(
        reply.header("www-authenticate"),
        Some(r#"Bearer error="insufficient_scope", scope="boards:read boards:write""#)
    );
    assert_eq!(
        reply.header("x-accepted-scopes"),
        Some("boards:read boards:write")
    );
    let problem: serde_json::Value = serde_json::from_str(&reply.body).expect("JSON");
    let set = serde_json::json!([["boards:read", "boards:write"]]);
    assert_eq!(problem["alternatives"], set);
    assert_eq!(problem.get("accepted_scopes"), None);
}
