//! The path contract: a request target is a fixpoint of every known
//! normalisation, or it is refused.
//!
//! Nothing is decoded, merged or folded on the way to a decision. [`check`]
//! says which rule a target breaks and where; the compiler holds the literals
//! of templates to the same rules with [`check_segment`].

use core::fmt;

use crate::escape::check_from_character;
use crate::words::{self, WIDE, find, not};

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
    check_from(target, 1).map(drop)
}

/// So many bytes are not too many segments: each is two bytes at least, with its
/// slash, up to the first empty one, which is refused before they are counted.
/// Nor is any of them too long.
pub(crate) const SHORT: usize = 2 * MAX_SEGMENTS;

/// As [`check`], of a target whose segments before `at` are known to be proper.
/// The length of its path.
pub(crate) fn check_from(target: &[u8], at: usize) -> Result<usize, BadPath> {
    if target.len() > MAX_TARGET {
        return Err(BadPath::new(PathRule::TooLong, MAX_TARGET));
    }
    if target.first() != Some(&b'/') {
        return Err(BadPath::new(PathRule::NotOriginForm, 0));
    }
    if target.len() > MAX_PATH && position(target, b'?') > MAX_PATH {
        return Err(BadPath::new(PathRule::TooLong, MAX_PATH));
    }
    let Clean {
        mut at,
        mut count,
        mut plain,
    } = Clean::until(target, at);
    // One trailing slash is not an empty segment.
    while !matches!(target.get(at), None | Some(b'?')) {
        count = count.saturating_add(1);
        if count > MAX_SEGMENTS {
            return Err(BadPath::new(PathRule::TooManySegments, at));
        }
        at = match plain.take() {
            Some(plain) => segment_end(target, at, plain)?,
            None => segment_end(target, at, uncommon_end(target, at))?,
        };
        if target.get(at) == Some(&b'/') {
            at = at.saturating_add(1);
        }
    }
    if at < target.len() {
        let query = target.get(at..).unwrap_or_default();
        check_query(query).map_err(|bad| bad.offset_by(at))?;
    }
    Ok(at)
}

/// How much of a target is clean at first sight.
struct Clean {
    /// Where the first segment starts that may break a rule, or the end.
    at: usize,
    /// How many segments come before it, if that matters.
    count: usize,
    /// Up to where that segment has plain bytes, if that is known.
    plain: Option<usize>,
}

impl Clean {
    /// From a segment's start on.
    fn until(target: &[u8], at: usize) -> Self {
        // No segment of a short target is too long.
        let (at, plain) = if WIDE && target.len() <= MAX_SEGMENT {
            let odd = odd_byte(target, at);
            let start = if odd < target.len() || target.ends_with(b".") {
                // What comes before `at` is known to be proper, plain or not.
                last_start(target, odd).max(at)
            } else {
                odd
            };
            (start, Some(odd))
        } else {
            (at, None)
        };
        if target.len() <= SHORT {
            return Self {
                at,
                count: 0,
                plain,
            };
        }
        match segments(target, at) {
            count @ 0..=MAX_SEGMENTS => Self { at, count, plain },
            // One of them is one too many.
            _ => Self {
                at: 1,
                count: 0,
                plain: None,
            },
        }
    }
}

/// Where, from a segment's start on, the first byte stands that few paths have,
/// or the slash after a segment that is empty or ends in a dot; or the end.
fn odd_byte(target: &[u8], at: usize) -> usize {
    // Whether the byte before is one that no slash may follow.
    let mut before = 0x80;
    find(target, at, |word| {
        let (slash, ends) = (words::slash(word), words::dot_or_slash(word));
        let odd = not(words::common_or_slash(word)) | slash & (ends << 8 | before);
        before = ends >> 56;
        odd
    })
}

/// Whether the rest of a short target, from a segment's start on, is a path of
/// the bytes that nearly all paths consist of, and keeps the rules. Nearly all
/// targets that match nothing do.
///
/// Written so that compilers make vector instructions of it, where there are
/// any: sixteen bytes at a time, and nothing that depends on one of them alone.
#[inline(never)]
pub(crate) fn is_clean(target: &[u8], at: usize) -> bool {
    const LANES: usize = 16;
    let form = matches!(target, [b'/', .., last] if *last != b'.');
    if !WIDE || target.len() > SHORT || !form {
        return false;
    }
    let Some(last) = target.len().checked_sub(LANES) else {
        return false;
    };
    let mut odd = [0; LANES];
    let mut at = at;
    while at < target.len() {
        // At the end, some bytes once more.
        let start = at.min(last).max(1);
        let lanes = |start: usize| target.get(start..)?.first_chunk::<LANES>();
        let (Some(before), Some(here)) = (lanes(start.wrapping_sub(1)), lanes(start)) else {
            return false;
        };
        for ((odd, before), here) in odd.iter_mut().zip(before).zip(here) {
            *odd |= u8::from(is_odd(*before, *here));
        }
        at = start.wrapping_add(LANES);
    }
    u128::from_ne_bytes(odd) == 0
}

/// Whether a byte, or the end of a segment at it, may break a rule.
#[inline]
const fn is_odd(before: u8, byte: u8) -> bool {
    const fn within(byte: u8, first: u8, last: u8) -> bool {
        byte.wrapping_sub(first) <= last.wrapping_sub(first)
    }
    let common = within(byte | 0x20, b'a', b'z') | within(byte, b'-', b'9') | (byte == b'_');
    let ends_badly = (byte == b'/') & within(before, b'.', b'/');
    !common | ends_badly
}

/// Where the segment starts that has its end, or any byte, at `at`.
fn last_start(target: &[u8], at: usize) -> usize {
    let before = target.get(..at).unwrap_or_default();
    before
        .iter()
        .rposition(|&byte| byte == b'/')
        .map_or(1, |slash| slash.saturating_add(1))
}

/// How many whole segments a path has before `at`, where the next one starts or
/// the path ends.
pub(crate) fn segments(path: &[u8], at: usize) -> usize {
    let before = path.get(..at).unwrap_or_default();
    let before = before.strip_suffix(b"/").unwrap_or(before);
    before.iter().filter(|&&byte| byte == b'/').count()
}

/// Where any segment ends: before the next `/` or `?`, or at the end. All bytes
/// from its start up to `plain` are plain.
#[inline(never)]
pub(crate) fn segment_end(path: &[u8], start: usize, plain: usize) -> Result<usize, BadPath> {
    if is_proper(path, start, plain) {
        return Ok(plain);
    }
    let end = plain.saturating_add(segment_at(path, plain).len());
    let segment = path.get(start..end).unwrap_or_default();
    check_from_character(segment, plain.saturating_sub(start))
        .map_err(|bad| bad.offset_by(start))?;
    Ok(end)
}

/// Checks what follows the path: nothing, or `?` and visible ASCII without `#`.
pub(crate) fn check_query(query: &[u8]) -> Result<(), BadPath> {
    let at = if WIDE {
        find(query, 0, |word| not(words::visible(word)))
    } else {
        let visible = |byte: &u8| matches!(byte, 0x21..=0x7E) && *byte != b'#';
        let odd = query.iter().position(|byte| !visible(byte));
        odd.unwrap_or(query.len())
    };
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
/// Cost: one pass; a second one over a segment with escapes.
#[inline]
pub fn check_segment(segment: &[u8]) -> Result<(), BadPath> {
    let plain = uncommon_end(segment, 0);
    if plain == segment.len() && is_proper(segment, 0, plain) {
        return Ok(());
    }
    check_from_character(segment, plain)
}

/// Where the segment that starts at `start` ends: before the next `/` or `?`, or
/// at the end. `None` if it breaks a rule, or might: an escape must be looked at
/// character by character.
#[inline]
pub(crate) fn plain_end(path: &[u8], start: usize) -> Option<usize> {
    let end = if WIDE {
        let end = find(path, start, |word| not(words::common(word)));
        match path.get(end) {
            None | Some(b'/' | b'?') => end,
            Some(_) => uncommon_end(path, end),
        }
    } else {
        uncommon_end(path, start)
    };
    is_proper(path, start, end).then_some(end)
}

/// Whether plain bytes, as long as there are any, are a segment that keeps the
/// rules.
#[inline]
fn is_proper(path: &[u8], start: usize, end: usize) -> bool {
    let value = path.get(start..end).unwrap_or_default();
    matches!(path.get(end), None | Some(b'/' | b'?'))
        && !matches!(value.last(), None | Some(b'.'))
        && value.len() <= MAX_SEGMENT
}

/// The first byte that cannot stand in a segment as it is: a longer look than
/// for the bytes that nearly all segments consist of.
#[inline(never)]
pub(crate) fn uncommon_end(path: &[u8], start: usize) -> usize {
    if WIDE {
        return find(path, start, |word| not(words::plain(word)));
    }
    let rest = path.get(start..).unwrap_or_default();
    let plain = rest.iter().position(|&byte| !is_plain(byte));
    plain.map_or(path.len(), |plain| start.saturating_add(plain))
}

/// The segment that starts at `start`, whatever it consists of.
pub(crate) fn segment_at(path: &[u8], start: usize) -> &[u8] {
    let rest = path.get(start..).unwrap_or_default();
    let len = rest.iter().position(|byte| matches!(byte, b'/' | b'?'));
    let end = len.map_or(path.len(), |len| start.saturating_add(len));
    path.get(start..end).unwrap_or_default()
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
