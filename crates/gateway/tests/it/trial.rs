//! The server without a configuration.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};

use crate::server::{Lines, PATIENCE, Server, folder, program};

/// A trial has fixed ports, so that one runs at a time.
static PORTS: Mutex<()> = Mutex::new(());

/// Waits until the ports of a trial are free, which no other test of this process has meanwhile.
pub(crate) fn ports() -> MutexGuard<'static, ()> {
    let mine = PORTS.lock().unwrap_or_else(PoisonError::into_inner);
    let end = Instant::now() + PATIENCE;
    let is_free = |port| TcpListener::bind(("127.0.0.1", port)).is_ok();
    while !(is_free(9180) && is_free(9181)) {
        let message = "another program has the port 9180 or 9181 of 127.0.0.1: stop it";
        assert!(Instant::now() < end, "{message}");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    mine
}

/// The two lines for curl, run by a shell: what each prints.
fn run_curl_lines(stdout: &Lines) -> [String; 2] {
    [1, 2].map(|nth| {
        let line = stdout.wait_for_nth("curl -i ", nth);
        let output = Command::new("sh").args(["-c", &line]).output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    })
}

fn assert_allowed_and_denied([allowed, denied]: &[String; 2]) {
    assert!(allowed.starts_with("HTTP/1.1 200 OK\r\n"), "{allowed}");
    assert!(allowed.contains("\r\nx-key-id: trial\r\n"), "{allowed}");
    assert!(
        allowed.contains("\r\nx-route: GET /api/v1/colleagues/\r\n"),
        "{allowed}"
    );
    assert!(denied.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{denied}");
    assert!(
        denied.contains("\r\nx-denied-reason: missing_scope\r\n"),
        "{denied}"
    );
    assert!(denied.contains("\"reason\":\"missing_scope\""), "{denied}");
}

/// The part of a line between two texts.
fn between<'l>(line: &'l str, begin: &str, end: &str) -> &'l str {
    let (_, rest) = line.split_once(begin).unwrap();
    rest.split_once(end).unwrap().0
}

#[test]
fn without_a_terminal_the_key_is_in_a_file_that_goes() {
    let _ports = ports();
    let mut server = Server::spawn(folder(), program());
    assert_allowed_and_denied(&run_curl_lines(&server.stdout));

    let line = server.stdout.wait_for("curl -i ");
    assert!(line.ends_with(" http://127.0.0.1:9180/"), "{line}");
    let file = between(&line, "-H '@", "'").to_owned();
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    let header = fs::read_to_string(&file).unwrap();
    let key = header
        .trim_end()
        .strip_prefix("Authorization: Bearer ")
        .unwrap();
    assert!(key.starts_with("wsk-v1-") && key.len() == 100, "{key}");

    assert_eq!(server.stop().code(), Some(0));
    fs::metadata(&file).unwrap_err();
    let secret = &key["wsk-v1-".len()..];
    let mut lines = server.stdout.all();
    lines.extend(server.stderr.all());
    assert!(
        lines.iter().any(|line| line.contains("missing_scope")),
        "{lines:#?}"
    );
    for line in lines {
        assert!(!line.contains(secret), "{line}");
    }
}

#[test]
fn on_a_terminal_the_key_is_in_the_lines_and_nowhere_else() {
    let _ports = ports();
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
    let terminal = openpt(flags).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let peer = ioctl_tiocgptpeer(&terminal, flags).unwrap();
    let temporary = folder();
    let mut command = program();
    command
        .stdout(Stdio::from(peer))
        .env("TMPDIR", temporary.path());
    let mut server = Server::spawn_unread(folder(), command);
    let stdout = Lines::of(File::from(terminal));
    assert_allowed_and_denied(&run_curl_lines(&stdout));

    let line = stdout.wait_for("curl -i ");
    let key = between(&line, "Authorization: Bearer ", "'").to_owned();
    assert!(key.starts_with("wsk-v1-") && key.len() == 100, "{key}");
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
    assert_eq!(server.stop().code(), Some(0));
    let stderr = server.stderr.all();
    assert!(!stderr.iter().any(|line| line.contains(&key)), "{stderr:?}");
    let shown = stdout
        .lines()
        .iter()
        .filter(|line| line.contains(&key))
        .count();
    assert_eq!(shown, 2);
}

#[test]
fn a_port_that_is_taken_is_told() {
    let _ports = ports();
    for port in [9180, 9181] {
        let _taken = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let temporary = folder();
        let output = program().env("TMPDIR", temporary.path()).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{told}");
        let line = format!("error: 127.0.0.1:{port} cannot be listened on: Address already in use");
        assert!(told.contains(&line), "{told}");
        // Its log has the start, and nobody is told to ask.
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert!(!stdout.contains("curl"), "{stdout}");
        assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
    }
}
