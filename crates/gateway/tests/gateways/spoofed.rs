//! Headers and bodies by which a client could pass for another, or for another request.

use routescope_guard::{IDENTITY_HEADERS, OVERRIDE_HEADERS};

use crate::gateways::Gateway;
use crate::http1;
use crate::rig::Rig;
use crate::sender::{Connection, Protocol, Request};
use crate::verdicts::Fate;

/// The route that the key of [`SCOPE`] opens, and the one that it does not.
const OPEN: (&str, &str) = ("GET", "/api/v1/colleagues/");
const CLOSED: (&str, &str) = ("PUT", "/api/v1/pbx/system/reboot/");
const SCOPE: &str = "colleagues:read";

pub(crate) fn test(gateway: &Gateway) {
    let are_forwarded = Rig::for_each(gateway, &sets(gateway), |rig, (protocol, headers)| {
        forwards(rig, *protocol, headers)
    });
    // Requests with harmless headers go on, so that the rules about them are tried.
    let forwarded = are_forwarded
        .iter()
        .filter(|is_forwarded| **is_forwarded)
        .count();
    assert!(
        forwarded >= 5,
        "{forwarded} of {} forwarded",
        are_forwarded.len()
    );
    let rig = Rig::start(gateway);
    credentials(&rig, gateway);
    bodies(&rig);
    smuggled(&rig);
    rig.finish();
}

/// Sends headers with a request that is allowed without them, and with one that is denied. Returns
/// whether the first is forwarded; the second must not be.
fn forwards(rig: &Rig, protocol: Protocol, headers: &Headers) -> bool {
    let with = |(method, target): (&str, &str)| {
        let request = rig.request(method, target, SCOPE);
        headers.iter().fold(request, |request, (name, value)| {
            request.header(name, value)
        })
    };
    let first = rig.send(protocol, &with(OPEN)).1;
    if first == Fate::Own(None) {
        // The gateway has closed the connection for such headers, whatever they are sent with.
        return false;
    }
    let (reply, fate) = rig.send(protocol, &with(CLOSED));
    assert!(
        !matches!(fate, Fate::Forwarded { .. }),
        "{headers:?}: {fate:?}"
    );
    assert_ne!(reply.status, Some(200), "{headers:?}");
    matches!(first, Fate::Forwarded { .. })
}

/// Headers that are sent together.
type Headers = Vec<(String, String)>;

/// Each set of headers, over each version of HTTP that has it.
fn sets(gateway: &Gateway) -> Vec<(Protocol, Headers)> {
    let mut sets: Vec<_> = header_sets()
        .into_iter()
        .map(|set| (Protocol::Http1, set))
        .collect();
    if gateway.http2.is_some() {
        // HTTP/2 has neither names in upper case nor `connection`; `http2_sets` has one of each.
        let is_of_http2 = |set: &Headers| {
            set.iter()
                .all(|(name, _)| name.to_ascii_lowercase() == *name && name != "connection")
        };
        let both = header_sets().into_iter().filter(is_of_http2);
        sets.extend(both.chain(http2_sets()).map(|set| (Protocol::Http2, set)));
    }
    sets
}

/// Sets of headers that are sent together.
fn header_sets() -> Vec<Headers> {
    let mut sets = Vec::new();
    let mut add = |headers: &[(&str, &str)]| {
        let own = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        sets.push(headers.iter().map(own).collect());
    };
    for name in OVERRIDE_HEADERS {
        let value = if name.contains("method") {
            OPEN.0
        } else {
            OPEN.1
        };
        for name in spellings(name) {
            add(&[(&name, value)]);
        }
        add(&[(name, value), (name, value)]);
        add(&[("connection", name)]);
        add(&[("connection", name), (name, value)]);
        add(&[(name, "")]);
    }
    for name in IDENTITY_HEADERS {
        for name in spellings(name) {
            add(&[(&name, "key-of-pbx:*")]);
        }
        add(&[(name, "key-of-pbx:*"), (name, "key-of-pbx:*")]);
        add(&[("connection", name), (name, "key-of-pbx:*")]);
    }
    for method in ["x-original-method", "x-forwarded-method"] {
        for target in ["x-original-uri", "x-forwarded-uri"] {
            add(&[(method, OPEN.0), (target, OPEN.1)]);
            add(&[
                (method, OPEN.0),
                (method, OPEN.0),
                (target, OPEN.1),
                (target, OPEN.1),
            ]);
            add(&[
                ("connection", &format!("{method}, {target}")),
                (method, OPEN.0),
                (target, OPEN.1),
            ]);
        }
    }
    for (name, value) in [
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-host", "other.example"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-port", "443"),
        ("x-forwarded-prefix", "/api/v1/colleagues"),
        ("x-real-ip", "127.0.0.1"),
        ("forwarded", "for=127.0.0.1;host=other.example;proto=https"),
        ("x-envoy-original-path", OPEN.1),
        ("x-envoy-internal", "true"),
        ("x-envoy-auth-partial-body", "true"),
        ("x-forwarded-client-cert", "By=spiffe://other.example"),
        ("x-accel-redirect", "/api/v1/pbx/"),
        ("connection", "authorization"),
        (
            "connection",
            "close, authorization, x-forwarded-uri, x-original-uri",
        ),
        ("te", "trailers"),
        ("host", "other.example"),
    ] {
        add(&[(name, value)]);
    }
    sets
}

/// Fields that HTTP/2 forbids, and with which a gateway could write another request for an API
/// that speaks HTTP/1.1.
fn http2_sets() -> Vec<Headers> {
    let (method, target) = CLOSED;
    let request = format!("{method} {target} HTTP/1.1\r\nHost: gateway.example\r\n\r\n");
    [
        (":path", target),
        (":method", method),
        (":authority", "other.example"),
        (":scheme", "https"),
        (":protocol", "websocket"),
        (":status", "200"),
        (":other", "value"),
        ("x-a", "b\r\nx-key-id: key-of-pbx:*"),
        ("x-a", "b\nx-key-id: key-of-pbx:*"),
        ("x-a", "b\rx-key-id: key-of-pbx:*"),
        ("x-a", "b\0"),
        ("x-a", &format!("b\r\n\r\n{request}")),
        ("x-a: b\r\nx-key-id", "key-of-pbx:*"),
        ("x-key-id: key-of-pbx:*\r\nx-a", "b"),
        ("x-key-id ", "key-of-pbx:*"),
        (" x-key-id", "key-of-pbx:*"),
        ("x-key-id:", "key-of-pbx:*"),
        ("", "value"),
        ("transfer-encoding", "chunked"),
        ("content-length", "5"),
        ("content-length", &request.len().to_string()),
        ("proxy-connection", "keep-alive"),
        ("upgrade", "websocket"),
        ("connection", "x-key-id"),
        ("X-Key-Id", "key-of-pbx:*"),
    ]
    .iter()
    .map(|&(name, value)| vec![(name.to_owned(), value.to_owned())])
    .collect()
}

/// Spellings of a name that some back end takes for it.
fn spellings(name: &str) -> Vec<String> {
    let capital = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    let capitals = name.split('-').map(capital).collect::<Vec<_>>().join("-");
    vec![
        name.to_owned(),
        name.replace('-', "_"),
        name.replacen('-', "_", 1),
        name.replace('-', "."),
        capitals.clone(),
        capitals.replace('-', "_"),
        name.to_ascii_uppercase(),
    ]
}

/// Several credentials, and none.
fn credentials(rig: &Rig, gateway: &Gateway) {
    let (weak, strong) = (
        rig.server.keys.bearer(SCOPE),
        rig.server.keys.bearer("pbx:*"),
    );
    let unknown = format!("Bearer wsk-v1-{}", "k".repeat(93));
    let joined = format!("{weak}, {strong}");
    let basic = "Basic dXNlcjp3b3Jk".to_owned();
    let sets: [&[&String]; 10] = [
        &[],
        &[&unknown],
        &[&weak],
        &[&weak, &strong],
        &[&strong, &weak],
        &[&unknown, &strong],
        &[&strong, &unknown],
        &[&strong, &strong],
        &[&joined],
        &[&basic, &strong],
    ];
    for set in sets {
        for protocol in gateway.protocols() {
            let (method, target) = CLOSED;
            let request = Request::new(method, target, set.iter().map(|&value| value.clone()));
            let (reply, fate) = rig.send(protocol, &request);
            assert!(!matches!(fate, Fate::Forwarded { .. }), "{set:?}: {fate:?}");
            assert!(
                matches!(reply.status, Some(400 | 401 | 403)),
                "{set:?}: {reply:?}"
            );
        }
    }
}

/// Bodies go on as they were sent.
fn bodies(rig: &Rig) {
    let (method, target) = ("POST", "/api/v1/phonebooks/");
    let request = rig.request(method, target, "phonebooks:*");
    let long = "x".repeat(100_000);
    let plain = request
        .clone()
        .header("Content-Length", "100000")
        .body(long.as_bytes());
    let text = "5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n";
    let chunked = request
        .header("Transfer-Encoding", "chunked")
        .body(text.as_bytes());
    for (request, expected) in [(plain, long.as_str()), (chunked, "hello, world")] {
        rig.assert_quiet();
        let reply = Connection::open(rig.front).send(&request);
        assert_eq!(reply.status, Some(200), "{reply:?}");
        let judged = rig.judge_recorded(|_| request.authorization.clone());
        let forwarded = judged.unwrap_or_else(|fault| panic!("{fault}"));
        let [forwarded] = forwarded.as_slice() else {
            panic!("{forwarded:?}");
        };
        let body = http1::unchunked(&forwarded.head, &forwarded.body);
        assert_eq!(body.len(), expected.len());
        assert!(body == expected.as_bytes());
    }
}

/// Bodies that end in two ways, with a request in what one of them leaves over.
fn smuggled(rig: &Rig) {
    let bearer = rig.server.keys.bearer("phonebooks:*");
    let (method, target) = CLOSED;
    let inner = format!("{method} {target} HTTP/1.1\r\nHost: gateway.example\r\n\r\n");
    let with_key = inner.replace("\r\n\r\n", &format!("\r\nAuthorization: {bearer}\r\n\r\n"));
    // Where everything before it has been understood, the gateway answers this one and closes.
    const LAST: &str = "GET / HTTP/1.1\r\nHost: gateway.example\r\nConnection: close\r\n\r\n";
    for inner in [&inner, &with_key] {
        let length = inner.len();
        let chunk = format!("{length:x}\r\n{inner}\r\n0\r\n\r\n");
        let shapes: [(&str, String); 12] = [
            (
                "Content-Length: 4\r\nTransfer-Encoding: chunked",
                format!("0\r\n\r\n{inner}"),
            ),
            (
                "Transfer-Encoding: chunked\r\nContent-Length: 4",
                chunk.clone(),
            ),
            (
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
                format!("0\r\n\r\n{inner}"),
            ),
            ("Transfer-Encoding: xchunked", format!("0\r\n\r\n{inner}")),
            ("Transfer-Encoding : chunked", format!("0\r\n\r\n{inner}")),
            ("Transfer-Encoding:\x0bchunked", format!("0\r\n\r\n{inner}")),
            (
                "Transfer-Encoding: chunked, identity",
                format!("0\r\n\r\n{inner}"),
            ),
            (
                "Content-Length: 0\r\nContent-Length: 5",
                format!("hello{inner}"),
            ),
            ("Content-Length: 0, 5", format!("hello{inner}")),
            ("Content-Length: +5", format!("hello{inner}")),
            ("Content-Length : 5", format!("hello{inner}")),
            // This is no smuggling: the second request is checked for itself.
            ("Content-Length: 5", format!("hello{inner}")),
        ];
        for (framing, body) in shapes {
            rig.assert_quiet();
            let mut connection = Connection::open(rig.front);
            let bytes = format!(
                "POST /api/v1/phonebooks/ HTTP/1.1\r\nHost: gateway.example\r\n\
                 Authorization: {bearer}\r\n{framing}\r\n\r\n{body}{LAST}"
            );
            connection.write(bytes.as_bytes());
            let answers = connection.drain();
            assert!(
                answers.starts_with(b"HTTP/1.1 "),
                "{framing:?} {body:?}: no answer"
            );
            let judged = rig.judge_recorded(|_| vec![bearer.clone()]);
            let forwarded = judged.unwrap_or_else(|fault| panic!("{framing:?} {body:?}: {fault}"));
            let reboot = forwarded
                .iter()
                .find(|one| one.head.target() == target.as_bytes());
            assert!(reboot.is_none(), "{framing:?} {body:?}: {reboot:?}");
        }
    }
}
