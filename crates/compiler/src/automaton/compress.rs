//! Path compression: literal segments that follow each other become one edge.
//!
//! A state whose only transitions are literals takes over the labels of the next
//! states, as long as these neither accept nor have a wildcard. Its labels are then a
//! prefix-free set, and a small tree of hash tables finds each: a window of at most
//! eight bytes selects a row, and labels that share a row get a dispatch node with
//! another window. A state keeps its single-segment labels, for the perfect hash,
//! where the tree would be too deep or no usable window tells its labels apart.

use std::collections::BTreeMap;

use routescope_core::table::{MAX_LOG2, NONE, State as Row};
use routescope_core::words::word_at;

use crate::automaton::{Accepts, State};

/// A state with more labels than this is not compressed further.
const MAX_LABELS: usize = 1 << 14;
/// The deepest tree of tables. Labels that need a deeper one go to the perfect hash.
const MAX_DEPTH: usize = 5;
/// Up to this many labels, seeds are searched for a table without collisions.
const MAX_PERFECT: usize = 24;
/// The most seeds that are tried for a table of one size.
const MAX_SEEDS: u16 = 4096;

/// A state after path compression.
pub(crate) struct CompressedState {
    pub(crate) wildcard: u32,
    pub(crate) accepts: Accepts,
    pub(crate) accepts_slash: Accepts,
    pub(crate) labels: Labels,
}

/// The labels of a state, each with its target.
pub(crate) enum Labels {
    /// Single segments, without a tree.
    List(Vec<(String, u32)>),
    /// Compressed labels in a tree of hash tables.
    Tree(DispatchTree),
}

/// A hash table of labels; rows with several labels are dispatch nodes.
pub(crate) struct DispatchTree {
    pub(crate) hash: RowHash,
    /// The rows that are not empty.
    pub(crate) rows: BTreeMap<usize, Branch>,
}

/// A row of a table.
pub(crate) enum Branch {
    /// A label and its target.
    Label((String, u32)),
    /// A dispatch node: another table, entered by another window of the same bytes.
    Node(DispatchTree),
}

/// The hash of a table: the fields of a [`Row`] that select a row by the path's bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct RowHash {
    pub(crate) seed: u16,
    pub(crate) skip: u8,
    pub(crate) shape: u8,
}

impl CompressedState {
    fn new(state: State, tree: Option<DispatchTree>) -> Self {
        Self {
            wildcard: state.wildcard,
            accepts: state.accepts,
            accepts_slash: state.accepts_slash,
            labels: tree.map_or(Labels::List(state.literals), Labels::Tree),
        }
    }

    /// Every label and its target.
    pub(crate) fn labels(&self) -> Vec<&(String, u32)> {
        match &self.labels {
            Labels::List(labels) => labels.iter().collect(),
            Labels::Tree(tree) => tree.labels(),
        }
    }
}

impl RowHash {
    /// The row that eight bytes of a path select.
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

/// Compresses the paths of an automaton. Returns the states that are still reachable,
/// by their numbers in the automaton.
pub(crate) fn compress(automaton: &[State], tables: bool) -> BTreeMap<u32, CompressedState> {
    let mut parents = vec![0usize; automaton.len()];
    for (_, target) in automaton.iter().flat_map(|state| &state.literals) {
        parents[*target as usize] += 1;
    }
    let mut compressed = BTreeMap::new();
    let mut queue = vec![0];
    while let Some(number) = queue.pop() {
        if compressed.contains_key(&number) {
            continue;
        }
        let state = &automaton[number as usize];
        let (state, tree) = if tables {
            with_longest_labels(automaton, &parents, state)
        } else {
            (state.clone(), None)
        };
        let targets = state.literals.iter().map(|(_, target)| *target);
        queue.extend(targets.chain([state.wildcard]).filter(|at| *at != NONE));
        compressed.insert(number, CompressedState::new(state, tree));
    }
    compressed
}

/// Returns the state with the longest labels for which there is a tree, and the tree;
/// the unchanged state if there is none.
fn with_longest_labels(
    automaton: &[State],
    parents: &[usize],
    state: &State,
) -> (State, Option<DispatchTree>) {
    let mut candidates = vec![state.clone()];
    while let Some(longer) = candidates
        .last()
        .and_then(|last| extended(automaton, parents, last))
    {
        candidates.push(longer);
    }
    for candidate in candidates.into_iter().rev().filter(has_only_literals) {
        let labels: Vec<&(String, u32)> = candidate.literals.iter().collect();
        if let Some(tree) = DispatchTree::of(&labels, MAX_DEPTH) {
            return (candidate, Some(tree));
        }
    }
    (state.clone(), None)
}

/// Whether every transition is by a literal, and there is one.
fn has_only_literals(state: &State) -> bool {
    state.wildcard == NONE && !state.literals.is_empty()
}

/// Extends each label by the labels of its target where compression allows it. `None`
/// if no label changes.
fn extended(automaton: &[State], parents: &[usize], state: &State) -> Option<State> {
    if !has_only_literals(state) || state.literals.len() > MAX_LABELS {
        return None;
    }
    let mut literals = Vec::with_capacity(state.literals.len());
    let mut changed = false;
    for (label, target) in &state.literals {
        let behind = &automaton[*target as usize];
        // A target with several parents is not duplicated, unless it has one label only.
        let own = parents[*target as usize] == 1 || behind.literals.len() == 1;
        if has_only_literals(behind)
            && behind.accepts == Accepts::None
            && behind.accepts_slash == Accepts::None
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

impl DispatchTree {
    /// Builds a tree. `None` if it would be deeper than `depth` tables, or if no usable
    /// window tells some labels apart: windows begin in the first 256 bytes.
    fn of(labels: &[&(String, u32)], depth: usize) -> Option<Self> {
        let depth = depth.checked_sub(1)?;
        let (hash, words) = choose_hash(labels)?;
        let mut members: BTreeMap<usize, Vec<&(String, u32)>> = BTreeMap::new();
        for (word, at) in words {
            let row = members.entry(hash.row(word)).or_default();
            // A label may be there twice: followed by a slash, and by nothing.
            if row.last().is_none_or(|last| last.0 != labels[at].0) {
                row.push(labels[at]);
            }
        }
        let mut rows = BTreeMap::new();
        for (row, members) in members {
            let branch = match members.as_slice() {
                [label] => Branch::Label((*label).clone()),
                members => Branch::Node(Self::of(members, depth)?),
            };
            rows.insert(row, branch);
        }
        Some(Self { hash, rows })
    }

    fn labels(&self) -> Vec<&(String, u32)> {
        let branches = self.rows.values();
        branches
            .flat_map(|branch| match branch {
                Branch::Label(label) => vec![label],
                Branch::Node(tree) => tree.labels(),
            })
            .collect()
    }
}

/// Chooses the window and the seed, and returns them with the window's bytes in each
/// label. `None` if no window tells any two labels apart.
fn choose_hash(labels: &[&(String, u32)]) -> Option<(RowHash, Vec<(u64, usize)>)> {
    if labels.len() == 1 {
        let hash = RowHash {
            seed: 0,
            skip: 0,
            shape: Row::shape(1, 0),
        };
        return Some((hash, vec![(0, 0)]));
    }
    // The byte after a label may be in the window: it tells the label from longer
    // ones. The bytes after that depend on the request.
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
    let hashes = |log2: u8, seeds: u16| {
        (0..seeds).map(move |seed| RowHash {
            seed,
            skip,
            shape: Row::shape(bytes, log2),
        })
    };
    let used = |hash: &RowHash| rows_used(&distinct, *hash);
    let perfect = (least..=least + 1)
        .filter(|_| distinct.len() <= MAX_PERFECT)
        .find_map(|log2| hashes(log2, MAX_SEEDS).find(|hash| used(hash) == distinct.len()));
    let hash = perfect.or_else(|| hashes(least, 64).max_by_key(used))?;
    (used(&hash) > 1).then_some((hash, words))
}

fn rows_used(words: &[u64], hash: RowHash) -> usize {
    let mut used = vec![false; hash.rows()];
    for word in words {
        used[hash.row(*word)] = true;
    }
    used.into_iter().filter(|used| *used).count()
}

/// Reads the window's bytes in each label, followed by nothing and by a slash.
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
