//! Peers that send too much, too slowly, or bytes that could be taken for another request.

use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use crate::http::{Connection, check};
use crate::keys::write_keys;
use crate::server::{PATIENCE, Server, folder};

const LIST: &str = "/api/v1/colleagues/";

/// A server with one listener of nginx's preset, and a key that may call the list.
fn start(limits: &str) -> (Server, String) {
    let folder = folder();
    let file = folder.path().join("keys.yaml");
    let [key] = write_keys(&file, [("reader", &["colleagues:read"])]);
    let config = format!(
        "keys: keys.yaml\nlisteners: [{{ gateway: nginx, address: 127.0.0.1:0 }}]\nlimits: {{ {limits} }}\n"
    );
    (Server::start(folder, &config), key)
}

fn open(server: &Server) -> Connection {
    Connection::open(server.address("nginx"))
}

/// The statuses in the bytes of some responses.
fn statuses(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut statuses: Vec<_> = text.split("HTTP/1.").skip(1).collect();
    statuses.retain(|rest| rest.len() > 5);
    statuses.iter().map(|rest| rest[2..5].to_owned()).collect()
}

#[test]
fn the_connection_that_is_too_much_is_closed_and_the_others_go_on() {
    let (server, key) = start("connections: 2");
    let allowed = check("GET", LIST, Some(&key));
    let mut connections = [open(&server), open(&server)];
    for connection in &mut connections {
        assert_eq!(connection.ask(&allowed).status, 200);
    }
    assert_eq!(open(&server).rest(), b"");
    for connection in &mut connections {
        assert_eq!(connection.ask(&allowed).status, 200);
    }
    // Its place is free for another one.
    let [first, mut second] = connections;
    drop(first);
    crate::server::until("a free place", || {
        let mut connection = open(&server);
        connection.send(allowed.as_bytes()).ok()?;
        let response = connection.response(true)?;
        assert_eq!(response.status, 200);
        Some(())
    });
    assert_eq!(second.ask(&allowed).status, 200);
}

#[test]
fn a_head_that_is_too_long_is_never_allowed() {
    let (server, key) = start("header_bytes: 8192");
    let allowed = check("GET", LIST, Some(&key));
    let with = |header: &str| allowed.replace("\r\n\r\n", &format!("\r\n{header}\r\n\r\n"));
    let fits = with(&format!("A: {}", "a".repeat(7_000)));
    assert_eq!(open(&server).ask(&fits).status, 200);
    let cases = [
        (
            "one long header",
            with(&format!("A: {}", "a".repeat(9_000))),
        ),
        ("a megabyte", with(&format!("A: {}", "a".repeat(1 << 20)))),
        ("many headers", with("A: a\r\n".repeat(200).trim_end())),
        (
            "a long target",
            allowed.replace("/check", &format!("/{}", "a".repeat(9_000))),
        ),
        (
            "a long told target",
            allowed.replace(LIST, &format!("{LIST}?{}", "a".repeat(9_000))),
        ),
    ];
    for (name, request) in cases {
        let mut connection = open(&server);
        // The server may close before all of it is sent.
        let _ = connection.send(request.as_bytes());
        let statuses = statuses(&connection.rest());
        let is_refused = matches!(&*statuses.concat(), "" | "431" | "414");
        assert!(is_refused, "{name}: {statuses:?}");
    }
}

#[test]
fn slow_and_idle_peers_are_cut() {
    let (server, key) = start("idle_timeout: 1");
    let allowed = check("GET", LIST, Some(&key));
    let cut = allowed.len() - 1;
    let mut connections = Vec::new();
    for (name, bytes, expected) in [
        ("nothing", &b""[..], 0),
        ("a part of the request line", b"GET /ch", 0),
        ("a head that does not end", &allowed.as_bytes()[..cut], 0),
        ("an idle connection", allowed.as_bytes(), 1),
        ("empty lines", b"\r\n\r\n", 0),
    ] {
        let mut connection = open(&server);
        connection.send(bytes).unwrap();
        connections.push((name, connection, expected));
    }
    let half = [allowed.as_bytes(), &allowed.as_bytes()[..cut]].concat();
    let mut connection = open(&server);
    connection.send(&half).unwrap();
    connections.push(("a second head that does not end", connection, 1));
    for (name, connection, expected) in connections {
        // This waits for the end of the connection.
        let statuses = statuses(&connection.rest());
        assert_eq!(statuses, vec!["200"; expected], "{name}");
    }
    // Byte by byte, the head takes several times as long as it may.
    let mut stream = TcpStream::connect(server.address("nginx")).unwrap();
    let reader = stream.try_clone().unwrap();
    reader.set_read_timeout(Some(PATIENCE)).unwrap();
    for byte in allowed.as_bytes() {
        if stream.write_all(&[*byte]).is_err() {
            break;
        }
        thread::sleep(Duration::from_millis(25));
    }
    assert_eq!(Connection::over(Box::new(reader)).rest(), b"");
}

#[test]
fn a_peer_that_does_not_read_its_answers_is_cut() {
    let (server, key) = start("idle_timeout: 1");
    let requests = check("PUT", "/x/", Some(&key)).repeat(100);
    let mut stream = TcpStream::connect(server.address("nginx")).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    let error = loop {
        if let Err(error) = stream.write_all(requests.as_bytes()) {
            break error;
        }
    };
    let kinds = [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe];
    assert!(kinds.contains(&error.kind()), "{error}");
}

#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let (server, key) = start("idle_timeout: 60");
    let mut connection = open(&server);
    let mut requests = String::new();
    let mut expected = Vec::new();
    // hyper does 16 at a time.
    for number in 0..100 {
        let (target, status) = match number % 3 {
            0 => (LIST, 200),
            1 => ("/x/", 403),
            _ => (LIST, 401),
        };
        let key = (status != 401).then_some(&*key);
        let request = check("GET", target, key);
        // A WebSocket's request is one like others.
        requests += &match number % 4 {
            0 => request.replace(
                "Host: ",
                "Connection: upgrade\r\nUpgrade: websocket\r\nHost: ",
            ),
            1 => request
                .replace("HTTP/1.1", "HTTP/1.0")
                .replace("Host: ", "Connection: keep-alive\r\nHost: "),
            _ => request,
        };
        expected.push(status);
    }
    connection.send(requests.as_bytes()).unwrap();
    for (number, expected) in expected.into_iter().enumerate() {
        let response = connection.response(true).unwrap();
        assert_eq!(response.status, expected, "{number}");
    }
}

/// The bytes of a body are no request, however they look, and nothing after them is answered.
#[test]
fn a_request_with_a_body_is_the_last_one() {
    let (server, key) = start("idle_timeout: 60");
    let allowed = check("GET", LIST, Some(&key));
    let denied = check("GET", LIST, None);
    let length = allowed.len();
    let chunked = format!("{length:x}\r\n{allowed}\r\n0\r\n\r\n");
    let half = length / 2;
    let cases = [
        (
            "a length",
            format!("Content-Length: {length}"),
            allowed.clone(),
            "401",
        ),
        (
            "a length that is told twice",
            format!("Content-Length: {length}\r\nContent-Length: {length}"),
            allowed.clone(),
            "401",
        ),
        (
            "a length of a half",
            format!("Content-Length: {half}"),
            allowed.clone(),
            "401",
        ),
        (
            "a length without a body",
            format!("Content-Length: {length}"),
            String::new(),
            "401",
        ),
        ("one byte", "Content-Length: 1".into(), "a".into(), "401"),
        (
            "chunks",
            "Transfer-Encoding: chunked".into(),
            chunked.clone(),
            "401",
        ),
        (
            "chunks in other case",
            "transfer-encoding: CHUNKED".into(),
            chunked.clone(),
            "401",
        ),
        (
            "no chunk",
            "Transfer-Encoding: chunked".into(),
            "0\r\n\r\n".into(),
            "401",
        ),
        (
            "trailers",
            "Transfer-Encoding: chunked".into(),
            format!("0\r\nAuthorization: Bearer {key}\r\n\r\n"),
            "401",
        ),
        (
            "chunks that are none",
            "Transfer-Encoding: chunked".into(),
            allowed.clone(),
            "401",
        ),
        (
            "a length and chunks",
            format!("Content-Length: {length}\r\nTransfer-Encoding: chunked"),
            chunked.clone(),
            "401",
        ),
        (
            "chunks and a length",
            "Transfer-Encoding: chunked\r\nContent-Length: 5".into(),
            chunked.clone(),
            "401",
        ),
        (
            "chunks and no length",
            "Transfer-Encoding: chunked\r\nContent-Length: 0".into(),
            chunked.clone(),
            "401",
        ),
        (
            "an expectation",
            format!("Content-Length: {length}\r\nExpect: 100-continue"),
            allowed.clone(),
            "401",
        ),
        (
            "an expectation of chunks",
            "Transfer-Encoding: chunked\r\nExpect: 100-continue".into(),
            chunked.clone(),
            "401",
        ),
        (
            "an upgrade and a body",
            format!("Upgrade: h2c\r\nConnection: upgrade\r\nContent-Length: {length}"),
            allowed.clone(),
            "401",
        ),
        (
            "two lengths",
            "Content-Length: 0\r\nContent-Length: 5".into(),
            allowed.clone(),
            "400",
        ),
        (
            "two lengths in one",
            format!("Content-Length: {length}, {length}"),
            allowed.clone(),
            "400",
        ),
        (
            "a length with a sign",
            format!("Content-Length: +{length}"),
            allowed.clone(),
            "400",
        ),
        (
            "a length below zero",
            "Content-Length: -1".into(),
            allowed.clone(),
            "400",
        ),
        (
            "a hexadecimal length",
            "Content-Length: 0x10".into(),
            allowed.clone(),
            "400",
        ),
        (
            "an empty length",
            "Content-Length:".into(),
            allowed.clone(),
            "400",
        ),
        (
            "a length beyond all bounds",
            "Content-Length: 18446744073709551616".into(),
            allowed.clone(),
            "400",
        ),
        (
            "another encoding",
            "Transfer-Encoding: identity".into(),
            allowed.clone(),
            "400",
        ),
        (
            "another encoding at the end",
            "Transfer-Encoding: chunked, gzip".into(),
            chunked.clone(),
            "400",
        ),
        (
            "an encoding that looks like it",
            "Transfer-Encoding: xchunked".into(),
            chunked.clone(),
            "400",
        ),
        (
            "a vertical tab",
            "Transfer-Encoding: \u{b}chunked".into(),
            chunked.clone(),
            "400",
        ),
        (
            "a space before the colon",
            "Transfer-Encoding : chunked".into(),
            chunked.clone(),
            "400",
        ),
    ];
    for (name, headers, body, status) in cases {
        for with_next in [false, true] {
            let head = denied.replace("\r\n\r\n", &format!("\r\n{headers}\r\n\r\n"));
            let next = if with_next { &*allowed } else { "" };
            let mut connection = open(&server);
            connection
                .send(format!("{head}{body}{next}").as_bytes())
                .unwrap();
            let bytes = connection.rest();
            assert_eq!(statuses(&bytes), [status], "{name}, {with_next}");
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.contains("\r\nconnection: close\r\n"), "{name}: {text}");
        }
    }
    // HTTP/1.0 has no chunks.
    let request = denied.replace("HTTP/1.1", "HTTP/1.0").replace(
        "\r\n\r\n",
        "\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    let mut connection = open(&server);
    connection
        .send(format!("{request}{chunked}{allowed}").as_bytes())
        .unwrap();
    assert_eq!(statuses(&connection.rest()), ["400"]);
    // A body of no bytes is none.
    let mut connection = open(&server);
    let request = allowed.replace("\r\n\r\n", "\r\nContent-Length: 0\r\n\r\n");
    for _ in 0..2 {
        assert_eq!(connection.ask(&request).status, 200);
    }
}

/// The answer comes although the body does not, and the body that comes later changes nothing.
#[test]
fn nobody_waits_for_a_body() {
    let (server, key) = start("idle_timeout: 60");
    let allowed = check("GET", LIST, Some(&key));
    let denied = check("GET", LIST, None);
    let headers = format!("\r\nContent-Length: {}\r\n\r\n", allowed.len());
    let mut connection = open(&server);
    let response = connection.ask(&denied.replace("\r\n\r\n", &headers));
    assert_eq!(response.status, 401);
    // The server may have closed already.
    let _ = connection.send(allowed.repeat(2).as_bytes());
    assert_eq!(connection.rest(), b"");
}

#[test]
fn bytes_that_are_no_http_get_no_answer_that_allows() {
    let (server, key) = start("idle_timeout: 60");
    let allowed = check("GET", LIST, Some(&key));
    let mut tls = vec![0x16, 3, 1, 2, 0];
    tls.resize(512, 0);
    for (name, bytes) in [
        (
            "the beginning of HTTP/2",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        ),
        ("the beginning of TLS", tls),
        (
            "another version",
            allowed.replace("HTTP/1.1", "HTTP/2.0").into(),
        ),
        ("no version", allowed.replace(" HTTP/1.1", "").into()),
        ("zeros", vec![0; 64]),
        ("a response", b"HTTP/1.1 200 OK\r\n\r\n".to_vec()),
        (
            "a line of PROXY",
            format!("PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n{allowed}").into(),
        ),
    ] {
        let mut connection = open(&server);
        connection
            .send(&[&bytes, allowed.as_bytes()].concat())
            .unwrap();
        let statuses = statuses(&connection.rest());
        assert!(
            matches!(&*statuses.concat(), "" | "400"),
            "{name}: {statuses:?}"
        );
    }
}
