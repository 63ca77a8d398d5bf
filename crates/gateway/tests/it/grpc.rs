//! Envoy's `ext_authz` by gRPC: check requests, sound and hostile ones, and the exact answer.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::slice::from_ref;

use bytes::{Buf, BufMut};
use envoy_types::ext_authz::v3::pb::{
    CheckRequest, CheckResponse, HeaderAppendAction, HeaderValue, HttpResponse,
};
use envoy_types::pb::envoy::config::core::v3::HeaderMap;
use envoy_types::pb::envoy::service::auth::v3::AttributeContext;
use envoy_types::pb::envoy::service::auth::v3::attribute_context::{HttpRequest, Request};
use prost::Message;
use tokio::runtime::Runtime;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};

use crate::answers::{expected, logged};
use crate::http::Connection;
use crate::keys::{new_key, write_keys};
use crate::path_cases::{PathCase, path_cases};
use crate::server::{PATIENCE, Server, folder};
use crate::told::Library;

const LIST: &str = "200 GET /api/v1/colleagues/";
const OVERRIDE: &str = "bad_check_request override_header";
const MISSING: &str = "bad_check_request missing";
const DOUBLED: &str = "bad_check_request doubled";
const MALFORMED: &str = "bad_check_request malformed";

const CONFIG: &str = r#"
keys: keys.yaml
listeners:
  - { gateway: envoy-grpc, address: 127.0.0.1:0 }
  - { gateway: envoy-grpc, address: 127.0.0.1:0, name: hiding, hide_credential: true }
  - { gateway: envoy-grpc, address: 127.0.0.1:0, name: trying, shadow: everything }
  - { gateway: envoy-grpc, address: 127.0.0.1:0, name: strange, peers: ["10.0.0.0/8"] }
log: { allows: 1, denials: 1000000 }
"#;

/// Messages as bytes, of which some are none that protobuf knows.
#[derive(Clone, Copy)]
struct Bytes;

impl Codec for Bytes {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining()).into()))
    }
}

/// A client, whose calls wait for their answers.
pub(crate) struct Client {
    runtime: Runtime,
    channel: Channel,
}

impl Client {
    pub(crate) fn new(address: &str) -> Self {
        let runtime = Runtime::new().unwrap();
        let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
        let channel = runtime.block_on(endpoint.connect()).unwrap();
        Self { runtime, channel }
    }

    fn call(&self, path: &'static str, message: Vec<u8>) -> Result<Vec<u8>, Status> {
        self.runtime.block_on(async {
            let mut client = tonic::client::Grpc::new(self.channel.clone());
            client.ready().await.unwrap();
            let path = http::uri::PathAndQuery::from_static(path);
            let response = client.unary(tonic::Request::new(message), path, Bytes);
            response.await.map(tonic::Response::into_inner)
        })
    }

    pub(crate) fn check(&self, message: Vec<u8>) -> Result<CheckResponse, Status> {
        let answer = self.call("/envoy.service.auth.v3.Authorization/Check", message)?;
        Ok(CheckResponse::decode(&*answer).unwrap())
    }
}

/// A check request of `GET` of the list, with the headers that Envoy sends.
pub(crate) fn http(headers: &[(&str, &str)]) -> HttpRequest {
    let headers = headers.iter();
    HttpRequest {
        method: "GET".into(),
        path: "/api/v1/colleagues/".into(),
        headers: headers
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect(),
        host: "api.example".into(),
        scheme: "http".into(),
        ..Default::default()
    }
}

pub(crate) fn message(http: HttpRequest) -> Vec<u8> {
    let request = Request {
        http: Some(http),
        ..Default::default()
    };
    let attributes = AttributeContext {
        request: Some(request),
        ..Default::default()
    };
    let request = CheckRequest {
        attributes: Some(attributes),
    };
    request.encode_to_vec()
}

fn raw(name: &str, value: &str, raw_value: &[u8]) -> HeaderValue {
    HeaderValue {
        key: name.into(),
        value: value.into(),
        raw_value: raw_value.into(),
    }
}

fn with_raw(headers: &[HeaderValue]) -> HttpRequest {
    let map = HeaderMap {
        headers: headers.to_vec(),
    };
    HttpRequest {
        header_map: Some(map),
        ..http(&[])
    }
}

/// An answer: the code of gRPC's status in it, that of HTTP, headers, body, and the headers that
/// are removed.
pub(crate) type Whole = (i32, u16, BTreeMap<String, String>, String, Vec<String>);

pub(crate) fn whole(response: CheckResponse) -> Whole {
    let code = response.status.unwrap().code;
    let (status, set, body, removed) = match response.http_response.unwrap() {
        HttpResponse::OkResponse(ok) => (200, ok.headers, String::new(), ok.headers_to_remove),
        HttpResponse::DeniedResponse(denied) => {
            let status = denied.status.unwrap().code.try_into().unwrap();
            (status, denied.headers, denied.body, Vec::new())
        }
        other => panic!("{other:?}"),
    };
    let mut headers = BTreeMap::new();
    for option in set {
        let action = HeaderAppendAction::OverwriteIfExistsOrAdd;
        assert_eq!(option.append_action(), action);
        let header = option.header.unwrap();
        assert_eq!(headers.insert(header.key, header.value), None);
    }
    (code, status, headers, body, removed)
}

fn expect(text: &str, removed: &[&str]) -> Whole {
    let (status, mut headers, body) = expected(text, "reader");
    headers.remove("content-length");
    let code = match status {
        200 => Code::Ok,
        401 => Code::Unauthenticated,
        _ => Code::PermissionDenied,
    };
    let removed = removed.iter().map(|name| (*name).to_owned()).collect();
    (code.into(), status, headers, body, removed)
}

fn start(scope: &str) -> (Server, String) {
    let folder = folder();
    let file = folder.path().join("keys.yaml");
    let [key] = write_keys(&file, [("reader", &[scope])]);
    (Server::start(folder, CONFIG), key)
}

#[test]
fn a_check_request_is_read_from_one_place_and_answered_exactly() {
    let (mut server, key) = start("colleagues:read");
    let bearer = format!("Bearer {key}");
    let unknown = format!("Bearer {}", new_key().expose());
    let two = format!("{bearer},{bearer}");
    let auth = ("authorization", &*bearer);
    let raw_auth = raw("authorization", "", bearer.as_bytes());
    let told = |method: &str, path: &str| HttpRequest {
        method: method.into(),
        path: path.into(),
        ..http(&[auth])
    };
    let cases = [
        ("headers", http(&[auth]), LIST),
        ("raw headers", with_raw(from_ref(&raw_auth)), LIST),
        (
            "text in the form of raw headers",
            with_raw(&[raw("authorization", &bearer, b"")]),
            LIST,
        ),
        (
            "pseudo-headers",
            http(&[auth, (":method", "GET"), (":path", "/api/v1/colleagues/")]),
            LIST,
        ),
        (
            "raw pseudo-headers",
            with_raw(&[raw_auth.clone(), raw(":path", "", b"/api/v1/colleagues/")]),
            LIST,
        ),
        ("a query", told("GET", "/api/v1/colleagues/?page=2"), LIST),
        (
            "the client's identity",
            http(&[auth, ("x-key-id", "root")]),
            LIST,
        ),
        (
            "another method",
            told("PUT", "/api/v1/pbx/system/reboot/"),
            "missing_scope",
        ),
        ("no method", told("", "/api/v1/colleagues/"), MISSING),
        ("no path", told("GET", ""), MISSING),
        (
            "no method but a pseudo-header",
            HttpRequest {
                method: String::new(),
                ..http(&[auth, (":method", "GET")])
            },
            MISSING,
        ),
        (
            "no path but a pseudo-header",
            HttpRequest {
                path: String::new(),
                ..http(&[auth, (":path", "/api/v1/colleagues/")])
            },
            MISSING,
        ),
        (
            "another path in the headers",
            http(&[auth, (":path", "/api/v1/pbx/system/reboot/")]),
            DOUBLED,
        ),
        (
            "another method in the headers",
            http(&[auth, (":method", "PUT")]),
            DOUBLED,
        ),
        (
            "another path in raw headers",
            with_raw(&[
                raw_auth.clone(),
                raw(":path", "", b"/api/v1/colleagues/\xE9"),
            ]),
            DOUBLED,
        ),
        (
            "a space in the path",
            told("GET", "/api/v1/colleagues/ "),
            MALFORMED,
        ),
        (
            "a line break in the path",
            told("GET", "/api/v1/colleagues/\n"),
            MALFORMED,
        ),
        (
            "NUL in the path",
            told("GET", "/api/v1/colleagues/\0"),
            MALFORMED,
        ),
        (
            "DEL in the path",
            told("GET", "/api/v1/colleagues/\u{7f}"),
            MALFORMED,
        ),
        (
            "a space in the method",
            told("GET ", "/api/v1/colleagues/"),
            MALFORMED,
        ),
        (
            "a query elsewhere",
            HttpRequest {
                query: "a".into(),
                ..http(&[auth])
            },
            MALFORMED,
        ),
        (
            "a fragment elsewhere",
            HttpRequest {
                fragment: "a".into(),
                ..http(&[auth])
            },
            MALFORMED,
        ),
        (
            "headers in both forms",
            HttpRequest {
                headers: http(&[auth]).headers,
                ..with_raw(from_ref(&raw_auth))
            },
            MALFORMED,
        ),
        (
            "a fragment",
            told("GET", "/api/v1/colleagues/#a"),
            "bad_path fragment",
        ),
        (
            "a host",
            told("GET", "http://a/api/v1/colleagues/"),
            "bad_path not_origin_form",
        ),
        (
            "an asterisk",
            told("OPTIONS", "*"),
            "bad_path not_origin_form",
        ),
        (
            "no slash",
            told("GET", "api/v1/colleagues/"),
            "bad_path not_origin_form",
        ),
        (
            "no ASCII",
            told("GET", "/api/v1/colleagues/\u{e9}/"),
            "bad_path byte",
        ),
        (
            "CONNECT",
            told("CONNECT", "/api/v1/colleagues/"),
            "bad_method",
        ),
        (
            "a method in lower case",
            told("get", "/api/v1/colleagues/"),
            "bad_method",
        ),
        ("no key", http(&[]), "missing_key"),
        (
            "an unknown key",
            http(&[("authorization", &unknown)]),
            "unknown_key",
        ),
        (
            "two keys that are joined",
            http(&[("authorization", &two)]),
            "malformed_key",
        ),
        (
            "two keys of two spellings",
            http(&[auth, ("Authorization", &bearer)]),
            "malformed_key",
        ),
        (
            "two raw keys",
            with_raw(&[raw_auth.clone(), raw_auth.clone()]),
            "malformed_key",
        ),
        (
            "a raw key and an empty one",
            with_raw(&[raw_auth.clone(), raw("authorization", "", b"")]),
            "malformed_key",
        ),
        (
            "a raw key with two values",
            with_raw(&[raw("authorization", &bearer, bearer.as_bytes())]),
            "malformed_key",
        ),
        (
            "an override",
            http(&[auth, ("x-http-method-override", "PUT")]),
            OVERRIDE,
        ),
        (
            "an override in another spelling",
            http(&[auth, ("X_Original_URL", "/")]),
            OVERRIDE,
        ),
        (
            "nginx's headers",
            http(&[auth, ("x-original-uri", "/api/v1/colleagues/")]),
            OVERRIDE,
        ),
        (
            "Traefik's headers",
            http(&[auth, ("x-forwarded-uri", "/api/v1/colleagues/")]),
            OVERRIDE,
        ),
        (
            "a raw override",
            with_raw(&[raw_auth.clone(), raw("x-rewrite-url", "", b"/")]),
            OVERRIDE,
        ),
        (
            "an identity in another spelling",
            http(&[auth, ("x_key_id", "root")]),
            OVERRIDE,
        ),
        (
            "an identity in upper case",
            http(&[auth, ("X-Key-Id", "root")]),
            OVERRIDE,
        ),
    ];
    let client = Client::new(server.address("envoy-grpc"));
    let mut log = Vec::new();
    for (name, http, text) in cases {
        let answer = whole(client.check(message(http)).unwrap());
        let removed: &[_] = if text.starts_with("200") {
            &["x-token-subject"]
        } else {
            &[]
        };
        assert_eq!(answer, expect(text, removed), "{name}");
        log.push((name, text));
    }
    let bare = [
        (
            "no attributes",
            CheckRequest { attributes: None }.encode_to_vec(),
        ),
        (
            "no request",
            CheckRequest {
                attributes: Some(AttributeContext::default()),
            }
            .encode_to_vec(),
        ),
        ("no bytes", Vec::new()),
        ("an empty request", message(HttpRequest::default())),
    ];
    for (name, message) in bare {
        let answer = whole(client.check(message).unwrap());
        assert_eq!(answer, expect(MISSING, &[]), "{name}");
        log.push((name, MISSING));
    }
    let hiding = Client::new(server.address("hiding"));
    let answer = whole(hiding.check(message(http(&[auth]))).unwrap());
    assert_eq!(answer, expect(LIST, &["x-token-subject", "authorization"]));
    log.push(("hiding", LIST));
    let trying = Client::new(server.address("trying"));
    let answer = whole(
        trying
            .check(message(http(&[("x-key-id", "root")])))
            .unwrap(),
    );
    let identity = ["x-key-id", "x-token-subject", "x-route", "x-policy-digest"];
    let removed = identity.map(str::to_owned).to_vec();
    assert_eq!(answer, (0, 200, BTreeMap::new(), String::new(), removed));
    log.push(("trying", "missing_key"));
    let strange = Client::new(server.address("strange"));
    let answer = whole(strange.check(message(http(&[auth]))).unwrap());
    assert_eq!(answer, expect("bad_check_request peer", &[]));
    log.push(("strange", "bad_check_request peer"));

    // Connections are closed at the stop, though their clients would keep them.
    assert!(server.stop().success());
    let lines = server.stdout.all();
    let decisions = lines.iter().filter(|line| line.contains("\"decision\":"));
    let logged: Vec<_> = decisions.map(|line| logged(line)).collect();
    assert_eq!(logged.len(), log.len());
    for (logged, (name, text)) in logged.iter().zip(&log) {
        assert_eq!(logged, text, "{name}");
    }
}

/// The fields of a check request as protobuf writes them, with any bytes as texts.
fn message_of_bytes(method: &[u8], path: &[u8], authorization: &str) -> Vec<u8> {
    fn field(number: u64, bytes: &[u8]) -> Vec<u8> {
        let mut field = Vec::new();
        prost::encoding::encode_varint(number << 3 | 2, &mut field);
        prost::encoding::encode_varint(bytes.len() as u64, &mut field);
        field.extend(bytes);
        field
    }
    let entry = [
        field(1, b"authorization"),
        field(2, authorization.as_bytes()),
    ]
    .concat();
    let http = [field(2, method), field(3, &entry), field(4, path)].concat();
    field(1, &field(4, &field(2, &http)))
}

#[test]
fn each_path_case_gets_the_verdict_of_the_library() {
    let (server, key) = start("pbx:*");
    let library = Library::new(&key);
    let client = Client::new(server.address("envoy-grpc"));
    let mut allowed = 0;
    for PathCase { id, method, target } in path_cases() {
        let message = message_of_bytes(&method, &target, &library.authorization);
        let (_, status, headers, ..) = whole(client.check(message).unwrap());
        let reason = headers.get("x-denied-reason").map(|reason| &**reason);
        let is_line =
            |text: &[u8]| !text.is_empty() && text.iter().all(|byte| *byte > b' ' && *byte != 0x7F);
        if is_line(&method) && is_line(&target) {
            assert_eq!((status, reason), library.verdict(&method, &target), "{id}");
        } else {
            assert_eq!((status, reason), (403, Some("bad_check_request")), "{id}");
        }
        allowed += usize::from(status == 200);
    }
    assert_eq!(allowed, 31);
    // A text of protobuf is UTF-8, and so is each of the cases. Other bytes get no answer, and Envoy
    // denies the request.
    for (method, path) in [
        (&b"GET"[..], &b"/api/v1/colleagues/\xE9/"[..]),
        (b"GET", b"/api/v1/colleagues/\xC0\xAF"),
        (b"GET\xFF", b"/api/v1/colleagues/"),
    ] {
        let message = message_of_bytes(method, path, &library.authorization);
        let status = client.check(message).unwrap_err();
        assert_eq!(status.code(), Code::Internal, "{}", path.escape_ascii());
    }
}

#[test]
fn what_is_no_check_request_gets_a_status_of_grpc() {
    let (server, key) = start("colleagues:read");
    let bearer = format!("Bearer {key}");
    let client = Client::new(server.address("envoy-grpc"));
    let sound = || http(&[("authorization", &bearer)]);
    for (name, path, message, code) in [
        (
            "another service",
            "/grpc.health.v1.Health/Check",
            Vec::new(),
            Code::Unimplemented,
        ),
        (
            "the older protocol",
            "/envoy.service.auth.v2.Authorization/Check",
            message(sound()),
            Code::Unimplemented,
        ),
        (
            "no protobuf",
            "/envoy.service.auth.v3.Authorization/Check",
            vec![0xFF; 16],
            Code::Internal,
        ),
        (
            "a long message",
            "/envoy.service.auth.v3.Authorization/Check",
            message(HttpRequest {
                body: "a".repeat(100_000),
                ..sound()
            }),
            Code::OutOfRange,
        ),
    ] {
        let status = client.call(path, message).unwrap_err();
        assert_eq!(status.code(), code, "{name}: {status:?}");
        assert!(!format!("{status:?}").contains(&key), "{name}");
    }
    // The connection goes on.
    let answer = whole(client.check(message(sound())).unwrap());
    assert_eq!(answer, expect(LIST, &["x-token-subject"]));
    // HTTP/1 is not spoken here.
    let mut connection = Connection::open(server.address("envoy-grpc"));
    let request = crate::http::check("GET", "/api/v1/colleagues/", Some(&key));
    connection.send(request.as_bytes()).unwrap();
    let bytes = connection.rest();
    assert!(!bytes.starts_with(b"HTTP/1"), "{}", bytes.escape_ascii());
}

#[test]
fn idle_and_unfinished_calls_are_cut() {
    let folder = folder();
    let file = folder.path().join("keys.yaml");
    write_keys(&file, [("reader", &["colleagues:read"])]);
    let config = "keys: keys.yaml\nlisteners: [{ gateway: envoy-grpc, address: 127.0.0.1:0 }]\nlimits: { idle_timeout: 1 }\n";
    let server = Server::start(folder, config);
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    // HPACK: the method POST, the scheme http, the path `/`, and no end of the stream.
    let headers = [0, 0, 3, 1, 4, 0, 0, 0, 1, 0x83, 0x86, 0x84];
    for (name, bytes) in [
        ("nothing", Vec::new()),
        ("a part of the preface", preface[..9].to_vec()),
        ("no call", [&preface[..], &settings].concat()),
        (
            "a call without an end",
            [&preface[..], &settings, &headers].concat(),
        ),
    ] {
        let mut connection = Connection::open(server.address("envoy-grpc"));
        connection.send(&bytes).unwrap();
        // This waits for the end of the connection.
        drop((name, connection.rest()));
    }
    // So is one that is alive, and answers pings.
    let mut stream = TcpStream::connect(server.address("envoy-grpc")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
        .write_all(&[&preface[..], &settings].concat())
        .unwrap();
    let mut head = [0; 9];
    while stream.read_exact(&mut head).is_ok() {
        let length = usize::from(head[1]) << 8 | usize::from(head[2]);
        let mut payload = vec![0; length];
        stream.read_exact(&mut payload).unwrap();
        let is_ping = head[3] == 6 && head[4] == 0;
        if is_ping {
            head[4] = 1;
            // The server may have closed meanwhile.
            let _ = stream.write_all(&[&head[..], &payload].concat());
        }
    }
    let mut stranger = Connection::open(server.address("envoy-grpc"));
    stranger
        .send(&[&preface[..], &settings, &[0; 1000]].concat())
        .unwrap();
    stranger.rest();
}
