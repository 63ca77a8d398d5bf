//! Attacks with dispatch nodes.

use routescope_core::__private::{Accept, Dispatch, Lengths, State, StateId, StateKind, Window};

use super::super::faults::dispatch_node;
use super::super::planted::{Entry, add, hashed, new_dispatch, row, state};
use super::{Attack, number, param_leads, start_with, static_dispatch};
use crate::layout::owned::OwnedTables;

pub(super) const ATTACKS: [Attack; 9] = [
    Attack {
        name: "a dispatch node whose window is wider than that of the dispatch before it",
        path: "/v/o",
        plant: |into| {
            let (open, v) = (state(into, "/open"), state(into, "/v"));
            let more = [("v/", "", State::UNUSED), ("v", "", State::UNUSED)];
            let rows = start_with(into, (0, 2), &more);
            let mut entries: Vec<Entry<'_>> = vec![("v/o", "v/o", open)];
            let others: Vec<String> = (0..=127u8)
                .filter(|byte| *byte != b'o')
                .map(|byte| format!("v/{}", char::from(byte)))
                .collect();
            entries.extend(others.iter().take(20).map(|path| (path.as_str(), "v", v)));
            for row in &rows[..2] {
                new_dispatch(into, *row, (2, 1), &entries);
            }
        },
    },
    Attack {
        name: "a dispatch node that leads to itself",
        path: "/x",
        plant: |into| {
            let rows = start_with(into, (0, 1), &[("x", "", State::UNUSED)]);
            into.edit_dispatch(rows[0], |dispatch| dispatch.first = number(rows[0]));
        },
    },
    Attack {
        name: "a dispatch node that leads to the dispatch of the start",
        path: "/x",
        plant: |into| {
            let rows = start_with(into, (0, 1), &[("x", "", State::UNUSED)]);
            into.states[rows[0]] = dispatch_node(&into.states[0]);
        },
    },
    Attack {
        name: "dispatch nodes that lead to the same rows, one by a wider window",
        path: "/x/secret",
        plant: |into| {
            let to = state(into, "/open");
            let more = [("x/", "", State::UNUSED), ("y", "", State::UNUSED)];
            let rows = start_with(into, (0, 2), &more);
            new_dispatch(into, rows[0], (2, 6), &[("x/secret", "x/secret", to)]);
            into.states[rows[1]] = into.states[rows[0]];
            into.edit_dispatch(rows[1], |dispatch| dispatch.window.offset = 0);
        },
    },
    Attack {
        name: "a dispatch node with a label",
        path: "/x",
        plant: |into| {
            let to = state(into, "/open");
            let rows = start_with(into, (0, 1), &[("x", "x", to)]);
            into.edit_state(rows[0], |state| {
                state.kind = StateKind::Dispatch(static_dispatch(*state));
            });
        },
    },
    Attack {
        name: "a dispatch node as the state after a parameter",
        path: "/secret/7/abc",
        plant: |into| {
            let accept = state(into, "/secret/7").accept;
            let node = node_as_state(into, accept, 2);
            let secret = row(into, "/secret");
            param_leads(into, secret, node);
        },
    },
    Attack {
        name: "a dispatch node as the state in a catch-all",
        path: "/f/7/abc/abc",
        plant: |into| {
            let rest = row(into, "/f/other");
            let accept = into.state(rest).accept;
            let node = node_as_state(into, accept, 3);
            param_leads(into, rest, node);
        },
    },
    Attack {
        name: "a dispatch node as the target of a hashed edge",
        path: "/v/y/abc",
        plant: |into| {
            let v = row(into, "/v");
            let targets = ["x", "y", "zz"].map(|label| state(into, &format!("/v/{label}")));
            let x = add(into, targets[0]);
            let y = node_as_state(into, Accept::NONE, 2);
            let zz = add(into, targets[2]);
            hashed(into, v, &[("x", x), ("y", y), ("zz", zz)]);
        },
    },
    Attack {
        name: "a dispatch node as the start",
        path: "/open",
        plant: |into| {
            into.edit_state(0, |start| {
                start.kind = StateKind::Dispatch(static_dispatch(*start));
            });
        },
    },
];

/// A dispatch node that no dispatch leads to. If it were read as a state with a parameter, its
/// seed would be the lengths of labels: a segment of `length` bytes would match nothing, and
/// any other would lead to the first row of the dispatch, where every key has access.
fn node_as_state(into: &mut OwnedTables, accept: Accept, length: usize) -> StateId {
    let mut open = state(into, "/open");
    open.accept = open.accept.when(true, true);
    let node = add(into, State::UNUSED);
    let open = add(into, open);
    into.set_state(
        node.row() as usize,
        State {
            accept,
            kind: StateKind::Dispatch(Dispatch {
                first: open.row(),
                log2_rows: 0,
                seed: Lengths::NONE.with(length).bits(),
                window: Window {
                    offset: 0,
                    width: 8,
                },
            }),
            ..State::UNUSED
        },
    );
    node
}
