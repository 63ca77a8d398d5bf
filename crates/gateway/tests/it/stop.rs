//! The stop of a server.

use std::fs;

use rustix::process::Signal;

use crate::http::{Connection, check};
use crate::keys::write_keys;
use crate::server::{Server, folder};

/// A server with a TCP listener `edge`, a unix one `local`, and the admin listener, and a key that
/// may read colleagues.
fn start(more: &str) -> (Server, String) {
    let folder = folder();
    let [key] = write_keys(
        &folder.path().join("keys.yaml"),
        [("front-desk", &["colleagues:read"])],
    );
    let socket = folder.path().join("gateway.sock");
    let socket = socket.display();
    let config = format!(
        "keys: keys.yaml\n\
         listeners:\n\
         - {{ gateway: nginx, name: edge, address: 127.0.0.1:0 }}\n\
         - {{ gateway: nginx, name: local, address: \"unix:{socket}\" }}\n\
         {more}"
    );
    (Server::start(folder, &config), key)
}

#[test]
fn open_connections_are_answered_and_closed_and_the_socket_file_goes() {
    for signal in [Signal::TERM, Signal::INT] {
        let (mut server, key) = start("");
        let request = check("GET", "/api/v1/colleagues/", Some(&key));
        let (begin, end) = request.split_at(20);
        let mut begun = Connection::open(server.address("edge"));
        let mut idle = Connection::open(server.address("local"));
        begun.send(begin.as_bytes()).unwrap();
        assert_eq!(idle.ask(&request).status, 200);

        server.signal(signal);
        server.stderr.wait_for("stopping");
        begun.send(end.as_bytes()).unwrap();
        let response = begun.response(true).unwrap();
        assert_eq!(response.status, 200);
        assert_eq!(begun.rest(), b"");
        assert_eq!(idle.rest(), b"");
        assert_eq!(server.wait().code(), Some(0), "{signal:?}");
        assert!(fs::symlink_metadata(server.file("gateway.sock")).is_err());
    }
}
