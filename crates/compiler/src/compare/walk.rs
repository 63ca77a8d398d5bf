//! The product of two policies' automata, which covers every path.
//!
//! A pair is a state of each policy's automaton that the same path leads to. Either may
//! be missing, if no template of that policy goes on like the path. Segments fall into
//! finitely many kinds that neither policy can tell apart further: the labels of the two
//! states, each in another case, with a needless escape or with an end that normalizing
//! drops, and all others. So there are finitely many pairs, and the answer of a policy at
//! the end of a path depends on the pair alone.
//!
//! A path is limited in segments and in bytes. A pair that only longer paths lead to does
//! not count, so the search keeps the shortest path to each pair for each number of
//! segments.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use routescope_core::PathOptions;
use routescope_core::path::{MAX_PATH, MAX_SEGMENTS, check_segment};

use crate::automaton::{Accepts, SegmentAutomaton, State};
use crate::model::trie::key;
use crate::verify::spelling::{
    is_wildcard, normalize, with_needless_escape, with_other_case, without_wildcards,
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
    let literals: usize = states.iter().map(|state| state.literals().len()).sum();
    200_000 + 3 * (states.len() + literals)
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
    /// of them. Empty for a state without a wildcard.
    readings: Vec<HashSet<Vec<u8>>>,
}

impl<'c> Side<'c> {
    fn new(automaton: Automaton<'c>) -> Self {
        let readings = |state: &State| match state.wildcard() {
            Some(_) => state
                .literals()
                .map(|(label, _)| normalize(label))
                .collect(),
            None => HashSet::new(),
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

    /// The target of a segment, unless rule 7 refuses it. The segment keeps all other path
    /// rules.
    fn step(&self, state: Option<usize>, segment: &str) -> Option<usize> {
        let from = state?;
        let state = self.state(from);
        let literal = state.literal(&key(segment, self.automaton.options));
        if literal.is_some() {
            return literal;
        }
        let wildcard = state.wildcard()?;
        let literals = &self.readings[from];
        let resembles = match is_wildcard(segment) {
            true => !literals.is_empty(),
            false => literals.contains(&normalize(segment)),
        };
        (!resembles).then_some(wildcard)
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
            let kinds = kinds(&self.old.labels(from.0), &self.new.labels(from.1));
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
fn kinds(old: &BTreeSet<&str>, new: &BTreeSet<&str>) -> Vec<String> {
    let labels: BTreeSet<&str> = old.union(new).copied().collect();
    let resembled: BTreeSet<Vec<u8>> = labels.iter().map(|label| normalize(label)).collect();
    let mut kinds: Vec<String> = vec![fresh(&resembled)];
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

/// The label with an end that normalizing drops, so that it resembles the label.
fn with_end(label: &str, labels: &BTreeSet<&str>) -> Option<String> {
    let ends = ["+", "*", ":", "++"].into_iter();
    let mut longer = ends.map(|end| format!("{label}{end}"));
    longer.find(|longer| {
        !labels.contains(longer.as_str()) && check_segment(longer.as_bytes()).is_ok()
    })
}

/// A segment that resembles no label. One byte, unless these are all taken.
fn fresh(resembled: &BTreeSet<Vec<u8>>) -> String {
    const BYTES: &[u8] = b"123456789abcdefghijklmnopqrstuvwxyz0-_~!$&'()*+,=:@";
    let one =
        |byte: &u8| (!resembled.contains(&[*byte][..])).then(|| char::from(*byte).to_string());
    if let Some(found) = BYTES.iter().find_map(one) {
        return found;
    }
    (10..)
        .map(|number: usize| number.to_string())
        .find(|number| !resembled.contains(number.as_bytes()))
        .unwrap_or_default()
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
