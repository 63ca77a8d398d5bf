//! The faults that the states have room for.

use std::collections::BTreeSet;

use routescope_core::__private::{Accept, MAX_ALTERNATIVES, MAX_LOG2_ROWS, State, StateId};

use super::super::accepts::EntryOf;
use super::super::faults::{Fault, Field};
use super::super::planted::param;
use super::{one_bit_off, other_ranges, rows, templates};
use crate::layout::owned::OwnedTables;

/// Rows instead of others, labels that lead to others' states, and labels of others.
pub(super) fn row_faults(tables: &OwnedTables, faults: &mut Vec<Fault>) {
    let states: Vec<State> = tables.decoded_states().collect();
    for (a, state) in states.iter().enumerate() {
        let has_label = |row: usize| states[row].label.len > 0;
        let others = (0..states.len()).filter(|b| *b != a && states[*b] != *state);
        for b in others {
            faults.push(Fault::CopyState { from: a, to: b });
            faults.push(Fault::DispatchNode { from: a, to: b });
            faults.extend(has_label(b).then_some(Fault::TargetState { from: a, to: b }));
            if a < b {
                faults.push(Fault::SwapStates(a, b));
                let both = has_label(a) && has_label(b);
                faults.extend(both.then_some(Fault::SwapTargetStates(a, b)));
            }
        }
        faults.push(Fault::NoState(a));
        if *state != State::UNUSED {
            faults.push(Fault::UnusedState(a));
        }
        // Unused rows and dispatch nodes get labels too.
        let labels = states.iter().map(|other| other.label);
        let labels = other_ranges(state.label, labels, tables);
        faults.extend(labels.map(|label| Fault::StateLabel(a, label)));
    }
    let params = states.iter().map(|state| param(state.kind));
    let targets = tables.decoded_edges().map(|edge| edge.target);
    let referenced: BTreeSet<StateId> = params
        .chain(targets)
        .filter(|state| *state != StateId::DEAD)
        .collect();
    for from in referenced {
        let others = rows(states.len()).map(StateId::new);
        let others = others.filter(|to| *to != from);
        faults.extend(others.map(|to| Fault::Merge(from, to)));
    }
}

/// The number of kinds of states.
const KINDS: u32 = 8;

/// Other kinds, and other numbers in the fields by which a state finds its edges, whatever its kind.
pub(super) fn field_faults(tables: &OwnedTables, faults: &mut Vec<Fault>) {
    // The byte of a dispatch holds its width and the number of its rows; that of static
    // alternatives holds their number.
    let window = |width: u32, log2_rows: u32| (8 - width) << 5 | log2_rows;
    let windows_or_counts: BTreeSet<u32> = (0..=u32::from(MAX_ALTERNATIVES) + 1)
        .chain([u32::from(MAX_LOG2_ROWS) + 1])
        .chain((1..=8).flat_map(|width| (0..6).map(move |log2_rows| window(width, log2_rows))))
        .collect();
    let ids: Vec<u32> = rows(tables.states.len() + 1)
        .chain([StateId::DEAD.bits()])
        .collect();
    for (at, bytes) in tables.states.iter().enumerate() {
        let seed = Field::SeedOrLengths.get(bytes);
        // Small seeds, and those that differ in one bit.
        let seeds: BTreeSet<u32> = (0..12)
            .chain((0..16).map(|bit| seed ^ 1 << bit))
            .chain([u32::from(u16::MAX)])
            .collect();
        let byte = u32::from(u8::MAX);
        let numbers: [(Field, Vec<u32>); 7] = [
            (Field::FirstOrKey, ids.clone()),
            (Field::ParamOrAccept, ids.clone()),
            (Field::SeedOrLengths, seeds.into_iter().collect()),
            (Field::WindowOffset, (0..6).chain([byte]).collect()),
            (
                Field::WindowOrCount,
                windows_or_counts.iter().copied().collect(),
            ),
            (Field::Kind, (0..=KINDS).chain([byte]).collect()),
            (Field::Zero, vec![1]),
        ];
        let kinds = (0..KINDS).filter(|kind| *kind != Field::Kind.get(bytes));
        faults.extend(kinds.map(|kind| Fault::ReadAs(at, kind)));
        for (field, numbers) in numbers {
            let here = field.get(bytes);
            let others = numbers.into_iter().filter(|number| *number != here);
            faults.extend(others.map(|number| Fault::Field(at, field, number)));
        }
    }
}

/// Other accepting entries.
pub(super) fn accept_faults(tables: &OwnedTables, faults: &mut Vec<Fault>) {
    let slashes = [(false, false), (false, true), (true, false), (true, true)];
    // One after the last slash pair is out of range.
    let mut accepts: BTreeSet<u32> = rows(tables.slash_pairs.len() + 1)
        .map(|row| Accept::slash_pair(row).bits())
        .chain([Accept::NONE.bits()])
        .collect();
    for template in templates(tables) {
        let with = |(without_slash, with_slash)| template.when(without_slash, with_slash).bits();
        accepts.extend(slashes.map(with));
    }
    for entry in EntryOf::all(tables) {
        let here = entry.get(tables);
        let near = one_bit_off(here).map(Accept::bits);
        let others: BTreeSet<u32> = accepts.iter().copied().chain(near).collect();
        let others = others.into_iter().filter(|bits| *bits != here.bits());
        faults.extend(others.map(|bits| Fault::Accept(entry, Accept::from_bits(bits))));
        if here.accepts(false) != here.accepts(true) {
            faults.push(Fault::SwapSlashes(entry));
        }
    }
    for a in 0..tables.slash_pairs.len() {
        faults.push(Fault::NoSlashPair(a));
        faults.extend((a + 1..tables.slash_pairs.len()).map(|b| Fault::SwapSlashPairs(a, b)));
    }
}
