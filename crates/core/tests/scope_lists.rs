//! Lists of scopes by hand: what `Tables::validate` refuses, although no compiler writes it, and what
//! sound lists mean.

use routescope_core::__private::{
    Accept, Features, HashedEdge, LAYOUT, Lengths, MAX_SETS, RouteRow, SETS_FOLLOW, ScopeRow,
    State, StateId, StateKind, Tables, TextRange,
};
use routescope_core::{Decision, Method, Methods, PathOptions, Policy};

/// One route, `GET /x`, and three scopes.
struct Rows {
    features: Features,
    names: [&'static str; 3],
    /// The number that the route has for its list.
    accepted: u32,
    numbers: Vec<u16>,
    route_byte: u8,
    scope_bytes: [u8; 2],
    slot: u16,
}

/// A set: its position, and the scopes of each clause.
type Set = (u16, &'static [&'static [u16]]);

const ALL: Features = Features::SETS
    .with(Features::ANY_KEY)
    .with(Features::PUBLIC);

/// The numbers of a list with its sets, and masks before each.
fn list(singles: &[u16], sets: &[Set]) -> Vec<u16> {
    let mask = |scopes: &[u16]| {
        let mask = scopes
            .iter()
            .fold(0u64, |mask, scope| mask | 1 << (scope & 63));
        [0, 16, 32, 48].map(|by| (mask >> by) as u16)
    };
    let mut numbers = mask(singles).to_vec();
    let follow = if sets.is_empty() { 0 } else { SETS_FOLLOW };
    numbers.push(singles.len() as u16 | follow);
    numbers.extend(singles);
    if !sets.is_empty() {
        numbers.push(sets.len() as u16);
    }
    for (position, clauses) in sets {
        numbers.extend([*position, clauses.len() as u16]);
        for scopes in *clauses {
            numbers.extend(mask(scopes));
            numbers.push(scopes.len() as u16);
            numbers.extend(*scopes);
        }
    }
    numbers
}

/// A route for the third scope alone, or for the first two together.
const TWO: &[Set] = &[(1, &[&[0], &[1, 2]])];

/// The offsets of the numbers of that list.
const COUNT: usize = 4;
const SETS: usize = 6;
const POSITION: usize = 7;
const CLAUSES: usize = 8;
const CLAUSE_MASK: usize = 9;
const CLAUSE_COUNT: usize = 13;
const CLAUSE_SCOPE: usize = 14;

fn sound() -> Rows {
    Rows {
        features: ALL,
        names: ["a:x", "b:x", "c:x"],
        accepted: 4,
        numbers: list(&[2], TWO),
        route_byte: 0,
        scope_bytes: [1, 0],
        slot: 0,
    }
}

/// The error of the tables, or why a key with these scopes may `GET /x`, by bits and by names.
fn judge(rows: &Rows, held: &[&str]) -> Result<[Option<String>; 2], String> {
    let mut text = "/x".to_owned();
    let scopes = rows.names.map(|name| {
        let start = text.len() as u32;
        text.push_str(name);
        let name = TextRange {
            start,
            len: name.len() as u16,
        };
        let mut bytes = ScopeRow {
            name,
            declared: true,
        }
        .to_bytes();
        bytes[6..].copy_from_slice(&rows.scope_bytes);
        bytes
    });
    let accept = Accept::template(0, Methods::from(Method::Get)).when(true, false);
    let start = StateKind::Hashed {
        key: 0,
        lengths: Lengths::NONE.with(1),
        param: StateId::DEAD,
    };
    let states = [
        State {
            kind: start,
            ..State::UNUSED
        },
        State {
            accept,
            ..State::UNUSED
        },
    ];
    let edge = HashedEdge {
        key: 0,
        target: StateId::new(1),
        label: TextRange { start: 1, len: 1 },
        next_collision: 0,
    };
    let route = RouteRow {
        template: TextRange { start: 0, len: 2 },
        accepted: rows.accepted,
        method: Method::Get as u8,
    };
    let mut route = route.to_bytes();
    route[11] = rows.route_byte;
    let accepted: Vec<[u8; 2]> = rows.numbers.iter().map(|n| n.to_le_bytes()).collect();
    let slot = rows.slot.to_le_bytes();
    let tables = Tables {
        name: "t",
        updated: "",
        revision: 0,
        umbrella: "",
        digest: [1; 32],
        layout: LAYOUT,
        features: rows.features,
        options: PathOptions::default(),
        key: None,
        states: &states.map(State::to_bytes),
        slash_pairs: &[],
        edge_slots: 1,
        edges: &[edge.to_bytes()],
        edge_displacements: &[[0; 2]],
        exact: &[[0; 4]],
        exact_displacements: &[[0; 2]],
        exact_hash_words: 0,
        exact_filter: &[[0; 8]],
        routes: &[route],
        accepted: &accepted,
        scopes: &scopes,
        scope_slots: &[slot],
        scope_displacements: &[[0; 2]],
        scope_hash_words: 0,
        text: &text,
    };
    tables.validate().map_err(|error| error.to_string())?;
    let policy = Policy::new(&tables);
    // The hash of names has one slot, so that names are not found by it here.
    let by_bits = policy.scopes().filter(|scope| held.contains(&scope.name()));
    let by_bits: routescope_core::ScopeSet = by_bits.collect();
    let by = |decision: Decision<'_>| match decision {
        Decision::Allow { by, .. } => Some(format!("{}: {by}", by.as_str())),
        Decision::Deny(_) => None,
    };
    Ok([
        by(policy.authorize(&by_bits, "GET", "/x")),
        by(policy.authorize(held, "GET", "/x")),
    ])
}

#[test]
fn sound_lists_decide() {
    let open = |accepted| Rows {
        accepted,
        ..sound()
    };
    let only_set = || Rows {
        numbers: list(&[], &[(0, &[&[0], &[1, 2]])]),
        ..sound()
    };
    for (name, rows, held, by) in [
        ("nothing", sound(), "", None),
        ("the single scope", sound(), "c:x", Some("scope: c:x")),
        ("half of the set", sound(), "a:x", None),
        ("the other half", sound(), "b:x", None),
        ("the set", sound(), "a:x b:x", Some("all: a:x b:x")),
        (
            "the single scope first",
            sound(),
            "a:x b:x c:x",
            Some("scope: c:x"),
        ),
        ("one that implies half of it", only_set(), "c:x", None),
        ("by that one", only_set(), "a:x c:x", Some("all: a:x b:x")),
        (
            "a public route",
            open(RouteRow::PUBLIC),
            "",
            Some("public: public"),
        ),
        (
            "any key",
            open(RouteRow::ANY_KEY),
            "",
            Some("any_key: any key"),
        ),
    ] {
        let held: Vec<&str> = held.split(' ').filter(|name| !name.is_empty()).collect();
        let by = by.map(str::to_owned);
        assert_eq!(judge(&rows, &held), Ok([by.clone(), by]), "{name}");
    }
}

/// A name, a change to sound tables, and the error that it must cause.
type Case = (&'static str, fn(&mut Rows), &'static str);

const CASES: &[Case] = &[
    (
        "a byte of a route that no field has",
        |rows| rows.route_byte = 1,
        "routes: a byte that no field has",
    ),
    (
        "a list that starts after the last number",
        |rows| rows.accepted = rows.numbers.len() as u32,
        "routes: a list of scopes is out of range",
    ),
    (
        "a public route in a policy without any",
        |rows| {
            rows.accepted = RouteRow::PUBLIC;
            rows.features = Features::SETS.with(Features::ANY_KEY);
        },
        "routes: a list of scopes is out of range",
    ),
    (
        "a route for any key in a policy without any",
        |rows| {
            rows.accepted = RouteRow::ANY_KEY;
            rows.features = Features::SETS.with(Features::PUBLIC);
        },
        "routes: a list of scopes is out of range",
    ),
    (
        "a list without scopes and sets",
        |rows| rows.numbers = list(&[], &[]),
        "accepted: a list is empty or too long",
    ),
    (
        "a list of more scopes than there can be",
        |rows| rows.numbers[COUNT] = 4097,
        "accepted: a list is empty or too long",
    ),
    (
        "a list that ends after the last number",
        |rows| rows.numbers[COUNT] = 100,
        "accepted: a list is out of range",
    ),
    (
        "a scope that there is not",
        |rows| rows.numbers = list(&[3], &[]),
        "accepted: a scope is out of range",
    ),
    (
        "a mask with another scope",
        |rows| rows.numbers[0] |= 1,
        "accepted: a mask is not that of its list",
    ),
    (
        "a mask with a scope that there is not",
        |rows| rows.numbers[3] = 1 << 15,
        "accepted: a mask is not that of its list",
    ),
    (
        "a mask without a scope of the list",
        |rows| rows.numbers[0] = 0,
        "accepted: a mask is not that of its list",
    ),
    (
        "sets in a policy without any",
        |rows| rows.features = Features::PUBLIC,
        "accepted: sets in a policy that has none",
    ),
    (
        "nothing after a list that sets follow",
        |rows| rows.numbers.truncate(SETS),
        "accepted: a set is out of range",
    ),
    (
        "no set after a list that sets follow",
        |rows| rows.numbers[SETS] = 0,
        "accepted: no set, or too many",
    ),
    (
        "more sets than a route may have",
        |rows| rows.numbers[SETS] = MAX_SETS as u16 + 1,
        "accepted: no set, or too many",
    ),
    (
        "fewer sets than stated",
        |rows| rows.numbers[SETS] = 2,
        "accepted: a set is out of range",
    ),
    (
        "a set that ends after its position",
        |rows| rows.numbers.truncate(CLAUSES),
        "accepted: a set is out of range",
    ),
    (
        "a set after more scopes than the list has",
        |rows| rows.numbers[POSITION] = 2,
        "accepted: the sets are not in order",
    ),
    (
        "a set before the one that it follows",
        |rows| {
            rows.numbers = list(&[2], &[(1, &[&[0], &[1]]), (0, &[&[0], &[2]])]);
        },
        "accepted: the sets are not in order",
    ),
    (
        "a set of no scope, which every key would have",
        |rows| rows.numbers = list(&[2], &[(0, &[])]),
        "accepted: a set has too few scopes, or too many",
    ),
    (
        "a set of one scope",
        |rows| rows.numbers = list(&[2], &[(0, &[&[0]])]),
        "accepted: a set has too few scopes, or too many",
    ),
    (
        "a set of more scopes than one may have",
        |rows| {
            rows.numbers = list(
                &[2],
                &[(0, &[&[0], &[1], &[2], &[0], &[1], &[2], &[0], &[1], &[2]])],
            );
        },
        "accepted: a set has too few scopes, or too many",
    ),
    (
        "a set that ends in the mask of a clause",
        |rows| rows.numbers.truncate(CLAUSE_MASK + 3),
        "accepted: a set is out of range",
    ),
    (
        "a set that ends before the length of a clause",
        |rows| rows.numbers.truncate(CLAUSE_COUNT),
        "accepted: a set is out of range",
    ),
    (
        "a set that ends before the scopes of a clause",
        |rows| rows.numbers.truncate(CLAUSE_SCOPE),
        "accepted: a set is out of range",
    ),
    (
        "a set that ends before its last clause",
        |rows| rows.numbers.truncate(CLAUSE_SCOPE + 1),
        "accepted: a set is out of range",
    ),
    (
        "a clause without scopes",
        |rows| rows.numbers = list(&[2], &[(0, &[&[0], &[]])]),
        "accepted: a clause is empty or too long",
    ),
    (
        "a clause of more scopes than there can be",
        |rows| rows.numbers[CLAUSE_COUNT] = u16::MAX,
        "accepted: a clause is empty or too long",
    ),
    (
        "a scope of a clause that there is not",
        |rows| rows.numbers[CLAUSE_SCOPE] = 3,
        "accepted: a scope is out of range",
    ),
    (
        "the mask of a clause with another scope",
        |rows| rows.numbers[CLAUSE_MASK] |= 4,
        "accepted: a mask is not that of its clause",
    ),
    (
        "the mask of a clause without scopes",
        |rows| rows.numbers[CLAUSE_MASK] = 0,
        "accepted: a mask is not that of its clause",
    ),
    (
        "a scope that is declared twice over",
        |rows| rows.scope_bytes = [2, 0],
        "scopes: a byte that no field has",
    ),
    (
        "a byte of a scope that no field has",
        |rows| rows.scope_bytes = [1, 1],
        "scopes: a byte that no field has",
    ),
    (
        "names out of order",
        |rows| rows.names = ["b:x", "a:x", "c:x"],
        "scopes: names are not in order",
    ),
    (
        "a name twice",
        |rows| rows.names = ["a:x", "a:x", "c:x"],
        "scopes: names are not in order",
    ),
    (
        "an opaque name where names are not opaque",
        |rows| rows.names = ["https://a", "b:x", "c:x"],
        NAME,
    ),
    (
        "an opaque name with a comma, which separates alternatives",
        |rows| opaque(rows, "c,x"),
        NAME,
    ),
    (
        "an opaque name with a space, which separates scopes",
        |rows| opaque(rows, "c x"),
        NAME,
    ),
    (
        "an opaque name with a quote, which would end a parameter of a challenge",
        |rows| opaque(rows, "c\"x"),
        NAME,
    ),
    (
        "an opaque name with a backslash",
        |rows| opaque(rows, "c\\x"),
        NAME,
    ),
    (
        "an opaque name with a byte above ASCII",
        |rows| opaque(rows, "cü"),
        NAME,
    ),
    (
        "an opaque name with a control character",
        |rows| opaque(rows, "c\u{7f}"),
        NAME,
    ),
    (
        "a slot of the hash of names that leads nowhere",
        |rows| rows.slot = 3,
        "scopes: a slot of the hash of names is out of range",
    ),
];

const NAME: &str = "scopes: a name is out of range or has a byte that none has";

fn opaque(rows: &mut Rows, name: &'static str) {
    rows.features = ALL.with(Features::OPAQUE);
    rows.names[2] = name;
}

#[test]
fn unsound_lists_are_refused() {
    for (name, change, expected) in CASES {
        let mut rows = sound();
        change(&mut rows);
        assert_eq!(judge(&rows, &[]), Err((*expected).to_owned()), "{name}");
    }
}

#[test]
fn opaque_names_may_have_any_visible_character() {
    for name in ["c.read", "https://e.org/c", "c:read:own", "c'{}~", "c"] {
        let mut rows = sound();
        opaque(&mut rows, name);
        let by = Some(format!("scope: {name}"));
        assert_eq!(judge(&rows, &[name]), Ok([by.clone(), by]), "{name}");
    }
}
