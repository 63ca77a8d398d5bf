//! Unix sockets: their mode, who may ask, and the files that are there before and after.

use std::fs::{self, Permissions};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::Path;

use tempfile::TempDir;

use crate::http::{Connection, check};
use crate::keys::write_keys;
use crate::server::{Server, folder, program, run_to_end};

/// A server on `gateway.sock` of its folder, with more fields of the listener.
fn start(folder: TempDir, more: &str) -> (Server, String) {
    let file = folder.path().join("keys.yaml");
    let [key] = write_keys(&file, [("reader", &["colleagues:read"])]);
    let config = config(folder.path(), more);
    (Server::start(folder, &config), key)
}

fn config(folder: &Path, more: &str) -> String {
    let socket = folder.join("gateway.sock");
    format!(
        "keys: keys.yaml\nlisteners: [{{ gateway: nginx, address: \"unix:{}\"{more} }}]\n",
        socket.display()
    )
}

fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[test]
fn a_socket_has_its_mode_and_answers_its_users() {
    for (more, mode, status) in [
        (String::new(), 0o660, 200),
        (", mode: \"0600\"".to_owned(), 0o600, 200),
        (", mode: \"0666\"".to_owned(), 0o666, 200),
        (format!(", users: [{}]", user()), 0o660, 200),
        (format!(", users: [{}]", user() + 1), 0o660, 403),
    ] {
        let (mut server, key) = start(folder(), &more);
        let file = server.file("gateway.sock");
        let found = fs::symlink_metadata(&file).unwrap();
        assert!(found.file_type().is_socket());
        assert_eq!(found.mode() & 0o7777, mode, "{more}");
        let mut connection = Connection::open(server.address("nginx"));
        let response = connection.ask(&check("GET", "/api/v1/colleagues/", Some(&key)));
        assert_eq!(response.status, status, "{more}");
        let reason = (status == 403).then_some("bad_check_request");
        assert_eq!(response.header("x-denied-reason"), reason, "{more}");
        assert!(server.stop().success());
        assert!(!file.exists(), "{more}");
    }
}

#[test]
fn a_left_over_socket_is_replaced() {
    let folder = folder();
    let file = folder.path().join("gateway.sock");
    drop(UnixListener::bind(&file).unwrap());
    assert!(file.exists());
    let (server, key) = start(folder, "");
    let mut connection = Connection::open(server.address("nginx"));
    let response = connection.ask(&check("GET", "/api/v1/colleagues/", Some(&key)));
    assert_eq!(response.status, 200);
}

#[test]
fn the_socket_of_another_server_stays_at_the_stop() {
    let (mut server, _) = start(folder(), "");
    let file = server.file("gateway.sock");
    fs::remove_file(&file).unwrap();
    let _other = UnixListener::bind(&file).unwrap();
    assert!(server.stop().success());
    assert!(file.exists());
}

/// Puts something in the way of a socket, which may be another socket that is open.
type Prepare = fn(&Path) -> Option<UnixListener>;

#[test]
fn what_is_in_the_way_stays_and_is_named() {
    let prepare: [(&str, Prepare, &str); 6] = [
        (
            "a file",
            |file| {
                fs::write(file, "precious").unwrap();
                None
            },
            "there is a file of this name that is no socket",
        ),
        (
            "a folder",
            |file| {
                fs::create_dir(file).unwrap();
                None
            },
            "there is a file of this name that is no socket",
        ),
        (
            "a link to nothing",
            |file| {
                std::os::unix::fs::symlink("/nowhere/at/all", file).unwrap();
                None
            },
            "there is a file of this name that is no socket",
        ),
        (
            "a live socket",
            |file| Some(UnixListener::bind(file).unwrap()),
            "another program listens there",
        ),
        (
            "a folder that others may write to",
            |file| {
                let mode = Permissions::from_mode(0o777);
                fs::set_permissions(file.parent().unwrap(), mode).unwrap();
                None
            },
            "others may replace the socket, because its folder has the mode 0777",
        ),
        (
            "a folder that others may write to, as /tmp",
            |file| {
                let mode = Permissions::from_mode(0o1777);
                fs::set_permissions(file.parent().unwrap(), mode).unwrap();
                None
            },
            "others may replace the socket, because its folder has the mode 1777",
        ),
    ];
    for (name, prepare, message) in prepare {
        let folder = folder();
        let sockets = folder.path().join("sockets");
        fs::create_dir(&sockets).unwrap();
        let keys = folder.path().join("keys.yaml");
        write_keys(&keys, [("reader", &["colleagues:read"])]);
        let file = sockets.join("gateway.sock");
        let _live = prepare(&file);
        let before = fs::symlink_metadata(&file).map(|found| found.ino()).ok();
        let config = config(&sockets, "");
        let config_file = folder.path().join("gateway.yaml");
        fs::write(&config_file, config).unwrap();
        let (code, text) = run_to_end(program().arg("--config").arg(config_file));
        assert_eq!(code, Some(2), "{name}: {text}");
        assert!(text.contains(message), "{name}: {text}");
        assert!(text.contains(&file.display().to_string()), "{name}: {text}");
        let after = fs::symlink_metadata(&file).map(|found| found.ino()).ok();
        assert_eq!(before, after, "{name}");
    }
}

#[test]
fn a_folder_of_another_user_is_refused() {
    let folder = folder();
    let sockets = folder.path().join("sockets");
    fs::create_dir(&sockets).unwrap();
    if std::os::unix::fs::chown(&sockets, Some(65_534), None).is_err() {
        // Only root can give a folder away.
        return;
    }
    write_keys(
        &folder.path().join("keys.yaml"),
        [("reader", &["colleagues:read"])],
    );
    let config_file = folder.path().join("gateway.yaml");
    fs::write(&config_file, config(&sockets, "")).unwrap();
    let (code, text) = run_to_end(program().arg("--config").arg(config_file));
    assert_eq!(code, Some(2), "{text}");
    let message = "others may replace the socket, because its folder belongs to the user 65534";
    assert!(text.contains(message), "{text}");
}
