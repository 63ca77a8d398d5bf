//! Tables by hand: what `Tables::validate` refuses, although no compiler writes it.

use routescope_core::__private::{
    Accept, Dispatch, Features, HashedEdge, LAYOUT, Lengths, MAX_LOOKUPS, RouteRow, ScopeRow,
    State, StateBytes, StateId, StateKind, Tables, TextRange, Window,
};
use routescope_core::{Method, Methods, PathOptions, Policy, Values};

/// One route, `GET /x` for the scope `s:read`, found by a hashed edge.
struct Rows {
    states: Vec<State>,
    edges: Vec<HashedEdge>,
    scope: TextRange,
    features: Features,
    options: PathOptions,
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
        features: Features::NONE,
        options: PathOptions::default(),
    }
}

/// As [`sound`], with `{id}x` as the segment: an affix of the start, and no literals.
fn with_affix() -> Rows {
    let mut rows = sound();
    rows.features = Features::AFFIXES;
    rows.edges[0].key = HashedEdge::NO_KEY;
    rows.states[0].kind = StateKind::Affixes {
        first: 2,
        count: 1,
        inner: StateId::DEAD,
    };
    rows.states.push(State {
        label: TextRange { start: 1, len: 1 },
        kind: StateKind::AffixEdge {
            prefix_len: 0,
            target: StateId::new(1),
        },
        ..State::UNUSED
    });
    rows
}

/// The error of the tables, or whether a key with the scope may `GET /x`.
fn judge(rows: &Rows) -> Result<bool, String> {
    allows(rows, "/x")
}

/// As [`judge`], for another path.
fn allows(rows: &Rows, path: &str) -> Result<bool, String> {
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
        features: rows.features,
        options: rows.options,
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
    Ok(policy.authorize(&["s:read"], "GET", path).is_allow())
}

#[test]
fn sound_tables_decide() {
    assert_eq!(judge(&sound()), Ok(true));
    let affixes = with_affix();
    for (path, allowed) in [("/7x", true), ("/x", false), ("/7", false), ("/7X", false)] {
        assert_eq!(allows(&affixes, path), Ok(allowed), "{path}");
    }
}

/// Changes to tables with an affix.
const AFFIX_CASES: &[Case] = &[
    (
        "affixes in tables that say that they have none",
        |rows| rows.features = Features::NONE,
        "states: affixes, in tables that say that they have none",
    ),
    (
        "an affix in tables that say that they have none",
        |rows| {
            rows.features = Features::NONE;
            rows.states[0].kind = StateKind::Param {
                next: StateId::new(1),
            };
        },
        "states: a state or a dispatch is out of range",
    ),
    (
        "affixes that end after the last row",
        |rows| edit_affixes(rows, |first, _, _| *first = u32::MAX),
        "states: an affix is out of range, or the row is none",
    ),
    (
        "a state as an affix",
        |rows| edit_affixes(rows, |first, _, _| *first = 1),
        "states: an affix is out of range, or the row is none",
    ),
    (
        "affixes that are none",
        |rows| edit_affixes(rows, |_, count, _| *count = 0),
        "states: a state or a dispatch is out of range",
    ),
    (
        "affixes within affixes",
        |rows| edit_affixes(rows, |_, _, inner| *inner = StateId::START),
        "states: a state or a dispatch is out of range",
    ),
    (
        "a row of literals that does not exist",
        |rows| edit_affixes(rows, |_, _, inner| *inner = StateId::new(3)),
        "states: a state or a dispatch is out of range",
    ),
    (
        "a prefix that is longer than the text",
        |rows| {
            rows.states[2].kind = StateKind::AffixEdge {
                prefix_len: 2,
                target: StateId::new(1),
            };
        },
        "states: an affix accepts, or its text is none",
    ),
    (
        "an affix without a text, which takes every segment",
        |rows| rows.states[2].label = TextRange::EMPTY,
        "states: an affix accepts, or its text is none",
    ),
    (
        "an affix of two segments",
        |rows| rows.states[2].label = TextRange { start: 0, len: 2 },
        "states: an affix accepts, or its text is none",
    ),
    (
        "an affix that accepts",
        |rows| rows.states[2].accept = rows.states[1].accept,
        "states: an affix accepts, or its text is none",
    ),
    (
        "an affix that leads to an affix",
        |rows| {
            rows.states[2].kind = StateKind::AffixEdge {
                prefix_len: 0,
                target: StateId::new(2),
            };
        },
        "states: a state or a dispatch is out of range",
    ),
    (
        "an affix as the start",
        |rows| rows.states[0] = rows.states[2],
        "states: the start is a dispatch node",
    ),
    (
        "a value that nobody looks at, where colons are forbidden",
        |rows| {
            rows.options.values = Values::NoColon;
            rows.states[1].kind = StateKind::ParamThenStatic {
                after_param: rows.states[1].accept,
                dispatch: Dispatch::EMPTY,
            };
        },
        "states: a state or a dispatch is out of range",
    ),
];

fn edit_affixes(rows: &mut Rows, edit: impl FnOnce(&mut u32, &mut u8, &mut StateId)) {
    match &mut rows.states[0].kind {
        StateKind::Affixes {
            first,
            count,
            inner,
        } => edit(first, count, inner),
        kind => panic!("{kind:?} has no affixes"),
    }
}

#[test]
fn unsound_affixes_are_refused() {
    for (name, change, expected) in AFFIX_CASES {
        let mut rows = with_affix();
        change(&mut rows);
        let error = judge(&rows).expect_err(name);
        assert!(error.contains(expected), "{name}: {error}");
    }
}

/// The last state has no edges. That its empty dispatch selects the first row, which has affixes,
/// must lead nowhere.
#[test]
fn a_row_of_affixes_is_no_dispatch() {
    let mut rows = with_affix();
    let target = rows.states[1];
    rows.states.push(State {
        label: TextRange { start: 1, len: 1 },
        ..target
    });
    // The affix and the labelled state are the two rows that its numbers would select.
    assert_eq!(allows(&rows, "/7x"), Ok(true));
    for path in ["/7x/x", "/7x/7x", "/7x/x/x"] {
        assert_eq!(allows(&rows, path), Ok(false), "{path}");
    }
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
