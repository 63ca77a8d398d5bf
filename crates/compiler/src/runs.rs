//! Literal segments that follow each other as one: longer labels, fewer steps.
//!
//! A state after which nothing but literals can follow takes over the labels of
//! the states behind it, as long as none of these ends a path or takes a value.
//! What it has then is a set of words, none the beginning of another, and one
//! row is found for each as in a trie, eight bytes at a time: bytes somewhere in
//! the words choose a row, and words that share a row make a group, which other
//! bytes tell apart.

use std::collections::BTreeMap;

use routescope_core::table::{MAX_LOG2, NONE, State as Row};
use routescope_core::words::word_at;

use crate::automaton::State;

/// Most labels that a state takes over for each that it has.
const MAX_LABELS: usize = 1 << 14;
/// Most words that get a table without collisions, if a seed makes one.
const FEW: usize = 24;
/// Most seeds that are tried for a table of one size.
const SEEDS: u16 = 4096;

/// A state, and how its labels are found.
pub(crate) struct Joined {
    pub(crate) other: u32,
    pub(crate) end: u32,
    pub(crate) end_slash: u32,
    pub(crate) labels: Labels,
}

/// The labels of a state.
pub(crate) enum Labels {
    /// In no table of the state's own: each with its target.
    Listed(Vec<(String, u32)>),
    /// In its own table.
    Table { choice: Choice, rows: Vec<Place> },
}

/// What a row of a state's own table holds.
#[derive(Clone)]
pub(crate) enum Place {
    Empty,
    /// A label and where it leads.
    Run(String, u32),
    /// Another table, in the state of this number, for the same bytes.
    Group(u32),
}

/// How a table is entered: those fields of a [`Row`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Choice {
    pub(crate) seed: u16,
    pub(crate) skip: u8,
    pub(crate) shape: u8,
}

impl From<&State> for Joined {
    /// As it is.
    fn from(state: &State) -> Self {
        Self {
            other: state.other,
            end: state.end,
            end_slash: state.end_slash,
            labels: Labels::Listed(state.literals.clone()),
        }
    }
}

impl Joined {
    /// Every label of it.
    pub(crate) fn labels(&self) -> Box<dyn Iterator<Item = &String> + '_> {
        match &self.labels {
            Labels::Listed(labels) => Box::new(labels.iter().map(|(label, _)| label)),
            Labels::Table { rows, .. } => Box::new(rows.iter().filter_map(|row| match row {
                Place::Run(label, _) => Some(label),
                Place::Empty | Place::Group(_) => None,
            })),
        }
    }
}

impl Choice {
    /// The row for eight bytes of a path.
    fn row(self, word: u64) -> usize {
        self.table().row(word) as usize
    }

    fn rows(self) -> usize {
        1 << self.table().log2()
    }

    fn table(self) -> Row {
        let Self { seed, skip, shape } = self;
        Row {
            other: NONE,
            end: NONE,
            end_slash: NONE,
            runs: 0,
            seed,
            skip,
            shape,
        }
    }
}

/// Joins what can be joined, drops the states that no label leads to any more,
/// and adds one for each group; targets still come later.
pub(crate) fn join(automaton: &[State]) -> Vec<Joined> {
    let mut parents = vec![0usize; automaton.len()];
    for (_, target) in automaton.iter().flat_map(|state| &state.literals) {
        parents[*target as usize] += 1;
    }
    let longer: Vec<State> = automaton
        .iter()
        .map(|state| {
            let mut state = state.clone();
            while let Some(longer) = lengthened(automaton, &parents, &state) {
                state = longer;
            }
            state
        })
        .collect();
    let mut joined = Vec::with_capacity(longer.len());
    let mut new = vec![NONE; longer.len()];
    for (old, state) in longer.iter().enumerate() {
        if old == 0 || new[old] != NONE {
            // Known to be wanted; its number is that of the place it gets.
            new[old] = number(joined.len());
            let targets = state.literals.iter().map(|(_, target)| *target);
            for target in targets.chain([state.other]).filter(|at| *at != NONE) {
                if target as usize != old {
                    new[target as usize] = 0;
                }
            }
            push(&mut joined, state);
        }
    }
    for state in &mut joined {
        renumber(state, &new);
    }
    joined
}

/// The state and its groups.
fn push(joined: &mut Vec<Joined>, state: &State) {
    let at = joined.len();
    joined.push(Joined::from(state));
    if is_plain(state) {
        let words: Vec<&(String, u32)> = state.literals.iter().collect();
        joined[at].labels = table(joined, &words);
    }
}

fn renumber(state: &mut Joined, new: &[u32]) {
    let renumber = |target: &mut u32| {
        if *target != NONE {
            *target = new[*target as usize];
        }
    };
    renumber(&mut state.other);
    match &mut state.labels {
        Labels::Listed(labels) => labels.iter_mut().for_each(|(_, target)| renumber(target)),
        Labels::Table { rows, .. } => {
            for row in rows {
                if let Place::Run(_, target) = row {
                    renumber(target);
                }
            }
        }
    }
}

/// Whether nothing but literals can follow.
fn is_plain(state: &State) -> bool {
    state.other == NONE && !state.literals.is_empty()
}

/// The state with the labels of the states behind it. `None` if that are the
/// same.
fn lengthened(automaton: &[State], parents: &[usize], state: &State) -> Option<State> {
    if !is_plain(state) || state.literals.len() > MAX_LABELS {
        return None;
    }
    let mut literals = Vec::with_capacity(state.literals.len());
    let mut changed = false;
    for (label, target) in &state.literals {
        let behind = &automaton[*target as usize];
        // What several lead to stays one, unless it is only passed through.
        let own = parents[*target as usize] == 1 || behind.literals.len() == 1;
        if is_plain(behind) && behind.end == NONE && behind.end_slash == NONE && own {
            changed = true;
            let further = behind.literals.iter();
            literals.extend(further.map(|(next, target)| (format!("{label}/{next}"), *target)));
        } else {
            literals.push((label.clone(), *target));
        }
    }
    changed.then(|| State { literals, ..*state })
}

/// The table of some labels; its groups become states.
fn table(joined: &mut Vec<Joined>, labels: &[&(String, u32)]) -> Labels {
    let (choice, words) = choose(labels);
    let mut members: BTreeMap<usize, Vec<&(String, u32)>> = BTreeMap::new();
    for (word, at) in words {
        let row = members.entry(choice.row(word)).or_default();
        // With a slash behind it and without, a label may be found twice.
        if row.last().is_none_or(|last| last.0 != labels[at].0) {
            row.push(labels[at]);
        }
    }
    let mut rows = vec![Place::Empty; choice.rows()];
    for (row, members) in members {
        rows[row] = match members.as_slice() {
            [(label, target)] => Place::Run(label.clone(), *target),
            members => {
                let at = joined.len();
                joined.push(Joined {
                    other: NONE,
                    end: NONE,
                    end_slash: NONE,
                    labels: Labels::Listed(Vec::new()),
                });
                joined[at].labels = table(joined, members);
                Place::Group(number(at))
            }
        };
    }
    Labels::Table { choice, rows }
}

/// Which bytes choose, by which seed, and the words that they are in each label,
/// sorted by label.
fn choose(labels: &[&(String, u32)]) -> (Choice, Vec<(u64, usize)>) {
    if labels.len() == 1 {
        let choice = Choice {
            seed: 0,
            skip: 0,
            shape: Row::shape(1, 0),
        };
        return (choice, vec![(0, 0)]);
    }
    // The byte behind a label tells it from longer ones; what comes after that
    // may be anything.
    let shortest = labels.iter().map(|(label, _)| label.len()).min();
    let usable = shortest.unwrap_or_default() + 1;
    let windows = (0..usable.min(256)).map(|skip| (skip as u8, (usable - skip).min(8) as u8));
    let (skip, bytes) = windows
        .max_by_key(|&(skip, bytes)| {
            let mut words: Vec<u64> = words(labels, skip, bytes).map(|(word, _)| word).collect();
            words.sort_unstable();
            words.dedup();
            (words.len(), std::cmp::Reverse(skip))
        })
        .unwrap_or((0, 1));
    let words: Vec<(u64, usize)> = words(labels, skip, bytes).collect();
    let mut distinct: Vec<u64> = words.iter().map(|(word, _)| *word).collect();
    distinct.sort_unstable();
    distinct.dedup();
    let least = (distinct.len().next_power_of_two().ilog2() as u8).min(MAX_LOG2);
    let choices = |log2: u8, seeds: u16| {
        (0..seeds).map(move |seed| Choice {
            seed,
            skip,
            shape: Row::shape(bytes, log2),
        })
    };
    let perfect = (least..=least + 1)
        .filter(|_| distinct.len() <= FEW)
        .find_map(|log2| {
            choices(log2, SEEDS).find(|choice| rows_used(&distinct, *choice) == distinct.len())
        });
    let best = || choices(least, 64).max_by_key(|choice| rows_used(&distinct, *choice));
    // Two words part under about half of the seeds.
    let any = || choices(least, u16::MAX).find(|choice| rows_used(&distinct, *choice) > 1);
    let parts = |choice: &Choice| rows_used(&distinct, *choice) > 1;
    let choice = perfect.or_else(|| best().filter(parts)).or_else(any);
    (
        choice.unwrap_or_else(|| unreachable!("no seed parts {distinct:x?}")),
        words,
    )
}

fn rows_used(words: &[u64], choice: Choice) -> usize {
    let mut used = vec![false; choice.rows()];
    for word in words {
        used[choice.row(*word)] = true;
    }
    used.into_iter().filter(|used| *used).count()
}

/// The bytes of each label that choose, if a slash follows it or nothing.
fn words<'l>(
    labels: &'l [&(String, u32)],
    skip: u8,
    bytes: u8,
) -> impl Iterator<Item = (u64, usize)> + 'l {
    let unused = 64 - 8 * u32::from(bytes);
    let used = u64::MAX >> unused;
    labels.iter().enumerate().flat_map(move |(at, (label, _))| {
        let bare = word_at(label.as_bytes(), usize::from(skip)) & used;
        let behind = label.len() - usize::from(skip);
        let slash = match behind {
            0..8 => u64::from(b'/') << (8 * behind) & used,
            _ => 0,
        };
        let second = (slash != 0).then_some((bare | slash, at));
        [Some((bare, at)), second].into_iter().flatten()
    })
}

/// The tables have limits, which are checked when they are placed.
fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE)
}
