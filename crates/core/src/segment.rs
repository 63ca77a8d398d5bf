//! Path segments as the tables see them: a length and a hash that do not tell
//! apart two spellings that some back end reads as the same segment.
//!
//! The hash runs over the percent-decoded bytes with ASCII case folded, so the
//! one probe that looks for a literal also meets the literal that a segment
//! *almost* is. Nothing is decided by a hash: labels are compared byte by byte.

use crate::escape::{behind_escape, unescape};
use crate::words::{self, word_at};

/// How many bytes a proper segment stands for, escapes decoded.
#[must_use]
pub fn spelt_len(segment: &[u8]) -> usize {
    let escaped = segment.iter().filter(|&&byte| byte == b'%').count();
    segment.len().wrapping_sub(escaped.wrapping_mul(2))
}

/// What the tables hash a segment or a label to.
#[must_use]
pub fn hash(segment: &[u8]) -> u64 {
    if segment.contains(&b'%') {
        hash_decoded(segment)
    } else {
        hash_raw(segment)
    }
}

/// What a back end reads a segment as that percent-decodes once and ignores ASCII
/// case.
pub fn reading(segment: &[u8]) -> impl Iterator<Item = u8> {
    Decoded(segment).map(|byte| byte.to_ascii_lowercase())
}

/// Whether some back end reads two segments as the same.
#[must_use]
pub fn same_but_for_spelling(a: &[u8], b: &[u8]) -> bool {
    reading(a).eq(reading(b))
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

fn hash_decoded(segment: &[u8]) -> u64 {
    let mut hash = Hash::new();
    let mut decoded = Decoded(segment);
    let mut len = 0usize;
    loop {
        let mut word = [0u8; 8];
        let mut size = 0usize;
        for (slot, byte) in word.iter_mut().zip(&mut decoded) {
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

/// The bytes of a segment after one percent-decode; a `%` without two hex
/// digits stands for itself.
struct Decoded<'s>(&'s [u8]);

impl Iterator for Decoded<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let (first, tail) = self.0.split_first()?;
        if let Some(byte) = unescape(self.0) {
            self.0 = behind_escape(self.0);
            return Some(byte);
        }
        self.0 = tail;
        Some(*first)
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
    use super::*;

    #[test]
    fn spellings_share_a_hash() {
        let spellings: [(&[u8], &[u8]); 5] = [
            (b"import", b"IMPORT"),
            (b"a:b", b"a%3Ab"),
            (b"a:b", b"A%3aB"),
            (
                b"long-enough-for-two-words!",
                b"Long-Enough-For-Two-Words%21",
            ),
            (b"%C3%A9", b"%c3%a9"),
        ];
        for (a, b) in spellings {
            assert!(same_but_for_spelling(a, b));
            assert_eq!(hash(a), hash(b));
        }
        assert!(!same_but_for_spelling(b"import", b"imports"));
        assert_ne!(hash(b"a"), hash(b"a\0"));
        assert_ne!(hash(b"12345678"), hash(b"123456781"));
        assert_eq!(hash(b"a-Sample"), SAMPLE);
    }
}
