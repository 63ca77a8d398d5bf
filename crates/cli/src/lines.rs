//! Reading line by line in constant memory.

use std::io::{self, BufRead};
use std::mem;
use std::path::Path;

use crate::failure::{Failure, Result};
use crate::input;

/// The longest line that is looked at; a request is at most a few kilobytes.
pub(crate) const MAX_LINE: usize = 1 << 20;

/// The lines of a file or of standard input.
///
/// A line that lies whole in the reader's buffer is lent from there; only one
/// that spans two reads is copied.
pub(crate) struct Lines {
    reader: Box<dyn BufRead>,
    name: String,
    /// A line that spans reads, as far as it was read.
    partial: Vec<u8>,
    /// The number of bytes of the reader's buffer that the last line took.
    used: usize,
    /// The number of bytes in the reader's buffer after `used`.
    left: usize,
    number: u64,
    bytes: u64,
}

/// A line, without its line feed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Line<'l> {
    Bytes(&'l [u8]),
    /// It has more than [`MAX_LINE`] bytes.
    TooLong,
}

impl Lines {
    /// Opens a file; `-` is standard input.
    pub(crate) fn open(file: &Path) -> Result<Self> {
        Ok(Self::new(input::reader(file)?, input::name(file)))
    }

    fn new(reader: Box<dyn BufRead>, name: String) -> Self {
        Self {
            reader,
            name,
            partial: Vec::new(),
            used: 0,
            left: 0,
            number: 0,
            bytes: 0,
        }
    }

    /// The number of the last line, from 1.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Returns the number of bytes read, up to the end of the last line.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The next line, or `None` at the end.
    ///
    /// `before_read` is called each time before the source is read, which may take as long as
    /// the writer likes: it hands on the answers that are ready.
    pub(crate) fn next(
        &mut self,
        mut before_read: impl FnMut() -> Result<()>,
    ) -> Result<Option<Line<'_>>> {
        self.reader.consume(mem::take(&mut self.used));
        self.partial.clear();
        let mut too_long = false;
        loop {
            if self.left == 0 {
                before_read()?;
            }
            let available = match self.reader.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Failure::unreadable(&self.name, &error)),
            };
            self.left = available.len();
            let found = memchr::memchr(b'\n', available);
            let end = found.unwrap_or(available.len());
            if let Some(end) = found {
                self.used = end + 1;
                self.left -= self.used;
                self.bytes += self.used as u64;
                if self.partial.is_empty() && !too_long {
                    break;
                }
            }
            too_long |= self.partial.len() + end > MAX_LINE;
            if !too_long {
                self.partial.extend_from_slice(&available[..end]);
            }
            let at_end = available.is_empty();
            if found.is_some() || (at_end && (too_long || !self.partial.is_empty())) {
                self.number += 1;
                return Ok(Some(if too_long {
                    Line::TooLong
                } else {
                    Line::Bytes(&self.partial)
                }));
            }
            if at_end {
                return Ok(None);
            }
            self.reader.consume(end);
            self.bytes += end as u64;
            self.left = 0;
        }
        self.number += 1;
        let length = self.used - 1;
        // Still in the buffer, so this reads nothing.
        match self.reader.fill_buf() {
            Ok(available) => Ok(Some(Line::Bytes(&available[..length]))),
            Err(error) => Err(Failure::unreadable(&self.name, &error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor};

    use super::*;

    /// Reads with a buffer of every small size, so that a line is cut at every byte.
    fn read(text: &[u8]) -> Vec<Vec<u8>> {
        let mut results = Vec::new();
        for capacity in 1..=text.len() + 2 {
            let reader = BufReader::with_capacity(capacity, Cursor::new(text.to_vec()));
            let mut lines = Lines::new(Box::new(reader), "test".to_owned());
            let mut all = Vec::new();
            while let Some(line) = lines.next(|| Ok(())).unwrap() {
                let Line::Bytes(bytes) = line else {
                    panic!("no line is that long");
                };
                all.push(bytes.to_vec());
            }
            assert_eq!(lines.number(), all.len() as u64);
            assert_eq!(lines.bytes(), text.len() as u64);
            results.push(all);
        }
        results.dedup();
        assert_eq!(results.len(), 1, "the size of the buffer shows");
        results.remove(0)
    }

    #[test]
    fn splits_at_line_feeds_whatever_the_buffer() {
        assert_eq!(read(b""), Vec::<Vec<u8>>::new());
        assert_eq!(read(b"\n"), [b""]);
        assert_eq!(read(b"a"), [b"a"]);
        assert_eq!(read(b"a\n"), [b"a"]);
        assert_eq!(
            read(b"a\n\nbc\r\n\xFFd"),
            [&b"a"[..], b"", b"bc\r", b"\xFFd"]
        );
    }

    #[test]
    fn a_line_too_long_is_skipped_whole() {
        let mut text = vec![b'x'; MAX_LINE + 1];
        text.extend_from_slice(b"\nnext\n");
        text.extend(vec![b'y'; MAX_LINE]);
        let reader = BufReader::with_capacity(4096, Cursor::new(text));
        let mut lines = Lines::new(Box::new(reader), "test".to_owned());
        let mut next = || match lines.next(|| Ok(())).unwrap().unwrap() {
            Line::TooLong => None,
            Line::Bytes(bytes) => Some(bytes.len()),
        };
        assert_eq!([next(), next(), next()], [None, Some(4), Some(MAX_LINE)]);
    }
}
