//! Segments with escapes: what they stand for, and whether they may.
//!
//! Two readers, one rule book. [`check_escape`] reads byte by byte and knows
//! every rule; alone it is all that a small processor needs. In front of it,
//! where registers have 64 bits, [`sound_end`] skips characters that are beyond
//! doubt, two escapes in one number. It refuses nothing: what it does not take
//! is left to the other.

use crate::confusable::{is_confusable, is_distinct};
use crate::path::{BadPath, MAX_SEGMENT, PathRule, is_plain};
use crate::words::{self, WIDE, not, repeat, word_at};

/// Checks a segment, given without its slashes, of which the first `plain` bytes
/// can stand in any segment as they are.
pub(crate) fn check_from_character(segment: &[u8], plain: usize) -> Result<(), BadPath> {
    if segment.is_empty() {
        return Err(BadPath::new(PathRule::EmptySegment, 0));
    }
    check_characters(segment, plain)?;
    if decoded_len_of_checked(segment) > MAX_SEGMENT {
        return Err(BadPath::new(PathRule::SegmentTooLong, 0));
    }
    check_edges(segment)
}

fn check_characters(segment: &[u8], plain: usize) -> Result<(), BadPath> {
    let mut at = plain;
    loop {
        if WIDE {
            at = sound_end(segment, at);
        }
        let len = match segment.get(at) {
            None => return Ok(()),
            Some(b'%') => check_escape(segment, at).map_err(|rule| BadPath::new(rule, at))?,
            Some(b'#') => return Err(BadPath::new(PathRule::Fragment, at)),
            Some(&byte) if is_plain(byte) => 1,
            Some(_) => return Err(BadPath::new(PathRule::Byte, at)),
        };
        at = at.saturating_add(len);
    }
}

/// The decoded length, if every `%` begins an escape.
fn decoded_len_of_checked(segment: &[u8]) -> usize {
    // Rarely needed: hardly any segment is too long with its escapes.
    if segment.len() <= MAX_SEGMENT {
        return segment.len();
    }
    let escapes = segment.iter().filter(|&&byte| byte == b'%').count();
    segment.len().saturating_sub(escapes.saturating_mul(2))
}

/// Checks how a segment starts and ends.
fn check_edges(segment: &[u8]) -> Result<(), BadPath> {
    let edge = |at| Err(BadPath::new(PathRule::SegmentEdge, at));
    if segment.starts_with(b"%20") {
        return edge(0);
    }
    if segment.ends_with(b".") {
        if segment.iter().all(|&byte| byte == b'.') {
            return Err(BadPath::new(PathRule::DotSegment, 0));
        }
        return edge(segment.len().saturating_sub(1));
    }
    if segment.ends_with(b"%20") {
        return edge(segment.len().saturating_sub(3));
    }
    Ok(())
}

/// From `at` on, where the first character stands that needs a closer look, or
/// the end.
#[inline]
fn sound_end(segment: &[u8], at: usize) -> usize {
    let mut at = at;
    while at < segment.len() {
        let word = word_at(segment, at);
        let len = if word & 0xFF == 0x25 {
            sound_escapes(word, segment, at)
        } else {
            words::first(not(words::plain(word)))
        };
        if len == 0 {
            break;
        }
        at = at.wrapping_add(len);
    }
    at
}

/// The raw length of the characters that the word at `at` begins with, if they
/// are escaped and break no rule; else 0.
#[inline]
fn sound_escapes(word: u64, segment: &[u8], at: usize) -> usize {
    let two = Pair::of(word);
    // Of two, three and four bytes: 110xxxxx, 1110xxxx, 11110xxx; then 10xxxxxx.
    if two.is(0xE0, 0xC0, 0xC0, 0x80) {
        let code_point = two.first(0x1F) << 6 | two.second(0x3F);
        return if is_distinct(code_point) { 6 } else { 0 };
    }
    if two.first(0x80) == 0 {
        if two.missing & Pair::FIRST != 0 || !may_be_escaped(two.first(0x7F)) {
            return 0;
        }
        let another = two.missing == 0 && two.second(0x80) == 0 && may_be_escaped(two.second(0x7F));
        return if another { 6 } else { 3 };
    }
    let more = Pair::of(word_at(segment, at.wrapping_add(6)));
    if two.is(0xF0, 0xE0, 0xC0, 0x80) && more.missing & Pair::FIRST == 0 {
        let code_point = two.first(0x0F) << 12 | two.second(0x3F) << 6 | more.first(0x3F);
        let sound = more.first(0xC0) == 0x80 && code_point >= 0x800 && is_distinct(code_point);
        return if sound { 9 } else { 0 };
    }
    if two.is(0xF8, 0xF0, 0xC0, 0x80) && more.is(0xC0, 0x80, 0xC0, 0x80) {
        let high = two.first(0x07) << 18 | two.second(0x3F) << 12;
        let code_point = high | more.first(0x3F) << 6 | more.second(0x3F);
        let sound = matches!(code_point, 0x1_0000..=0x10_FFFF)
            && !is_confusable(u32::try_from(code_point).unwrap_or(u32::MAX));
        return if sound { 12 } else { 0 };
    }
    0
}

/// Two escapes, read at once.
struct Pair {
    /// The first byte at bit 16, the second one at bit 40; else anything.
    values: u64,
    /// Not zero in the first 24 bits if they are no escape; so for the second
    /// one in the next 24.
    missing: u64,
}

impl Pair {
    /// The bits of the first escape.
    const FIRST: u64 = 0xFF_FFFF;

    /// Of the first six bytes.
    #[inline]
    const fn of(word: u64) -> Self {
        let percents = (word ^ repeat(b'%')) & 0xFF00_00FF;
        let digits = not(words::hex_digit(word)) & 0x8080_0080_8000;
        // `A` and `a` have the bit of 0x40, the last four bits of 1, and count 10.
        let halves = (word & repeat(0x0F)).wrapping_add((word >> 6 & repeat(1)).wrapping_mul(9));
        Self {
            values: halves | halves << 12,
            missing: percents | digits,
        }
    }

    #[inline]
    const fn first(&self, bits: u64) -> u64 {
        self.values >> 16 & bits
    }

    #[inline]
    const fn second(&self, bits: u64) -> u64 {
        self.values >> 40 & bits
    }

    /// Whether two escapes are there, with these bits of each as they should be.
    #[inline]
    const fn is(&self, first: u64, first_is: u64, second: u64, second_is: u64) -> bool {
        let other =
            (self.values ^ (first_is << 16 | second_is << 40)) & (first << 16 | second << 40);
        self.missing | other == 0
    }
}

/// Whether an ASCII character may be written as an escape.
#[inline]
const fn may_be_escaped(ascii: u64) -> bool {
    ESCAPABLE >> ascii & 1 != 0
}

/// The characters that [`may_be_escaped`], one bit each.
const ESCAPABLE: u128 = {
    let mut bits = 0;
    let mut byte = 0;
    while byte < 0x80 {
        if check_ascii(byte).is_ok() {
            bits |= 1 << byte;
        }
        byte += 1;
    }
    bits
};

/// Checks the character whose first escape is at `at`; its raw length.
fn check_escape(segment: &[u8], at: usize) -> Result<usize, PathRule> {
    let lead = unescape(segment, at).ok_or(PathRule::BadEscape)?;
    if lead.is_ascii() {
        check_ascii(lead).map(|()| 3)
    } else {
        check_code_point(segment, at, lead)
    }
}

/// Checks an escaped ASCII character.
const fn check_ascii(byte: u8) -> Result<(), PathRule> {
    match byte {
        0x00..=0x1F | 0x7F | b'/' | b'\\' | b'%' | b';' | b'?' | b'#' => {
            Err(PathRule::EncodedDelimiter)
        }
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' => {
            Err(PathRule::EncodedUnreserved)
        }
        _ => Ok(()),
    }
}

/// Checks a code point of two to four escaped bytes.
fn check_code_point(segment: &[u8], at: usize, lead: u8) -> Result<usize, PathRule> {
    // RFC 3629: lead byte -> length, its payload, and the smallest code point
    // that needs this length.
    let (len, payload, smallest) = match lead {
        0xC2..=0xDF => (2usize, lead & 0x1F, 0x80),
        0xE0..=0xEF => (3, lead & 0x0F, 0x800),
        0xF0..=0xF4 => (4, lead & 0x07, 0x1_0000),
        _ => return Err(PathRule::Utf8),
    };
    let mut code_point = u32::from(payload);
    for i in 1..len {
        let byte =
            unescape(segment, at.saturating_add(i.saturating_mul(3))).ok_or(PathRule::Utf8)?;
        if byte & 0xC0 != 0x80 {
            return Err(PathRule::Utf8);
        }
        code_point = code_point << 6 | u32::from(byte & 0x3F);
    }
    if code_point < smallest || char::from_u32(code_point).is_none() {
        return Err(PathRule::Utf8);
    }
    if is_confusable(code_point) {
        return Err(PathRule::Confusable);
    }
    Ok(len.saturating_mul(3))
}

/// The byte that the escape at `at` stands for, if there is a whole one.
pub(crate) fn unescape(segment: &[u8], at: usize) -> Option<u8> {
    match segment.get(at..)? {
        [b'%', high, low, ..] => Some(hex_digit(*high)? << 4 | hex_digit(*low)?),
        _ => None,
    }
}

fn hex_digit(byte: u8) -> Option<u8> {
    // A radix of 16 keeps the value below 16.
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}
