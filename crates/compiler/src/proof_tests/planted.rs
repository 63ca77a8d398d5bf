//! Tables rewritten by hand, so that they do what a test wants.

use routescope_core::table::{Edge, HASHED, HASHED_SHAPE, NONE, Run, State};
use routescope_core::words::word_at;

use super::faults::group;
use crate::owned::OwnedPolicy;
use crate::position::{Labelled, Leads, Position};

/// A label for some bytes of a path: those that the path here begins with, the
/// label, and where that leads. Without a label it is a group.
pub(super) type Entry<'e> = (&'e str, &'e str, u32);

/// The state that a path of whole runs leads to.
pub(super) fn state(of: &OwnedPolicy, path: &str) -> u32 {
    let tables = of.tables();
    let labelled = Labelled::new(&tables);
    let mut at = Position::START;
    for segment in path.split('/').skip(1) {
        at = match labelled.step(&at, segment) {
            Leads::Literal(next) | Leads::Other(next) => next,
            none => panic!("`{segment}` of `{path}`: {none:?}"),
        };
    }
    assert_eq!(at.within, "", "`{path}` ends within a run");
    at.state
}

/// A new first state behind the start, from which any other can be reached.
pub(super) fn room_for_a_state(into: &mut OwnedPolicy) -> u32 {
    let moved = |number: &mut u32| {
        if (1..NONE).contains(number) {
            *number += 1;
        }
    };
    for row in &mut into.states {
        moved(&mut row.other);
    }
    for run in &mut into.runs {
        moved(&mut run.target);
    }
    for edge in &mut into.edges {
        moved(&mut edge.state);
        moved(&mut edge.target);
    }
    let row = State {
        other: NONE,
        end: NONE,
        end_slash: NONE,
        runs: NONE,
        seed: 0,
        skip: 0,
        shape: 0,
    };
    into.states.insert(1, row);
    1
}

pub(super) fn run(into: &mut OwnedPolicy, label: &str, target: u32) -> Run {
    if label.is_empty() {
        return group(target);
    }
    let start = into.text.len();
    into.text.push_str(label);
    Run {
        target,
        label: u32::try_from(start).unwrap(),
        label_len: u16::try_from(label.len()).unwrap(),
    }
}

/// Gives a state a table of its own, in which so many bytes from `skip` on
/// choose. Entries with the same bytes are one: the first.
pub(super) fn own_table(
    into: &mut OwnedPolicy,
    state: u32,
    (skip, bytes): (u8, u8),
    entries: &[Entry<'_>],
) {
    const LOG2: u8 = 6;
    let mut row = into.states[state as usize];
    row.runs = u32::try_from(into.runs.len()).unwrap();
    (row.skip, row.shape) = (skip, State::shape(bytes, LOG2));
    let used = u64::MAX >> (64 - 8 * u32::from(bytes));
    let mut by_word: Vec<(u64, Entry<'_>)> = Vec::new();
    for entry in entries {
        let word = word_at(entry.0.as_bytes(), usize::from(skip)) & used;
        if by_word.iter().all(|(known, _)| *known != word) {
            by_word.push((word, *entry));
        }
    }
    let parts = |seed: &u16| {
        let row = State { seed: *seed, ..row };
        let mut rows: Vec<u32> = by_word.iter().map(|(word, _)| row.row(*word)).collect();
        rows.sort_unstable();
        rows.windows(2).all(|pair| pair[0] != pair[1])
    };
    row.seed = (0..=u16::MAX).find(parts).unwrap();
    into.states[state as usize] = row;
    into.runs.resize(into.runs.len() + (1 << LOG2), group(0));
    for (word, (_, label, target)) in by_word {
        into.runs[row.row(word) as usize] = run(into, label, target);
    }
}

/// Puts all labels of a state in the perfect hash, which has but one slot then:
/// the others are twins of the first. No other state may be in it.
pub(super) fn hashed(into: &mut OwnedPolicy, state: u32, entries: &[(&str, u32)]) {
    let row = &mut into.states[state as usize];
    row.runs = HASHED;
    row.shape = if row.other == NONE { 0 } else { HASHED_SHAPE };
    into.slots = 1;
    into.displacements = vec![0];
    into.edges.clear();
    for (at, (label, target)) in entries.iter().enumerate() {
        let Run {
            target,
            label,
            label_len,
        } = run(into, label, *target);
        let more = at + 1 < entries.len();
        into.edges.push(Edge {
            state,
            target,
            label,
            label_len,
            twin: if more {
                u16::try_from(at + 1).unwrap()
            } else {
                0
            },
        });
    }
}
