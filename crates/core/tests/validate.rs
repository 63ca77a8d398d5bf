//! Tables by hand: what `Tables::validate` refuses, although no compiler writes it.

use routescope_core::__private::{
    Accept, Dispatch, Features, HashedEdge, LAYOUT, Lengths, MAX_LOOKUPS, RouteRow, ScopeRow,
    State, StateBytes, StateId, StateKind, Tables, TextRange, Window,
};
use routescope_core::{Method, Methods, PathOptions, Policy};

/// One route, `GET /x` for the scope `s:read`, found by a hashed edge.
struct Rows {
    states: Vec<State>,
    edges: Vec<HashedEdge>,
    scope: TextRange,
}

const TEXT: &str = "/xs:ready\"";

fn sound() -> Rows {
    let accept = Accept::template(0, Methods::from(Method::Get)).when(true, false);
    let start = StateKind::Hashed {
        key: 0,
        lengths: Lengths::NONE.with(1),
        param: StateId::DEAD,
    };
    Rows {
        states: vec![
            State {
                kind: start,
                ..State::UNUSED
            },
            State {
                accept,
                ..State::UNUSED
            },
        ],
        edges: vec![HashedEdge {
            key: 0,
            target: StateId::new(1),
            label: TextRange { start: 1, len: 1 },
            next_collision: 0,
        }],
        scope: TextRange { start: 2, len: 6 },
    }
}

/// The error of the tables, or whether a key with the scope may `GET /x`.
fn judge(rows: &Rows) -> Result<bool, String> {
    let states: Vec<StateBytes> = rows.states.iter().map(|state| state.to_bytes()).collect();
    let edges: Vec<_> = rows.edges.iter().map(|edge| edge.to_bytes()).collect();
    let route = RouteRow {
        template: TextRange { start: 0, len: 2 },
        accepted: 4,
        method: Method::Get as u8,
    };
    let scope = ScopeRow {
        name: rows.scope,
        declared: true,
    };
    // The mask, and then the list of one scope.
    let accepted = [1u16, 0, 0, 0, 1, 0].map(u16::to_le_bytes);
    let tables = Tables {
        name: "t",
        updated: "",
        revision: 0,
        umbrella: "",
        digest: [1; 32],
        layout: LAYOUT,
        features: Features::NONE,
        options: PathOptions::default(),
        key: None,
        states: &states,
        slash_pairs: &[],
        edge_slots: 1,
        edges: &edges,
        edge_displacements: &[[0; 2]],
        exact: &[[0; 4]],
        exact_displacements: &[[0; 2]],
        exact_hash_words: 0,
        exact_filter: &[[0; 8]],
        routes: &[route.to_bytes()],
        accepted: &accepted,
        scopes: &[scope.to_bytes()],
        scope_slots: &[[0; 2]],
        scope_displacements: &[[0; 2]],
        scope_hash_words: 0,
        text: TEXT,
    };
    tables.validate().map_err(|error| error.to_string())?;
    let policy = Policy::new(&tables);
    Ok(policy.authorize(&["s:read"], "GET", "/x").is_allow())
}

#[test]
fn sound_tables_decide() {
    assert_eq!(judge(&sound()), Ok(true));
}

/// A name, a change to sound tables, and a part of the error that it must cause.
type Case = (&'static str, fn(&mut Rows), &'static str);

const CASES: &[Case] = &[
    (
        "a state whose edges count as unused, so that nobody checks their targets",
        |rows| {
            rows.states[0].kind = StateKind::Hashed {
                key: HashedEdge::NO_KEY,
                lengths: Lengths::NONE.with(1),
                param: StateId::DEAD,
            };
            rows.edges[0].key = HashedEdge::NO_KEY;
        },
        "states: a state or a dispatch is out of range",
    ),
    (
        "a dispatch node that accepts",
        |rows| {
            let accept = rows.states[1].accept;
            rows.states.push(State {
                accept,
                kind: StateKind::Dispatch(Dispatch {
                    first: 3,
                    ..Dispatch::EMPTY
                }),
                ..State::UNUSED
            });
            rows.states.push(State::UNUSED);
        },
        "states: a dispatch node has a label or accepts",
    ),
    (
        "a dispatch that ends after the highest row number there is",
        |rows| {
            rows.states[0].kind = StateKind::Static(Dispatch {
                first: u32::MAX - 1,
                log2_rows: 2,
                seed: 0,
                window: Window {
                    offset: 0,
                    width: 8,
                },
            });
        },
        "states: a state or a dispatch is out of range",
    ),
    (
        "alternatives that end after it",
        |rows| {
            rows.states[0].kind = StateKind::StaticOrParam {
                first: u32::MAX,
                count: 2,
                lengths: Lengths::NONE.with(1),
                param: StateId::new(1),
            };
        },
        "states: a static alternative is out of range",
    ),
    (
        "a label that ends after the highest offset there is",
        |rows| {
            rows.edges[0].label = TextRange {
                start: u32::MAX,
                len: 2,
            };
        },
        "edges: a label is out of range",
    ),
    (
        "an edge of two segments, which no segment equals",
        |rows| rows.edges[0].label = TextRange { start: 0, len: 2 },
        "edges: a label is out of range or has a byte that none has",
    ),
    (
        "a scope without a name, which a name that cannot be read would be",
        |rows| rows.scope = TextRange::EMPTY,
        "scopes: a name is out of range or has a byte that none has",
    ),
    (
        "a scope with a quote, which would end a parameter of a challenge",
        |rows| rows.scope = TextRange { start: 2, len: 8 },
        "scopes: a name is out of range or has a byte that none has",
    ),
];

/// The label of the route, after a number of rows that are not it.
type Hidden = (&'static str, fn(usize) -> Rows);

const HIDDEN: [Hidden; 2] = [
    ("collisions", |count| {
        let mut rows = sound();
        let last = rows.edges[0];
        let other = |row: usize| HashedEdge {
            label: TextRange { start: 2, len: 1 },
            next_collision: row as u16 + 1,
            ..last
        };
        rows.edges = (0..count).map(other).chain([last]).collect();
        rows
    }),
    ("dispatch nodes", |count| {
        let mut rows = sound();
        let to = |first| Dispatch {
            first,
            ..Dispatch::EMPTY
        };
        let route = State {
            label: TextRange { start: 1, len: 1 },
            ..rows.states[1]
        };
        // The start, then the nodes, then the state of the route.
        let node = |row: usize| State {
            kind: StateKind::Dispatch(to(row as u32 + 2)),
            ..State::UNUSED
        };
        rows.states[0].kind = StateKind::Static(to(1));
        rows.states.truncate(1);
        rows.states.extend((0..count).map(node));
        rows.states.push(route);
        rows.edges[0].key = HashedEdge::NO_KEY;
        rows.edges[0].label = TextRange::EMPTY;
        rows
    }),
];

/// A decision by tables that no compiler wrote is bounded, and denies where it stops.
#[test]
fn look_ups_are_bounded() {
    for (name, rows) in HIDDEN {
        assert_eq!(judge(&rows(MAX_LOOKUPS - 1)), Ok(true), "{name}");
        assert_eq!(judge(&rows(MAX_LOOKUPS)), Ok(false), "{name}");
        assert_eq!(judge(&rows(10 * MAX_LOOKUPS)), Ok(false), "{name}");
    }
}

#[test]
fn unsound_tables_are_refused() {
    for (name, change, expected) in CASES {
        let mut rows = sound();
        change(&mut rows);
        let error = judge(&rows).expect_err(name);
        assert!(error.contains(expected), "{name}: {error}");
    }
}
