//! Reloads: when a file changes, and on SIGHUP.

use std::fs;
use std::path::Path;

use rustix::process::Signal;

use crate::fixture::start;
use crate::http::{Connection, check, get};
use crate::keys::{replace, write_keys};
use crate::server::{Server, folder, until};

fn status(server: &Server, key: &str) -> u16 {
    let mut edge = Connection::open(server.address("edge"));
    edge.ask(&check("GET", "/api/v1/colleagues/", Some(key)))
        .status
}

/// The number of reloads that failed.
fn failures(server: &Server) -> u64 {
    let metrics = get(server.address("admin"), "/metrics").body;
    let series = "routescope_reloads_total{result=\"failed\"} ";
    let value = metrics.lines().find_map(|line| line.strip_prefix(series));
    value.unwrap().parse().unwrap()
}

fn lines_with(server: &Server, text: &str) -> usize {
    let lines = server.stderr.lines();
    lines.iter().filter(|line| line.contains(text)).count()
}

#[test]
fn a_change_is_noticed_and_a_signal_asks() {
    let (server, old) = start("");
    assert_eq!(status(&server, &old), 200);
    let [new] = write_keys(&server.file("keys.yaml"), [("night", &["colleagues:read"])]);
    server.stderr.wait_for("reloaded: ");
    assert_eq!((status(&server, &old), status(&server, &new)), (401, 200));
    // Nothing has changed since.
    server.signal(Signal::HUP);
    server.stderr.wait_for_nth("reloaded: ", 2);
    assert_eq!(status(&server, &new), 200);
}

#[test]
fn keys_that_cannot_be_read_leave_the_old_ones_and_are_told_once() {
    const FAILED: &str = "error: the reload failed";
    let (server, key) = start("");
    let file = server.file("keys.yaml");
    let good = fs::read_to_string(&file).unwrap();
    // A file that is missing is tried again and again.
    fs::remove_file(&file).unwrap();
    server.stderr.wait_for(FAILED);
    until("further attempts", || (failures(&server) > 2).then_some(()));
    assert_eq!(lines_with(&server, FAILED), 1);
    assert_eq!(status(&server, &key), 200);
    // An operator who asks is told again.
    server.signal(Signal::HUP);
    server.stderr.wait_for_nth(FAILED, 2);
    // Another mistake is told, too.
    replace(&file, "version: 1\npolicy: pbx\nkeys: nothing\n");
    let told = server.stderr.wait_for_nth(FAILED, 3);
    assert!(told.contains("keys.yaml:3:7: "), "{told}");
    assert_eq!(status(&server, &key), 200);
    assert_eq!(get(server.address("admin"), "/readyz").status, 200);

    replace(&file, &good);
    server.stderr.wait_for("reloaded: ");
    assert_eq!(status(&server, &key), 200);
}

fn write_policy(file: &Path, more: &str) {
    let text = format!(
        "version: 1\nname: pbx\nkey: {{ prefix: wsk-v1-, length: 100, alphabet: alphanumeric }}\n\
         scopes:\n  \"colleagues:read\":\n    routes:\n      - GET /api/v1/colleagues/\n{more}"
    );
    let compiled = routescope_compiler::compile("routes.yaml", &text);
    let bytes = compiled
        .unwrap_or_else(|report| panic!("{report}"))
        .to_bytes();
    let new = file.with_extension("new");
    fs::write(&new, bytes).unwrap();
    fs::rename(new, file).unwrap();
}

#[test]
fn a_policy_that_is_refused_holds_up_no_revocation() {
    let folder = folder();
    let policy = folder.path().join("api.rsp");
    write_policy(&policy, "");
    let keys = folder.path().join("keys.yaml");
    let both = [
        ("front-desk", &["colleagues:read"] as &[&str]),
        ("night", &["colleagues:read"]),
    ];
    let [kept, revoked] = write_keys(&keys, both);
    let config = "policy: api.rsp\nkeys: keys.yaml\n\
        admin: { address: \"127.0.0.1:0\" }\n\
        listeners: [{ gateway: nginx, name: edge, address: \"127.0.0.1:0\" }]\n";
    let server = Server::start(folder, config);
    assert_eq!(
        (status(&server, &kept), status(&server, &revoked)),
        (200, 200)
    );

    replace(&policy, "no policy");
    server.stderr.wait_for("error: the reload failed");
    let text = fs::read_to_string(&keys).unwrap();
    let (first, _) = text.split_once("  - id: night").unwrap();
    replace(&keys, first);
    until("the revocation", || {
        (status(&server, &revoked) == 401).then_some(())
    });
    assert_eq!(status(&server, &kept), 200);

    write_policy(&policy, "      - GET /api/v1/devices/\n");
    let told = server.stderr.wait_for("reloaded: ");
    assert!(told.ends_with(", 1 keys"), "{told}");
    let mut edge = Connection::open(server.address("edge"));
    let devices = check("GET", "/api/v1/devices/", Some(&kept));
    assert_eq!(edge.ask(&devices).status, 200);
}
