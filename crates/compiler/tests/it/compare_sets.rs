//! The comparison of policies with sets of scopes, implications, public routes and routes for any
//! key: named cases, and random pairs against every set of scopes that a key may hold.

use std::fmt::Write;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use routescope_compiler::compare::{Access, Change, Comparison, compare, compare_policies};
use routescope_compiler::{Compiled, compile};

/// A policy of opaque names: `implies`, and lines `a b: GET /x`, under `public` or `any_key` too.
fn policy(implies: &[(&str, &str)], lines: &[(&str, &str)]) -> Compiled {
    let mut text = "version: 1\nname: t\nscope_names: opaque\n".to_owned();
    if !implies.is_empty() {
        text.push_str("implies:\n");
        for (scope, implied) in implies {
            writeln!(text, "  {scope}: [{implied}]").unwrap();
        }
    }
    for list in ["public", "any_key"] {
        let routes = of(list, lines);
        if !routes.is_empty() {
            writeln!(text, "{list}: [{}]", routes.join(", ")).unwrap();
        }
    }
    let mut headings: Vec<&str> = lines.iter().map(|(heading, _)| *heading).collect();
    headings.sort_unstable();
    headings.dedup();
    headings.retain(|heading| !["public", "any_key"].contains(heading));
    let none = if headings.is_empty() { " {}" } else { "" };
    writeln!(text, "scopes:{none}").unwrap();
    for heading in headings {
        writeln!(
            text,
            "  \"{heading}\": {{ routes: [{}] }}",
            of(heading, lines).join(", ")
        )
        .unwrap();
    }
    compile("t.yaml", &text).unwrap_or_else(|report| panic!("{text}\n{report}"))
}

fn of(list: &str, lines: &[(&str, &str)]) -> Vec<String> {
    let lines = lines.iter().filter(|(heading, _)| *heading == list);
    lines.map(|(_, route)| format!("\"{route}\"")).collect()
}

fn compared(old: &Compiled, new: &Compiled) -> Comparison {
    let comparison = compare(old, new).unwrap();
    assert_eq!(
        compare_policies(old.policy(), new.policy()).as_ref(),
        Ok(&comparison)
    );
    comparison
}

/// `GET /x: scopes to public, gains a b, loses c; a b: deny ... => allow ...`
fn line(change: &Change) -> String {
    let mut line = change.new.clone().or(change.old.clone()).unwrap();
    if change.was != change.is {
        write!(line, " {:?} to {:?}", change.was, change.is).unwrap();
    }
    for (what, sets) in [("+", &change.gained), ("-", &change.lost)] {
        for held in sets {
            write!(line, " {what}[{held}]").unwrap();
        }
    }
    let witness = &change.witness;
    for (what, answers) in [("wider", &witness.wider), ("narrower", &witness.narrower)] {
        if let Some(answers) = answers {
            let held = answers.held.as_ref();
            let held = held.map_or("no key".to_owned(), |held| format!("[{held}]"));
            let word = |text: &str| text.split([' ', ':']).take(2).collect::<Vec<_>>().join(" ");
            let (old, new) = (word(&answers.old), word(&answers.new));
            write!(line, ", {what} by {held}: {old} => {new}").unwrap();
        }
    }
    line
}

type Lines = &'static [(&'static str, &'static str)];

/// A name, the implications and lines of both policies, and the changes.
type Case = (
    &'static str,
    (Lines, Lines),
    (Lines, Lines),
    &'static [&'static str],
);

#[test]
fn sets_and_open_routes() {
    let x = "GET /x";
    let cases: &[Case] = &[
        (
            "a set loses a scope",
            (&[], &[("a b", "GET /x")]),
            (&[], &[("a", "GET /x")]),
            &["GET /x +[a], wider by [a]: deny missing_scope => allow GET"],
        ),
        (
            "a scope becomes a set",
            (&[], &[("a", "GET /x")]),
            (&[], &[("a b", "GET /x")]),
            &["GET /x -[a], narrower by [a]: allow GET => deny missing_scope"],
        ),
        (
            "an alternative is added",
            (&[], &[("a b", "GET /x")]),
            (&[], &[("a b", "GET /x"), ("a c", "GET /x")]),
            &["GET /x +[a c], wider by [a c]: deny missing_scope => allow GET"],
        ),
        (
            "a scope of a set is implied by another one now",
            (&[], &[("a b", "GET /x"), ("z", "GET /z")]),
            (&[("z", "a")], &[("a b", "GET /x"), ("z", "GET /z")]),
            &["GET /x +[b z], wider by [b z]: deny missing_scope => allow GET"],
        ),
        (
            "the same, and the file lists the routes one by one",
            (&[("z", "a")], &[("a b", "GET /x"), ("z", "GET /z")]),
            (
                &[],
                &[("a b", "GET /x"), ("z b", "GET /x"), ("z", "GET /z")],
            ),
            &[],
        ),
        (
            "one scope implies both of a set",
            (&[], &[("a b", "GET /x"), ("z", "GET /z")]),
            (&[("z", "a, b")], &[("a b", "GET /x"), ("z", "GET /z")]),
            &["GET /x +[z], wider by [z]: deny missing_scope => allow GET"],
        ),
        (
            "a new public route",
            (&[], &[("a", "GET /y")]),
            (&[], &[("a", "GET /y"), ("public", "GET /x")]),
            &["GET /x Denied to Public, wider by no key: deny missing_key => allow GET"],
        ),
        (
            "a route becomes public",
            (&[], &[("a", "GET /x")]),
            (&[], &[("public", "GET /x")]),
            &["GET /x Scopes to Public, wider by no key: deny missing_key => allow GET"],
        ),
        (
            "a route for any key becomes public",
            (&[], &[("any_key", "GET /x")]),
            (&[], &[("public", "GET /x")]),
            &["GET /x AnyKey to Public, wider by no key: deny missing_key => allow GET"],
        ),
        (
            "a route is opened to every key",
            (&[], &[("a b", "GET /x")]),
            (&[], &[("any_key", "GET /x")]),
            &["GET /x Scopes to AnyKey, wider by []: deny missing_scope => allow GET"],
        ),
        (
            "a public route needs a key",
            (&[], &[("public", "GET /x")]),
            (&[], &[("any_key", "GET /x")]),
            &["GET /x Public to AnyKey, narrower by no key: allow GET => deny missing_key"],
        ),
        (
            "a route for any key needs a scope",
            (&[], &[("any_key", "GET /x")]),
            (&[], &[("a", "GET /x")]),
            &["GET /x AnyKey to Scopes, narrower by []: allow GET => deny missing_scope"],
        ),
        (
            "a public route is removed",
            (&[], &[("public", "GET /x"), ("a", "GET /y")]),
            (&[], &[("a", "GET /y")]),
            &["GET /x Public to Denied, narrower by no key: allow GET => deny missing_key"],
        ),
        (
            "a public literal beside a parameter covers it",
            (&[], &[("a", "GET /{p}")]),
            (&[], &[("a", "GET /{p}"), ("public", "GET /x")]),
            &[
                "GET /x Scopes to Public, wider by no key: deny missing_key => allow GET",
                "GET /{p} Scopes to Denied -[a], narrower by [a]: allow GET => deny bad_path",
            ],
        ),
    ];
    for (what, old, new, expected) in cases {
        let found = compared(&policy(old.0, old.1), &policy(new.0, new.1));
        let lines: Vec<String> = found.changes.iter().map(line).collect();
        assert_eq!(&lines, expected, "{what}");
        let back = compared(&policy(new.0, new.1), &policy(old.0, old.1));
        assert_eq!(found.is_wider(), back.is_narrower(), "{what}");
        assert_eq!(found.is_narrower(), back.is_wider(), "{what}");
        let moved = found
            .changes
            .iter()
            .any(|change| change.old.as_deref() == Some(x) && change.new.as_deref() == Some(x));
        assert_eq!(found.counts.moved, usize::from(moved), "{what}");
    }
}

#[test]
fn counts_of_open_routes() {
    let old = policy(
        &[],
        &[("public", "GET /a"), ("any_key", "GET /b"), ("s", "GET /c")],
    );
    let new = policy(
        &[],
        &[("public", "GET /a"), ("public", "GET /b"), ("s", "GET /c")],
    );
    let counts = compared(&old, &new).counts;
    assert_eq!(
        (counts.public, counts.any_key, counts.moved),
        ((1, 2), (1, 0), 1)
    );
}

/// Names of the two kinds compare by text.
#[test]
fn names_of_two_kinds() {
    let parts = compile(
        "a.yaml",
        "version: 1\nname: t\nscopes:\n  \"a:read\": { routes: [GET /x] }\n",
    )
    .unwrap();
    let opaque = policy(&[], &[("a:read", "GET /x")]);
    let found = compared(&parts, &opaque);
    let lines: Vec<String> = found.changes.iter().map(line).collect();
    assert_eq!(
        lines,
        ["GET /x -[a:*], narrower by [a:*]: allow GET => deny missing_scope"]
    );
}

const SCOPES: [&str; 5] = ["a", "b", "c", "d", "e"];
const ROUTES: [&str; 4] = ["GET /x", "GET /{p}", "POST /x", "GET /x/y"];

/// The parts of a policy: implications, and for each route its headings.
type Recipe = (Vec<(usize, usize)>, Vec<Vec<String>>);

fn headings() -> impl Strategy<Value = Vec<String>> {
    let heading = subsequence(SCOPES.to_vec(), 1..4).prop_map(|scopes| scopes.join(" "));
    let scopes = prop::collection::btree_set(heading, 1..5);
    prop_oneof![
        8 => scopes.prop_map(|headings| headings.into_iter().collect()),
        1 => Just(vec!["public".to_owned()]),
        1 => Just(vec!["any_key".to_owned()]),
        1 => Just(Vec::new()),
    ]
}

fn recipe() -> impl Strategy<Value = Recipe> {
    let edge = (0..SCOPES.len() - 1).prop_flat_map(|from| (Just(from), from + 1..SCOPES.len()));
    (
        prop::collection::vec(edge, 0..3),
        prop::collection::vec(headings(), ROUTES.len()),
    )
}

fn world((implies, routes): &Recipe) -> Compiled {
    let mut lines: Vec<(&str, &str)> = routes
        .iter()
        .zip(ROUTES)
        .flat_map(|(headings, route)| {
            headings
                .iter()
                .map(move |heading| (heading.as_str(), route))
        })
        .collect();
    // A scope that is implied must open something.
    lines.extend(SCOPES.map(|scope| (scope, "GET /all")));
    let mut merged: Vec<(&str, String)> = Vec::new();
    for (from, scope) in SCOPES.iter().enumerate() {
        let mut implied: Vec<&str> = implies
            .iter()
            .filter(|(start, _)| *start == from)
            .map(|(_, to)| SCOPES[*to])
            .collect();
        implied.sort_unstable();
        implied.dedup();
        if !implied.is_empty() {
            merged.push((scope, implied.join(", ")));
        }
    }
    let merged: Vec<(&str, &str)> = merged.iter().map(|(a, b)| (*a, b.as_str())).collect();
    policy(&merged, &lines)
}

fn pair() -> impl Strategy<Value = (Recipe, Recipe)> {
    // Mostly one thing differs.
    (recipe(), recipe(), select(vec![0, 1, 2, 3, 4, 5])).prop_map(|(old, other, what)| {
        let mut new = old.clone();
        match what {
            0 => new.0 = other.0,
            5 => new = other,
            at => new.1[at - 1].clone_from(&other.1[at - 1]),
        }
        (old, new)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 300 } else { 5000 }))]

    /// For each request, some set of scopes gains or loses it exactly if the comparison says so.
    #[test]
    fn every_set_of_scopes((old, new) in pair()) {
        let (old, new) = (world(&old), world(&new));
        let found = compared(&old, &new);
        let (old, new) = (old.policy(), new.policy());
        for (method, target) in [("GET", "/x"), ("HEAD", "/x"), ("GET", "/1"), ("POST", "/x"), ("GET", "/x/y"), ("GET", "/X")] {
            let route = |policy: routescope_core::Policy<'_>| policy.route(method, target).ok().map(|route| route.to_string());
            let (was, is) = (route(old), route(new));
            let told: Vec<&Change> = found.changes.iter().filter(|change| {
                let alike = change.method.as_str() == method || method == "HEAD" && change.method.as_str() == "GET";
                alike && change.old == was && change.new == is
            }).collect();
            let (mut wider, mut narrower) = (false, false);
            for bits in 0..1u32 << SCOPES.len() {
                let held: Vec<&str> = SCOPES.iter().enumerate().filter(|(at, _)| bits >> at & 1 != 0).map(|(_, scope)| *scope).collect();
                let before = old.authorize(held.as_slice(), method, target).is_allow();
                let after = new.authorize(held.as_slice(), method, target).is_allow();
                wider |= after && !before;
                narrower |= before && !after;
                if after && !before {
                    prop_assert!(told.iter().any(|change| change.is_wider()), "{held:?}: {:#?}", found.changes);
                }
            }
            let public = |policy: routescope_core::Policy<'_>| policy.public_route(method, target).is_some();
            wider |= public(new) && !public(old);
            narrower |= public(old) && !public(new);
            prop_assert_eq!(told.iter().any(|change| change.is_wider()), wider, "{} {}: {:#?}", method, target, found.changes);
            prop_assert_eq!(told.iter().any(|change| change.is_narrower()), narrower, "{} {}: {:#?}", method, target, found.changes);
            for change in told {
                let opened = change.opened();
                prop_assert_eq!(opened == Some(Access::Public), public(new) && !public(old));
                for held in &change.gained {
                    prop_assert!(!old.authorize(held.scopes(), method, target).is_allow());
                    prop_assert!(new.authorize(held.scopes(), method, target).is_allow());
                    for left_out in held.scopes() {
                        let fewer: Vec<&str> = held.scopes().iter().map(String::as_str).filter(|scope| scope != left_out).collect();
                        prop_assert!(!new.authorize(fewer.as_slice(), method, target).is_allow(), "{held} is not minimal: {change:#?}");
                    }
                }
            }
        }
        let back = compare_policies(new, old).unwrap();
        prop_assert_eq!((found.is_wider(), found.is_narrower()), (back.is_narrower(), back.is_wider()));
    }
}
