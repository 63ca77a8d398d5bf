//! Attacks on the edges of states with parameters: static alternatives, the hash of edges, and
//! catch-alls.

use routescope_core::__private::{Lengths, MAX_ALTERNATIVES, State, StateId, StateKind};

use super::super::planted::{add, param, row, state, static_or_param, with_label};
use super::{Attack, hash_alternatives, number, param_leads};
use crate::layout::owned::OwnedTables;

pub(super) const ATTACKS: [Attack; 11] = [
    Attack {
        name: "an additional static alternative",
        path: "/v/open/open",
        plant: |into| {
            let v = row(into, "/v");
            let mut four = alternatives(into, v);
            let start = into.state(0);
            four.push(with_label(into, "open", start));
            let first = number(into.states.len());
            edit_alternatives(into, v, |kind| {
                (*kind.first, *kind.count) = (first, 4);
                *kind.lengths = Lengths::from_bits(u16::MAX);
            });
            into.states.extend(four.into_iter().map(State::to_bytes));
        },
    },
    Attack {
        name: "the static alternatives of another state",
        path: "/secret/X",
        plant: |into| {
            let (v, secret) = (row(into, "/v"), row(into, "/secret"));
            let after_param = state(into, "/secret/7");
            let after_param = add(into, after_param);
            copy_kind(into, v, secret, after_param);
        },
    },
    Attack {
        name: "more static alternatives than are compared",
        path: "/v/x",
        plant: |into| {
            let v = row(into, "/v");
            let last = alternatives(into, v)[0].to_bytes();
            let first = number(into.states.len());
            edit_alternatives(into, v, |kind| {
                (*kind.first, *kind.count) = (first, MAX_ALTERNATIVES + 1);
            });
            into.states.resize(into.states.len() + 16, last);
        },
    },
    Attack {
        name: "static alternatives that the hash of edges does not have",
        path: "/v/X",
        plant: |into| {
            let v = row(into, "/v");
            into.edit_state(v, |state| match state.kind {
                StateKind::StaticOrParam {
                    first,
                    lengths,
                    param,
                    ..
                } => {
                    state.kind = StateKind::Hashed {
                        key: first,
                        lengths,
                        param,
                    };
                }
                kind => panic!("{kind:?} has no static alternatives"),
            });
        },
    },
    Attack {
        name: "a value that should shadow a literal",
        path: "/v/X",
        plant: |into| {
            let v = row(into, "/v");
            let after_param = param(into.state(v).kind);
            param_leads(into, v, after_param);
        },
    },
    Attack {
        name: "lengths without that of a static alternative, and of its look-alikes",
        path: "/v/ZZ",
        plant: |into| {
            let v = row(into, "/v");
            edit_alternatives(into, v, |kind| *kind.lengths = Lengths::NONE.with(1));
        },
    },
    Attack {
        name: "lengths without that of a hashed edge",
        path: "/v/ZZ",
        plant: |into| {
            let v = hash_alternatives(into);
            into.edit_state(v, |state| match &mut state.kind {
                StateKind::Hashed { lengths, .. } => *lengths = Lengths::NONE.with(1),
                kind => panic!("{kind:?} is not hashed"),
            });
        },
    },
    Attack {
        name: "a chain of collisions that ends too soon",
        path: "/v/zz",
        plant: |into| {
            hash_alternatives(into);
            into.edit_edge(1, |edge| edge.next_collision = 0);
        },
    },
    Attack {
        name: "two states with the same key",
        path: "/secret/X",
        plant: |into| {
            let v = hash_alternatives(into);
            let after_param = state(into, "/secret/7");
            let after_param = add(into, after_param);
            let secret = row(into, "/secret");
            copy_kind(into, v, secret, after_param);
        },
    },
    Attack {
        name: "a static alternative in a catch-all",
        path: "/f/7/x/y",
        plant: |into| {
            let rest = row(into, "/f/other");
            let target = State {
                accept: into.state(rest).accept,
                ..State::UNUSED
            };
            static_or_param(into, rest, &[("x", target)]);
        },
    },
    Attack {
        name: "a catch-all that ends after ten segments",
        path: "/f/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1",
        plant: |into| {
            let rest = row(into, "/f/other");
            let accept = into.state(rest).accept;
            let end = State {
                accept,
                ..State::UNUSED
            };
            let mut next = add(into, end);
            for _ in 0..9 {
                let segment = State {
                    kind: StateKind::Param { next },
                    ..into.state(rest)
                };
                next = add(into, segment);
            }
            param_leads(into, rest, next);
        },
    },
];

/// The fields of static alternatives that attacks change.
struct Alternatives<'s> {
    first: &'s mut u32,
    count: &'s mut u8,
    lengths: &'s mut Lengths,
}

fn edit_alternatives(into: &mut OwnedTables, row: usize, edit: impl FnOnce(Alternatives<'_>)) {
    into.edit_state(row, |state| match &mut state.kind {
        StateKind::StaticOrParam {
            first,
            count,
            lengths,
            ..
        } => edit(Alternatives {
            first,
            count,
            lengths,
        }),
        kind => panic!("{kind:?} has no static alternatives"),
    });
}

/// The static alternatives of a row.
fn alternatives(of: &OwnedTables, row: usize) -> Vec<State> {
    match of.state(row).kind {
        StateKind::StaticOrParam { first, count, .. } => {
            let states = of.decoded_states().skip(first as usize);
            states.take(count.into()).collect()
        }
        kind => panic!("{kind:?} has no static alternatives"),
    }
}

/// Gives a row the edges of another, with another state after the parameter.
fn copy_kind(into: &mut OwnedTables, from: usize, to: usize, next: StateId) {
    let mut kind = into.state(from).kind;
    match &mut kind {
        StateKind::StaticOrParam { param, .. } | StateKind::Hashed { param, .. } => *param = next,
        kind => panic!("{kind:?} has no labels and a parameter"),
    }
    into.edit_state(to, |state| state.kind = kind);
}
