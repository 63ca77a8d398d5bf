//! A client that sends bytes unchanged, and reads one response.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;

use crate::server::PATIENCE;

/// A connection, of whichever kind.
pub(crate) trait Stream: Read + Write + Send {}

impl<S: Read + Write + Send> Stream for S {}

/// A response, with the names of its headers in lower case.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// A connection that stays open.
pub(crate) struct Connection {
    stream: Box<dyn Stream>,
    /// Bytes after the last response.
    rest: Vec<u8>,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(other, _)| other == name);
        values.next().map(|(_, value)| &**value)
    }
}

impl Connection {
    /// Connects to `127.0.0.1:1234` or `unix:/path`.
    pub(crate) fn open(address: &str) -> Self {
        let stream: Box<dyn Stream> = match address.strip_prefix("unix:") {
            Some(path) => {
                let stream = UnixStream::connect(path).unwrap();
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                Box::new(stream)
            }
            None => {
                let stream = TcpStream::connect(address).unwrap();
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                Box::new(stream)
            }
        };
        Self::over(stream)
    }

    pub(crate) fn over(stream: Box<dyn Stream>) -> Self {
        let rest = Vec::new();
        Self { stream, rest }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Sends a request, and reads the response to it.
    pub(crate) fn ask(&mut self, request: &str) -> Response {
        self.send(request.as_bytes()).unwrap();
        self.response(!request.starts_with("HEAD "))
            .unwrap_or_else(|| panic!("no response to {request:?}"))
    }

    /// Reads a response; none if the connection is closed before its first byte.
    pub(crate) fn response(&mut self, has_body: bool) -> Option<Response> {
        let end = loop {
            let mut lines = self.rest.windows(4);
            if let Some(end) = lines.position(|bytes| bytes == b"\r\n\r\n") {
                break end + 4;
            }
            if !self.more() {
                assert!(
                    self.rest.is_empty(),
                    "{:?}",
                    String::from_utf8_lossy(&self.rest)
                );
                return None;
            }
        };
        let head: Vec<u8> = self.rest.drain(..end).collect();
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_ascii_lowercase(), value.trim().to_owned())
        });
        let mut response = Response {
            status: status.parse().unwrap(),
            headers: headers.collect(),
            body: String::new(),
        };
        let length = response.header("content-length").map_or("0", |text| text);
        let length = if has_body { length.parse().unwrap() } else { 0 };
        while self.rest.len() < length {
            assert!(self.more(), "the body of {response:?} is cut");
        }
        let body = self.rest.drain(..length).collect();
        response.body = String::from_utf8(body).unwrap();
        Some(response)
    }

    /// Reads up to the end of the connection, and returns the bytes.
    pub(crate) fn rest(mut self) -> Vec<u8> {
        while self.more() {}
        self.rest
    }

    fn more(&mut self) -> bool {
        let mut bytes = [0; 4096];
        match self.stream.read(&mut bytes) {
            Ok(n) => {
                self.rest.extend(&bytes[..n]);
                n > 0
            }
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => false,
            // A stopped process that goes on: the system restarts no read that has a time-out.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => self.more(),
            Err(error) => panic!("{error}"),
        }
    }
}

/// The response to `GET path` without further headers.
pub(crate) fn get(address: &str, path: &str) -> Response {
    Connection::open(address).ask(&format!("GET {path} HTTP/1.1\r\nHost: gateway\r\n\r\n"))
}

/// A check request as nginx, HAProxy and Apache send it.
pub(crate) fn check(method: &str, target: &str, key: Option<&str>) -> String {
    let authorization = key.map(|key| format!("Authorization: Bearer {key}\r\n"));
    let authorization = authorization.unwrap_or_default();
    format!(
        "GET /check HTTP/1.1\r\nHost: gateway\r\nX-Original-Method: {method}\r\nX-Original-URI: {target}\r\n{authorization}\r\n"
    )
}
