//! "Did you mean": names that are close to each other.

use std::collections::{BTreeSet, HashMap};

use strsim::{damerau_levenshtein, levenshtein};

/// The known name that `written` is most probably meant to be, if one is near.
pub fn nearest<'n>(written: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let allowed = written.len().div_ceil(4).clamp(1, 3);
    known
        .into_iter()
        .map(|name| {
            (
                damerau_levenshtein(&written.to_lowercase(), &name.to_lowercase()),
                name,
            )
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, name)| name)
}

/// Whether one insertion, deletion, change or swap of neighbours makes `a` of `b`.
pub(crate) fn one_edit_apart(a: &str, b: &str) -> bool {
    a != b && damerau_levenshtein(a, b) == 1
}

/// Whether two names are the same but for digits: `v1` and `v2` are versions,
/// not slips.
fn differ_in_digits(a: &str, b: &str) -> bool {
    let letters = |name: &str| name.replace(|c: char| c.is_ascii_digit(), "");
    letters(a) == letters(b)
}

/// The pairs of names that are one edit apart, without comparing all with all:
/// two such names have a name in common that is one of them less a character.
pub(crate) fn close_pairs(names: &BTreeSet<&str>) -> BTreeSet<(String, String)> {
    let mut by_less: HashMap<String, Vec<&str>> = HashMap::new();
    for name in names {
        by_less.entry((*name).to_owned()).or_default().push(name);
        for (start, c) in name.char_indices() {
            let less = format!("{}{}", &name[..start], &name[start + c.len_utf8()..]);
            by_less.entry(less).or_default().push(name);
        }
    }
    let mut pairs = BTreeSet::new();
    for group in by_less.values() {
        for (i, a) in group.iter().enumerate() {
            for b in &group[i + 1..] {
                if levenshtein(a, b) == 1 && !differ_in_digits(a, b) {
                    let (first, second) = if a < b { (a, b) } else { (b, a) };
                    pairs.insert(((*first).to_owned(), (*second).to_owned()));
                }
            }
        }
    }
    pairs
}
