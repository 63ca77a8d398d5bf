//! The workloads: a table, keys, and requests with their right answers.

use std::collections::HashSet;

use anyhow::Result;
use fastrand::Rng;
use routescope::Policy;
use routescope_compiler::Compiled;

use crate::oracle::{self, Expected};
use crate::request::{Request, fill};
use crate::table::{self, Table};

/// Requests in a shuffled workload: more than a branch predictor remembers.
pub const SHUFFLED: usize = 8192;

pub struct Workload<'t> {
    pub name: String,
    pub table: &'t Table,
    /// The compiled table; `None` where it is the built-in one.
    pub policy: Option<Policy<'t>>,
    /// The scopes of each key.
    pub keys: Vec<Vec<String>>,
    pub requests: Vec<Request>,
    /// Requests that match something, for engines that learn by heart.
    pub known: Vec<Request>,
}

/// A table with its compiled policy, and the workloads on it.
pub struct Ground {
    pub table: Table,
    compiled: Option<Compiled>,
}

impl Ground {
    pub fn pbx() -> Self {
        Self {
            table: table::pbx(),
            compiled: None,
        }
    }

    pub fn google() -> Result<Self> {
        Self::compile(table::google())
    }

    pub fn compile(table: Table) -> Result<Self> {
        let compiled = Some(table.compile()?);
        Ok(Self { table, compiled })
    }

    pub fn workload(&self, name: &str, requests: Vec<Request>, known: &[Request]) -> Workload<'_> {
        Workload {
            name: format!("{}-{name}", self.table.name),
            table: &self.table,
            policy: self.compiled.as_ref().map(Compiled::policy),
            keys: vec![self.everything()],
            requests,
            known: known.to_vec(),
        }
    }

    /// The scopes of a key that may call every route. For the PBX that is the
    /// one umbrella scope, which is the last of a route's accepted scopes.
    fn everything(&self) -> Vec<String> {
        if self.compiled.is_none() {
            return vec!["pbx:*".to_owned()];
        }
        let scopes: HashSet<&String> = self.table.routes.iter().map(|r| &r.scope).collect();
        scopes.into_iter().cloned().collect()
    }

    /// The request for a route, with its right answer.
    fn request(&self, method: &'static str, target: String) -> Request {
        let expected = oracle::decide(&self.table, &self.everything(), method, &target);
        Request::new(method, target, 0, expected)
    }
}

/// All workloads on the PBX table.
pub fn on_pbx(ground: &Ground) -> Vec<Workload<'_>> {
    let mut rng = Rng::with_seed(0x5EED);
    let hot = round(ground, &mut rng);
    let shuffled = shuffled(ground, &mut rng);
    let is_literal = |request: &&Request| {
        let template = request.expected.template();
        template.is_some_and(|row| !ground.table.templates[row].contains('{'))
    };
    let literal = shuffled.iter().filter(is_literal).copied().collect();
    let parameter = shuffled
        .iter()
        .filter(|r| !is_literal(r))
        .copied()
        .collect();
    let unknown = spoilt(&shuffled, &mut rng, |request, rng| {
        unknown(ground, request, rng)
    });
    let wrong_method = spoilt(&shuffled, &mut rng, |request, rng| {
        wrong_method(ground, request, rng)
    });
    let refused = spoilt(&shuffled, &mut rng, refused);
    vec![
        ground.workload("hot", hot, &shuffled),
        ground.workload("shuffled", shuffled.clone(), &shuffled),
        ground.workload("literal", literal, &shuffled),
        ground.workload("parameter", parameter, &shuffled),
        ground.workload("unknown", unknown, &shuffled),
        ground.workload("wrong-method", wrong_method, &shuffled),
        ground.workload("refused", refused, &shuffled),
    ]
}

/// A request for each route, in the order of the table.
fn round(ground: &Ground, rng: &mut Rng) -> Vec<Request> {
    let table = &ground.table;
    let routes = table.routes.iter();
    routes
        .map(|route| ground.request(route.method, fill(&table.templates[route.template], rng)))
        .collect()
}

/// Random requests, every route about as often.
pub fn shuffled(ground: &Ground, rng: &mut Rng) -> Vec<Request> {
    let mut requests = Vec::with_capacity(SHUFFLED);
    let table = &ground.table;
    let mut order: Vec<usize> = (0..table.routes.len()).collect();
    'enough: loop {
        rng.shuffle(&mut order);
        for &row in &order {
            if requests.len() == SHUFFLED {
                break 'enough;
            }
            let route = &table.routes[row];
            let target = fill(&table.templates[route.template], rng);
            requests.push(ground.request(route.method, target));
        }
    }
    requests
}

/// Each request turned into one that must fail.
fn spoilt(
    requests: &[Request],
    rng: &mut Rng,
    spoil: impl Fn(&Request, &mut Rng) -> Request,
) -> Vec<Request> {
    requests.iter().map(|request| spoil(request, rng)).collect()
}

/// A proper path that no template matches: a misspelt word, a word too many, a
/// word too few, the last slash missing.
fn unknown(ground: &Ground, request: &Request, rng: &mut Rng) -> Request {
    loop {
        let mut segments: Vec<String> = request.path.split('/').map(str::to_owned).collect();
        let place = rng.usize(1..segments.len());
        match rng.u8(0..4) {
            0 if segments[place].len() > 3 => {
                let at = rng.usize(1..segments[place].len());
                segments[place].remove(at);
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
fn wrong_method(ground: &Ground, request: &Request, rng: &mut Rng) -> Request {
    loop {
        let method = *rng
            .choice(&["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
            .expect("there are methods");
        let spoilt = ground.request(method, request.target.to_owned());
        if matches!(spoilt.expected, Expected::MethodNotListed(_)) {
            return spoilt;
        }
    }
}

/// A path that breaks a rule, in one of the ways in which gates have been
/// walked around. No template of any table has such a segment.
fn refused(request: &Request, rng: &mut Rng) -> Request {
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
