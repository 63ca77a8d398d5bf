//! Rule 7: which values resemble a literal. [`affix`](crate::affix) has the values that resemble
//! an affix.
//!
//! Two segments are look-alikes if some system takes one for the other: a server that
//! percent-decodes, one that ignores case or normalises Unicode, a form decoder that takes a
//! `+` for a space and trims it, a file system that drops characters from the end of a name.
//! Each segment has a [normal form](normalized), and look-alikes have the same one.
//!
//! [`hash`] hashes the normal form, so that the probe that looks for a literal also finds the
//! literal that a value resembles. A hash decides nothing: labels are compared byte by byte.

use crate::path::escape::{self, decode, decode_code_point};
use crate::swar::{HAS_64_BIT_WORDS, load_padded, splat};
use crate::unicode::ascii_form::ascii_form;

/// The bytes that the most lenient systems read a segment as. The segment keeps the path
/// rules. They are the segment
///
/// 1. percent-decoded once;
/// 2. with each character in lower case, and each character beyond ASCII replaced by its ASCII
///    text after NFKC and full case folding, where it has one; an `i` with a combining dot,
///    which remains of the Turkish `İ`, is an `i`;
/// 3. without an NTFS stream, which is everything from the first `:` on if a `$` follows it;
/// 4. without `+ * : " < > .` and spaces at the end, and without `+` and spaces at the start.
///
/// If steps 3 and 4 would leave nothing, they are not applied.
pub fn normalized(segment: &[u8]) -> impl Iterator<Item = u8> {
    Normalized {
        rest: if differs_beyond_case(segment) {
            trimmed(segment)
        } else {
            segment
        },
        ascii: 0,
    }
}

/// The bytes of a segment after steps 1 and 2 of [`normalized`].
pub(crate) fn folded(segment: &[u8]) -> impl Iterator<Item = u8> {
    Normalized {
        rest: segment,
        ascii: 0,
    }
}

/// The length of the [normal form](normalized).
#[must_use]
pub fn normalized_len(segment: &[u8]) -> usize {
    if differs_beyond_case(segment) {
        normalized(segment).count()
    } else {
        segment.len()
    }
}

/// The hash of the [normal form](normalized).
#[must_use]
pub fn hash(segment: &[u8]) -> u64 {
    hash_if(differs_beyond_case(segment), segment)
}

/// As [`hash`], for a caller that knows whether the segment [`differs_beyond_case`].
#[inline]
pub(crate) fn hash_if(beyond_case: bool, segment: &[u8]) -> u64 {
    if beyond_case {
        hash_normalized(segment)
    } else {
        hash_lower_case(segment)
    }
}

/// Whether two segments have the same [normal form](normalized).
#[must_use]
pub fn are_lookalikes(a: &[u8], b: &[u8]) -> bool {
    if HAS_64_BIT_WORDS && !differs_beyond_case(a) && !differs_beyond_case(b) {
        return a.eq_ignore_ascii_case(b);
    }
    normalized(a).eq(normalized(b))
}

/// As [`are_lookalikes`], for a caller that knows whether the segment
/// [`differs_beyond_case`].
#[inline]
pub(crate) fn is_lookalike_if(beyond_case: bool, label: &[u8], segment: &[u8]) -> bool {
    if HAS_64_BIT_WORDS
        && !beyond_case
        && let (Some(first), Some(other)) = (label.first(), segment.first())
        && !matches!(first, b'%' | b'+')
        && !first.eq_ignore_ascii_case(other)
    {
        // Rejects most labels early: normalisation drops nothing from the start of this one.
        return false;
    }
    are_lookalikes(label, segment)
}

/// Whether a segment contains an escaped `"`, `<` or `>`. Windows takes these for wildcards in
/// file names, so that such a value resembles every literal.
#[must_use]
pub fn has_windows_wildcard(segment: &[u8]) -> bool {
    let mut rest = segment;
    while let Some((byte, after)) = next_byte(rest) {
        if matches!(byte, b'"' | b'<' | b'>') {
            return true;
        }
        rest = after;
    }
    false
}

/// Whether the [normal form](normalized) may differ from the segment in more than case:
/// the segment contains an escape or a `$`, or normalisation may drop one of its ends.
#[inline]
fn differs_beyond_case(segment: &[u8]) -> bool {
    segment.iter().any(|byte| matches!(byte, b'%' | b'$'))
        || may_drop_ends(segment.first().copied(), segment.last().copied())
}

/// Whether normalisation may drop the unescaped first or last byte of a segment. Also true for
/// a final `;`, which no segment has.
#[inline(always)]
pub(crate) fn may_drop_ends(first: Option<u8>, last: Option<u8>) -> bool {
    // Exactly `*`, `+`, `:` and `;` have these bits.
    const BITS: u8 = 0xEE;
    const { assert!(b'*' & BITS == 0x2A && b'+' & BITS == 0x2A && b':' & BITS == 0x2A) };
    first == Some(b'+') || last.unwrap_or_default() & BITS == 0x2A
}

/// The segment after steps 3 and 4 of [`normalized`]. They come first here, which makes no
/// difference: they concern ASCII alone, and no other character that a segment may contain
/// has one of these as its ASCII text.
pub(crate) fn trimmed(segment: &[u8]) -> &[u8] {
    let mut rest = without_ntfs_stream(segment);
    loop {
        rest = match rest {
            [before @ .., b'+' | b'*' | b':' | b'.'] => before,
            [before @ .., b'%', _, _] => {
                let escape = rest.get(before.len()..).unwrap_or_default();
                match decode(escape) {
                    Some(b' ' | b'"' | b'*' | b'+' | b':' | b'<' | b'>') => before,
                    _ => break,
                }
            }
            _ => break,
        }
    }
    while let Some((b'+' | b' ', after)) = next_byte(rest) {
        rest = after;
    }
    if rest.is_empty() { segment } else { rest }
}

fn without_ntfs_stream(segment: &[u8]) -> &[u8] {
    let (mut rest, mut colon) = (segment, None);
    while let Some((byte, after)) = next_byte(rest) {
        match (byte, colon) {
            (b':', None) => colon = Some(segment.len().wrapping_sub(rest.len())),
            (b'$', Some(colon)) => return segment.get(..colon).unwrap_or_default(),
            _ => {}
        }
        rest = after;
    }
    segment
}

/// The first byte of a text, percent-decoded, and the text after it.
fn next_byte(text: &[u8]) -> Option<(u8, &[u8])> {
    match decode(text) {
        Some(byte) => Some((byte, escape::after(text))),
        None => text.split_first().map(|(byte, after)| (*byte, after)),
    }
}

/// U+0307, the combining dot above, as a segment contains it.
const DOT_ABOVE: &[u8] = b"%CC%87";

/// The bytes of the [normal form](normalized) of a segment that is already [`trimmed`].
struct Normalized<'s> {
    rest: &'s [u8],
    /// The remaining ASCII text of the last character, lowest byte first.
    ascii: u32,
}

impl Iterator for Normalized<'_> {
    type Item = u8;

    // Not inlined: hardly any segment needs it, and a single copy saves flash.
    #[inline(never)]
    fn next(&mut self) -> Option<u8> {
        if self.ascii == 0 {
            let (lead, after) = next_byte(self.rest)?;
            // The later bytes of a character without an ASCII text are no lead bytes, so that
            // they decode to no character and contribute themselves.
            let replaced = decode_code_point(lead, after)
                .and_then(|(code_point, after)| Some((ascii_form(code_point)?.get(), after)));
            let lower = u32::from(lead.to_ascii_lowercase());
            (self.ascii, self.rest) = replaced.unwrap_or((lower, after));
        }
        let [byte, ..] = self.ascii.to_le_bytes();
        self.ascii >>= 8;
        while byte == b'i' && self.ascii == 0 {
            match self.rest.split_at_checked(DOT_ABOVE.len()) {
                Some((dot, after)) if dot.eq_ignore_ascii_case(DOT_ABOVE) => self.rest = after,
                _ => break,
            }
        }
        Some(byte)
    }
}

fn hash_lower_case(segment: &[u8]) -> u64 {
    let mut hash = Hash::new();
    let (words, tail) = segment.as_chunks::<8>();
    for word in words {
        hash.add(u64::from_le_bytes(*word));
    }
    if !tail.is_empty() {
        hash.add(load_padded(segment, segment.len().wrapping_sub(tail.len())));
    }
    hash.finish(segment.len())
}

fn hash_normalized(segment: &[u8]) -> u64 {
    let mut hash = Hash::new();
    let mut bytes = normalized(segment);
    let mut len = 0usize;
    loop {
        let mut word = [0u8; 8];
        let mut size = 0usize;
        for (slot, byte) in word.iter_mut().zip(&mut bytes) {
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

/// A multiply-rotate hash over words of eight bytes, which ignores ASCII case (and a few
/// more differences). It need not resist an attacker: the compiler lays the tables out so
/// that labels do not collide, and a path cannot change the tables.
struct Hash(u64);

impl Hash {
    const fn new() -> Self {
        Self(0x517C_C1B7_2722_0A95)
    }

    #[inline]
    const fn add(&mut self, word: u64) {
        self.0 =
            (self.0.rotate_left(23) ^ (word | splat(0x20))).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    #[inline]
    const fn finish(self, len: usize) -> u64 {
        // The length tells a final zero from padding.
        let hash = (self.0 ^ len as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        hash ^ hash >> 32
    }
}

/// The hash of `A-sample`, for the fingerprint of the table layout.
pub(crate) const SAMPLE_HASH: u64 = {
    let mut hash = Hash::new();
    hash.add(u64::from_le_bytes(*b"A-sample"));
    hash.finish(8)
};

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;

    #[test]
    fn normal_forms() {
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
            let bytes: std::vec::Vec<u8> = normalized(text).collect();
            assert_eq!(bytes, expected, "{segment}");
            assert_eq!(normalized_len(text), expected.len(), "{segment}");
            assert!(are_lookalikes(text, expected), "{segment}");
            assert_eq!(hash(text), hash(expected), "{segment}");
        }
        assert!(!are_lookalikes(b"import", b"imports"));
        assert!(are_lookalikes(b"%C3%A9", b"%c3%a9"));
        assert!(!are_lookalikes(b"%C3%A9", b"e"));
        assert_ne!(hash(b"a"), hash(b"a\0"));
        assert_ne!(hash(b"12345678"), hash(b"123456781"));
        assert_eq!(hash(b"a-Sample"), SAMPLE_HASH);
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
            assert_eq!(has_windows_wildcard(segment), expected);
        }
    }
}
