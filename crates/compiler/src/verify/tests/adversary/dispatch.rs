//! Attacks on the windows, rows and labels of a dispatch.

use routescope_core::__private::{Dispatch, State, StateId, StateKind};

use super::super::planted::{Entry, accept_after_param, new_dispatch, row, state, with_label};
use super::{Attack, known, param_leads, start_with, static_dispatch};

pub(super) const ATTACKS: [Attack; 12] = [
    Attack {
        name: "a label that is found only before a slash",
        path: "/x/7",
        plant: |into| {
            let to = state(into, "/v");
            start_with(into, (0, 2), &[("x/", "x", to)]);
        },
    },
    Attack {
        name: "a label that is found only at the end of a path",
        path: "/v/7",
        plant: |into| {
            let entries: Vec<Entry<'_>> = known(into)
                .into_iter()
                .filter(|(path, ..)| !path.starts_with("v/"))
                .collect();
            new_dispatch(into, 0, (0, 2), &entries);
        },
    },
    Attack {
        name: "a label that leads elsewhere before a slash",
        path: "/v/7",
        plant: |into| {
            let to = state(into, "/secret");
            start_with(into, (0, 2), &[("v/", "v", to)]);
            let open = state(into, "/open").accept;
            for row in 0..into.states.len() {
                into.edit_state(row, |state| {
                    if let StateKind::ParamThenStatic { after_param, .. } = &mut state.kind {
                        *after_param = open;
                    }
                });
            }
        },
    },
    Attack {
        name: "a label that is selected by bytes after it",
        path: "/x/secret",
        plant: |into| {
            let to = state(into, "/v");
            start_with(into, (0, 8), &[("x/secret", "x", to)]);
        },
    },
    Attack {
        name: "a label that begins with another label",
        path: "/v/7/open",
        plant: |into| {
            let to = state(into, "/open");
            start_with(into, (0, 8), &[("v/7/open", "v/7/open", to)]);
        },
    },
    Attack {
        name: "a label that begins with another label, and a third between the two in order",
        path: "/v/7/a",
        plant: |into| {
            let to = state(into, "/open");
            let more = [("v/7/a", "v/7/a", to), ("v-7", "v-7", to)];
            start_with(into, (0, 5), &more);
        },
    },
    Attack {
        name: "another target before a slash",
        path: "/secret/x",
        plant: |into| {
            let to = state(into, "/v");
            start_with(into, (0, 8), &[("secret/~", "secret", to)]);
        },
    },
    Attack {
        name: "a dispatch after a parameter whose window is wider than its label",
        path: "/secret/7/x/open",
        plant: |into| {
            let (row, open) = (row(into, "/secret"), state(into, "/open"));
            new_dispatch(into, row, (0, 8), &[("x/open", "x/open", open)]);
        },
    },
    Attack {
        name: "a dispatch after a parameter that no static edge follows",
        path: "/secret/7/x",
        plant: |into| {
            let (row, open) = (row(into, "/secret"), state(into, "/open"));
            new_dispatch(into, row, (0, 1), &[("x", "x", open)]);
        },
    },
    Attack {
        name: "a start with a label, to which all empty dispatches lead",
        path: "/open/x/open",
        plant: |into| {
            let start = into.state(0);
            let start = with_label(into, "x", start);
            into.set_state(0, start);
            let open = row(into, "/open");
            assert_eq!(static_dispatch(into.state(open)), Dispatch::EMPTY);
        },
    },
    Attack {
        name: "a start that a parameter leads to",
        path: "/secret/7/open",
        plant: |into| {
            let secret = row(into, "/secret");
            let accept = accept_after_param(into, secret);
            into.edit_state(0, |start| start.accept = accept);
            param_leads(into, secret, StateId::START);
        },
    },
    Attack {
        name: "a dispatch that two labels share",
        path: "/open/open",
        plant: |into| {
            let (open, start) = (row(into, "/open"), into.state(0));
            into.edit_state(open, |open| {
                *open = State {
                    kind: start.kind,
                    ..*open
                };
            });
        },
    },
];
