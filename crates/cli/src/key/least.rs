//! The least scopes for the routes that a key is for.

use std::collections::BTreeSet;
use std::path::PathBuf;

use routescope::{Policy, Route, Scope};
use routescope_compiler::model::Model;

use crate::failure::{Failure, Result};
use crate::input;
use crate::suggest::choose::{Choice, Used, choose};
use crate::wire::cut;

/// `--for` and `--routes`.
#[derive(Debug, clap::Args)]
pub(super) struct ForArgument {
    /// A request or a route that the key is for, `GET /orders/{id}`; repeat it. The least scopes
    /// that open all of them are added to those of --scope
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

    /// The scopes to add to `held`, each with the routes that it is for.
    pub(super) fn choose<'p>(
        &self,
        policy: Policy<'p>,
        model: &Model,
        held: &[&str],
    ) -> Result<Vec<Choice<'p>>> {
        let mut requests = self.requests.clone();
        if let Some(file) = &self.routes {
            let text = input::text(file)?;
            let lines = text.lines().map(str::trim);
            let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
            requests.extend(lines.map(str::to_owned));
        }
        let mut used: Vec<Used<'p>> = Vec::new();
        let mut seen = BTreeSet::new();
        for request in &requests {
            let route = route(policy, request)?;
            let mut accepted = route.accepted().iter().map(Scope::name);
            if !accepted.any(|scope| held.contains(&scope)) && seen.insert(route.to_string()) {
                used.push(Used {
                    route,
                    by: None,
                    requests: 1,
                });
            }
        }
        Ok(choose(policy, model, &used))
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
