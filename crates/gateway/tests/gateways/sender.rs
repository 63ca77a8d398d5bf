//! The clients of a gateway: HTTP/1.1 by bytes and HTTP/2 by frames, because no library sends what
//! these tests send.

use std::fmt;
use std::io::{self, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::frames::{
    ACK, DATA, END_HEADERS, END_STREAM, Frame, GOAWAY, HEADERS, PREFACE, RST_STREAM, SETTINGS,
    block, frame, status,
};
use crate::http1::{self, Head};

/// A gateway that has not answered by then hangs.
const PATIENCE: Duration = Duration::from_secs(15);

/// A version of HTTP.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

/// A request as it goes onto the wire.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) method: Vec<u8>,
    pub(crate) target: Vec<u8>,
    /// The values of the `Authorization` headers.
    pub(crate) authorization: Vec<String>,
    /// Other headers, in this order and with these spellings.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The scheme, which HTTP/2 has in place of an absolute-form target.
    pub(crate) scheme: String,
    pub(crate) authority: String,
    /// Fields after the body, over HTTP/2. Over HTTP/1.1, the body has them.
    pub(crate) trailers: Vec<(String, String)>,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.bytes().escape_ascii())
    }
}

impl Request {
    pub(crate) fn new(
        method: impl AsRef<[u8]>,
        target: impl AsRef<[u8]>,
        authorization: impl IntoIterator<Item = String>,
    ) -> Self {
        Self {
            method: method.as_ref().to_vec(),
            target: target.as_ref().to_vec(),
            authorization: authorization.into_iter().collect(),
            headers: Vec::new(),
            body: Vec::new(),
            scheme: "http".to_owned(),
            authority: "gateway.example".to_owned(),
            trailers: Vec::new(),
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn body(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self
    }

    /// The bytes of HTTP/1.1.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = [
            &self.method,
            b" ".as_slice(),
            &self.target,
            b" HTTP/1.1\r\n",
        ]
        .concat();
        let authorization = self
            .authorization
            .iter()
            .map(|value| ("Authorization", value));
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value));
        let host = "gateway.example".to_owned();
        for (name, value) in [("Host", &host)]
            .into_iter()
            .chain(authorization)
            .chain(headers)
        {
            bytes.extend(format!("{name}: {value}\r\n").as_bytes());
        }
        bytes.extend(b"\r\n");
        bytes.extend(&self.body);
        bytes
    }
}

/// A response.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// The status, or `None` where the gateway has closed or reset without one.
    pub(crate) status: Option<u16>,
    /// The head of a response over HTTP/1.1.
    pub(crate) head: Option<Head>,
}

/// A connection that is kept alive.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the gateway");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.set_nodelay(true).expect("a socket option");
        Self {
            stream: BufReader::new(stream),
        }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        // A gateway that refuses a request may close before all of it is written.
        let _ = self.stream.get_mut().write_all(bytes);
    }

    /// Sends a request, and reads the response to it.
    pub(crate) fn send(&mut self, request: &Request) -> Reply {
        self.write(&request.bytes());
        self.read(&request.method)
    }

    /// Reads the response to a request with this method.
    pub(crate) fn read(&mut self, method: &[u8]) -> Reply {
        loop {
            let head = match Head::read(&mut self.stream) {
                Ok(head) => head,
                Err(error) => {
                    assert!(!is_timeout(&error), "the gateway hangs");
                    None
                }
            };
            let status = head.as_ref().and_then(Head::status);
            if matches!(status, Some(100 | 102..=199)) {
                continue;
            }
            if let Some(head) = &head {
                let body = http1::response_body(&mut self.stream, head, method);
                assert!(
                    !body.is_err_and(|error| is_timeout(&error)),
                    "the gateway hangs"
                );
            }
            return Reply { status, head };
        }
    }

    /// Reads until the gateway closes, or has sent nothing for a second because it waits for more.
    pub(crate) fn drain(&mut self) -> Vec<u8> {
        let patience = Some(Duration::from_secs(1));
        self.stream
            .get_ref()
            .set_read_timeout(patience)
            .expect("a timeout");
        let mut bytes = Vec::new();
        let _ = self.stream.read_to_end(&mut bytes);
        bytes
    }

    /// Reads bytes after an upgrade.
    pub(crate) fn read_exact(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}

/// Sends a request on its own connection.
pub(crate) fn send(protocol: Protocol, address: SocketAddr, request: &Request) -> Reply {
    match protocol {
        Protocol::Http1 => {
            let request = request.clone().header("Connection", "close");
            Connection::open(address).send(&request)
        }
        Protocol::Http2 => Reply {
            status: over_http2(address, request),
            head: None,
        },
    }
}

/// The status of the response over HTTP/2, or `None` if the gateway resets the stream or the
/// connection.
fn over_http2(address: SocketAddr, request: &Request) -> Option<u16> {
    let mut stream = TcpStream::connect(address).expect("the gateway");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let authorization = request
        .authorization
        .iter()
        .map(|value| ("authorization", value));
    let headers = request
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value));
    let mut fields: Vec<(&[u8], &[u8])> = vec![
        (b":method", &request.method),
        (b":scheme", request.scheme.as_bytes()),
        (b":authority", request.authority.as_bytes()),
        (b":path", &request.target),
    ];
    let bytes = authorization
        .chain(headers)
        .map(|(name, value)| (name.as_bytes(), value.as_bytes()));
    // The fields of HTTP/2 itself come first.
    let (own, others): (Vec<_>, Vec<_>) = bytes.partition(|field| field.0.starts_with(b":"));
    fields.extend(own.into_iter().chain(others));
    let mut bytes = PREFACE.to_vec();
    frame(&mut bytes, SETTINGS, 0, 0, &[]);
    let trailers = request.trailers.iter();
    let trailers = trailers.map(|(name, value)| (name.as_bytes(), value.as_bytes()));
    let trailers: Vec<_> = trailers.collect();
    let (end, last) = (END_HEADERS, END_HEADERS | END_STREAM);
    if trailers.is_empty() {
        frame(&mut bytes, HEADERS, last, 1, &block(&fields));
    } else {
        frame(&mut bytes, HEADERS, end, 1, &block(&fields));
        frame(&mut bytes, DATA, 0, 1, &request.body);
        frame(&mut bytes, HEADERS, last, 1, &block(&trailers));
    }
    // A gateway that refuses a request may close before all of it is written.
    let _ = stream.write_all(&bytes);
    loop {
        let next = Frame::read(&mut stream);
        assert!(!next.as_ref().is_err_and(is_timeout), "the gateway hangs");
        let frame = next.ok().flatten()?;
        match frame.kind() {
            RST_STREAM | GOAWAY => return None,
            SETTINGS if !frame.has(ACK) => {
                let mut bytes = Vec::new();
                crate::frames::frame(&mut bytes, SETTINGS, ACK, 0, &[]);
                let _ = stream.write_all(&bytes);
            }
            HEADERS => return Some(status(frame.payload())),
            _ => {}
        }
    }
}
