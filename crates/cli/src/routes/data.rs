//! The tables of a policy for the page's own walk.

use std::collections::BTreeMap;

use routescope::{Method, table};
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
    /// The route of each method it lists.
    routes: BTreeMap<&'static str, u32>,
}

/// As JSON that can stand in a page.
pub(super) fn data(table: &Table<'_>) -> Result<String> {
    let tables = table.policy.tables();
    let some = |row: u32| (row != table::NONE).then_some(row);
    let mut states: Vec<State<'_>> = tables
        .states
        .iter()
        .map(|state| State {
            literals: BTreeMap::new(),
            other: some(state.other),
            end: some(state.end),
            end_slash: some(state.end_slash),
        })
        .collect();
    for edge in tables.edges.iter().filter(|edge| edge.state != table::NONE) {
        let label = edge.label as usize;
        let label = tables.text.get(label..label + usize::from(edge.label_len));
        if let (Some(state), Some(label)) = (states.get_mut(edge.state as usize), label) {
            state.literals.insert(label, edge.target);
        }
    }
    let ends = tables
        .ends
        .iter()
        .map(|end| End {
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
        case_insensitive: tables.options.case_insensitive,
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
