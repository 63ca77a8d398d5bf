//! A policy's automaton for the page's own walk.

use std::collections::{BTreeMap, HashMap};

use routescope_compiler::automaton::Accepts;
use serde::Serialize;

use super::Table;
use crate::failure::Result;

/// The data for `walk.js`.
#[derive(Serialize)]
struct Data<'t> {
    case_insensitive: bool,
    scopes: Vec<&'t str>,
    states: Vec<State<'t>>,
    ends: Vec<End<'t>>,
    /// Each route's scopes, as indices, narrowest first.
    accepted: Vec<Vec<usize>>,
}

#[derive(Serialize)]
struct State<'t> {
    literals: BTreeMap<&'t str, usize>,
    other: Option<usize>,
    end: Option<usize>,
    end_slash: Option<usize>,
}

#[derive(Default, Serialize)]
struct End<'t> {
    template: &'t str,
    /// The number of the segment that is a value and resembles a literal: it is what
    /// the path is refused for.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<u8>,
    /// The route of each method it lists.
    routes: BTreeMap<&'static str, usize>,
}

/// As JSON that can stand in a page.
pub(super) fn data(table: &Table<'_>) -> Result<String> {
    let mut ends = Ends::default();
    let states = table.compiled.automaton().states();
    let states = states
        .iter()
        .map(|state| State {
            literals: state.literals().collect(),
            other: state.wildcard(),
            end: ends.row(state.accepts(false)),
            end_slash: ends.row(state.accepts(true)),
        })
        .collect();
    let templates = &table.compiled.model().templates;
    let first_routes: Vec<usize> = templates
        .iter()
        .scan(0, |next, listing| {
            let first = *next;
            *next += listing.routes.len();
            Some(first)
        })
        .collect();
    let ends = ends.rows.iter().map(|accepts| match *accepts {
        Accepts::Template(template) => {
            let routes = &templates[template].routes;
            let first = first_routes[template];
            End {
                template: table.all.get(first).map_or("", |row| row.path),
                refused: None,
                routes: routes
                    .iter()
                    .map(|route| route.method.as_str())
                    .zip(first..)
                    .collect(),
            }
        }
        Accepts::Refused(segment) => End {
            refused: Some(segment),
            ..End::default()
        },
        Accepts::None => End::default(),
    });
    let ends = ends.collect();
    let scopes: Vec<&str> = table.scopes.iter().map(|scope| scope.scope).collect();
    let id = |scope: &&str| scopes.binary_search(scope).ok();
    let data = Data {
        case_insensitive: table.policy.options().ignores_case(),
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

/// What paths come to, each once, in the order in which the states name them.
#[derive(Default)]
struct Ends {
    rows: Vec<Accepts>,
    known: HashMap<Accepts, usize>,
}

impl Ends {
    fn row(&mut self, accepts: Accepts) -> Option<usize> {
        if accepts == Accepts::None {
            return None;
        }
        Some(*self.known.entry(accepts).or_insert_with(|| {
            self.rows.push(accepts);
            self.rows.len() - 1
        }))
    }
}
