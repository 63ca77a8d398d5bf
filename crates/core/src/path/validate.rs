//! The exact check of every path rule, for targets that [`scan`](super::scan) cannot
//! answer for.

use core::num::NonZero;

use super::escape::{self, decode, decode_code_point};
use super::pchar::{is_pchar, position};
use super::rule::{
    BadPath, FEW_SEGMENTS_LEN, MAX_PATH, MAX_SEGMENT, MAX_SEGMENTS, MAX_TARGET, PathRule,
};
use super::scan::{self, SlashMask, is_query};
use crate::swar::{self, HAS_64_BIT_WORDS, LaneMask};
use crate::unicode::confusable::is_confusable;

/// The path of a target that keeps every rule but rule 7, which depends on the policy.
#[derive(Clone, Copy)]
pub(crate) struct ValidPath<'t> {
    /// The path with its first slash, without the query.
    pub(crate) bytes: &'t [u8],
    /// Whether it contains `%` or `$`. Only then can the reading of a segment (see
    /// [`lookalike`](crate::lookalike)) differ from its lower case in the middle.
    pub(crate) has_escapes: bool,
    /// Empty if the scan did not reach the end of the target.
    slashes: SlashMask,
}

impl<'t> ValidPath<'t> {
    /// The path of a target that the scan accepts, if it begins with a slash and does not end
    /// in a dot: the scan does not look at either.
    #[inline(always)]
    pub(crate) fn scanned(target: &'t [u8], slashes: SlashMask) -> Option<Self> {
        // The scan accepts no target that has room for a segment over the limit.
        const { assert!(scan::MAX_LEN <= MAX_SEGMENT) };
        matches!(target, [b'/', .., last] if *last != b'.').then_some(Self {
            bytes: target,
            has_escapes: false,
            slashes,
        })
    }

    /// A path that nobody has checked, for the proof and for tests.
    pub(crate) fn unchecked(path: &'t [u8]) -> Self {
        Self {
            bytes: path,
            has_escapes: true,
            slashes: SlashMask::EMPTY,
        }
    }

    /// Checks a target as [`check`](super::check) does, and returns its path. `scanned` is the
    /// offset at which the scan stopped, if it looked at the target.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn validate(
        target: &'t [u8],
        scanned: Option<NonZero<usize>>,
    ) -> Result<Self, BadPath> {
        if target.len() > MAX_TARGET {
            return Err(BadPath::new(PathRule::TooLong, MAX_TARGET));
        }
        if target.first() != Some(&b'/') {
            return Err(BadPath::new(PathRule::NotOriginForm, 0));
        }
        if target.len() > MAX_PATH && position(target, b'?') > MAX_PATH {
            return Err(BadPath::new(PathRule::TooLong, MAX_PATH));
        }
        // The prefix that the scan accepts has no segment over the limit.
        const { assert!(scan::MAX_LEN <= MAX_SEGMENT) };
        let valid = match scanned {
            Some(offset) => offset.get(),
            None if target.len() <= MAX_SEGMENT => valid_prefix(target),
            // A segment of valid bytes may be over the limit.
            None => 1,
        };
        let end = path_end(target, valid)?;
        let bytes = target.get(..end).unwrap_or_default();
        if end < target.len() {
            let query = target.get(end..).unwrap_or_default();
            check_query(query).map_err(|bad| bad.offset_by(end))?;
        }
        Ok(Self {
            bytes,
            // The valid prefix may contain a `$`, so the search covers the whole path.
            has_escapes: bytes.iter().any(|byte| matches!(byte, b'%' | b'$')),
            slashes: SlashMask::EMPTY,
        })
    }

    /// The end of the segment that contains offset `at`, which is at least 1.
    #[inline]
    pub(crate) fn segment_end(&self, at: usize) -> usize {
        match self.slashes.next(at) {
            Some(slash) => slash,
            None => next_slash(self.bytes, at),
        }
    }
}

#[inline(never)]
fn next_slash(path: &[u8], at: usize) -> usize {
    if HAS_64_BIT_WORDS {
        return swar::find(path, at, |word| swar::eq_mask(word, b'/'));
    }
    let rest = path.get(at..).unwrap_or_default();
    at.wrapping_add(position(rest, b'/'))
}

/// Checks the path of `target` and returns its end. `target[1..valid]` is known to keep every
/// rule but the limit on the number of segments, and to have no segment over the length limit
/// that ends in it.
#[cfg_attr(target_pointer_width = "64", inline(always))]
fn path_end(target: &[u8], valid: usize) -> Result<usize, BadPath> {
    let mut at = valid;
    // The number of segments begun so far. Short targets need no count.
    let mut segments = match target.len() {
        0..=FEW_SEGMENTS_LEN => 0,
        _ => count_slashes(target, valid),
    };
    if segments > MAX_SEGMENTS {
        // The last slash may end the path, so that it begins no segment. Start again.
        (at, segments) = (1, 1);
    } else if is_path_end(target, at) && target.get(at.wrapping_sub(1)) != Some(&b'.') {
        return Ok(at);
    }
    let mut start = None;
    loop {
        let end = segment_bytes_end(target, at)?;
        let start_of_segment = start.unwrap_or_else(|| segment_start(target, at));
        let segment = target.get(start_of_segment..end).unwrap_or_default();
        check_segment_ends(segment).map_err(|bad| bad.offset_by(start_of_segment))?;
        at = end;
        // One trailing slash is not an empty segment.
        if target.get(at) == Some(&b'/') {
            at = at.saturating_add(1);
        }
        if is_path_end(target, at) {
            return Ok(at);
        }
        segments = segments.saturating_add(1);
        if segments > MAX_SEGMENTS {
            return Err(BadPath::new(PathRule::TooManySegments, at));
        }
        start = Some(at);
    }
}

fn is_path_end(target: &[u8], at: usize) -> bool {
    matches!(target.get(at), None | Some(b'?'))
}

/// The number of slashes before `at`.
fn count_slashes(target: &[u8], at: usize) -> usize {
    let before = target.get(..at).unwrap_or_default();
    before.iter().filter(|&&byte| byte == b'/').count()
}

/// The length of the prefix of a target that consists of unescaped segment bytes and of
/// slashes after segments that end well.
fn valid_prefix(target: &[u8]) -> usize {
    let mut slash_is_invalid = true;
    let after_first = target.get(1..).unwrap_or_default();
    let stop = after_first.iter().position(|&byte| {
        let stop = !is_pchar(byte) && (byte != b'/' || slash_is_invalid);
        slash_is_invalid = matches!(byte, b'.' | b'/');
        stop
    });
    stop.map_or(target.len(), |stop| stop.saturating_add(1))
}

/// The start of the segment that contains, or ends at, offset `at`.
fn segment_start(target: &[u8], at: usize) -> usize {
    let mut before = target.get(..at).unwrap_or_default();
    if HAS_64_BIT_WORDS {
        while let Some((rest, eight)) = before.split_last_chunk() {
            let slashes = swar::eq_mask(u64::from_le_bytes(*eight), b'/');
            if slashes != 0 {
                return before.len().wrapping_sub(swar::trailing_lanes(slashes));
            }
            before = rest;
        }
    }
    let slash = before.iter().rposition(|&byte| byte == b'/');
    slash.map_or(1, |slash| slash.saturating_add(1))
}

/// Checks the part of a target after its path: nothing, or `?` and visible ASCII without `#`.
fn check_query(query: &[u8]) -> Result<(), BadPath> {
    if HAS_64_BIT_WORDS && is_query(query) {
        return Ok(());
    }
    let is_valid = |byte: &u8| matches!(byte, 0x21..=0x7E) && *byte != b'#';
    let invalid = query.iter().position(|byte| !is_valid(byte));
    let at = invalid.unwrap_or(query.len());
    match query.get(at) {
        None => Ok(()),
        Some(b'#') => Err(BadPath::new(PathRule::Fragment, at)),
        Some(_) => Err(BadPath::new(PathRule::QueryBytes, at)),
    }
}

/// As [`check_segment`](super::check_segment).
#[inline]
pub(super) fn segment(segment: &[u8]) -> Result<(), BadPath> {
    let end = segment_bytes_end(segment, 0)?;
    if end < segment.len() {
        return Err(BadPath::new(PathRule::Byte, end));
    }
    check_segment_ends(segment)
}

/// Checks the bytes and escapes of a segment from `at` on and returns its end: the offset of
/// a `/` or a `?`, or the end of the text.
#[cfg_attr(target_pointer_width = "64", inline(always))]
fn segment_bytes_end(path: &[u8], at: usize) -> Result<usize, BadPath> {
    let mut rest = path.get(at..).unwrap_or_default();
    loop {
        let at = || path.len().wrapping_sub(rest.len());
        rest = match rest {
            [b'%', ..] => check_escape(rest).map_err(|rule| BadPath::new(rule, at()))?,
            [byte, after @ ..] if is_pchar(*byte) => skip_pchars(after),
            [] | [b'/' | b'?', ..] => return Ok(at()),
            [b'#', ..] => return Err(BadPath::new(PathRule::Fragment, at())),
            _ => return Err(BadPath::new(PathRule::Byte, at())),
        };
    }
}

/// Skips the unescaped segment bytes at the start of a text, or some of them.
#[inline(always)]
fn skip_pchars(text: &[u8]) -> &[u8] {
    // A single byte between two escapes is not worth a load of eight.
    match text.first_chunk() {
        Some(chunk) if HAS_64_BIT_WORDS && chunk.first() != Some(&b'%') => {
            let end = match swar::first_lane(not_pchar_mask(u64::from_le_bytes(*chunk))) {
                8 => pchars_end(text, 8),
                end => end,
            };
            text.get(end..).unwrap_or_default()
        }
        _ => text,
    }
}

#[inline(never)]
fn pchars_end(text: &[u8], at: usize) -> usize {
    swar::find(text, at, not_pchar_mask)
}

#[inline(always)]
const fn not_pchar_mask(word: u64) -> LaneMask {
    swar::complement(swar::pchar_mask(word))
}

/// Checks the escaped character at the start of a text and returns the text after it.
#[inline(always)]
fn check_escape(text: &[u8]) -> Result<&[u8], PathRule> {
    let lead = decode(text).ok_or(PathRule::BadEscape)?;
    let rest = escape::after(text);
    if !lead.is_ascii() {
        return check_code_point(lead, rest);
    }
    if escape::is_allowed(lead) {
        return Ok(rest);
    }
    // A byte that a segment may contain unescaped is unreserved: `escape::is_allowed` has
    // accepted the sub-delimiters.
    Err(if is_pchar(lead) {
        PathRule::EncodedUnreserved
    } else {
        PathRule::EncodedDelimiter
    })
}

/// Checks a code point of two to four escaped bytes and returns the text after it. `text` has
/// all of its escapes but the first, whose byte is `lead`.
#[inline(always)]
fn check_code_point(lead: u8, text: &[u8]) -> Result<&[u8], PathRule> {
    let (code_point, rest) = decode_code_point(lead, text).ok_or(PathRule::Utf8)?;
    if is_confusable(code_point) {
        return Err(PathRule::Confusable);
    }
    Ok(rest)
}

/// The length after decoding, of a segment whose every `%` begins an escape. For a segment
/// with more than 255 escapes the result is too large; such a segment is too long anyway.
fn decoded_len(segment: &[u8]) -> usize {
    // Hardly any segment is over the limit before it is decoded.
    if segment.len() <= MAX_SEGMENT {
        return segment.len();
    }
    // The count is a byte, because vector instructions add bytes fastest.
    let escapes = segment.iter().map(|&byte| u8::from(byte == b'%'));
    let escapes = usize::from(escapes.fold(0, u8::wrapping_add));
    segment.len().wrapping_sub(escapes.wrapping_mul(2))
}

/// Checks the length of a segment, how it starts and how it ends. Its bytes and escapes are
/// known to keep the rules.
fn check_segment_ends(segment: &[u8]) -> Result<(), BadPath> {
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
