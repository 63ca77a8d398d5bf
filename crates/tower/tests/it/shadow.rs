//! Shadow mode: denials go on, without an identity.

use routescope_guard::{IDENTITY_HEADERS, Shadow};
use tower::Layer;

use crate::guards::{NOW, bearer, builder, guard, over};
use crate::{echo, server, wire};

#[tokio::test]
async fn a_denial_goes_on_without_an_identity() {
    let guard = builder()
        .shadow(Shadow::everything())
        .build()
        .expect("the policy");
    let layer = over(guard.clone()).forward_identity(true);
    let address = server::serve(layer.layer(echo::echo())).await;
    let denied = "PUT /api/v1/pbx/system/reboot/";
    let spoofed = "X-Key-Id: admin\r\nX-Route: r\r\nX-Policy-Digest: d\r\n";
    let cases = [
        ("no key", denied, String::new()),
        ("a missing scope", denied, bearer("desk")),
        ("a bad path", "GET /api//v1/", bearer("desk")),
        ("an expired key", denied, bearer("old")),
        (
            "an override header",
            denied,
            format!("{}X-Http-Method: GET\r\n", bearer("desk")),
        ),
    ];
    let count = cases.len() as u64;
    for (name, line, headers) in cases {
        let reply = wire::ask(address, line, &format!("{spoofed}{headers}")).await;
        assert_eq!(reply.status, 200, "{name}");
        assert_eq!(echo::line(&reply.body, "authorized"), None, "{name}");
        for header in IDENTITY_HEADERS {
            let line = format!("header {header}");
            assert_eq!(echo::line(&reply.body, &line), None, "{name}");
        }
    }
    let reply = wire::ask(address, "GET /api/v1/colleagues/", &bearer("desk")).await;
    assert_eq!(echo::line(&reply.body, "authorized"), Some("desk"));
    assert_eq!(echo::line(&reply.body, "header x-key-id"), Some("desk"));
    let counts = guard.counts();
    assert_eq!((counts.allowed, counts.shadowed), (1, count));
}

#[tokio::test]
async fn a_listener_has_its_own_mode() {
    let guard = guard();
    let shadow = guard.listener("inside", Shadow::forbidden());
    let inside = server::serve(over(shadow).layer(echo::echo())).await;
    let outside = server::serve(over(guard.clone()).layer(echo::echo())).await;
    let reboot = "PUT /api/v1/pbx/system/reboot/";
    assert_eq!(wire::ask(inside, reboot, &bearer("desk")).await.status, 200);
    assert_eq!(wire::ask(inside, reboot, "").await.status, 401);
    // A request without a key does not get in by an override header.
    let provoked = wire::ask(inside, reboot, "X-Http-Method: GET\r\n").await;
    assert_eq!(provoked.status, 403);
    assert_eq!(
        wire::ask(outside, reboot, &bearer("desk")).await.status,
        403
    );
    let answer = guard.decide(None, "GET", "/", NOW);
    assert!(!answer.admits());
}

/// The answer of a guard further out stands for that guard alone.
#[tokio::test]
async fn a_denial_in_shadow_mode_takes_an_outer_identity_away() {
    let inner = builder()
        .shadow(Shadow::everything())
        .build()
        .expect("the policy");
    let inner = over(inner).clock(|| NOW);
    let outer = over(guard()).forward_identity(true).hide_credential(true);
    // The inner guard sees no key any more, and lets the request through all the same.
    let address = server::serve(outer.layer(inner.layer(echo::echo()))).await;
    let reply = wire::ask(address, "GET /api/v1/colleagues/", &bearer("desk")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(echo::line(&reply.body, "authorized"), None);
    assert_eq!(echo::line(&reply.body, "header x-key-id"), None);
}
