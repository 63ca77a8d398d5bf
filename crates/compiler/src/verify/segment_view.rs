//! The tables seen one segment at a time, for the proof: labels span several segments,
//! and templates do not.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Bound;

use routescope_core::table::{
    End, GROUP, HASHED, LITERALS, MAX_LOG2, SIBLINGS, State, Tables, VALUE,
};
use routescope_core::{BEHIND, Step};

/// The position after some whole segments: a table state, or the middle of an edge.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Position {
    pub(crate) state_id: u32,
    /// The segments taken since that state, joined by slashes; empty in the state itself.
    pub(crate) mid_edge: String,
}

impl Position {
    /// The position before the first segment.
    pub(crate) const START: Self = Self::at(0);

    pub(crate) const fn at(state_id: u32) -> Self {
        Self {
            state_id,
            mid_edge: String::new(),
        }
    }

    /// The part of a label taken so far, extended by `segment`.
    pub(crate) fn run(&self, segment: &str) -> String {
        if self.mid_edge.is_empty() {
            segment.to_owned()
        } else {
            format!("{}/{segment}", self.mid_edge)
        }
    }

    /// The accepting entries if the path ends here, without and with a slash.
    pub(crate) fn ends(&self, tables: &Tables<'_>) -> [Option<End>; 2] {
        if self.mid_edge.is_empty() {
            [false, true].map(|slash| tables.end(self.state_id, slash))
        } else {
            [None, None]
        }
    }
}

/// Every state of the tables: each row, and the state after a row's parameter.
pub(crate) fn state_ids(tables: &Tables<'_>) -> impl Iterator<Item = u32> {
    (0..).zip(tables.states).flat_map(|(at, row)| {
        let behind = (row.kind == VALUE).then_some(at | BEHIND);
        [Some(at), behind].into_iter().flatten()
    })
}

/// The transition by one segment, as the tables have it or as the file has it: the
/// same four kinds, with a target of either side.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Transition<T> {
    /// By a literal.
    Static(T),
    /// By any other value.
    Wildcard(T),
    /// By a value that resembles a literal: no template that takes it may win.
    Shadows(T),
    /// No template goes on.
    Dead,
}

/// Texts that may follow a label without changing its target.
pub(crate) const TAILS: [&str; 3] = ["", "/", "/~~~~~~~~"];

/// Tables with the labels of each state.
pub(crate) struct SegmentView<'t> {
    pub(crate) tables: &'t Tables<'t>,
    labels: BTreeMap<u32, BTreeSet<&'t str>>,
}

impl<'t> SegmentView<'t> {
    pub(crate) fn new(tables: &'t Tables<'t>) -> Self {
        let mut hashed: HashMap<u32, Vec<&str>> = HashMap::new();
        for edge in tables.edges {
            let label = text(tables, edge.label, edge.label_len);
            hashed.entry(edge.state).or_default().push(label);
        }
        let labels = state_ids(tables).map(|state_id| {
            let state = tables.states.get((state_id & !BEHIND) as usize);
            let edges = state
                .filter(|row| row.kind == HASHED)
                .and_then(|row| hashed.get(&row.next));
            let found = labelled_rows(tables, state_id)
                .unwrap_or_default()
                .into_iter()
                .map(|(row, _)| text(tables, row.label, row.label_len))
                .filter(|label| is_found(tables, state_id, label));
            (
                state_id,
                found.chain(edges.into_iter().flatten().copied()).collect(),
            )
        });
        Self {
            tables,
            labels: labels.collect(),
        }
    }

    /// The labels of a state, each one or several segments.
    pub(crate) fn labels(&self, state_id: u32) -> impl Iterator<Item = &'t str> {
        self.beginning(state_id, "")
    }

    /// The labels with a prefix.
    fn beginning<'s>(&'s self, state_id: u32, with: &'s str) -> impl Iterator<Item = &'t str> + 's {
        self.labels
            .get(&state_id)
            .into_iter()
            .flat_map(move |labels| {
                labels.range::<str, _>((Bound::Included(with), Bound::Unbounded))
            })
            .copied()
            .take_while(move |label| label.starts_with(with))
    }

    /// Every label of every state.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'t str> {
        self.labels.values().flatten().copied()
    }

    /// The segments that labels have after a position.
    pub(crate) fn segments(&self, position: &Position) -> BTreeSet<&'t str> {
        let prefix = position.run("");
        self.beginning(position.state_id, &prefix)
            .filter_map(|label| label.strip_prefix(prefix.as_str()))
            .map(|rest| rest.split('/').next().unwrap_or_default())
            .collect()
    }

    /// The transition by a segment, asked of the code that runs: the label is looked up
    /// as far as it has been taken, and is mid-edge where a longer label continues it.
    pub(crate) fn step(&self, position: &Position, segment: &str) -> Transition<Position> {
        let run = position.run(segment);
        match self.tables.step(position.state_id, run.as_bytes()) {
            (Step::Literal(next), end) if end == run.len() => {
                Transition::Static(Position::at(next))
            }
            (Step::Other(next), end) if end == run.len() => {
                Transition::Wildcard(Position::at(next))
            }
            (Step::Shadow(next), end) if end == run.len() => {
                Transition::Shadows(Position::at(next))
            }
            _ => {
                let goes_on = format!("{run}/");
                if self.beginning(position.state_id, &goes_on).next().is_some() {
                    Transition::Static(Position {
                        state_id: position.state_id,
                        mid_edge: run,
                    })
                } else {
                    Transition::Dead
                }
            }
        }
    }
}

/// Whether a label is found, followed by any of [`TAILS`].
fn is_found(tables: &Tables<'_>, state_id: u32, label: &str) -> bool {
    TAILS.into_iter().any(|tail| {
        let (step, end) = tables.step(state_id, format!("{label}{tail}").as_bytes());
        matches!(step, Step::Literal(_)) && end == label.len()
    })
}

/// The rows with a label that matching can reach from a state without the perfect hash,
/// each with the number of bytes of the path that select it. `None` if dispatch nodes
/// lead to each other in a circle, or the state is a dispatch node.
pub(crate) fn labelled_rows(tables: &Tables<'_>, state_id: u32) -> Option<Vec<(State, usize)>> {
    let row = tables.states.get((state_id & !BEHIND) as usize)?;
    match row.kind {
        LITERALS => of_table(tables, row),
        VALUE if state_id & BEHIND != 0 => of_table(tables, row),
        SIBLINGS => {
            let start = row.next as usize;
            let siblings = tables.states.get(start..start + usize::from(row.shape))?;
            Some(siblings.iter().map(|row| (*row, 0)).collect())
        }
        // A dispatch node is no state: its transitions depend on bytes after the segment.
        GROUP => None,
        _ => Some(Vec::new()),
    }
}

/// The rows of a dispatch table and of its nodes.
fn of_table(tables: &Tables<'_>, row: &State) -> Option<Vec<(State, usize)>> {
    let mut found = Vec::new();
    let mut known = HashSet::new();
    let mut queue = vec![(*row, 0)];
    while let Some((row, seen)) = queue.pop() {
        let log2 = row.log2();
        if log2 > MAX_LOG2 || !known.insert((row.next, row.shape, row.skip, seen)) {
            return None;
        }
        let seen = match log2 {
            0 => seen,
            _ => seen.max(usize::from(row.skip) + usize::from(row.bytes())),
        };
        for at in 0..1 << log2 {
            match tables.states.get(row.next.wrapping_add(at) as usize) {
                Some(row) if row.label_len > 0 => found.push((*row, seen)),
                Some(row) if row.kind == GROUP => queue.push((*row, seen)),
                _ => {}
            }
        }
    }
    Some(found)
}

/// A string of the tables' string pool.
pub(crate) fn text<'t>(tables: &Tables<'t>, start: u32, len: u16) -> &'t str {
    let start = start as usize;
    let end = start + usize::from(len);
    tables.text.get(start..end).unwrap_or_default()
}
