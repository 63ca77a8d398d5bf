//! The PBX table: every route with every scope, every method it does not list,
//! and every hostile path, through every implementation.

use std::collections::{BTreeMap, BTreeSet};

use crate::implementations::{compile_pbx, of_pbx};
use crate::oracle::{Verdict, path_cases, pbx};

struct Case {
    name: String,
    held: Vec<String>,
    method: Vec<u8>,
    target: Vec<u8>,
    want: Want,
}

/// The answer that a case demands, in facts that need no implementation.
#[derive(Debug)]
enum Want {
    Allow(String),
    MissingScope(String),
    MethodNotListed,
    /// As the file of path cases puts it; `match` says the template.
    Path(String, Option<String>),
}

impl Want {
    fn is(&self, verdict: &Verdict) -> bool {
        match (self, verdict) {
            (Self::Allow(want), Verdict::Allow { route, .. }) => want == route,
            (Self::MissingScope(want), Verdict::MissingScope { route, .. }) => want == route,
            (Self::MethodNotListed, Verdict::MethodNotListed { .. }) => true,
            (Self::Path(want, template), verdict) => match verdict {
                Verdict::Allow { route, .. } => {
                    want == "match"
                        && route.split_once(' ').map(|(_, template)| template)
                            == template.as_deref()
                }
                Verdict::BadMethod => want == "bad_method",
                Verdict::BadPath => want == "bad_path",
                Verdict::UnknownRoute => want == "unknown_route",
                Verdict::MethodNotListed { .. } => want == "method_not_listed",
                Verdict::MissingScope { .. } | Verdict::NoValidKey => false,
            },
            _ => false,
        }
    }
}

/// Runs cases through every implementation; how many there were.
fn run(cases: &[Case]) -> usize {
    let oracle = pbx();
    let compiled = compile_pbx();
    for implementation in of_pbx(&oracle, &compiled) {
        for Case {
            name,
            held,
            method,
            target,
            want,
        } in cases
        {
            let held: Vec<&str> = held.iter().map(String::as_str).collect();
            let verdict = (implementation.decide)(&held, method, target);
            assert!(
                want.is(&verdict),
                "{}: {name}: want {want:?}, got {verdict:?}",
                implementation.name
            );
        }
    }
    cases.len()
}

/// A row of `pbx-routes.csv`, with parameters filled.
struct Row {
    scope: String,
    method: String,
    template: String,
    target: String,
}

fn rows() -> Vec<Row> {
    pbx()
        .routes
        .into_iter()
        .map(|listed| {
            let fill = |segment: &str| {
                if segment.starts_with('{') {
                    "42".to_owned()
                } else {
                    segment.to_owned()
                }
            };
            let target: Vec<String> = listed.template.split('/').map(fill).collect();
            Row {
                scope: listed.heading.names().join(" "),
                method: listed.method,
                target: target.join("/"),
                template: listed.template,
            }
        })
        .collect()
}

fn case(row: &Row, method: &str, held: &[&str], want: Want) -> Case {
    Case {
        name: format!("{method} {} with {held:?}", row.target),
        held: held.iter().map(|scope| (*scope).to_owned()).collect(),
        method: method.as_bytes().to_vec(),
        target: row.target.as_bytes().to_vec(),
        want,
    }
}

/// The guide's own words: `{resource}:read` for GET and HEAD, `{resource}:*`
/// for the others, "full access, including viewing"; `pbx:read` and `pbx:*`.
fn opens(row: &Row, scope: &str) -> bool {
    let resource = row.scope.split(':').next().unwrap_or_default();
    scope == row.scope
        || scope == format!("{resource}:*")
        || scope == "pbx:*"
        || scope == "pbx:read" && row.method == "GET"
}

#[test]
fn every_route_with_every_scope() {
    let rows = rows();
    let mut scopes: BTreeSet<&str> = rows.iter().map(|row| row.scope.as_str()).collect();
    assert_eq!((rows.len(), scopes.len()), (110, 25));
    scopes.extend([
        "pbx:read",
        "pbx:*",
        "calendar:read",
        "callhistory:*",
        "*:*",
        "*",
        "coll*:read",
        "*:read",
        "colleagues:re*",
    ]);
    let mut cases = Vec::new();
    for row in &rows {
        let route = format!("{} {}", row.method, row.template);
        let want = |allowed: bool| {
            if allowed {
                Want::Allow(route.clone())
            } else {
                Want::MissingScope(route.clone())
            }
        };
        cases.push(case(row, &row.method, &[], want(false)));
        for scope in &scopes {
            cases.push(case(row, &row.method, &[scope], want(opens(row, scope))));
            if row.method == "GET" {
                cases.push(case(row, "HEAD", &[scope], want(opens(row, scope))));
            }
        }
        let all: Vec<&str> = scopes.iter().copied().collect();
        cases.push(case(row, &row.method, &all, want(true)));
    }
    assert!(run(&cases) > 110 * 29);
}

#[test]
fn every_method_that_is_not_listed() {
    let rows = rows();
    let mut listed: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in &rows {
        let methods = listed.entry(&row.target).or_default();
        methods.insert(&row.method);
        if row.method == "GET" {
            methods.insert("HEAD");
        }
    }
    let mut cases = Vec::new();
    for row in &rows {
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            if !listed[row.target.as_str()].contains(method) {
                cases.push(case(row, method, &["pbx:*"], Want::MethodNotListed));
            }
        }
    }
    assert!(run(&cases) > 300);
}

#[test]
fn the_examples_of_the_guide() {
    let row = |method: &str, target: &str| Row {
        scope: String::new(),
        method: method.to_owned(),
        template: String::new(),
        target: target.to_owned(),
    };
    let read = row("GET", "/api/v1/colleagues/");
    let update = row("PUT", "/api/v1/device/{id}/".replace("{id}", "7").as_str());
    let reads = || Want::Allow("GET /api/v1/colleagues/".to_owned());
    let updates = || Want::Allow("PUT /api/v1/device/{id}/".to_owned());
    run(&[
        case(&read, "GET", &["colleagues:read"], reads()),
        case(&read, "GET", &["pbx:read"], reads()),
        case(&update, "PUT", &["devices:*"], updates()),
        case(&update, "PUT", &["pbx:*"], updates()),
        case(
            &update,
            "PUT",
            &["devices:read"],
            Want::MissingScope("PUT /api/v1/device/{id}/".to_owned()),
        ),
        case(
            &update,
            "PUT",
            &["pbx:read"],
            Want::MissingScope("PUT /api/v1/device/{id}/".to_owned()),
        ),
    ]);
}

#[test]
fn every_hostile_path() {
    let cases: Vec<Case> = path_cases()
        .into_iter()
        .map(|case| Case {
            name: case.id,
            held: vec!["pbx:*".to_owned()],
            method: case.method,
            target: case.target,
            want: Want::Path(case.verdict, case.route),
        })
        .collect();
    assert_eq!(run(&cases), 216);
}
