//! Bytes of requests as people and programs can read them, and numbers for
//! people.

use std::fmt;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use routescope_compiler::unstable::printable;

/// Bytes with everything but printable ASCII as `\xHH`, so that nothing in a
/// request can act on a terminal and every byte has a known width.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown<'b>(pub(crate) &'b [u8]);

impl Shown<'_> {
    /// Returns the number of columns that it takes.
    pub(crate) fn width(self) -> usize {
        self.0
            .iter()
            .map(|byte| if is_printable(*byte) { 1 } else { 4 })
            .sum()
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for &byte in self.0 {
            if is_printable(byte) {
                write!(f, "{}", char::from(byte))?;
            } else {
                write!(f, "\\x{byte:02X}")?;
            }
        }
        Ok(())
    }
}

/// The mark for text that was left out.
pub(crate) const CUT: &str = "...";

/// The first bytes that fit a number of columns.
pub(crate) fn beginning(bytes: &[u8], columns: usize) -> String {
    let mut end = 0;
    let mut width = 0;
    while end < bytes.len() && width + Shown(&bytes[end..=end]).width() <= columns {
        width += Shown(&bytes[end..=end]).width();
        end += 1;
    }
    let cut = if end < bytes.len() { CUT } else { "" };
    format!("{}{cut}", Shown(&bytes[..end]))
}

/// A text that may be of any length, made printable and cut where it is long.
pub(crate) fn cut(text: &str) -> String {
    const LONGEST: usize = 200;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => printable(&text[..end]) + CUT,
        None => printable(text),
    }
}

/// The first of a list that may be of any length, and how many more there are.
pub(crate) fn some<T>(
    items: impl IntoIterator<Item = T>,
    most: usize,
    show: impl Fn(T) -> String,
) -> String {
    let mut items = items.into_iter();
    let shown: Vec<String> = items.by_ref().take(most).map(show).collect();
    let more = match items.count() {
        0 => String::new(),
        more => format!(" and {} more", thousands(more as u64)),
    };
    shown.join(", ") + &more
}

const fn is_printable(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7E)
}

/// Reads a text of hex digits, two for each byte, in upper or lower case.
pub(crate) fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    HEXLOWER_PERMISSIVE.decode(text).ok()
}

/// Reads the two hex digits of one byte.
pub(crate) fn byte_from_hex(digits: [u8; 2]) -> Option<u8> {
    let mut byte = [0];
    let read = HEXLOWER_PERMISSIVE.decode_mut(&digits, &mut byte);
    read.is_ok().then_some(byte[0])
}

/// Writes bytes as `sha256sum` does.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// Bytes for JSON: as text where they are UTF-8, else as hex.
pub(crate) fn text_or_hex(bytes: &[u8]) -> (Option<String>, Option<String>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Some(text.to_owned()), None),
        Err(_) => (None, Some(to_hex(bytes))),
    }
}

/// `1,204,332`
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 route`, `1,204 routes`
pub(crate) fn count(number: u64, one: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{} {one}{s}", thousands(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_bytes() {
        let shown = Shown(b"/a\x1b[2J\xC3\xBC b");
        assert_eq!(shown.to_string(), r"/a\x1B[2J\xC3\xBC b");
        assert_eq!(shown.width(), shown.to_string().len());
    }

    #[test]
    fn reads_hex() {
        let bytes = from_hex(b"2f41fF").unwrap();
        assert_eq!(bytes, b"/A\xFF");
        assert_eq!(to_hex(&bytes), "2f41ff");
        for bad in [&b"2"[..], b"2g", b"+f", b"2f 41", b"0x2f", b"2f\n"] {
            assert_eq!(from_hex(bad), None, "{bad:?}");
        }
        assert_eq!(byte_from_hex(*b"fF"), Some(0xFF));
        assert_eq!(byte_from_hex(*b" f"), None);
    }

    #[test]
    fn groups_digits() {
        let shown: Vec<String> = [0, 999, 1000, 1_234_567].map(thousands).into();
        assert_eq!(shown, ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(count(1, "route"), "1 route");
    }
}
