//! Which path rule a target breaks and where, read off the rules one by one:
//! what the shared vectors say of a refused path. Shares nothing with the
//! product; that a target is refused at all, the oracle says.

use std::str;

use crate::oracle::{Oracle, well_formed};

/// `rule@offset` of the first rule broken, for a target that `oracle` refuses.
///
/// First come the lengths and the form, then the segments from the left, then
/// the query; in a segment its characters from the left, then the segment as a
/// whole; and last what depends on the policy.
pub(crate) fn broken(oracle: &Oracle, target: &[u8]) -> String {
    let (rule, at) = form(target).unwrap_or_else(|| ("shadows_literal", shadow(oracle, target)));
    assert_eq!(
        well_formed(target).is_none(),
        rule != "shadows_literal",
        "{rule}@{at} of {}",
        String::from_utf8_lossy(target)
    );
    format!("{rule}@{at}")
}

type Breach = (&'static str, usize);

fn form(target: &[u8]) -> Option<Breach> {
    if target.len() > 8192 {
        return Some(("too_long", 8192));
    }
    if target.first() != Some(&b'/') {
        return Some(("not_origin_form", 0));
    }
    let mark = target.iter().position(|byte| *byte == b'?');
    let path = &target[..mark.unwrap_or(target.len())];
    if path.len() > 2048 {
        return Some(("too_long", 2048));
    }
    for (i, (start, segment)) in segments(path).into_iter().enumerate() {
        let broken = if i == 32 {
            Some(("too_many_segments", 0))
        } else {
            character(segment).or_else(|| whole(segment))
        };
        if let Some((rule, at)) = broken {
            return Some((rule, start + at));
        }
    }
    (path.len() + 1..target.len()).find_map(|at| match target[at] {
        b'#' => Some(("fragment", at)),
        0x21..=0x7E => None,
        _ => Some(("query_bytes", at)),
    })
}

/// Each segment with its offset. Behind a last slash there is none.
fn segments(path: &[u8]) -> Vec<(usize, &[u8])> {
    let mut found = Vec::new();
    let mut start = 1;
    for segment in path[1..].split(|byte| *byte == b'/') {
        found.push((start, segment));
        start += segment.len() + 1;
    }
    if found.last().is_some_and(|(_, last)| last.is_empty()) {
        found.pop();
    }
    found
}

/// The first character that no segment may contain.
fn character(segment: &[u8]) -> Option<Breach> {
    let mut at = 0;
    while at < segment.len() {
        let byte = segment[at];
        if byte == b'%' {
            match escape(segment, at) {
                Ok(length) => at += length,
                Err(rule) => return Some((rule, at)),
            }
        } else if byte == b'#' {
            return Some(("fragment", at));
        } else if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,=:@".contains(&byte) {
            at += 1;
        } else {
            return Some(("byte", at));
        }
    }
    None
}

/// Returns the number of bytes that the escapes of the character at `at` take.
fn escape(segment: &[u8], at: usize) -> Result<usize, &'static str> {
    let bytes = escaped_bytes(&segment[at..]);
    let Some(first) = bytes.first().copied() else {
        return Err("bad_escape");
    };
    match first {
        0..=0x1F | 0x7F => Err("encoded_delimiter"),
        _ if b"/\\%;?#".contains(&first) => Err("encoded_delimiter"),
        _ if first.is_ascii_alphanumeric() || b"-._".contains(&first) => Err("encoded_unreserved"),
        0x20..=0x7E => Ok(3),
        _ => {
            let mut prefixes = (2..=bytes.len().min(4)).map(|length| &bytes[..length]);
            match prefixes.find(|prefix| str::from_utf8(prefix).is_ok()) {
                None => Err("utf8"),
                Some(proper) => {
                    // Between letters nothing is left to object to but the character.
                    let escapes = &segment[at..at + 3 * proper.len()];
                    let alone = [b"/x", escapes, b"x"].concat();
                    match well_formed(&alone) {
                        None => Err("confusable"),
                        Some(_) => Ok(escapes.len()),
                    }
                }
            }
        }
    }
}

/// The bytes that a run of whole escapes stands for.
fn escaped_bytes(text: &[u8]) -> Vec<u8> {
    text.chunks(3)
        .map_while(|escape| match escape {
            [b'%', digits @ ..] if digits.len() == 2 && !digits.contains(&b'+') => {
                let digits = str::from_utf8(digits).ok()?;
                u8::from_str_radix(digits, 16).ok()
            }
            _ => None,
        })
        .collect()
}

/// Finds the rule that a segment of proper characters breaks as a whole.
fn whole(segment: &[u8]) -> Option<Breach> {
    let escapes = segment.iter().filter(|byte| **byte == b'%').count();
    if segment.is_empty() {
        Some(("empty_segment", 0))
    } else if segment.len() - 2 * escapes > 255 {
        Some(("segment_too_long", 0))
    } else if segment.iter().all(|byte| *byte == b'.') {
        Some(("dot_segment", 0))
    } else if segment.starts_with(b"%20") {
        Some(("segment_edge", 0))
    } else if segment.ends_with(b".") {
        Some(("segment_edge", segment.len() - 1))
    } else if segment.ends_with(b"%20") {
        Some(("segment_edge", segment.len() - 3))
    } else {
        None
    }
}

/// Returns the offset of the first value that resembles a literal.
fn shadow(oracle: &Oracle, target: &[u8]) -> usize {
    let path = target.split(|byte| *byte == b'?').next().unwrap_or(target);
    let refused = oracle.refused_segment(target);
    segments(path)[refused.expect("some segment resembles a literal")].0
}
