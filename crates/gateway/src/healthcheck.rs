//! Asks a running server whether it is ready: for containers, which have no other client.

use std::fmt::Display;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use crate::config::{self, Address};
use crate::message::{Failure, say};

/// The time for everything, from the connection to the last byte.
const TIMEOUT: Duration = Duration::from_secs(3);

/// A response that is longer is none of `/readyz`.
const LONGEST: u64 = 16 * 1024;

const REQUEST: &[u8] =
    b"GET /readyz HTTP/1.1\r\nHost: routescope-gateway\r\nConnection: close\r\n\r\n";

/// Asks the admin listener of a configuration, or the one that is named, or that of a trial, and
/// says in a line what it answers. The code is 0 if the server is ready, else 1.
///
/// # Errors
///
/// A command or a configuration by which nobody can be asked.
pub(crate) fn run(config: Option<&Path>, admin: Option<&str>) -> Result<ExitCode, Failure> {
    let address = reachable(match (admin, config) {
        (Some(text), _) => named(text)?,
        (None, Some(file)) => configured(file)?,
        (None, None) => Address::Tcp(SocketAddr::from((Ipv4Addr::LOCALHOST, crate::trial::ADMIN))),
    });
    let (code, text) = match ask_within(&address) {
        Ok(response) => judge(&response),
        Err(error) => (1, error),
    };
    say(format_args!("{address}: {text}"));
    Ok(ExitCode::from(code))
}

fn named(text: &str) -> Result<Address, Failure> {
    Address::parse(text).ok_or_else(|| {
        Failure::new(
            format_args!("`{text}` is neither an address and a port, nor a socket"),
            "write it like `--admin 127.0.0.1:9181` or `--admin unix:/run/routescope/admin.sock`",
        )
    })
}

fn configured(file: &Path) -> Result<Address, Failure> {
    let config = config::read(file)?;
    let Some(admin) = config.admin else {
        return Err(Failure::new(
            "the configuration has no admin listener, so that nobody can be asked",
            "add `admin: { address: 127.0.0.1:9181 }`",
        ));
    };
    #[cfg(feature = "tls")]
    if admin.place.tls.is_some() {
        return Err(Failure::new(
            "the admin listener has TLS, which this check does not speak",
            "let the admin listener be a unix socket or on loopback, without `tls`",
        ));
    }
    match admin.place.address {
        Address::Tcp(address) if address.port() == 0 => Err(Failure::new(
            "the system chooses the port of the admin listener, and the configuration does not tell it",
            "name the address that the server said at its start: `--admin ADDRESS`",
        )),
        address => Ok(address),
    }
}

/// An address at which a listener on all addresses can be asked.
fn reachable(address: Address) -> Address {
    match address {
        Address::Tcp(address) if address.ip().is_unspecified() => {
            let ip = match address.ip() {
                IpAddr::V4(_) => IpAddr::from(Ipv4Addr::LOCALHOST),
                IpAddr::V6(_) => IpAddr::from(Ipv6Addr::LOCALHOST),
            };
            Address::Tcp(SocketAddr::new(ip, address.port()))
        }
        address => address,
    }
}

/// Asks in a separate thread, since a connection to a unix socket can wait without end.
fn ask_within(address: &Address) -> Result<Vec<u8>, String> {
    let (sender, receiver) = sync_channel(1);
    let asked = address.clone();
    let ask = move || {
        let _ = sender.send(ask(&asked));
    };
    let thread = thread::Builder::new().spawn(ask);
    thread.map_err(cannot_be_asked)?;
    match receiver.recv_timeout(TIMEOUT) {
        Ok(response) => response.map_err(cannot_be_asked),
        Err(RecvTimeoutError::Timeout) => {
            Err(format!("no answer within {} seconds", TIMEOUT.as_secs()))
        }
        Err(RecvTimeoutError::Disconnected) => Err("no answer".to_owned()),
    }
}

fn cannot_be_asked(error: impl Display) -> String {
    format!("cannot be asked: {error}")
}

fn ask(address: &Address) -> io::Result<Vec<u8>> {
    match address {
        Address::Tcp(address) => ask_over(TcpStream::connect(address)?),
        Address::Unix(path) => ask_over(UnixStream::connect(path)?),
    }
}

fn ask_over(mut stream: impl Read + Write) -> io::Result<Vec<u8>> {
    stream.write_all(REQUEST)?;
    let mut response = Vec::new();
    stream.take(LONGEST).read_to_end(&mut response)?;
    Ok(response)
}

/// The code of a response, and what to say about it.
fn judge(response: &[u8]) -> (u8, String) {
    let text = String::from_utf8_lossy(response);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut words = head.lines().next().unwrap_or_default().split(' ');
    let version = words.next().unwrap_or_default();
    let status = words.next().unwrap_or_default();
    let printable = |c: &char| !c.is_control();
    let body: String = body
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .filter(printable)
        .collect();
    match (version, status) {
        ("HTTP/1.1", "200") if body == "ready" => (0, body),
        ("HTTP/1.1", "403" | "503") => (1, body),
        _ => (1, "it is no admin listener, or one with TLS".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn ready_is_what_says_so() {
        let cases: [(&str, &[u8], u8); 7] = [
            ("ready", b"HTTP/1.1 200 OK\r\n\r\nready\n", 0),
            ("another server", b"HTTP/1.1 200 OK\r\n\r\nhello\n", 1),
            ("not ready", b"HTTP/1.1 503 no\r\n\r\nready\n", 1),
            ("not found", b"HTTP/1.1 404 no\r\n\r\nready\n", 1),
            ("nothing", b"", 1),
            ("no HTTP", b"200\r\n\r\nready", 1),
            ("TLS", b"\x15\x03\x03\x00\x02\x02\x46", 1),
        ];
        for (name, response, code) in cases {
            assert_eq!(judge(response).0, code, "{name}");
        }
    }
}
