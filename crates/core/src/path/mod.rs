//! The path rules: a request target is a fixpoint of every known normalisation, or it is
//! refused.
//!
//! Nothing is decoded, merged or folded on the way to a decision. [`check`] says which rule
//! a target breaks and where. The compiler checks the literals of templates by the same
//! rules, with [`check_segment`].
//!
//! Two implementations check a target. `scan` looks at 16 bytes at a time and knows only the
//! most common bytes; `validate` knows every rule, and continues where `scan` stops.

pub(crate) mod escape;
pub(crate) mod scan;
pub(crate) mod validate;

use core::fmt;

use crate::swar;
use validate::ValidPath;

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
    /// A value that some system reads as a literal which could stand in its place.
    ShadowsLiteral,
}

impl PathRule {
    /// Every rule, in the order of their numbers, which begin at 1.
    pub const ALL: [Self; 16] = [
        Self::TooLong,
        Self::NotOriginForm,
        Self::Fragment,
        Self::QueryBytes,
        Self::TooManySegments,
        Self::SegmentTooLong,
        Self::Byte,
        Self::BadEscape,
        Self::EncodedDelimiter,
        Self::EncodedUnreserved,
        Self::Utf8,
        Self::Confusable,
        Self::EmptySegment,
        Self::DotSegment,
        Self::SegmentEdge,
        Self::ShadowsLiteral,
    ];

    /// The rule with this number, if there is one.
    #[inline]
    pub(crate) const fn from_number(number: u32) -> Option<Self> {
        match Self::ALL.split_at_checked(number.wrapping_sub(1) as usize) {
            Some((_, [rule, ..])) => Some(*rule),
            _ => None,
        }
    }

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

const _: () = {
    let mut number = 1;
    while let Some(rule) = PathRule::from_number(number) {
        assert!(
            rule as u32 == number,
            "`ALL` is in the order of the numbers"
        );
        number = number.wrapping_add(1);
    }
    assert!(number as usize > PathRule::ALL.len());
};

impl fmt::Display for PathRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A text is not the name of a [`PathRule`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UnknownPathRule(());

impl core::error::Error for UnknownPathRule {}

impl fmt::Display for UnknownPathRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text is not the name of a path rule, such as dot_segment")
    }
}

/// # Errors
///
/// [`UnknownPathRule`] for any text that is not the name of a rule, byte for byte.
impl core::str::FromStr for PathRule {
    type Err = UnknownPathRule;

    fn from_str(name: &str) -> Result<Self, UnknownPathRule> {
        let rule = Self::ALL.into_iter().find(|rule| rule.as_str() == name);
        rule.ok_or(UnknownPathRule(()))
    }
}

/// The path rule that a target breaks, and where.
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

    /// The same refusal, for a text in which the checked one starts at `by`.
    pub(crate) const fn offset_by(self, by: usize) -> Self {
        Self {
            rule: self.rule,
            at: self.at.saturating_add(by),
        }
    }
}

impl core::error::Error for BadPath {}

/// `dot_segment at byte 15`
impl fmt::Display for BadPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.rule, self.at)
    }
}

/// Checks a whole request target against every rule that does not depend on the policy,
/// which is every rule but [`PathRule::ShadowsLiteral`].
///
/// # Errors
///
/// The first rule that the target breaks: lengths and form first, then from left to right.
///
/// Cost: linear in the target; no allocation.
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
    ValidPath::validate(target, None).map(drop)
}

/// Checks one path segment, given without its slashes, against the rules that a segment can
/// break by itself.
///
/// # Errors
///
/// The first rule that it breaks, with the offset in the segment.
///
/// Cost: one pass, and a second one over a segment that is longer than 255 bytes or ends in
/// a dot; no allocation.
///
/// ```
/// use routescope_core::{path, PathRule};
///
/// assert!(path::check_segment(b"{id}").is_err_and(|bad| bad.rule == PathRule::Byte));
/// assert!(path::check_segment(b"caf%C3%A9").is_ok());
/// ```
#[inline]
pub fn check_segment(segment: &[u8]) -> Result<(), BadPath> {
    validate::segment(segment)
}

/// Whether a segment may contain `byte` unescaped.
#[inline]
pub(crate) fn is_pchar(byte: u8) -> bool {
    let bits = PCHARS.get(usize::from(byte >> 5)).copied();
    bits.unwrap_or_default() >> (byte & 31) & 1 != 0
}

/// The bytes of [`swar::pchar_mask`], one bit each.
#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a constant: an index out of range would not build"
)]
pub(crate) const PCHARS: [u32; 8] = {
    let mut bits = [0; 8];
    let mut byte = 0;
    while byte < 128 {
        if swar::pchar_mask(byte) & 0x80 != 0 {
            bits[byte as usize / 32] |= 1 << (byte % 32);
        }
        byte += 1;
    }
    bits
};

/// The offset of the first `byte` in `text`, else its length.
pub(crate) fn position(text: &[u8], byte: u8) -> usize {
    let found = text.iter().position(|&here| here == byte);
    found.unwrap_or(text.len())
}
