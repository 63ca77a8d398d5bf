//! The faults that tables have room for.

mod routes;
mod states;

use std::collections::BTreeSet;
use std::ops::Range;

use routescope_core::__private::{Accept, HashedEdge, StateId, TextRange};

use super::accepts::{EntryOf, is_template};
use super::faults::Fault;
use super::settings::Setting;
use crate::layout::owned::OwnedTables;

/// Every fault that the tables have room for, kind by kind.
pub(super) fn faults(tables: &OwnedTables) -> Vec<Fault> {
    let mut faults = Vec::new();
    edge_faults(tables, &mut faults);
    states::row_faults(tables, &mut faults);
    states::field_faults(tables, &mut faults);
    states::accept_faults(tables, &mut faults);
    let states = &tables.states;
    let alike = |row: usize| {
        let same = states.iter().position(|other| *other == states[row]);
        // Of several equal rows, only the first.
        let more = states[row + 1..].contains(&states[row]);
        tables.state(row).label.len > 0 && same == Some(row) && more
    };
    let alike = faults.iter().filter(|fault| fault.row().is_some_and(alike));
    let alike: Vec<Fault> = alike.cloned().map(Box::new).map(Fault::Alike).collect();
    faults.extend(alike);
    exact_faults(tables, &mut faults);
    routes::route_faults(tables, &mut faults);
    routes::scope_faults(tables, &mut faults);
    scope_hash_faults(tables, &mut faults);
    for at in 0..tables.text.len() {
        let here = tables.text.as_bytes()[at];
        let others = [here ^ 0x20, b'x', b'/', here + 1];
        faults.extend(
            others
                .into_iter()
                .filter(|byte| *byte != here && byte.is_ascii())
                .map(|byte| Fault::TextByte(at, byte)),
        );
        faults.push(Fault::Shorten(at));
    }
    faults.extend(Setting::all(tables).into_iter().map(Fault::Setting));
    faults
}

/// The numbers of the rows of a table.
fn rows(count: usize) -> Range<u32> {
    0..u32::try_from(count).unwrap()
}

/// Other ranges than this one: those of other rows, and this one moved or resized.
fn other_ranges(
    range: TextRange,
    of_others: impl Iterator<Item = TextRange>,
    tables: &OwnedTables,
) -> impl Iterator<Item = TextRange> {
    let TextRange { start, len } = range;
    let mut ranges: BTreeSet<(u32, u16)> =
        of_others.map(|other| (other.start, other.len)).collect();
    // An empty label is moved as a label of one byte.
    ranges.extend(rows(tables.text.len()).map(|start| (start, len.max(1))));
    ranges.extend((0..len + 4).map(|len| (start, len)));
    ranges.remove(&(start, len));
    let ranges = ranges.into_iter();
    ranges.map(|(start, len)| TextRange { start, len })
}

fn edge_faults(tables: &OwnedTables, faults: &mut Vec<Fault>) {
    let edges: Vec<HashedEdge> = tables.decoded_edges().collect();
    for (a, edge) in edges.iter().enumerate() {
        let rest = (a + 1)..edges.len();
        faults.extend(rest.clone().map(|b| Fault::SwapEdges(a, b)));
        faults.extend(
            (0..edges.len())
                .filter(|b| *b != a)
                .map(|to| Fault::CopyEdge { from: a, to }),
        );
        let HashedEdge {
            key,
            target,
            label,
            next_collision,
        } = *edge;
        if key == HashedEdge::NO_KEY {
            continue;
        }
        faults.push(Fault::EmptySlot(a));
        faults.extend(
            rest.filter(|b| edges[*b].key != HashedEdge::NO_KEY && edges[*b].target != target)
                .map(|b| Fault::SwapTargets(a, b)),
        );
        for number in rows(tables.states.len()) {
            let state = StateId::new(number);
            faults.extend((state != target).then_some(Fault::Target(a, state)));
            faults.extend((number != key).then_some(Fault::Key(a, number)));
        }
        let collisions = u16::try_from(edges.len() - tables.edge_slots as usize).unwrap();
        faults.extend(
            (0..=collisions)
                .filter(|other| *other != next_collision)
                .map(|other| Fault::NextCollision(a, other)),
        );
        let labels = edges.iter().map(|other| other.label);
        let labels = other_ranges(label, labels, tables);
        faults.extend(labels.map(|label| Fault::Label(a, label)));
    }
    for (bucket, displacement) in tables.edge_displacements.iter().enumerate() {
        let values = (0..64).chain([u16::MAX]);
        faults.extend(
            values
                .filter(|value| value.to_le_bytes() != *displacement)
                .map(|value| Fault::Displacement(bucket, value)),
        );
    }
    faults.extend(
        rows(edges.len() + 1)
            .filter(|slots| *slots != tables.edge_slots)
            .map(Fault::EdgeSlots),
    );
}

/// Every template, as the entries of the tables have it, without its slashes.
fn templates(tables: &OwnedTables) -> Vec<Accept> {
    let entries = EntryOf::all(tables).into_iter();
    let templates: BTreeSet<u32> = entries
        .map(|entry| entry.get(tables))
        .chain(tables.exact_entries())
        .filter(|accept| is_template(*accept))
        .map(|accept| accept.when(false, false).bits())
        .collect();
    templates.into_iter().map(Accept::from_bits).collect()
}

/// Entries that differ from this one in one bit: in a method, a slash, or the lowest bits of
/// the first route.
fn one_bit_off(accept: Accept) -> impl Iterator<Item = Accept> {
    (0..12).map(move |bit| Accept::from_bits(accept.bits() ^ 1 << bit))
}

fn scope_hash_faults(tables: &OwnedTables, faults: &mut Vec<Fault>) {
    let rows = u16::try_from(tables.scopes.len()).unwrap();
    for (slot, row) in tables.scope_slots.iter().enumerate() {
        let others = (0..=rows).filter(|other| other.to_le_bytes() != *row);
        faults.extend(others.map(|other| Fault::ScopeSlot(slot, other)));
    }
    for (bucket, displacement) in tables.scope_displacements.iter().enumerate() {
        let values = (0..8).chain([u16::MAX]);
        let values = values.filter(|value| value.to_le_bytes() != *displacement);
        faults.extend(values.map(|value| Fault::ScopeDisplacement(bucket, value)));
    }
    let words = (0..4).chain([u8::MAX]);
    let words = words.filter(|words| *words != tables.scope_hash_words);
    faults.extend(words.map(Fault::ScopeHashWords));
}

fn exact_faults(tables: &OwnedTables, faults: &mut Vec<Fault>) {
    let exact: Vec<Accept> = tables.exact_entries().collect();
    for (a, accept) in exact.iter().enumerate() {
        let others = (0..exact.len()).filter(|b| exact[*b] != *accept);
        faults.extend(others.clone().map(|to| Fault::CopyExact { from: a, to }));
        let later = others.filter(|b| *b > a);
        faults.extend(later.map(|b| Fault::SwapExact(a, b)));
        // Among those that differ in one bit are some that differ only in their slashes, which
        // an exact look-up does not read.
        let others = templates(tables).into_iter().chain(one_bit_off(*accept));
        let others = others
            .chain([Accept::slash_pair(0)])
            .filter(|other| other != accept);
        faults.extend(others.map(|other| Fault::Exact(a, other)));
        if *accept != Accept::NONE {
            faults.push(Fault::EmptyExact(a));
        }
        faults.push(Fault::NoExact(a));
    }
    for (bucket, displacement) in tables.exact_displacements.iter().enumerate() {
        let values = (0..8).chain([u16::MAX]);
        let values = values.filter(|value| value.to_le_bytes() != *displacement);
        faults.extend(values.map(|value| Fault::ExactDisplacement(bucket, value)));
    }
    let words = (0..4).chain([u8::MAX]);
    let words = words.filter(|words| *words != tables.exact_hash_words);
    faults.extend(words.map(Fault::ExactHashWords));
    for (at, bits) in tables.exact_filter.iter().enumerate() {
        let bits = u64::from_le_bytes(*bits);
        // Some bits flipped, then none set, then all set.
        let others = (0..64)
            .step_by(9)
            .map(|bit| bits ^ 1 << bit)
            .chain([0, u64::MAX]);
        let others = others.filter(|other| *other != bits);
        faults.extend(others.map(|bits| Fault::ExactFilter(at, bits)));
    }
}
