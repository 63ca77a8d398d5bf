//! Segments with escapes: what they stand for, and whether they may.

use crate::confusable::is_confusable;
use crate::path::{BadPath, MAX_SEGMENT, PathRule, is_plain};

/// Character by character, from `plain` on; before it, all are plain.
pub(crate) fn check_from_character(segment: &[u8], plain: usize) -> Result<(), BadPath> {
    if segment.is_empty() {
        return Err(BadPath::new(PathRule::EmptySegment, 0));
    }
    let mut at = plain;
    let mut decoded_len = plain;
    while let Some(&byte) = segment.get(at) {
        let (raw, decoded) = match byte {
            plain if is_plain(plain) => (1, 1),
            b'%' => check_escape(segment, at).map_err(|rule| BadPath::new(rule, at))?,
            b'#' => return Err(BadPath::new(PathRule::Fragment, at)),
            _ => return Err(BadPath::new(PathRule::Byte, at)),
        };
        at = at.saturating_add(raw);
        decoded_len = decoded_len.saturating_add(decoded);
    }
    if decoded_len > MAX_SEGMENT {
        return Err(BadPath::new(PathRule::SegmentTooLong, 0));
    }
    if segment.iter().all(|&b| b == b'.') {
        return Err(BadPath::new(PathRule::DotSegment, 0));
    }
    if segment.starts_with(b"%20") {
        return Err(BadPath::new(PathRule::SegmentEdge, 0));
    }
    if segment.ends_with(b".") {
        return Err(BadPath::new(
            PathRule::SegmentEdge,
            segment.len().saturating_sub(1),
        ));
    }
    if segment.ends_with(b"%20") {
        return Err(BadPath::new(
            PathRule::SegmentEdge,
            segment.len().saturating_sub(3),
        ));
    }
    Ok(())
}

/// Checks the character whose first escape is at `at`; its raw and decoded length.
fn check_escape(segment: &[u8], at: usize) -> Result<(usize, usize), PathRule> {
    let lead = unescape(segment, at).ok_or(PathRule::BadEscape)?;
    match lead {
        0x00..=0x1F | 0x7F | b'/' | b'\\' | b'%' | b';' | b'?' | b'#' => {
            Err(PathRule::EncodedDelimiter)
        }
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' => {
            Err(PathRule::EncodedUnreserved)
        }
        0x20..=0x7E => Ok((3, 1)),
        0x80..=0xFF => check_code_point(segment, at, lead),
    }
}

/// Checks a code point of two to four escaped bytes.
fn check_code_point(segment: &[u8], at: usize, lead: u8) -> Result<(usize, usize), PathRule> {
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
    Ok((len.saturating_mul(3), len))
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
