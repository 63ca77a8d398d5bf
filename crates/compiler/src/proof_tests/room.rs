//! The faults that tables have room for.

use std::collections::BTreeSet;

use routescope_core::table::{
    Edge, HASHED, HASHED_SHAPE, MAX_LOG2, MAX_SIBLINGS, NONE, RouteRow, Run, ScopeRow, State,
};
use routescope_core::{Method, Methods};

use super::faults::{Fault, Whole};
use crate::owned::OwnedPolicy;

/// Every fault there is room for, kind by kind.
pub(super) fn faults(policy: &OwnedPolicy) -> Vec<Fault> {
    let mut faults = Vec::new();
    edge_faults(policy, &mut faults);
    run_faults(policy, &mut faults);
    literal_faults(policy, &mut faults);
    state_faults(policy, &mut faults);
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
    choice_faults(policy, faults);
}

fn run_faults(policy: &OwnedPolicy, faults: &mut Vec<Fault>) {
    let OwnedPolicy {
        states, runs, text, ..
    } = policy;
    let spans: BTreeSet<(u32, u16)> = runs.iter().map(|run| (run.label, run.label_len)).collect();
    for (a, run) in runs.iter().enumerate() {
        let others = (0..runs.len()).filter(|b| *b != a && runs[*b] != *run);
        faults.extend(others.clone().map(|to| Fault::CopyRun { from: a, to }));
        let behind = others.filter(|b| *b > a);
        faults.extend(behind.clone().map(|b| Fault::SwapRuns(a, b)));
        let Run {
            target,
            label,
            label_len,
        } = *run;
        let empty = target == 0;
        faults.push(Fault::NoRun(a));
        for number in numbers(states.len()).filter(|number| *number > 0) {
            let same = number == target && label_len == 0;
            faults.extend((!same).then_some(Fault::Group(a, number)));
            if number != target && !empty {
                faults.push(Fault::RunTarget(a, number));
            }
        }
        if empty {
            continue;
        }
        faults.push(Fault::EmptyRun(a));
        let targets = behind.filter(|b| runs[*b].target != 0 && runs[*b].target != target);
        faults.extend(targets.map(|b| Fault::SwapRunTargets(a, b)));
        // As of an edge; a group gets labels too, and is one no more.
        let mut spans = spans.clone();
        spans.extend(numbers(text.len()).map(|start| (start, label_len.max(1))));
        spans.extend((0..label_len + 4).map(|len| (label, len)));
        spans.remove(&(label, label_len));
        let labels = spans.into_iter();
        faults.extend(labels.map(|(start, len)| Fault::RunLabel(a, start, len)));
    }
}

fn literal_faults(policy: &OwnedPolicy, faults: &mut Vec<Fault>) {
    let OwnedPolicy {
        literals,
        literal_displacements,
        literal_words,
        literal_filter,
        ends,
        ..
    } = policy;
    for (a, literal) in literals.iter().enumerate() {
        let others = (0..literals.len()).filter(|b| literals[*b] != *literal);
        faults.extend(others.clone().map(|to| Fault::CopyLiteral { from: a, to }));
        let behind = others.filter(|b| *b > a);
        faults.extend(behind.map(|b| Fault::SwapLiterals(a, b)));
        // One past the last is out of range.
        let ends = numbers(ends.len() + 1).filter(|end| end != literal);
        faults.extend(ends.map(|end| Fault::Literal(a, end)));
        if *literal != NONE {
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
        // Every bit the other way, then none, then all of them.
        let other = (0..64).map(|bit| bits ^ 1 << bit).chain([0, u64::MAX]);
        let other = other.filter(|other| other != bits);
        faults.extend(other.map(|bits| Fault::LiteralFilter(at, bits)));
    }
}

/// How a state finds its labels.
fn choice_faults(policy: &OwnedPolicy, faults: &mut Vec<Fault>) {
    let shapes: BTreeSet<u8> = (0..=MAX_SIBLINGS + 1)
        .chain([MAX_LOG2 + 1, HASHED_SHAPE])
        .chain((1..=8).flat_map(|bytes| (0..6).map(move |log2| State::shape(bytes, log2))))
        .collect();
    for (at, row) in policy.states.iter().enumerate() {
        let State {
            runs,
            seed,
            skip,
            shape,
            ..
        } = *row;
        let ways = numbers(policy.runs.len() + 1).chain([NONE, HASHED]);
        faults.extend(
            ways.filter(|way| *way != runs)
                .map(|way| Fault::Runs(at, way)),
        );
        let seeds = (0..24).filter(|other| *other != seed);
        faults.extend(seeds.map(|seed| Fault::Seed(at, seed)));
        let skips = (0..6).chain([u8::MAX]).filter(|other| *other != skip);
        faults.extend(skips.map(|skip| Fault::Skip(at, skip)));
        let shapes = shapes.iter().filter(|other| **other != shape);
        faults.extend(shapes.map(|shape| Fault::Shape(at, *shape)));
    }
}

fn state_faults(policy: &OwnedPolicy, faults: &mut Vec<Fault>) {
    let OwnedPolicy { states, ends, .. } = policy;
    for (state, row) in states.iter().enumerate() {
        for other in numbers(states.len()).chain([NONE]) {
            faults.extend((other != row.other).then_some(Fault::Other(state, other)));
        }
        for end in numbers(ends.len()).chain([NONE]) {
            for (slash, known) in [(false, row.end), (true, row.end_slash)] {
                faults.extend((end != known).then_some(Fault::End { state, slash, end }));
            }
        }
        if row.end != row.end_slash {
            faults.push(Fault::SwapEnds(state));
        }
    }
    for from in numbers(states.len()) {
        faults.extend(
            numbers(states.len())
                .filter(|to| *to != from)
                .map(|to| Fault::Merge(from, to)),
        );
    }
}

fn route_faults(policy: &OwnedPolicy, faults: &mut Vec<Fault>) {
    let OwnedPolicy {
        ends,
        routes,
        accepted,
        scopes,
        text,
        ..
    } = policy;
    let scope_ids = 0..u16::try_from(scopes.len()).unwrap();
    for (end, row) in ends.iter().enumerate() {
        let others = (0..1 << Method::ALL.len()).filter_map(Methods::from_bits);
        faults.extend(
            others
                .filter(|other| *other != row.methods())
                .map(|other| Fault::Methods(end, other)),
        );
        faults.extend(
            numbers(routes.len())
                .filter(|route| *route != row.first_route())
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
