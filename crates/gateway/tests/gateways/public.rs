//! Routes that need no key, and their neighbours that do.

use crate::gateways::Gateway;
use crate::rig::Rig;
use crate::sender::Request;
use crate::server::Policy;
use crate::verdicts::Fate;

pub(crate) fn test(gateway: &Gateway) {
    let rig = Rig::start_by(gateway, Policy::WithPublic);
    let bearer = rig.server.keys.bearer("colleagues:read");
    let unknown = format!("Bearer wsk-v1-{}", "k".repeat(93));
    let credentials = [
        ("no key", None),
        ("another scheme", Some("Basic YTpi".to_owned())),
        ("a malformed key", Some("Bearer x".to_owned())),
        ("an unknown key", Some(unknown)),
        ("a valid key", Some(bearer)),
    ];
    for protocol in gateway.protocols() {
        for (name, authorization) in &credentials {
            let is_valid = *name == "a valid key";
            let send = |method: &str, target: &str| {
                let request = Request::new(method, target, authorization.clone());
                // The rules of `verdicts.rs` see to it that the API gets neither this identity nor
                // the credential.
                rig.send(protocol, &request.header("x-key-id", "root"))
            };
            for target in ["/api/v1/public/login/", "/api/v1/public/login/?next=/a"] {
                let (reply, fate) = send("POST", target);
                assert_eq!(reply.status, Some(200), "{name}: {target}");
                assert!(matches!(fate, Fate::Forwarded { .. }), "{name}: {fate:?}");
            }
            for (method, target) in [
                ("POST", "/api/v1/public/7/"),
                ("PUT", "/api/v1/public/login/"),
                ("POST", "/api/v1/public/Login/"),
                ("POST", "/api/v1/public/log%69n/7/"),
                ("POST", "/api/v1/public/login"),
                ("GET", "/api/v1/colleagues/7/no-such/"),
            ] {
                let (reply, fate) = send(method, target);
                let is_forwarded = matches!(fate, Fate::Forwarded { .. });
                assert!(!is_forwarded, "{name}: {method} {target}: {fate:?}");
                let expected = if is_valid { 403 } else { 401 };
                assert_eq!(reply.status, Some(expected), "{name}: {method} {target}");
            }
        }
    }
    rig.finish();
}
