//! Segments in full: their characters, escaped ones among them, and their ends.

use crate::path::{BadPath, MAX_SEGMENT, PathRule, is_plain};
use crate::swar::{self as words, WIDE};
use crate::unicode::confusable::is_confusable;

/// Checks the characters of a path, from the one at `at` up to where its segment
/// ends: at a `/`, a `?`, or the end.
#[cfg_attr(target_pointer_width = "64", inline(always))]
pub(crate) fn characters_end(path: &[u8], at: usize) -> Result<usize, BadPath> {
    let mut rest = path.get(at..).unwrap_or_default();
    loop {
        let at = || path.len().wrapping_sub(rest.len());
        rest = match rest {
            [b'%', ..] => check_escape(rest).map_err(|rule| BadPath::new(rule, at()))?,
            [byte, behind @ ..] if is_plain(*byte) => behind_plain(behind),
            [] | [b'/' | b'?', ..] => return Ok(at()),
            [b'#', ..] => return Err(BadPath::new(PathRule::Fragment, at())),
            _ => return Err(BadPath::new(PathRule::Byte, at())),
        };
    }
}

/// A text without the plain bytes that it begins with, or some of them.
#[inline(always)]
fn behind_plain(text: &[u8]) -> &[u8] {
    // One letter between escapes is not worth a look at eight bytes.
    match text.first_chunk() {
        Some(chunk) if WIDE && chunk.first() != Some(&b'%') => {
            let plain = match words::first(odd(u64::from_le_bytes(*chunk))) {
                8 => plain_end(text, 8),
                plain => plain,
            };
            text.get(plain..).unwrap_or_default()
        }
        _ => text,
    }
}

#[inline(never)]
fn plain_end(text: &[u8], at: usize) -> usize {
    words::find(text, at, odd)
}

/// Which bytes cannot stand in a segment as they are.
#[inline(always)]
const fn odd(word: u64) -> words::Mask {
    words::not(words::plain(word))
}

/// Checks the escaped character that a text begins with; what follows it.
#[inline(always)]
fn check_escape(text: &[u8]) -> Result<&[u8], PathRule> {
    let lead = unescape(text).ok_or(PathRule::BadEscape)?;
    let rest = behind_escape(text);
    if !lead.is_ascii() {
        return check_code_point(lead, rest);
    }
    if may_be_escaped(lead) {
        return Ok(rest);
    }
    // What a path writes as it is, but for the marks that some escape.
    Err(if is_plain(lead) {
        PathRule::EncodedUnreserved
    } else {
        PathRule::EncodedDelimiter
    })
}

/// Checks a code point of two to four escaped bytes, of which the text has all
/// but the first; what follows it.
#[inline(always)]
fn check_code_point(lead: u8, text: &[u8]) -> Result<&[u8], PathRule> {
    let (code_point, rest) = code_point(lead, text).ok_or(PathRule::Utf8)?;
    if is_confusable(code_point) {
        return Err(PathRule::Confusable);
    }
    Ok(rest)
}

/// The code point of two to four escaped bytes, of which the text has all but the first,
/// and what follows it. `None` if they are not the shortest form of a character. Where
/// memory is scarce, it is there once.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(not(target_pointer_width = "64"), inline(never))]
pub(crate) fn code_point(lead: u8, text: &[u8]) -> Option<(u32, &[u8])> {
    // RFC 3629: lead byte -> how many follow, its payload, and the smallest code
    // point that needs so many.
    let (following, payload, smallest) = match lead {
        0xC2..=0xDF => (1, lead & 0x1F, 0x80),
        0xE0..=0xEF => (2, lead & 0x0F, 0x800),
        0xF0..=0xF4 => (3, lead & 0x07, 0x1_0000),
        _ => return None,
    };
    let mut code_point = u32::from(payload);
    let mut rest = text;
    for _ in 0..following {
        // No call of its own: none goes deeper, and stacks of firmware are small.
        match unescaped(rest) {
            Some(byte @ 0x80..=0xBF) => code_point = code_point << 6 | u32::from(byte & 0x3F),
            _ => return None,
        }
        rest = behind_escape(rest);
    }
    let is_surrogate = matches!(code_point, 0xD800..=0xDFFF);
    if code_point < smallest || code_point > 0x10_FFFF || is_surrogate {
        return None;
    }
    Some((code_point, rest))
}

/// The byte that the escape stands for that a text begins with, if it does. Where
/// memory is scarce, it is there once.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(not(target_pointer_width = "64"), inline(never))]
pub(crate) fn unescape(text: &[u8]) -> Option<u8> {
    unescaped(text)
}

#[inline(always)]
fn unescaped(text: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = text else {
        return None;
    };
    let (high, low) = (hex_digit(*high), hex_digit(*low));
    (high | low <= 0x0F).then_some(high << 4 | low)
}

/// What follows the escape that a text begins with.
#[inline]
pub(crate) fn behind_escape(text: &[u8]) -> &[u8] {
    text.get(3..).unwrap_or_default()
}

/// What a hexadecimal digit counts; more than 15 of others.
#[inline]
fn hex_digit(byte: u8) -> u8 {
    if WIDE {
        return DIGITS.get(usize::from(byte)).copied().unwrap_or(NONE);
    }
    digit(byte)
}

/// What others than hexadecimal digits count.
const NONE: u8 = 0xFF;

/// As [`hex_digit`], without a table.
const fn digit(byte: u8) -> u8 {
    let number = byte.wrapping_sub(b'0');
    if number < 10 {
        return number;
    }
    let letter = (byte | 0x20).wrapping_sub(b'a');
    if letter < 6 {
        letter.wrapping_add(10)
    } else {
        NONE
    }
}

/// A fifth less time for a segment of escapes than by arithmetic.
#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a constant: an index out of range would not build"
)]
static DIGITS: [u8; 256] = {
    let mut digits = [NONE; 256];
    let mut byte = 0;
    while byte < digits.len() {
        digits[byte] = digit(byte as u8);
        byte += 1;
    }
    digits
};

/// Whether an ASCII character may be written as an escape.
#[inline]
fn may_be_escaped(ascii: u8) -> bool {
    let bits = ESCAPABLE.get(usize::from(ascii >> 5)).copied();
    bits.unwrap_or_default() >> (ascii & 31) & 1 != 0
}

/// The characters that [`may_be_escaped`], one bit each: visible ASCII and the
/// space, without letters, digits, `-`, `.`, `_`, and without those that mean
/// something to whoever reads a path.
#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a constant: an index out of range would not build"
)]
const ESCAPABLE: [u32; 4] = {
    let characters = br#" !"$&'()*+,:<=>@[]^`{|}~"#;
    let mut bits = [0; 4];
    let mut i = 0;
    while i < characters.len() {
        bits[characters[i] as usize / 32] |= 1 << (characters[i] % 32);
        i += 1;
    }
    bits
};

/// The decoded length, if every `%` begins an escape. Where there are too many
/// for a byte to count, more; such a segment is too long in any case.
fn decoded_len(segment: &[u8]) -> usize {
    // Hardly any segment is too long with its escapes.
    if segment.len() <= MAX_SEGMENT {
        return segment.len();
    }
    // A byte counts them: vectors add bytes fastest.
    let escapes = segment.iter().map(|&byte| u8::from(byte == b'%'));
    let escapes = usize::from(escapes.fold(0, u8::wrapping_add));
    segment.len().wrapping_sub(escapes.wrapping_mul(2))
}

/// Checks how a segment starts and ends, and that it is neither empty nor too long.
/// Its characters keep the rules.
pub(crate) fn check_ends(segment: &[u8]) -> Result<(), BadPath> {
    let refused = |rule, at| Err(BadPath::new(rule, at));
    if segment.is_empty() {
        return refused(PathRule::EmptySegment, 0);
    }
    if decoded_len(segment) > MAX_SEGMENT {
        return refused(PathRule::SegmentTooLong, 0);
    }
    if segment.starts_with(b"%20") {
        return refused(PathRule::SegmentEdge, 0);
    }
    if segment.ends_with(b".") {
        if segment.iter().all(|&byte| byte == b'.') {
            return refused(PathRule::DotSegment, 0);
        }
        return refused(PathRule::SegmentEdge, segment.len().saturating_sub(1));
    }
    if segment.ends_with(b"%20") {
        return refused(PathRule::SegmentEdge, segment.len().saturating_sub(3));
    }
    Ok(())
}
