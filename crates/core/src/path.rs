//! The path contract: a request target is a fixpoint of every known
//! normalisation, or it is refused.
//!
//! Nothing is decoded, merged or folded on the way to a decision. [`check`]
//! says which rule a target breaks and where; the compiler holds the literals
//! of templates to the same rules with [`check_segment`].

use core::fmt;

use crate::confusable::is_confusable;

/// Longest request target, in bytes, query included.
pub const MAX_TARGET: usize = 8192;
/// Longest path, in bytes: the target up to its first `?`.
pub const MAX_PATH: usize = 2048;
/// Most segments in a path.
pub const MAX_SEGMENTS: usize = 32;
/// Longest segment, in bytes after percent-decoding.
pub const MAX_SEGMENT: usize = 255;

/// The rule that a refused target breaks.
///
/// Exhaustive on purpose: code that maps rules to something else should stop
/// building when a rule is added. Each rule exists because some back end reads
/// such a target differently from a byte-for-byte matcher.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[repr(u8)]
pub enum PathRule {
    /// Target over [`MAX_TARGET`] or path over [`MAX_PATH`] bytes.
    TooLong = 1,
    /// Does not begin with `/` (RFC 9112 section 3.2.1: origin-form only).
    NotOriginForm,
    /// Contains `#`, which no request target may (RFC 9112 section 3.2).
    Fragment,
    /// A query byte outside 0x21-0x7E.
    QueryBytes,
    /// More than [`MAX_SEGMENTS`] segments.
    TooManySegments,
    /// A segment of more than [`MAX_SEGMENT`] decoded bytes.
    SegmentTooLong,
    /// A raw byte that RFC 3986 section 3.3 does not allow, or `;`.
    Byte,
    /// `%` without two hex digits.
    BadEscape,
    /// An escaped control, DEL, `/ \ % ; ?` or `#`.
    EncodedDelimiter,
    /// An escaped unreserved character (RFC 3986 section 6.2.2.2), except `~`.
    EncodedUnreserved,
    /// Escapes that are not shortest-form UTF-8 (RFC 3629 section 3).
    Utf8,
    /// An escaped look-alike, invisible or compatibility character.
    Confusable,
    /// `//`.
    EmptySegment,
    /// A segment of dots only (RFC 3986 section 5.2.4, and `...`).
    DotSegment,
    /// A segment that ends in `.` or in an escaped space, or starts with one.
    SegmentEdge,
    /// A value that is a sibling literal but for ASCII case or percent-encoding.
    ShadowsLiteral,
}

impl PathRule {
    /// The rule's name in logs and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::NotOriginForm => "not_origin_form",
            Self::Fragment => "fragment",
            Self::QueryBytes => "query_bytes",
            Self::TooManySegments => "too_many_segments",
            Self::SegmentTooLong => "segment_too_long",
            Self::Byte => "byte",
            Self::BadEscape => "bad_escape",
            Self::EncodedDelimiter => "encoded_delimiter",
            Self::EncodedUnreserved => "encoded_unreserved",
            Self::Utf8 => "utf8",
            Self::Confusable => "confusable",
            Self::EmptySegment => "empty_segment",
            Self::DotSegment => "dot_segment",
            Self::SegmentEdge => "segment_edge",
            Self::ShadowsLiteral => "shadows_literal",
        }
    }
}

impl fmt::Display for PathRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why and where a target is refused.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct BadPath {
    /// The rule it breaks. Where it breaks several, the first one met.
    pub rule: PathRule,
    /// Offset of the offending byte or segment, in bytes from the start of the
    /// target (or of the segment, from [`check_segment`]).
    pub at: usize,
}

impl BadPath {
    pub(crate) const fn new(rule: PathRule, at: usize) -> Self {
        Self { rule, at }
    }

    /// The same refusal, seen from a text in which this one starts at `by`.
    const fn offset_by(self, by: usize) -> Self {
        Self {
            rule: self.rule,
            at: self.at.saturating_add(by),
        }
    }
}

impl fmt::Display for BadPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.rule, self.at)
    }
}

/// Checks a whole request target against every rule that does not depend on
/// the policy, that is all but [`PathRule::ShadowsLiteral`].
///
/// # Errors
///
/// The first rule broken: lengths and form first, then from left to right.
///
/// Cost: one pass over the target; no allocation.
///
/// ```
/// use routescope_core::{path, PathRule};
///
/// assert!(path::check(b"/api/v1/sounds/%C3%BCbergabe.wav/?play=1").is_ok());
///
/// let refused = path::check(b"/api/v1/sounds/../pbx/").unwrap_err();
/// assert_eq!((refused.rule, refused.at), (PathRule::DotSegment, 15));
/// ```
pub fn check(target: &[u8]) -> Result<(), BadPath> {
    if target.len() > MAX_TARGET {
        return Err(BadPath::new(PathRule::TooLong, MAX_TARGET));
    }
    let Some((b'/', _)) = target.split_first() else {
        return Err(BadPath::new(PathRule::NotOriginForm, 0));
    };
    let path_len = target
        .iter()
        .position(|&b| b == b'?')
        .unwrap_or(target.len());
    if path_len > MAX_PATH {
        return Err(BadPath::new(PathRule::TooLong, MAX_PATH));
    }
    let (path, query) = target.split_at_checked(path_len).unwrap_or((target, &[]));
    check_segments(path)?;
    check_query(query).map_err(|bad| bad.offset_by(path_len))
}

/// `path` begins with `/`; the part after a last `/` may be empty.
fn check_segments(path: &[u8]) -> Result<(), BadPath> {
    let mut at = 0usize;
    let mut rest = path;
    let mut count = 0usize;
    while let Some((_slash, tail)) = rest.split_first() {
        at = at.saturating_add(1);
        let len = tail.iter().position(|&b| b == b'/').unwrap_or(tail.len());
        let (segment, next) = tail.split_at_checked(len).unwrap_or((tail, &[]));
        if segment.is_empty() && next.is_empty() {
            break; // one trailing slash is not an empty segment
        }
        count = count.saturating_add(1);
        if count > MAX_SEGMENTS {
            return Err(BadPath::new(PathRule::TooManySegments, at));
        }
        check_segment(segment).map_err(|bad| bad.offset_by(at))?;
        at = at.saturating_add(len);
        rest = next;
    }
    Ok(())
}

/// Checks what follows the path: nothing, or `?` and visible ASCII without `#`.
pub(crate) fn check_query(query: &[u8]) -> Result<(), BadPath> {
    match query
        .iter()
        .position(|&b| !matches!(b, 0x21..=0x7E) || b == b'#')
    {
        None => Ok(()),
        Some(at) if query.get(at) == Some(&b'#') => Err(BadPath::new(PathRule::Fragment, at)),
        Some(at) => Err(BadPath::new(PathRule::QueryBytes, at)),
    }
}

/// Checks one path segment, given without its slashes, against the rules that
/// a segment can break by itself.
///
/// # Errors
///
/// The first rule broken, with its offset in the segment.
///
/// Cost: one pass; a second one over a segment with escapes.
#[inline]
pub fn check_segment(segment: &[u8]) -> Result<(), BadPath> {
    // Nearly every value is short, unescaped and clean: one table look-up a byte.
    let plain = segment.iter().all(|&byte| class(byte) == Class::Allowed);
    if plain && segment.len() <= MAX_SEGMENT && !matches!(segment.last(), None | Some(b'.')) {
        return Ok(());
    }
    check_each_character(segment)
}

/// Where the value that starts at `start` ends: before the next `/` or at the
/// end of the path. `None` if it breaks a rule.
///
/// One look-up a byte finds the end and checks the value on the way.
#[inline]
pub(crate) fn value_end(path: &[u8], start: usize) -> Option<usize> {
    let rest = path.get(start..).unwrap_or_default();
    let plain = rest
        .iter()
        .position(|&byte| class(byte) != Class::Allowed)
        .unwrap_or(rest.len());
    let value = rest.get(..plain).unwrap_or_default();
    if !matches!(rest.get(plain), None | Some(b'/'))
        || plain > MAX_SEGMENT
        || matches!(value.last(), None | Some(b'.'))
    {
        return escaped_value_end(path, start);
    }
    Some(start.wrapping_add(plain))
}

#[cold]
fn escaped_value_end(path: &[u8], start: usize) -> Option<usize> {
    let rest = path.get(start..).unwrap_or_default();
    let len = rest
        .iter()
        .position(|&byte| byte == b'/')
        .unwrap_or(rest.len());
    check_each_character(rest.get(..len)?).ok()?;
    Some(start.saturating_add(len))
}

fn check_each_character(segment: &[u8]) -> Result<(), BadPath> {
    if segment.is_empty() {
        return Err(BadPath::new(PathRule::EmptySegment, 0));
    }
    let mut at = 0usize;
    let mut decoded_len = 0usize;
    while let Some(&byte) = segment.get(at) {
        let (raw, decoded) = match class(byte) {
            Class::Allowed => (1, 1),
            Class::Percent => check_escape(segment, at).map_err(|rule| BadPath::new(rule, at))?,
            Class::Fragment => return Err(BadPath::new(PathRule::Fragment, at)),
            Class::Refused => return Err(BadPath::new(PathRule::Byte, at)),
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

#[derive(Clone, Copy, Eq, PartialEq)]
#[repr(u8)]
enum Class {
    Refused,
    Allowed,
    Percent,
    Fragment,
}

#[inline]
fn class(byte: u8) -> Class {
    CLASSES
        .get(usize::from(byte))
        .copied()
        .unwrap_or(Class::Refused)
}

/// Whether a literal of a template can contain `byte`.
#[allow(clippy::indexing_slicing, reason = "a byte is always below 256")]
pub(crate) const fn is_literal_byte(byte: u8) -> bool {
    matches!(CLASSES[byte as usize], Class::Allowed | Class::Percent)
}

/// RFC 3986 `pchar`, less `;`, which servlet containers cut at.
#[allow(
    clippy::indexing_slicing,
    reason = "a constant: an index out of range would not build"
)]
const CLASSES: [Class; 256] = {
    let allowed = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,=:@";
    let mut classes = [Class::Refused; 256];
    let mut i = 0;
    while i < allowed.len() {
        classes[allowed[i] as usize] = Class::Allowed;
        i += 1;
    }
    classes[b'%' as usize] = Class::Percent;
    classes[b'#' as usize] = Class::Fragment;
    classes
};
