//! A workload is a table, keys, and requests with their right answers.

use std::collections::BTreeSet;

use anyhow::{Context, Result, anyhow};
use fastrand::Rng;
use routescope::Policy;
use routescope_compiler::{Compiled, compile};

use crate::mode::Mode;
use crate::oracle;
use crate::request::{Request, side_by_side};
use tables::{Table, fill_with, value};

/// Requests in a shuffled workload: more than a branch predictor remembers.
pub const SHUFFLED: usize = 8192;

pub struct Workload<'t> {
    pub name: String,
    pub table: &'t Table,
    /// The compiled table; `None` where it is the built-in one.
    pub policy: Option<Policy<'t>>,
    /// The scopes of each key.
    pub keys: Vec<Vec<String>>,
    pub requests: Vec<Request>,
    pub mode: Mode,
    /// Requests that match something, for engines that learn by heart.
    pub known: Vec<Request>,
}

impl Workload<'_> {
    pub fn mean_length(&self) -> f64 {
        let bytes: usize = self.requests.iter().map(|r| r.target.len()).sum();
        bytes as f64 / self.requests.len().max(1) as f64
    }
}

/// A table with its policy, on which workloads run.
pub struct Ground {
    pub table: Table,
    compiled: Option<Compiled>,
    /// The scopes of a key that may call every route.
    everything: Vec<String>,
}

impl Ground {
    /// The PBX table, whose policy is built in. Its key holds the one scope that
    /// covers all, which is the last of a route's accepted scopes.
    pub fn built_in(table: Table) -> Self {
        Self {
            table,
            compiled: None,
            everything: vec!["pbx:*".to_owned()],
        }
    }

    /// Any other table.
    pub fn compiled(table: Table) -> Result<Self> {
        let compiled = compiled(&table, &table.yaml())?;
        Ok(Self::with(table, compiled))
    }

    /// A table that was compiled. Its key holds every scope that lists a route.
    pub fn with(table: Table, compiled: Compiled) -> Self {
        let scopes: BTreeSet<&String> = table.routes.iter().map(|r| &r.scope).collect();
        let everything = scopes.into_iter().cloned().collect();
        Self {
            table,
            compiled: Some(compiled),
            everything,
        }
    }

    /// A workload whose requests are all made with the key for everything.
    pub fn workload(&self, name: &str, requests: &[Request], known: &[Request]) -> Workload<'_> {
        Workload {
            name: format!("{}-{name}", self.table.name),
            table: &self.table,
            policy: self.policy(),
            keys: vec![self.everything.clone()],
            requests: side_by_side(requests),
            mode: Mode::Overlapping,
            known: known.to_vec(),
        }
    }

    pub fn policy(&self) -> Option<Policy<'_>> {
        self.compiled.as_ref().map(Compiled::policy)
    }

    /// A request with the key for everything, and its right answer. The path
    /// must keep the rules.
    pub fn request(&self, method: &'static str, target: String) -> Request {
        let expected = oracle::decide(&self.table, &self.everything, method, &target);
        Request::new(method, target, 0, expected)
    }

    /// A request for each route, in the order of the table.
    pub fn hot(&self, rng: &mut Rng) -> Vec<Request> {
        let rows = 0..self.table.routes.len();
        rows.map(|row| self.request_for(row, rng)).collect()
    }

    /// The rows of the routes whose templates have parameters.
    pub fn with_parameters(&self) -> Vec<usize> {
        let has = |row: &usize| {
            let template = self.table.routes[*row].template;
            Table::parameters(&self.table.templates[template]) > 0
        };
        (0..self.table.routes.len()).filter(has).collect()
    }

    /// Random requests, every route about as often.
    pub fn shuffled(&self, rng: &mut Rng) -> Vec<Request> {
        let mut requests = Vec::with_capacity(SHUFFLED);
        let mut order: Vec<usize> = (0..self.table.routes.len()).collect();
        while requests.len() < SHUFFLED {
            rng.shuffle(&mut order);
            let rest = SHUFFLED - requests.len();
            requests.extend(
                order
                    .iter()
                    .take(rest)
                    .map(|&row| self.request_for(row, rng)),
            );
        }
        requests
    }

    /// A request for a route, with values of the usual kinds.
    pub fn request_for(&self, row: usize, rng: &mut Rng) -> Request {
        self.request_with(row, || value(rng))
    }

    /// A request for a route, with a value of the caller's for each parameter.
    pub fn request_with(&self, row: usize, value: impl FnMut() -> String) -> Request {
        let route = &self.table.routes[row];
        let template = &self.table.templates[route.template];
        self.request(route.method, fill_with(template, value))
    }
}

/// A table as routescope compiles it, given its [`Table::yaml`].
pub fn compiled(table: &Table, yaml: &str) -> Result<Compiled> {
    compile(&format!("{}.yaml", table.name), yaml)
        .map_err(|report| anyhow!("{report}"))
        .with_context(|| format!("the table `{}` does not compile", table.name))
}
