//! matchit with the rest of the decision behind it, as whoever has a router would write it: each
//! template's value has the accepted scopes of each of its methods, and the scopes are bits.
//!
//! A policy of up to 64 scopes takes one word a method, and one conjunction decides. In a larger
//! one a route lists the few scopes that it accepts, and each is looked up in the bits of the key.
//! It knows no path rules, so that it lets through whatever the router matches.

use std::collections::BTreeSet;

use anyhow::Result;
use matchit::Router;

use super::matchit::takes;
use crate::engine::{Asks, Engine, Entrant};
use crate::oracle::Expected;
use crate::request::Request;
use crate::workload::Workload;
use tables::Table;

const NAME: &str = "matchit-scopes";
const METHODS: usize = 6;

pub fn set_up<'w>(workload: &'w Workload<'w>) -> Result<Entrant<'w>> {
    let scopes = scopes(workload.table);
    if scopes.len() <= 64 {
        entrant::<Mask>(workload, &scopes)
    } else {
        entrant::<List>(workload, &scopes)
    }
}

fn entrant<'w, S: Scopes + 'w>(
    workload: &'w Workload<'w>,
    scopes: &[String],
) -> Result<Entrant<'w>> {
    let table = workload.table;
    let mut rows: Vec<Row<S>> = (0..table.templates.len()).map(Row::new).collect();
    for route in &table.routes {
        let accepted = table.accepted(route.template, route.method);
        let accepted = S::accepted(&places(scopes, &accepted.unwrap_or_default()));
        if let Some(place) = method_place(route.method) {
            rows[route.template].methods[place] = Some(accepted);
        }
    }
    let (mut router, mut excluded) = (Router::new(), 0);
    for (template, row) in table.templates.iter().zip(rows) {
        let taken = takes(template) && router.insert(template, row).is_ok();
        excluded += usize::from(!taken);
    }
    let keys = workload.keys.iter();
    let keys = keys.map(|held| S::held(&places(scopes, held))).collect();
    let engine = MatchitScopes::<S> { router, keys };
    Ok(Entrant::new(NAME, Asks::Everything, engine).without(excluded))
}

/// Every scope that a route accepts.
fn scopes(table: &Table) -> Vec<String> {
    let accepted = table
        .routes
        .iter()
        .filter_map(|route| table.accepted(route.template, route.method));
    accepted
        .flatten()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

/// The bits of these scopes; one that no route accepts has none.
fn places(scopes: &[String], names: &[String]) -> Vec<usize> {
    let names = names.iter();
    names
        .filter_map(|name| scopes.binary_search(name).ok())
        .collect()
}

fn method_place(method: &str) -> Option<usize> {
    Some(match method {
        // A route that lists GET answers HEAD; no table lists HEAD.
        "GET" | "HEAD" => 0,
        "POST" => 1,
        "PUT" => 2,
        "DELETE" => 3,
        "PATCH" => 4,
        "OPTIONS" => 5,
        _ => return None,
    })
}

/// The value of a template in the router.
struct Row<S> {
    template: usize,
    methods: [Option<S>; METHODS],
}

impl<S> Row<S> {
    fn new(template: usize) -> Self {
        Self {
            template,
            methods: [const { None }; METHODS],
        }
    }
}

/// The accepted scopes of a route, beside those of a key.
trait Scopes {
    type Held;

    fn accepted(places: &[usize]) -> Self;
    fn held(places: &[usize]) -> Self::Held;
    fn allow(&self, held: &Self::Held) -> bool;
}

struct Mask(u64);

impl Scopes for Mask {
    type Held = u64;

    fn accepted(places: &[usize]) -> Self {
        Self(Self::held(places))
    }

    fn held(places: &[usize]) -> u64 {
        places.iter().fold(0, |mask, place| mask | 1 << place)
    }

    fn allow(&self, held: &u64) -> bool {
        self.0 & held != 0
    }
}

struct List(Box<[usize]>);

impl Scopes for List {
    type Held = Vec<u64>;

    fn accepted(places: &[usize]) -> Self {
        Self(places.into())
    }

    fn held(places: &[usize]) -> Vec<u64> {
        let mut words = vec![0; places.iter().max().map_or(0, |most| most / 64 + 1)];
        for place in places {
            words[place / 64] |= 1 << (place % 64);
        }
        words
    }

    fn allow(&self, held: &Vec<u64>) -> bool {
        self.0.iter().any(|place| {
            let word = held.get(place / 64);
            word.is_some_and(|word| word >> (place % 64) & 1 == 1)
        })
    }
}

struct MatchitScopes<S: Scopes> {
    router: Router<Row<S>>,
    keys: Vec<S::Held>,
}

impl<S: Scopes> Engine for MatchitScopes<S> {
    type Answer<'a>
        = Expected
    where
        Self: 'a;

    fn ask<'a>(&'a self, request: &'a Request) -> Expected {
        let Ok(found) = self.router.at(request.path) else {
            return Expected::Unknown;
        };
        let Row { template, methods } = found.value;
        match method_place(request.method).and_then(|place| methods[place].as_ref()) {
            None => Expected::MethodNotListed(*template),
            Some(scopes) if scopes.allow(&self.keys[request.key]) => Expected::Allowed(*template),
            Some(_) => Expected::MissingScope(*template),
        }
    }

    fn number<'a>(&'a self, answer: Expected) -> usize {
        answer.template().unwrap_or(usize::MAX)
    }

    fn agrees<'a>(&'a self, request: &'a Request, answer: Expected) -> bool {
        // It has no name for a broken rule.
        let is_refused = (answer, request.expected) == (Expected::Unknown, Expected::Refused);
        is_refused || answer == request.expected
    }
}
