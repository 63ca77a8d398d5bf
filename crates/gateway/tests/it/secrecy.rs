//! No key is in anything that the server shows: answers, the log at its most talkative, standard
//! error, metrics and the policy's page. All of it is searched for every 12 bytes of every key.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use routescope_guard::KeyEntry;
use routescope_guard::keys::KeyFileText;

use crate::http::{Connection, check, get};
use crate::keys::{new_key, replace};
use crate::server::{Server, folder, program};
use crate::trial::ports;

/// The least part of a key that must not be shown.
const WINDOW: usize = 12;

const PRESETS: [&str; 6] = ["nginx", "haproxy", "apache", "caddy", "traefik", "envoy"];

/// Bytes that were shown, with where.
type Shown = Vec<(String, Vec<u8>)>;

/// The random parts of keys, in every case in which somebody may show them.
fn windows(keys: &[String]) -> HashSet<Vec<u8>> {
    let mut windows = HashSet::new();
    for key in keys {
        let random = key.strip_prefix("wsk-v1-").unwrap();
        for text in [
            random.to_owned(),
            random.to_uppercase(),
            random.to_lowercase(),
        ] {
            windows.extend(text.as_bytes().windows(WINDOW).map(<[u8]>::to_vec));
        }
    }
    windows
}

fn decode(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut rest = text;
    while let [first, after @ ..] = rest {
        let digits = after
            .get(..2)
            .and_then(|digits| str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (first, byte) {
            (b'%', Some(byte)) => {
                decoded.push(byte);
                rest = &after[2..];
            }
            _ => {
                decoded.push(*first);
                rest = after;
            }
        }
    }
    decoded
}

/// Fails if something that was shown has a part of a key, percent-encoded or not.
fn search(shown: &Shown, keys: &[String]) {
    let windows = windows(keys);
    let has_part = |text: &[u8]| text.windows(WINDOW).any(|part| windows.contains(part));
    // The search itself finds a key.
    assert!(
        keys.iter()
            .all(|key| has_part(format!("a{key}b").as_bytes()))
    );
    for (place, text) in shown {
        let mut text = text.clone();
        loop {
            assert!(!has_part(&text), "{place}: {}", text.escape_ascii());
            let decoded = decode(&text);
            if decoded == text {
                break;
            }
            text = decoded;
        }
    }
}

/// Requests in which somebody has put a key where it belongs, and everywhere else.
fn requests(key: &str) -> Vec<String> {
    let random = key.strip_prefix("wsk-v1-").unwrap();
    let encoded: String = key.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let list = "/api/v1/colleagues/";
    let mut requests = Vec::new();
    for authorization in [
        format!("Bearer {key}"),
        format!("bearer  {key}"),
        key.to_owned(),
        format!("Basic {key}"),
        format!("Bearer {key}x"),
        format!("Bearer {}", &key[..99]),
        format!("Bearer {}", key.to_uppercase()),
        format!("Bearer {key}, Bearer {key}"),
        format!("Bearer {key}\r\nAuthorization: Bearer {key}"),
        format!("Bearer {key}\u{1}"),
    ] {
        for target in [list, "/api/v1/pbx/system/reboot/", "/x/", "//"] {
            requests.push(told("GET", target, &authorization));
        }
    }
    for target in [
        format!("{list}?key={key}"),
        format!("{list}{key}/"),
        format!("{list}{random}/"),
        format!("{list}{encoded}/"),
        format!("{list}#{key}"),
        format!("/x/{key}"),
        format!("/x/{random}/a"),
        format!("/{}{key}", "a/".repeat(118)),
        format!("http://{key}@a/"),
        key.to_owned(),
        format!("{list} {key}"),
        format!("{list}, {key}"),
    ] {
        requests.push(told("GET", &target, &format!("Bearer {key}")));
        requests.push(told("GET", &target, "Basic a"));
        requests.push(format!(
            "GET {target} HTTP/1.1\r\nAuthorization: Bearer {key}\r\n"
        ));
        requests.push(format!("GET {target} HTTP/1.1\r\n"));
    }
    for method in [key, random, &random[..16]] {
        requests.push(told(method, list, &format!("Bearer {key}")));
        requests.push(format!("{method} {list} HTTP/1.1\r\n"));
    }
    for header in [
        format!("{key}: a"),
        format!("X-Api-Key: {key}"),
        format!("X-Original-URL: {key}"),
        format!("X_Key_Id: {key}"),
        format!("X-Key-Id: {key}"),
        format!("Cookie: {key}"),
        format!("Host: {key}"),
        format!("Content-Length: {key}"),
        format!("Transfer-Encoding: {key}"),
        format!("Content-Length: {}", key.len()),
    ] {
        let request = told("GET", list, &format!("Bearer {key}"));
        requests.push(format!("{request}{header}\r\n"));
    }
    requests.push(format!("{key}\r\n"));
    requests.push(format!("GET / HTTP/{key}\r\n"));
    requests
}

/// A request that tells by the headers of every preset.
fn told(method: &str, target: &str, authorization: &str) -> String {
    format!(
        "GET {target} HTTP/1.1\r\n@M: {method}\r\n@T: {target}\r\nAuthorization: {authorization}\r\n"
    )
}

/// Keys of each kind, and the server that knows some of them.
fn start() -> (Server, Vec<String>) {
    let folder = folder();
    let mut text = KeyFileText::empty("keys.yaml", "pbx").unwrap();
    let keys: Vec<_> = (0..4).map(|_| new_key()).collect();
    for (place, key) in keys.iter().take(3).enumerate() {
        let id = ["reader", "all", "expired"][place];
        let scopes = [["colleagues:read"], ["pbx:*"], ["pbx:*"]][place];
        let mut entry = KeyEntry::new(id, key.hash(None), scopes);
        entry.expires = (id == "expired").then_some(1_000_000_000);
        text.add(&entry).unwrap();
    }
    replace(&folder.path().join("keys.yaml"), text.as_str());
    let listeners: String = PRESETS
        .iter()
        .map(|preset| format!("  - {{ gateway: {preset}, address: 127.0.0.1:0 }}\n"))
        .collect();
    let config = format!(
        "keys: keys.yaml\nlisteners:\n{listeners}  - {{ gateway: nginx, name: trying, address: 127.0.0.1:0, shadow: everything }}\nadmin: {{ address: 127.0.0.1:0 }}\nlog: {{ allows: 1, denials: 1000000 }}\n"
    );
    let keys = keys.iter().map(|key| key.expose().to_owned()).collect();
    (Server::start(folder, &config), keys)
}

fn show_output(shown: &mut Shown, server: &Server) {
    for (place, lines) in [("stdout", &server.stdout), ("stderr", &server.stderr)] {
        shown.push((place.to_owned(), lines.all().join("\n").into_bytes()));
    }
}

#[test]
fn no_key_is_shown() {
    let (mut server, keys) = start();
    let mut shown = Shown::new();
    let mut statuses = HashSet::new();
    for listener in PRESETS.into_iter().chain(["trying"]) {
        let [method, target] = match listener {
            "caddy" | "traefik" => ["X-Forwarded-Method", "X-Forwarded-Uri"],
            _ => ["X-Original-Method", "X-Original-URI"],
        };
        for request in keys.iter().flat_map(|key| requests(key)) {
            let request = request.replace("@M", method).replace("@T", target);
            let mut connection = Connection::open(server.address(listener));
            let bytes = format!("{request}Connection: close\r\n\r\n");
            connection.send(bytes.as_bytes()).unwrap();
            let answer = connection.rest();
            statuses.insert(answer.get(9..12).unwrap_or_default().to_vec());
            shown.push((format!("{listener}: {request}"), answer));
        }
    }
    // All kinds of answers were seen.
    for status in ["200", "400", "401", "403"] {
        assert!(statuses.contains(status.as_bytes()), "{status}");
    }
    // Somebody pastes a key where its hash belongs.
    for text in [
        format!(
            "version: 1\nkeys:\n  - id: a\n    sha256: {}\n    scopes: []\n",
            keys[0]
        ),
        format!("version: 1\nkeys:\n  - id: {}\n", keys[0]),
        format!("{}: {}\n", keys[0], keys[1]),
    ] {
        let failures = server.stderr.lines().len();
        replace(&server.file("keys.yaml"), &text);
        crate::server::until("a reload that fails", || {
            (server.stderr.lines().len() > failures).then_some(())
        });
    }
    for path in [
        "/metrics",
        "/policy",
        "/livez",
        "/readyz",
        &*format!("/{}", keys[0]),
    ] {
        let response = get(server.address("admin"), path);
        let text = format!("{:?}\n{}", response.headers, response.body);
        shown.push((path.to_owned(), text.into_bytes()));
    }
    assert!(server.stop().success());
    show_output(&mut shown, &server);
    let log = server.stdout.lines();
    for part in [
        "\"decision\":\"allow\"",
        "\"reason\":\"unknown_key\"",
        "[masked]",
        "\"shadow\":true",
    ] {
        assert!(log.iter().any(|line| line.contains(part)), "{part}");
    }
    search(&shown, &keys);
}

/// The key of a trial is in a file that this user alone can read, and nowhere else.
#[test]
fn the_key_of_a_trial_is_not_shown() {
    let _ports = ports();
    let mut server = Server::spawn(folder(), program());
    let line = server.stdout.wait_for("curl ");
    let file = line.split("'@").nth(1).unwrap().split('\'').next().unwrap();
    let mode = fs::metadata(file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let header = fs::read_to_string(file).unwrap();
    let key = header
        .trim()
        .strip_prefix("Authorization: Bearer ")
        .unwrap()
        .to_owned();
    let mut connection = Connection::open(server.address("trial"));
    let mut shown = Shown::new();
    for (target, status) in [("/api/v1/colleagues/", 200), ("/api/v1/phonebooks/", 403)] {
        let response = connection.ask(&check("GET", target, Some(&key)));
        assert_eq!(response.status, status);
        shown.push((target.to_owned(), format!("{response:?}").into_bytes()));
    }
    let metrics = get(server.address("admin"), "/metrics").body;
    shown.push(("metrics".to_owned(), metrics.into_bytes()));
    assert!(server.stop().success());
    show_output(&mut shown, &server);
    search(&shown, &[key]);
    assert!(!fs::exists(file).unwrap());
}
