//! Rule 7: the segments that some system reads alike.

use unicode_normalization::UnicodeNormalization;

use super::path::decode;

/// Whether some system reads one segment as the other: they are the same once percent-decoded, after
/// NFKC and full case folding, without the characters that such a system drops at the ends. A value with
/// a character that Windows takes for a wildcard in a file name can be read as anything.
pub(super) fn resemble(literal: &str, value: &str) -> bool {
    let wildcard = |value: &str| value.contains(['"', '<', '>']);
    match (decoded(literal), decoded(value)) {
        (Some(_), Some(value)) if wildcard(&value) => true,
        (Some(literal), Some(value)) => read_as(&literal) == read_as(&value),
        _ => false,
    }
}

/// Whether some system reads a segment as one that begins and ends with these texts: it does so once
/// decoded and folded, or as the most lenient system reads it. Nothing need stand between.
pub(super) fn resemble_around(before: &str, behind: &str, value: &str) -> bool {
    let Some(value) = decoded(value) else {
        return false;
    };
    let (before, behind) = (before.to_lowercase(), behind.to_lowercase());
    let around = |text: &str| {
        let rest = text.strip_prefix(before.as_str());
        rest.is_some_and(|rest| rest.ends_with(&behind))
    };
    value.contains(['"', '<', '>']) || around(&folded(&value)) || around(&read_as(&value))
}

/// Whether a segment has a colon, as written or escaped.
pub(super) fn has_colon(raw: &str) -> bool {
    decode(raw).is_some_and(|pieces| pieces.iter().any(|piece| piece.byte == b':'))
}

fn decoded(raw: &str) -> Option<String> {
    let pieces = decode(raw)?;
    String::from_utf8(pieces.iter().map(|piece| piece.byte).collect()).ok()
}

/// Returns a decoded segment as the most lenient system reads it.
pub(crate) fn read_as(text: &str) -> String {
    without_ends(&folded(text)).to_owned()
}

/// The text after NFKC and full case folding. For texts that become ASCII, lower case, upper and
/// lower again is that folding (`ẞ`, `ß`, `SS`, `ss`). U+0130 is an i in Turkish; Unicode lower-cases
/// it to an i with U+0307, which is dropped for that reason.
fn folded(text: &str) -> String {
    let text: String = text.nfkc().collect();
    let mut text = text.to_lowercase().to_uppercase().to_lowercase();
    while text.contains("i\u{307}") {
        text = text.replace("i\u{307}", "i");
    }
    text
}

/// The text without a stream of NTFS (`:name:$type`), and without the characters that file systems
/// and form decoders drop at the ends; unchanged, if nothing else remains.
fn without_ends(text: &str) -> &str {
    let stream = text
        .split_once(':')
        .filter(|(_, after)| after.contains('$'));
    let before = stream.map_or(text, |(before, _)| before);
    let trimmed = before
        .trim_end_matches(['+', '*', ':', '"', '<', '>', '.', ' '])
        .trim_start_matches(['+', ' ']);
    if trimmed.is_empty() { text } else { trimmed }
}
