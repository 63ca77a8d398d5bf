//! Looks at the heads of requests before hyper does, for what hyper lets through or changes.
//!
//! hyper cuts a fragment off a target (`/a#b`), so that something else would be decided on than
//! the gateway has told. It ends a line at a lone LF, too, which a gateway that does not may have
//! passed on in the middle of a client's header.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use memchr::{memchr, memchr_iter};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Marks a request whose head is one that hyper does not hand on as it was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MalformedHead;

/// The heads of a connection, by number.
#[derive(Debug)]
pub(crate) struct Heads {
    /// The number of the first malformed one.
    malformed: AtomicU64,
    /// The number of the next one that hyper hands on.
    next: AtomicU64,
}

impl Default for Heads {
    fn default() -> Self {
        Self {
            malformed: AtomicU64::new(u64::MAX),
            next: AtomicU64::new(0),
        }
    }
}

impl Heads {
    /// Whether the next request is one with a malformed head, or follows such a request. It is
    /// asked once for each request.
    pub(crate) fn next_is_malformed(&self) -> bool {
        // The head was read by this task, so no other order is needed.
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        number >= self.malformed.load(Ordering::Relaxed)
    }
}

/// A connection whose heads are watched while they are read.
pub(crate) struct WatchHeads<S> {
    stream: S,
    heads: Arc<Heads>,
    watch: Watch,
}

/// The place in a head at which the bytes so far end. After a body that nobody reads, it means
/// nothing, and the connection is closed.
#[derive(Debug, Default)]
struct Watch {
    /// The number of the head.
    number: u64,
    /// Whether the request line has ended.
    in_fields: bool,
    /// The bytes of the line so far. One is as good as many.
    line: Line,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Line {
    #[default]
    Empty,
    /// A CR and nothing else.
    Cr,
    Text,
    /// Text that ends in a CR.
    TextCr,
}

impl Watch {
    /// Whether these bytes make the head that they are of malformed.
    fn is_malformed(&mut self, bytes: &[u8]) -> bool {
        let mut start = 0;
        for end in memchr_iter(b'\n', bytes) {
            if self.has_fragment(&bytes[start..end]) {
                return true;
            }
            self.extend(&bytes[start..end]);
            start = end + 1;
            match self.line {
                Line::Empty | Line::Text => return true,
                Line::TextCr => self.in_fields = true,
                // The end of the head. hyper skips empty lines in front of a request line.
                Line::Cr if self.in_fields => {
                    self.in_fields = false;
                    self.number += 1;
                }
                Line::Cr => {}
            }
            self.line = Line::Empty;
        }
        self.extend(&bytes[start..]);
        self.has_fragment(&bytes[start..])
    }

    fn has_fragment(&self, part: &[u8]) -> bool {
        !self.in_fields && memchr(b'#', part).is_some()
    }

    fn extend(&mut self, part: &[u8]) {
        self.line = match (self.line, part) {
            (line, []) => line,
            (Line::Empty, [b'\r']) => Line::Cr,
            (_, [.., b'\r']) => Line::TextCr,
            _ => Line::Text,
        };
    }
}

impl<S> WatchHeads<S> {
    pub(crate) fn new(stream: S, heads: Arc<Heads>) -> Self {
        Self {
            stream,
            heads,
            watch: Watch::default(),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for WatchHeads<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(context, buffer))?;
        let bytes = buffer.filled().get(before..).unwrap_or_default();
        let is_sound = this.heads.malformed.load(Ordering::Relaxed) == u64::MAX;
        if is_sound && this.watch.is_malformed(bytes) {
            let number = this.watch.number;
            this.heads.malformed.store(number, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for WatchHeads<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::Watch;

    /// The number of the malformed head in some bytes, however they are cut into reads.
    fn malformed(bytes: &[u8]) -> Option<u64> {
        let read = |sizes: usize| {
            let mut watch = Watch::default();
            let mut parts = bytes.chunks(sizes);
            let is_malformed = parts.any(|part| watch.is_malformed(part));
            is_malformed.then_some(watch.number)
        };
        let whole = read(bytes.len());
        for sizes in 1..bytes.len() {
            assert_eq!(read(sizes), whole, "{sizes}: {}", bytes.escape_ascii());
        }
        whole
    }

    #[test]
    fn heads_that_hyper_would_change_are_found() {
        let cases: [(&[u8], Option<u64>); 15] = [
            (b"GET / HTTP/1.1\r\nA: b\r\n\r\n", None),
            (b"GET / HTTP/1.1\r\n\r\n", None),
            (b"\r\n\r\nGET / HTTP/1.1\r\n\r\n", None),
            (b"GET / HTTP/1.1\r\nReferer: /a#b\r\n\r\n", None),
            (b"GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n", None),
            (b"GET /#a HTTP/1.1\r\n\r\n", Some(0)),
            (b"\r\nGET /#a HTTP/1.1\r\n\r\n", Some(0)),
            (b"GET /# HTTP/1.1\r\n\r\n", Some(0)),
            (b"GET / HTTP/1.1\n\r\n", Some(0)),
            (b"\nGET / HTTP/1.1\r\n\r\n", Some(0)),
            (b"GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", Some(0)),
            (b"GET / HTTP/1.1\r\nA: b\r\n\n", Some(0)),
            (b"GET / HTTP/1.1\r\n\nGET / HTTP/1.1\r\n\r\n", Some(0)),
            (b"GET / HTTP/1.1\r\n\r\nGET /#a HTTP/1.1\r\n\r\n", Some(1)),
            (
                b"GET / HTTP/1.1\r\nA: #\r\n\r\nGET / HTTP/1.1\r\nA: b\n\r\n",
                Some(1),
            ),
        ];
        for (bytes, expected) in cases {
            assert_eq!(malformed(bytes), expected, "{}", bytes.escape_ascii());
        }
    }
}
