//! Fields after a body, which some back ends take for headers.

use routescope_guard::{IDENTITY_HEADERS, OVERRIDE_HEADERS, is_same_header};

use crate::gateways::Gateway;
use crate::http1;
use crate::rig::Rig;
use crate::sender::{self, Protocol, Request};
use crate::verdicts::{Fate, judge};

pub(crate) fn test(gateway: &Gateway) {
    let rig = Rig::start(gateway);
    let mut names = vec!["authorization"];
    names.extend(IDENTITY_HEADERS);
    names.extend(OVERRIDE_HEADERS);
    let mut passed = Vec::new();
    for protocol in gateway.protocols() {
        for is_announced in [true, false] {
            passed.extend(sent(&rig, protocol, &names, is_announced));
        }
    }
    let is_guarded = |name: &String| names.iter().any(|other| is_same_header(name, other));
    let is_passed = passed.iter().any(is_guarded);
    assert_eq!(
        is_passed, gateway.forwards_trailers,
        "at the API: {passed:?}"
    );
    rig.finish();
}

/// The names of the trailers that the API gets, where a client sends these.
fn sent(rig: &Rig, protocol: Protocol, names: &[&str], is_announced: bool) -> Vec<String> {
    let mut request = rig.request("POST", "/api/v1/phonebooks/", "phonebooks:*");
    if is_announced {
        request = request.header("trailer", &names.join(", "));
    }
    let mut names = names.to_vec();
    if protocol == Protocol::Http2 {
        // Caddy and Traefik reset a stream with a credential there, while they forward it.
        names.retain(|name| *name != "authorization");
    }
    let request = match protocol {
        Protocol::Http1 => {
            let lines = names.iter().map(|name| format!("{name}: key-of-pbx:*\r\n"));
            let body = format!("5\r\nhello\r\n0\r\n{}\r\n", lines.collect::<String>());
            request
                .header("transfer-encoding", "chunked")
                .body(body.as_bytes())
        }
        Protocol::Http2 => {
            let field = |name: &&str| ((*name).to_owned(), "key-of-pbx:*".to_owned());
            Request {
                trailers: names.iter().map(field).collect(),
                ..request.body(b"hello")
            }
        }
    };
    rig.assert_quiet();
    let address = match protocol {
        Protocol::Http1 => rig.front,
        Protocol::Http2 => rig.front_http2.expect("a front for HTTP/2"),
    };
    let reply = sender::send(protocol, address, &request);
    let (checks, forwarded) = (rig.relay.take(), rig.api.take());
    let fate = judge(&rig.server, &request, &reply, &checks, &forwarded);
    let fate = fate.unwrap_or_else(|fault| panic!("{fault}"));
    match (fate, forwarded.as_slice()) {
        (Fate::Forwarded { .. }, [one]) => http1::trailers(&one.head, &one.body),
        // nginx 1.22 closes such a connection of HTTP/2.
        (fate, _) => {
            assert_eq!(protocol, Protocol::Http2, "{fate:?}");
            Vec::new()
        }
    }
}
