//! The server's answers to told bytes are those of the library to the same bytes.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use routescope::pbx;
use routescope_guard::{
    DenyReason, Guard, KeyEntry, KeyFile, KeyHash, StoredHash, seconds_since_1970,
};

use crate::http::Connection;
use crate::keys::write_keys;
use crate::path_cases::{PathCase, path_cases};
use crate::server::{Server, folder};

/// The presets, with the headers by which they tell method and target.
const PRESETS: [(&str, Option<[&str; 2]>); 7] = [
    ("nginx", Some(["X-Original-Method", "X-Original-URI"])),
    ("haproxy", Some(["X-Original-Method", "X-Original-URI"])),
    ("apache", Some(["X-Original-Method", "X-Original-URI"])),
    ("caddy", Some(["X-Forwarded-Method", "X-Forwarded-Uri"])),
    ("traefik", Some(["X-Forwarded-Method", "X-Forwarded-Uri"])),
    ("envoy", None),
    ("prefixed", None),
];

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
log: { denials: 0 }
"#;

/// The library itself, with one key that may do everything.
pub(crate) struct Library {
    guard: Guard,
    pub(crate) authorization: String,
}

impl Library {
    pub(crate) fn new(key: &str) -> Self {
        let hash = StoredHash::Sha256(KeyHash::sha256(key.as_bytes()));
        let entry = KeyEntry::new("all", hash, ["pbx:*"]);
        let guard = Guard::builder(pbx::POLICY).keys(KeyFile::new([entry]));
        Self {
            guard: guard.build().unwrap(),
            authorization: format!("Bearer {key}"),
        }
    }

    /// The status, and the reason if there is one.
    pub(crate) fn verdict(&self, method: &[u8], target: &[u8]) -> (u16, Option<&'static str>) {
        let authorization = [self.authorization.as_bytes()];
        let now = seconds_since_1970();
        let answer = self.guard.decide(authorization, method, target, now);
        (answer.status(), answer.reason().map(DenyReason::as_str))
    }
}

/// A connection to each listener, opened again when the server has closed it.
struct Client {
    server: Server,
    library: Library,
    open: Option<(String, Connection)>,
}

impl Client {
    fn new() -> Self {
        let folder = folder();
        let [key] = write_keys(&folder.path().join("keys.yaml"), [("all", &["pbx:*"])]);
        Self {
            server: Server::start(folder, CONFIG),
            library: Library::new(&key),
            open: None,
        }
    }

    /// The status and the reason of the answer to some bytes. A connection that is closed without
    /// an answer has the status 0.
    fn ask(&mut self, listener: &str, request: &[u8]) -> (u16, Option<String>) {
        let open = self.open.take().filter(|(to, _)| to == listener);
        let mut connection = match open {
            Some((_, connection)) => connection,
            None => Connection::open(self.server.address(listener)),
        };
        connection.send(request).unwrap();
        let Some(response) = connection.response(true) else {
            return (0, None);
        };
        if response.header("connection") != Some("close") {
            self.open = Some((listener.to_owned(), connection));
        }
        let reason = response.header("x-denied-reason").map(str::to_owned);
        (response.status, reason)
    }

    /// A request in which method and target are told in headers, each any number of times.
    fn by_headers(
        &mut self,
        listener: &str,
        names: [&str; 2],
        methods: &[Vec<u8>],
        targets: &[Vec<u8>],
    ) -> (u16, Option<String>) {
        let mut request = b"GET /api/v1/colleagues/ HTTP/1.1\r\n".to_vec();
        for (name, values) in names.iter().zip([methods, targets]) {
            for value in values {
                request.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
            }
        }
        let authorization = &self.library.authorization;
        request.extend(format!("Authorization: {authorization}\r\n\r\n").into_bytes());
        self.ask(listener, &request)
    }
}

/// The value of a header: white space around it is not part of it.
fn trimmed(value: &[u8]) -> &[u8] {
    let is_text = |byte: &u8| !matches!(byte, b' ' | b'\t');
    let Some(start) = value.iter().position(is_text) else {
        return &[];
    };
    let end = value.iter().rposition(is_text).unwrap_or(start);
    &value[start..=end]
}

/// Whether HTTP can have these bytes in the value of a header.
fn is_value(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .all(|&byte| byte == b'\t' || byte >= b' ' && byte != 0x7F)
}

/// The answer that told bytes must get; none where it is HTTP that is broken, and everything but
/// 200 is right.
fn expected(
    library: &Library,
    methods: &[Vec<u8>],
    targets: &[Vec<u8>],
) -> Option<(u16, Option<String>)> {
    if !methods.iter().chain(targets).all(|value| is_value(value)) {
        return None;
    }
    let is_told = |value: &[u8]| !value.is_empty() && !value.iter().any(u8::is_ascii_whitespace);
    let verdict = match (methods, targets) {
        ([method], [target]) if is_told(trimmed(method)) && is_told(trimmed(target)) => {
            library.verdict(trimmed(method), trimmed(target))
        }
        _ => (403, Some("bad_check_request")),
    };
    Some((verdict.0, verdict.1.map(str::to_owned)))
}

/// Texts that matter to some reader of requests, sound ones more often than not.
fn text(sound: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    const PIECES: [&[u8]; 24] = [
        b"/",
        b"//",
        b".",
        b"..",
        b"%2e",
        b"%2F",
        b"?",
        b"#",
        b";",
        b",",
        b" ",
        b"\t",
        b"\\",
        b"\r",
        b"\n",
        b"\0",
        b"\x7f",
        b"\xe9",
        b"\xc3\xbc",
        b"GET",
        b"api",
        b"http://a",
        b"*",
        b":",
    ];
    let pieces = vec(select(&PIECES[..]), 0..6).prop_map(|pieces| pieces.concat());
    let mixed = (select(sound), vec(select(&PIECES[..]), 0..2), any::<bool>());
    let mixed = mixed.prop_map(|(sound, pieces, is_before)| {
        let pieces = pieces.concat();
        match is_before {
            true => [&pieces, sound.as_bytes()].concat(),
            false => [sound.as_bytes(), &pieces].concat(),
        }
    });
    prop_oneof![
        6 => select(sound).prop_map(|text| text.as_bytes().to_vec()),
        2 => mixed,
        1 => pieces,
        1 => vec(any::<u8>(), 0..12),
    ]
}

const METHODS: &[&str] = &["GET", "PUT", "DELETE", "HEAD", "get", "TRACE"];
const TARGETS: &[&str] = &[
    "/api/v1/colleagues/",
    "/api/v1/colleagues/?page=2",
    "/api/v1/colleagues/7/",
    "/api/v1/pbx/system/reboot/",
    "/api/v1/phonebooks/7/contacts/",
];

#[test]
fn told_once_it_is_decided_as_by_the_library_and_else_denied() {
    let client = std::cell::RefCell::new(Client::new());
    let seen = std::cell::RefCell::new([0; 3]);
    for (listener, names) in PRESETS {
        let Some(names) = names else { continue };
        // Mostly once each.
        let number = || prop_oneof![8 => Just(1_usize), 1 => Just(0), 1 => Just(2), 1 => Just(3)];
        let values = |sound| number().prop_flat_map(move |number| vec(text(sound), number));
        let config = Config {
            cases: 600,
            failure_persistence: None,
            ..Config::default()
        };
        let run = TestRunner::new(config).run(
            &(values(METHODS), values(TARGETS)),
            |(methods, targets)| {
                let client = &mut *client.borrow_mut();
                let answer = client.by_headers(listener, names, &methods, &targets);
                let place = match expected(&client.library, &methods, &targets) {
                    Some(expected) => {
                        prop_assert_eq!(&answer, &expected, "{}", listener);
                        usize::from(expected.0 == 200)
                    }
                    None => {
                        prop_assert_ne!(answer.0, 200, "{}", listener);
                        // The rest of it may have been read as a second request.
                        client.open = None;
                        2
                    }
                };
                seen.borrow_mut()[place] += 1;
                Ok(())
            },
        );
        run.unwrap_or_else(|error| panic!("{listener}: {error}"));
    }
    let seen = *seen.borrow();
    assert!(seen.iter().all(|&seen| seen > 100), "{seen:?}");
}

#[test]
fn each_path_case_gets_the_verdict_of_the_library() {
    let mut client = Client::new();
    for (listener, names) in PRESETS {
        let mut allowed = 0;
        for case in path_cases() {
            let PathCase { id, method, target } = &case;
            let (answer, told) = match names {
                Some(names) => {
                    let (methods, targets) = ([method.clone()], [target.clone()]);
                    let answer = client.by_headers(listener, names, &methods, &targets);
                    let told = expected(&client.library, &methods, &targets);
                    (answer, told)
                }
                None => {
                    let prefix: &[u8] = if listener == "prefixed" {
                        b"/check"
                    } else {
                        b""
                    };
                    let authorization = &client.library.authorization;
                    let rest = format!(" HTTP/1.1\r\nAuthorization: {authorization}\r\n\r\n");
                    let request = [method, &b" "[..], prefix, target, rest.as_bytes()].concat();
                    let answer = client.ask(listener, &request);
                    let (status, reason) = client.library.verdict(method, target);
                    // Bytes that make no request line are denied without a decision.
                    let is_decided = !matches!(answer.0, 0 | 400)
                        && answer.1.as_deref() != Some("bad_check_request");
                    let told =
                        (is_decided || status == 200).then(|| (status, reason.map(str::to_owned)));
                    (answer, told)
                }
            };
            match told {
                Some(told) => assert_eq!(answer, told, "{listener}: {id}"),
                None => {
                    assert_ne!(answer.0, 200, "{listener}: {id}");
                    client.open = None;
                }
            }
            allowed += usize::from(answer.0 == 200);
        }
        // Headers cannot carry the white space at the end of P325's target and P425's method.
        let more = if names.is_some() { 2 } else { 0 };
        assert_eq!(allowed, 31 + more, "{listener}");
    }
}
