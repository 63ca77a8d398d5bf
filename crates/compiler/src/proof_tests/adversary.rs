//! Tables as somebody would write them who wants to be let through. One fault at
//! a time does not make such tables.

use routescope_core::table::{HASHED, MAX_SIBLINGS, NONE, State};
use routescope_core::{Decision, Policy};

use super::faults::group;
use super::planted::{Entry, hashed, own_table, room_for_a_state, run, state};
use crate::owned::OwnedPolicy;
use crate::proof::prove;
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
      - GET /v/z
      - GET /secret/{id}
      - GET /f/{*path}
";

fn sound() -> Compiled {
    compile("adversary.yaml", SOURCE).unwrap()
}

/// What the start has, each found with a slash behind it and without.
fn known(of: &OwnedPolicy) -> Vec<Entry<'static>> {
    let labels = [
        ("open", "open/~~~~~~~~"),
        ("v", "v/~~~~~~~~"),
        ("secret", "secret/~~~~~~~~"),
        ("f", "f/~~~~~~~~"),
    ];
    labels
        .into_iter()
        .flat_map(|(label, longer)| {
            let target = state(of, &format!("/{label}"));
            [(label, label, target), (longer, label, target)]
        })
        .collect()
}

/// The start's table, with more in it.
fn start_with(into: &mut OwnedPolicy, window: (u8, u8), more: &[Entry<'_>]) {
    let mut entries = more.to_vec();
    entries.extend(known(into));
    own_table(into, 0, window, &entries);
}

/// As [`start_with`], in the perfect hash.
fn hashed_start_with(into: &mut OwnedPolicy, more: &[(&str, u32)]) {
    let mut entries: Vec<(&str, u32)> = known(into)
        .into_iter()
        .step_by(2)
        .map(|(_, label, target)| (label, target))
        .collect();
    entries.extend_from_slice(more);
    hashed(into, 0, &entries);
}

/// Somebody's idea, and the path that it lets through or answers otherwise.
struct Attack {
    name: &'static str,
    path: &'static str,
    plant: fn(&mut OwnedPolicy),
}

const ATTACKS: [Attack; 23] = [
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
            let to = state(into, "/v");
            let entries: Vec<Entry<'_>> = known(into)
                .into_iter()
                .filter(|(path, ..)| !path.starts_with("v/"))
                .collect();
            own_table(into, 0, (0, 2), &entries);
            assert_eq!(state(into, "/v"), to);
        },
    },
    Attack {
        name: "a label that is found with a query behind it alone",
        path: "/x?y",
        plant: |into| {
            let to = state(into, "/open");
            start_with(into, (0, 2), &[("x?", "x", to)]);
        },
    },
    Attack {
        name: "a label that leads elsewhere with a query behind it",
        path: "/v/7?y",
        plant: |into| {
            let to = state(into, "/open");
            start_with(into, (0, 4), &[("v/7?", "v/7", to)]);
        },
    },
    Attack {
        name: "a label of a known path, with a query behind it",
        path: "/v?y",
        plant: |into| {
            let to = state(into, "/open");
            start_with(into, (0, 2), &[("v?", "v", to)]);
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
            let at = room_for_a_state(into);
            let (open, v) = (state(into, "/open"), state(into, "/v"));
            let mut entries: Vec<Entry<'_>> = vec![("v/o", "v/o", open)];
            let others: Vec<String> = (0..=127u8)
                .filter(|byte| *byte != b'o')
                .map(|byte| format!("v/{}", char::from(byte)))
                .collect();
            entries.extend(others.iter().take(20).map(|path| (path.as_str(), "v", v)));
            own_table(into, at, (2, 1), &entries);
            start_with(into, (0, 2), &[("v/", "", at), ("v", "", at)]);
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
        name: "a hashed state that has a table as well",
        path: "/x",
        plant: |into| {
            let to = state(into, "/open");
            hashed_start_with(into, &[]);
            into.states[0].shape = State::shape(8, 12);
            let rows = run(into, "x", to);
            into.runs.resize(1 << 12, rows);
        },
    },
    Attack {
        name: "a run of a hashed state that goes on where a literal ends",
        path: "/v/x",
        plant: |into| {
            let to = state(into, "/secret");
            hashed_start_with(into, &[]);
            into.states[0].shape = State::shape(8, 12);
            let rows = run(into, "v/x", to);
            into.runs.resize(1 << 12, rows);
        },
    },
    Attack {
        name: "a group that leads to siblings, more rows than there are",
        path: "/x",
        plant: |into| {
            let v = state(into, "/v");
            let row = into.states[v as usize];
            let siblings = into.runs[row.runs as usize..][..3].to_vec();
            start_with(into, (0, 2), &[("x", "", v)]);
            // At the end, so that a table of eight rows would not fit.
            let first = u32::try_from(into.runs.len()).unwrap();
            // Behind the path there is nothing, which chooses the first.
            let row = &mut into.states[v as usize];
            (row.runs, row.skip) = (first, 1);
            into.runs.extend(siblings);
        },
    },
    Attack {
        name: "a group of itself",
        path: "/x",
        plant: |into| {
            let at = room_for_a_state(into);
            start_with(into, (0, 1), &[("x", "", at)]);
            own_table(into, at, (0, 1), &[("x", "", at)]);
        },
    },
    Attack {
        name: "a catch-all that does not count",
        path: "/f/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2/3",
        plant: |into| {
            let first = state(into, "/f/other") as usize;
            let row = into.states[first];
            let mut from = first;
            for _ in 0..40 {
                let number = u32::try_from(into.states.len()).unwrap();
                into.states[from].other = number;
                from = into.states.len();
                into.states.push(State {
                    other: number,
                    ..row
                });
            }
        },
    },
    Attack {
        name: "a whole path that is a template's text",
        path: "/v/{id}",
        plant: |into| {
            let end = into.states[state(into, "/v/other") as usize].end;
            into.literals.fill(end);
            into.literal_filter.fill(u64::MAX);
        },
    },
    Attack {
        name: "a whole path that is another template's text",
        path: "/nowhere",
        plant: |into| {
            let start = run(into, "/nowhere", 1).label;
            let end = into.states[state(into, "/v/other") as usize].end;
            let route = into.ends[end as usize].first_route() as usize;
            let row = &mut into.routes[route];
            (row.template, row.template_len) = (start, 8);
            into.literals.fill(end);
            into.literal_filter.fill(u64::MAX);
        },
    },
    Attack {
        name: "a sibling too many",
        path: "/v/open",
        plant: |into| {
            let (v, to) = (state(into, "/v"), state(into, "/v/x"));
            let row = into.states[v as usize];
            let siblings = into.runs[row.runs as usize..][..3].to_vec();
            let row = &mut into.states[v as usize];
            row.runs = u32::try_from(into.runs.len()).unwrap();
            row.shape = 4;
            into.runs.extend(siblings);
            let more = run(into, "open", to);
            into.runs.push(more);
        },
    },
    Attack {
        name: "the siblings of another state",
        path: "/secret/x",
        plant: |into| {
            // Only what comes later can lead where these lead.
            let (v, secret) = (state(into, "/v"), state(into, "/secret"));
            let row = into.states[v as usize];
            let siblings = &mut into.states[secret as usize];
            (siblings.runs, siblings.shape) = (row.runs, row.shape);
            let last = u32::try_from(into.states.len()).unwrap();
            let end = into.states[state(into, "/v/x") as usize];
            into.states.push(end);
            for run in &mut into.runs[row.runs as usize..][..3] {
                run.target = last;
            }
        },
    },
    Attack {
        name: "more siblings than are compared",
        path: "/v/x",
        plant: |into| {
            let v = state(into, "/v");
            into.states[v as usize].shape = MAX_SIBLINGS + 1;
            let last = *into.runs.last().unwrap();
            into.runs.resize(into.runs.len() + 16, last);
        },
    },
    Attack {
        name: "a hashed state beside a value, in another shape",
        path: "/v/x",
        plant: |into| {
            let v = state(into, "/v");
            into.states[v as usize].runs = HASHED;
        },
    },
    Attack {
        name: "a value that a literal should shadow",
        path: "/v/X",
        plant: |into| {
            let v = state(into, "/v");
            let row = &mut into.states[v as usize];
            (row.runs, row.shape) = (NONE, 0);
        },
    },
    Attack {
        name: "a literal beside the rest of a catch-all",
        path: "/f/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2/x",
        plant: |into| {
            let rest = state(into, "/f/other") as usize;
            let end = State {
                other: NONE,
                ..into.states[rest]
            };
            let number = u32::try_from(into.states.len()).unwrap();
            into.states.push(end);
            let first = u32::try_from(into.runs.len()).unwrap();
            let sibling = run(into, "x", number);
            into.runs.push(sibling);
            let row = &mut into.states[rest];
            (row.runs, row.shape) = (first, 1);
        },
    },
];

fn ask<'p>(policy: &'p Policy<'p>, path: &str) -> Decision<'p> {
    policy.authorize(&["a:read"], "GET", path)
}

#[test]
fn no_attack_passes() {
    let Compiled { model, owned, .. } = sound();
    let (mut passed, mut judged) = (Vec::new(), 0);
    for Attack { name, path, plant } in ATTACKS {
        let mut faulty = owned.clone();
        // They only save the walk, which is what most attacks are about.
        faulty.literals.fill(NONE);
        plant(&mut faulty);
        if faulty.tables().fault().is_some() {
            continue;
        }
        judged += 1;
        let policy = faulty.policy();
        // It is one, and not only in its author's mind.
        assert_ne!(ask(&owned.policy(), path), ask(&policy, path), "{name}");
        if prove(&model, &policy).is_ok() {
            passed.push(name);
        }
    }
    assert!(passed.is_empty(), "{passed:#?}");
    // The others would not even build.
    assert_eq!(judged, 17);
}

/// What the attacks are made with is sound by itself.
#[test]
fn rewritten_tables_are_proved() {
    let Compiled { model, owned, .. } = sound();
    let rewritten: [fn(&mut OwnedPolicy); 6] = [
        |into| start_with(into, (0, 2), &[]),
        |into| start_with(into, (0, 1), &[]),
        |into| hashed_start_with(into, &[]),
        |into| {
            room_for_a_state(into);
        },
        |into| {
            let at = room_for_a_state(into);
            let entries = known(into);
            own_table(into, at, (0, 2), &entries);
            let groups: Vec<Entry<'_>> = entries.iter().map(|(path, ..)| (*path, "", at)).collect();
            own_table(into, 0, (0, 1), &groups);
        },
        // A row that no path chooses, whatever it holds.
        |into| {
            let to = state(into, "/open");
            start_with(into, (0, 1), &[("x", "y/z", to)]);
        },
    ];
    for (at, plant) in rewritten.into_iter().enumerate() {
        let mut same = owned.clone();
        plant(&mut same);
        assert_eq!(same.tables().fault(), None, "{at}");
        prove(&model, &same.policy()).unwrap_or_else(|found| panic!("{at}: {found}"));
    }
}

/// A group may not lead to a state that a value can follow. Where its literals
/// are in the perfect hash, the walk would choose from two thousand million rows;
/// where they are siblings, from rows behind these, and for ever if one of them
/// is the group itself.
#[test]
fn groups_lead_to_tables() {
    let Compiled { model, owned, .. } = sound();
    let v = state(&owned, "/v");
    let siblings = ["x", "y", "z"].map(|label| (label, state(&owned, &format!("/v/{label}"))));
    type Plant = fn(&mut OwnedPolicy, u32, &[(&str, u32)]);
    let sound: [Plant; 2] = [hashed, |into, state, siblings| {
        let row = &mut into.states[state as usize];
        row.runs = u32::try_from(into.runs.len()).unwrap();
        row.shape = 3;
        // Of eight rows, were this a table, five are nobody's.
        let row = *row;
        assert!(row.row(u64::from(b'q')) >= row.runs + 3);
        for (label, target) in siblings {
            let run = run(into, label, *target);
            into.runs.push(run);
        }
        into.runs.extend([group(state); 5]);
    }];
    for plant in sound {
        let mut faulty = owned.clone();
        plant(&mut faulty, v, &siblings);
        start_with(&mut faulty, (0, 1), &[]);
        assert_eq!(faulty.tables().fault(), None);
        prove(&model, &faulty.policy()).unwrap();
        // Nobody asks this policy for `/q`.
        start_with(&mut faulty, (0, 1), &[("q", "", v)]);
        if faulty.tables().fault().is_none() {
            prove(&model, &faulty.policy()).unwrap_err();
        }
    }
}

/// As many ways as two to the power of forty lead through these.
#[test]
fn groups_upon_groups_are_looked_at_once() {
    let Compiled { model, owned, .. } = sound();
    let mut same = owned.clone();
    let mut last = 0;
    for _ in 0..40 {
        let at = room_for_a_state(&mut same);
        let first = u32::try_from(same.runs.len()).unwrap();
        let row = &mut same.states[at as usize];
        (row.runs, row.shape) = (first, State::shape(1, 1));
        last += u32::from(last > 0);
        same.runs.extend([group(last); 2]);
        last = at;
    }
    start_with(&mut same, (0, 1), &[("x", "", last)]);
    assert_eq!(same.tables().fault(), None);
    prove(&model, &same.policy()).unwrap();
    assert_eq!(ask(&owned.policy(), "/x"), ask(&same.policy(), "/x"));
}
