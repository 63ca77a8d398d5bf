//! The conflicts that `compile` reports, compared with those found by checking every pair
//! of templates, and the paths that it gives for them.

use std::collections::BTreeSet;

use proptest::prelude::*;
use routescope_compiler::template::{Relation, Template};
use routescope_compiler::{Problem, Report, compile};

/// Most conflicts that a report shows.
const SHOWN: usize = 50;

/// Lower-case words only: which templates differ in nothing but case is
/// another question.
fn any_template() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        3 => prop::sample::select(vec!["a", "b", "x", "y"]),
        2 => Just("{}"),
    ];
    let tail = prop::sample::select(vec!["", "", "/", "/{*}"]);
    (prop::collection::vec(word, 0..4), tail).prop_map(|(words, tail)| {
        let mut text: String = words
            .iter()
            .enumerate()
            .map(|(i, word)| format!("/{}", word.replace("{}", &format!("{{p{i}}}"))))
            .collect();
        text.push_str(tail);
        if text.is_empty() { "/".into() } else { text }
    })
}

fn source(templates: &[&String]) -> String {
    let mut text = String::from("version: 1\nname: t\nscopes:\n  \"a:read\":\n    routes:\n");
    for template in templates {
        text.push_str(&format!("      - GET {template}\n"));
    }
    text
}

/// The two templates a conflict names, in byte order.
fn named(problem: &Problem) -> (String, String) {
    let quoted: Vec<&str> = problem.message().split('`').skip(1).step_by(2).collect();
    let [a, b] = quoted[..] else {
        panic!("{}", problem.message());
    };
    (a.min(b).to_owned(), a.max(b).to_owned())
}

fn matches(template: &str, path: &str) -> bool {
    let inner = path.strip_prefix('/').unwrap();
    let (inner, slash) = match inner.strip_suffix('/') {
        Some(inner) => (inner, true),
        None => (inner, inner.is_empty()),
    };
    let segments: Vec<&str> = inner.split('/').filter(|s| !s.is_empty()).collect();
    Template::parse(template).unwrap().matches(&segments, slash)
}

/// The path that an error gives after `before`.
fn witness(problem: &Problem, before: &str) -> Option<String> {
    let advice = problem.advice().find_map(|help| help.split_once(before))?.1;
    advice.split('`').next().map(str::to_owned)
}

fn check(report: &Report) -> Result<BTreeSet<(String, String)>, TestCaseError> {
    let mut found = BTreeSet::new();
    for problem in report.problems() {
        prop_assert!(
            problem
                .message()
                .contains("overlap, and neither is narrower"),
            "{}",
            report
        );
        let (a, b) = named(problem);
        let both = witness(problem, "both match `");
        prop_assert!(
            both.is_some_and(|path| matches(&a, &path) && matches(&b, &path)),
            "{}",
            report
        );
        for (template, other) in [(&a, &b), (&b, &a)] {
            let only = witness(problem, &format!("only `{template}` matches `"));
            prop_assert!(
                only.is_some_and(|path| matches(template, &path) && !matches(other, &path)),
                "{}",
                report
            );
        }
        prop_assert!(found.insert((a, b)), "twice: {}", report);
    }
    Ok(found)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reported_as_all_pairs_would_be(texts in prop::collection::btree_set(any_template(), 1..16)) {
        let texts: Vec<&String> = texts.iter().collect();
        let mut expected = BTreeSet::new();
        for (i, a) in texts.iter().enumerate() {
            for b in &texts[i + 1..] {
                let [x, y] = [a, b].map(|text| Template::parse(text).unwrap());
                if x.relation(&y) == Relation::Overlaps {
                    expected.insert(((*a).clone(), (*b).clone()));
                }
            }
        }
        match compile("t.yaml", &source(&texts)) {
            Ok(_) => prop_assert!(expected.is_empty(), "not reported: {:?}", expected),
            Err(report) => {
                let found = check(&report)?;
                if expected.len() <= SHOWN {
                    prop_assert_eq!(found, expected);
                } else {
                    prop_assert!(found.len() == SHOWN && found.is_subset(&expected));
                }
            }
        }
    }
}

/// Spellings of one word in every case are as many pairs as can be had of few routes; more
/// than can be looked at is an error that names two of them.
#[test]
fn too_many_case_variants_are_an_error() {
    let word = |bits: usize| -> String {
        let letter = |i: usize| match bits >> i & 1 {
            0 => 'a',
            _ => 'A',
        };
        (0..11).map(letter).collect()
    };
    let routes: String = (0..1 << 11)
        .map(|bits| {
            format!(
                "      - route: GET /{}\n        overlap: allow\n",
                word(bits)
            )
        })
        .collect();
    let source = format!("version: 1\nname: t\nscopes:\n  \"a:read\":\n    routes:\n{routes}");
    let report = compile("t.yaml", &source).unwrap_err();
    let found: Vec<&str> = report.problems().iter().map(Problem::message).collect();
    assert_eq!(
        found,
        ["only ASCII case tells so many paths apart that they cannot all be compared"]
    );
}
