//! Lookalikes: the normal form of a segment, and other spellings of it, for the proof and
//! the comparison of two policies.
//!
//! This is rule 7 written a second time, from its definition and with a library's Unicode
//! tables. The normal form shares no code with the engine, which it checks; the spellings are
//! filtered by the engine's `check_segment`.

use std::collections::BTreeSet;

use routescope_core::path::check_segment;
use unicode_normalization::UnicodeNormalization;

use crate::model::template::spell;

/// Normalizes a segment as the most lenient systems read it: percent-decoded, after NFKC
/// and full case folding, without the characters that such systems drop at the ends.
/// Segments with the same normal form resemble each other.
pub(crate) fn normalize(segment: &str) -> Vec<u8> {
    match String::from_utf8(decoded(segment)) {
        Ok(text) => without_ends(&folded(&text)).as_bytes().to_vec(),
        // No path has such a segment.
        Err(bytes) => bytes.into_bytes(),
    }
}

/// Whether some system reads a value as this literal, so that rule 7 refuses the value where
/// the literal is an alternative. The same bytes are the literal itself and do not
/// count. Not so the values that resemble every literal, which [`is_wildcard`] tells.
///
/// Cost: linear in both, and allocates.
///
/// ```
/// use routescope_compiler::resembles;
///
/// for value in ["IMPORT", "%C4%B1mport", "import+", "import::$DATA"] {
///     assert!(resembles("import", value));
/// }
/// assert!(!resembles("import", "import"));
/// assert!(!resembles("import", "imports"));
/// ```
#[must_use]
pub fn resembles(literal: &str, value: &str) -> bool {
    literal != value && normalize(literal) == normalize(value)
}

/// Whether some system reads a value as one that begins and ends like this affix, so that rule 7
/// refuses the value where the affix is an alternative. A value that the affix takes does not
/// count. Not so the values that resemble every affix, which [`is_wildcard`] tells.
///
/// Cost: linear in the value, and allocates.
///
/// ```
/// use routescope_compiler::resembles_affix;
///
/// for value in ["5%3Acancel", "5:CANCEL", ":cancel", "5:cancel+"] {
///     assert!(resembles_affix("", ":cancel", value));
/// }
/// assert!(!resembles_affix("", ":cancel", "5:cancel"));
/// assert!(!resembles_affix("", ":cancel", "5:cancelled"));
/// ```
#[must_use]
pub fn resembles_affix(prefix: &str, suffix: &str, value: &str) -> bool {
    let itself = value.len() > prefix.len() + suffix.len()
        && value.starts_with(prefix)
        && value.ends_with(suffix);
    !itself && is_around(prefix, suffix, value)
}

/// Whether a value, decoded and folded or normalized, begins and ends like an affix, perhaps
/// with nothing between.
pub(crate) fn is_around(prefix: &str, suffix: &str, value: &str) -> bool {
    is_around_one(prefix, suffix, &readings(value))
}

/// The texts that systems may read a segment as: decoded and folded, and its normal form.
pub(crate) fn readings(value: &str) -> [Vec<u8>; 2] {
    let once_decoded = match String::from_utf8(decoded(value)) {
        Ok(text) => folded(&text).into_bytes(),
        Err(bytes) => bytes.into_bytes(),
    };
    [once_decoded, normalize(value)]
}

/// Whether one of the readings of a segment begins and ends like an affix.
pub(crate) fn is_around_one(prefix: &str, suffix: &str, readings: &[Vec<u8>]) -> bool {
    let (prefix, suffix) = (prefix.to_ascii_lowercase(), suffix.to_ascii_lowercase());
    readings.iter().any(|form| {
        form.len() >= prefix.len() + suffix.len()
            && form.starts_with(prefix.as_bytes())
            && form.ends_with(suffix.as_bytes())
    })
}

/// Whether a segment resembles every literal and every affix: Windows takes it for a pattern of file names,
/// because it has an escaped `"`, `<` or `>`.
#[must_use]
pub fn is_wildcard(segment: &str) -> bool {
    let decoded = decoded(segment);
    decoded
        .iter()
        .any(|byte| matches!(byte, b'"' | b'<' | b'>'))
}

/// Whether a segment contains a colon, raw or escaped.
pub(crate) fn has_colon(segment: &str) -> bool {
    decoded(segment).contains(&b':')
}

/// Applies NFKC and full case folding: lower case, upper case and lower case again have the
/// same effect on everything that folds to ASCII, and only that is compared, because a
/// literal that competes with a wildcard is ASCII. The Turkish I with a dot folds to an i
/// with a combining dot, which is dropped.
fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let text: String = text.nfkc().collect();
    let mut folded = String::with_capacity(text.len());
    let cases = text.to_lowercase().to_uppercase().to_lowercase();
    for c in cases.chars() {
        if c != '\u{307}' || !folded.ends_with('i') {
            folded.push(c);
        }
    }
    folded
}

/// Removes an NTFS stream, and the characters that file systems and form decoders drop at
/// the ends. Returns the text unchanged if nothing would be left.
fn without_ends(text: &str) -> &str {
    let stream = text.find(':').filter(|colon| text[*colon..].contains('$'));
    let name = text[..stream.unwrap_or(text.len())]
        .trim_start_matches(['+', ' '])
        .trim_end_matches([' ', '"', '*', '+', '.', ':', '<', '>']);
    if name.is_empty() { text } else { name }
}

fn decoded(segment: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escape = tail
            .get(..2)
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let (byte, next) = match (first, escape) {
            (b'%', Some(byte)) => (byte, &tail[2..]),
            _ => (first, tail),
        };
        bytes.push(byte);
        rest = next;
    }
    bytes
}

/// Legal segments that resemble a label and are no label themselves: with all letters in
/// the other case, with some, and with a needless escape. If a
/// parameter may follow instead (`has_wildcard`), also with a lookalike character, and with
/// the ends that normalizing drops.
pub(crate) fn lookalike_spellings(
    label: &str,
    labels: &BTreeSet<&str>,
    has_wildcard: bool,
) -> Vec<String> {
    let swapped = recase(label, u64::MAX);
    let mut found = vec![
        Some(swapped),
        with_other_case(label, labels),
        with_needless_escape(label),
    ];
    if has_wildcard {
        found.push(with_bold_character(label));
        found.extend(["+", "::$DATA", "%3C"].map(|end| Some(format!("{label}{end}"))));
        found.push(without_wildcards(label).filter(|text| !labels.contains(text.as_str())));
    }
    let found = found.into_iter().flatten();
    found.filter(|spelling| spelling != label).collect()
}

/// The normal form of a label that is a [wildcard](is_wildcard), if that is none: another
/// segment that resembles this label, and not every label.
pub(crate) fn without_wildcards(label: &str) -> Option<String> {
    if !is_wildcard(label) {
        return None;
    }
    let text: String = normalize(label).into_iter().map(spell).collect();
    (!is_wildcard(&text) && check_segment(text.as_bytes()).is_ok()).then_some(text)
}

/// The label with a bold letter or digit, if it has one that is not of an escape.
pub(crate) fn with_bold_character(label: &str) -> Option<String> {
    let at = label.find(|c: char| c.is_ascii_alphanumeric() || c == '%')?;
    let byte = label.as_bytes()[at];
    let (first, of) = match byte {
        b'a'..=b'z' => (0x1D41A, b'a'),
        b'A'..=b'Z' => (0x1D400, b'A'),
        b'0'..=b'9' => (0x1D7CE, b'0'),
        _ => return None,
    };
    let bold = char::from_u32(first + u32::from(byte - of))?.to_string();
    let escapes: String = bold.bytes().map(|byte| format!("%{byte:02X}")).collect();
    Some(format!("{}{escapes}{}", &label[..at], &label[at + 1..]))
}

/// The label in another case, in which it is no label itself, if there is one.
pub(crate) fn with_other_case(label: &str, labels: &BTreeSet<&str>) -> Option<String> {
    let letters = label.bytes().filter(u8::is_ascii_alphabetic).count();
    // One spelling more than there are labels is enough.
    let spellings = 1_u64
        .checked_shl(u32::try_from(letters).ok()?)
        .unwrap_or(u64::MAX);
    (1..spellings)
        .map(|flipped| recase(label, flipped))
        .find(|spelling| !labels.contains(spelling.as_str()))
}

/// The label with the letters in the other case that have their bit set.
fn recase(label: &str, flipped: u64) -> String {
    let mut letter = 0;
    let flip = |c: char| {
        if !c.is_ascii_alphabetic() {
            return c;
        }
        let other = flipped
            .checked_shr(letter)
            .is_some_and(|bits| bits & 1 == 1);
        letter += 1;
        match (other, c.is_ascii_lowercase()) {
            (false, _) => c,
            (true, true) => c.to_ascii_uppercase(),
            (true, false) => c.to_ascii_lowercase(),
        }
    };
    label.chars().map(flip).collect()
}

/// The label with an escape where it needs none, if a path may have one there.
pub(crate) fn with_needless_escape(label: &str) -> Option<String> {
    let at = label.find(|c: char| "!$&'()*+,=:@~".contains(c))?;
    let (before, behind) = label.split_at(at);
    let byte = *behind.as_bytes().first()?;
    Some(format!("{before}%{byte:02X}{}", &behind[1..]))
}
