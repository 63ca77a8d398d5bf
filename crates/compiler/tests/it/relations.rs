//! How two templates relate, for every pair of `pattern-relations.json`, and
//! what the compiler makes of each pair.

use std::path::Path;

use routescope_compiler::template::{Relation, Template};
use routescope_compiler::{Compiled, Report, compile};

struct Pair {
    p1: String,
    p2: String,
    relation: Relation,
}

fn pairs() -> Vec<Pair> {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/pattern-relations.json");
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let pairs: Vec<Pair> = json
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| Pair {
            p1: pair["p1"].as_str().unwrap().to_owned(),
            p2: pair["p2"].as_str().unwrap().to_owned(),
            relation: match pair["relation"].as_str().unwrap() {
                "equivalent" => Relation::Equivalent,
                "more_specific" => Relation::MoreSpecific,
                "more_general" => Relation::MoreGeneral,
                "overlaps" => Relation::Overlaps,
                "disjoint" => Relation::Disjoint,
                other => panic!("no relation: {other}"),
            },
        })
        .collect();
    assert_eq!(pairs.len(), 106);
    pairs
}

fn reversed(relation: Relation) -> Relation {
    match relation {
        Relation::MoreSpecific => Relation::MoreGeneral,
        Relation::MoreGeneral => Relation::MoreSpecific,
        symmetric @ (Relation::Equivalent | Relation::Overlaps | Relation::Disjoint) => symmetric,
    }
}

#[test]
fn every_pair_both_ways() {
    for Pair { p1, p2, relation } in pairs() {
        let [a, b] = [&p1, &p2].map(|text| Template::parse(text).unwrap());
        assert_eq!(a.relation(&b), relation, "{p1} {p2}");
        assert_eq!(b.relation(&a), reversed(relation), "{p2} {p1}");
        assert_eq!(a.relation(&a), Relation::Equivalent, "{p1}");
    }
}

/// The two templates as routes of one scope.
fn compile_two(first: &str, second: &str) -> Result<Compiled, Report> {
    let source = format!(
        "version: 1\nname: two\nscopes:\n  \"a:read\":\n    routes:\n      - GET {first}\n      - GET {second}\n"
    );
    compile("two.yaml", &source)
}

/// A path that a template matches: parameters and catch-alls take `value`.
fn path(template: &str, value: &str) -> String {
    let segments: Vec<&str> = template
        .split('/')
        .map(|segment| {
            if segment.starts_with('{') {
                value
            } else {
                segment
            }
        })
        .collect();
    segments.join("/")
}

#[test]
fn every_pair_compiled_both_ways() {
    for Pair { p1, p2, relation } in pairs() {
        for (first, second, relation) in [(&p1, &p2, relation), (&p2, &p1, reversed(relation))] {
            let result = compile_two(first, second);
            let expected = match relation {
                Relation::Equivalent => "is listed twice under `a:read`",
                Relation::Overlaps => "overlap, and neither is narrower",
                Relation::MoreSpecific | Relation::MoreGeneral | Relation::Disjoint => {
                    let compiled = result.unwrap_or_else(|report| panic!("{report}"));
                    // Where one is narrower, a path of it must go to it; where
                    // they are apart, each takes its own.
                    let narrow = match relation {
                        Relation::MoreSpecific => vec![first],
                        Relation::MoreGeneral => vec![second],
                        _ => vec![first, second],
                    };
                    for template in narrow {
                        answers(&compiled, &path(template, "fresh"), template);
                    }
                    continue;
                }
            };
            let report = result.expect_err(first);
            assert_eq!(report.problems().len(), 1, "{report}");
            let problem = &report.problems()[0];
            assert!(problem.message().contains(expected), "{report}");
            // Both are shown, each where it stands.
            let places: Vec<_> = std::iter::once(problem.at())
                .chain(problem.others().map(|(at, _)| at))
                .map(|at| report.position(at.start).0)
                .collect();
            assert_eq!(places, [7, 6], "{report}");
        }
    }
}

/// Equal but for the names of parameters, under two scopes: one route, which
/// accepts both.
#[test]
fn equivalent_pairs_under_two_scopes_are_one_route() {
    let mut found = 0;
    for Pair { p1, p2, .. } in pairs()
        .iter()
        .filter(|pair| pair.relation == Relation::Equivalent)
    {
        found += 1;
        let source = format!(
            "version: 1\nname: two\nscopes:\n  \"a:read\":\n    routes:\n      - GET {p1}\n  \"b:read\":\n    routes:\n      - GET {p2}\n"
        );
        let compiled = compile("two.yaml", &source).unwrap_or_else(|report| panic!("{report}"));
        let policy = compiled.policy();
        assert_eq!(policy.routes().len(), 1, "{p1} {p2}");
        for scope in ["a:read", "b:*"] {
            let decision = policy.authorize(&[scope], "GET", path(p1, "fresh"));
            assert!(decision.is_allow(), "{p1} {p2} {scope}: {decision}");
        }
    }
    assert!(found > 0);
}

/// With `overlap: allow`, what both match goes to the one with the literal
/// further left.
#[test]
fn overlapping_pairs_allowed() {
    let mut found = 0;
    for Pair { p1, p2, .. } in pairs()
        .iter()
        .filter(|pair| pair.relation == Relation::Overlaps)
    {
        found += 1;
        let source = format!(
            "version: 1\nname: two\nscopes:\n  \"a:read\":\n    routes:\n      - GET {p1}\n      - route: GET {p2}\n        overlap: allow\n"
        );
        let compiled = compile("two.yaml", &source).unwrap_or_else(|report| panic!("{report}"));
        let report = compile_two(p1, p2).expect_err(p1);
        let problem = &report.problems()[0];
        let both = witness(problem.advice(), "both match `");
        let [a, b] = [p1, p2].map(|text| Template::parse(text).unwrap());
        let winner = if a.precedence(&b).is_lt() { p1 } else { p2 };
        answers(&compiled, &both, winner);
        assert!(
            problem
                .advice()
                .any(|help| help.contains(&format!("goes to `{winner}`"))),
            "{report}"
        );
        // A path that only one of them matches goes to that one, whichever wins elsewhere.
        for template in [p1, p2] {
            let own = witness(problem.advice(), &format!("only `{template}` matches `"));
            answers(&compiled, &own, template);
        }
    }
    assert!(found > 0);
}

/// The path that an error names after `before`.
fn witness<'a>(advice: impl Iterator<Item = &'a str>, before: &str) -> String {
    advice
        .filter_map(|help| help.split_once(before))
        .map(|(_, rest)| rest.split('`').next().unwrap_or_default().to_owned())
        .next()
        .unwrap_or_else(|| panic!("no path behind {before}"))
}

fn answers(compiled: &Compiled, path: &str, template: &str) {
    let policy = compiled.policy();
    let route = policy
        .route("GET", path)
        .unwrap_or_else(|denial| panic!("{path}: {denial}"));
    assert_eq!(route.template(), template, "{path}");
}
