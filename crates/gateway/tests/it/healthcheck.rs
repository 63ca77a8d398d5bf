//! The command that asks whether a server is ready.

use std::fs;
use std::net::TcpListener;
use std::process::Output;

use rustix::process::Signal;

use crate::fixture::start;
use crate::http::{Connection, get};
use crate::keys::write_keys;
use crate::server::{Server, folder, program, until};

fn healthcheck(arguments: &[&str]) -> (Option<i32>, String) {
    let Output {
        status,
        stderr,
        stdout,
    } = program()
        .arg("healthcheck")
        .args(arguments)
        .output()
        .unwrap();
    assert_eq!(stdout, b"");
    (status.code(), String::from_utf8(stderr).unwrap())
}

#[test]
fn a_server_is_ready_until_it_stops() {
    let (mut server, _) = start("limits: { stop_timeout: 86400 }");
    let admin = server.address("admin").to_owned();
    let asked = healthcheck(&["--admin", &admin]);
    assert_eq!(asked, (Some(0), format!("{admin}: ready\n")));

    let mut hanging = Connection::open(server.address("edge"));
    hanging.send(b"GET /check HTTP/1.1\r\n").unwrap();
    let open = "routescope_gateway_connections{listener=\"edge\"} 1\n";
    until("the connection", || {
        get(&admin, "/metrics").body.contains(open).then_some(())
    });
    server.signal(Signal::TERM);
    server.stderr.wait_for("stopping");
    until("the stop", || {
        (get(&admin, "/readyz").status == 503).then_some(())
    });
    let asked = healthcheck(&["--admin", &admin]);
    let line = format!("{admin}: not ready: the server is stopping\n");
    assert_eq!(asked, (Some(1), line));

    server.signal(Signal::TERM);
    server.wait();
    let (code, line) = healthcheck(&["--admin", &admin]);
    assert_eq!(code, Some(1));
    assert!(
        line.starts_with(&format!("{admin}: cannot be asked: Connection refused")),
        "{line}"
    );
}

#[test]
fn the_configuration_names_the_listener() {
    let folder = folder();
    write_keys(&folder.path().join("keys.yaml"), []);
    let socket = folder.path().join("admin.sock");
    let socket = socket.display().to_string();
    let config = format!(
        "keys: keys.yaml\n\
         admin: {{ address: \"unix:{socket}\" }}\n\
         listeners: [{{ gateway: nginx, address: \"127.0.0.1:0\" }}]\n"
    );
    let server = Server::start(folder, &config);
    let file = server.file("gateway.yaml").display().to_string();
    let line = format!("unix:{socket}: ready\n");
    assert_eq!(healthcheck(&["--config", &file]), (Some(0), line.clone()));
    let named = format!("unix:{socket}");
    assert_eq!(healthcheck(&["--admin", &named]), (Some(0), line));
}

#[test]
fn a_server_that_does_not_answer_is_not_ready() {
    // It accepts no connection: the system does, up to its queue.
    let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = hanging.local_addr().unwrap().to_string();
    let line = format!("{address}: no answer within 3 seconds\n");
    assert_eq!(healthcheck(&["--admin", &address]), (Some(1), line));
}

#[test]
fn the_listener_of_a_gateway_is_no_admin_listener() {
    let (server, _) = start("");
    let edge = server.address("edge");
    let (code, line) = healthcheck(&["--admin", edge]);
    assert_eq!(code, Some(1), "{line}");
}

#[test]
fn a_command_that_is_wrong_is_told() {
    let folder = folder();
    let file = |name: &str, text: &str| {
        let file = folder.path().join(name);
        fs::write(&file, text).unwrap();
        file.display().to_string()
    };
    let listeners = "keys: k\nlisteners: [{ gateway: nginx, address: \"127.0.0.1:0\" }]\n";
    let none = file("none.yaml", listeners);
    let any = format!("{listeners}admin: {{ address: \"127.0.0.1:0\" }}\n");
    let any = file("any.yaml", &any);
    let tls = format!(
        "{listeners}admin: {{ address: \"127.0.0.1:1\", tls: {{ certificate: c, key: k }} }}\n"
    );
    let tls = file("tls.yaml", &tls);
    let tls_told = match cfg!(feature = "tls") {
        true => "the admin listener has TLS, which this check does not speak",
        false => "this program was built without it",
    };
    let bad = file("bad.yaml", "lisseners: []");
    let cases: [(&str, &[&str], &str); 7] = [
        ("TLS", &["--config", &tls], tls_told),
        (
            "no address",
            &["--admin", "localhost"],
            "`localhost` is neither an address and a port",
        ),
        (
            "two servers",
            &["--admin", "127.0.0.1:1", "--config", &none],
            "cannot be used with",
        ),
        (
            "no admin listener",
            &["--config", &none],
            "the configuration has no admin listener",
        ),
        (
            "any port",
            &["--config", &any],
            "the system chooses the port",
        ),
        (
            "a bad file",
            &["--config", &bad],
            "did you mean `listeners`?",
        ),
        (
            "no file",
            &["--config", "/nowhere.yaml"],
            "the configuration: cannot be read",
        ),
    ];
    for (name, arguments, text) in cases {
        let (code, told) = healthcheck(arguments);
        assert_eq!(code, Some(2), "{name}: {told}");
        assert!(told.contains(text), "{name}: {told}");
    }
}
