//! The proxy, in front of a back end that records the requests that it gets.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use routescope::pbx;

/// A proxy with its back end.
struct Proxy {
    process: Child,
    address: SocketAddr,
    /// The heads of the requests that the back end gets.
    heads: Receiver<Vec<u8>>,
}

impl Proxy {
    fn start() -> Self {
        let back_end = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let back_end_address = back_end.local_addr().expect("a bound socket");
        let (sender, heads) = mpsc::channel();
        thread::spawn(move || {
            for stream in back_end.incoming().flatten() {
                let mut reader = BufReader::new(stream);
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    match reader.read_until(b'\n', &mut head) {
                        Ok(0) | Err(_) => break,
                        Ok(_) => {}
                    }
                }
                // The test may have ended.
                let _ = sender.send(head);
                let response = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                let _ = reader.get_mut().write_all(response.as_bytes());
            }
        });
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = free.local_addr().expect("a bound socket");
        drop(free);
        let process = Command::new(env!("CARGO_BIN_EXE_routescope-pingora"))
            .args([address.to_string(), back_end_address.to_string()])
            .stderr(Stdio::null())
            .spawn()
            .expect("the proxy");
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(
                started.elapsed() < Duration::from_secs(60),
                "the proxy does not start"
            );
            thread::sleep(Duration::from_millis(20));
        }
        Self {
            process,
            address,
            heads,
        }
    }

    /// Sends bytes; the status, and the head that the back end got, if it got one.
    fn send(&self, request: &[u8]) -> (u16, Option<Vec<u8>>) {
        let mut stream = TcpStream::connect(self.address).expect("the proxy");
        let limit = Some(Duration::from_secs(60));
        stream.set_read_timeout(limit).expect("a time limit");
        stream.write_all(request).expect("to send");
        let mut response = Vec::new();
        match stream.read_to_end(&mut response) {
            Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("{error}"),
            _ => {}
        }
        let response = String::from_utf8_lossy(&response).into_owned();
        let status = response
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        (status.unwrap_or(0), self.heads.try_recv().ok())
    }

    fn ask(&self, method: &str, target: &[u8], headers: &str) -> (u16, Option<Vec<u8>>) {
        let start = format!("{method} ");
        let end = format!(" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
        self.send(&[start.as_bytes(), target, end.as_bytes()].concat())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // It may have ended by itself, and then the test says so.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn bearer(letter: &str) -> String {
    format!("Authorization: Bearer wsk-v1-{}\r\n", letter.repeat(93))
}

/// The method and target of a head.
fn request_line(head: &[u8]) -> (&[u8], &[u8]) {
    let line = head.split(|byte| *byte == b'\r').next().expect("a line");
    let mut words = line.split(|byte| *byte == b' ');
    let method = words.next().expect("a method");
    (method, words.next().expect("a target"))
}

#[test]
fn requests_are_answered_and_forwarded_as_decided() {
    let proxy = Proxy::start();
    let colleagues = b"/api/v1/colleagues/";
    let desk = bearer("f");
    let cases = [
        ("a key", desk.clone(), 200),
        ("no key", String::new(), 401),
        ("two keys", format!("{desk}{desk}"), 401),
        ("a key of nobody", bearer("n"), 401),
        (
            "an override header",
            format!("{desk}X-Original-URL: /\r\n"),
            403,
        ),
        (
            "an override header with _",
            format!("{desk}X_Http_Method: PUT\r\n"),
            403,
        ),
        (
            "spoofed identity",
            format!("{desk}X-Key-Id: admin\r\nX_Route: r\r\n"),
            200,
        ),
    ];
    for (name, headers, expected) in cases {
        let (status, head) = proxy.ask("GET", colleagues, &headers);
        assert_eq!(status, expected, "{name}");
        assert_eq!(head.is_some(), expected == 200, "{name}");
        let Some(head) = head else { continue };
        let head = String::from_utf8(head)
            .expect("a text")
            .to_ascii_lowercase();
        assert!(
            head.starts_with("get /api/v1/colleagues/ http/1.1\r\n"),
            "{head}"
        );
        assert!(head.contains("\r\nx-key-id: front-desk\r\n"), "{head}");
        assert!(
            head.contains("\r\nx-route: get /api/v1/colleagues/\r\n"),
            "{head}"
        );
        assert!(
            !head.contains("admin") && !head.contains("x_route"),
            "{head}"
        );
        assert!(!head.contains("wsk-v1-"), "{head}");
    }
    let (status, head) = proxy.ask("PUT", b"/api/v1/pbx/system/reboot/", &desk);
    assert_eq!((status, head), (403, None));
}

/// The targets that Pingora changes before a filter sees them, and the library allows as changed:
/// a fragment is cut off, and a space becomes `%20`.
const CHANGED: [&str; 4] = [
    "P185 /api/v1/colleagues/",
    "P186 /api/v1/colleagues/?x",
    "P202 /api/v1/colleagues/?a%20b",
    "P328 /api/v1/sounds/hold%20music.wav/",
];

#[test]
fn each_path_case_is_forwarded_as_decided_or_not_at_all() {
    let proxy = Proxy::start();
    let held = pbx::scope_set(["pbx:*"]);
    let cases = include_str!("../../../tests/data/path-cases.json");
    let cases: Vec<serde_json::Value> = serde_json::from_str(cases).expect("JSON");
    let (mut changed, mut forwarded) = (Vec::new(), 0);
    for case in &cases {
        let id = case["id"].as_str().expect("an id");
        let method = case["method"].as_str().expect("a method");
        let target = case["target"].as_str().map(|text| text.as_bytes().to_vec());
        let target = target.unwrap_or_else(|| {
            let digits = case["target_hex"].as_str().expect("a target_hex");
            let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hex");
            (0..digits.len()).step_by(2).map(byte).collect()
        });
        let (status, head) = proxy.ask(method, &target, &bearer("a"));
        let is_allowed = routescope::authorize(&held, method, &target).is_allow();
        match head {
            Some(head) => {
                let (sent_method, sent) = request_line(&head);
                assert_eq!(status, 200, "{id}");
                // Nothing reaches a back end that the library denies.
                assert!(
                    routescope::authorize(&held, sent_method, sent).is_allow(),
                    "{id}"
                );
                if sent != target || sent_method != method.as_bytes() {
                    changed.push(format!("{id} {}", String::from_utf8_lossy(sent)));
                }
                forwarded += 1;
            }
            None => {
                assert!(!is_allowed, "{id}");
                assert!(matches!(status, 0 | 400 | 403 | 405), "{id} {status}");
            }
        }
    }
    assert_eq!(changed, CHANGED);
    assert_eq!(forwarded, 31 + CHANGED.len());
}

#[test]
fn curl_gets_200_401_and_403() {
    let proxy = Proxy::start();
    let url = format!("http://{}/api/v1", proxy.address);
    let key = bearer("f");
    let cases = [
        ("200", vec!["-H", key.trim_end()], "/colleagues/"),
        ("401", vec![], "/colleagues/"),
        ("403", vec!["-H", key.trim_end()], "/phonebooks/"),
        (
            "200",
            vec!["-H", key.trim_end(), "--path-as-is"],
            "/colleagues/7/?page=2",
        ),
        (
            "403",
            vec!["-H", key.trim_end(), "--path-as-is"],
            "/phonebooks/../colleagues/",
        ),
    ];
    for (expected, options, path) in cases {
        let output = Command::new("curl")
            .args([
                "--silent",
                "--max-time",
                "60",
                "--output",
                "/dev/null",
                "--noproxy",
                "*",
            ])
            .args(["--write-out", "%{http_code}"])
            .args(options)
            .arg(format!("{url}{path}"))
            .output();
        let output = output.expect("curl").stdout;
        assert_eq!(String::from_utf8_lossy(&output), expected, "{path}");
    }
}
