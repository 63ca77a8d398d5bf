//! Hostile targets over the wire: the layer's verdict is the library's, for the target that the
//! inner service sees.

use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;

use routescope_guard::Guard;
use tower::Layer;

use crate::guards::{NOW, bearer, guard, key, layer};
use crate::path_cases::{PathCase, path_cases};
use crate::{echo, h2_frames, server, wire};

/// A protocol to send a request by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

/// A server with the layer, and one without.
pub(crate) struct Servers {
    guarded: SocketAddr,
    plain: SocketAddr,
    guard: Guard,
}

/// The answer to one request.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Probe {
    /// The server itself refuses to read it.
    Unread,
    /// The target that the inner service sees, or would see, and the verdict of the layer: a
    /// reason, or `allow`.
    Read { verdict: String, target: String },
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unread => f.write_str("unread"),
            Self::Read { verdict, target } => write!(f, "{verdict} {target}"),
        }
    }
}

impl Servers {
    pub(crate) async fn start() -> Self {
        let layer = layer().show_reason(true);
        Self {
            guarded: server::serve(layer.layer(echo::echo())).await,
            plain: server::serve(echo::echo()).await,
            guard: guard(),
        }
    }

    /// Sends a request with the key of `admin` to both servers, and compares.
    pub(crate) async fn probe(&self, protocol: Protocol, method: &[u8], target: &[u8]) -> Probe {
        let plain = send(protocol, self.plain, method, target).await;
        let guarded = send(protocol, self.guarded, method, target).await;
        let seen = match (plain, &guarded) {
            (None, None) => return Probe::Unread,
            (Some(seen), Some(_)) => seen,
            (plain, guarded) => panic!("{plain:?} without the layer, {guarded:?} with it"),
        };
        let guarded = guarded.expect("checked above");
        // A URI that begins with a scheme says so in HTTP/1.1 alone.
        let target = match (protocol, echo::line(&seen, "target")) {
            (Protocol::Http2, Some(target)) if target != "none" => target,
            _ => echo::line(&seen, "uri").expect("a URI"),
        };
        let method = echo::line(&seen, "method").expect("a method");
        let expected = self.decide(method.as_bytes(), target.as_bytes());
        let verdict = verdict(&guarded);
        assert_eq!(verdict, expected, "{protocol:?} {method} {target}");
        if verdict == "allow" {
            for name in ["method", "uri", "target"] {
                assert_eq!(echo::line(&guarded, name), echo::line(&seen, name));
            }
        }
        Probe::Read {
            verdict,
            target: target.to_owned(),
        }
    }

    /// The library's verdict on bytes.
    pub(crate) fn decide(&self, method: &[u8], target: &[u8]) -> String {
        let header = format!("Bearer {}", key("admin"));
        let answer = self.guard.decide([header.as_bytes()], method, target, NOW);
        let reason = answer.reason();
        reason.map_or("allow", |reason| reason.as_str()).to_owned()
    }
}

/// The body of the response, unless the server cannot read the request.
async fn send(
    protocol: Protocol,
    address: SocketAddr,
    method: &[u8],
    target: &[u8],
) -> Option<String> {
    match protocol {
        Protocol::Http1 => {
            let head = wire::head(method, target, &bearer("admin"));
            let reply = wire::send(address, head).await;
            // hyper answers with an empty 400 or 414, and the layer and the inner service never do.
            (!matches!(reply.status, 400 | 414)).then_some(reply.body)
        }
        Protocol::Http2 => {
            let authorization = format!("Bearer {}", key("admin"));
            let fields: [(&[u8], &[u8]); 5] = [
                (b":method", method),
                (b":scheme", b"http"),
                (b":authority", b"localhost"),
                (b":path", target),
                (b"authorization", authorization.as_bytes()),
            ];
            h2_frames::send(address, &fields).await
        }
    }
}

/// The verdict that a body tells: the problem's reason, or what the inner service has seen.
fn verdict(body: &str) -> String {
    match serde_json::from_str::<serde_json::Value>(body) {
        Ok(problem) => problem["reason"].as_str().expect("a reason").to_owned(),
        Err(_) => {
            assert!(echo::line(body, "authorized").is_some(), "{body:?}");
            "allow".to_owned()
        }
    }
}

/// Everything that is allowed over the wire, although the library denies the bytes of the wire.
/// `hidden.rs` says why, and the crate's documentation says so too.
const MORE_THAN_THE_LIBRARY: [&str; 4] = [
    "P185 Http1 allow /api/v1/colleagues/",
    "P185 Http2 allow /api/v1/colleagues/",
    "P186 Http1 allow /api/v1/colleagues/?x",
    "P186 Http2 allow /api/v1/colleagues/?x",
];

#[tokio::test]
async fn each_path_case_gets_the_verdict_of_the_library() {
    let servers = Servers::start().await;
    let mut more = BTreeSet::new();
    let (mut read, mut allowed) = ([0; 2], [0; 2]);
    for PathCase { id, method, target } in path_cases() {
        for (place, protocol) in [Protocol::Http1, Protocol::Http2].into_iter().enumerate() {
            let probe = servers.probe(protocol, &method, &target).await;
            let Probe::Read { verdict, .. } = &probe else {
                continue;
            };
            read[place] += 1;
            if verdict == "allow" {
                allowed[place] += 1;
                if servers.decide(&method, &target) != "allow" {
                    more.insert(format!("{id} {protocol:?} {probe}"));
                }
            }
        }
    }
    assert_eq!(Vec::from_iter(&more), MORE_THAN_THE_LIBRARY);
    // The server refuses the others. 31 cases and two fragments are allowed.
    assert_eq!((read, allowed), ([185, 180], [33, 33]));
}

/// Random targets out of pieces that matter to some reader of paths.
#[tokio::test]
async fn random_targets_get_the_verdict_of_the_library() {
    const PIECES: [&[u8]; 40] = [
        b"/",
        b"/",
        b"/",
        b"api",
        b"v1",
        b"/api/v1/",
        b"/api/v1/colleagues/",
        b"colleagues",
        b"phonebooks",
        b"7",
        b"contacts",
        b".",
        b"..",
        b"/../",
        b"/./",
        b"//",
        b"\\",
        b";",
        b";a=b",
        b"%2e",
        b"%2F",
        b"%5c",
        b"%00",
        b"%C3%A9",
        b"%c0%af",
        b"%",
        b"%zz",
        b"?",
        b"?page=2",
        b"#",
        b"#x",
        b"&",
        b"=",
        b"@",
        b":",
        b"+",
        b"*",
        b"~",
        b"\xC3\xA9",
        b" ",
    ];
    let servers = Servers::start().await;
    let mut random = fastrand::Rng::with_seed(17);
    let thorough = std::env::var_os("ROUTESCOPE_THOROUGH").is_some();
    let count = if thorough { 4_000 } else { 400 };
    let mut allowed = 0;
    for _ in 0..count {
        let mut target = Vec::new();
        if random.bool() {
            target.extend(b"/api/v1/colleagues/");
        }
        for _ in 0..random.usize(..5) {
            target.extend(*random.choice(&PIECES).expect("pieces"));
        }
        for protocol in [Protocol::Http1, Protocol::Http2] {
            let probe = servers.probe(protocol, b"GET", &target).await;
            if matches!(&probe, Probe::Read { verdict, .. } if verdict == "allow") {
                allowed += 1;
                let is_allowed = servers.decide(b"GET", &target) == "allow";
                assert!(is_allowed || target.contains(&b'#'), "{protocol:?} {probe}");
            }
        }
    }
    assert!(allowed > count / 20, "only {allowed} of {count}");
}
