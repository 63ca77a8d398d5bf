//! The table of the routes and scopes, filtered, with the routes that a key reaches.

use std::collections::{BTreeMap, HashMap, HashSet};

use routescope::{Method, Methods, Policy, Scope};
use routescope_compiler::Compiled;
use routescope_compiler::model::ScopeList;
use routescope_compiler::template::Template;
use serde::Serialize;

use crate::held::{HeldArgument, HeldScope};

/// The filters of `routes`.
#[derive(Debug, clap::Args)]
pub(super) struct Filter {
    /// Only routes that answer this method; HEAD is answered where GET is listed
    #[arg(long, short, value_name = "METHOD", value_parser = method)]
    pub(super) method: Option<Method>,

    /// Only routes with this text in path, scopes or note, in any case
    #[arg(long, short, value_name = "TEXT")]
    pub(super) grep: Option<String>,
}

impl Filter {
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
pub(super) struct RouteTable<'c> {
    pub(super) compiled: &'c Compiled,
    pub(super) policy: Policy<'c>,
    pub(super) scopes: Vec<ScopeRow<'c>>,
    /// The scopes the key holds, where there is a key.
    pub(super) held: Option<Vec<HeldScope<'c>>>,
    /// Every route, in the policy's order.
    pub(super) all: Vec<Row<'c>>,
}

/// A scope that means something to the policy.
#[derive(Debug, Serialize)]
pub(super) struct ScopeRow<'c> {
    pub(super) scope: &'c str,
    /// Whether the file lists it; if not, the rules imply it.
    pub(super) declared: bool,
    pub(super) summary: Option<&'c str>,
    /// The number of routes that accept it.
    pub(super) routes: usize,
}

/// A route as the table shows it.
#[derive(Debug, Serialize)]
pub(super) struct Row<'c> {
    /// Its number in the policy.
    #[serde(skip)]
    pub(super) index: usize,
    /// Whether the filters leave it.
    #[serde(skip)]
    shown: bool,
    pub(super) method: &'static str,
    /// The methods of the requests that it takes.
    #[serde(skip)]
    pub(super) answers: Vec<&'static str>,
    pub(super) path: &'c str,
    /// The resource of the first scope that lists it.
    pub(super) resource: &'c str,
    /// The scopes it is listed under.
    pub(super) listed: Vec<String>,
    /// The scopes of which a key needs any one, narrowest first.
    pub(super) accepted: Vec<&'c str>,
    pub(super) note: Option<&'c str>,
    /// Whether the key reaches it; `null` without a key.
    pub(super) reached: Option<bool>,
    /// The held scope that opens it.
    pub(super) by: Option<&'c str>,
}

impl<'c> RouteTable<'c> {
    pub(super) fn new(
        compiled: &'c Compiled,
        policy: Policy<'c>,
        held: &HeldArgument,
        filter: &Filter,
    ) -> Self {
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
            let accepted: Vec<&str> = route.accepted().iter().map(Scope::name).collect();
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
                answers: Methods::from(route.method())
                    .answered()
                    .iter()
                    .map(Method::as_str)
                    .collect(),
                path: route.template(),
                resource: listed
                    .listed
                    .lists()
                    .and_then(|lists| lists.first()?.iter().next()?.resource())
                    .unwrap_or_default(),
                listed: listed
                    .listed
                    .lists()
                    .into_iter()
                    .flatten()
                    .map(ScopeList::to_string)
                    .collect(),
                accepted,
                note: notes.of(route.method(), template),
                reached: names.as_ref().map(|_| by.is_some()),
                by,
            };
            row.shown = filter.wants(&row);
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
            compiled,
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
    pub(super) fn rows(&self) -> Vec<&Row<'c>> {
        self.all.iter().filter(|row| row.shown).collect()
    }

    /// The held scopes that the policy does not know.
    pub(super) fn unknown(&self) -> impl Iterator<Item = &HeldScope<'c>> {
        self.held.iter().flatten().filter(|scope| !scope.known)
    }

    /// Returns the number of scopes that the file lists.
    pub(super) fn declared(&self) -> usize {
        self.scopes.iter().filter(|scope| scope.declared).count()
    }

    /// The scopes of each resource, `*` last.
    pub(super) fn scopes_by_resource(&self) -> HashMap<&str, Vec<&ScopeRow<'c>>> {
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
    pub(super) fn order(&self) -> (&str, bool, &str) {
        let (resource, action) = self.scope.split_once(':').unwrap_or((self.scope, ""));
        (resource, action == "*", action)
    }
}

/// Routes under their resources, both in order.
pub(super) fn by_resource<'r, 'c>(
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
    pub(super) fn new(compiled: &'c Compiled) -> Self {
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
        // If a route has several notes, the file's first counts.
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
