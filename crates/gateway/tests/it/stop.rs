//! The stop of a server.

use std::fs;
use std::net::TcpStream;

use rustix::process::Signal;

use crate::fixture::start;
use crate::http::{Connection, check, get};
use crate::server::until;

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

/// A connection whose head never ends keeps the server from its end.
#[test]
fn operators_see_a_stop_until_it_ends_and_a_second_signal_ends_it() {
    let (mut server, _) = start("limits: { stop_timeout: 86400 }");
    let edge = server.address("edge").to_owned();
    let admin = server.address("admin").to_owned();
    let mut hanging = Connection::open(&edge);
    hanging.send(b"GET /check HTTP/1.1\r\n").unwrap();
    // The server knows of it.
    let open = "routescope_gateway_connections{listener=\"edge\"} 1\n";
    until("the connection", || {
        get(&admin, "/metrics").body.contains(open).then_some(())
    });

    let mut kept = Connection::open(&admin);
    let ask = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: gateway\r\n\r\n");
    assert_eq!(kept.ask(&ask("/readyz")).status, 200);
    server.signal(Signal::TERM);
    server.stderr.wait_for("stopping");
    until("the end of the listener", || {
        TcpStream::connect(&edge).err()
    });
    // On a connection that is open, and on a new one.
    for response in [kept.ask(&ask("/readyz")), get(&admin, "/readyz")] {
        assert_eq!(response.status, 503);
        assert_eq!(response.body, "not ready: the server is stopping\n");
    }
    assert_eq!(get(&admin, "/livez").status, 200);
    let metrics = get(&admin, "/metrics").body;
    assert!(
        metrics.contains("\nroutescope_gateway_ready 0\n"),
        "{metrics}"
    );
    assert!(metrics.contains(open), "{metrics}");

    server.signal(Signal::TERM);
    assert_eq!(server.wait().code(), Some(0));
    server
        .stderr
        .wait_for("a second signal: connections that have not ended are cut");
    assert_eq!(hanging.rest(), b"");
    TcpStream::connect(admin).unwrap_err();
}

#[test]
fn a_connection_that_hangs_is_cut_when_the_time_is_over() {
    let (mut server, _) = start("limits: { stop_timeout: 1 }");
    let mut hanging = Connection::open(server.address("edge"));
    hanging.send(b"GET /check HTTP/1.1\r\n").unwrap();
    let metrics = || get(server.address("admin"), "/metrics").body;
    let open = "routescope_gateway_connections{listener=\"edge\"} 1\n";
    until("the connection", || metrics().contains(open).then_some(()));
    assert_eq!(server.stop().code(), Some(0));
    server
        .stderr
        .wait_for("connections that have not ended are cut");
    assert_eq!(hanging.rest(), b"");
}
