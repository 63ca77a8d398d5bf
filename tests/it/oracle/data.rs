//! The PBX policy and the published cases.

use super::path::hex_digit;
use super::{Heading, Listed, Oracle};

/// The PBX table.
pub(crate) fn pbx() -> Oracle {
    let lines = include_str!("../../data/pbx-routes.csv").lines().skip(1);
    let routes = lines.map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        Listed {
            heading: Heading::of(fields[0]),
            method: fields[1].to_string(),
            template: fields[2].to_string(),
        }
    });
    Oracle {
        umbrella: Some("pbx".to_string()),
        routes: routes.collect(),
        ..Oracle::default()
    }
}

/// One case of `path-cases.json`: a request to the PBX and what the design says to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PathCase {
    pub id: String,
    pub method: Vec<u8>,
    pub target: Vec<u8>,
    /// `match`, `bad_path`, `bad_method`, `unknown_route` or `method_not_listed`.
    pub verdict: String,
    /// The template that matches, for `match`.
    pub route: Option<String>,
}

/// All cases of `path-cases.json`.
pub(crate) fn path_cases() -> Vec<PathCase> {
    let cases: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../data/path-cases.json")).expect("JSON");
    let read = |case: &serde_json::Value| {
        let text = |name: &str| case[name].as_str().map(String::from);
        let target = match (text("target"), text("target_hex")) {
            (Some(target), None) => target.into_bytes(),
            (None, Some(hex)) => unhex(&hex),
            _ => panic!("a case has a target or a target_hex: {case}"),
        };
        PathCase {
            id: text("id").expect("an id"),
            method: text("method").expect("a method").into_bytes(),
            target,
            verdict: text("verdict").expect("a verdict"),
            route: text("route"),
        }
    };
    cases.iter().map(read).collect()
}

fn unhex(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex
        .bytes()
        .map(|digit| hex_digit(digit).expect("a hex digit"))
        .collect();
    digits.chunks(2).map(|two| two[0] * 16 + two[1]).collect()
}
