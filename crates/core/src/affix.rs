//! Affixes: segments of a template with a parameter and a literal before or behind it, such as
//! `{id}:cancel`. Which segments of a path one takes, and which resemble it (rule 7).

use crate::lookalike::{folded, has_windows_wildcard, trimmed};
use crate::swar::equal;

/// An affix: the literals before and behind the parameter. At least one is not empty, and
/// neither contains an escape.
#[derive(Clone, Copy, Debug)]
pub struct Affix<'t> {
    /// The literal before the parameter.
    pub prefix: &'t [u8],
    /// The literal behind it.
    pub suffix: &'t [u8],
}

impl Affix<'_> {
    /// The value in a segment that the affix takes: at least one byte between prefix and suffix,
    /// without the beginning of an escape whose end is part of the suffix. `any_case` says that
    /// the ASCII case of literals does not count.
    #[must_use]
    pub fn value_of<'s>(&self, segment: &'s [u8], any_case: bool) -> Option<&'s [u8]> {
        if !self.is_around(segment) {
            return None;
        }
        let middle = segment.len().saturating_sub(self.suffix.len());
        let (rest, suffix) = segment.split_at_checked(middle)?;
        let (prefix, value) = rest.split_at_checked(self.prefix.len())?;
        let is_same = any_case || equal(prefix, self.prefix) && equal(suffix, self.suffix);
        let is_whole = !matches!(value, [] | [.., b'%'] | [.., b'%', _]);
        (is_same && is_whole).then_some(value)
    }

    /// Whether a segment resembles the affix: decoded and folded, or in its normal form, it begins
    /// with the prefix and ends with the suffix, perhaps with nothing between. That includes the
    /// segments that the affix takes. An NTFS stream after a suffix with a colon is not looked for:
    /// no name on such a file system has that colon.
    #[must_use]
    pub fn is_resembled_by(&self, segment: &[u8]) -> bool {
        has_windows_wildcard(segment) || any_reading(segment, &|reading| self.is_around(reading))
    }

    /// Whether a text begins with the prefix and ends with the suffix, in any ASCII case.
    #[inline(never)]
    pub(crate) fn is_around(&self, text: &[u8]) -> bool {
        let (prefix, suffix) = (self.prefix, self.suffix);
        let Some(middle) = text.len().checked_sub(suffix.len()) else {
            return false;
        };
        let Some((rest, end)) = text.split_at_checked(middle) else {
            return false;
        };
        let begins = rest.get(..prefix.len());
        begins.is_some_and(|begins| begins.eq_ignore_ascii_case(prefix))
            && end.eq_ignore_ascii_case(suffix)
    }
}

/// Whether something holds for a segment that is decoded and folded, or for its [normal
/// form](crate::lookalike::normalized). The segment keeps the path rules.
#[inline(never)]
pub(crate) fn any_reading(segment: &[u8], holds: &dyn Fn(&[u8]) -> bool) -> bool {
    [segment, trimmed(segment)].into_iter().any(|text| {
        let mut buffer = [0; MAX_FOLDED];
        let mut bytes = folded(text);
        let mut len = 0usize;
        for (slot, byte) in buffer.iter_mut().zip(&mut bytes) {
            *slot = byte;
            len = len.saturating_add(1);
        }
        // No segment that keeps the path rules is longer than the buffer.
        bytes.next().is_some() || holds(buffer.get(..len).unwrap_or_default())
    })
}

/// The longest folded segment: of 255 bytes, two or more may be replaced by four of ASCII.
const MAX_FOLDED: usize = 512;

/// Whether a text contains a `:`, raw or escaped.
#[inline(never)]
pub(crate) fn has_colon(text: &[u8]) -> bool {
    let mut rest = text;
    while let [byte, after @ ..] = rest {
        if *byte == b':' || matches!(rest, [b'%', b'3', b'A' | b'a', ..]) {
            return true;
        }
        rest = after;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn affix(text: &str) -> Affix<'_> {
        let (prefix, suffix) = text.split_once("{}").unwrap_or_default();
        Affix {
            prefix: prefix.as_bytes(),
            suffix: suffix.as_bytes(),
        }
    }

    #[test]
    fn segments_taken_and_resembling() {
        for (template, segment, exact, any_case, resembles) in [
            ("{}:cancel", "5:cancel", true, true, true),
            ("{}:cancel", "5:CANCEL", false, true, true),
            ("{}:cancel", ":cancel", false, false, true),
            ("{}:cancel", "5%3Acancel", false, false, true),
            ("{}:cancel", "5:cancel+", false, false, true),
            ("{}:cancel", "5%22", false, false, true),
            ("{}:cancel", "5:cancelled", false, false, false),
            ("{}:cancel", "cancel", false, false, false),
            ("key={}", "key=5", true, true, true),
            ("key={}", "KEY=5", false, true, true),
            ("key={}", "key%3D5", false, false, true),
            ("key={}", "+key=5", false, false, true),
            ("key={}", "k%F0%9D%90%9Ey=5", false, false, true),
            ("key={}", "key=", false, false, true),
            ("key={}", "monkey=5", false, false, false),
            ("{}.json", "5.json::$DATA", false, false, true),
            ("a{}a", "aa", false, false, true),
            ("a{}a", "a", false, false, false),
            // The end of an escape is no part of a suffix.
            ("{}A9", "x%C3%A9", false, false, false),
            ("{}9", "x%C3%A9", false, false, false),
            ("{}9", "x%C3%A99", true, true, true),
        ] {
            let (affix, segment) = (affix(template), segment.as_bytes());
            let name = (template, segment);
            assert_eq!(affix.value_of(segment, false).is_some(), exact, "{name:?}");
            assert_eq!(
                affix.value_of(segment, true).is_some(),
                any_case,
                "{name:?}"
            );
            assert_eq!(affix.is_resembled_by(segment), resembles, "{name:?}");
        }
    }

    #[test]
    fn colons() {
        for (text, expected) in [
            ("a:b", true),
            ("a%3Ab", true),
            ("a%3a", true),
            ("a%C3%A9", false),
            ("3A", false),
            ("", false),
        ] {
            assert_eq!(has_colon(text.as_bytes()), expected, "{text}");
        }
    }
}
