//! Tables as somebody would write them who wants to be let through. One fault at
//! a time does not make such tables.

use routescope_core::table::{
    End, GROUP, HASHED, LITERALS, MAX_SIBLINGS, SIBLINGS, STATE, State, VALUE,
};
use routescope_core::{Decision, Policy};

use super::faults::{group, labelled_as, spread};
use super::planted::{Entry, add, hashed, own_table, row, siblings, state, view};
use crate::layout::owned::OwnedPolicy;
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

/// The labels of the start, each found with a slash after it and without.
fn known(of: &OwnedPolicy) -> Vec<Entry<'static>> {
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

/// The start's table, with more in it, and which rows these got.
fn start_with(into: &mut OwnedPolicy, window: (u8, u8), more: &[Entry<'_>]) -> Vec<usize> {
    let mut entries = more.to_vec();
    entries.extend(known(into));
    own_table(into, 0, window, &entries)
}

/// As [`start_with`], in the perfect hash.
fn hashed_start_with(into: &mut OwnedPolicy, more: &[(&str, u32)]) {
    let mut entries: Vec<(&str, u32)> = Vec::new();
    for (_, label, target) in known(into).into_iter().step_by(2) {
        entries.push((label, add(into, target)));
    }
    entries.extend_from_slice(more);
    hashed(into, 0, &entries);
}

/// Makes a row choose a value, and then a state.
fn value_leads(into: &mut OwnedPolicy, row: usize, to: u32) {
    (into.states[row].kind, into.states[row].value) = (STATE, to);
}

/// A group that is in no table. Were it walked as a state, a segment of so many
/// bytes would be no way on, and any other would lead to what anybody may see.
fn group_as_a_state(into: &mut OwnedPolicy, end: End, bytes: usize) -> u32 {
    let mut open = state(into, "/open");
    open.end = open.end.winning(true, true);
    let at = add(into, State::EMPTY);
    let value = add(into, open);
    into.states[at as usize] = State {
        kind: GROUP,
        seed: State::length(bytes),
        next: value,
        value,
        end,
        ..State::EMPTY
    };
    at
}

/// Somebody's idea, and the path that it lets through or answers otherwise.
struct Attack {
    name: &'static str,
    path: &'static str,
    plant: fn(&mut OwnedPolicy),
}

const ATTACKS: [Attack; 47] = [
    Attack {
        name: "a label that is found with a slash behind it alone",
        path: "/x/7",
        plant: |into| {
            let to = state(into, "/v");
            start_with(into, (0, 2), &[("x/", "x", to)]);
        },
    },
    Attack {
        name: "a label that is found without a slash alone",
        path: "/v/7",
        plant: |into| {
            let entries: Vec<Entry<'_>> = known(into)
                .into_iter()
                .filter(|(path, ..)| !path.starts_with("v/"))
                .collect();
            own_table(into, 0, (0, 2), &entries);
        },
    },
    Attack {
        name: "a label that leads elsewhere with a slash behind it",
        path: "/v/7",
        plant: |into| {
            let to = state(into, "/secret");
            start_with(into, (0, 2), &[("v/", "v", State { end: to.end, ..to })]);
            let behind = state(into, "/open").end;
            let v = into.states.iter_mut().filter(|row| row.kind == VALUE);
            v.for_each(|row| row.value = behind.bits());
        },
    },
    Attack {
        name: "a label chosen by bytes behind it",
        path: "/x/secret",
        plant: |into| {
            let to = state(into, "/v");
            start_with(into, (0, 8), &[("x/secret", "x", to)]);
        },
    },
    Attack {
        name: "a label that another begins with, told apart by what follows",
        path: "/v/7/open",
        plant: |into| {
            let to = state(into, "/open");
            start_with(into, (0, 8), &[("v/7/open", "v/7/open", to)]);
        },
    },
    Attack {
        name: "the same, with a label sorted between the two",
        path: "/v/7/a",
        plant: |into| {
            let to = state(into, "/open");
            let more = [("v/7/a", "v/7/a", to), ("v-7", "v-7", to)];
            start_with(into, (0, 5), &more);
        },
    },
    Attack {
        name: "the same in a group, which sees further than the table",
        path: "/v/o",
        plant: |into| {
            let (open, v) = (state(into, "/open"), state(into, "/v"));
            let more = [("v/", "", State::EMPTY), ("v", "", State::EMPTY)];
            let rows = start_with(into, (0, 2), &more);
            let mut entries: Vec<Entry<'_>> = vec![("v/o", "v/o", open)];
            let others: Vec<String> = (0..=127u8)
                .filter(|byte| *byte != b'o')
                .map(|byte| format!("v/{}", char::from(byte)))
                .collect();
            entries.extend(others.iter().take(20).map(|path| (path.as_str(), "v", v)));
            for row in &rows[..2] {
                own_table(into, *row, (2, 1), &entries);
            }
        },
    },
    Attack {
        name: "another target with a slash behind",
        path: "/secret/x",
        plant: |into| {
            let to = state(into, "/v");
            start_with(into, (0, 8), &[("secret/~", "secret", to)]);
        },
    },
    Attack {
        name: "a table behind a value that sees further than its label",
        path: "/secret/7/x/open",
        plant: |into| {
            let (row, open) = (row(into, "/secret"), state(into, "/open"));
            own_table(into, row, (0, 8), &[("x/open", "x/open", open)]);
        },
    },
    Attack {
        name: "a table behind a value, where nothing follows",
        path: "/secret/7/x",
        plant: |into| {
            let (row, open) = (row(into, "/secret"), state(into, "/open"));
            own_table(into, row, (0, 1), &[("x", "x", open)]);
        },
    },
    Attack {
        name: "a group of itself",
        path: "/x",
        plant: |into| {
            let rows = start_with(into, (0, 1), &[("x", "", State::EMPTY)]);
            into.states[rows[0]].next = u32::try_from(rows[0]).unwrap();
        },
    },
    Attack {
        name: "a group of the start's table, in a circle",
        path: "/x",
        plant: |into| {
            let rows = start_with(into, (0, 1), &[("x", "", State::EMPTY)]);
            into.states[rows[0]] = group(into.states[0]);
        },
    },
    Attack {
        name: "groups that lead to one table, which sees further in one of them",
        path: "/x/secret",
        plant: |into| {
            let to = state(into, "/open");
            let more = [("x/", "", State::EMPTY), ("y", "", State::EMPTY)];
            let rows = start_with(into, (0, 2), &more);
            own_table(into, rows[0], (2, 6), &[("x/secret", "x/secret", to)]);
            into.states[rows[1]] = into.states[rows[0]];
            into.states[rows[1]].skip = 0;
        },
    },
    Attack {
        name: "a group with a label",
        path: "/x",
        plant: |into| {
            let to = state(into, "/open");
            let rows = start_with(into, (0, 1), &[("x", "x", to)]);
            into.states[rows[0]].kind = GROUP;
        },
    },
    Attack {
        name: "a group where a value leads",
        path: "/secret/7/abc",
        plant: |into| {
            let behind = state(into, "/secret/7").end;
            let at = group_as_a_state(into, behind, 2);
            let secret = row(into, "/secret");
            value_leads(into, secret, at);
        },
    },
    Attack {
        name: "a group where the rest of a catch-all leads",
        path: "/f/7/abc/abc",
        plant: |into| {
            let rest = row(into, "/f/other");
            let at = group_as_a_state(into, into.states[rest].end, 3);
            let this = u32::try_from(rest).unwrap();
            into.states[at as usize].value = this;
            into.states[rest].value = at;
        },
    },
    Attack {
        name: "a group where a literal beside a value leads",
        path: "/v/y/abc",
        plant: |into| {
            let v = row(into, "/v");
            let ends = ["x", "y", "zz"].map(|label| state(into, &format!("/v/{label}")));
            let x = add(into, ends[0]);
            let y = group_as_a_state(into, ends[1].end, 2);
            let z = add(into, ends[2]);
            hashed(into, v, &[("x", x), ("y", y), ("zz", z)]);
        },
    },
    Attack {
        name: "a start that is a group",
        path: "/open",
        plant: |into| {
            let kind = &mut into.states[0].kind;
            assert_eq!(*kind, LITERALS);
            *kind = GROUP;
        },
    },
    Attack {
        name: "a start with a label, to which all empty tables lead",
        path: "/open/x/open",
        plant: |into| {
            let start = into.states[0];
            into.states[0] = view(into, "x", start);
            let open = row(into, "/open");
            assert_eq!((into.states[open].next, into.states[open].shape), (0, 0));
        },
    },
    Attack {
        name: "a start that a value leads to",
        path: "/secret/7/open",
        plant: |into| {
            let secret = row(into, "/secret");
            into.states[0].end = End::from_bits(into.states[secret].value);
            value_leads(into, secret, 0);
        },
    },
    Attack {
        name: "a table that two labels share",
        path: "/open/open",
        plant: |into| {
            let (open, start) = (row(into, "/open"), into.states[0]);
            into.states[open] = State {
                end: into.states[open].end,
                ..labelled_as(into.states[open], start)
            };
        },
    },
    Attack {
        name: "a whole path that is a template's text",
        path: "/v/{id}",
        plant: |into| {
            let end = End::from_bits(into.states[row(into, "/secret")].value);
            let text = "/secret/{id}";
            let route = &into.routes[end.first_route() as usize];
            let start = route.template as usize;
            assert_eq!(&into.text[start..][..text.len()], text);
            let leaf = state(into, "/v/7").end;
            into.literals.fill(leaf);
            into.literal_filter.fill(u64::MAX);
        },
    },
    Attack {
        name: "a whole path that is another template's text",
        path: "/nowhere",
        plant: |into| {
            let start = view(into, "/nowhere", State::EMPTY).label;
            let end = state(into, "/v/7").end;
            let row = &mut into.routes[end.first_route() as usize];
            (row.template, row.template_len) = (start, 8);
            into.literals.fill(end);
            into.literal_filter.fill(u64::MAX);
        },
    },
    Attack {
        name: "an empty slot where the text of the first route leads",
        path: "/f/{*path}",
        plant: |into| into.literal_filter.fill(u64::MAX),
    },
    Attack {
        name: "a whole path whose template has fewer methods there",
        path: "/open",
        plant: |into| {
            let end = state(into, "/open").end;
            let twin = state(into, "/secret/7").end;
            into.literals
                .fill(End::new(end.first_route(), twin.methods()));
            into.literals
                .push(End::new(end.first_route() + 1, twin.methods()));
            into.literal_filter.fill(u64::MAX);
            let route = end.first_route() as usize;
            into.routes[route].accepted = into.routes[route + 1].accepted;
            into.routes.swap(route, route + 1);
        },
    },
    Attack {
        name: "a sibling too many",
        path: "/v/open/open",
        plant: |into| {
            let v = row(into, "/v");
            let State { next, .. } = into.states[v];
            let mut four = into.states[next as usize..][..3].to_vec();
            let start = into.states[0];
            four.push(view(into, "open", start));
            into.states[v].next = u32::try_from(into.states.len()).unwrap();
            (into.states[v].shape, into.states[v].seed) = (4, u16::MAX);
            into.states.extend(four);
        },
    },
    Attack {
        name: "the siblings of another state",
        path: "/secret/X",
        plant: |into| {
            let (v, secret) = (into.states[row(into, "/v")], row(into, "/secret"));
            let behind = state(into, "/secret/7");
            let value = add(into, behind);
            let end = into.states[secret].end;
            into.states[secret] = State {
                end,
                value,
                ..labelled_as(into.states[secret], v)
            };
        },
    },
    Attack {
        name: "more siblings than are compared",
        path: "/v/x",
        plant: |into| {
            let v = row(into, "/v");
            into.states[v].shape = MAX_SIBLINGS + 1;
            let last = into.states[into.states[v].next as usize];
            into.states[v].next = u32::try_from(into.states.len()).unwrap();
            into.states.resize(into.states.len() + 16, last);
        },
    },
    Attack {
        name: "siblings that are in no hash",
        path: "/v/X",
        plant: |into| {
            let v = row(into, "/v");
            assert_eq!(into.states[v].kind, SIBLINGS);
            into.states[v].kind = HASHED;
        },
    },
    Attack {
        name: "a value that a literal should shadow",
        path: "/v/X",
        plant: |into| {
            let v = row(into, "/v");
            into.states[v].kind = STATE;
        },
    },
    Attack {
        name: "lengths that miss a literal, and what resembles it",
        path: "/v/ZZ",
        plant: |into| {
            let v = row(into, "/v");
            into.states[v].seed = State::length(1);
        },
    },
    Attack {
        name: "lengths that miss a literal of the perfect hash",
        path: "/v/ZZ",
        plant: |into| {
            let v = row(into, "/v");
            let ends = ["x", "y", "zz"].map(|label| {
                let end = state(into, &format!("/v/{label}"));
                (label, add(into, end))
            });
            hashed(into, v, &ends);
            into.states[v].seed = State::length(1);
        },
    },
    Attack {
        name: "a chain of twins that ends too soon",
        path: "/v/zz",
        plant: |into| {
            let v = row(into, "/v");
            let ends = ["x", "y", "zz"].map(|label| {
                let end = state(into, &format!("/v/{label}"));
                (label, add(into, end))
            });
            hashed(into, v, &ends);
            into.edges[1].twin = 0;
        },
    },
    Attack {
        name: "two states that are known by the same number",
        path: "/secret/X",
        plant: |into| {
            let v = row(into, "/v");
            let ends = ["x", "y", "zz"].map(|label| {
                let end = state(into, &format!("/v/{label}"));
                (label, add(into, end))
            });
            hashed(into, v, &ends);
            let behind = state(into, "/secret/7");
            let value = add(into, behind);
            let secret = row(into, "/secret");
            into.states[secret] = State {
                value,
                end: into.states[secret].end,
                ..labelled_as(into.states[secret], into.states[v])
            };
        },
    },
    Attack {
        name: "a literal beside the rest of a catch-all",
        path: "/f/7/x/y",
        plant: |into| {
            let rest = row(into, "/f/other");
            let end = State {
                end: into.states[rest].end,
                ..State::EMPTY
            };
            siblings(into, rest, &[("x", end)]);
        },
    },
    Attack {
        name: "a catch-all that ends after so many segments",
        path: "/f/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1",
        plant: |into| {
            let rest = row(into, "/f/other");
            let end = into.states[rest].end;
            let mut last = add(
                into,
                State {
                    end,
                    ..State::EMPTY
                },
            );
            for _ in 0..9 {
                let row = State {
                    value: last,
                    ..into.states[rest]
                };
                last = add(into, row);
            }
            into.states[rest].value = last;
        },
    },
    Attack {
        name: "a value whose end is another template's",
        path: "/secret/7",
        plant: |into| {
            let (secret, open) = (row(into, "/secret"), state(into, "/open"));
            assert_eq!(into.states[secret].kind, VALUE);
            into.states[secret].value = open.end.bits();
        },
    },
    Attack {
        name: "a value whose end wins with a slash as well",
        path: "/secret/7/",
        plant: |into| {
            let secret = row(into, "/secret");
            let end = End::from_bits(into.states[secret].value);
            into.states[secret].value = end.winning(true, true).bits();
        },
    },
    Attack {
        name: "a value where none follows",
        path: "/open/7",
        plant: |into| {
            let open = row(into, "/open");
            (into.states[open].kind, into.states[open].value) =
                (VALUE, into.states[open].end.bits());
        },
    },
    Attack {
        name: "a value, and then the same again",
        path: "/open/7/8",
        plant: |into| {
            let open = row(into, "/open");
            value_leads(into, open, u32::try_from(open).unwrap());
        },
    },
    Attack {
        name: "a value that is a state's number where an end is meant",
        path: "/v/7",
        plant: |into| {
            let v = row(into, "/v");
            into.states[v].kind = VALUE;
        },
    },
    Attack {
        name: "an end that is a state's number, and that state",
        path: "/secret/7",
        plant: |into| {
            let secret = row(into, "/secret");
            into.states[secret].kind = STATE;
            let rows = into.states[secret].value as usize + 1;
            let open = state(into, "/open");
            into.states.resize(rows.max(into.states.len()), open);
        },
    },
    Attack {
        name: "twins the other way round",
        path: "/t/",
        plant: |into| into.twins[0].reverse(),
    },
    Attack {
        name: "twins where one template is",
        path: "/secret",
        plant: |into| {
            let secret = row(into, "/secret");
            into.states[secret].end = End::twins(0);
        },
    },
    Attack {
        name: "twins behind a value",
        path: "/secret/7/",
        plant: |into| {
            let secret = row(into, "/secret");
            into.states[secret].value = End::twins(0).bits();
        },
    },
    Attack {
        name: "twins of which one is refused, where nothing wins",
        path: "/open/",
        plant: |into| {
            let open = row(into, "/open");
            let plain = into.states[open].end.winning(false, false);
            into.twins.push([plain, End::refused(0)]);
            into.states[open].end = End::twins(1);
        },
    },
    Attack {
        name: "twins of which one is refused, where a template wins",
        path: "/open",
        plant: |into| {
            let open = row(into, "/open");
            into.twins.push([End::refused(0), End::NONE]);
            into.states[open].end = End::twins(1);
        },
    },
];

fn ask<'p>(policy: &'p Policy<'p>, path: &str) -> Decision<'p> {
    policy.authorize(&["a:read"], "GET", path)
}

#[test]
fn no_attack_passes() {
    let Compiled { model, owned, .. } = sound();
    let (mut passed, mut refused) = (Vec::new(), Vec::new());
    for Attack { name, path, plant } in ATTACKS {
        let mut faulty = owned.clone();
        // They only save the walk, which is what most attacks are about.
        faulty.literals.fill(End::NONE);
        faulty.literal_filter.fill(0);
        plant(&mut faulty);
        // A change to one row of a label does not show in its other row.
        spread(&owned.states, &mut faulty);
        let policy = faulty.policy();
        if prove(&model, &policy).is_ok() {
            passed.push(name);
        }
        if faulty.tables().fault().is_some() {
            refused.push(name);
        } else {
            // It is one, and not only in its author's mind.
            assert_ne!(ask(&owned.policy(), path), ask(&policy, path), "{name}");
        }
    }
    assert!(passed.is_empty(), "{passed:#?}");
    assert_eq!(refused, REFUSED);
}

/// The attacks that would not even build.
const REFUSED: [&str; 9] = [
    "a group of itself",
    "a group of the start's table, in a circle",
    "a group with a label",
    "a group where a value leads",
    "a group where the rest of a catch-all leads",
    "a group where a literal beside a value leads",
    "a start that is a group",
    "more siblings than are compared",
    "a value that is a state's number where an end is meant",
];

/// What the attacks are made with is sound by itself.
#[test]
fn rewritten_tables_are_proved() {
    let Compiled { model, owned, .. } = sound();
    let rewritten: [fn(&mut OwnedPolicy); 9] = [
        |into| drop(start_with(into, (0, 2), &[])),
        |into| drop(start_with(into, (0, 1), &[])),
        |into| hashed_start_with(into, &[]),
        |into| {
            let groups: Vec<Entry<'_>> = known(into)
                .iter()
                .map(|(path, ..)| (*path, "", State::EMPTY))
                .collect();
            let entries = known(into);
            for row in own_table(into, 0, (0, 1), &groups) {
                own_table(into, row, (0, 2), &entries);
            }
        },
        // Rows that no path chooses, whatever they hold.
        |into| {
            let to = state(into, "/open");
            start_with(into, (0, 1), &[("x", "y/z", to)]);
        },
        |into| {
            let to = state(into, "/open");
            start_with(into, (0, 2), &[("x?", "x", to)]);
        },
        // The state after a value, in another row.
        |into| {
            let (secret, behind) = (row(into, "/secret"), state(into, "/secret/7"));
            let to = add(into, behind);
            value_leads(into, secret, to);
        },
        |into| {
            let v = row(into, "/v");
            let ends = ["x", "y", "zz"].map(|label| (label, state(into, &format!("/v/{label}"))));
            siblings(into, v, &ends);
        },
        |into| {
            let v = row(into, "/v");
            let ends = ["x", "y", "zz"].map(|label| {
                let end = state(into, &format!("/v/{label}"));
                (label, add(into, end))
            });
            hashed(into, v, &ends);
        },
    ];
    for (at, plant) in rewritten.into_iter().enumerate() {
        let mut same = owned.clone();
        plant(&mut same);
        spread(&owned.states, &mut same);
        assert_eq!(same.tables().fault(), None, "{at}");
        prove(&model, &same.policy()).unwrap_or_else(|found| panic!("{at}: {found}"));
    }
}

/// As many ways as two to the power of forty would lead through these. They are
/// not gone one by one: the proof refuses tables that groups share.
#[test]
fn groups_upon_groups_are_looked_at_once() {
    let Compiled { model, owned, .. } = sound();
    let mut same = owned.clone();
    let x = start_with(&mut same, (0, 1), &[("x", "", State::EMPTY)])[0];
    let mut last = vec![x];
    for _ in 0..40 {
        let next = u32::try_from(same.states.len()).unwrap();
        for row in last {
            let group = &mut same.states[row];
            (group.next, group.shape) = (next, State::shape(1, 1));
        }
        last = (next as usize..).take(2).collect();
        same.states.extend([group(State::EMPTY); 2]);
    }
    for row in last {
        same.states[row] = State::EMPTY;
    }
    assert_eq!(same.tables().fault(), None);
    assert_eq!(ask(&owned.policy(), "/x"), ask(&same.policy(), "/x"));
    prove(&model, &same.policy()).unwrap_err();
}

/// A version that seeks literals in other slots than the one that placed them would
/// take them for values.
#[test]
fn tables_of_another_layout_are_refused() {
    let Compiled { owned, .. } = sound();
    let mut other = owned.clone();
    other.layout ^= 1;
    let fault = other.tables().fault().unwrap();
    assert!(fault.starts_with("layout: another version"), "{fault}");
    other.layout ^= 1;
    assert_eq!(other.tables().fault(), None);
}
