//! The published cases.

use std::collections::BTreeSet;

use super::table;
use crate::oracle::path::split;
use crate::oracle::{By, Oracle, Verdict, path_cases, pbx};

#[test]
fn path_cases_get_their_verdicts() {
    let pbx = pbx();
    let cases = path_cases();
    assert_eq!(cases.len(), 216);
    let mut wrong = Vec::new();
    for case in &cases {
        let got = pbx.decide(&["pbx:*"], &case.method, &case.target);
        let method = String::from_utf8_lossy(&case.method);
        let right = match (&got, case.verdict.as_str()) {
            (Verdict::Allow { route, by }, "match") => {
                let want = case.route.as_deref().expect("a match names its route");
                *route == format!("{method} {want}") && *by == By::Scope("pbx:*".to_owned())
            }
            (Verdict::BadPath, "bad_path")
            | (Verdict::BadMethod, "bad_method")
            | (Verdict::UnknownRoute, "unknown_route")
            | (Verdict::MethodNotListed { .. }, "method_not_listed") => true,
            _ => false,
        };
        if !right {
            wrong.push(format!("{}: {} {got:?}", case.id, case.verdict));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The relation of two templates is the relation of the sets of paths that they match; every path
/// over the few segments that the file uses, and one it does not, shows it.
#[test]
fn pattern_relations_hold() {
    let pairs: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../../data/pattern-relations.json")).expect("JSON");
    let mut literals: BTreeSet<String> = BTreeSet::from(["fresh".to_string()]);
    let mut longest = 0;
    for pair in &pairs {
        for name in ["p1", "p2"] {
            let (segments, _) = split(pair[name].as_str().expect("a template"));
            longest = longest.max(segments.len());
            literals.extend(segments.into_iter().filter(|text| !text.starts_with('{')));
        }
    }
    let mut paths: Vec<Vec<String>> = vec![Vec::new()];
    let mut start = 0;
    for _ in 0..=longest {
        let end = paths.len();
        for i in start..end {
            for literal in &literals {
                let mut longer = paths[i].clone();
                longer.push(literal.clone());
                paths.push(longer);
            }
        }
        start = end;
    }

    for pair in &pairs {
        let table_of = |name: &str| {
            table(&[&format!(
                "t:x GET {}",
                pair[name].as_str().expect("a template")
            )])
        };
        let matches = |oracle: &Oracle, path: &[String], slash: bool| {
            let target = format!(
                "/{}{}",
                path.join("/"),
                if slash && !path.is_empty() { "/" } else { "" }
            );
            oracle.required(b"GET", target.as_bytes()).is_ok()
        };
        let (one, other) = (table_of("p1"), table_of("p2"));
        let (mut both, mut only_one, mut only_other) = (false, false, false);
        for path in &paths {
            for slash in [false, true] {
                if path.is_empty() && !slash {
                    continue; // no such path
                }
                match (matches(&one, path, slash), matches(&other, path, slash)) {
                    (true, true) => both = true,
                    (true, false) => only_one = true,
                    (false, true) => only_other = true,
                    (false, false) => {}
                }
            }
        }
        let relation = match (both, only_one, only_other) {
            (false, _, _) => "disjoint",
            (true, false, false) => "equivalent",
            (true, false, true) => "more_specific",
            (true, true, false) => "more_general",
            (true, true, true) => "overlaps",
        };
        assert_eq!(pair["relation"], relation, "{pair}");
    }
}
