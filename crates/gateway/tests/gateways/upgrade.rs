//! A WebSocket is opened by those who may, and no other protocol is.

use crate::gateways::Gateway;
use crate::rig::Rig;
use crate::sender::{self, Connection, Protocol, Request};
use crate::verdicts::{Fate, Fault};

const TARGET: &str = "/api/v1/colleagues/";
const CLOSED: &str = "/api/v1/pbx/system/reboot/";

pub(crate) fn test(gateway: &Gateway) {
    let rig = Rig::start(gateway);
    websocket(&rig);
    denied(&rig);
    refused_by_the_api(&rig);
    before_the_answer(&rig);
    other_protocols(&rig).unwrap_or_else(|fault| panic!("{fault}"));
    over_http2(&rig);
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
    // A masked text frame, which the API sends back unchanged.
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
    let request = rig.request("GET", TARGET, "colleagues:read");
    let request = request
        .header("Connection", "Upgrade")
        .header("Upgrade", "websocket")
        .header("Sec-WebSocket-Version", "777")
        .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    tunnelled(rig, &request).unwrap_or_else(|fault| panic!("{fault}"));
}

/// A request that follows one for a WebSocket before that is answered, as bytes of a tunnel that there is not.
fn before_the_answer(rig: &Rig) {
    let request = rig.request("GET", TARGET, "colleagues:read");
    let second = Request::new("PUT", CLOSED, request.authorization.clone());
    let second = second.header("Connection", "close").bytes();
    let length = second.len().to_string();
    for (name, value) in [
        ("X-Other", "0"),
        ("Content-Length", "0"),
        ("Content-Length", &length),
    ] {
        rig.assert_quiet();
        let request = handshake(request.clone()).header(name, value);
        let request = Request {
            headers: request
                .headers
                .into_iter()
                .map(|(name, value)| match value.as_str() {
                    "13" => (name, "777".to_owned()),
                    _ => (name, value),
                })
                .collect(),
            ..request
        };
        let mut connection = Connection::open(rig.front);
        connection.write(&[request.bytes(), second.clone()].concat());
        connection.drain();
        let forwarded = rig
            .judge_recorded(|_| request.authorization.clone())
            .unwrap_or_else(|fault| panic!("{request:?}: {fault}"));
        assert!(
            forwarded
                .iter()
                .all(|one| one.head.target() == TARGET.as_bytes()),
            "{request:?}: {forwarded:?}"
        );
    }
}

/// Upgrades to protocols that a back end would answer requests in.
pub(crate) fn other_protocols(rig: &Rig) -> Result<(), Fault> {
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
        let status = tunnelled(rig, &request)?;
        if status == Some(101) {
            return Err(Fault::Status(format!(
                "{upgrade} ({connection}) was upgraded"
            )));
        }
    }
    Ok(())
}

/// Sends a request to upgrade, and then one that must be denied, on one connection.
fn tunnelled(rig: &Rig, request: &Request) -> Result<Option<u16>, Fault> {
    rig.assert_quiet();
    let mut connection = Connection::open(rig.front);
    connection.write(&request.bytes());
    let reply = connection.read(&request.method);
    let second = Request::new("PUT", CLOSED, request.authorization.clone());
    connection.write(&second.header("Connection", "close").bytes());
    connection.drain();
    let forwarded = rig.judge_recorded(|_| request.authorization.clone())?;
    for head in forwarded.iter().map(|forwarded| &forwarded.head) {
        assert_eq!(head.target(), TARGET.as_bytes(), "{request:?}");
        if head
            .values("upgrade")
            .any(|upgrade| !upgrade.eq_ignore_ascii_case(b"websocket"))
        {
            return Err(Fault::Header(format!("{head:?}")));
        }
    }
    Ok(reply.status)
}

/// A WebSocket over HTTP/2 (RFC 8441), where a gateway has that.
fn over_http2(rig: &Rig) {
    if rig.front_http2.is_none() {
        return;
    }
    for (scope, target) in [(None, TARGET), (Some("colleagues:read"), CLOSED)] {
        let authorization = scope.map(|scope| rig.server.keys.bearer(scope));
        let request = Request::new("CONNECT", target, authorization)
            .header(":protocol", "websocket")
            .header("sec-websocket-version", "13");
        let (_, fate) = rig.send(Protocol::Http2, &request);
        assert!(!matches!(fate, Fate::Forwarded { .. }), "{fate:?}");
    }
    // Where a gateway has it, it goes on as an upgrade of HTTP/1.1, with a key of the gateway's own
    // that the API cannot answer: the status is not judged.
    let request = rig.request("CONNECT", TARGET, "colleagues:read");
    let request = request
        .header(":protocol", "websocket")
        .header("sec-websocket-version", "13");
    let address = rig.front_http2.expect("a front for HTTP/2");
    sender::send(Protocol::Http2, address, &request);
    let judged = rig.judge_recorded(|_| request.authorization.clone());
    judged.unwrap_or_else(|fault| panic!("{fault}"));
}
