//! The parts that HTTP/2 has in place of a request line: another scheme, an authority that reads as a path, and bytes that no
//! target of HTTP/1.1 has.

use crate::gateways::Gateway;
use crate::rig::Rig;
use crate::sender::{Protocol, Request};
use crate::verdicts::Fate;

const TARGET: &str = "/api/v1/colleagues/";
const CLOSED: &str = "/api/v1/pbx/system/reboot/";

pub(crate) fn test(gateway: &Gateway) {
    let rig = Rig::start(gateway);
    if rig.front_http2.is_none() {
        return;
    }
    let request = || rig.request("GET", TARGET, "colleagues:read");
    let mut forwarded = 0;
    for scheme in [
        "http",
        "https",
        "HTTP",
        "ftp",
        "ws",
        "x",
        "",
        "a b",
        "http:",
        "http://other.example/?",
    ] {
        forwarded += send(
            &rig,
            &Request {
                scheme: scheme.to_owned(),
                ..request()
            },
        );
    }
    for scheme in ["http", "x"] {
        for authority in authorities() {
            forwarded += send(
                &rig,
                &Request {
                    authority,
                    scheme: scheme.to_owned(),
                    ..request()
                },
            );
        }
    }
    for target in targets() {
        forwarded += send(
            &rig,
            &Request {
                target,
                ..request()
            },
        );
    }
    // With `http` and `https`, and over every gateway: whether requests pass at all.
    assert!(forwarded >= 3, "{forwarded} forwarded");
    rig.finish();
}

/// Sends a request, which is judged. Returns how many were forwarded.
fn send(rig: &Rig, request: &Request) -> usize {
    usize::from(matches!(
        rig.send(Protocol::Http2, request).1,
        Fate::Forwarded { .. }
    ))
}

fn authorities() -> Vec<String> {
    let mut all = vec![
        format!("other.example{CLOSED}?"),
        format!("other.example{CLOSED}#"),
    ];
    let others = [
        "", "/", "?", "#", "@", "g,h", "a b", "g/x", "g/..", "g?", "g#", "g\\", "u:p@g", "[::1]",
        "g:99999", "g:80:90", "g/%2f",
    ];
    all.extend(others.map(str::to_owned));
    all
}

/// Targets with a byte that is not ASCII, or no character, where an id or a query may have it.
fn targets() -> Vec<Vec<u8>> {
    let texts: [&[u8]; 12] = [
        b"\x80",
        b"\xC3",
        b"\xC3\xA9",
        b"\xFF",
        b"\xC0\xAF",
        b"\xED\xA0\x80",
        b"\x7F",
        b"\x01",
        b" ",
        b"\t",
        b"!",
        b"*",
    ];
    let targets = texts.iter().flat_map(|&text| {
        let in_path = [TARGET.as_bytes(), text, b"/"].concat();
        let in_query = [TARGET.as_bytes(), b"?a=", text].concat();
        [in_path, in_query, text.to_vec()]
    });
    targets.collect()
}
