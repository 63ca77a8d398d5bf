//! Log lines that nobody reads.

use std::process::Stdio;

use crate::http::{Connection, check, get};
use crate::keys::write_keys;
use crate::server::{Server, folder, program};

/// More lines than the pipe and the queue hold: the server goes on deciding, and counts those that
/// it loses.
#[test]
fn a_full_pipe_stops_no_decision() {
    const REQUESTS: usize = 20_000;
    let folder = folder();
    write_keys(&folder.path().join("keys.yaml"), []);
    let file = folder.path().join("gateway.yaml");
    let config = "keys: keys.yaml\n\
        admin: { address: \"127.0.0.1:0\" }\n\
        log: { denials: 4294967295 }\n\
        listeners: [{ gateway: nginx, name: edge, address: \"127.0.0.1:0\" }]\n";
    std::fs::write(&file, config).unwrap();
    let mut command = program();
    command.arg("--config").arg(&file).stdout(Stdio::piped());
    // The pipe stays open, and is not read.
    let mut server = Server::spawn_unread(folder, command);
    let mut edge = Connection::open(server.address("edge"));
    let requests = check("GET", "/api/v1/colleagues/", None).repeat(100);
    for _ in 0..REQUESTS / 100 {
        edge.send(requests.as_bytes()).unwrap();
        for _ in 0..100 {
            assert_eq!(edge.response(true).unwrap().status, 401);
        }
    }
    let metrics = get(server.address("admin"), "/metrics").body;
    let lost = "routescope_log_errors_total ";
    let lost = metrics
        .lines()
        .find_map(|line| line.strip_prefix(lost))
        .unwrap();
    let lost: usize = lost.parse().unwrap();
    assert!((1..REQUESTS).contains(&lost), "{lost}");
    assert_eq!(server.stop().code(), Some(0));
}
