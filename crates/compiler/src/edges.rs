//! Where the edges go: into little tables of their states, or into the perfect
//! hash that all other states share.

use std::collections::BTreeMap;

use routescope_core::Options;
use routescope_core::segment::{self, first_word};
use routescope_core::table::{Choice, Edge, HASHED, NONE, edge_key};

use crate::automaton::State;
use crate::lower::OverLimit;
use crate::perfect_hash::place_all;
use crate::text::Text;

/// The edges of a policy, placed.
pub(crate) struct Edges {
    /// `choice` of each state.
    pub(crate) of_states: Vec<u32>,
    pub(crate) choices: Vec<Choice>,
    pub(crate) slots: u32,
    /// The slots, the twins, the tables of `choices`.
    pub(crate) edges: Vec<Edge>,
    pub(crate) displacements: Vec<u16>,
}

/// Most literals that a state's own table is tried for.
const MAX_CHOICES: usize = 32;
/// Most seeds that are tried for a table of one size.
const MAX_SEEDS: u32 = 4096;

const EMPTY: Edge = Edge {
    state: NONE,
    target: 0,
    label: 0,
    label_len: 0,
    twin: 0,
};

/// Places all edges of an automaton.
pub(crate) fn place(
    automaton: &[State],
    text: &Text,
    options: Options,
) -> Result<Edges, OverLimit> {
    let mut of_states = Vec::with_capacity(automaton.len());
    let mut choices = Vec::new();
    let mut tables: Vec<Edge> = Vec::new();
    let mut hashed = Vec::new();
    for (state, row) in (0..).zip(automaton) {
        // A value must not resemble a literal, and case may not matter: both
        // are for the perfect hash, whose hash ignores spelling.
        let plain = row.other == NONE && !options.case_insensitive;
        match find_choice(row).filter(|_| plain) {
            _ if row.literals.is_empty() => of_states.push(NONE),
            Some(choice) => {
                let base = tables.len();
                tables.resize(base + (1 << choice.log2), EMPTY);
                for (edge, word) in edges_of(state, row, text) {
                    tables[base + choice.row(word) as usize] = edge;
                }
                of_states.push(number(choices.len())?);
                choices.push(Choice {
                    base: number(base)?,
                    ..choice
                });
            }
            None => {
                of_states.push(HASHED);
                hashed.extend(
                    edges_of(state, row, text)
                        .map(|(edge, _)| edge)
                        .zip(row.literals.iter().map(|(literal, _)| literal)),
                );
            }
        }
    }
    let (slots, mut edges, displacements) = place_hashed(hashed)?;
    let behind = number(edges.len())?;
    choices.iter_mut().for_each(|choice| choice.base += behind);
    edges.append(&mut tables);
    number(edges.len())?;
    Ok(Edges {
        of_states,
        choices,
        slots,
        edges,
        displacements,
    })
}

fn number(count: usize) -> Result<u32, OverLimit> {
    let limit = HASHED as usize - 1;
    u32::try_from(count)
        .ok()
        .filter(|_| count < limit)
        .ok_or(OverLimit {
            what: "edges",
            limit,
        })
}

/// The edges of a state, each with the word that its own table is entered by.
fn edges_of<'a>(
    state: u32,
    row: &'a State,
    text: &'a Text,
) -> impl Iterator<Item = (Edge, u64)> + 'a {
    row.literals.iter().map(move |(literal, target)| {
        let (label, label_len) = text.of_label(literal);
        let edge = Edge {
            state,
            target: *target,
            label,
            label_len,
            twin: 0,
        };
        (edge, first_word(literal.as_bytes(), 0))
    })
}

/// A table in which no two labels of the state meet, the smallest that a few
/// seeds can find; at base 0. `None` if two labels begin with the same word.
fn find_choice(row: &State) -> Option<Choice> {
    let mut words: Vec<u64> = row
        .literals
        .iter()
        .map(|(literal, _)| first_word(literal.as_bytes(), 0))
        .collect();
    words.sort_unstable();
    words.dedup();
    if words.len() < row.literals.len() || !(1..=MAX_CHOICES).contains(&words.len()) {
        return None;
    }
    let least = words.len().next_power_of_two().ilog2() as u8;
    (least..least + 3).find_map(|log2| {
        (0..MAX_SEEDS)
            .map(|seed| Choice {
                base: 0,
                seed,
                log2,
            })
            .find(|choice| {
                let mut taken = 0u128;
                words.iter().all(|&word| {
                    let bit = 1 << choice.row(word);
                    let free = taken & bit == 0;
                    taken |= bit;
                    free
                })
            })
    })
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
    let mut rows = vec![EMPTY; placement.slots as usize];
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
