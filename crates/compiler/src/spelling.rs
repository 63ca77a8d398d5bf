//! Spellings of a segment that some back end takes for each other, for the
//! walks that compare: the proof, and the comparison of two policies.

use std::collections::BTreeSet;

/// What a back end makes of a segment that decodes it and ignores case.
pub(crate) fn plain(segment: &str) -> Vec<u8> {
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
        bytes.push(byte.to_ascii_lowercase());
        rest = next;
    }
    bytes
}

/// Spellings of a label that the path rules let through and that are no label
/// themselves: all letters in the other case, some, and an escape where none is
/// needed.
pub(crate) fn respelled(label: &str, labels: &BTreeSet<&str>) -> Vec<String> {
    let swapped = recase(label, u64::MAX);
    [Some(swapped), recased(label, labels), reescaped(label)]
        .into_iter()
        .flatten()
        .filter(|spelling| spelling != label)
        .collect()
}

/// The label in another case, in which it is no label itself, if there is one.
pub(crate) fn recased(label: &str, labels: &BTreeSet<&str>) -> Option<String> {
    let letters = label.bytes().filter(u8::is_ascii_alphabetic).count();
    // As many spellings as there are labels, and one more, must do.
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
pub(crate) fn reescaped(label: &str) -> Option<String> {
    let at = label.find(|c: char| "!$&'()*+,=:@~".contains(c))?;
    let (before, behind) = label.split_at(at);
    let byte = *behind.as_bytes().first()?;
    Some(format!("{before}%{byte:02X}{}", &behind[1..]))
}
