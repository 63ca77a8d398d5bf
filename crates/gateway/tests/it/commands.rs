//! The command line: what is wrong is told, with the exit code 2.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;

use crate::keys::write_keys;
use crate::server::{folder, program};

/// The exit code of a command, and what it writes to standard error.
fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let output = program().args(arguments).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), stderr)
}

#[test]
fn a_configuration_is_checked() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).display().to_string();
    write_keys(
        &folder.path().join("keys.yaml"),
        [("a", &["colleagues:read"])],
    );
    let listeners = "listeners: [{ gateway: nginx, address: \"127.0.0.1:0\" }]\n";
    fs::write(path("good.yaml"), format!("keys: keys.yaml\n{listeners}")).unwrap();
    fs::write(path("bad.yaml"), format!("kys: keys.yaml\n{listeners}")).unwrap();
    fs::write(path("none.yaml"), format!("keys: other.yaml\n{listeners}")).unwrap();

    let (code, told) = run(&["check", "--config", &path("good.yaml")]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.starts_with("policy pbx revision "), "{told}");
    assert!(told.contains(", 1 keys; "), "{told}");

    let shadow = listeners.replace(" }]", ", shadow: everything }]");
    fs::write(path("shadow.yaml"), format!("keys: keys.yaml\n{shadow}")).unwrap();
    let (code, told) = run(&["check", "--config", &path("shadow.yaml")]);
    assert_eq!(code, Some(0), "{told}");
    assert!(
        told.contains("\nSHADOW MODE on listener `nginx`: 401 and 403"),
        "{told}"
    );

    let bad = path("bad.yaml");
    for arguments in [["--config", &bad].as_slice(), &["check", "--config", &bad]] {
        let (code, told) = run(arguments);
        assert_eq!(code, Some(2), "{told}");
        let expected = format!(
            "error: an unknown field\n --> {bad}:1:1\n  |\n1 | kys: keys.yaml\n  | ^^^\n  |\n  = help: did you mean `keys`?\n\n{bad}: 1 error\n"
        );
        assert_eq!(told, expected);
    }

    let (code, told) = run(&["check", "--config", &path("none.yaml")]);
    assert_eq!(code, Some(2), "{told}");
    assert!(
        told.starts_with("error: ") && told.contains("other.yaml"),
        "{told}"
    );

    let cases: [(&[&str], &str); 3] = [
        (
            &["check"],
            "error: no configuration to check\n  = help: name it with `--config FILE`\n",
        ),
        (&["--config"], "a value is required"),
        (&["serve"], "unrecognized subcommand"),
    ];
    for (arguments, text) in cases {
        let (code, told) = run(arguments);
        assert_eq!(code, Some(2), "{told}");
        assert!(told.contains(text), "{told}");
    }
}

#[test]
fn an_address_that_cannot_be_had_is_told() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).display().to_string();
    write_keys(&folder.path().join("keys.yaml"), []);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let socket = path("taken.sock");
    let _listener = UnixListener::bind(&socket).unwrap();
    let file = path("file");
    fs::write(&file, "precious").unwrap();
    let cases = [
        (taken.clone(), "Address already in use"),
        (
            "192.0.2.7:9180".to_owned(),
            "Cannot assign requested address",
        ),
        (format!("unix:{socket}"), "another program listens there"),
        (
            format!("unix:{file}"),
            "there is a file of this name that is no socket",
        ),
        (
            "unix:/nowhere/at/all.sock".to_owned(),
            "No such file or directory",
        ),
    ];
    for (address, why) in cases {
        // TCP addresses of others need peers, and sockets have none.
        let peers = if address.starts_with("192") {
            ", peers: [\"192.0.2.0/24\"]"
        } else {
            ""
        };
        let other = "listeners: [{ gateway: nginx, address: \"127.0.0.1:0\" }]";
        let this = format!("{{ address: \"{address}\"{peers} }}");
        let listener = this.replace('{', "{ gateway: nginx,");
        let configs = [
            format!("keys: keys.yaml\nlisteners: [{listener}]\n"),
            format!("keys: keys.yaml\n{other}\nadmin: {this}\n"),
        ];
        for config in configs {
            fs::write(path("gateway.yaml"), &config).unwrap();
            let (code, told) = run(&["--config", &path("gateway.yaml")]);
            assert_eq!(code, Some(2), "{config}{told}");
            let line = format!("error: {address} cannot be listened on: {why}");
            assert!(told.contains(&line), "{line}: {told}");
            assert!(told.contains("\n  = help: "), "{told}");
        }
    }
    assert_eq!(fs::read_to_string(file).unwrap(), "precious");
}

/// Everybody who may write the configuration decides who gets in.
#[test]
fn a_configuration_that_others_may_write_is_refused() {
    let folder = folder();
    let file = folder.path().join("gateway.yaml");
    write_keys(&folder.path().join("keys.yaml"), []);
    let text = "keys: keys.yaml\nlisteners: [{ gateway: nginx, address: \"127.0.0.1:0\" }]\n";
    fs::write(&file, text).unwrap();
    let told_with = |mode| {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        run(&["check", "--config", file.to_str().unwrap()])
    };
    let (code, told) = told_with(0o644);
    assert_eq!(code, Some(0), "{told}");
    for mode in [0o664, 0o646] {
        let (code, told) = told_with(mode);
        assert_eq!(code, Some(2), "{told}");
        let line = format!("others than its owner may write it (mode {mode:04o})");
        assert!(told.contains(&line), "{told}");
    }
}
