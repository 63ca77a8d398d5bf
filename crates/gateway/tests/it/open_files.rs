//! The limit of open files, which the server raises.

use std::fs;
use std::process::Command;

use crate::keys::write_keys;
use crate::server::{Server, folder};

/// The soft and the hard limit of a process.
fn limits(id: u32) -> (String, String) {
    let text = fs::read_to_string(format!("/proc/{id}/limits")).unwrap();
    let line = text.lines().find(|line| line.starts_with("Max open files"));
    let mut words = line.unwrap().split_whitespace().skip(3);
    let mut next = || words.next().unwrap().to_owned();
    (next(), next())
}

#[test]
fn the_limit_is_raised_and_one_that_is_too_low_is_told() {
    // 1,000 connections need 320 files more.
    let cases = [
        ("ulimit -Sn 100; ulimit -Hn 1320", false),
        ("ulimit -Sn 100; ulimit -Hn 1319", true),
    ];
    for (ulimit, is_told) in cases {
        let folder = folder();
        write_keys(&folder.path().join("keys.yaml"), []);
        let file = folder.path().join("gateway.yaml");
        let config = "keys: keys.yaml\n\
            limits: { connections: 1000 }\n\
            listeners: [{ gateway: nginx, address: \"127.0.0.1:0\" }]\n";
        fs::write(&file, config).unwrap();
        let program = env!("CARGO_BIN_EXE_routescope-gateway");
        let mut command = Command::new("sh");
        let script = format!("{ulimit}; exec \"$0\" --config \"$1\"");
        command.args(["-c", &script, program]).arg(&file);
        let server = Server::spawn(folder, command);
        let (soft, hard) = limits(server.id());
        assert_eq!(soft, hard, "{ulimit}");
        let line = "warning: 1000 connections need 1320 open files, and the system allows 1319: ";
        let lines = server.stderr.lines();
        let told = lines.iter().any(|told| told.starts_with(line));
        assert_eq!(told, is_told, "{ulimit}: {lines:?}");
    }
}
