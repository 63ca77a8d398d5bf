//! Floods of connections: none takes the last connection of others.

use crate::fixture::start;
use crate::http::{Connection, check, get};
use crate::keys::write_keys;
use crate::server::{Server, folder, until};

fn metrics(server: &Server) -> String {
    get(server.address("admin"), "/metrics").body
}

#[test]
fn gateways_take_no_connection_of_operators() {
    let (server, key) = start("limits: { connections: 2 }");
    let request = check("GET", "/api/v1/colleagues/", Some(&key));
    let mut open: Vec<Connection> = Vec::new();
    // The limit is that of both listeners together.
    for listener in ["edge", "local"] {
        let mut connection = Connection::open(server.address(listener));
        assert_eq!(connection.ask(&request).status, 200);
        open.push(connection);
    }
    for listener in ["edge", "local"] {
        assert_eq!(Connection::open(server.address(listener)).rest(), b"");
        let refused =
            format!("routescope_gateway_connections_refused_total{{listener=\"{listener}\"}} 1\n");
        assert!(metrics(&server).contains(&refused), "{}", metrics(&server));
    }
    assert!(metrics(&server).contains("\nroutescope_gateway_connections_limit 2\n"));
    // One that ends makes room for another.
    open.pop();
    until("room for a connection", || {
        let mut connection = Connection::open(server.address("edge"));
        // The server may close it before the request is there.
        connection.send(request.as_bytes()).ok()?;
        connection.response(true)
    });
}

#[test]
fn operators_take_no_connection_of_gateways() {
    let (server, key) = start("limits: { connections: 1 }");
    let livez = "GET /livez HTTP/1.1\r\nHost: gateway\r\n\r\n";
    let mut open = Vec::new();
    for _ in 0..64 {
        let mut connection = Connection::open(server.address("admin"));
        assert_eq!(connection.ask(livez).status, 200);
        open.push(connection);
    }
    assert_eq!(Connection::open(server.address("admin")).rest(), b"");
    let mut edge = Connection::open(server.address("edge"));
    assert_eq!(
        edge.ask(&check("GET", "/api/v1/colleagues/", Some(&key)))
            .status,
        200
    );
    let metrics = open[0]
        .ask("GET /metrics HTTP/1.1\r\nHost: gateway\r\n\r\n")
        .body;
    let refused = "routescope_gateway_connections_refused_total{listener=\"admin\"} 1\n";
    assert!(metrics.contains(refused), "{metrics}");
}

#[test]
fn peers_that_may_not_ask_take_no_connection_of_those_that_may() {
    let folder = folder();
    let [key] = write_keys(
        &folder.path().join("keys.yaml"),
        [("front-desk", &["colleagues:read"])],
    );
    let config = "keys: keys.yaml\n\
        admin: { address: \"127.0.0.1:0\" }\n\
        limits: { connections: 1 }\n\
        listeners:\n\
        - { gateway: nginx, name: edge, address: \"127.0.0.1:0\" }\n\
        - { gateway: caddy, name: others, address: \"127.0.0.1:0\", peers: [\"192.0.2.7\"] }\n";
    let server = Server::start(folder, config);
    let strangers: Vec<_> = (0..64)
        .map(|_| Connection::open(server.address("others")))
        .collect();
    let open = "routescope_gateway_connections{listener=\"others\"} 64\n";
    until("the connections", || {
        metrics(&server).contains(open).then_some(())
    });
    assert_eq!(Connection::open(server.address("others")).rest(), b"");
    let mut edge = Connection::open(server.address("edge"));
    assert_eq!(
        edge.ask(&check("GET", "/api/v1/colleagues/", Some(&key)))
            .status,
        200
    );
    drop(strangers);
}
