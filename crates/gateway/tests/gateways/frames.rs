//! The frames of HTTP/2 (RFC 9113), read and written one by one.

use std::io::{self, Read};

pub(crate) use h2_bytes::{
    ACK, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, RST_STREAM, SETTINGS,
};
pub(crate) use h2_bytes::{block, frame};

#[path = "../../../tower/tests/it/h2_bytes.rs"]
mod h2_bytes;

pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const PADDED: u8 = 8;
const PRIORITY: u8 = 32;

/// A frame, with its bytes.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) bytes: Vec<u8>,
}

impl Frame {
    /// Reads a frame, or `None` where the peer has closed.
    pub(crate) fn read(stream: &mut impl Read) -> io::Result<Option<Self>> {
        let mut bytes = vec![0; 9];
        match stream.read_exact(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            result => result?,
        }
        let length = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]);
        bytes.resize(9 + length as usize, 0);
        stream.read_exact(&mut bytes[9..])?;
        Ok(Some(Self { bytes }))
    }

    pub(crate) fn kind(&self) -> u8 {
        self.bytes[3]
    }

    pub(crate) fn has(&self, flag: u8) -> bool {
        self.bytes[4] & flag != 0
    }

    pub(crate) fn stream(&self) -> u32 {
        u32::from_be_bytes([self.bytes[5], self.bytes[6], self.bytes[7], self.bytes[8]])
            & !(1 << 31)
    }

    /// The payload of a DATA or HEADERS frame, without padding and priority.
    pub(crate) fn payload(&self) -> &[u8] {
        let mut payload = &self.bytes[9..];
        if self.has(PADDED) {
            let padding = usize::from(payload[0]);
            payload = &payload[1..payload.len() - padding];
        }
        if self.kind() == HEADERS && self.has(PRIORITY) {
            payload = &payload[5..];
        }
        payload
    }

    /// Whether the stream's sender sends nothing after this frame.
    pub(crate) fn ends_stream(&self) -> bool {
        matches!(self.kind(), DATA | HEADERS) && self.has(END_STREAM)
    }
}

/// The status at the beginning of a header block, the first on its connection (RFC 7541).
pub(crate) fn status(block: &[u8]) -> u16 {
    // A change of the table's size may precede it.
    let at = block
        .iter()
        .position(|byte| byte >> 5 != 1)
        .expect("a header block");
    let (first, rest) = (block[at], &block[at + 1..]);
    if first >= 128 {
        return match first & 127 {
            8 => 200,
            9 => 204,
            10 => 206,
            11 => 304,
            12 => 400,
            13 => 404,
            14 => 500,
            index => panic!("field {index} of the static table is no status"),
        };
    }
    let index = if first >= 64 { first & 63 } else { first & 15 };
    assert!(
        (8..=14).contains(&index),
        "the first field is no status: {block:?}"
    );
    let text = &rest[1..=usize::from(rest[0] & 127)];
    let digits = match rest[0] >= 128 {
        true => huffman_digits(text),
        false => String::from_utf8_lossy(text).into_owned(),
    };
    digits
        .parse()
        .unwrap_or_else(|_| panic!("no status: {digits:?}"))
}

/// Decodes three digits: `0`, `1` and `2` have five bits, the others six (RFC 7541 appendix B).
fn huffman_digits(bytes: &[u8]) -> String {
    let bits = bytes
        .iter()
        .fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte));
    let mut rest = bytes.len() * 8;
    let mut digits = String::new();
    while digits.len() < 3 {
        let next = |count: usize| bits >> (rest - count) & ((1 << count) - 1);
        let (digit, count) = match next(5) {
            digit @ 0..=2 => (digit, 5),
            _ => (next(6).checked_sub(0x19).expect("a digit") + 3, 6),
        };
        digits += &digit.to_string();
        rest -= count;
    }
    digits
}
