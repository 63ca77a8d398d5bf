//! The automaton of a policy as `walk.js` reads it.

use std::collections::{BTreeMap, HashMap};

use routescope::{Method, table as tables};
use routescope_compiler::{followers, places};
use serde::Serialize;

use super::engine::Engine;
use super::table::RouteTable;
use crate::failure::Result;
use crate::methods::{answered, taking};

/// The JSON document of the page.
#[derive(Serialize)]
struct Data<'t> {
    case_insensitive: bool,
    scopes: Vec<&'t str>,
    states: Vec<State<'t>>,
    accepting: Vec<Accept<'t>>,
    /// Each route's scopes, as indices, narrowest first.
    accepted: Vec<Vec<usize>>,
    engine: Engine,
}

/// A state of the automaton. Its transitions take one segment each.
#[derive(Default, Serialize)]
struct State<'t> {
    literals: BTreeMap<&'t str, u32>,
    /// The state after any other segment.
    wildcard: Option<u32>,
    /// The entry for a path that ends here.
    accept: Option<u32>,
    /// The entry for one that ends here with a slash.
    accept_slash: Option<u32>,
}

/// The template that wins, and its routes.
#[derive(Serialize)]
struct Accept<'t> {
    template: &'t str,
    /// The number of the segment for which rule 7 refuses the path: a value that
    /// resembles a literal.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<u32>,
    /// The route that takes each method which the template answers.
    routes: BTreeMap<&'static str, u32>,
}

/// Writes the document so that a page can contain it.
pub(super) fn data(table: &RouteTable<'_>) -> Result<String> {
    let tables = table.policy.tables();
    // The page numbers its states anew: a row of the tables is two states where a
    // parameter follows.
    let numbers: HashMap<u32, u32> = places(tables).zip(0..).collect();
    let number = |place: u32| numbers.get(&place).copied();
    let mut accepting: BTreeMap<u32, tables::End> = BTreeMap::new();
    let mut states: Vec<State<'_>> = Vec::with_capacity(numbers.len());
    for place in places(tables) {
        let [accept, accept_slash] = [false, true].map(|slash| {
            let accept = tables.end(place, slash)?.winning(false, false);
            accepting.insert(accept.bits(), accept);
            Some(accept.bits())
        });
        states.push(State {
            literals: BTreeMap::new(),
            wildcard: tables.other(place).and_then(number),
            accept,
            accept_slash,
        });
    }
    for (place, label, target) in followers(tables) {
        if let (Some(from), Some(target)) = (number(place), number(target)) {
            insert_label(&mut states, from, label, target);
        }
    }
    // Until here, the states name their accepting entries by their bits.
    let rows: HashMap<u32, u32> = accepting.keys().copied().zip(0..).collect();
    for state in &mut states {
        for accept in [&mut state.accept, &mut state.accept_slash] {
            *accept = accept.and_then(|bits| rows.get(&bits).copied());
        }
    }
    let accepting = accepting
        .values()
        .map(|accept| Accept {
            refused: accept.as_refused(),
            template: table
                .all
                .get(accept.first_route() as usize)
                .map_or("", |row| row.path),
            routes: routes(accept),
        })
        .collect();
    let scopes: Vec<&str> = table.scopes.iter().map(|scope| scope.scope).collect();
    let id = |scope: &&str| scopes.binary_search(scope).ok();
    let data = Data {
        case_insensitive: tables.options.case_insensitive,
        states,
        accepting,
        accepted: table
            .all
            .iter()
            .map(|row| row.accepted.iter().filter_map(id).collect())
            .collect(),
        scopes,
        engine: Engine::new(),
    };
    let json = serde_json::to_string(&data).map_err(std::io::Error::from)?;
    // No text in the document can end the element that contains it.
    Ok(json.replace('<', "\\u003c"))
}

/// The route that takes each method, of an entry whose routes are in the order of their
/// methods.
fn routes(accept: &tables::End) -> BTreeMap<&'static str, u32> {
    let listed = accept.methods();
    let routes: HashMap<Method, u32> = listed.iter().zip(accept.first_route()..).collect();
    answered(listed)
        .filter_map(|method| {
            let route = routes.get(&taking(listed, method)?)?;
            Some((method.as_str(), *route))
        })
        .collect()
}

/// Adds the label of an edge. The tables compress several segments into one label, and
/// the page takes one segment at a time: each segment but the last leads to a new state.
fn insert_label<'t>(states: &mut Vec<State<'t>>, from: u32, label: &'t str, target: u32) {
    let mut from = from as usize;
    let mut segments = label.split('/').peekable();
    while let Some(segment) = segments.next() {
        let fresh = states.len();
        let Some(state) = states.get_mut(from) else {
            return;
        };
        if segments.peek().is_none() {
            state.literals.insert(segment, target);
            return;
        }
        let next = u32::try_from(fresh).unwrap_or(tables::NONE);
        from = *state.literals.entry(segment).or_insert(next) as usize;
        if from == fresh {
            states.push(State::default());
        }
    }
}
