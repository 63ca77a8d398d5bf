//! The table of the routes and scopes, filtered, with the routes that a key reaches.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use routescope::{By, Method, Methods, Policy, Route, Scope};
use routescope_compiler::Compiled;
use routescope_compiler::model::ScopeList;
use routescope_compiler::template::Template;
use serde::Serialize;

use crate::held::{HeldArgument, HeldScope};
use crate::needs::{self, Needed};

/// The filters of `routes`.
#[derive(Debug, clap::Args)]
pub(super) struct Filter {
    /// Only routes that answer this method; HEAD is answered where GET is listed
    #[arg(long, short, value_name = "METHOD", value_parser = method)]
    pub(super) method: Option<Method>,

    /// Only routes with this text in path, scopes or note, in any case; `public` and `any key` find
    /// the routes that need no scope
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
            let needs = row.needed.iter().map(|needed| needed.names().join(" "));
            let mut fields = [row.path.to_owned()]
                .into_iter()
                .chain(needs)
                .chain(row.open().map(str::to_owned))
                .chain(row.note.map(str::to_owned));
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
    /// The number of routes that it opens alone.
    pub(super) routes: usize,
    /// The number of routes that it opens together with others.
    pub(super) routes_in_sets: usize,
    /// Whether its name has no parts.
    #[serde(skip)]
    is_opaque: bool,
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
    /// The headings it is listed under.
    pub(super) listed: Vec<String>,
    /// The kind of its requirement: `scopes`, `any_key` or `public`.
    pub(super) needs: &'static str,
    /// The scopes of which each alone suffices, narrowest first.
    pub(super) accepted: Vec<&'c str>,
    /// The alternatives, narrowest first: a key needs all scopes of one of them.
    alternatives: Vec<Vec<&'c str>>,
    #[serde(skip)]
    pub(super) needed: Vec<Needed<'c>>,
    pub(super) note: Option<&'c str>,
    /// Whether the key reaches it; `null` without a key.
    pub(super) reached: Option<bool>,
    /// Why: the held scope, the scopes of a complete set, `any key` or `public`.
    pub(super) by: Option<String>,
    /// The kind of that: `scope`, `all`, `any_key` or `public`.
    by_kind: Option<&'static str>,
}

impl<'c> Row<'c> {
    /// `public` or `any key`, if it needs no scope.
    pub(super) fn open(&self) -> Option<&'static str> {
        match self.needs {
            "public" => Some("public"),
            "any_key" => Some("any key"),
            _ => None,
        }
    }

    /// Its requirement, each scope as `show` writes it and `between` two alternatives:
    /// `a:read, b:read and c:read`.
    pub(super) fn requirement(&self, between: &str, show: impl Fn(&str) -> String) -> String {
        let needed = self.needed.iter();
        let alternatives: Vec<String> = needed.map(|needed| needed.in_words(&show)).collect();
        match self.open() {
            Some(open) => open.to_owned(),
            None => alternatives.join(between),
        }
    }

    /// Its sets, each a scope list.
    pub(super) fn sets(&self) -> Vec<String> {
        let sets = self.needed.iter();
        let sets = sets.filter(|needed| needed.single().is_none());
        sets.map(|set| set.names().join(" ")).collect()
    }

    /// The heading above it: its resource, or one for the routes that need no scope. No resource
    /// has a parenthesis.
    fn group(&self) -> &'c str {
        match self.needs {
            "public" => "(public)",
            "any_key" => "(any key)",
            _ => self.resource,
        }
    }
}

impl<'c> RouteTable<'c> {
    pub(super) fn new(
        compiled: &'c Compiled,
        policy: Policy<'c>,
        held: &HeldArgument,
        filter: &Filter,
    ) -> Self {
        let names: Option<BTreeSet<&str>> =
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
        let mut accepting_together: HashMap<&str, usize> = HashMap::new();
        // The tables hold the routes in the model's order; the compiler's
        // proof compares them one by one.
        for (index, (route, (template, listed))) in policy.routes().zip(listings).enumerate() {
            let accepted: Vec<&str> = route.accepted().iter().map(Scope::name).collect();
            for scope in &accepted {
                *accepting.entry(scope).or_default() += 1;
            }
            let needed = needs::alternatives(route);
            for scope in in_sets(&needed) {
                *accepting_together.entry(scope).or_default() += 1;
            }
            let by = names.as_ref().and_then(|names| opener(route, names));
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
                    .next()
                    .and_then(|list| list.iter().next())
                    .map(|scope| scope.resource().unwrap_or(scope.as_str()))
                    .unwrap_or_default(),
                listed: listed.listed.lists().map(ScopeList::to_string).collect(),
                needs: needs::kind(route),
                accepted,
                alternatives: needed.iter().map(Needed::names).collect(),
                needed,
                note: notes.of(route.method(), template),
                reached: names.as_ref().map(|_| by.is_some()),
                by: by.map(|by| by.to_string()),
                by_kind: by.map(By::as_str),
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
                routes_in_sets: accepting_together
                    .get(scope.name())
                    .copied()
                    .unwrap_or_default(),
                is_opaque: policy.has_opaque_scopes(),
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

    /// Whether some route needs several scopes together.
    pub(super) fn has_sets(&self) -> bool {
        self.all.iter().any(|row| !row.sets().is_empty())
    }

    /// Whether scopes of which each alone suffices do not say what every route needs.
    pub(super) fn needs_more_than_scopes(&self) -> bool {
        self.has_sets() || self.all.iter().any(|row| row.open().is_some())
    }

    /// Returns the numbers of routes that are public or open to every valid key, in words:
    /// ` (2 of them public)`; nothing where there are none.
    pub(super) fn open(&self) -> String {
        let counts = ["public", "any_key"].map(|kind| {
            let rows = self.all.iter();
            rows.filter(|row| row.needs == kind).count()
        });
        match counts {
            [0, 0] => String::new(),
            [public, 0] => format!(" ({public} of them public)"),
            [0, any_key] => format!(" ({any_key} of them open to every valid key)"),
            [public, any_key] => {
                format!(" ({public} of them public, {any_key} open to every valid key)")
            }
        }
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
        let parts = self.scope.split_once(':').filter(|_| !self.is_opaque);
        let (resource, action) = parts.unwrap_or((self.scope, ""));
        (resource, action == "*", action)
    }
}

/// Routes under their resources, both in order.
pub(super) fn by_resource<'r, 'c>(
    rows: impl IntoIterator<Item = &'r Row<'c>>,
) -> BTreeMap<&'c str, Vec<&'r Row<'c>>> {
    let mut groups: BTreeMap<&str, Vec<&Row<'_>>> = BTreeMap::new();
    for row in rows {
        groups.entry(row.group()).or_default().push(row);
    }
    groups
}

/// Why a key with these scopes may call a route, if it may.
fn opener<'c>(route: Route<'c>, held: &BTreeSet<&str>) -> Option<By<'c>> {
    let allowed = route.authorize(held).into_result();
    allowed.ok().map(|allowed| allowed.by)
}

/// The scopes that open a route together with others and not alone, each once.
fn in_sets<'c>(needed: &[Needed<'c>]) -> BTreeSet<&'c str> {
    let sets = needed.iter().filter(|needed| needed.single().is_none());
    sets.flat_map(|set| &set.scopes)
        .flat_map(|wanted| [wanted.name].into_iter().chain(wanted.implied_by.clone()))
        .filter(|scope| !needed.iter().any(|needed| needed.single() == Some(scope)))
        .collect()
}

/// The notes of the file by route.
struct Notes<'c>(HashMap<(Method, Template), &'c str>);

impl<'c> Notes<'c> {
    pub(super) fn new(compiled: &'c Compiled) -> Self {
        let entries = compiled.document().routes();
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
