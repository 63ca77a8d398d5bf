//! Finds names that are one letter apart without comparing all with all.
//!
//! Two names that differ in one letter are equal without it. So each name is looked up
//! once for each of its letters, by the hash of the rest. A rolling hash gets that from
//! the one for the letter before, so the search is linear in the number of letters.

use std::collections::HashMap;

/// Names that are one letter away from an earlier one.
#[derive(Debug, Default)]
pub(crate) struct Slips {
    /// The index of each such name, and of the first name it is close to.
    pub(crate) pairs: Vec<(usize, usize)>,
    /// The number of letters read; a letter that is read twice counts twice.
    #[cfg_attr(not(test), allow(dead_code, reason = "what the tests count"))]
    pub(crate) steps: usize,
}

/// Finds them among distinct names of ASCII letters. Names that differ in a
/// digit are none: `v1` and `v2` are versions.
pub(crate) fn slips(names: &[&str]) -> Slips {
    let mut search = Search {
        names: names.iter().map(|name| name.as_bytes()).collect(),
        powers: vec![1],
        first: vec![None; names.len()],
        steps: 0,
    };
    let longest = names
        .iter()
        .map(|name| name.len())
        .max()
        .unwrap_or_default();
    for at in 0..longest {
        search.powers.push(times(search.powers[at], BASE));
    }
    let hashes: Vec<u64> = search.names.iter().map(|name| hash(name)).collect();
    search.another_letter(&hashes);
    search.a_letter_more(&hashes);
    let pairs = search.first.iter().enumerate();
    Slips {
        pairs: pairs
            .filter_map(|(later, first)| Some((later, (*first)?)))
            .collect(),
        steps: search.steps,
    }
}

/// Hashes are polynomials modulo this prime.
const PRIME: u64 = (1 << 61) - 1;
const BASE: u64 = 0x1234_5678_9ABC_DEF1;

struct Search<'n> {
    names: Vec<&'n [u8]>,
    powers: Vec<u64>,
    /// For each name, the first of those before it that it is close to.
    first: Vec<Option<usize>>,
    steps: usize,
}

impl Search<'_> {
    /// Names of the same length with another letter at one place.
    fn another_letter(&mut self, hashes: &[u64]) {
        let mut by_length: HashMap<usize, Vec<usize>> = HashMap::new();
        for (index, name) in self.names.iter().enumerate() {
            by_length.entry(name.len()).or_default().push(index);
        }
        for (length, indices) in by_length {
            for at in 0..length {
                // By the rest: the first name, and the first that has no digit there.
                let mut seen: HashMap<u64, (usize, Option<usize>)> = HashMap::new();
                for &index in &indices {
                    self.steps += 1;
                    let letter = self.names[index][at];
                    let weight = self.powers[length - 1 - at];
                    let left = minus(hashes[index], times(u64::from(letter), weight));
                    let digit = letter.is_ascii_digit();
                    let undigited = (!digit).then_some(index);
                    let Some((first, other)) = seen.get_mut(&left) else {
                        seen.insert(left, (index, undigited));
                        continue;
                    };
                    let close = if digit { *other } else { Some(*first) };
                    *other = other.or(undigited);
                    if let Some(close) = close {
                        self.close(close, index, at, 1);
                    }
                }
            }
        }
    }

    /// Names of which one has a letter more.
    fn a_letter_more(&mut self, hashes: &[u64]) {
        let whole: HashMap<u64, usize> = hashes.iter().copied().zip(0..).collect();
        for (index, &hashed) in hashes.iter().enumerate() {
            let name = self.names[index];
            let mut before = 0;
            for (at, &letter) in name.iter().enumerate() {
                self.steps += 1;
                let weight = self.powers[name.len() - 1 - at];
                let with = plus(times(before, BASE), u64::from(letter));
                let behind = minus(hashed, times(with, weight));
                let left = plus(times(before, weight), behind);
                before = with;
                // Of a run of one letter, each leaves the same.
                let again = at > 0 && name[at - 1] == letter;
                if letter.is_ascii_digit() || again {
                    continue;
                }
                if let Some(&shorter) = whole.get(&left) {
                    self.close(shorter, index, at, 0);
                }
            }
        }
    }

    /// Notes that two names are close, if they are: hashes do not prove it. The
    /// second has a letter at a place where the first has `or` as many.
    fn close(&mut self, a: usize, b: usize, at: usize, or: usize) {
        let (earlier, later) = (a.min(b), a.max(b));
        if self.first[later].is_some_and(|first| first <= earlier) {
            return;
        }
        let (a, b) = (self.names[a], self.names[b]);
        self.steps += b.len();
        if a.len() + 1 == b.len() + or && a[..at] == b[..at] && a[at + or..] == b[at + 1..] {
            self.first[later] = Some(earlier);
        }
    }
}

fn hash(name: &[u8]) -> u64 {
    name.iter()
        .fold(0, |hash, byte| plus(times(hash, BASE), u64::from(*byte)))
}

#[allow(clippy::cast_possible_truncation, reason = "the rest is below PRIME")]
fn times(a: u64, b: u64) -> u64 {
    (u128::from(a) * u128::from(b) % u128::from(PRIME)) as u64
}

fn plus(a: u64, b: u64) -> u64 {
    (a + b) % PRIME
}

fn minus(a: u64, b: u64) -> u64 {
    (a + PRIME - b) % PRIME
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use strsim::levenshtein;

    use super::*;

    /// As one would look for them with time to spare.
    fn compared(names: &[&str]) -> Vec<(usize, usize)> {
        let letters = |name: &str| name.replace(|c: char| c.is_ascii_digit(), "");
        let close = |a: &str, b: &str| levenshtein(a, b) == 1 && letters(a) != letters(b);
        (0..names.len())
            .filter_map(|later| {
                let first = (0..later).find(|&earlier| close(names[earlier], names[later]))?;
                Some((later, first))
            })
            .collect()
    }

    proptest! {
        #[test]
        fn as_compared_one_by_one(names in prop::collection::hash_set("[ab1]{0,6}", 0..40)) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            prop_assert_eq!(slips(&names).pairs, compared(&names));
        }
    }

    /// Each letter of a name is looked at a few times; where names are close to
    /// many others, as often as there are digits in the number of names.
    #[test]
    fn the_work_is_that_of_reading_the_names() {
        let one_letter: Vec<String> = (1..250).map(|length| "a".repeat(length)).collect();
        let moved = (0..240).map(|at| format!("{}b{}", "a".repeat(at), "a".repeat(239 - at)));
        let numbered = (0..50_000).map(|number| format!("resource{number}"));
        let spelled = (0..50_000u32).map(|number| {
            (0..16)
                .map(|bit| if number >> bit & 1 == 0 { 'a' } else { 'b' })
                .collect()
        });
        for (what, names) in [
            ("names of one letter", one_letter),
            ("a letter at each place", moved.collect()),
            ("numbered names", numbered.collect()),
            ("all names of two letters", spelled.collect()),
        ] {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let letters: usize = names.iter().map(|name| name.len()).sum();
            let found = slips(&names);
            let most = letters * (3 + names.len().ilog2() as usize);
            assert!(
                found.steps <= most,
                "{what}: {} steps for {letters} letters",
                found.steps
            );
            assert!(found.pairs.len() < names.len(), "{what}");
        }
    }
}
