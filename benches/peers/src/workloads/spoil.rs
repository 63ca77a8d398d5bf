//! Requests that must fail, made of requests that would not.

use fastrand::Rng;
use serde::Deserialize;

use crate::oracle::Expected;
use crate::request::Request;
use crate::workload::Ground;

pub fn each(requests: &[Request], spoil: impl FnMut(&Request) -> Request) -> Vec<Request> {
    requests.iter().map(spoil).collect()
}

/// A proper path that no template matches: a letter missing from a word, a
/// segment too many or too few, the last slash missing.
pub fn unknown(ground: &Ground, request: &Request, rng: &mut Rng) -> Request {
    loop {
        let mut segments: Vec<String> = request.path.split('/').map(str::to_owned).collect();
        let place = rng.usize(1..segments.len());
        match rng.u8(0..4) {
            0 if segments[place].len() > 3 => {
                let at = rng.usize(1..segments[place].len());
                segments[place].remove(at);
                if segments[place].ends_with('.') {
                    // No proper path.
                    continue;
                }
            }
            1 => segments.insert(place, "extra".to_owned()),
            2 if segments.len() > 3 => {
                segments.remove(place);
            }
            3 if segments.last().is_some_and(String::is_empty) => {
                segments.pop();
            }
            _ => continue,
        }
        let spoilt = ground.request(request.method, segments.join("/"));
        if spoilt.expected == Expected::Unknown {
            return spoilt;
        }
    }
}

/// A method that the template does not list.
pub fn wrong_method(ground: &Ground, request: &Request, rng: &mut Rng) -> Request {
    loop {
        let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        let method = methods[rng.usize(0..methods.len())];
        let spoilt = ground.request(method, request.target.to_owned());
        if matches!(spoilt.expected, Expected::MethodNotListed(_)) {
            return spoilt;
        }
    }
}

/// A path that breaks a rule, in one of the ways in which gates have been
/// walked around.
pub fn refused(request: &Request, rng: &mut Rng) -> Request {
    let mut segments: Vec<String> = request.path.split('/').map(str::to_owned).collect();
    let last = segments.iter().rposition(|s| !s.is_empty()).unwrap_or(1);
    let place = rng.usize(1..=last);
    match rng.u8(0..8) {
        0 => segments.insert(place, "..".to_owned()),
        1 => segments.insert(place, ".".to_owned()),
        2 => segments.insert(place, String::new()),
        3 => segments.insert(place, "%2e%2e".to_owned()),
        4 => segments[place].push_str(";v=1"),
        5 => segments[place].push_str("%00"),
        6 => segments[place].push_str("%2Fx"),
        _ => segments[place].push('.'),
    }
    Request::new(request.method, segments.join("/"), 0, Expected::Refused)
}

/// The hostile targets of the project's own list that are text and not longer
/// than a real request.
pub fn attacks() -> Vec<Request> {
    #[derive(Deserialize)]
    struct Case {
        method: String,
        target: Option<String>,
        verdict: String,
    }
    let list = include_str!("../../../../tests/data/path-cases.json");
    let cases: Vec<Case> = serde_json::from_str(list).expect("the list of cases is JSON");
    cases
        .into_iter()
        .filter(|case| case.verdict == "bad_path")
        .filter_map(|case| {
            let target = case.target.filter(|target| target.len() < 512)?;
            let method: &'static str = case.method.leak();
            Some(Request::new(method, target, 0, Expected::Refused))
        })
        .collect()
}
