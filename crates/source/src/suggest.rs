//! "Did you mean": names that are close to each other.

use strsim::damerau_levenshtein;

/// The known name that is nearest to `written`, if one is near enough to be what its
/// author wanted.
///
/// Cost: an edit distance for each name of about the same length.
pub fn nearest<'n>(written: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let allowed = written.len().div_ceil(4).clamp(1, 3);
    // Longer or shorter by more is no candidate, and may be too long to compare.
    let candidate = |name: &&str| {
        let (a, b) = (written.chars().count(), name.chars().count());
        a.abs_diff(b) <= allowed
    };
    known
        .into_iter()
        .filter(candidate)
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
#[must_use]
pub fn one_edit_apart(a: &str, b: &str) -> bool {
    a != b && a.len().abs_diff(b.len()) <= 4 && damerau_levenshtein(a, b) == 1
}
