//! The product of two policies' automata, which covers every path.
//!
//! A pair is a state of each policy's automaton that the same path leads to. Either may
//! be missing, if no template of that policy goes on like the path. Segments fall into
//! finitely many kinds that neither policy can tell apart further: the labels of the two
//! states and the segments that their affixes take, each in another case, with a needless escape or
//! with an end that normalizing drops, values with a colon, and all others. So there are finitely many pairs, and the answer of a policy at
//! the end of a path depends on the pair alone.
//!
//! A path is limited in segments and in bytes. A pair that only longer paths lead to does
//! not count, so the search keeps the shortest path to each pair for each number of
//! segments.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use routescope_core::PathOptions;
use routescope_core::path::{MAX_PATH, MAX_SEGMENTS, check_segment};

use crate::automaton::{Accepts, SegmentAutomaton, State};
use crate::model::affixes::prefix_and_suffix;
use crate::model::trie::key;
use crate::verify::spelling::{
    has_colon, is_around, is_around_one, is_wildcard, normalize, readings, with_bold_character,
    with_needless_escape, with_other_case, without_wildcards,
};

/// The templates that win in two policies at the end of one path, by index.
pub(super) type AcceptPair = (Option<usize>, Option<usize>);

/// Finds every pair of winners that some path leads to, with a shortest such path, except
/// where neither policy has one. `None` if the search reaches its limit.
pub(super) fn ends(old: Automaton<'_>, new: Automaton<'_>) -> Option<BTreeMap<AcceptPair, String>> {
    let most = most_steps(old) + most_steps(new);
    let mut walk = Walk {
        old: Side::new(old),
        new: Side::new(new),
        visited: Vec::new(),
        shortest: HashMap::new(),
        found: BTreeMap::new(),
        steps: 0,
        most,
    };
    walk.run();
    let Walk {
        visited,
        found,
        steps,
        most,
        ..
    } = walk;
    if steps > most {
        return None;
    }
    let paths = found
        .into_iter()
        .map(|(ends, (_, at, slash))| (ends, path(&visited, at, slash)));
    Some(paths.collect())
}

/// The limit of the search. Policies with most of their paths in common need a few steps
/// for each state and literal of either, which is less.
fn most_steps(policy: Automaton<'_>) -> usize {
    let states = policy.segments.states();
    let labels = states.iter().map(|state| {
        let (literals, affixes) = (state.literals().len(), state.affixes().len());
        // Each affix is tried with each other one of its state, twice, and each literal as the value
        // of an affix.
        literals * if affixes > 0 { 3 } else { 1 } + affixes * (2 * affixes + 7)
    });
    200_000 + 3 * (states.len() + labels.sum::<usize>())
}

/// The automaton of one policy, and how the policy compares paths.
#[derive(Clone, Copy)]
pub(super) struct Automaton<'c> {
    pub(super) segments: &'c SegmentAutomaton,
    pub(super) options: PathOptions,
}

/// The automaton of one policy, prepared for the search.
struct Side<'c> {
    automaton: Automaton<'c>,
    /// By state, the normal forms of its literals: a value with the same form resembles one
    /// of them. Empty for a state without a wildcard and affixes.
    readings: Vec<HashSet<Vec<u8>>>,
}

impl<'c> Side<'c> {
    fn new(automaton: Automaton<'c>) -> Self {
        let readings = |state: &State| {
            let has_values = state.wildcard().is_some() || state.affixes().len() > 0;
            let literals = state.literals().filter(|_| has_values);
            literals.map(|(label, _)| normalize(label)).collect()
        };
        let states = automaton.segments.states();
        Self {
            automaton,
            readings: states.iter().map(readings).collect(),
        }
    }

    fn state(&self, state: usize) -> &'c State {
        &self.automaton.segments.states()[state]
    }

    /// The literals that may follow a state.
    fn labels(&self, state: Option<usize>) -> BTreeSet<&'c str> {
        let literals = state.map(|state| self.state(state).literals());
        literals
            .into_iter()
            .flatten()
            .map(|(label, _)| label)
            .collect()
    }

    /// The affixes that may follow a state, as prefix and suffix.
    fn affixes(&self, state: Option<usize>) -> BTreeSet<(&'c str, &'c str)> {
        let affixes = state.map(|state| self.state(state).affixes());
        let affixes = affixes.into_iter().flatten();
        affixes
            .map(|(prefix, suffix, _)| (prefix, suffix))
            .collect()
    }

    /// The target of a segment, unless it is a value for which the path is refused. The segment
    /// keeps all other path rules.
    fn step(&self, state: Option<usize>, segment: &str) -> Option<usize> {
        let from = state?;
        let state = self.state(from);
        let literal = state.literal(&key(segment, self.automaton.options));
        if literal.is_some() {
            return literal;
        }
        let options = self.automaton.options;
        let compared = key(segment, options);
        let mut taken = None;
        let mut others = Vec::new();
        for (affix, target) in &state.affixes {
            match affix.value_of(&compared) {
                Some(value) => taken = Some((value.to_owned(), *target as usize)),
                None => others.push(prefix_and_suffix(affix)),
            }
        }
        let literals = &self.readings[from];
        let resembles = match is_wildcard(segment) {
            true => !literals.is_empty() || !others.is_empty(),
            false => {
                let readings = readings(segment);
                literals.contains(&readings[1])
                    || others
                        .iter()
                        .any(|(prefix, suffix)| is_around_one(prefix, suffix, &readings))
            }
        };
        let (value, target) = match taken {
            Some(taken) => taken,
            None => (compared, state.wildcard()?),
        };
        let refused = resembles || options.forbids_colons() && has_colon(&value);
        (!refused).then_some(target)
    }

    /// The template that wins if the path ends here.
    fn accepts(&self, state: Option<usize>, slash: bool) -> Option<usize> {
        match self.state(state?).accepts(slash) {
            Accepts::Template(template) => Some(template),
            Accepts::None | Accepts::Refused(_) => None,
        }
    }
}

/// A state of each policy.
type Pair = (Option<usize>, Option<usize>);

struct Walk<'c> {
    old: Side<'c>,
    new: Side<'c>,
    visited: Vec<Visited>,
    /// The least bytes that lead to a pair, with as many segments as so far.
    shortest: HashMap<Pair, usize>,
    /// For each pair of accepting entries, the least bytes that lead to it, the
    /// index in `visited`, and whether the path ends in a slash.
    found: BTreeMap<AcceptPair, (usize, usize, bool)>,
    /// The number of segments tried.
    steps: usize,
    /// Its limit.
    most: usize,
}

/// A pair, and the segment that leads to it from an earlier one.
struct Visited {
    pair: Pair,
    /// The length of the path up to here, without a slash at the end.
    bytes: usize,
    from: usize,
    segment: String,
}

impl Walk<'_> {
    fn run(&mut self) {
        let start = (Some(0), Some(0));
        self.visited.push(Visited {
            pair: start,
            bytes: 0,
            from: 0,
            segment: String::new(),
        });
        self.shortest.insert(start, 0);
        let mut layer = 0..1;
        for _ in 0..MAX_SEGMENTS {
            layer.clone().for_each(|at| self.end(at));
            let next = self.visited.len();
            self.expand(layer);
            layer = next..self.visited.len();
        }
        layer.for_each(|at| self.end(at));
    }

    /// Records the winners if the path ends here, with and without a slash.
    fn end(&mut self, at: usize) {
        let Visited { pair, bytes, .. } = self.visited[at];
        for slash in [false, true] {
            // The only path without a segment is `/`.
            if bytes == 0 && !slash {
                continue;
            }
            let bytes = bytes + usize::from(slash);
            let ends = (
                self.old.accepts(pair.0, slash),
                self.new.accepts(pair.1, slash),
            );
            if ends == (None, None) || bytes > MAX_PATH {
                continue;
            }
            let known = self.found.entry(ends).or_insert((bytes, at, slash));
            if bytes < known.0 {
                *known = (bytes, at, slash);
            }
        }
    }

    /// Extends the paths of a layer by one segment.
    fn expand(&mut self, layer: std::ops::Range<usize>) {
        let mut next: HashMap<Pair, usize> = HashMap::new();
        for at in layer {
            let Visited {
                pair: from, bytes, ..
            } = self.visited[at];
            let affixes = &self.old.affixes(from.0) | &self.new.affixes(from.1);
            let mut kinds = kinds(&self.old.labels(from.0), &self.new.labels(from.1), &affixes);
            let mut both = [&self.old, &self.new].into_iter();
            if both.any(|side| side.automaton.options.forbids_colons()) {
                kinds.extend(with_colons(&kinds[0], &affixes));
            }
            self.steps += kinds.len();
            if self.steps > self.most {
                return;
            }
            for segment in kinds {
                let pair = (
                    self.old.step(from.0, &segment),
                    self.new.step(from.1, &segment),
                );
                let bytes = bytes + 1 + segment.len();
                // One that was reached by fewer segments needs fewer bytes too,
                // or else this way may lead where that one does not.
                let known = self
                    .shortest
                    .get(&pair)
                    .is_some_and(|least| *least <= bytes);
                if pair == (None, None) || bytes > MAX_PATH || known {
                    continue;
                }
                self.shortest.insert(pair, bytes);
                let found = Visited {
                    pair,
                    bytes,
                    from: at,
                    segment,
                };
                match next.get(&pair) {
                    Some(&again) => self.visited[again] = found,
                    None => {
                        next.insert(pair, self.visited.len());
                        self.visited.push(found);
                    }
                }
            }
        }
    }
}

/// A shortest segment of each kind that two states can tell apart, in a stable
/// order.
fn kinds(
    old: &BTreeSet<&str>,
    new: &BTreeSet<&str>,
    affixes: &BTreeSet<(&str, &str)>,
) -> Vec<String> {
    let labels: BTreeSet<&str> = old.union(new).copied().collect();
    let resembled: BTreeSet<Vec<u8>> = labels.iter().map(|label| normalize(label)).collect();
    let fresh = fresh(&resembled, affixes);
    let mut kinds = of_affixes(&fresh, affixes, &labels);
    kinds.extend(alike_in_affixes(&fresh, affixes, &labels));
    kinds.insert(0, fresh);
    for label in &labels {
        kinds.push((*label).to_owned());
        // Some table ignores case; none ignores anything else.
        kinds.extend(with_other_case(label, &labels));
        kinds.extend(with_needless_escape(label).or_else(|| with_end(label, &labels)));
        // All of these resemble every label, if this one does.
        if let Some(without_wildcards) = without_wildcards(label) {
            kinds.extend(with_end(&without_wildcards, &labels));
            kinds.extend(with_other_case(&without_wildcards, &labels));
            kinds.push(without_wildcards);
        }
    }
    kinds
}

/// The segments that affixes take, two at once where they can, and what resembles these.
fn of_affixes(
    fresh: &str,
    affixes: &BTreeSet<(&str, &str)>,
    labels: &BTreeSet<&str>,
) -> Vec<String> {
    let mut kinds = Vec::new();
    for (prefix, suffix) in affixes {
        let longer = |(a, b): (&str, &str)| {
            let before = if a.len() > prefix.len() { a } else { prefix };
            let behind = if b.len() > suffix.len() { b } else { suffix };
            format!("{before}{fresh}{behind}")
        };
        kinds.extend(affixes.iter().map(|other| longer(*other)));
        let value = format!("{prefix}{fresh}{suffix}");
        kinds.extend(with_other_case(&value, labels));
        kinds.extend(with_needless_escape(&value));
        kinds.extend(with_end(&value, labels));
        kinds.push(format!("{prefix}{suffix}"));
        // It resembles everything that does not take it.
        kinds.push(format!("{prefix}{fresh}%22{suffix}"));
    }
    kinds.retain(|kind| check_segment(kind.as_bytes()).is_ok());
    kinds
}

/// The segments that an affix takes and that resemble a label, or what another affix takes: rule 7
/// refuses them, and they are the affix's where nothing else is there.
fn alike_in_affixes(
    fresh: &str,
    affixes: &BTreeSet<(&str, &str)>,
    labels: &BTreeSet<&str>,
) -> Vec<String> {
    let mut kinds = Vec::new();
    for (prefix, suffix) in affixes {
        let around = |value: &str| format!("{prefix}{value}{suffix}");
        let is_alike =
            |label: &str, kind: &String| kind != label && normalize(kind) == normalize(label);
        for label in labels {
            let rest = label.strip_prefix(prefix);
            let value = rest.and_then(|rest| rest.strip_suffix(suffix));
            let Some(value) = value.filter(|value| !value.is_empty()) else {
                continue;
            };
            kinds.extend(with_other_case(value, &BTreeSet::new()).map(|value| around(&value)));
            // One of the others is enough: no table tells them apart.
            let others = [
                with_bold_character(value),
                with_needless_escape(value),
                Some(format!("+{value}")),
                Some(format!("{value}+")),
            ];
            let mut others = others.into_iter().flatten().map(|value| around(&value));
            kinds.extend(others.find(|kind| is_alike(label, kind)));
        }
        // Normalizing may drop the text of the affix, and leave the value.
        let value = around(fresh);
        if normalize(&value) == value.to_ascii_lowercase().as_bytes() {
            continue;
        }
        let nested = labels.iter().map(|label| (label, around(label)));
        let nested = nested.filter(|(label, kind)| is_alike(label, kind));
        kinds.extend(nested.map(|(_, kind)| kind));
        let nested = affixes.iter().map(|(before, behind)| {
            let value = format!("{before}{fresh}{behind}");
            around(&value)
        });
        kinds.extend(nested);
    }
    kinds.retain(|kind| !labels.contains(kind.as_str()) && check_segment(kind.as_bytes()).is_ok());
    kinds
}

/// Values with a colon: alone, and of affixes.
fn with_colons(fresh: &str, affixes: &BTreeSet<(&str, &str)>) -> Vec<String> {
    let value = format!("{fresh}:{fresh}");
    let around = affixes
        .iter()
        .map(|(prefix, suffix)| format!("{prefix}{value}{suffix}"));
    let mut kinds: Vec<String> = around.chain([value.clone()]).collect();
    kinds.retain(|kind| check_segment(kind.as_bytes()).is_ok());
    kinds
}

/// The label with an end that normalizing drops, so that it resembles the label.
fn with_end(label: &str, labels: &BTreeSet<&str>) -> Option<String> {
    let ends = ["+", "*", ":", "++"].into_iter();
    let mut longer = ends.map(|end| format!("{label}{end}"));
    longer.find(|longer| {
        !labels.contains(longer.as_str()) && check_segment(longer.as_bytes()).is_ok()
    })
}

/// A segment that resembles no label and no affix. One byte, unless these are all taken.
fn fresh(resembled: &BTreeSet<Vec<u8>>, affixes: &BTreeSet<(&str, &str)>) -> String {
    const BYTES: &[u8] = b"123456789abcdefghijklmnopqrstuvwxyz0-_~!$&'()*+,=:@";
    let is_fresh = |text: &String| {
        let mut affixes = affixes.iter();
        !resembled.contains(text.as_bytes())
            && !affixes.any(|(prefix, suffix)| is_around(prefix, suffix, text))
    };
    let one = BYTES.iter().map(|byte| char::from(*byte).to_string());
    if let Some(found) = one.clone().find(is_fresh) {
        return found;
    }
    // Affixes may take all numbers.
    let numbers = (10..10_000 + resembled.len()).map(|number| number.to_string());
    let mut twice = one.map(|letter| letter.repeat(2)).chain(numbers);
    twice.find(is_fresh).unwrap_or_else(|| "1".to_owned())
}

fn path(visited: &[Visited], at: usize, slash: bool) -> String {
    let mut segments: Vec<&str> = Vec::new();
    let mut at = at;
    while at != 0 {
        segments.push(&visited[at].segment);
        at = visited[at].from;
    }
    segments.reverse();
    let end = if slash && !segments.is_empty() {
        "/"
    } else {
        ""
    };
    format!("/{}{end}", segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_segments() {
        let kinds = |old: &[&'static str], new: &[&'static str]| {
            kinds(
                &old.iter().copied().collect(),
                &new.iter().copied().collect(),
                &BTreeSet::new(),
            )
        };
        assert_eq!(kinds(&[], &[]), ["1"]);
        assert_eq!(
            kinds(&["1"], &["a:b"]),
            ["2", "1", "1+", "a:b", "A:b", "a%3Ab"]
        );
        // Every case of a letter is a label: no other one is left.
        assert_eq!(kinds(&["x", "X"], &[]), ["1", "X", "X+", "x", "x+"]);
        // A case that is a label of the other side is a kind already.
        let both = ["1", "Ab", "AB", "Ab+", "ab", "aB", "ab+"];
        assert_eq!(kinds(&["ab"], &["Ab"]), both);
        assert_eq!(kinds(&["%7C"], &[]), ["1", "%7C", "%7c", "%7C+"]);
        // One that ends so is a label itself.
        assert_eq!(kinds(&["1", "1+"], &[]), ["2", "1", "1*", "1+", "1%2B"]);
    }
}
