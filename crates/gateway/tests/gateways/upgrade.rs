//! WebSockets are opened by those who may, and no other protocol is.

use crate::gateways::Gateway;
use crate::rig::Rig;
use crate::sender::{Connection, Request};
use crate::verdicts::{Fate, judge_all};

const TARGET: &str = "/api/v1/colleagues/";

pub(crate) fn test(gateway: &Gateway) {
    let rig = Rig::start(gateway);
    websocket(&rig);
    denied(&rig);
    refused_by_the_api(&rig);
    other_protocols(&rig);
    rig.finish();
}

/// A request for a WebSocket, with the key of RFC 6455's example.
fn handshake(request: Request) -> Request {
    request
        .header("Connection", "Upgrade")
        .header("Upgrade", "websocket")
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
}

fn websocket(rig: &Rig) {
    let request = handshake(rig.request("GET", TARGET, "colleagues:read"));
    let mut connection = Connection::open(rig.front);
    let (reply, result) = rig.observe_by(&request, || connection.send(&request));
    let fate = result.unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(reply.status, Some(101), "{fate:?}");
    // A masked text frame, which the API sends back as it is.
    let frame = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
    for _ in 0..3 {
        connection.write(frame);
        assert_eq!(connection.read_exact(frame.len()).expect("an echo"), frame);
    }
    rig.assert_quiet();
}

fn denied(rig: &Rig) {
    for (authorization, status) in [
        (None, 401),
        (Some(format!("Bearer wsk-v1-{}", "k".repeat(93))), 401),
        (Some(rig.server.keys.bearer("phonebooks:*")), 403),
    ] {
        let request = handshake(Request::new("GET", TARGET, authorization));
        let mut connection = Connection::open(rig.front);
        let (reply, result) = rig.observe_by(&request, || connection.send(&request));
        let fate = result.unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(reply.status, Some(status), "{fate:?}");
        assert!(matches!(fate, Fate::Refused { .. }), "{fate:?}");
    }
}

/// A gateway that takes an upgrade for granted passes the next request on as bytes of a tunnel.
fn refused_by_the_api(rig: &Rig) {
    let key = rig.server.keys.bearer("colleagues:read");
    let request = rig.request("GET", TARGET, "colleagues:read");
    let request = request
        .header("Connection", "Upgrade")
        .header("Upgrade", "websocket")
        .header("Sec-WebSocket-Version", "777")
        .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    tunnelled(rig, &key, &request);
}

/// Upgrades to protocols that a back end would answer requests in.
fn other_protocols(rig: &Rig) {
    let key = rig.server.keys.bearer("colleagues:read");
    for (upgrade, connection) in [
        ("h2c", "Upgrade, HTTP2-Settings"),
        ("h2c", "HTTP2-Settings"),
        ("H2C", "upgrade"),
        ("websocket, h2c", "Upgrade"),
        ("h2c, websocket", "Upgrade"),
        ("TLS/1.0", "Upgrade"),
        ("other", "Upgrade"),
    ] {
        let request = rig.request("GET", TARGET, "colleagues:read");
        let request = request
            .header("Connection", connection)
            .header("Upgrade", upgrade)
            .header("HTTP2-Settings", "AAMAAABkAARAAAAAAAIAAAAA");
        let status = tunnelled(rig, &key, &request);
        assert_ne!(status, Some(101), "{upgrade} ({connection})");
    }
}

/// Sends a request to upgrade and one that is denied behind it, which must be checked.
fn tunnelled(rig: &Rig, key: &String, request: &Request) -> Option<u16> {
    rig.assert_quiet();
    let mut connection = Connection::open(rig.front);
    connection.write(&request.bytes());
    let reply = connection.read(&request.method);
    let second = Request::new("PUT", "/api/v1/pbx/system/reboot/", [key.clone()]);
    connection.write(&second.header("Connection", "close").bytes());
    connection.drain();
    let (checks, forwarded) = (rig.relay.take(), rig.api.take());
    let judged = judge_all(&rig.server, std::slice::from_ref(key), &checks, &forwarded);
    judged.unwrap_or_else(|fault| panic!("{:?}: {fault}", request.headers));
    for head in forwarded.iter().map(|forwarded| &forwarded.head) {
        assert_eq!(head.target(), TARGET.as_bytes(), "{:?}", request.headers);
        let upgrades: Vec<_> = head.values("upgrade").map(<[u8]>::to_ascii_lowercase).collect();
        assert!(upgrades.iter().all(|upgrade| upgrade == b"websocket"), "{head:?}");
    }
    reply.status
}
