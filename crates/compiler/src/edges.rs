//! Where the labels of states go: into little tables of their own, beside a
//! value, or into the perfect hash that all other states share.

use std::collections::BTreeMap;

use routescope_core::Options;
use routescope_core::segment::{self, spelt_len};
use routescope_core::table::{
    Edge, HASHED, HASHED_SHAPE, MAX_SIBLINGS, NONE, Run, State as Row, edge_key,
};

use crate::automaton::State;
use crate::lower::OverLimit;
use crate::perfect_hash::place_all;
use crate::runs::{self, Joined, Labels, Place};
use crate::text::Text;

/// The states of a policy and their labels, placed.
pub(crate) struct Edges {
    pub(crate) states: Vec<Row>,
    pub(crate) runs: Vec<Run>,
    pub(crate) slots: u32,
    /// The slots and the twins.
    pub(crate) edges: Vec<Edge>,
    pub(crate) displacements: Vec<u16>,
}

const EMPTY_RUN: Run = Run {
    target: 0,
    label: 0,
    label_len: 0,
};

const EMPTY_EDGE: Edge = Edge {
    state: NONE,
    target: 0,
    label: 0,
    label_len: 0,
    twin: 0,
};

/// Places all labels of an automaton.
pub(crate) fn place(
    automaton: &[State],
    text: &mut Text,
    options: Options,
) -> Result<Edges, OverLimit> {
    let joined = if options.case_insensitive {
        // Where case does not matter, only the perfect hash finds a label.
        automaton.iter().map(Joined::from).collect()
    } else {
        runs::join(automaton)
    };
    text.find_labels(joined.iter().flat_map(Joined::labels), options);
    let mut states = Vec::with_capacity(joined.len());
    let mut runs: Vec<Run> = Vec::new();
    let mut hashed = Vec::new();
    for (number, state) in (0..).zip(&joined) {
        let first = index(runs.len(), "runs")?;
        let row = Row {
            other: state.other,
            end: state.end,
            end_slash: state.end_slash,
            runs: NONE,
            seed: 0,
            skip: 0,
            shape: 0,
        };
        states.push(match &state.labels {
            Labels::Table { choice, rows } => {
                runs.extend(rows.iter().map(|row| run_of(text, row)));
                Row {
                    runs: first,
                    seed: choice.seed,
                    skip: choice.skip,
                    shape: choice.shape,
                    ..row
                }
            }
            Labels::Listed(labels) if labels.is_empty() => row,
            Labels::Listed(labels) if state.other != NONE && are_few(labels, options) => {
                let siblings = labels.iter();
                runs.extend(siblings.map(|(label, target)| run(text, label, *target)));
                Row {
                    runs: first,
                    seed: lengths(labels),
                    shape: labels.len() as u8,
                    ..row
                }
            }
            Labels::Listed(labels) => {
                hashed.extend(edges_of(number, labels, text));
                Row {
                    runs: HASHED,
                    seed: lengths(labels),
                    shape: if state.other == NONE { 0 } else { HASHED_SHAPE },
                    ..row
                }
            }
        });
    }
    index(runs.len(), "runs")?;
    let (slots, edges, displacements) = place_hashed(hashed)?;
    index(edges.len(), "edges")?;
    Ok(Edges {
        states,
        runs,
        slots,
        edges,
        displacements,
    })
}

/// How long labels are, once decoded.
fn lengths(labels: &[(String, u32)]) -> u16 {
    let bit = |label: &str| Row::length(spelt_len(label.as_bytes(), true));
    labels.iter().fold(0, |bits, (label, _)| bits | bit(label))
}

/// Whether literals beside a value are compared one by one.
fn are_few(labels: &[(String, u32)], options: Options) -> bool {
    labels.len() <= MAX_SIBLINGS.into() && !options.case_insensitive
}

fn run_of(text: &Text, place: &Place) -> Run {
    match place {
        Place::Empty => EMPTY_RUN,
        Place::Run(label, target) => run(text, label, *target),
        Place::Group(target) => Run {
            target: *target,
            ..EMPTY_RUN
        },
    }
}

fn run(text: &Text, label: &str, target: u32) -> Run {
    let (label, label_len) = text.of_label(label);
    Run {
        target,
        label,
        label_len,
    }
}

fn edges_of<'a>(
    number: u32,
    labels: &'a [(String, u32)],
    text: &'a Text,
) -> impl Iterator<Item = (Edge, &'a String)> {
    labels.iter().map(move |(literal, target)| {
        let (label, label_len) = text.of_label(literal);
        let edge = Edge {
            state: number,
            target: *target,
            label,
            label_len,
            twin: 0,
        };
        (edge, literal)
    })
}

fn index(count: usize, what: &'static str) -> Result<u32, OverLimit> {
    let limit = HASHED as usize - 1;
    u32::try_from(count)
        .ok()
        .filter(|_| count < limit)
        .ok_or(OverLimit { what, limit })
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
