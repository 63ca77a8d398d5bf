//! Lays out states and their labels: in dispatch tables, as static alternatives to a
//! parameter, or in the perfect hash that all other states share.

use std::collections::{BTreeMap, HashMap};

use routescope_core::Options;
use routescope_core::segment::{self, reading_len};
use routescope_core::table::{
    Edge, End, GROUP, HASHED, MAX_SIBLINGS, MAX_STATES, NONE, SIBLINGS, STATE, State as Row, VALUE,
    edge_key,
};

use crate::automaton::compress::{self, Branch, CompressedState, DispatchTree, Labels};
use crate::automaton::no_tables::OverLimit;
use crate::automaton::{Accepts, State};
use crate::layout::perfect_hash::assign_slots;
use crate::layout::string_pool::StringPool;

/// The tables of a policy that hold its states and their labels.
pub(crate) struct StateTables {
    pub(crate) states: Vec<Row>,
    pub(crate) twins: Vec<[End; 2]>,
    pub(crate) slots: u32,
    /// The slots, then the edges that share the hash of one in a slot.
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

/// Lays out all states of an automaton; `ends` are the accepting entries of its
/// templates.
pub(crate) fn build(
    automaton: &[State],
    ends: &[End],
    text: &mut StringPool,
    options: Options,
) -> Result<StateTables, OverLimit> {
    // Where case does not matter, only the perfect hash finds a label.
    let compressed = compress::compress(automaton, !options.case_insensitive);
    let labels = compressed.values().flat_map(CompressedState::labels);
    text.find_labels(labels.map(|(label, _)| label), options);
    let mut builder = LayoutBuilder {
        compressed: &compressed,
        ends,
        text,
        options,
        states: Vec::new(),
        twins: Vec::new(),
        twin_rows: HashMap::new(),
        known: HashMap::new(),
        unlabelled: HashMap::new(),
        hashed: Vec::new(),
        hashed_states: 0,
    };
    builder.unlabelled_row(0);
    let LayoutBuilder {
        states,
        twins,
        hashed,
        ..
    } = builder;
    if states.len() > MAX_STATES {
        return Err(OverLimit {
            what: "states",
            limit: MAX_STATES,
        });
    }
    let (slots, edges, displacements) = place_hashed(hashed)?;
    Ok(StateTables {
        states,
        twins,
        slots,
        edges,
        displacements,
    })
}

/// Allocates and fills rows, depth-first, so that the rows of one path are near each
/// other in memory.
struct LayoutBuilder<'a> {
    compressed: &'a BTreeMap<u32, CompressedState>,
    ends: &'a [End],
    text: &'a StringPool,
    options: Options,
    states: Vec<Row>,
    twins: Vec<[End; 2]>,
    twin_rows: HashMap<[End; 2], u32>,
    /// The rows of states without their labels: the same for every label that leads
    /// there.
    known: HashMap<u32, Row>,
    /// The numbers of rows without a label.
    unlabelled: HashMap<u32, u32>,
    hashed: Vec<(Edge, &'a String)>,
    hashed_states: u32,
}

impl<'a> LayoutBuilder<'a> {
    /// The number of a state's row without a label, filled if it is new.
    fn unlabelled_row(&mut self, number: u32) -> u32 {
        if let Some(&row) = self.unlabelled.get(&number) {
            return row;
        }
        let row = self.reserve(1);
        // A catch-all leads to itself.
        self.unlabelled.insert(number, row);
        self.states[row as usize] = self.fill(number);
        row
    }

    /// Fills a row for a state, without a label.
    fn fill(&mut self, number: u32) -> Row {
        if let Some(&row) = self.known.get(&number) {
            return row;
        }
        let state = &self.compressed[&number];
        let row = Row {
            end: self.end(state.accepts, state.accepts_slash),
            ..Row::EMPTY
        };
        let row = match &state.labels {
            Labels::Tree(tree) => self.fill_table(row, tree),
            Labels::List(labels) if labels.is_empty() => match state.wildcard {
                NONE => row,
                wildcard => self.fill_param(row, wildcard),
            },
            Labels::List(labels) if state.wildcard != NONE && are_few(labels, self.options) => {
                self.fill_static_or_param(row, labels, state.wildcard)
            }
            Labels::List(labels) => self.fill_hashed(row, labels, state.wildcard),
        };
        self.known.insert(number, row);
        row
    }

    /// Fills a row with one transition, by the wildcard. A target that has only a
    /// dispatch table is stored in the same row.
    fn fill_param(&mut self, row: Row, wildcard: u32) -> Row {
        let behind = &self.compressed[&wildcard];
        let tree = match &behind.labels {
            Labels::Tree(tree) => Some(tree),
            Labels::List(labels) if labels.is_empty() && behind.wildcard == NONE => None,
            Labels::List(_) => {
                return Row {
                    kind: STATE,
                    value: self.unlabelled_row(wildcard),
                    ..row
                };
            }
        };
        let row = Row {
            kind: VALUE,
            value: self.end(behind.accepts, behind.accepts_slash).bits(),
            ..row
        };
        tree.map_or(row, |tree| self.fill_table(row, tree))
    }

    /// Adds a dispatch table to a row.
    fn fill_table(&mut self, row: Row, tree: &'a DispatchTree) -> Row {
        let next = self.reserve(tree.hash.rows());
        for (at, branch) in &tree.rows {
            self.states[next as usize + at] = match branch {
                Branch::Label((label, target)) => self.labelled_row(label, *target),
                Branch::Node(group) => {
                    let row = Row {
                        kind: GROUP,
                        ..Row::EMPTY
                    };
                    self.fill_table(row, group)
                }
            };
        }
        Row {
            next,
            seed: tree.hash.seed,
            skip: tree.hash.skip,
            shape: tree.hash.shape,
            ..row
        }
    }

    fn fill_static_or_param(
        &mut self,
        row: Row,
        labels: &'a [(String, u32)],
        wildcard: u32,
    ) -> Row {
        let next = self.reserve(labels.len());
        for (at, (label, target)) in (next..).zip(labels) {
            self.states[at as usize] = self.labelled_row(label, *target);
        }
        Row {
            kind: SIBLINGS,
            next,
            shape: labels.len() as u8,
            seed: length_bits(labels),
            value: self.unlabelled_row(wildcard),
            ..row
        }
    }

    fn fill_hashed(&mut self, row: Row, labels: &'a [(String, u32)], wildcard: u32) -> Row {
        let state = self.hashed_states;
        self.hashed_states += 1;
        for (literal, target) in labels {
            let (label, label_len) = self.text.of_label(literal);
            let edge = Edge {
                state,
                target: self.unlabelled_row(*target),
                label,
                label_len,
                twin: 0,
            };
            self.hashed.push((edge, literal));
        }
        Row {
            kind: HASHED,
            next: state,
            seed: length_bits(labels),
            value: match wildcard {
                NONE => NONE,
                wildcard => self.unlabelled_row(wildcard),
            },
            ..row
        }
    }

    fn labelled_row(&mut self, label: &str, target: u32) -> Row {
        let (label, label_len) = self.text.of_label(label);
        Row {
            label,
            label_len,
            ..self.fill(target)
        }
    }

    /// The accepting entry for paths without a slash at the end and with one.
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

    /// Allocates empty rows.
    fn reserve(&mut self, rows: usize) -> u32 {
        let first = self.states.len();
        self.states.resize(first + rows, Row::EMPTY);
        // The limit is checked at the end: memory suffices until then.
        u32::try_from(first).unwrap_or(NONE)
    }
}

/// The bitset of the labels' normalized lengths, mod 16.
fn length_bits(labels: &[(String, u32)]) -> u16 {
    let bit = |label: &str| Row::length(reading_len(label.as_bytes()));
    labels.iter().fold(0, |bits, (label, _)| bits | bit(label))
}

/// Whether the literals of a state with a wildcard are few enough to be compared one
/// by one.
fn are_few(labels: &[(String, u32)], options: Options) -> bool {
    labels.len() <= MAX_SIBLINGS.into() && !options.case_insensitive
}

fn place_hashed(hashed: Vec<(Edge, &String)>) -> Result<(u32, Vec<Edge>, Vec<u16>), OverLimit> {
    // Of the labels that share state and hash, one gets a slot.
    let mut by_key: BTreeMap<(u32, u64), Vec<Edge>> = BTreeMap::new();
    for (edge, literal) in hashed {
        let key = (edge.state, segment::hash(literal.as_bytes()));
        by_key.entry(key).or_default().push(edge);
    }
    let keys: Vec<u64> = by_key
        .keys()
        .map(|&(state, hash)| edge_key(state, hash))
        .collect();
    let placement = assign_slots(&keys).ok_or(OverLimit {
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
