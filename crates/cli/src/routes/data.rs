//! The automaton of a policy as `decide.js` reads it.

use std::collections::{BTreeMap, HashMap};

use routescope::{Method, Methods};
use routescope_compiler::automaton::Accepts;
use serde::Serialize;

use super::engine::Engine;
use super::table::{RouteTable, Row};
use crate::failure::Result;
use crate::needs::Wanted;

/// The JSON document of the page.
#[derive(Serialize)]
struct Data<'t> {
    case_insensitive: bool,
    no_colon: bool,
    scopes: Vec<&'t str>,
    states: Vec<State<'t>>,
    accepting: Vec<Accept<'t>>,
    /// The scopes of which each alone opens a route, as indices, narrowest first.
    accepted: Vec<Vec<usize>>,
    /// The sets of the routes that have some, by the route's number.
    sets: BTreeMap<usize, Vec<SetOfScopes>>,
    /// The routes that need no scope, by number: `public` or `any_key`.
    open: BTreeMap<usize, &'static str>,
    engine: Engine,
}

/// Scopes that open a route together.
#[derive(Serialize)]
struct SetOfScopes {
    /// The number of single scopes that are narrower.
    at: usize,
    /// For each scope: the scope, and then those that imply it.
    clauses: Vec<Vec<usize>>,
}

/// A state of the automaton. Its transitions take one segment each.
#[derive(Serialize)]
struct State<'t> {
    literals: BTreeMap<&'t str, usize>,
    /// The texts before and behind a value, and the state after it.
    affixes: Vec<(&'t str, &'t str, usize)>,
    /// The state after any other segment.
    wildcard: Option<usize>,
    /// The entry for a path that ends here.
    accept: Option<usize>,
    /// The entry for one that ends here with a slash.
    accept_slash: Option<usize>,
}

/// The template that wins, and its routes; or the refusal of the path.
#[derive(Default, Serialize)]
struct Accept<'t> {
    template: &'t str,
    /// The number of the segment for which the path is refused: a value that
    /// resembles a literal or an affix, or has a forbidden colon.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<u8>,
    /// The route that takes each method which the template answers.
    routes: BTreeMap<&'static str, usize>,
}

/// Writes the document so that a page can contain it.
pub(super) fn data(table: &RouteTable<'_>) -> Result<String> {
    let mut entries = Entries::default();
    let states = table.compiled.automaton().states();
    let states = states
        .iter()
        .map(|state| State {
            literals: state.literals().collect(),
            affixes: state.affixes().collect(),
            wildcard: state.wildcard(),
            accept: entries.number(state.accepts(false)),
            accept_slash: entries.number(state.accepts(true)),
        })
        .collect();
    let scopes: Vec<&str> = table.scopes.iter().map(|scope| scope.scope).collect();
    let id = |scope: &&str| scopes.binary_search(scope).ok();
    let data = Data {
        case_insensitive: table.policy.path_options().ignores_case(),
        no_colon: table.policy.path_options().forbids_colons(),
        states,
        accepting: accepting(table, &entries.all),
        accepted: table
            .all
            .iter()
            .map(|row| row.accepted.iter().filter_map(id).collect())
            .collect(),
        sets: table
            .all
            .iter()
            .zip(0..)
            .map(|(row, number)| (number, sets(row, id)))
            .filter(|(_, sets)| !sets.is_empty())
            .collect(),
        open: table
            .all
            .iter()
            .zip(0..)
            .filter(|(row, _)| row.open().is_some())
            .map(|(row, number)| (number, row.needs))
            .collect(),
        scopes,
        engine: Engine::new(),
    };
    let json = serde_json::to_string(&data).map_err(std::io::Error::from)?;
    // No text in the document can end the element that contains it.
    Ok(json.replace('<', "\\u003c"))
}

/// The sets of a route, each with the number of singles before it.
fn sets(row: &Row<'_>, id: impl Fn(&&str) -> Option<usize>) -> Vec<SetOfScopes> {
    let mut singles = 0;
    let mut sets = Vec::new();
    for needed in &row.needed {
        if needed.single().is_some() {
            singles += 1;
            continue;
        }
        let clause = |wanted: &Wanted<'_>| {
            let names = std::iter::once(&wanted.name).chain(&wanted.implied_by);
            names.filter_map(&id).collect()
        };
        sets.push(SetOfScopes {
            at: singles,
            clauses: needed.scopes.iter().map(clause).collect(),
        });
    }
    sets
}

fn accepting<'t>(table: &'t RouteTable<'_>, entries: &[Accepts]) -> Vec<Accept<'t>> {
    let templates = &table.compiled.model().templates;
    // The table has the routes in the order of the templates.
    let first_routes: Vec<usize> = templates
        .iter()
        .scan(0, |next, listing| {
            let first = *next;
            *next += listing.routes.len();
            Some(first)
        })
        .collect();
    let accept = |accepts: &Accepts| match *accepts {
        Accepts::Template(template) => {
            let first = first_routes[template];
            let methods = templates[template].routes.iter().map(|route| route.method);
            Accept {
                template: table.all.get(first).map_or("", |row| row.path),
                refused: None,
                routes: routes(&methods.zip(first..).collect()),
            }
        }
        Accepts::Refused(segment) => Accept {
            refused: Some(segment),
            ..Accept::default()
        },
        Accepts::None => Accept::default(),
    };
    entries.iter().map(accept).collect()
}

/// The route that takes each method, of a template with these routes.
fn routes(listed: &BTreeMap<Method, usize>) -> BTreeMap<&'static str, usize> {
    let methods = listed.keys().copied().fold(Methods::NONE, Methods::with);
    methods
        .answered()
        .iter()
        .filter_map(|method| {
            let route = listed.get(&methods.answering(method)?)?;
            Some((method.as_str(), *route))
        })
        .collect()
}

/// The entries of accepting states, each once, in the order in which the states
/// name them.
#[derive(Default)]
struct Entries {
    all: Vec<Accepts>,
    known: HashMap<Accepts, usize>,
}

impl Entries {
    fn number(&mut self, accepts: Accepts) -> Option<usize> {
        if accepts == Accepts::None {
            return None;
        }
        Some(*self.known.entry(accepts).or_insert_with(|| {
            self.all.push(accepts);
            self.all.len() - 1
        }))
    }
}
