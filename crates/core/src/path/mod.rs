//! The path contract: a request target is a fixpoint of every known
//! normalisation, or it is refused.
//!
//! Nothing is decoded, merged or folded on the way to a decision. [`check`]
//! says which rule a target breaks and where; the compiler holds the literals
//! of templates to the same rules with [`check_segment`].

pub(crate) mod escape;
pub(crate) mod scan;

use core::fmt;

use crate::path::escape::{characters_end, check_ends};
use crate::path::scan::{MOST, Slashes, is_visible};
use crate::swar::{self as words, WIDE, find};

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

    /// The rule that has this number.
    #[inline]
    pub(crate) const fn numbered(number: u32) -> Option<Self> {
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
    while let Some(rule) = PathRule::numbered(number) {
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
    Path::checked(target, 0).map(drop)
}

/// The path of a target that keeps the rules.
#[derive(Clone, Copy)]
pub(crate) struct Path<'t> {
    /// With the slash in front, without the query.
    pub(crate) bytes: &'t [u8],
    /// Whether there is an escape in it, or a `$`: then a segment may be read as more than
    /// its lower case. A clean path has neither.
    pub(crate) escapes: bool,
    /// None, if they are not known.
    slashes: Slashes,
}

impl<'t> Path<'t> {
    /// Of a target that is clean at first sight, if it has the form of one.
    #[inline(always)]
    pub(crate) fn clean(target: &'t [u8], slashes: Slashes) -> Option<Self> {
        // None of its segments is too long.
        const { assert!(MOST <= MAX_SEGMENT) };
        matches!(target, [b'/', .., last] if *last != b'.').then_some(Self {
            bytes: target,
            escapes: false,
            slashes,
        })
    }

    /// As it is, whatever it is.
    pub(crate) fn unchecked(path: &'t [u8]) -> Self {
        Self {
            bytes: path,
            escapes: true,
            slashes: [0; 2],
        }
    }

    /// As [`check`]; so many bytes are known to be clean.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn checked(target: &'t [u8], clean: usize) -> Result<Self, BadPath> {
        if target.len() > MAX_TARGET {
            return Err(BadPath::new(PathRule::TooLong, MAX_TARGET));
        }
        if target.first() != Some(&b'/') {
            return Err(BadPath::new(PathRule::NotOriginForm, 0));
        }
        if target.len() > MAX_PATH && position(target, b'?') > MAX_PATH {
            return Err(BadPath::new(PathRule::TooLong, MAX_PATH));
        }
        // No segment of what was looked at is too long.
        const { assert!(MOST <= MAX_SEGMENT) };
        let odd = match clean {
            0 if target.len() <= MAX_SEGMENT => odd_byte(target),
            // A segment of clean bytes may be too long.
            0 => 1,
            known => known,
        };
        let end = check_segments(target, odd)?;
        let bytes = target.get(..end).unwrap_or_default();
        if end < target.len() {
            let query = target.get(end..).unwrap_or_default();
            check_query(query).map_err(|bad| bad.offset_by(end))?;
        }
        Ok(Self {
            bytes,
            // Not only behind `odd`: a `$` may stand in a segment as it is.
            escapes: bytes.iter().any(|byte| matches!(byte, b'%' | b'$')),
            slashes: [0; 2],
        })
    }

    /// Where the segment ends in which `at` is.
    #[inline]
    pub(crate) fn segment_end(&self, at: usize) -> usize {
        let behind = at.wrapping_sub(1);
        let [near, far] = self.slashes;
        if behind < 64 {
            let rest = near >> behind;
            if rest != 0 {
                return at.wrapping_add(rest.trailing_zeros() as usize);
            }
            if far != 0 {
                return 65usize.wrapping_add(far.trailing_zeros() as usize);
            }
        } else if behind < 128 {
            let rest = far >> (behind & 63);
            if rest != 0 {
                return at.wrapping_add(rest.trailing_zeros() as usize);
            }
        }
        slash_from(self.bytes, at)
    }
}

#[inline(never)]
fn slash_from(path: &[u8], at: usize) -> usize {
    if WIDE {
        return find(path, at, |word| words::is(word, b'/'));
    }
    let rest = path.get(at..).unwrap_or_default();
    at.wrapping_add(position(rest, b'/'))
}

/// So many bytes are not too many segments: each is two bytes at least, with its
/// slash, up to the first empty one, which is refused first.
pub(crate) const SHORT: usize = 2 * MAX_SEGMENTS;

/// Checks the segments of a target up to its query, and how many they are. It
/// begins with a slash; all bytes between that and `odd` can stand where they stand,
/// and no segment that ends before `odd` is too long. Where the path ends.
#[cfg_attr(target_pointer_width = "64", inline(always))]
fn check_segments(target: &[u8], odd: usize) -> Result<usize, BadPath> {
    let mut at = odd;
    // How many segments, as far as it matters.
    let mut begun = match target.len() {
        0..=SHORT => 0,
        _ => slashes(target, odd),
    };
    if begun > MAX_SEGMENTS {
        // One of them may be one too many.
        (at, begun) = (1, 1);
    } else if ends_path(target, at) && !ends_with_dot(target, at) {
        return Ok(at);
    }
    let mut start = None;
    loop {
        let end = characters_end(target, at)?;
        let from = start.unwrap_or_else(|| last_start(target, at));
        let segment = target.get(from..end).unwrap_or_default();
        check_ends(segment).map_err(|bad| bad.offset_by(from))?;
        at = end;
        // One trailing slash is not an empty segment.
        if target.get(at) == Some(&b'/') {
            at = at.saturating_add(1);
        }
        if ends_path(target, at) {
            return Ok(at);
        }
        begun = begun.saturating_add(1);
        if begun > MAX_SEGMENTS {
            return Err(BadPath::new(PathRule::TooManySegments, at));
        }
        start = Some(at);
    }
}

fn ends_path(target: &[u8], at: usize) -> bool {
    matches!(target.get(at), None | Some(b'?'))
}

fn ends_with_dot(target: &[u8], at: usize) -> bool {
    target.get(at.wrapping_sub(1)) == Some(&b'.')
}

/// How many slashes there are before `at`.
fn slashes(target: &[u8], at: usize) -> usize {
    let before = target.get(..at).unwrap_or_default();
    before.iter().filter(|&&byte| byte == b'/').count()
}

/// Where the first byte stands that is neither plain nor the slash behind a segment
/// that ends well; or the end.
fn odd_byte(target: &[u8]) -> usize {
    // Whether the byte before is one that no slash may follow.
    let mut before = true;
    let behind = target.get(1..).unwrap_or_default();
    let odd = behind.iter().position(|&byte| {
        let odd = !is_plain(byte) && (byte != b'/' || before);
        before = matches!(byte, b'.' | b'/');
        odd
    });
    odd.map_or(target.len(), |odd| odd.saturating_add(1))
}

/// Where the segment starts that has its end, or any byte, at `at`.
fn last_start(target: &[u8], at: usize) -> usize {
    let mut before = target.get(..at).unwrap_or_default();
    if WIDE {
        while let Some((rest, eight)) = before.split_last_chunk() {
            let slashes = words::is(u64::from_le_bytes(*eight), b'/');
            if slashes != 0 {
                return before.len().wrapping_sub(words::behind_last(slashes));
            }
            before = rest;
        }
    }
    let slash = before.iter().rposition(|&byte| byte == b'/');
    slash.map_or(1, |slash| slash.saturating_add(1))
}

/// Checks what follows the path: nothing, or `?` and visible ASCII without `#`.
fn check_query(query: &[u8]) -> Result<(), BadPath> {
    if WIDE && is_visible(query) {
        return Ok(());
    }
    let visible = |byte: &u8| matches!(byte, 0x21..=0x7E) && *byte != b'#';
    let odd = query.iter().position(|byte| !visible(byte));
    let at = odd.unwrap_or(query.len());
    match query.get(at) {
        None => Ok(()),
        Some(b'#') => Err(BadPath::new(PathRule::Fragment, at)),
        Some(_) => Err(BadPath::new(PathRule::QueryBytes, at)),
    }
}

/// Checks one path segment, given without its slashes, against the rules that
/// a segment can break by itself.
///
/// # Errors
///
/// The first rule broken, with its offset in the segment.
///
/// Cost: one pass, and a second one over a segment that is longer than 255 bytes or
/// ends in a dot.
#[inline]
pub fn check_segment(segment: &[u8]) -> Result<(), BadPath> {
    let end = characters_end(segment, 0)?;
    if end < segment.len() {
        return Err(BadPath::new(PathRule::Byte, end));
    }
    check_ends(segment)
}

/// Where `byte` first stands in `text`, or its length.
pub(crate) fn position(text: &[u8], byte: u8) -> usize {
    let found = text.iter().position(|&here| here == byte);
    found.unwrap_or(text.len())
}

/// Whether `byte` can stand in a segment as it is.
#[inline]
pub(crate) fn is_plain(byte: u8) -> bool {
    let bits = PLAIN.get(usize::from(byte >> 5)).copied();
    bits.unwrap_or_default() >> (byte & 31) & 1 != 0
}

/// The bytes of [`words::plain`], one bit each.
#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a constant: an index out of range would not build"
)]
pub(crate) const PLAIN: [u32; 8] = {
    let mut bits = [0; 8];
    let mut byte = 0;
    while byte < 128 {
        if words::plain(byte) & 0x80 != 0 {
            bits[byte as usize / 32] |= 1 << (byte % 32);
        }
        byte += 1;
    }
    bits
};
