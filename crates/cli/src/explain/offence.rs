//! The bytes of a target that break a rule, and how to show them.

use routescope::{BadPath, PathRule};

use crate::wire::{CUT, Shown, beginning, byte_from_hex};

/// The bytes that break a rule.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Offence {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Offence {
    /// The engine says where it begins; how far it goes depends on the rule.
    pub(super) fn of(bad: BadPath, target: &[u8]) -> Self {
        let start = bad.at.min(target.len());
        let rest = &target[start..];
        let segment = rest
            .iter()
            .position(|byte| matches!(byte, b'/' | b'?'))
            .unwrap_or(rest.len());
        let length = match bad.rule {
            PathRule::TooLong => rest.len(),
            PathRule::NotOriginForm => rest.iter().position(|b| *b == b'/').unwrap_or(rest.len()),
            PathRule::Fragment | PathRule::QueryBytes | PathRule::EmptySegment => 1,
            PathRule::TooManySegments
            | PathRule::SegmentTooLong
            | PathRule::DotSegment
            | PathRule::ShadowsLiteral
            | PathRule::ColonInValue => segment,
            PathRule::Byte => character(rest),
            PathRule::BadEscape => {
                1 + rest
                    .iter()
                    .skip(1)
                    .take(2)
                    .take_while(|byte| !matches!(byte, b'/' | b'?' | b'%'))
                    .count()
            }
            PathRule::EncodedDelimiter | PathRule::EncodedUnreserved => 3,
            PathRule::Utf8 | PathRule::Confusable => escapes(rest),
            PathRule::SegmentEdge if rest.starts_with(b"%") => 3,
            PathRule::SegmentEdge => 1,
        };
        Self {
            start,
            end: (start + length).min(target.len()),
        }
    }

    pub(super) fn bytes(self, target: &[u8]) -> &[u8] {
        &target[self.start..self.end]
    }
}

/// Returns the number of bytes of the character at the beginning of a text.
fn character(text: &[u8]) -> usize {
    let length = match text.first() {
        Some(0xC2..=0xDF) => 2,
        Some(0xE0..=0xEF) => 3,
        Some(0xF0..=0xF4) => 4,
        _ => 1,
    };
    match text.get(..length).map(std::str::from_utf8) {
        Some(Ok(_)) => length,
        _ => 1,
    }
}

/// Returns the number of bytes of the escapes that make up the first character, or that should.
fn escapes(text: &[u8]) -> usize {
    let byte = |at: usize| match text.get(at..)? {
        [b'%', high, low, ..] => byte_from_hex([*high, *low]),
        _ => None,
    };
    let most = match byte(0) {
        Some(0xC0..=0xDF) => 2,
        Some(0xE0..=0xEF) => 3,
        Some(0xF0..=0xFF) => 4,
        _ => 1,
    };
    let more = (1..most)
        .take_while(|i| matches!(byte(3 * i), Some(0x80..=0xBF)))
        .count();
    3 * (1 + more)
}

/// The target and a line of carets for below it, cut where it is long.
pub(super) fn marked(target: &[u8], offence: Offence) -> (String, String) {
    // A target that fits a terminal's line is shown whole.
    let (before, inside, after) = if Shown(target).width() <= 110 {
        (usize::MAX, usize::MAX, usize::MAX)
    } else {
        (44, 40, 24)
    };
    let before = end(&target[..offence.start], before);
    let inside = beginning(offence.bytes(target), inside);
    let after = beginning(&target[offence.end..], after);
    let carets = "^".repeat(inside.len().max(1));
    (
        format!("{before}{inside}{after}"),
        format!("{}{carets}", " ".repeat(before.len())),
    )
}

/// The last bytes that fit a number of columns.
fn end(bytes: &[u8], columns: usize) -> String {
    let mut start = bytes.len();
    let mut width = 0;
    while start > 0 && width + Shown(&bytes[start - 1..start]).width() <= columns {
        width += Shown(&bytes[start - 1..start]).width();
        start -= 1;
    }
    let cut = if start > 0 { CUT } else { "" };
    format!("{cut}{}", Shown(&bytes[start..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(target: &[u8]) -> (String, String) {
        let bad = routescope::path::check(target).unwrap_err();
        marked(target, Offence::of(bad, target))
    }

    #[test]
    fn carets_stand_below_the_bytes() {
        let cases: [(&[u8], &str, &str); 12] = [
            (b"", "", "^"),
            (b"*", "*", "^"),
            (b"http://h/a", "http://h/a", "^^^^^"),
            (b"/a/%2e%2E/", "/a/%2e%2E/", "   ^^^"),
            (b"/a\x1b\x00/b c", r"/a\x1B\x00/b c", "  ^^^^"),
            (b"/\xC3\xBCx", r"/\xC3\xBCx", " ^^^^^^^^"),
            (b"/\xFFx", r"/\xFFx", " ^^^^"),
            (b"/a//b", "/a//b", "   ^"),
            (b"/a/../b", "/a/../b", "   ^^"),
            (b"/a%2", "/a%2", "  ^^"),
            (b"/%EF%BC%8Fx", "/%EF%BC%8Fx", " ^^^^^^^^^"),
            (b"/a%20/", "/a%20/", "  ^^^"),
        ];
        for (target, line, carets) in cases {
            assert_eq!(shown(target), (line.to_owned(), carets.to_owned()));
        }
    }

    #[test]
    fn long_targets_are_cut() {
        let target = format!("/{}/;{}", "a".repeat(200), "b".repeat(200));
        let (line, carets) = shown(target.as_bytes());
        assert!(line.len() < 120, "{line}");
        assert_eq!(line.find(';'), carets.find('^'));
        let (line, _) = shown("/a".repeat(9000).as_bytes());
        assert!(line.len() < 120, "{line}");
    }
}
