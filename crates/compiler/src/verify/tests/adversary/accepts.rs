//! Attacks on accepting entries: after parameters, and in slash pairs.

use routescope_core::__private::{Accept, Outcome, SlashPair, StateId, StateKind};

use super::super::accepts::EntryOf;
use super::super::faults::Field;
use super::super::planted::{accept_after_param, row, state};
use super::{Attack, number, param_leads, static_dispatch};

pub(super) const ATTACKS: [Attack; 11] = [
    Attack {
        name: "the entry of another template after a parameter",
        path: "/secret/7",
        plant: |into| {
            let (secret, open) = (row(into, "/secret"), state(into, "/open"));
            EntryOf::AfterParam(secret).set(into, open.accept);
        },
    },
    Attack {
        name: "an entry after a parameter that accepts the slash as well",
        path: "/secret/7/",
        plant: |into| {
            let secret = row(into, "/secret");
            let accept = accept_after_param(into, secret);
            EntryOf::AfterParam(secret).set(into, accept.when(true, true));
        },
    },
    Attack {
        name: "a parameter that no template has",
        path: "/open/7",
        plant: |into| {
            let open = row(into, "/open");
            into.edit_state(open, |open| {
                open.kind = StateKind::ParamThenStatic {
                    after_param: open.accept,
                    dispatch: static_dispatch(*open),
                };
            });
        },
    },
    Attack {
        name: "a parameter that leads back to its state",
        path: "/open/7/8",
        plant: |into| {
            let open = row(into, "/open");
            param_leads(into, open, StateId::new(number(open)));
        },
    },
    Attack {
        name: "the number of a state read as an accepting entry",
        path: "/v/7",
        plant: |into| {
            // The bytes of all other fields stay those of static alternatives.
            const PARAM_THEN_STATIC: u32 = 1;
            let v = row(into, "/v");
            Field::Kind.set(&mut into.states[v], PARAM_THEN_STATIC);
        },
    },
    Attack {
        name: "an accepting entry read as the number of a state, and that state",
        path: "/secret/7",
        plant: |into| {
            let secret = row(into, "/secret");
            let next = StateId::new(accept_after_param(into, secret).bits());
            param_leads(into, secret, next);
            let rows = next.bits() as usize + 1;
            let open = state(into, "/open").to_bytes();
            into.states.resize(rows.max(into.states.len()), open);
        },
    },
    Attack {
        name: "a slash pair with its outcomes swapped",
        path: "/t/",
        plant: |into| {
            into.edit_slash_pair(0, |pair| {
                let SlashPair {
                    without_slash,
                    with_slash,
                } = *pair;
                (pair.without_slash, pair.with_slash) = (with_slash, without_slash);
            });
        },
    },
    Attack {
        name: "a slash pair instead of a template",
        path: "/secret",
        plant: |into| {
            let secret = row(into, "/secret");
            EntryOf::State(secret).set(into, Accept::slash_pair(0));
        },
    },
    Attack {
        name: "a slash pair after a parameter",
        path: "/secret/7/",
        plant: |into| {
            let secret = row(into, "/secret");
            EntryOf::AfterParam(secret).set(into, Accept::slash_pair(0));
        },
    },
    Attack {
        name: "a slash pair that refuses what no template matches",
        path: "/open/",
        plant: |into| {
            let open = row(into, "/open");
            let template = into.state(open).accept.when(false, false);
            let pair = SlashPair {
                without_slash: Outcome::Accept(template),
                with_slash: Outcome::Refused { segment: 0 },
            };
            into.slash_pairs.push(pair.to_bytes());
            EntryOf::State(open).set(into, Accept::slash_pair(1));
        },
    },
    Attack {
        name: "a slash pair that refuses what a template matches",
        path: "/open",
        plant: |into| {
            let open = row(into, "/open");
            let pair = SlashPair {
                without_slash: Outcome::Refused { segment: 0 },
                with_slash: Outcome::NoMatch,
            };
            into.slash_pairs.push(pair.to_bytes());
            EntryOf::State(open).set(into, Accept::slash_pair(1));
        },
    },
];
