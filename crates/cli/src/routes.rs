//! `routescope routes`: the table, and what a key can reach of it.

mod data;
mod engine;
mod page;
mod render;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Write;

use routescope::{Method, Methods, Policy, Scope};
use routescope_compiler::Compiled;
use routescope_compiler::model::ScopeName;
use routescope_compiler::template::Template;
use serde::Serialize;

use crate::failure::{Outcome, Result};
use crate::held::{Held, HeldScope};
use crate::methods::answered;
use crate::output::{Format, Output, formats};
use crate::policy::Source;

/// List the routes, or what a key with some scopes can reach
///
/// With `--format html`, a page by itself that shows the table, what a key
/// reaches and what a request needs; it works from a file and loads nothing.
///
/// Exits with 0, with 1 if the filters leave no route, with 2 if the policy
/// cannot be read.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    held: Held,

    /// How to print the answer
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = formats(&[Format::Human, Format::Json, Format::Csv, Format::Markdown, Format::Html]))]
    pub(crate) format: Format,

    /// Only routes that answer this method; HEAD is answered where GET is listed
    #[arg(long, short, value_name = "METHOD", value_parser = method)]
    method: Option<Method>,

    /// Only routes with this text in path, scopes or note, in any case
    #[arg(long, short, value_name = "TEXT")]
    grep: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, policy: &Source, output: &mut Output) -> Result<Outcome> {
    let compiled = policy.compile()?;
    let decides = compiled.policy();
    let table = Table::new(&compiled, &decides, arguments);
    if output.format != Format::Json {
        for scope in table.unknown() {
            let hint = scope.hint.as_deref().unwrap_or_default();
            anstream::eprintln!(
                "warning: the policy does not know the scope `{}`, which grants nothing: {hint}",
                scope.scope
            );
        }
    }
    let written = match output.format {
        Format::Csv => render::csv(&table, output),
        Format::Json => render::json(&table, output),
        Format::Markdown => render::markdown(&table, output),
        Format::Html => page::html(&table, arguments, output),
        _ => {
            writeln!(output, "{}\n", policy.headline(&decides))?;
            render::human(&table, output)
        }
    };
    Outcome::from(!table.rows().is_empty()).after(written)
}

fn method(text: &str) -> std::result::Result<Method, String> {
    Method::from_bytes(text.as_bytes()).ok_or_else(|| {
        let upper = text.to_ascii_uppercase();
        match Method::from_bytes(upper.as_bytes()) {
            Some(meant) => format!("write `{meant}`: case matters"),
            None => {
                let all: Vec<&str> = Method::ALL.iter().map(|method| method.as_str()).collect();
                format!("the methods are {}", all.join(", "))
            }
        }
    })
}

/// The routes that are asked for, and the key that is asked about.
struct Table<'c> {
    policy: &'c Policy<'c>,
    scopes: Vec<ScopeRow<'c>>,
    /// The scopes the key holds, where there is a key.
    held: Option<Vec<HeldScope<'c>>>,
    /// Every route, in the policy's order.
    all: Vec<Row<'c>>,
}

/// A scope that means something to the policy.
#[derive(Debug, Serialize)]
struct ScopeRow<'c> {
    scope: &'c str,
    /// Whether the file lists it; if not, the rules imply it.
    declared: bool,
    summary: Option<&'c str>,
    /// How many routes accept it.
    routes: usize,
}

/// A route as it is shown.
#[derive(Debug, Serialize)]
struct Row<'c> {
    /// Its place in the policy.
    #[serde(skip)]
    index: usize,
    /// Whether the filters leave it.
    #[serde(skip)]
    shown: bool,
    method: &'static str,
    /// The methods of the requests that it takes.
    #[serde(skip)]
    answers: Vec<&'static str>,
    path: &'c str,
    /// That of the first scope that lists it.
    resource: &'c str,
    /// The scopes it is listed under.
    listed: Vec<String>,
    /// The scopes of which a key needs any one, narrowest first.
    accepted: Vec<&'c str>,
    note: Option<&'c str>,
    /// Whether the key reaches it; `null` without a key.
    reached: Option<bool>,
    /// The held scope that opens it.
    by: Option<&'c str>,
}

impl<'c> Table<'c> {
    fn new(compiled: &'c Compiled, policy: &'c Policy<'c>, arguments: &Arguments) -> Self {
        let held = &arguments.held;
        let names: Option<HashSet<&str>> =
            held.is_given().then(|| held.names().into_iter().collect());
        let notes = Notes::new(compiled);
        let listings = compiled.model().templates.iter().flat_map(|listing| {
            listing
                .routes
                .iter()
                .map(move |route| (&listing.template, route))
        });
        let mut all = Vec::new();
        let mut accepting: HashMap<&str, usize> = HashMap::new();
        // The tables hold the routes in the model's order; the compiler's
        // proof compares them one by one.
        for (index, (route, (template, listed))) in policy.routes().zip(listings).enumerate() {
            let accepted: Vec<&str> = route.accepted().map(Scope::name).collect();
            for scope in &accepted {
                *accepting.entry(scope).or_default() += 1;
            }
            let by = names
                .as_ref()
                .and_then(|names| accepted.iter().copied().find(|scope| names.contains(scope)));
            let mut row = Row {
                index,
                shown: false,
                method: route.method().as_str(),
                answers: answered(Methods::NONE.with(route.method()))
                    .map(Method::as_str)
                    .collect(),
                path: route.template(),
                resource: listed
                    .listed
                    .first()
                    .map_or("", |scope| scope.resource.as_str()),
                listed: listed.listed.iter().map(ScopeName::to_string).collect(),
                accepted,
                note: notes.of(route.method(), template),
                reached: names.as_ref().map(|_| by.is_some()),
                by,
            };
            row.shown = arguments.wants(&row);
            all.push(row);
        }
        let summaries: HashMap<&str, &str> = compiled
            .document()
            .scopes
            .iter()
            .filter_map(|entry| Some((entry.name.value.as_str(), entry.summary.as_deref()?)))
            .collect();
        let scopes = policy
            .scopes()
            .map(|scope| ScopeRow {
                scope: scope.name(),
                declared: scope.is_declared(),
                summary: summaries.get(scope.name()).copied(),
                routes: accepting.get(scope.name()).copied().unwrap_or_default(),
            })
            .collect();
        Self {
            policy,
            scopes,
            held: held.is_given().then(|| {
                held.names()
                    .into_iter()
                    .map(|name| HeldScope::look_up(policy, name))
                    .collect()
            }),
            all,
        }
    }

    /// The routes that the filters leave.
    fn rows(&self) -> Vec<&Row<'c>> {
        self.all.iter().filter(|row| row.shown).collect()
    }

    /// The held scopes that the policy does not know.
    fn unknown(&self) -> impl Iterator<Item = &HeldScope<'c>> {
        self.held.iter().flatten().filter(|scope| !scope.known)
    }

    /// How many scopes the file lists.
    fn declared(&self) -> usize {
        self.scopes.iter().filter(|scope| scope.declared).count()
    }

    /// The scopes of each resource, `*` last.
    fn scopes_by_resource(&self) -> HashMap<&str, Vec<&ScopeRow<'c>>> {
        let mut all: HashMap<&str, Vec<&ScopeRow<'_>>> = HashMap::new();
        for row in &self.scopes {
            all.entry(row.order().0).or_default().push(row);
        }
        for scopes in all.values_mut() {
            scopes.sort_by_key(|row| row.order());
        }
        all
    }
}

impl ScopeRow<'_> {
    /// Resource by resource, the scope that covers the others last.
    fn order(&self) -> (&str, bool, &str) {
        let (resource, action) = self.scope.split_once(':').unwrap_or((self.scope, ""));
        (resource, action == "*", action)
    }
}

impl Arguments {
    fn wants(&self, row: &Row<'_>) -> bool {
        let method = self
            .method
            .is_none_or(|method| row.answers.contains(&method.as_str()));
        let text = self.grep.as_ref().is_none_or(|text| {
            let text = text.to_lowercase();
            let mut fields = std::iter::once(row.path)
                .chain(row.accepted.iter().copied())
                .chain(row.note);
            fields.any(|field| field.to_lowercase().contains(&text))
        });
        method && text
    }
}

/// Routes under their resources, both in order.
fn by_resource<'r, 'c>(
    rows: impl IntoIterator<Item = &'r Row<'c>>,
) -> BTreeMap<&'c str, Vec<&'r Row<'c>>> {
    let mut groups: BTreeMap<&str, Vec<&Row<'_>>> = BTreeMap::new();
    for row in rows {
        groups.entry(row.resource).or_default().push(row);
    }
    groups
}

/// The notes of the file by route.
struct Notes<'c>(HashMap<(Method, Template), &'c str>);

impl<'c> Notes<'c> {
    fn new(compiled: &'c Compiled) -> Self {
        let entries = compiled
            .document()
            .scopes
            .iter()
            .flat_map(|scope| &scope.routes);
        let noted = entries.filter_map(|entry| {
            let (method, path) = entry.text.value.split_once(' ')?;
            let method = Method::from_bytes(method.as_bytes())?;
            let template = Template::parse_literal(path.trim()).ok()?;
            Some(((method, template), entry.note.as_deref()?))
        });
        // Where a route has several notes, the file's first.
        let mut notes = HashMap::new();
        for (route, note) in noted {
            notes.entry(route).or_insert(note);
        }
        Self(notes)
    }

    fn of(&self, method: Method, template: &Template) -> Option<&'c str> {
        self.0.get(&(method, template.clone())).copied()
    }
}
