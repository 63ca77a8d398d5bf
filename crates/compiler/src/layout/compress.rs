//! Path compression: static segments that follow each other become one edge.
//!
//! A state that only static segments can follow takes over the labels of the states after it,
//! as long as none of these ends a path, has a parameter or has an affix. Its labels are then a set of words,
//! none a prefix of another. A tree of dispatch tables finds the row of a word: a window of up
//! to eight bytes selects the row, and words that share a row get another table, with another
//! window. If that would take too many tables, or a window too far from the start, the state
//! keeps its own labels for the hash of edges.

use std::collections::BTreeMap;

use routescope_core::__private::{Dispatch, MAX_LOG2_ROWS, Window, load_padded};

use crate::automaton::{Accepts, NONE, State};
use crate::model::template::Segment;

/// A state with more labels than this takes over no others.
const MAX_LABELS: usize = 1 << 14;
/// The most tables that a search enters one after the other. Labels that need more are left to
/// the hash of edges.
const MAX_DEPTH: usize = 5;
/// The most words for which a seed without collisions is searched.
const MAX_PERFECT: usize = 24;
/// The most seeds that are tried for a table of one size.
const MAX_SEEDS: u16 = 4096;

/// A state after path compression.
pub(crate) struct CompressedState {
    pub(crate) affixes: Vec<(Segment, u32)>,
    pub(crate) wildcard: u32,
    pub(crate) accepts: Accepts,
    pub(crate) accepts_slash: Accepts,
    pub(crate) labels: Labels,
}

/// The labels of a state, each with its target.
pub(crate) enum Labels {
    /// For the alternatives of a parameter or the hash of edges.
    List(Vec<(String, u32)>),
    /// For dispatch tables.
    Tree(DispatchTree),
}

/// A dispatch table, and the ones that its rows lead to.
pub(crate) struct DispatchTree {
    /// How a window of the path selects a row. The layout says where the rows begin.
    pub(crate) dispatch: Dispatch,
    /// The rows that are not empty.
    pub(crate) rows: BTreeMap<usize, Branch>,
}

/// The content of one row of a dispatch.
pub(crate) enum Branch {
    /// A label and its target.
    Label((String, u32)),
    /// Another table.
    Node(DispatchTree),
}

impl CompressedState {
    fn new(state: State, tree: Option<DispatchTree>) -> Self {
        Self {
            affixes: state.affixes,
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

/// Compresses an automaton, and drops the states that nothing leads to any more. The result is
/// by their numbers in the automaton. Without `tables`, nothing is compressed.
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
        queue.extend(state.targets());
        compressed.insert(number, CompressedState::new(state, tree));
    }
    compressed
}

/// Returns the state with labels as long as a separate dispatch allows, and that dispatch.
/// If no dispatch allows longer labels, the state is unchanged.
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

/// Whether nothing but literals can follow.
fn has_only_literals(state: &State) -> bool {
    state.wildcard == NONE && state.affixes.is_empty() && !state.literals.is_empty()
}

/// The state with its labels lengthened by one segment where that is possible. `None` if it is
/// possible for no label.
fn extended(automaton: &[State], parents: &[usize], state: &State) -> Option<State> {
    if !has_only_literals(state) || state.literals.len() > MAX_LABELS {
        return None;
    }
    let mut literals = Vec::with_capacity(state.literals.len());
    let mut changed = false;
    for (label, target) in &state.literals {
        let next = &automaton[*target as usize];
        // A state that several edges lead to stays one state, unless paths only pass
        // through it.
        let own = parents[*target as usize] == 1 || next.literals.len() == 1;
        if has_only_literals(next)
            && next.accepts == Accepts::None
            && next.accepts_slash == Accepts::None
            && own
        {
            changed = true;
            let further = next.literals.iter();
            literals.extend(further.map(|(next, target)| (format!("{label}/{next}"), *target)));
        } else {
            literals.push((label.clone(), *target));
        }
    }
    changed.then(|| State {
        literals,
        affixes: Vec::new(),
        ..*state
    })
}

impl DispatchTree {
    /// `None` if it would be deeper than `depth` tables, or if no bytes that can
    /// choose tell some labels apart: only the first few hundred can.
    fn of(labels: &[&(String, u32)], depth: usize) -> Option<Self> {
        let depth = depth.checked_sub(1)?;
        let (dispatch, words) = choose(labels)?;
        let mut members: BTreeMap<usize, Vec<&(String, u32)>> = BTreeMap::new();
        for (word, at) in words {
            let row = members.entry(dispatch.row(word) as usize).or_default();
            // A label may be found twice: with a slash after it, and without.
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
        Some(Self { dispatch, rows })
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

/// The dispatch that tells the most labels apart, and the window of each label, sorted by
/// label. `None` if no window tells any two labels apart.
fn choose(labels: &[&(String, u32)]) -> Option<(Dispatch, Vec<(u64, usize)>)> {
    if labels.len() == 1 {
        let window = Window {
            offset: 0,
            width: 1,
        };
        let dispatch = Dispatch {
            window,
            ..Dispatch::EMPTY
        };
        return Some((dispatch, vec![(0, 0)]));
    }
    // The byte after a label tells it from longer ones. The bytes after that may be anything.
    let shortest = labels.iter().map(|(label, _)| label.len()).min()?;
    let usable = shortest + 1;
    let windows = (0..usable.min(256)).map(|offset| Window {
        offset: offset as u8,
        width: (usable - offset).min(8) as u8,
    });
    let window = windows.max_by_key(|window| {
        let mut words: Vec<u64> = words(labels, *window).map(|(word, _)| word).collect();
        words.sort_unstable();
        words.dedup();
        (words.len(), std::cmp::Reverse(window.offset))
    })?;
    let words: Vec<(u64, usize)> = words(labels, window).collect();
    let mut distinct: Vec<u64> = words.iter().map(|(word, _)| *word).collect();
    distinct.sort_unstable();
    distinct.dedup();
    let least = (distinct.len().next_power_of_two().ilog2() as u8).min(MAX_LOG2_ROWS);
    let dispatches = |log2_rows: u8, seeds: u16| {
        (0..seeds).map(move |seed| Dispatch {
            first: 0,
            log2_rows,
            seed,
            window,
        })
    };
    let used = |dispatch: &Dispatch| rows_used(&distinct, *dispatch);
    let perfect = (least..=least + 1)
        .filter(|_| distinct.len() <= MAX_PERFECT)
        .find_map(|log2| dispatches(log2, MAX_SEEDS).find(|found| used(found) == distinct.len()));
    let dispatch = perfect.or_else(|| dispatches(least, 64).max_by_key(used))?;
    (used(&dispatch) > 1).then_some((dispatch, words))
}

fn rows_used(words: &[u64], dispatch: Dispatch) -> usize {
    let mut used = vec![false; 1 << dispatch.log2_rows];
    for word in words {
        used[dispatch.row(*word) as usize] = true;
    }
    used.into_iter().filter(|used| *used).count()
}

/// The bytes of each label in a window, if a slash follows the label or nothing.
fn words<'l>(
    labels: &'l [&(String, u32)],
    Window { offset, width }: Window,
) -> impl Iterator<Item = (u64, usize)> + 'l {
    let unused = 64 - 8 * u32::from(width);
    let used = u64::MAX >> unused;
    labels.iter().enumerate().flat_map(move |(at, (label, _))| {
        let bare = load_padded(label.as_bytes(), usize::from(offset)) & used;
        let after = label.len() - usize::from(offset);
        let slash = match after {
            0..8 => u64::from(b'/') << (8 * after) & used,
            _ => 0,
        };
        let second = (slash != 0).then_some((bare | slash, at));
        [Some((bare, at)), second].into_iter().flatten()
    })
}
