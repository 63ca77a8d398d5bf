//! Tables rewritten by hand, so that they do what a test wants.

use routescope_core::BEHIND;
use routescope_core::segment::reading_len;
use routescope_core::table::{Edge, End, GROUP, HASHED, SIBLINGS, State};
use routescope_core::words::word_at;

use super::faults::labelled_as;
use crate::layout::owned::OwnedPolicy;
use crate::verify::segment_view::{Position, SegmentView, Transition};

/// A row for some bytes of a path: those that the path here begins with, the
/// label, and the state it leads to. Without a label it is a group.
pub(super) type Entry<'e> = (&'e str, &'e str, State);

/// The place that a path of whole runs leads to.
pub(super) fn place(of: &OwnedPolicy, path: &str) -> u32 {
    let tables = of.tables();
    let view = SegmentView::new(&tables);
    let mut at = Position::START;
    for segment in path.split('/').skip(1) {
        at = match view.step(&at, segment) {
            Transition::Static(next) | Transition::Wildcard(next) => next,
            none => panic!("`{segment}` of `{path}`: {none:?}"),
        };
    }
    assert_eq!(at.mid_edge, "", "`{path}` ends within a run");
    at.state_id
}

/// The row at a place that no value has been taken behind.
pub(super) fn row(of: &OwnedPolicy, path: &str) -> usize {
    let place = place(of, path);
    assert_eq!(place & BEHIND, 0, "`{path}` ends behind a value");
    place as usize
}

/// The state that a path of whole runs leads to, without its label.
pub(super) fn state(of: &OwnedPolicy, path: &str) -> State {
    let place = place(of, path);
    let row = of.states[(place & !BEHIND) as usize];
    if place & BEHIND == 0 {
        return labelled_as(State::EMPTY, row);
    }
    State {
        next: row.next,
        seed: row.seed,
        skip: row.skip,
        shape: row.shape,
        end: End::from_bits(row.value),
        ..State::EMPTY
    }
}

/// Adds a row at the end, and returns its number.
pub(super) fn add(into: &mut OwnedPolicy, row: State) -> u32 {
    into.states.push(row);
    u32::try_from(into.states.len() - 1).unwrap()
}

/// The state, with a label that leads to it.
pub(super) fn view(into: &mut OwnedPolicy, label: &str, state: State) -> State {
    // Where it stands already, so that rows for the same are the same.
    let start = into.text.find(label).unwrap_or_else(|| {
        into.text.push_str(label);
        into.text.len() - label.len()
    });
    State {
        label: u32::try_from(start).unwrap(),
        label_len: u16::try_from(label.len()).unwrap(),
        ..state
    }
}

/// Gives a row a table of its own, in which so many bytes from `skip` on choose,
/// and says which rows the entries got. Those with the same bytes are one: the
/// first.
pub(super) fn own_table(
    into: &mut OwnedPolicy,
    row: usize,
    (skip, bytes): (u8, u8),
    entries: &[Entry<'_>],
) -> Vec<usize> {
    const LOG2: u8 = 6;
    let mut table = into.states[row];
    table.next = u32::try_from(into.states.len()).unwrap();
    (table.skip, table.shape) = (skip, State::shape(bytes, LOG2));
    let used = u64::MAX >> (64 - 8 * u32::from(bytes));
    let word = |path: &str| word_at(path.as_bytes(), usize::from(skip)) & used;
    let mut words: Vec<u64> = entries.iter().map(|(path, ..)| word(path)).collect();
    words.sort_unstable();
    words.dedup();
    let parts = |seed: &u16| {
        let table = State {
            seed: *seed,
            ..table
        };
        let mut rows: Vec<u32> = words.iter().map(|word| table.row(*word)).collect();
        rows.sort_unstable();
        rows.windows(2).all(|pair| pair[0] != pair[1])
    };
    table.seed = (0..=u16::MAX).find(parts).unwrap();
    into.states[row] = table;
    let rows = into.states.len() + (1 << LOG2);
    into.states.resize(rows, State::EMPTY);
    let mut taken = Vec::new();
    for (path, label, state) in entries {
        let at = table.row(word(path)) as usize;
        if into.states[at] == State::EMPTY {
            into.states[at] = match *label {
                "" => State {
                    kind: GROUP,
                    ..*state
                },
                label => view(into, label, *state),
            };
        }
        taken.push(at);
    }
    taken
}

/// Puts all labels of a row in the perfect hash, which has but one slot then: the
/// others are twins of the first. No other row may be in it.
pub(super) fn hashed(into: &mut OwnedPolicy, row: usize, entries: &[(&str, u32)]) {
    into.states[row].kind = HASHED;
    into.states[row].next = 0;
    into.states[row].seed = lengths(entries.iter().map(|(label, _)| *label));
    into.slots = 1;
    into.displacements = vec![0];
    into.edges.clear();
    for (at, (label, target)) in entries.iter().enumerate() {
        let State {
            label, label_len, ..
        } = view(into, label, State::EMPTY);
        let more = at + 1 < entries.len();
        into.edges.push(Edge {
            state: 0,
            target: *target,
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

/// Puts labels beside the value of a row, compared one by one.
pub(super) fn siblings(into: &mut OwnedPolicy, row: usize, entries: &[(&str, State)]) {
    into.states[row].kind = SIBLINGS;
    into.states[row].next = u32::try_from(into.states.len()).unwrap();
    into.states[row].shape = u8::try_from(entries.len()).unwrap();
    into.states[row].seed = lengths(entries.iter().map(|(label, _)| *label));
    for (label, state) in entries {
        let sibling = view(into, label, *state);
        into.states.push(sibling);
    }
}

fn lengths<'l>(labels: impl Iterator<Item = &'l str>) -> u16 {
    let bits = labels.map(|label| State::length(reading_len(label.as_bytes())));
    bits.fold(0, |all, bit| all | bit)
}
