//! The faults that tables have room for.

use std::collections::BTreeSet;

use routescope_core::table::{
    Edge, End, GROUP, MAX_LOG2, MAX_SIBLINGS, NONE, RouteRow, ScopeRow, State, VALUE,
};
use routescope_core::{Method, Methods};

use super::faults::{At, Fault, Whole};
use crate::layout::owned::OwnedPolicy;

/// Every fault there is room for, kind by kind.
pub(super) fn faults(policy: &OwnedPolicy) -> Vec<Fault> {
    let mut faults = Vec::new();
    edge_faults(policy, &mut faults);
    row_faults(policy, &mut faults);
    field_faults(policy, &mut faults);
    end_faults(policy, &mut faults);
    let states = &policy.states;
    let alike = |row: usize| {
        let same = states.iter().position(|other| *other == states[row]);
        // Of several rows, once.
        let more = states[row + 1..].contains(&states[row]);
        states[row].label_len > 0 && same == Some(row) && more
    };
    let alike = faults.iter().filter(|fault| fault.row().is_some_and(alike));
    let alike: Vec<Fault> = alike.cloned().map(Box::new).map(Fault::Alike).collect();
    faults.extend(alike);
    literal_faults(policy, &mut faults);
    route_faults(policy, &mut faults);
    scope_faults(policy, &mut faults);
    for at in 0..policy.text.len() {
        let here = policy.text.as_bytes()[at];
        let others = [here ^ 0x20, b'x', b'/', here + 1];
        faults.extend(
            others
                .into_iter()
                .filter(|byte| *byte != here && byte.is_ascii())
                .map(|byte| Fault::TextByte(at, byte)),
        );
        faults.push(Fault::Shorten(at));
    }
    faults.extend(Whole::all(policy).into_iter().map(Fault::Whole));
    faults
}

pub(super) fn numbers(count: usize) -> impl Iterator<Item = u32> + Clone {
    0..u32::try_from(count).unwrap()
}

fn edge_faults(policy: &OwnedPolicy, faults: &mut Vec<Fault>) {
    let OwnedPolicy {
        states,
        edges,
        slots,
        displacements,
        text,
        ..
    } = policy;
    for (a, edge) in edges.iter().enumerate() {
        let rest = (a + 1)..edges.len();
        faults.extend(rest.clone().map(|b| Fault::SwapRows(a, b)));
        faults.extend(
            (0..edges.len())
                .filter(|b| *b != a)
                .map(|to| Fault::CopyRow { from: a, to }),
        );
        let Edge {
            state,
            target,
            label,
            label_len,
            twin,
        } = *edge;
        if state == NONE {
            continue;
        }
        faults.push(Fault::EmptySlot(a));
        faults.extend(
            rest.filter(|b| edges[*b].state != NONE && edges[*b].target != target)
                .map(|b| Fault::SwapTargets(a, b)),
        );
        for number in numbers(states.len()) {
            faults.extend((number != target).then_some(Fault::Target(a, number)));
            faults.extend((number != state).then_some(Fault::Source(a, number)));
        }
        let twins = u16::try_from(edges.len() - *slots as usize).unwrap();
        faults.extend(
            (0..=twins)
                .filter(|other| *other != twin)
                .map(|other| Fault::Twin(a, other)),
        );
        // The label of every other edge, and its own moved or resized.
        let mut spans: BTreeSet<(u32, u16)> = edges
            .iter()
            .map(|other| (other.label, other.label_len))
            .collect();
        spans.extend(numbers(text.len()).map(|start| (start, label_len)));
        spans.extend((0..label_len + 4).map(|len| (label, len)));
        spans.remove(&(label, label_len));
        faults.extend(
            spans
                .into_iter()
                .map(|(start, len)| Fault::Label(a, start, len)),
        );
    }
    for (bucket, displacement) in displacements.iter().enumerate() {
        let values = (0..64).chain([u16::MAX]);
        faults.extend(
            values
                .filter(|value| value != displacement)
                .map(|value| Fault::Displacement(bucket, value)),
        );
    }
    faults.extend(
        numbers(edges.len() + 1)
            .filter(|n| n != slots)
            .map(Fault::Slots),
    );
}

/// Rows of `states` in places of others, or labels that lead to others' states.
fn row_faults(policy: &OwnedPolicy, faults: &mut Vec<Fault>) {
    let OwnedPolicy {
        states,
        edges,
        text,
        ..
    } = policy;
    let spans: BTreeSet<(u32, u16)> = states
        .iter()
        .map(|row| (row.label, row.label_len))
        .collect();
    for (a, row) in states.iter().enumerate() {
        let others = (0..states.len()).filter(|b| *b != a && states[*b] != *row);
        for b in others {
            faults.push(Fault::CopyState { from: a, to: b });
            faults.push(Fault::Group { from: a, to: b });
            let view = states[b].label_len > 0;
            faults.extend(view.then_some(Fault::TargetState { from: a, to: b }));
            if a < b {
                faults.push(Fault::SwapStates(a, b));
                let both = view && row.label_len > 0;
                faults.extend(both.then_some(Fault::SwapTargetStates(a, b)));
            }
        }
        faults.push(Fault::NoState(a));
        if *row != State::EMPTY {
            faults.push(Fault::EmptyState(a));
        }
        // As of an edge; an empty row and a group get labels too.
        let mut spans = spans.clone();
        let len = row.label_len;
        spans.extend(numbers(text.len()).map(|start| (start, len.max(1))));
        spans.extend((0..len + 4).map(|len| (row.label, len)));
        spans.remove(&(row.label, len));
        let labels = spans.into_iter();
        faults.extend(labels.map(|(start, len)| Fault::StateLabel(a, start, len)));
    }
    let values = states.iter().filter(|row| row.kind != VALUE);
    let referenced: BTreeSet<u32> = values
        .map(|row| row.value)
        .chain(edges.iter().map(|edge| edge.target))
        .filter(|at| *at != NONE)
        .collect();
    for from in referenced {
        let others = numbers(states.len()).filter(|to| *to != from);
        faults.extend(others.map(|to| Fault::Merge(from, to)));
    }
}

/// How a state finds its labels, and what follows a value.
fn field_faults(policy: &OwnedPolicy, faults: &mut Vec<Fault>) {
    let shapes: BTreeSet<u8> = (0..=MAX_SIBLINGS + 1)
        .chain([MAX_LOG2 + 1])
        .chain((1..=8).flat_map(|bytes| (0..6).map(move |log2| State::shape(bytes, log2))))
        .collect();
    for (at, row) in policy.states.iter().enumerate() {
        let State {
            next,
            value,
            seed,
            skip,
            shape,
            kind,
            label: _,
            label_len: _,
            end: _,
        } = *row;
        let rows = || numbers(policy.states.len() + 1).chain([NONE]);
        let nexts = rows().filter(|other| *other != next);
        faults.extend(nexts.map(|other| Fault::Next(at, other)));
        let values = rows().filter(|other| *other != value);
        faults.extend(values.map(|other| Fault::Value(at, other)));
        // Numbers, and each with one bit changed.
        let seeds: BTreeSet<u16> = (0..12)
            .chain((0..16).map(|bit| seed ^ 1 << bit))
            .chain([u16::MAX])
            .filter(|other| *other != seed)
            .collect();
        faults.extend(seeds.into_iter().map(|seed| Fault::Seed(at, seed)));
        let skips = (0..6).chain([u8::MAX]).filter(|other| *other != skip);
        faults.extend(skips.map(|skip| Fault::Skip(at, skip)));
        let shapes = shapes.iter().filter(|other| **other != shape);
        faults.extend(shapes.map(|shape| Fault::Shape(at, *shape)));
        let kinds = (0..=GROUP + 1).chain([u8::MAX]);
        let kinds = kinds.filter(|other| *other != kind);
        faults.extend(kinds.map(|kind| Fault::Kind(at, kind)));
    }
}

/// Every template, as the tables have it.
fn templates(policy: &OwnedPolicy) -> Vec<End> {
    let ends = At::all(policy).into_iter().map(|at| at.get(policy));
    let templates: BTreeSet<u32> = ends
        .chain(policy.literals.iter().copied())
        .filter(|end| *end != End::NONE && end.as_twins().is_none())
        .map(|end| end.winning(false, false).bits())
        .collect();
    templates.into_iter().map(End::from_bits).collect()
}

fn end_faults(policy: &OwnedPolicy, faults: &mut Vec<Fault>) {
    let forms = [(false, false), (false, true), (true, false), (true, true)];
    // One past the last is out of range.
    let mut ends: BTreeSet<u32> = numbers(policy.twins.len() + 1)
        .map(|row| End::twins(row).bits())
        .chain([End::NONE.bits()])
        .collect();
    for template in templates(policy) {
        ends.extend(forms.map(|(plain, slash)| template.winning(plain, slash).bits()));
    }
    for at in At::all(policy) {
        let here = at.get(policy);
        // One bit changed: of the methods, of the form, and the lowest of the first route.
        let near = (0..12).map(|bit| here.bits() ^ 1 << bit);
        let others: BTreeSet<u32> = ends.iter().copied().chain(near).collect();
        let others = others.into_iter().filter(|bits| *bits != here.bits());
        faults.extend(others.map(|bits| Fault::End(at, End::from_bits(bits))));
        if here.wins(false) != here.wins(true) {
            faults.push(Fault::TurnEnd(at));
        }
    }
    for a in 0..policy.twins.len() {
        faults.push(Fault::NoTwins(a));
        faults.extend((a + 1..policy.twins.len()).map(|b| Fault::SwapTwins(a, b)));
    }
}

fn literal_faults(policy: &OwnedPolicy, faults: &mut Vec<Fault>) {
    let OwnedPolicy {
        literals,
        literal_displacements,
        literal_words,
        literal_filter,
        ..
    } = policy;
    for (a, literal) in literals.iter().enumerate() {
        let others = (0..literals.len()).filter(|b| literals[*b] != *literal);
        faults.extend(others.clone().map(|to| Fault::CopyLiteral { from: a, to }));
        let behind = others.filter(|b| *b > a);
        faults.extend(behind.map(|b| Fault::SwapLiterals(a, b)));
        // What is one bit from it has other methods, or begins with another route; or
        // it says how it wins, which nobody asks for here.
        let near = (0..12).map(|bit| End::from_bits(literal.bits() ^ 1 << bit));
        let ends = templates(policy).into_iter().chain(near);
        let ends = ends.chain([End::twins(0)]).filter(|end| end != literal);
        faults.extend(ends.map(|end| Fault::Literal(a, end)));
        if *literal != End::NONE {
            faults.push(Fault::EmptyLiteral(a));
        }
        faults.push(Fault::NoLiteral(a));
    }
    for (bucket, displacement) in literal_displacements.iter().enumerate() {
        let values = (0..8).chain([u16::MAX]).filter(|at| at != displacement);
        faults.extend(values.map(|value| Fault::LiteralDisplacement(bucket, value)));
    }
    let words = (0..4).chain([u8::MAX]).filter(|at| at != literal_words);
    faults.extend(words.map(Fault::LiteralWords));
    for (at, bits) in literal_filter.iter().enumerate() {
        // Some bits the other way, then none, then all of them.
        let other = (0..64)
            .step_by(9)
            .map(|bit| bits ^ 1 << bit)
            .chain([0, u64::MAX]);
        let other = other.filter(|other| other != bits);
        faults.extend(other.map(|bits| Fault::LiteralFilter(at, bits)));
    }
}

fn route_faults(policy: &OwnedPolicy, faults: &mut Vec<Fault>) {
    let OwnedPolicy {
        routes,
        accepted,
        scopes,
        text,
        ..
    } = policy;
    let scope_ids = 0..u16::try_from(scopes.len()).unwrap();
    for end in templates(policy) {
        let others = (0..1 << Method::ALL.len()).filter_map(Methods::from_bits);
        faults.extend(
            others
                .filter(|other| *other != end.methods())
                .map(|other| Fault::Methods(end, other)),
        );
        faults.extend(
            numbers(routes.len())
                .filter(|route| *route != end.first_route())
                .map(|route| Fault::FirstRoute(end, route)),
        );
    }
    for (a, row) in routes.iter().enumerate() {
        let RouteRow {
            template,
            template_len,
            method,
            accepted: list,
        } = *row;
        faults.extend(
            Method::ALL
                .into_iter()
                .filter(|other| *other as u8 != method)
                .map(|other| Fault::Method(a, other)),
        );
        for (b, other) in routes.iter().enumerate().skip(a + 1) {
            if list != other.accepted {
                faults.push(Fault::SwapAccepted(a, b));
            }
            faults.push(Fault::SwapRoutes(a, b));
        }
        let list = &accepted[list as usize + 1..][..usize::from(accepted[list as usize])];
        for at in 0..list.len() {
            let mut without = list.to_vec();
            without.remove(at);
            faults.push(Fault::Accepts(a, without));
            for other in scope_ids.clone().filter(|id| *id != list[at]) {
                let mut replaced = list.to_vec();
                replaced[at] = other;
                faults.push(Fault::Accepts(a, replaced));
            }
            if at > 0 {
                let mut swapped = list.to_vec();
                swapped.swap(at - 1, at);
                faults.push(Fault::Accepts(a, swapped));
            }
        }
        for id in scope_ids.clone() {
            for at in [0, list.len()] {
                let mut more = list.to_vec();
                more.insert(at, id);
                faults.push(Fault::Accepts(a, more));
            }
        }
        let mut spans: BTreeSet<(u32, u16)> = routes
            .iter()
            .map(|other| (other.template, other.template_len))
            .collect();
        spans.extend(numbers(text.len()).map(|start| (start, template_len)));
        spans.extend((0..template_len + 4).map(|len| (template, len)));
        spans.remove(&(template, template_len));
        faults.extend(
            spans
                .into_iter()
                .map(|(start, len)| Fault::RouteText(a, start, len)),
        );
    }
    for (at, word) in accepted.iter().enumerate() {
        faults.extend(
            (0..=scope_ids.end)
                .filter(|other| other != word)
                .map(|other| Fault::AcceptedWord(at, other)),
        );
    }
}

fn scope_faults(policy: &OwnedPolicy, faults: &mut Vec<Fault>) {
    for (a, ScopeRow { name, name_len, .. }) in policy.scopes.iter().enumerate() {
        faults.push(Fault::Declared(a));
        faults.push(Fault::NoScope(a));
        faults.extend((a + 1..policy.scopes.len()).map(|b| Fault::SwapScopes(a, b)));
        faults.extend(
            numbers(policy.text.len())
                .filter(|start| start != name)
                .map(|start| Fault::ScopeText(a, start, *name_len)),
        );
        faults.extend(
            (0..name_len + 4)
                .filter(|len| len != name_len)
                .map(|len| Fault::ScopeText(a, *name, len)),
        );
    }
}
