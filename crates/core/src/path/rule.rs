//! The path rules by name, and their limits.

use core::fmt;

/// Longest request target, in bytes, query included. RFC 9110 section 4.1 recommends that at
/// least 8,000 are supported.
pub const MAX_TARGET: usize = 8192;
/// Longest path, in bytes: the target up to its first `?`.
pub const MAX_PATH: usize = 2048;
/// Most segments in a path.
pub const MAX_SEGMENTS: usize = 32;
/// Longest segment, in bytes after percent-decoding.
pub const MAX_SEGMENT: usize = 255;

/// A path of at most this many bytes cannot have too many segments: each has at least two
/// bytes with its slash, up to the first empty one, which is refused.
pub(crate) const FEW_SEGMENTS_LEN: usize = 2 * MAX_SEGMENTS;

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
    /// A value that some system reads as a literal that is an alternative to it, or as one with
    /// the literals of an affix such as `{id}:cancel`.
    ShadowsLiteral,
    /// A value with a `:`, raw or escaped, where the policy forbids it by `values: no-colon`.
    ColonInValue,
}

impl PathRule {
    /// Every rule, in the order of their numbers, which begin at 1.
    pub const ALL: [Self; 17] = [
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
        Self::ColonInValue,
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
            Self::ColonInValue => "colon_in_value",
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
    /// target (or of the segment, from [`check_segment`](crate::path::check_segment)).
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
