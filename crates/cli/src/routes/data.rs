//! The tables of a policy for the page's own walk.

use std::collections::{BTreeMap, HashMap};

use routescope::{Method, table};
use routescope_compiler::{followers, places};
use serde::Serialize;

use super::Table;
use crate::failure::Result;

/// The tables for `walk.js`.
#[derive(Serialize)]
struct Data<'t> {
    case_insensitive: bool,
    scopes: Vec<&'t str>,
    states: Vec<State<'t>>,
    ends: Vec<End<'t>>,
    /// Each route's scopes, as indices, narrowest first.
    accepted: Vec<Vec<usize>>,
}

#[derive(Default, Serialize)]
struct State<'t> {
    literals: BTreeMap<&'t str, u32>,
    other: Option<u32>,
    end: Option<u32>,
    end_slash: Option<u32>,
}

#[derive(Serialize)]
struct End<'t> {
    template: &'t str,
    /// The number of the segment that is a value and resembles a literal: it is what
    /// the path is refused for.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<u32>,
    /// The route of each method it lists.
    routes: BTreeMap<&'static str, u32>,
}

/// As JSON that can stand in a page.
pub(super) fn data(table: &Table<'_>) -> Result<String> {
    let tables = table.policy.tables();
    // The page numbers its states anew: a row is two of them where a value follows.
    let numbers: HashMap<u32, u32> = places(tables).zip(0..).collect();
    let number = |place: u32| numbers.get(&place).copied();
    // Which templates win, whatever slash they need.
    let mut ends: BTreeMap<u32, table::End> = BTreeMap::new();
    let mut states: Vec<State<'_>> = Vec::with_capacity(numbers.len());
    for place in places(tables) {
        let [end, end_slash] = [false, true].map(|slash| {
            let end = tables.end(place, slash)?.winning(false, false);
            ends.insert(end.bits(), end);
            Some(end.bits())
        });
        states.push(State {
            literals: BTreeMap::new(),
            other: tables.other(place).and_then(number),
            end,
            end_slash,
        });
    }
    for (place, label, target) in followers(tables) {
        if let (Some(from), Some(target)) = (number(place), number(target)) {
            literal(&mut states, from, label, target);
        }
    }
    // Ends are known by their bits until now.
    let rows: HashMap<u32, u32> = ends.keys().copied().zip(0..).collect();
    for state in &mut states {
        for end in [&mut state.end, &mut state.end_slash] {
            *end = end.and_then(|bits| rows.get(&bits).copied());
        }
    }
    let ends = ends
        .values()
        .map(|end| End {
            refused: end.as_refused(),
            template: table
                .all
                .get(end.first_route() as usize)
                .map_or("", |row| row.path),
            routes: end
                .methods()
                .iter()
                .map(Method::as_str)
                .zip(end.first_route()..)
                .collect(),
        })
        .collect();
    let scopes: Vec<&str> = table.scopes.iter().map(|scope| scope.scope).collect();
    let id = |scope: &&str| scopes.binary_search(scope).ok();
    let data = Data {
        case_insensitive: tables.options.ignores_case(),
        states,
        ends,
        accepted: table
            .all
            .iter()
            .map(|row| row.accepted.iter().filter_map(id).collect())
            .collect(),
        scopes,
    };
    let json = serde_json::to_string(&data).map_err(std::io::Error::from)?;
    // Nothing in it can end the element it stands in.
    Ok(json.replace('<', "\\u003c"))
}

/// Adds a literal, or a run of them: the page's walk takes one segment at a time,
/// so that every segment but the last leads to a state of its own.
fn literal<'t>(states: &mut Vec<State<'t>>, from: u32, label: &'t str, target: u32) {
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
        let next = u32::try_from(fresh).unwrap_or(table::NONE);
        from = *state.literals.entry(segment).or_insert(next) as usize;
        if from == fresh {
            states.push(State::default());
        }
    }
}
