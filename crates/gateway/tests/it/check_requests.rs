//! Check requests by HTTP, sound and hostile ones, and the exact answer to each.

use std::collections::BTreeMap;

use routescope_guard::{IDENTITY_HEADERS, OVERRIDE_HEADERS};

use crate::answers::{expected, logged, whole};
use crate::http::Connection;
use crate::keys::{new_key, write_keys};
use crate::server::{Server, folder};

/// The presets that tell method and target in headers, with the names of both and of others'.
const BY_HEADERS: [(&str, [&str; 4]); 5] = [
    ("nginx", ORIGINAL),
    ("haproxy", ORIGINAL),
    ("apache", ORIGINAL),
    ("caddy", FORWARDED),
    ("traefik", FORWARDED),
];
const ORIGINAL: [&str; 4] = [
    "X-Original-Method",
    "X-Original-URI",
    "X-Forwarded-Method",
    "X-Forwarded-Uri",
];
const FORWARDED: [&str; 4] = [
    "X-Forwarded-Method",
    "X-Forwarded-Uri",
    "X-Original-Method",
    "X-Original-URI",
];

/// A route that the key `reader` may call, and one that it may not.
const LIST: &str = "200 GET /api/v1/colleagues/";
const TOLD: &str = "@M: GET\r\n@T: /api/v1/colleagues/\r\n@K\r\n";
const OVERRIDE: &str = "bad_check_request override_header";
const MISSING: &str = "bad_check_request missing";
const DOUBLED: &str = "bad_check_request doubled";
const MALFORMED: &str = "bad_check_request malformed";
const PEER: &str = "bad_check_request peer";

const CONFIG: &str = r#"
keys: keys.yaml
listeners:
  - { gateway: nginx, address: 127.0.0.1:0 }
  - { gateway: haproxy, address: 127.0.0.1:0 }
  - { gateway: apache, address: 127.0.0.1:0 }
  - { gateway: caddy, address: 127.0.0.1:0 }
  - { gateway: traefik, address: 127.0.0.1:0 }
  - { gateway: envoy, address: 127.0.0.1:0 }
  - { gateway: envoy, address: 127.0.0.1:0, name: prefixed, path_prefix: /check }
  - { gateway: envoy, address: 127.0.0.1:0, name: hiding, hide_credential: true }
  - { gateway: envoy, address: 127.0.0.1:0, name: trying, shadow: everything }
  - { gateway: nginx, address: 127.0.0.1:0, name: ignoring, override_headers: ignore }
  - { gateway: nginx, address: 127.0.0.1:0, name: silent, show_reason: false }
  - { gateway: nginx, address: 127.0.0.1:0, name: strange, peers: ["10.0.0.0/8", "::1"] }
  - { gateway: envoy, address: 127.0.0.1:0, name: envoy-strange, peers: ["10.0.0.0/8"] }
log: { allows: 1, denials: 1000000 }
"#;

/// A server, the requests to it in their order, and what its log has to say of each.
struct Asked {
    server: Server,
    key: String,
    unknown: String,
    log: Vec<(String, String)>,
}

impl Asked {
    fn new() -> Self {
        let folder = folder();
        let [key] = write_keys(
            &folder.path().join("keys.yaml"),
            [("reader", &["colleagues:read"])],
        );
        Self {
            server: Server::start(folder, CONFIG),
            key,
            unknown: new_key().expose().to_owned(),
            log: Vec::new(),
        }
    }

    /// Sends a request, in which `@M`, `@T` and others have been replaced, and compares the whole
    /// answer. Each request has its connection, since some of them end it.
    fn case(
        &mut self,
        listener: &str,
        name: &str,
        request: &[u8],
        text: &str,
        more: &[(&str, &str)],
    ) {
        let authorization = format!("Authorization: Bearer {}", self.key);
        let request = replace(request, b"@K", authorization.as_bytes());
        let request = replace(&request, b"@k", self.key.as_bytes());
        let request = replace(&request, b"@U", self.unknown.as_bytes());
        let mut connection = Connection::open(self.server.address(listener));
        connection.send(&request).unwrap();
        let response = connection
            .response(!request.starts_with(b"HEAD "))
            .unwrap_or_else(|| panic!("{listener}: {name}: no answer"));
        let mut expected = expected(text, "reader");
        if request.starts_with(b"HEAD ") {
            expected.2.clear();
        }
        for (name, value) in more {
            match *value {
                "" => expected.1.remove(*name),
                _ => expected.1.insert((*name).to_owned(), (*value).to_owned()),
            };
        }
        assert_eq!(whole(&response), expected, "{listener}: {name}");
        if !text.starts_with('4') {
            self.log.push((format!("{listener}: {name}"), text.into()));
        }
    }

    /// Compares the log, line by line.
    fn finish(mut self) {
        assert!(self.server.stop().success());
        let lines = self.server.stdout.all();
        let decisions = lines.iter().filter(|line| line.contains("\"decision\":"));
        let logged: Vec<_> = decisions.map(|line| logged(line)).collect();
        assert_eq!(logged.len(), self.log.len());
        for (logged, (name, expected)) in logged.iter().zip(&self.log) {
            assert_eq!(logged, expected, "{name}");
        }
    }
}

fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.windows(from.len()).position(|part| part == from) {
        replaced.extend(&rest[..at]);
        replaced.extend(to);
        rest = &rest[at + from.len()..];
    }
    replaced.extend(rest);
    replaced
}

/// A name in the spellings that some back end takes for one: other signs, other case.
fn spellings(name: &str) -> [String; 4] {
    [
        name.to_owned(),
        name.to_ascii_uppercase(),
        name.replace('-', "_"),
        name.replacen('-', ".", 1),
    ]
}

#[test]
fn header_presets_read_two_headers_and_nothing_else() {
    // `@M` and `@T` are the preset's headers, `@m` and `@t` those of others.
    let cases: [(&str, &str, &str); 52] = [
        (
            "told once",
            "GET /check HTTP/1.1\r\n@M: GET\r\n@T: /api/v1/colleagues/\r\n@K\r\n",
            LIST,
        ),
        (
            "a query",
            "GET / HTTP/1.1\r\n@M: GET\r\n@T: /api/v1/colleagues/?page=2\r\n@K\r\n",
            LIST,
        ),
        (
            "HEAD is told",
            "GET / HTTP/1.1\r\n@M: HEAD\r\n@T: /api/v1/colleagues/\r\n@K\r\n",
            LIST,
        ),
        (
            "HEAD asks",
            "HEAD / HTTP/1.1\r\n@M: GET\r\n@T: /api/v1/colleagues/\r\n@K\r\n",
            LIST,
        ),
        (
            "HTTP/1.0",
            "GET / HTTP/1.0\r\n@M: GET\r\n@T: /api/v1/colleagues/\r\n@K\r\n",
            LIST,
        ),
        ("names in lower case", "GET / HTTP/1.1\r\n@l", LIST),
        (
            "white space around values",
            "GET / HTTP/1.1\r\n@M: \t GET \t\r\n@T:/api/v1/colleagues/  \r\n@K\r\n",
            LIST,
        ),
        (
            "its own method and path are others",
            "DELETE /api/v1/x HTTP/1.1\r\n@M: GET\r\n@T: /api/v1/colleagues/\r\n@K\r\n",
            LIST,
        ),
        (
            "its own method is no method",
            "FETCH * HTTP/1.1\r\n@M: GET\r\n@T: /api/v1/colleagues/\r\n@K\r\n",
            LIST,
        ),
        (
            "its own path has a host",
            "GET http://a/b HTTP/1.1\r\n@M: GET\r\n@T: /api/v1/colleagues/\r\n@K\r\n",
            LIST,
        ),
        (
            "the client's identity headers",
            "GET / HTTP/1.1\r\nX-Key-Id: root\r\nX-Route: GET /\r\n@M: GET\r\n@T: /api/v1/colleagues/\r\n@K\r\n",
            LIST,
        ),
        (
            "an upgrade of the client",
            "GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: upgrade\r\n@M: GET\r\n@T: /api/v1/colleagues/\r\n@K\r\n",
            LIST,
        ),
        (
            "a scope is missing",
            "GET / HTTP/1.1\r\n@M: PUT\r\n@T: /api/v1/pbx/system/reboot/\r\n@K\r\n",
            "missing_scope",
        ),
        (
            "its own line would be allowed",
            "GET /api/v1/colleagues/ HTTP/1.1\r\n@M: PUT\r\n@T: /api/v1/pbx/system/reboot/\r\n@K\r\n",
            "missing_scope",
        ),
        (
            "no method",
            "GET /api/v1/colleagues/ HTTP/1.1\r\n@T: /api/v1/colleagues/\r\n@K\r\n",
            MISSING,
        ),
        (
            "no target",
            "GET /api/v1/colleagues/ HTTP/1.1\r\n@M: GET\r\n@K\r\n",
            MISSING,
        ),
        (
            "nothing is told",
            "GET /api/v1/colleagues/ HTTP/1.1\r\n@K\r\n",
            MISSING,
        ),
        (
            "the method twice",
            "GET / HTTP/1.1\r\n@M: GET\r\n@M: GET\r\n@T: /api/v1/colleagues/\r\n@K\r\n",
            DOUBLED,
        ),
        (
            "two methods",
            "GET / HTTP/1.1\r\n@M: GET\r\n@M: PUT\r\n@T: /api/v1/colleagues/\r\n@K\r\n",
            DOUBLED,
        ),
        (
            "two targets",
            "GET / HTTP/1.1\r\n@M: GET\r\n@T: /api/v1/colleagues/\r\n@T: /x/\r\n@K\r\n",
            DOUBLED,
        ),
        (
            "a target and an empty one",
            "GET / HTTP/1.1\r\n@M: GET\r\n@T: /api/v1/colleagues/\r\n@T:\r\n@K\r\n",
            DOUBLED,
        ),
        (
            "an empty method",
            "GET / HTTP/1.1\r\n@M:\r\n@T: /api/v1/colleagues/\r\n@K\r\n",
            MALFORMED,
        ),
        (
            "an empty target",
            "GET / HTTP/1.1\r\n@M: GET\r\n@T: \r\n@K\r\n",
            MALFORMED,
        ),
        (
            "two methods in one",
            "GET / HTTP/1.1\r\n@M: GET, GET\r\n@T: /api/v1/colleagues/\r\n@K\r\n",
            MALFORMED,
        ),
        (
            "two targets in one",
            "GET / HTTP/1.1\r\n@M: GET\r\n@T: /api/v1/colleagues/, /x/\r\n@K\r\n",
            MALFORMED,
        ),
        (
            "two targets in one, without a space",
            "GET / HTTP/1.1\r\n@M: GET\r\n@T: /api/v1/colleagues/,/x/\r\n@K\r\n",
            "unknown_route",
        ),
        (
            "two methods in one, without a space",
            "GET / HTTP/1.1\r\n@M: GET,GET\r\n@T: /api/v1/colleagues/\r\n@K\r\n",
            "bad_method",
        ),
        (
            "a space in the target",
            "GET / HTTP/1.1\r\n@M: GET\r\n@T: /api/v1/colleagues/ HTTP/1.1\r\n@K\r\n",
            MALFORMED,
        ),
        (
            "a tab in the target",
            "GET / HTTP/1.1\r\n@M: GET\r\n@T: /api/v1/coll\teagues/\r\n@K\r\n",
            MALFORMED,
        ),
        (
            "a method in lower case",
            "GET / HTTP/1.1\r\n@M: get\r\n@T: /api/v1/colleagues/\r\n@K\r\n",
            "bad_method",
        ),
        (
            "a fragment",
            "GET / HTTP/1.1\r\n@M: GET\r\n@T: /api/v1/colleagues/#a\r\n@K\r\n",
            "bad_path fragment",
        ),
        (
            "two slashes",
            "GET / HTTP/1.1\r\n@M: GET\r\n@T: //api/v1/colleagues/\r\n@K\r\n",
            "bad_path empty_segment",
        ),
        (
            "a host in the target",
            "GET / HTTP/1.1\r\n@M: GET\r\n@T: http://a/api/v1/colleagues/\r\n@K\r\n",
            "bad_path not_origin_form",
        ),
        (
            "another gateway's headers",
            "GET / HTTP/1.1\r\n@m: GET\r\n@t: /api/v1/colleagues/\r\n@K\r\n",
            OVERRIDE,
        ),
        (
            "another gateway's headers too",
            "GET / HTTP/1.1\r\n@M: GET\r\n@T: /api/v1/colleagues/\r\n@t: /x/\r\n@K\r\n",
            OVERRIDE,
        ),
        (
            "a header of both",
            "GET / HTTP/1.1\r\n@M: GET\r\n@t: /api/v1/colleagues/\r\n@K\r\n",
            OVERRIDE,
        ),
        (
            "no key",
            "GET / HTTP/1.1\r\n@M: GET\r\n@T: /api/v1/colleagues/\r\n",
            "missing_key",
        ),
        (
            "another scheme",
            "GET / HTTP/1.1\r\nAuthorization: Basic @k\r\n@M: GET\r\n@T: /api/v1/colleagues/\r\n",
            "missing_key",
        ),
        (
            "two keys",
            "GET / HTTP/1.1\r\n@K\r\n@K\r\n@M: GET\r\n@T: /api/v1/colleagues/\r\n",
            "malformed_key",
        ),
        (
            "a key and an empty one",
            "GET / HTTP/1.1\r\n@K\r\nAuthorization:\r\n@M: GET\r\n@T: /api/v1/colleagues/\r\n",
            "malformed_key",
        ),
        (
            "two keys in one",
            "GET / HTTP/1.1\r\n@K, Bearer @k\r\n@M: GET\r\n@T: /api/v1/colleagues/\r\n",
            "malformed_key",
        ),
        (
            "a key that is cut",
            "GET / HTTP/1.1\r\nAuthorization: Bearer wsk-v1-\r\n@M: GET\r\n@T: /api/v1/colleagues/\r\n",
            "malformed_key",
        ),
        (
            "an unknown key",
            "GET / HTTP/1.1\r\nAuthorization: Bearer @U\r\n@M: GET\r\n@T: /api/v1/colleagues/\r\n",
            "unknown_key",
        ),
        (
            "a fragment in its own line",
            "GET /check#a HTTP/1.1\r\n@M: GET\r\n@T: /api/v1/colleagues/\r\n@K\r\n",
            MALFORMED,
        ),
        (
            "a lone LF",
            "GET / HTTP/1.1\r\nA: b\n@M: GET\r\n@T: /api/v1/colleagues/\r\n@K\r\n",
            MALFORMED,
        ),
        (
            "a lone LF at the end",
            "GET / HTTP/1.1\r\n@M: GET\r\n@T: /api/v1/colleagues/\r\n@K\n",
            MALFORMED,
        ),
        (
            "a control in the target",
            "GET / HTTP/1.1\r\n@M: GET\r\n@T: /api/v1/\u{1}colleagues/\r\n@K\r\n",
            "400",
        ),
        (
            "a lone CR in the target",
            "GET / HTTP/1.1\r\n@M: GET\r\n@T: /api/v1/colleagues/\rx\r\n@K\r\n",
            "400",
        ),
        (
            "DEL in the target",
            "GET / HTTP/1.1\r\n@M: GET\r\n@T: /api/v1/\u{7f}colleagues/\r\n@K\r\n",
            "400",
        ),
        (
            "a folded line",
            "GET / HTTP/1.1\r\n@M: GET\r\n@T:\r\n /api/v1/colleagues/\r\n@K\r\n",
            "400",
        ),
        (
            "a space before the colon",
            "GET / HTTP/1.1\r\n@M : GET\r\n@T: /api/v1/colleagues/\r\n@K\r\n",
            "400",
        ),
        ("HTTP/0.9", "GET /api/v1/colleagues/\r\n", "400"),
    ];
    let mut asked = Asked::new();
    for (preset, [method, target, other_method, other_target]) in BY_HEADERS {
        for (name, request, expected) in cases {
            let in_lower_case = TOLD
                .replace("@M", &method.to_lowercase())
                .replace("@T", &target.to_lowercase());
            let request = request
                .replace("@l", &in_lower_case)
                .replace("@M", method)
                .replace("@T", target)
                .replace("@m", other_method)
                .replace("@t", other_target)
                + "\r\n";
            let more: &[(&str, &str)] = match name {
                // There is no body whose length could be told.
                "HEAD asks" => &[("content-length", "")],
                _ => &[],
            };
            asked.case(preset, name, request.as_bytes(), expected, more);
        }
        let told = TOLD.replace("@M", method).replace("@T", target);
        for name in OVERRIDE_HEADERS {
            for spelling in spellings(name) {
                let is_own = [method, target]
                    .iter()
                    .any(|own| spelling.eq_ignore_ascii_case(own));
                let (text, request) = match is_own {
                    true => (
                        DOUBLED,
                        format!("GET / HTTP/1.1\r\n{spelling}: GET\r\n{told}\r\n"),
                    ),
                    false => (
                        OVERRIDE,
                        format!("GET / HTTP/1.1\r\n{spelling}: GET\r\n{told}\r\n"),
                    ),
                };
                asked.case(preset, &spelling, request.as_bytes(), text, &[]);
            }
        }
        for name in IDENTITY_HEADERS {
            for spelling in spellings(name) {
                let request = format!("GET / HTTP/1.1\r\n{spelling}: root\r\n{told}\r\n");
                let is_one = spelling.eq_ignore_ascii_case(name);
                let text = if is_one { LIST } else { OVERRIDE };
                asked.case(preset, &spelling, request.as_bytes(), text, &[]);
            }
        }
        // Bytes that are no UTF-8 are told unchanged.
        let request = told.replace("@K", "@K\r\nA: b");
        let request = [b"GET / HTTP/1.1\r\n", request.as_bytes(), b"\r\n"].concat();
        let request = replace(&request, b"colleagues/", b"colleagues/\xE9/");
        let text = "bad_path byte";
        asked.case(preset, "no UTF-8", &request, text, &[]);
    }
    asked.finish();
}

#[test]
fn envoy_tells_by_the_request_line_alone() {
    let remove = ("x-envoy-auth-headers-to-remove", "x-token-subject");
    let cases: [(&str, &str, &str, &str); 33] = [
        (
            "envoy",
            "its line",
            "GET /api/v1/colleagues/ HTTP/1.1\r\n@K\r\n",
            LIST,
        ),
        (
            "envoy",
            "a query",
            "GET /api/v1/colleagues/?a=/check HTTP/1.1\r\n@K\r\n",
            LIST,
        ),
        (
            "envoy",
            "another method",
            "PUT /api/v1/pbx/system/reboot/ HTTP/1.1\r\n@K\r\n",
            "missing_scope",
        ),
        (
            "envoy",
            "nginx's headers",
            "GET /api/v1/colleagues/ HTTP/1.1\r\nX-Original-URI: /api/v1/colleagues/\r\n@K\r\n",
            OVERRIDE,
        ),
        (
            "envoy",
            "Traefik's headers",
            "GET /api/v1/colleagues/ HTTP/1.1\r\nX-Forwarded-Uri: /api/v1/colleagues/\r\n@K\r\n",
            OVERRIDE,
        ),
        (
            "envoy",
            "Traefik's method",
            "GET /api/v1/colleagues/ HTTP/1.1\r\nX-Forwarded-Method: GET\r\n@K\r\n",
            OVERRIDE,
        ),
        (
            "envoy",
            "a prefix that is not configured",
            "GET /check/api/v1/colleagues/ HTTP/1.1\r\n@K\r\n",
            "unknown_route",
        ),
        (
            "envoy",
            "a fragment",
            "GET /api/v1/colleagues/#a HTTP/1.1\r\n@K\r\n",
            MALFORMED,
        ),
        (
            "envoy",
            "an empty fragment",
            "GET /api/v1/colleagues/# HTTP/1.1\r\n@K\r\n",
            MALFORMED,
        ),
        (
            "envoy",
            "a fragment in the query",
            "GET /api/v1/colleagues/?a#b HTTP/1.1\r\n@K\r\n",
            MALFORMED,
        ),
        (
            "envoy",
            "a host",
            "GET http://a/api/v1/colleagues/ HTTP/1.1\r\n@K\r\n",
            MALFORMED,
        ),
        (
            "envoy",
            "a host alone",
            "CONNECT a:443 HTTP/1.1\r\n@K\r\n",
            MALFORMED,
        ),
        (
            "envoy",
            "a host alone, without a port",
            "GET api HTTP/1.1\r\n@K\r\n",
            MALFORMED,
        ),
        (
            "envoy",
            "an asterisk",
            "OPTIONS * HTTP/1.1\r\n@K\r\n",
            MALFORMED,
        ),
        (
            "envoy",
            "CONNECT",
            "CONNECT /api/v1/colleagues/ HTTP/1.1\r\n@K\r\n",
            "bad_method",
        ),
        (
            "envoy",
            "a method in lower case",
            "get /api/v1/colleagues/ HTTP/1.1\r\n@K\r\n",
            "bad_method",
        ),
        (
            "envoy",
            "two slashes",
            "GET //api/v1/colleagues/ HTTP/1.1\r\n@K\r\n",
            "bad_path empty_segment",
        ),
        (
            "envoy",
            "two keys",
            "GET /api/v1/colleagues/ HTTP/1.1\r\n@K\r\n@K\r\n",
            "malformed_key",
        ),
        ("envoy", "no slash", "GET ?a HTTP/1.1\r\n@K\r\n", "400"),
        (
            "envoy",
            "two spaces",
            "GET  /api/v1/colleagues/ HTTP/1.1\r\n@K\r\n",
            "400",
        ),
        (
            "prefixed",
            "the prefix",
            "GET /check/api/v1/colleagues/ HTTP/1.1\r\n@K\r\n",
            LIST,
        ),
        (
            "prefixed",
            "no prefix",
            "GET /api/v1/colleagues/ HTTP/1.1\r\n@K\r\n",
            MISSING,
        ),
        (
            "prefixed",
            "the prefix alone",
            "GET /check HTTP/1.1\r\n@K\r\n",
            MALFORMED,
        ),
        (
            "prefixed",
            "the prefix and a query",
            "GET /check?/api/v1/colleagues/ HTTP/1.1\r\n@K\r\n",
            MALFORMED,
        ),
        (
            "prefixed",
            "more than the prefix",
            "GET /checkx/api/v1/colleagues/ HTTP/1.1\r\n@K\r\n",
            MALFORMED,
        ),
        (
            "prefixed",
            "an asterisk after it",
            "OPTIONS /check* HTTP/1.1\r\n@K\r\n",
            MALFORMED,
        ),
        (
            "prefixed",
            "a host after it",
            "GET /checkhttp://a/api/v1/colleagues/ HTTP/1.1\r\n@K\r\n",
            MALFORMED,
        ),
        (
            "prefixed",
            "a host before it",
            "GET http://a/check/api/v1/colleagues/ HTTP/1.1\r\n@K\r\n",
            MALFORMED,
        ),
        (
            "prefixed",
            "the prefix in other case",
            "GET /Check/api/v1/colleagues/ HTTP/1.1\r\n@K\r\n",
            MISSING,
        ),
        (
            "prefixed",
            "the prefix, percent-encoded",
            "GET /%63heck/api/v1/colleagues/ HTTP/1.1\r\n@K\r\n",
            MISSING,
        ),
        (
            "prefixed",
            "the prefix twice",
            "GET /check/check/api/v1/colleagues/ HTTP/1.1\r\n@K\r\n",
            "unknown_route",
        ),
        (
            "prefixed",
            "two slashes after it",
            "GET /check//api/v1/colleagues/ HTTP/1.1\r\n@K\r\n",
            "bad_path empty_segment",
        ),
        (
            "prefixed",
            "a way out of it",
            "GET /check/../api/v1/colleagues/ HTTP/1.1\r\n@K\r\n",
            "bad_path dot_segment",
        ),
    ];
    let mut asked = Asked::new();
    for (listener, name, request, text) in cases {
        let more: &[_] = if text.starts_with("200") {
            &[remove]
        } else {
            &[]
        };
        let request = format!("{request}\r\n");
        asked.case(listener, name, request.as_bytes(), text, more);
    }
    let request = b"GET /api/v1/colleagues/ HTTP/1.1\r\n@K\r\n\r\n";
    let remove = (remove.0, "x-token-subject, authorization");
    asked.case("hiding", "a hidden credential", request, LIST, &[remove]);
    asked.finish();
}

#[test]
fn listeners_differ_as_configured() {
    let told = "X-Original-Method: GET\r\nX-Original-URI: /api/v1/colleagues/\r\n";
    let mut asked = Asked::new();
    for name in OVERRIDE_HEADERS {
        if name == "x-original-uri" || name == "x-original-method" {
            continue;
        }
        for spelling in spellings(name) {
            let request = format!("GET / HTTP/1.1\r\n{spelling}: PUT\r\n{told}@K\r\n\r\n");
            asked.case("ignoring", &spelling, request.as_bytes(), LIST, &[]);
        }
    }
    // An identity is never ignored, and neither is a second spelling of the target.
    let request = format!("GET / HTTP/1.1\r\nX_Key_Id: root\r\n{told}@K\r\n\r\n");
    asked.case("ignoring", "identity", request.as_bytes(), OVERRIDE, &[]);
    for (name, request, text) in [
        (
            "a peer",
            format!("GET / HTTP/1.1\r\n{told}@K\r\n\r\n"),
            PEER,
        ),
        (
            "a peer without a key",
            format!("GET / HTTP/1.1\r\n{told}\r\n"),
            PEER,
        ),
        (
            "a peer that tells nothing",
            "GET / HTTP/1.1\r\n\r\n".into(),
            PEER,
        ),
    ] {
        let close = &[("connection", "close")];
        asked.case("strange", name, request.as_bytes(), text, close);
        asked.case("envoy-strange", name, request.as_bytes(), text, close);
    }
    // Without a reason, nobody learns which routes there are.
    let request = b"GET / HTTP/1.1\r\nX-Original-Method: GET\r\nX-Original-URI: /x/\r\n@K\r\n\r\n";
    let mut connection = Connection::open(asked.server.address("silent"));
    let request = replace(
        request,
        b"@K",
        format!("Authorization: Bearer {}", asked.key).as_bytes(),
    );
    connection.send(&request).unwrap();
    let (status, headers, body) = whole(&connection.response(true).unwrap());
    let expected = [
        ("cache-control", "no-store"),
        ("content-length", "94"),
        ("content-type", "application/problem+json"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!((status, headers), (403, BTreeMap::from(expected)));
    assert_eq!(
        body,
        r#"{"type":"about:blank","title":"Forbidden","status":403,"detail":"The request is not allowed."}"#
    );
    asked.log.push(("silent".into(), "unknown_route".into()));
    // In shadow mode everything goes on, and the client's own identity does not.
    let mut connection = Connection::open(asked.server.address("trying"));
    let response = connection.ask("GET /x/ HTTP/1.1\r\nX-Key-Id: root\r\n\r\n");
    let expected = [
        ("content-length", "0"),
        (
            "x-envoy-auth-headers-to-remove",
            "x-key-id, x-token-subject, x-route, x-policy-digest",
        ),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(
        whole(&response),
        (200, BTreeMap::from(expected), String::new())
    );
    asked.log.push(("trying".into(), "missing_key".into()));
    asked.finish();
}
