//! Attacks on affixes such as `{id}:cancel`: one that is missing, that takes more or less than it
//! should, that leads elsewhere, or that another state has.

use routescope_core::__private::{State, StateId, StateKind};
use routescope_core::Policy;

use super::super::faults::spread;
use super::super::planted::{add, param};
use crate::layout::owned::{OwnedPolicy, OwnedTables};
use crate::verify::prove;
use crate::{Compiled, compile};

const SOURCE: &str = "
version: 1
name: affixes
scopes:
  'open:read':
    routes:
      - GET /v/{id}
      - GET /v/{id}:open
      - GET /v/new
      - GET /w/{id}:open
  'secret:read':
    routes:
      - GET /v/{id}:secret
      - GET /v/f(p={p})
      - GET /w/{id}
";

/// The row of the state after `/v`, or of the one after `/w`: of those with affixes, the one with
/// three, or the one with one.
fn state(of: &OwnedTables, affixes: u8) -> usize {
    let is =
        |state: State| matches!(state.kind, StateKind::Affixes { count, .. } if count == affixes);
    of.decoded_states().position(is).unwrap()
}

/// The row of an affix of the state after `/v`.
fn affix(of: &OwnedTables, text: &str) -> usize {
    let is = |state: State| {
        matches!(state.kind, StateKind::AffixEdge { .. }) && of.borrow().text(state.label) == text
    };
    let rows = of.decoded_states().enumerate();
    rows.filter(|(_, state)| is(*state))
        .map(|(row, _)| row)
        .last()
        .unwrap()
}

fn edit(into: &mut OwnedTables, row: usize, edit: impl FnOnce(&mut u8, &mut StateId)) {
    into.edit_state(row, |state| match &mut state.kind {
        StateKind::AffixEdge { prefix_len, target } => edit(prefix_len, target),
        kind => panic!("{kind:?} is no affix"),
    });
}

fn edit_state(into: &mut OwnedTables, of: u8, edit: impl FnOnce(&mut u32, &mut u8, &mut StateId)) {
    let row = state(into, of);
    into.edit_state(row, |state| match &mut state.kind {
        StateKind::Affixes {
            first,
            count,
            inner,
        } => edit(first, count, inner),
        kind => panic!("{kind:?} has no affixes"),
    });
}

/// The target of an affix.
fn target(of: &OwnedTables, text: &str) -> StateId {
    match of.state(affix(of, text)).kind {
        StateKind::AffixEdge { target, .. } => target,
        kind => panic!("{kind:?} is no affix"),
    }
}

fn inner(of: &OwnedTables, affixes: u8) -> StateId {
    match of.state(state(of, affixes)).kind {
        StateKind::Affixes { inner, .. } => inner,
        kind => panic!("{kind:?} has no affixes"),
    }
}

/// A name, a path that is answered otherwise, and the change.
type Attack = (&'static str, &'static str, fn(&mut OwnedTables));

const ATTACKS: [Attack; 11] = [
    ("the last affix is missing", "/v/f(p=5)", |into| {
        edit_state(into, 3, |_, count, _| *count -= 1);
    }),
    ("the first affix is missing", "/v/5:open", |into| {
        edit_state(into, 3, |first, count, _| {
            (*first, *count) = (*first + 1, *count - 1);
        });
    }),
    ("an affix leads to another's state", "/v/5:secret", |into| {
        let open = target(into, ":open");
        let row = affix(into, ":secret");
        edit(into, row, |_, target| *target = open);
    }),
    (
        "an affix leads to the parameter's state",
        "/v/5:secret",
        |into| {
            let of = inner(into, 3).row() as usize;
            let parameter = param(into.state(of).kind);
            let row = affix(into, ":secret");
            edit(into, row, |_, target| *target = parameter);
        },
    ),
    (
        "a prefix that is shorter by one byte",
        "/v/f(p=5)",
        |into| {
            let row = affix(into, "f(p=)");
            edit(into, row, |prefix_len, _| *prefix_len -= 1);
        },
    ),
    ("a prefix that is longer by one byte", "/v/f(p=5)", |into| {
        let row = affix(into, "f(p=)");
        edit(into, row, |prefix_len, _| *prefix_len += 1);
    }),
    ("a suffix as a prefix", "/v/5:secret", |into| {
        let row = affix(into, ":secret");
        edit(into, row, |prefix_len, _| *prefix_len = 7);
    }),
    ("a suffix without its last byte", "/v/5:secret", |into| {
        let row = affix(into, ":secret");
        into.edit_state(row, |state| state.label.len -= 1);
    }),
    ("a suffix without its colon", "/v/5secret", |into| {
        let row = affix(into, ":secret");
        into.edit_state(row, |state| {
            state.label.start += 1;
            state.label.len -= 1;
        });
    }),
    (
        "the literals and the parameter of another state",
        "/v/5",
        |into| {
            let other = inner(into, 1);
            edit_state(into, 3, |_, _, inner| *inner = other);
        },
    ),
    (
        "the parameter without the affixes beside it",
        "/v/5:secret",
        |into| {
            let row = state(into, 3);
            let inner = into.state(inner(into, 3).row() as usize);
            into.edit_state(row, |state| state.kind = inner.kind);
        },
    ),
];

fn ask<'p>(policy: Policy<'p>, path: &str) -> routescope_core::Decision<'p> {
    policy.authorize(&["open:read"], "GET", path)
}

#[test]
fn no_attack_on_affixes_passes() {
    let Compiled { model, owned, .. } = compile("affixes.yaml", SOURCE).unwrap();
    for (name, path, plant) in ATTACKS {
        let mut faulty = owned.owned_tables().clone();
        plant(&mut faulty);
        spread(&owned.owned_tables().states, &mut faulty);
        let faulty = OwnedPolicy::new(faulty);
        let policy = faulty.policy();
        assert_eq!(faulty.tables().validate(), Ok(()), "{name}");
        assert_ne!(ask(owned.policy(), path), ask(policy, path), "{name}");
        assert!(prove(&model, policy).is_err(), "{name}");
    }
}

/// An affix that the file does not have, beside the parameter.
#[test]
fn an_additional_affix_is_refused() {
    let Compiled { model, owned, .. } = compile("affixes.yaml", SOURCE).unwrap();
    let mut faulty = owned.owned_tables().clone();
    let row = state(&faulty, 1);
    let existing = match faulty.state(row).kind {
        StateKind::Affixes { first, .. } => first as usize,
        kind => panic!("{kind:?} has no affixes"),
    };
    let edge = faulty.state(existing);
    let first = add(&mut faulty, edge).row();
    // Half of the text: `{id}:op`.
    let shorter = State {
        label: routescope_core::__private::TextRange {
            len: 3,
            ..edge.label
        },
        ..edge
    };
    add(&mut faulty, shorter);
    edit_state(&mut faulty, 1, |from, count, _| {
        (*from, *count) = (first, 2);
    });
    spread(&owned.owned_tables().states, &mut faulty);
    let faulty = OwnedPolicy::new(faulty);
    assert_eq!(faulty.tables().validate(), Ok(()));
    assert_ne!(
        ask(owned.policy(), "/w/5:op"),
        ask(faulty.policy(), "/w/5:op")
    );
    prove(&model, faulty.policy()).unwrap_err();
}
