//! What hyper and the `http` crate hide from a layer: the list of the crate's documentation.

use tower::Layer;

use crate::guards::{bearer, key, layer};
use crate::paths::{Protocol, Servers};
use crate::{echo, h2_frames, server, wire};

struct Case {
    name: &'static str,
    method: &'static [u8],
    target: &'static [u8],
    /// The verdict, and the target that the inner service sees; or `unread`.
    http_1: &'static str,
    http_2: &'static str,
}

const CASES: &[Case] = &[
    Case {
        name: "a listed target",
        method: b"GET",
        target: b"/api/v1/colleagues/",
        http_1: "allow /api/v1/colleagues/",
        http_2: "allow /api/v1/colleagues/",
    },
    Case {
        name: "HIDDEN a fragment",
        method: b"GET",
        target: b"/api/v1/colleagues/#x",
        http_1: "allow /api/v1/colleagues/",
        http_2: "allow /api/v1/colleagues/",
    },
    Case {
        name: "HIDDEN a fragment after a query",
        method: b"GET",
        target: b"/api/v1/colleagues/?a=b#x",
        http_1: "allow /api/v1/colleagues/?a=b",
        http_2: "allow /api/v1/colleagues/?a=b",
    },
    Case {
        name: "HIDDEN a fragment with another path",
        method: b"GET",
        target: b"/api/v1/colleagues/#/../pbx",
        http_1: "allow /api/v1/colleagues/",
        http_2: "allow /api/v1/colleagues/",
    },
    Case {
        name: "a fragment alone",
        method: b"GET",
        target: b"#x",
        http_1: "unread",
        http_2: "unknown_route /",
    },
    Case {
        name: "a slash and a fragment",
        method: b"GET",
        target: b"/#x",
        http_1: "unknown_route /",
        http_2: "unknown_route /",
    },
    Case {
        name: "absolute-form",
        method: b"GET",
        target: b"http://localhost/api/v1/colleagues/",
        http_1: "bad_path http://localhost/api/v1/colleagues/",
        http_2: "unread",
    },
    Case {
        name: "absolute-form without a path",
        method: b"GET",
        target: b"http://localhost",
        http_1: "bad_path http://localhost/",
        http_2: "unread",
    },
    Case {
        name: "absolute-form with a query and no path",
        method: b"GET",
        target: b"http://localhost?/api/v1/colleagues/",
        http_1: "bad_path http://localhost/?/api/v1/colleagues/",
        http_2: "unread",
    },
    Case {
        name: "absolute-form with a fragment and no path",
        method: b"GET",
        target: b"http://localhost#/api/v1/colleagues/",
        http_1: "bad_path http://localhost/",
        http_2: "unread",
    },
    Case {
        name: "absolute-form of another scheme",
        method: b"GET",
        target: b"x://h/api/v1/colleagues/",
        http_1: "bad_path x://h/api/v1/colleagues/",
        http_2: "unread",
    },
    Case {
        name: "absolute-form without a host",
        method: b"GET",
        target: b"file:///api/v1/colleagues/",
        http_1: "unread",
        http_2: "unread",
    },
    Case {
        name: "a scheme before a path",
        method: b"GET",
        target: b"x:/api/v1/colleagues/",
        http_1: "unread",
        http_2: "unread",
    },
    Case {
        name: "asterisk-form",
        method: b"OPTIONS",
        target: b"*",
        http_1: "bad_path *",
        http_2: "bad_path *",
    },
    Case {
        name: "authority-form",
        method: b"CONNECT",
        target: b"localhost:80",
        http_1: "bad_method localhost:80",
        http_2: "unread",
    },
    Case {
        name: "authority-form of another method",
        method: b"GET",
        target: b"localhost:80",
        http_1: "bad_path localhost:80",
        http_2: "unread",
    },
    Case {
        name: "CONNECT with a path",
        method: b"CONNECT",
        target: b"/api/v1/colleagues/",
        http_1: "bad_method /api/v1/colleagues/",
        http_2: "unread",
    },
    Case {
        name: "no slash in front",
        method: b"GET",
        target: b"api/v1/colleagues/",
        http_1: "unread",
        http_2: "unread",
    },
    Case {
        name: "a query in front",
        method: b"GET",
        target: b"?/api/v1/colleagues/",
        http_1: "unread",
        http_2: "bad_path ?/api/v1/colleagues/",
    },
    Case {
        name: "nothing",
        method: b"GET",
        target: b"",
        http_1: "unread",
        http_2: "unread",
    },
    Case {
        name: "a space in front",
        method: b"GET",
        target: b" /api/v1/colleagues/",
        http_1: "unread",
        http_2: "unread",
    },
    Case {
        name: "a space at the end",
        method: b"GET",
        target: b"/api/v1/colleagues/ ",
        http_1: "unread",
        http_2: "unread",
    },
    Case {
        name: "a tab in front",
        method: b"GET",
        target: b"\t/api/v1/colleagues/",
        http_1: "unread",
        http_2: "unread",
    },
    Case {
        name: "a version in the target",
        method: b"GET",
        target: b"/api/v1/colleagues/ HTTP/1.1",
        http_1: "unread",
        http_2: "unread",
    },
    Case {
        name: "a method in lower case",
        method: b"get",
        target: b"/api/v1/colleagues/",
        http_1: "bad_method /api/v1/colleagues/",
        http_2: "bad_method /api/v1/colleagues/",
    },
    Case {
        name: "HIDDEN blank lines before the request line",
        method: b"\r\n\nGET",
        target: b"/api/v1/colleagues/",
        http_1: "allow /api/v1/colleagues/",
        http_2: "unread",
    },
    Case {
        name: "UTF-8 that is not encoded",
        method: b"GET",
        target: b"/api/v1/colleagues/\xC3\xA9/",
        http_1: "bad_path /api/v1/colleagues/é/",
        http_2: "bad_path /api/v1/colleagues/é/",
    },
    Case {
        name: "a byte that is not UTF-8",
        method: b"GET",
        target: b"/api/v1/colleagues/\xFF/",
        http_1: "unread",
        http_2: "unread",
    },
    Case {
        name: "a NUL",
        method: b"GET",
        target: b"/api/v1/colleagues/\0/",
        http_1: "unread",
        http_2: "unread",
    },
    Case {
        name: "characters that RFC 3986 has in no path",
        method: b"GET",
        target: b"/api/v1/colleagues/\"<>\\^`{|}/",
        http_1: "unread",
        http_2: "unread",
    },
    Case {
        name: "an escape without digits",
        method: b"GET",
        target: b"/api/v1/colleagues/%/",
        http_1: "bad_path /api/v1/colleagues/%/",
        http_2: "bad_path /api/v1/colleagues/%/",
    },
    Case {
        name: "dot segments",
        method: b"GET",
        target: b"/api/v1/pbx/../colleagues/",
        http_1: "bad_path /api/v1/pbx/../colleagues/",
        http_2: "bad_path /api/v1/pbx/../colleagues/",
    },
    Case {
        name: "two slashes in front",
        method: b"GET",
        target: b"//localhost/api/v1/colleagues/",
        http_1: "bad_path //localhost/api/v1/colleagues/",
        http_2: "bad_path //localhost/api/v1/colleagues/",
    },
];

#[tokio::test]
async fn a_server_hides_this_and_no_more() {
    let servers = Servers::start().await;
    let mut wrong = Vec::new();
    for case in CASES {
        let protocols = [
            (Protocol::Http1, case.http_1),
            (Protocol::Http2, case.http_2),
        ];
        for (protocol, expected) in protocols {
            let probe = servers.probe(protocol, case.method, case.target).await;
            if probe.to_string() != expected {
                wrong.push(format!("{} {protocol:?}: {probe}", case.name));
            }
            // A case that gets more over the wire than from the library says so in its name.
            let is_more = expected.starts_with("allow")
                && servers.decide(case.method, case.target) != "allow";
            assert!(!is_more || case.name.starts_with("HIDDEN"), "{}", case.name);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A request of HTTP/2 by its fields, and what becomes of it: the target that the inner service
/// sees and is allowed, a reason, or `unread`.
type Fields = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

const TARGET: &str = "/api/v1/colleagues/";

const FIELDS: &[Fields] = &[
    (
        "as usual",
        &[
            (":method", "GET"),
            (":scheme", "http"),
            (":authority", "h"),
            (":path", TARGET),
        ],
        "http://h/api/v1/colleagues/",
    ),
    (
        "HIDDEN a scheme without a host",
        &[(":method", "GET"), (":scheme", "http"), (":path", TARGET)],
        "/api/v1/colleagues/",
    ),
    (
        "HIDDEN the order of the fields",
        &[
            (":path", TARGET),
            (":method", "GET"),
            (":authority", "h"),
            (":scheme", "http"),
        ],
        "http://h/api/v1/colleagues/",
    ),
    (
        "no scheme",
        &[(":method", "GET"), (":authority", "h"), (":path", TARGET)],
        "unread",
    ),
    (
        "no path",
        &[(":method", "GET"), (":scheme", "http"), (":authority", "h")],
        "unread",
    ),
    (
        "two paths",
        &[
            (":method", "GET"),
            (":scheme", "http"),
            (":path", TARGET),
            (":path", "/x"),
        ],
        "unread",
    ),
    (
        "two methods",
        &[
            (":method", "GET"),
            (":method", "PUT"),
            (":scheme", "http"),
            (":path", TARGET),
        ],
        "unread",
    ),
    (
        "a path after other fields",
        &[
            (":method", "GET"),
            (":scheme", "http"),
            ("x-a", "b"),
            (":path", TARGET),
        ],
        "unread",
    ),
    (
        "a field in upper case",
        &[
            (":method", "GET"),
            (":scheme", "http"),
            (":path", TARGET),
            ("X-A", "b"),
        ],
        "unread",
    ),
    (
        "CONNECT",
        &[(":method", "CONNECT"), (":authority", "localhost:80")],
        "bad_method",
    ),
    (
        "extended CONNECT, which nobody has offered",
        &[
            (":method", "CONNECT"),
            (":protocol", "websocket"),
            (":scheme", "http"),
            (":authority", "h"),
            (":path", TARGET),
        ],
        "unread",
    ),
];

#[tokio::test]
async fn a_server_reads_these_fields_and_no_others() {
    let layer = layer().show_reason(true);
    let address = server::serve(layer.layer(echo::echo())).await;
    let authorization = format!("Bearer {}", key("admin"));
    for (name, fields, expected) in FIELDS {
        let key = ("authorization", authorization.as_str());
        let fields = fields.iter().chain([&key]);
        let fields = fields.map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        let fields: Vec<_> = fields.collect();
        let body = h2_frames::send(address, &fields).await;
        let body = body.as_deref().unwrap_or("unread");
        let seen = echo::line(body, "uri").map(String::from);
        assert_eq!(seen.unwrap_or_else(|| reason(body)), *expected, "{name}");
    }
}

/// The reason of a problem, or the text itself.
fn reason(body: &str) -> String {
    let problem = serde_json::from_str::<serde_json::Value>(body);
    let reason = problem
        .ok()
        .and_then(|problem| Some(problem["reason"].as_str()?.to_owned()));
    reason.unwrap_or_else(|| body.to_owned())
}

/// A head of a request of HTTP/1, and what becomes of it.
const HEADS: &[(&str, &str, &str)] = &[
    (
        "as usual",
        "GET TARGET HTTP/1.1\r\nHost: h\r\n",
        "/api/v1/colleagues/",
    ),
    (
        "HTTP/1.0 without a host",
        "GET TARGET HTTP/1.0\r\n",
        "/api/v1/colleagues/",
    ),
    (
        "HIDDEN no host",
        "GET TARGET HTTP/1.1\r\n",
        "/api/v1/colleagues/",
    ),
    (
        "HIDDEN two hosts",
        "GET TARGET HTTP/1.1\r\nHost: a\r\nHost: b\r\n",
        "/api/v1/colleagues/",
    ),
    (
        "HIDDEN lines that end with LF",
        "GET TARGET HTTP/1.1\nHost: h\n",
        "/api/v1/colleagues/",
    ),
    (
        "HIDDEN space around a value",
        "GET TARGET HTTP/1.1\r\nX-A:\t b \t\r\n",
        "/api/v1/colleagues/",
    ),
    (
        "a line that goes on",
        "GET TARGET HTTP/1.1\r\nX-A: b\r\n c\r\n",
        "unread",
    ),
    (
        "a space before a colon",
        "GET TARGET HTTP/1.1\r\nX-A : b\r\n",
        "unread",
    ),
    ("no version", "GET TARGET\r\n", "unread"),
    (
        "a version in lower case",
        "GET TARGET http/1.1\r\n",
        "unread",
    ),
    ("a later version", "GET TARGET HTTP/1.2\r\n", "unread"),
    (
        "a tab after the method",
        "GET\tTARGET HTTP/1.1\r\n",
        "unread",
    ),
    (
        "a tab after the target",
        "GET TARGET\tHTTP/1.1\r\n",
        "unread",
    ),
    (
        "a space after the version",
        "GET TARGET HTTP/1.1 \r\n",
        "unread",
    ),
    (
        "two spaces after the method",
        "GET  TARGET HTTP/1.1\r\n",
        "unread",
    ),
    (
        "two spaces after the target",
        "GET TARGET  HTTP/1.1\r\n",
        "unread",
    ),
    ("a CR in the line", "GET TARGET\r HTTP/1.1\r\n", "unread"),
    (
        "two lengths",
        "GET TARGET HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 1\r\n",
        "unread",
    ),
    (
        "a length and chunks",
        "GET TARGET HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "/api/v1/colleagues/",
    ),
];

#[tokio::test]
async fn a_server_reads_these_heads_and_no_others() {
    let layer = layer().show_reason(true);
    let address = server::serve(layer.layer(echo::echo())).await;
    for (name, head, expected) in HEADS {
        let head = head.replace("TARGET", TARGET);
        let request = format!("{head}Connection: close\r\n{}\r\n", bearer("admin"));
        let reply = wire::send(address, request).await;
        let seen = match reply.status {
            400 => "unread",
            _ => echo::line(&reply.body, "uri").unwrap_or(&reply.body),
        };
        assert_eq!(seen, *expected, "{name}");
    }
}
