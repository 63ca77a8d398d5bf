//! Servers hide this of the framing of a request, and refuse all else: the list of the crate's
//! documentation.

use tower::Layer;

use crate::guards::{bearer, key, layer};
use crate::{echo, h2_frames, server, wire};

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
        "two keys",
        &[
            (":method", "GET"),
            (":scheme", "http"),
            (":path", TARGET),
            ("authorization", "Bearer x"),
        ],
        "malformed_key",
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

/// A length beside chunks is not seen by anybody, who could otherwise read another body.
#[tokio::test]
async fn chunks_win_over_a_length() {
    let address = server::serve(layer().layer(echo::echo())).await;
    let headers = "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n";
    let headers = format!("{headers}{}", bearer("admin"));
    let reply = wire::ask(address, "GET /api/v1/colleagues/", &headers).await;
    assert_eq!(echo::line(&reply.body, "header content-length"), None);
    let coding = echo::line(&reply.body, "header transfer-encoding");
    assert_eq!(coding, Some("chunked"));
}
