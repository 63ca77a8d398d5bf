//! The least scopes for the routes that a key is for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use routescope::{Policy, Route};
use routescope_compiler::model::Model;

use crate::failure::{Failure, Result};
use crate::input;
use crate::suggest::choose::{Choice, Used, choose};
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
        Ok(Least::new(policy, model, held, routes.into_values()))
    }
}

/// The least scopes that open some routes, in addition to those that are held.
pub(super) struct Least<'p> {
    /// The scopes with the routes that they open, in the order of names.
    pub(super) choices: Vec<Choice<'p>>,
    /// The routes that need no scope.
    pub(super) open: Vec<Route<'p>>,
}

impl<'p> Least<'p> {
    fn new(
        policy: Policy<'p>,
        model: &Model,
        held: &[&str],
        routes: impl Iterator<Item = Route<'p>>,
    ) -> Self {
        let (needing, open): (Vec<Route<'p>>, _) =
            routes.partition(|route| route.requirement().alternatives().is_some());
        let set = policy.scope_set(held);
        let closed = needing.into_iter();
        let closed = closed.filter(|route| !route.authorize(&set).is_allow());
        let used: Vec<Used<'p>> = closed
            .map(|route| Used {
                route,
                by: None,
                requests: 1,
            })
            .collect();
        Self {
            choices: choose(policy, model, held, &used),
            open,
        }
    }

    /// The scopes, in the order of names.
    pub(super) fn scopes(&self) -> BTreeSet<&'p str> {
        let choices = self.choices.iter();
        choices
            .flat_map(|choice| choice.scopes.iter().copied())
            .collect()
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
