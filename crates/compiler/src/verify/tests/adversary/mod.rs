//! Tables as an attacker would write them who wants access. A single fault does not make such
//! tables.

mod accepts;
mod affixes;
mod dispatch;
mod exact;
mod nodes;
mod params;

use routescope_core::__private::{Accept, Dispatch, State, StateId, StateKind};
use routescope_core::{Decision, Policy};

use super::faults::{dispatch_node, spread};
use super::planted::{Entry, add, hashed, new_dispatch, row, state, static_or_param};
use crate::layout::owned::{OwnedPolicy, OwnedTables};
use crate::verify::prove;
use crate::{Compiled, compile};

const SOURCE: &str = "
version: 1
name: adversary
scopes:
  'a:read':
    routes:
      - GET /open
      - GET /v/{id}
      - GET /v/x
      - GET /v/y
      - GET /v/zz
      - GET /secret/{id}
      - GET /f/{*path}
      - GET /t
  'b:read':
    routes:
      - GET /t/
";

fn sound() -> Compiled {
    compile("adversary.yaml", SOURCE).unwrap()
}

/// The edges of the start, each with a slash after its label and without.
fn known(of: &OwnedTables) -> Vec<Entry<'static>> {
    let labels = [
        ("open", "open/~~~~~~~~"),
        ("v", "v/~~~~~~~~"),
        ("secret", "secret/~~~~~~~~"),
        ("f", "f/~~~~~~~~"),
        ("t", "t/~~~~~~~~"),
    ];
    labels
        .into_iter()
        .flat_map(|(label, longer)| {
            let target = state(of, &format!("/{label}"));
            [(label, label, target), (longer, label, target)]
        })
        .collect()
}

/// Adds entries to the dispatch of the start, and returns their rows.
fn start_with(into: &mut OwnedTables, window: (u8, u8), more: &[Entry<'_>]) -> Vec<usize> {
    let mut entries = more.to_vec();
    entries.extend(known(into));
    new_dispatch(into, 0, window, &entries)
}

/// Moves the edges of the start into the hash of edges.
fn hash_start(into: &mut OwnedTables) {
    let mut entries: Vec<(&str, StateId)> = Vec::new();
    for (_, label, target) in known(into).into_iter().step_by(2) {
        entries.push((label, add(into, target)));
    }
    hashed(into, 0, &entries);
}

/// Moves the static alternatives of `/v` into the hash of edges, and returns the row of `/v`.
fn hash_alternatives(into: &mut OwnedTables) -> usize {
    let v = row(into, "/v");
    let targets = ["x", "y", "zz"].map(|label| {
        let target = state(into, &format!("/v/{label}"));
        (label, add(into, target))
    });
    hashed(into, v, &targets);
    v
}

/// Makes a parameter follow a row, and then that state.
fn param_leads(into: &mut OwnedTables, row: usize, next: StateId) {
    into.edit_state(row, |state| state.kind = StateKind::Param { next });
}

/// The number of a row, as other rows have it.
fn number(row: usize) -> u32 {
    u32::try_from(row).unwrap()
}

type Change = fn(&mut OwnedTables);

/// Changed tables, and a path that they answer otherwise than the sound ones.
struct Attack {
    name: &'static str,
    path: &'static str,
    plant: Change,
}

fn attacks() -> impl Iterator<Item = Attack> {
    dispatch::ATTACKS
        .into_iter()
        .chain(nodes::ATTACKS)
        .chain(exact::ATTACKS)
        .chain(params::ATTACKS)
        .chain(accepts::ATTACKS)
}

fn ask<'p>(policy: Policy<'p>, path: &str) -> Decision<'p> {
    policy.authorize(&["a:read"], "GET", path)
}

#[test]
fn no_attack_passes() {
    let Compiled { model, owned, .. } = sound();
    let (mut passed, mut refused) = (Vec::new(), Vec::new());
    for Attack { name, path, plant } in attacks() {
        let mut faulty = owned.owned_tables().clone();
        // An empty exact map sends every path to the automaton, which most attacks change.
        faulty.fill_exact(Accept::NONE);
        faulty.exact_filter.fill([0; 8]);
        plant(&mut faulty);
        // A change to one of two equal rows of a label also changes the other: it must not be
        // found by their difference.
        spread(&owned.owned_tables().states, &mut faulty);
        let faulty = OwnedPolicy::new(faulty);
        let policy = faulty.policy();
        if prove(&model, policy).is_ok() {
            passed.push(name);
        }
        match faulty.tables().validate() {
            Err(error) => refused.push((name, error.as_str())),
            // It really is an attack.
            Ok(()) => assert_ne!(ask(owned.policy(), path), ask(policy, path), "{name}"),
        }
    }
    assert!(passed.is_empty(), "{passed:#?}");
    assert_eq!(refused, REFUSED);
}

#[test]
fn no_attack_is_left_out() {
    assert_eq!(attacks().count(), 47);
}

/// The attacks that would not build, and the error of each.
const REFUSED: [(&str, &str); 9] = [
    (
        "a dispatch node that leads to itself",
        "states: a state or a dispatch is out of range",
    ),
    (
        "a dispatch node that leads to the dispatch of the start",
        "states: a state or a dispatch is out of range",
    ),
    (
        "a dispatch node with a label",
        "states: a dispatch node has a label or accepts",
    ),
    (
        "a dispatch node as the state after a parameter",
        "states: a state or a dispatch is out of range",
    ),
    (
        "a dispatch node as the state in a catch-all",
        "states: a state or a dispatch is out of range",
    ),
    (
        "a dispatch node as the target of a hashed edge",
        "edges: a target is out of range, or a dispatch node",
    ),
    (
        "a dispatch node as the start",
        "states: the start is a dispatch node",
    ),
    (
        "more static alternatives than are compared",
        "states: a state or a dispatch is out of range",
    ),
    (
        "the number of a state read as an accepting entry",
        "states: an accepting entry is out of range, or lists other methods",
    ),
];

/// The changes from which attacks are made are sound alone.
#[test]
fn rewritten_tables_are_proved() {
    let Compiled { model, owned, .. } = sound();
    let rewritten: [(&str, Change); 9] = [
        ("another dispatch of the start", |into| {
            start_with(into, (0, 2), &[]);
        }),
        ("a narrower window", |into| {
            start_with(into, (0, 1), &[]);
        }),
        ("the start in the hash of edges", hash_start),
        ("dispatch nodes after the start", |into| {
            let nodes: Vec<Entry<'_>> = known(into)
                .iter()
                .map(|(path, ..)| (*path, "", State::UNUSED))
                .collect();
            let entries = known(into);
            for row in new_dispatch(into, 0, (0, 1), &nodes) {
                new_dispatch(into, row, (0, 2), &entries);
            }
        }),
        ("a label of two segments in a row of other bytes", |into| {
            let to = state(into, "/open");
            start_with(into, (0, 1), &[("x", "y/z", to)]);
        }),
        ("a label in a row of bytes that no path has", |into| {
            let to = state(into, "/open");
            start_with(into, (0, 2), &[("x?", "x", to)]);
        }),
        ("the state after a parameter in a separate row", |into| {
            let (secret, after_param) = (row(into, "/secret"), state(into, "/secret/7"));
            let to = add(into, after_param);
            param_leads(into, secret, to);
        }),
        ("static alternatives in other rows", |into| {
            let v = row(into, "/v");
            let targets =
                ["x", "y", "zz"].map(|label| (label, state(into, &format!("/v/{label}"))));
            static_or_param(into, v, &targets);
        }),
        ("static alternatives in the hash of edges", |into| {
            hash_alternatives(into);
        }),
    ];
    for (name, plant) in rewritten {
        let mut same = owned.owned_tables().clone();
        plant(&mut same);
        spread(&owned.owned_tables().states, &mut same);
        let same = OwnedPolicy::new(same);
        assert_eq!(same.tables().validate(), Ok(()), "{name}");
        prove(&model, same.policy()).unwrap_or_else(|found| panic!("{name}: {found}"));
    }
}

/// Two to the power of forty ways lead through these dispatch nodes. The proof does not follow
/// them one by one: it refuses dispatch nodes that share their rows.
#[test]
fn shared_dispatch_nodes_are_visited_once() {
    let Compiled { model, owned, .. } = sound();
    let mut same = owned.owned_tables().clone();
    let x = start_with(&mut same, (0, 1), &[("x", "", State::UNUSED)])[0];
    let mut last = vec![x];
    for _ in 0..40 {
        let first = number(same.states.len());
        for row in last {
            same.edit_dispatch(row, |dispatch| {
                (dispatch.first, dispatch.log2_rows) = (first, 1);
                dispatch.window.width = 1;
            });
        }
        last = (first as usize..).take(2).collect();
        let node = dispatch_node(&State::UNUSED.to_bytes());
        same.states.extend([node; 2]);
    }
    for row in last {
        same.set_state(row, State::UNUSED);
    }
    let same = OwnedPolicy::new(same);
    assert_eq!(same.tables().validate(), Ok(()));
    assert_eq!(ask(owned.policy(), "/x"), ask(same.policy(), "/x"));
    prove(&model, same.policy()).unwrap_err();
}

/// Another version may place literals in other slots than this one looks in, and would take
/// them for values.
#[test]
fn tables_of_another_layout_are_refused() {
    let mut tables = sound().owned.owned_tables().clone();
    tables.layout ^= 1;
    let error = tables.borrow().validate().unwrap_err();
    assert!(
        error.as_str().starts_with("layout: another version"),
        "{error}"
    );
    tables.layout ^= 1;
    assert_eq!(tables.borrow().validate(), Ok(()));
}

/// The dispatch of a state of the kind `Static`.
fn static_dispatch(state: State) -> Dispatch {
    match state.kind {
        StateKind::Static(dispatch) => dispatch,
        kind => panic!("{kind:?} is not static"),
    }
}
