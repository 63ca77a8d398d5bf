//! Path rules 1 to 6, which need no policy.

use std::sync::OnceLock;

/// Path rules 1 to 6, which do not depend on the policy: the raw segments of the path and whether it
/// ends in a slash, if the target is well formed.
pub(crate) fn well_formed(target: &[u8]) -> Option<(Vec<String>, bool)> {
    // Rule 1. From here on the target is ASCII: no rule lets another raw byte through.
    let target = std::str::from_utf8(target).ok()?;
    if target.len() > 8192 || !target.starts_with('/') || target.contains('#') {
        return None;
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if !query.bytes().all(|byte| (0x21..=0x7E).contains(&byte)) {
        return None;
    }

    // Rule 2, but for the length of a segment.
    let (segments, slash) = split(path);
    if path.len() > 2048 || segments.len() > 32 {
        return None;
    }

    if segments.iter().all(|segment| is_good_segment(segment)) {
        Some((segments, slash))
    } else {
        None
    }
}

/// The segments of a path or template, and whether it ends in a slash. `/` has no segments.
pub(super) fn split(path: &str) -> (Vec<String>, bool) {
    if path == "/" {
        return (Vec::new(), true);
    }
    let inner = path.strip_prefix('/').unwrap_or(path);
    let (inner, slash) = match inner.strip_suffix('/') {
        Some(inner) => (inner, true),
        None => (inner, false),
    };
    (inner.split('/').map(String::from).collect(), slash)
}

/// Rules 2 to 6 for one segment.
fn is_good_segment(raw: &str) -> bool {
    // Rule 3; whether a `%` begins an escape is for `decode` to say.
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,=:@%".contains(c);
    if !raw.chars().all(allowed) {
        return false;
    }

    // Rule 4.
    let Some(pieces) = decode(raw) else {
        return false;
    };
    if pieces.iter().any(|p| p.escaped && is_bad_escape(p.byte)) {
        return false;
    }

    // Rule 5. Raw bytes are ASCII by now, so what the decoder refuses can only come from escapes; it
    // accepts only the shortest form, no surrogates, nothing above U+10FFFF.
    let bytes: Vec<u8> = pieces.iter().map(|piece| piece.byte).collect();
    let Ok(text) = String::from_utf8(bytes) else {
        return false;
    };
    if text.chars().any(is_look_alike) {
        return false;
    }

    // Rule 2, the length of a segment, and rule 6. Dots only is a case of ending in a dot; a space
    // can only be an encoded one, because rule 3 refuses the raw one.
    let empty = text.is_empty();
    let trimmed = text.starts_with(' ') || text.ends_with(' ') || text.ends_with('.');
    !empty && !trimmed && text.len() <= 255
}

/// Rule 4: the bytes that must not be written as an escape.
fn is_bad_escape(byte: u8) -> bool {
    let control = byte <= 0x1F || byte == 0x7F;
    let structure = b"/\\%;?#".contains(&byte);
    let unreserved = byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    control || structure || unreserved
}

/// Rule 5: look-alike and invisible characters.
pub(crate) fn is_look_alike(c: char) -> bool {
    static RANGES: OnceLock<Vec<(u32, u32)>> = OnceLock::new();
    let ranges = RANGES.get_or_init(look_alikes);
    ranges
        .iter()
        .any(|&(first, last)| first <= u32::from(c) && u32::from(c) <= last)
}

/// The file's ranges, both ends included. A leading `n` stands for the number of every plane.
fn look_alikes() -> Vec<(u32, u32)> {
    let mut ranges = Vec::new();
    for line in include_str!("../../data/confusables.txt").lines() {
        let Some(range) = line.split_whitespace().next() else {
            continue;
        };
        if range == "#" {
            continue;
        }
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let planes = if first.starts_with('n') {
            0..=16
        } else {
            0..=0
        };
        for plane in planes {
            let point = |text: &str| {
                let text = text.replace('n', &format!("{plane:X}"));
                u32::from_str_radix(&text, 16).expect("a code point in hex")
            };
            ranges.push((point(first), point(last)));
        }
    }
    ranges
}

/// One byte of a segment, and whether it was written as an escape.
pub(super) struct Piece {
    pub(super) byte: u8,
    pub(super) escaped: bool,
}

/// `None` if a `%` is not followed by two hex digits.
pub(super) fn decode(raw: &str) -> Option<Vec<Piece>> {
    let bytes = raw.as_bytes();
    let mut pieces = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] == b'%' {
            let high = hex_digit(*bytes.get(i + 1)?)?;
            let low = hex_digit(*bytes.get(i + 2)?)?;
            pieces.push(Piece {
                byte: high * 16 + low,
                escaped: true,
            });
            i += 3;
        } else {
            pieces.push(Piece {
                byte: bytes[i],
                escaped: false,
            });
            i += 1;
        }
    }
    Some(pieces)
}

pub(super) fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
