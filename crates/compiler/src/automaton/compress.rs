//! Literal segments that follow each other as one: longer labels, fewer steps.
//!
//! A state after which nothing but literals can follow takes over the labels of
//! the states behind it, as long as none of these ends a path or takes a value.
//! What it has then is a set of words, none the beginning of another, and one
//! row is found for each as in a trie, eight bytes at a time: bytes somewhere in
//! the words choose a row, and words that share a row make a group, which other
//! bytes tell apart. Where that takes too many tables, or only bytes far behind
//! would do, the state keeps its labels for the perfect hash.

use std::collections::BTreeMap;

use routescope_core::table::{MAX_LOG2, NONE, State as Row};
use routescope_core::words::word_at;

use crate::automaton::{Accepts, State};

/// A state with more labels than this takes over no others.
const MAX_LABELS: usize = 1 << 14;
/// Most tables that are entered one after the other to find a label. What takes
/// more is for the perfect hash.
const MAX_DEPTH: usize = 5;
/// Most words that get a table without collisions, if a seed makes one.
const FEW: usize = 24;
/// Most seeds that are tried for a table of one size.
const SEEDS: u16 = 4096;

/// A state, and how its labels are found.
pub(crate) struct Joined {
    pub(crate) other: u32,
    pub(crate) end: Accepts,
    pub(crate) end_slash: Accepts,
    pub(crate) labels: Labels,
}

/// The labels of a state, each with its target.
pub(crate) enum Labels {
    /// In no table of the state's own.
    Listed(Vec<(String, u32)>),
    /// In its own table.
    Table(Tree),
}

/// A table of labels, and those of its groups.
pub(crate) struct Tree {
    pub(crate) choice: Choice,
    /// The rows that are not empty.
    pub(crate) rows: BTreeMap<usize, Branch>,
}

/// What a row of a table holds.
pub(crate) enum Branch {
    /// A label and where it leads.
    Run((String, u32)),
    /// Another table, for the same bytes.
    Group(Tree),
}

/// How a table is entered: those fields of a [`Row`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Choice {
    pub(crate) seed: u16,
    pub(crate) skip: u8,
    pub(crate) shape: u8,
}

impl Joined {
    fn new(state: State, tree: Option<Tree>) -> Self {
        Self {
            other: state.other,
            end: state.end,
            end_slash: state.end_slash,
            labels: tree.map_or(Labels::Listed(state.literals), Labels::Table),
        }
    }

    /// Every label of it, and where it leads.
    pub(crate) fn labels(&self) -> Vec<&(String, u32)> {
        match &self.labels {
            Labels::Listed(labels) => labels.iter().collect(),
            Labels::Table(tree) => tree.labels(),
        }
    }
}

impl Choice {
    /// The row for eight bytes of a path.
    fn row(self, word: u64) -> usize {
        self.table().row(word) as usize
    }

    pub(crate) fn rows(self) -> usize {
        1 << self.table().log2()
    }

    fn table(self) -> Row {
        let Self { seed, skip, shape } = self;
        Row {
            seed,
            skip,
            shape,
            ..Row::EMPTY
        }
    }
}

/// Joins what can be joined, and leaves out the states that nothing leads to any
/// more. By their numbers in the automaton.
pub(crate) fn join(automaton: &[State], tables: bool) -> BTreeMap<u32, Joined> {
    let mut parents = vec![0usize; automaton.len()];
    for (_, target) in automaton.iter().flat_map(|state| &state.literals) {
        parents[*target as usize] += 1;
    }
    let mut joined = BTreeMap::new();
    let mut queue = vec![0];
    while let Some(number) = queue.pop() {
        if joined.contains_key(&number) {
            continue;
        }
        let state = &automaton[number as usize];
        let (state, tree) = if tables {
            longest(automaton, &parents, state)
        } else {
            (state.clone(), None)
        };
        let targets = state.literals.iter().map(|(_, target)| *target);
        queue.extend(targets.chain([state.other]).filter(|at| *at != NONE));
        joined.insert(number, Joined::new(state, tree));
    }
    joined
}

/// The state with labels as long as a table of its own allows, and the table. If
/// none allows it, the state as it is.
fn longest(automaton: &[State], parents: &[usize], state: &State) -> (State, Option<Tree>) {
    let mut candidates = vec![state.clone()];
    while let Some(longer) = candidates
        .last()
        .and_then(|last| lengthened(automaton, parents, last))
    {
        candidates.push(longer);
    }
    for candidate in candidates.into_iter().rev().filter(is_plain) {
        let labels: Vec<&(String, u32)> = candidate.literals.iter().collect();
        if let Some(tree) = Tree::of(&labels, MAX_DEPTH) {
            return (candidate, Some(tree));
        }
    }
    (state.clone(), None)
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
        if is_plain(behind)
            && behind.end == Accepts::None
            && behind.end_slash == Accepts::None
            && own
        {
            changed = true;
            let further = behind.literals.iter();
            literals.extend(further.map(|(next, target)| (format!("{label}/{next}"), *target)));
        } else {
            literals.push((label.clone(), *target));
        }
    }
    changed.then_some(State { literals, ..*state })
}

impl Tree {
    /// `None` if it would be deeper than `depth` tables, or if no bytes that can
    /// choose tell some labels apart: only the first few hundred can.
    fn of(labels: &[&(String, u32)], depth: usize) -> Option<Self> {
        let depth = depth.checked_sub(1)?;
        let (choice, words) = choose(labels)?;
        let mut members: BTreeMap<usize, Vec<&(String, u32)>> = BTreeMap::new();
        for (word, at) in words {
            let row = members.entry(choice.row(word)).or_default();
            // With a slash behind it and without, a label may be found twice.
            if row.last().is_none_or(|last| last.0 != labels[at].0) {
                row.push(labels[at]);
            }
        }
        let mut rows = BTreeMap::new();
        for (row, members) in members {
            let branch = match members.as_slice() {
                [label] => Branch::Run((*label).clone()),
                members => Branch::Group(Self::of(members, depth)?),
            };
            rows.insert(row, branch);
        }
        Some(Self { choice, rows })
    }

    fn labels(&self) -> Vec<&(String, u32)> {
        let branches = self.rows.values();
        branches
            .flat_map(|branch| match branch {
                Branch::Run(label) => vec![label],
                Branch::Group(tree) => tree.labels(),
            })
            .collect()
    }
}

/// Which bytes choose, by which seed, and the words that they are in each label,
/// sorted by label. `None` if none tells any two labels apart.
fn choose(labels: &[&(String, u32)]) -> Option<(Choice, Vec<(u64, usize)>)> {
    if labels.len() == 1 {
        let choice = Choice {
            seed: 0,
            skip: 0,
            shape: Row::shape(1, 0),
        };
        return Some((choice, vec![(0, 0)]));
    }
    // The byte behind a label tells it from longer ones; what comes after that
    // may be anything.
    let shortest = labels.iter().map(|(label, _)| label.len()).min()?;
    let usable = shortest + 1;
    let windows = (0..usable.min(256)).map(|skip| (skip as u8, (usable - skip).min(8) as u8));
    let (skip, bytes) = windows.max_by_key(|&(skip, bytes)| {
        let mut words: Vec<u64> = words(labels, skip, bytes).map(|(word, _)| word).collect();
        words.sort_unstable();
        words.dedup();
        (words.len(), std::cmp::Reverse(skip))
    })?;
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
    let used = |choice: &Choice| rows_used(&distinct, *choice);
    let perfect = (least..=least + 1)
        .filter(|_| distinct.len() <= FEW)
        .find_map(|log2| choices(log2, SEEDS).find(|choice| used(choice) == distinct.len()));
    let choice = perfect.or_else(|| choices(least, 64).max_by_key(used))?;
    (used(&choice) > 1).then_some((choice, words))
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
