//! Where the labels of states go: into little tables of their own, beside a
//! value, or into the perfect hash that all other states share.

use std::collections::{BTreeMap, HashMap};

use routescope_core::Options;
use routescope_core::segment::{self, reading_len};
use routescope_core::table::{
    Edge, End, GROUP, HASHED, MAX_SIBLINGS, MAX_STATES, NONE, SIBLINGS, STATE, State as Row, VALUE,
    edge_key,
};

use crate::automaton::compress::{self, Branch, Joined, Labels, Tree};
use crate::automaton::no_tables::OverLimit;
use crate::automaton::{Accepts, State};
use crate::layout::perfect_hash::place_all;
use crate::layout::string_pool::Text;

/// The states of a policy and their labels, placed.
pub(crate) struct Edges {
    pub(crate) states: Vec<Row>,
    pub(crate) twins: Vec<[End; 2]>,
    pub(crate) slots: u32,
    /// The slots and the twins.
    pub(crate) edges: Vec<Edge>,
    pub(crate) displacements: Vec<u16>,
}

const EMPTY_EDGE: Edge = Edge {
    state: NONE,
    target: 0,
    label: 0,
    label_len: 0,
    twin: 0,
};

/// Places all states of an automaton; `ends` are its templates.
pub(crate) fn place(
    automaton: &[State],
    ends: &[End],
    text: &mut Text,
    options: Options,
) -> Result<Edges, OverLimit> {
    // Where case does not matter, only the perfect hash finds a label.
    let joined = compress::join(automaton, !options.case_insensitive);
    let labels = joined.values().flat_map(Joined::labels);
    text.find_labels(labels.map(|(label, _)| label), options);
    let mut places = Places {
        joined: &joined,
        ends,
        text,
        options,
        states: Vec::new(),
        twins: Vec::new(),
        twin_rows: HashMap::new(),
        known: HashMap::new(),
        alone: HashMap::new(),
        hashed: Vec::new(),
        hashed_states: 0,
    };
    places.alone(0);
    let Places {
        states,
        twins,
        hashed,
        ..
    } = places;
    if states.len() > MAX_STATES {
        return Err(OverLimit {
            what: "states",
            limit: MAX_STATES,
        });
    }
    let (slots, edges, displacements) = place_hashed(hashed)?;
    Ok(Edges {
        states,
        twins,
        slots,
        edges,
        displacements,
    })
}

/// Rows, as far as they are placed: depth-first, so that what follows each other
/// in a path is near each other in memory.
struct Places<'a> {
    joined: &'a BTreeMap<u32, Joined>,
    ends: &'a [End],
    text: &'a Text,
    options: Options,
    states: Vec<Row>,
    twins: Vec<[End; 2]>,
    twin_rows: HashMap<[End; 2], u32>,
    /// How a state goes on, whatever leads to it.
    known: HashMap<u32, Row>,
    /// The rows of states that no label leads to.
    alone: HashMap<u32, u32>,
    hashed: Vec<(Edge, &'a String)>,
    hashed_states: u32,
}

impl<'a> Places<'a> {
    /// The row of a state that no label leads to.
    fn alone(&mut self, number: u32) -> u32 {
        if let Some(&row) = self.alone.get(&number) {
            return row;
        }
        let row = self.reserve(1);
        // A catch-all leads to itself.
        self.alone.insert(number, row);
        self.states[row as usize] = self.row(number);
        row
    }

    /// A state as a row, without a label.
    fn row(&mut self, number: u32) -> Row {
        if let Some(&row) = self.known.get(&number) {
            return row;
        }
        let state = &self.joined[&number];
        let row = Row {
            end: self.end(state.end, state.end_slash),
            ..Row::EMPTY
        };
        let row = match &state.labels {
            Labels::Table(tree) => self.table(row, tree),
            Labels::Listed(labels) if labels.is_empty() => match state.other {
                NONE => row,
                other => self.value(row, other),
            },
            Labels::Listed(labels) if state.other != NONE && are_few(labels, self.options) => {
                self.siblings(row, labels, state.other)
            }
            Labels::Listed(labels) => self.hashed(row, labels, state.other),
        };
        self.known.insert(number, row);
        row
    }

    /// Only a value can follow. What comes behind it may find room in the same row.
    fn value(&mut self, row: Row, other: u32) -> Row {
        let behind = &self.joined[&other];
        let tree = match &behind.labels {
            Labels::Table(tree) => Some(tree),
            Labels::Listed(labels) if labels.is_empty() && behind.other == NONE => None,
            Labels::Listed(_) => {
                return Row {
                    kind: STATE,
                    value: self.alone(other),
                    ..row
                };
            }
        };
        let row = Row {
            kind: VALUE,
            value: self.end(behind.end, behind.end_slash).bits(),
            ..row
        };
        tree.map_or(row, |tree| self.table(row, tree))
    }

    /// The row, with a table of its own.
    fn table(&mut self, row: Row, tree: &'a Tree) -> Row {
        let next = self.reserve(tree.choice.rows());
        for (at, branch) in &tree.rows {
            self.states[next as usize + at] = match branch {
                Branch::Run((label, target)) => self.labelled(label, *target),
                Branch::Group(group) => {
                    let row = Row {
                        kind: GROUP,
                        ..Row::EMPTY
                    };
                    self.table(row, group)
                }
            };
        }
        Row {
            next,
            seed: tree.choice.seed,
            skip: tree.choice.skip,
            shape: tree.choice.shape,
            ..row
        }
    }

    fn siblings(&mut self, row: Row, labels: &'a [(String, u32)], other: u32) -> Row {
        let next = self.reserve(labels.len());
        for (at, (label, target)) in (next..).zip(labels) {
            self.states[at as usize] = self.labelled(label, *target);
        }
        Row {
            kind: SIBLINGS,
            next,
            shape: labels.len() as u8,
            seed: lengths(labels),
            value: self.alone(other),
            ..row
        }
    }

    fn hashed(&mut self, row: Row, labels: &'a [(String, u32)], other: u32) -> Row {
        let state = self.hashed_states;
        self.hashed_states += 1;
        for (literal, target) in labels {
            let (label, label_len) = self.text.of_label(literal);
            let edge = Edge {
                state,
                target: self.alone(*target),
                label,
                label_len,
                twin: 0,
            };
            self.hashed.push((edge, literal));
        }
        Row {
            kind: HASHED,
            next: state,
            seed: lengths(labels),
            value: match other {
                NONE => NONE,
                other => self.alone(other),
            },
            ..row
        }
    }

    fn labelled(&mut self, label: &str, target: u32) -> Row {
        let (label, label_len) = self.text.of_label(label);
        Row {
            label,
            label_len,
            ..self.row(target)
        }
    }

    /// What a path comes to, without a slash at the end and with one.
    fn end(&mut self, plain: Accepts, slash: Accepts) -> End {
        let end = |winner: Accepts| match winner {
            Accepts::None => End::NONE,
            Accepts::Template(template) => self.ends.get(template).copied().unwrap_or(End::NONE),
            Accepts::Refused(segment) => End::refused(segment.into()),
        };
        match (plain, slash) {
            (Accepts::None, Accepts::None) => End::NONE,
            (Accepts::Template(_), Accepts::None) => end(plain).winning(true, false),
            (Accepts::None, Accepts::Template(_)) => end(slash).winning(false, true),
            (Accepts::Template(a), Accepts::Template(b)) if a == b => {
                end(plain).winning(true, true)
            }
            (plain, slash) => {
                let twins = [plain, slash].map(end);
                let fresh = self.twins.len() as u32;
                let row = *self.twin_rows.entry(twins).or_insert(fresh);
                if row == fresh {
                    self.twins.push(twins);
                }
                End::twins(row)
            }
        }
    }

    /// Empty rows for a table.
    fn reserve(&mut self, rows: usize) -> u32 {
        let first = self.states.len();
        self.states.resize(first + rows, Row::EMPTY);
        // How many there may be is checked in the end; memory lasts till then.
        u32::try_from(first).unwrap_or(NONE)
    }
}

/// How long labels are, as they are read.
fn lengths(labels: &[(String, u32)]) -> u16 {
    let bit = |label: &str| Row::length(reading_len(label.as_bytes()));
    labels.iter().fold(0, |bits, (label, _)| bits | bit(label))
}

/// Whether literals beside a value are compared one by one.
fn are_few(labels: &[(String, u32)], options: Options) -> bool {
    labels.len() <= MAX_SIBLINGS.into() && !options.case_insensitive
}

fn place_hashed(hashed: Vec<(Edge, &String)>) -> Result<(u32, Vec<Edge>, Vec<u16>), OverLimit> {
    // Labels that share state and hash are twins: one of them gets a slot.
    let mut by_key: BTreeMap<(u32, u64), Vec<Edge>> = BTreeMap::new();
    for (edge, literal) in hashed {
        let key = (edge.state, segment::hash(literal.as_bytes()));
        by_key.entry(key).or_default().push(edge);
    }
    let keys: Vec<u64> = by_key
        .keys()
        .map(|&(state, hash)| edge_key(state, hash))
        .collect();
    let placement = place_all(&keys).ok_or(OverLimit {
        what: "edges that can be told apart",
        limit: keys.len(),
    })?;
    let mut rows = vec![EMPTY_EDGE; placement.slots as usize];
    let mut twins: Vec<Edge> = Vec::new();
    for (group, &slot) in by_key.into_values().zip(&placement.slot_of) {
        // The first gets the slot; each names the one placed after it.
        let (base, count) = (twins.len(), group.len() - 1);
        for (i, mut edge) in group.into_iter().enumerate() {
            if i < count {
                let limit = u16::MAX.into();
                edge.twin = u16::try_from(base + i + 1).map_err(|_| OverLimit {
                    what: "labels that differ only in spelling",
                    limit,
                })?;
            }
            if i == 0 {
                rows[slot as usize] = edge;
            } else {
                twins.push(edge);
            }
        }
    }
    rows.append(&mut twins);
    Ok((placement.slots, rows, placement.displacements))
}
