//! HTTP/1.1 messages as the bytes that they were.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead, Read};

/// The head of a request or a response, to its empty line.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Head {
    pub(crate) bytes: Vec<u8>,
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.bytes.escape_ascii())
    }
}

impl Head {
    /// Reads a head, or `None` where the peer has closed before its first byte.
    pub(crate) fn read(stream: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut bytes = Vec::new();
        loop {
            let read = stream.read_until(b'\n', &mut bytes)?;
            if read == 0 && bytes.is_empty() {
                return Ok(None);
            }
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if bytes.ends_with(b"\r\n\r\n") || bytes.ends_with(b"\n\n") {
                return Ok(Some(Self { bytes }));
            }
        }
    }

    fn first_line(&self) -> &[u8] {
        self.bytes
            .split(|&byte| byte == b'\n')
            .next()
            .unwrap_or(&[])
            .trim_ascii_end()
    }

    /// The method: everything before the first space.
    pub(crate) fn method(&self) -> &[u8] {
        self.first_line()
            .split(|&byte| byte == b' ')
            .next()
            .unwrap_or(&[])
    }

    /// The target: everything between the first space and the version.
    pub(crate) fn target(&self) -> &[u8] {
        let line = self.first_line();
        let line = line.get(self.method().len() + 1..).unwrap_or(&[]);
        let end = line.iter().rposition(|&byte| byte == b' ');
        end.map_or(line, |end| &line[..end])
    }

    /// The status of a response, or `None` if this is no head of one.
    pub(crate) fn status(&self) -> Option<u16> {
        let line = str::from_utf8(self.first_line()).ok()?;
        let (version, rest) = line.split_once(' ')?;
        version.strip_prefix("HTTP/1.")?;
        rest.get(..3)?.parse().ok()
    }

    /// Every header, with its name as it was written.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (Cow<'_, str>, &[u8])> {
        let lines = self.bytes.split(|&byte| byte == b'\n').skip(1);
        lines.filter_map(|line| {
            let colon = line.iter().position(|&byte| byte == b':')?;
            let name = String::from_utf8_lossy(&line[..colon]);
            Some((name, line[colon + 1..].trim_ascii()))
        })
    }

    /// The values of a header, whose name is compared without case.
    pub(crate) fn values<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'h [u8]> {
        let named = self
            .headers()
            .filter(move |header| header.0.eq_ignore_ascii_case(name));
        named.map(|header| header.1)
    }

    fn is_chunked(&self) -> bool {
        self.values("transfer-encoding")
            .any(|value| value.eq_ignore_ascii_case(b"chunked"))
    }

    fn length(&self) -> Option<u64> {
        let value = self.values("content-length").next()?;
        str::from_utf8(value).ok()?.parse().ok()
    }

    /// Whether the two ways to end a body contradict each other (RFC 9112 section 6.3).
    pub(crate) fn has_two_lengths(&self) -> bool {
        let lengths = self.values("content-length").count();
        lengths > 1 || (lengths > 0 && self.values("transfer-encoding").next().is_some())
    }

    /// Whether the peer asks for another protocol on this connection.
    pub(crate) fn is_upgrade(&self) -> bool {
        self.values("upgrade").next().is_some()
    }

    /// Whether the connection ends after the response.
    pub(crate) fn closes(&self) -> bool {
        self.values("connection")
            .any(|value| value.eq_ignore_ascii_case(b"close"))
    }
}

/// Reads the body of a request, as its bytes on the wire.
pub(crate) fn request_body(stream: &mut impl BufRead, head: &Head) -> io::Result<Vec<u8>> {
    match head.is_chunked() {
        true => chunks(stream),
        false => bytes(stream, head.length().unwrap_or(0)),
    }
}

/// Reads the body of a response to a request with this method, as its bytes on the wire.
pub(crate) fn response_body(
    stream: &mut impl BufRead,
    head: &Head,
    method: &[u8],
) -> io::Result<Vec<u8>> {
    let is_empty = matches!(head.status(), Some(100..=199 | 204 | 304));
    if is_empty || method == b"HEAD" {
        return Ok(Vec::new());
    }
    match head.length() {
        _ if head.is_chunked() => chunks(stream),
        Some(length) => bytes(stream, length),
        None => {
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest)?;
            Ok(rest)
        }
    }
}

fn bytes(stream: &mut impl BufRead, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(length).read_to_end(&mut bytes)?;
    match bytes.len() as u64 == length {
        true => Ok(bytes),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Reads chunks to the last one and its trailer.
fn chunks(stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    loop {
        let start = all.len();
        if stream.read_until(b'\n', &mut all)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let digits = all[start..].split(|byte| !byte.is_ascii_hexdigit()).next();
        let length = digits.and_then(|digits| str::from_utf8(digits).ok());
        let length = length.and_then(|digits| u64::from_str_radix(digits, 16).ok());
        let length = length.ok_or(io::ErrorKind::InvalidData)?;
        if length > 0 {
            all.extend(bytes(stream, length + 2)?);
            continue;
        }
        // A trailer, or nothing, to an empty line.
        loop {
            let start = all.len();
            if stream.read_until(b'\n', &mut all)? == 0 || all[start..].trim_ascii().is_empty() {
                return Ok(all);
            }
        }
    }
}

/// The body that these bytes on the wire carry.
pub(crate) fn unchunked(head: &Head, bytes: &[u8]) -> Vec<u8> {
    match head.is_chunked() {
        true => cut(bytes).0,
        false => bytes.to_vec(),
    }
}

/// The names of the fields after the last chunk.
pub(crate) fn trailers(head: &Head, bytes: &[u8]) -> Vec<String> {
    let fields = match head.is_chunked() {
        true => cut(bytes).1,
        false => &[],
    };
    let name = |line: &[u8]| {
        let colon = line.iter().position(|&byte| byte == b':')?;
        Some(String::from_utf8_lossy(&line[..colon]).into_owned())
    };
    fields
        .split(|&byte| byte == b'\n')
        .filter_map(name)
        .collect()
}

/// The content of chunks, and the bytes after the last one.
fn cut(bytes: &[u8]) -> (Vec<u8>, &[u8]) {
    let (mut body, mut rest) = (Vec::new(), bytes);
    while let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") {
        let length = str::from_utf8(&rest[..end]).expect("the size of a chunk");
        let length = usize::from_str_radix(length, 16).expect("a hexadecimal size");
        rest = &rest[end + 2..];
        if length == 0 {
            break;
        }
        body.extend(&rest[..length]);
        rest = &rest[length + 2..];
    }
    (body, rest)
}
