//! The least scopes for the routes that a key is for.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;

use routescope::{Alternative, By, Decision, Policy, Route, Scope, ScopeSet};
use routescope_compiler::model::{Model, ModelRoute, ScopeName};

use crate::failure::{Failure, Result};
use crate::input;
use crate::suggest::choose::{Used, choose};
use crate::wire::cut;

/// `--for` and `--routes`.
#[derive(Debug, clap::Args)]
pub(super) struct ForArgument {
    /// A request or a route that the key is for, `GET /orders/{id}`; repeat it. The least scopes
    /// that open all of them are added to those of --scope: all of a set, where a route needs one
    #[arg(long = "for", value_name = "METHOD PATH")]
    requests: Vec<String>,

    /// A file with a request or a route a line; empty lines and those that begin with `#` count for
    /// nothing; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(super) routes: Option<PathBuf>,
}

impl ForArgument {
    pub(super) fn is_given(&self) -> bool {
        !self.requests.is_empty() || self.routes.is_some()
    }

    /// The scopes to add to `held`.
    pub(super) fn choose<'p>(
        &self,
        policy: Policy<'p>,
        model: &Model,
        held: &[&str],
    ) -> Result<Least<'p>> {
        let mut requests = self.requests.clone();
        if let Some(file) = &self.routes {
            let text = input::text(file)?;
            let lines = text.lines().map(str::trim);
            let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
            requests.extend(lines.map(str::to_owned));
        }
        let mut routes: BTreeMap<String, Route<'p>> = BTreeMap::new();
        for request in &requests {
            let route = route(policy, request)?;
            routes.insert(route.to_string(), route);
        }
        Ok(least(policy, model, held, routes.into_values()))
    }
}

/// The least scopes that open some routes, in addition to those that are held.
pub(super) struct Least<'p> {
    /// In the order of names.
    pub(super) scopes: Vec<&'p str>,
    /// For each route that they open, those of them that open it together.
    pub(super) reasons: BTreeMap<Vec<&'p str>, Vec<Route<'p>>>,
    /// The routes that need no scope.
    pub(super) open: Vec<Route<'p>>,
}

fn least<'p>(
    policy: Policy<'p>,
    model: &Model,
    held: &[&str],
    routes: impl Iterator<Item = Route<'p>>,
) -> Least<'p> {
    let (needing, open): (Vec<Route<'p>>, _) =
        routes.partition(|route| route.requirement().alternatives().is_some());
    let held = policy.scope_set(held);
    let needing: Vec<Route<'p>> = needing
        .into_iter()
        .filter(|route| !route.authorize(&held).is_allow())
        .collect();
    // Routes without sets first: their scopes may complete a set.
    let (with_sets, simple): (Vec<Route<'p>>, Vec<Route<'p>>) = needing
        .iter()
        .partition(|route| alternatives(**route).any(|one| one.as_scope().is_none()));
    let used: Vec<Used<'p>> = simple
        .into_iter()
        .map(|route| Used {
            route,
            by: None,
            requests: 1,
        })
        .collect();
    let choices = choose(policy, model, &used);
    let chosen = choices
        .iter()
        .flat_map(|choice| choice.scopes.iter().copied());
    let mut chosen: BTreeSet<&'p str> = chosen.collect();
    cover_sets(policy, model, &held, &mut chosen, &with_sets);
    remove_needless(policy, &held, &mut chosen, &needing);

    let all = with(policy, &held, &chosen, None);
    let mut reasons: BTreeMap<Vec<&'p str>, Vec<Route<'p>>> = BTreeMap::new();
    for route in needing {
        let together = match route.authorize(&all) {
            Decision::Allow {
                by: By::Scope(scope),
                ..
            } => vec![scope.name()],
            _ => chosen
                .iter()
                .copied()
                .filter(|one| {
                    let others = with(policy, &held, &chosen, Some(one));
                    !route.authorize(&others).is_allow()
                })
                .collect(),
        };
        reasons.entry(together).or_default().push(route);
    }
    Least {
        scopes: chosen.into_iter().collect(),
        reasons,
        open,
    }
}

fn alternatives(route: Route<'_>) -> impl Iterator<Item = Alternative<'_>> {
    route.requirement().alternatives().into_iter().flatten()
}

/// The held and the chosen scopes, `without` one of these.
fn with<'p>(
    policy: Policy<'p>,
    held: &ScopeSet,
    chosen: &BTreeSet<&'p str>,
    without: Option<&str>,
) -> ScopeSet {
    let mut set = *held;
    let chosen = chosen.iter().filter(|name| Some(**name) != without);
    set.extend(chosen.filter_map(|name| policy.scope(name)));
    set
}

/// Opens each route by one of its alternatives, as the file lists them: the one with which the key
/// can call the fewest routes that it is not for.
fn cover_sets<'p>(
    policy: Policy<'p>,
    model: &Model,
    held: &ScopeSet,
    chosen: &mut BTreeSet<&'p str>,
    routes: &[Route<'p>],
) {
    let wanted: BTreeSet<Route<'p>> = routes.iter().copied().collect();
    // Few, however many the routes are: most share what they need.
    let mut seen = HashSet::new();
    let candidates: Vec<Alternative<'p>> = routes
        .iter()
        .flat_map(|route| listed(model, *route))
        .filter(|alternative| seen.insert(*alternative))
        .collect();
    loop {
        let before = with(policy, held, chosen, None);
        let missing = |route: &&Route<'p>| !route.authorize(&before).is_allow();
        if !routes.iter().any(|route| missing(&route)) {
            return;
        }
        let closed: Vec<Route<'p>> = policy.routes().filter(|route| missing(&route)).collect();
        let cost = |alternative: &Alternative<'p>| {
            let mut after = before;
            after.extend(alternative.scopes());
            let opened = closed
                .iter()
                .filter(|route| route.authorize(&after).is_allow());
            let (needed, other): (Vec<&Route<'p>>, Vec<_>) =
                opened.partition(|route| wanted.contains(*route));
            (!needed.is_empty()).then_some((other.len(), Reverse(needed.len())))
        };
        let least = candidates
            .iter()
            .filter_map(|alternative| Some((cost(alternative)?, alternative)))
            .min_by_key(|(cost, _)| *cost);
        let Some((_, alternative)) = least else {
            return;
        };
        chosen.extend(alternative.scopes().map(Scope::name));
    }
}

/// The alternatives of a route that the file states, narrowest first. The others are wider: scopes
/// that imply all of one of these.
fn listed<'p>(model: &Model, route: Route<'p>) -> Vec<Alternative<'p>> {
    let same =
        |listed: &&ModelRoute| listed.method == route.method() && listed.text == route.template();
    let lists = model.routes().find(same).and_then(|one| one.listed.lists());
    let is_listed = |alternative: &Alternative<'p>| {
        let names: BTreeSet<&str> = alternative.scopes().map(Scope::name).collect();
        let mut lists = lists.into_iter().flatten();
        lists.any(|list| list.iter().map(ScopeName::as_str).collect::<BTreeSet<_>>() == names)
    };
    alternatives(route).filter(is_listed).collect()
}

/// Removes the scopes without which the routes are open just as well, the widest first.
fn remove_needless<'p>(
    policy: Policy<'p>,
    held: &ScopeSet,
    chosen: &mut BTreeSet<&'p str>,
    routes: &[Route<'p>],
) {
    let mut widest_first: Vec<(usize, &'p str)> = chosen
        .iter()
        .map(|name| {
            let alone = policy.scope_set([name]);
            let opened = policy
                .routes()
                .filter(|one| one.authorize(&alone).is_allow());
            (opened.count(), *name)
        })
        .collect();
    widest_first.sort_by_key(|(opened, _)| Reverse(*opened));
    for (_, name) in widest_first {
        let others = with(policy, held, chosen, Some(name));
        if routes
            .iter()
            .all(|route| route.authorize(&others).is_allow())
        {
            chosen.remove(name);
        }
    }
}

/// The route that a text is, or that takes the request that it is.
fn route<'p>(policy: Policy<'p>, text: &str) -> Result<Route<'p>> {
    if let Some(route) = policy.routes().find(|route| route.to_string() == text) {
        return Ok(route);
    }
    let Some((method, target)) = text.split_once(' ') else {
        return Err(Failure::new(
            format_args!("`{}` is no request", cut(text)),
            "write a method, a space and a path: `GET /orders/7`",
        ));
    };
    match policy.route(method, target) {
        Ok(route) => Ok(route),
        Err(denial) => Err(Failure::new(
            format_args!("no key can do `{}`: {}", cut(text), denial.reason()),
            "`routescope explain` says why, and what is near",
        )),
    }
}
