//! Path segments as the most lenient systems read them, which is how rule 7 compares a
//! value with the literals that could stand in its place.
//!
//! Two segments have the same [`reading`] if some system takes the one for the other: a
//! server that percent-decodes, one that ignores case or normalises Unicode, a form
//! decoder that takes a `+` for a space and trims it, a file system that drops what is at
//! the end of a name. The [`hash`] runs over the reading, so that the one probe that looks
//! for a literal also meets the literal that a segment *almost* is. Nothing is decided by
//! a hash: labels are compared byte by byte.

use crate::path::escape::{behind_escape, code_point, unescape};
use crate::swar::{self as words, WIDE, word_at};
use crate::unicode::ascii_form::ascii_form;

/// What the most lenient systems read a segment as that keeps the path rules:
///
/// 1. percent-decoded once;
/// 2. each character in lower case, and those beyond ASCII by their ASCII text after NFKC
///    and full case folding, where they have one; an i with another dot, which is what
///    is left of the Turkish `İ`, is an i;
/// 3. without a stream of NTFS, which is the first `:` and all behind it, if there is a `$`
///    behind it;
/// 4. without `+ * : " < > .` and spaces at the end, and `+` and spaces in front.
///
/// What would be nothing by 3 and 4 is left as it is.
pub fn reading(segment: &[u8]) -> impl Iterator<Item = u8> {
    Reading {
        rest: if is_unusual(segment) {
            without_ends(segment)
        } else {
            segment
        },
        form: 0,
    }
}

/// How many bytes a [`reading`] has.
#[must_use]
pub fn reading_len(segment: &[u8]) -> usize {
    if is_unusual(segment) {
        reading(segment).count()
    } else {
        segment.len()
    }
}

/// What the tables hash a segment or a label to.
#[must_use]
pub fn hash(segment: &[u8]) -> u64 {
    hash_known(segment, is_unusual(segment))
}

/// As [`hash`], of a segment that is known to be unusual, or not.
#[inline]
pub(crate) fn hash_known(segment: &[u8], unusual: bool) -> u64 {
    if unusual {
        hash_reading(segment)
    } else {
        hash_raw(segment)
    }
}

/// Whether some system reads two segments as the same.
#[must_use]
pub fn read_alike(a: &[u8], b: &[u8]) -> bool {
    if WIDE && !is_unusual(a) && !is_unusual(b) {
        return a.eq_ignore_ascii_case(b);
    }
    reading(a).eq(reading(b))
}

/// As [`read_alike`], of a label and a segment that is known to be unusual, or not.
#[inline]
pub(crate) fn read_alike_known(label: &[u8], segment: &[u8], unusual: bool) -> bool {
    if WIDE
        && !unusual
        && let (Some(first), Some(own)) = (label.first(), segment.first())
        && !matches!(first, b'%' | b'+')
        && !first.eq_ignore_ascii_case(own)
    {
        // Most labels beside a value: nothing of their beginning is dropped.
        return false;
    }
    read_alike(label, segment)
}

/// Whether Windows may find a file of another name by this one: `"`, `<` and `>`, which a
/// path can only have escaped, are wildcards there. Such a value resembles every literal.
#[must_use]
pub fn is_wildcard(segment: &[u8]) -> bool {
    let mut rest = segment;
    while let Some((byte, behind)) = next_byte(rest) {
        if matches!(byte, b'"' | b'<' | b'>') {
            return true;
        }
        rest = behind;
    }
    false
}

/// Whether a segment may have a [`reading`] that is more than lower case: it has an escape,
/// or a `$`, or [odd ends](has_odd_ends).
#[inline]
fn is_unusual(segment: &[u8]) -> bool {
    segment.iter().any(|byte| matches!(byte, b'%' | b'$')) || has_odd_ends(segment)
}

/// Whether a segment begins or ends in a character that is dropped there.
#[inline]
fn has_odd_ends(segment: &[u8]) -> bool {
    are_odd_ends(segment.first().copied(), segment.last().copied())
}

/// As [`has_odd_ends`], of its first and its last byte; perhaps also for a `;`, which none
/// has.
#[inline(always)]
pub(crate) fn are_odd_ends(first: Option<u8>, last: Option<u8>) -> bool {
    // `*`, `+`, `:` and `;` are the bytes that have these bits.
    const BITS: u8 = 0xEE;
    const { assert!(b'*' & BITS == 0x2A && b'+' & BITS == 0x2A && b':' & BITS == 0x2A) };
    first == Some(b'+') || last.unwrap_or_default() & BITS == 0x2A
}

/// By 3 and 4 of [`reading`], which are about ASCII alone: no other character that a
/// segment may have is read as one of these.
fn without_ends(segment: &[u8]) -> &[u8] {
    let mut before = without_stream(segment);
    loop {
        before = match before {
            [behind @ .., b'+' | b'*' | b':' | b'.'] => behind,
            [behind @ .., b'%', _, _] => {
                let escape = before.get(behind.len()..).unwrap_or_default();
                match unescape(escape) {
                    Some(b' ' | b'"' | b'*' | b'+' | b':' | b'<' | b'>') => behind,
                    _ => break,
                }
            }
            _ => break,
        }
    }
    while let Some((b'+' | b' ', behind)) = next_byte(before) {
        before = behind;
    }
    if before.is_empty() { segment } else { before }
}

fn without_stream(segment: &[u8]) -> &[u8] {
    let (mut rest, mut colon) = (segment, None);
    while let Some((byte, behind)) = next_byte(rest) {
        match (byte, colon) {
            (b':', None) => colon = Some(segment.len().wrapping_sub(rest.len())),
            (b'$', Some(colon)) => return segment.get(..colon).unwrap_or_default(),
            _ => {}
        }
        rest = behind;
    }
    segment
}

/// The byte that a text begins with, percent-decoded, and what follows it.
fn next_byte(text: &[u8]) -> Option<(u8, &[u8])> {
    match unescape(text) {
        Some(byte) => Some((byte, behind_escape(text))),
        None => text.split_first().map(|(byte, behind)| (*byte, behind)),
    }
}

/// U+0307, a combining dot, as a segment can have it.
const DOT_ABOVE: &[u8] = b"%CC%87";

/// The bytes of a [`reading`], of a segment without its ends.
struct Reading<'s> {
    rest: &'s [u8],
    /// What is left of the ASCII text of a character beyond it, lowest byte first.
    form: u32,
}

impl Iterator for Reading<'_> {
    type Item = u8;

    // A call of its own: nearly no segment needs it, and where memory is scarce it is
    // there once.
    #[inline(never)]
    fn next(&mut self) -> Option<u8> {
        if self.form == 0 {
            let (lead, behind) = next_byte(self.rest)?;
            // The other bytes of a character without an ASCII text begin none.
            let form = code_point(lead, behind)
                .and_then(|(code_point, behind)| Some((ascii_form(code_point)?.get(), behind)));
            let lead = u32::from(lead.to_ascii_lowercase());
            (self.form, self.rest) = form.unwrap_or((lead, behind));
        }
        let [byte, ..] = self.form.to_le_bytes();
        self.form >>= 8;
        while byte == b'i' && self.form == 0 {
            match self.rest.split_at_checked(DOT_ABOVE.len()) {
                Some((dot, behind)) if dot.eq_ignore_ascii_case(DOT_ABOVE) => self.rest = behind,
                _ => break,
            }
        }
        Some(byte)
    }
}

fn hash_raw(segment: &[u8]) -> u64 {
    let mut hash = Hash::new();
    let (chunks, tail) = segment.as_chunks::<8>();
    for chunk in chunks {
        hash.add(u64::from_le_bytes(*chunk));
    }
    if !tail.is_empty() {
        hash.add(word_at(segment, segment.len().wrapping_sub(tail.len())));
    }
    hash.finish(segment.len())
}

fn hash_reading(segment: &[u8]) -> u64 {
    let mut hash = Hash::new();
    let mut reading = reading(segment);
    let mut len = 0usize;
    loop {
        let mut word = [0u8; 8];
        let mut size = 0usize;
        for (slot, byte) in word.iter_mut().zip(&mut reading) {
            *slot = byte;
            size = size.saturating_add(1);
        }
        if size == 0 {
            return hash.finish(len);
        }
        hash.add(u64::from_le_bytes(word));
        len = len.saturating_add(size);
    }
}

/// A multiply-rotate hash over eight bytes at a time. It need not resist an
/// attacker: the compiler picks the tables so that no two labels of a state
/// meet, and a path cannot change the tables.
struct Hash(u64);

impl Hash {
    const fn new() -> Self {
        Self(0x517C_C1B7_2722_0A95)
    }

    #[inline]
    const fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ (word | words::repeat(0x20)))
            .wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    #[inline]
    const fn finish(self, len: usize) -> u64 {
        // Two segments that differ only in padding differ in length.
        let hash = (self.0 ^ len as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        hash ^ hash >> 32
    }
}

/// The hash of some segment.
pub(crate) const SAMPLE: u64 = {
    let mut hash = Hash::new();
    hash.add(u64::from_le_bytes(*b"A-sample"));
    hash.finish(8)
};

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;

    #[test]
    fn readings() {
        for (segment, expected) in [
            ("import", "import"),
            ("IMPORT", "import"),
            ("a%3Ab", "a:b"),
            ("%C4%B1mport", "import"),
            ("I%CC%87mport", "import"),
            ("%C4%B0%CC%87", "i"),
            ("%EF%AC%81%CC%87", "fi"),
            ("o%EF%AC%83ce", "office"),
            ("%F0%9D%90%A2+", "i"),
            ("import+", "import"),
            ("+import%20+", "import"),
            ("import.+", "import"),
            ("import::$DATA", "import"),
            ("a:b:c%24", "a"),
            ("a$b:c", "a$b:c"),
            ("a:b", "a:b"),
            ("a:", "a"),
            ("x%22%3C*%3e", "x"),
            ("+", "+"),
            ("*%20", "* "),
            (":$a", ":$a"),
            ("+:$a", "+:$a"),
        ] {
            let (text, expected) = (segment.as_bytes(), expected.as_bytes());
            let bytes: std::vec::Vec<u8> = reading(text).collect();
            assert_eq!(bytes, expected, "{segment}");
            assert_eq!(reading_len(text), expected.len(), "{segment}");
            assert!(read_alike(text, expected), "{segment}");
            assert_eq!(hash(text), hash(expected), "{segment}");
        }
        assert!(!read_alike(b"import", b"imports"));
        assert!(read_alike(b"%C3%A9", b"%c3%a9"));
        assert!(!read_alike(b"%C3%A9", b"e"));
        assert_ne!(hash(b"a"), hash(b"a\0"));
        assert_ne!(hash(b"12345678"), hash(b"123456781"));
        assert_eq!(hash(b"a-Sample"), SAMPLE);
    }

    #[test]
    fn wildcards() {
        for (segment, expected) in [
            (&b"a%22"[..], true),
            (b"%3ca", true),
            (b"a%3Eb", true),
            (b"a%3Ab", false),
            (b"a*", false),
            (b"%3", false),
            (b"", false),
        ] {
            assert_eq!(is_wildcard(segment), expected);
        }
    }
}
