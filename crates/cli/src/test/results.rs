//! The results of a file of tests.

use std::collections::{BTreeMap, BTreeSet};

use routescope::{Policy, Scope};
use serde::Serialize;

use super::file::Case;
use super::judge::Verdict;

/// The results of a file of tests.
pub(super) struct Results<'r> {
    pub(super) file: &'r str,
    pub(super) policy: Policy<'r>,
    pub(super) results: Vec<(&'r Case, Verdict<'r>)>,
    pub(super) coverage: Coverage,
    /// Whether the routes that no case touches are listed.
    pub(super) lists_coverage: bool,
    /// The share of the routes that the cases must touch, in per cent.
    pub(super) least_coverage: Option<f64>,
}

impl Results<'_> {
    /// Whether every case passed and the coverage is enough.
    pub(super) fn passed(&self) -> bool {
        self.failed() == 0 && self.is_covered()
    }

    pub(super) fn is_covered(&self) -> bool {
        self.least_coverage
            .is_none_or(|least| self.coverage.percent >= least)
    }

    pub(super) fn failed(&self) -> usize {
        self.results
            .iter()
            .filter(|(_, verdict)| !verdict.passed)
            .count()
    }

    /// The scopes of cases that the policy does not know, each with its lines.
    /// They grant nothing: meant in some cases, a slip in others.
    pub(super) fn unknown_scopes(&self) -> BTreeMap<&str, Vec<usize>> {
        let mut unknown: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let known: BTreeSet<&str> = self.policy.scopes().map(Scope::name).collect();
        for (case, _) in &self.results {
            for scope in case
                .scopes
                .iter()
                .filter(|scope| !known.contains(scope.as_str()))
            {
                let lines = unknown.entry(scope).or_default();
                if lines.last() != Some(&case.line) {
                    lines.push(case.line);
                }
            }
        }
        unknown
    }
}

/// Which routes the cases call, whether or not they are allowed to.
#[derive(Debug, Serialize)]
pub(super) struct Coverage {
    pub(super) routes: usize,
    pub(super) touched: usize,
    pub(super) percent: f64,
    pub(super) untouched: Vec<String>,
}

impl Coverage {
    pub(super) fn new(policy: Policy<'_>, results: &[(&Case, Verdict<'_>)]) -> Self {
        let touched: BTreeSet<&str> = results
            .iter()
            .filter_map(|(_, verdict)| verdict.got.route.as_deref())
            .collect();
        let all: Vec<String> = policy.routes().map(|route| route.to_string()).collect();
        let untouched: Vec<String> = all
            .iter()
            .filter(|route| !touched.contains(route.as_str()))
            .cloned()
            .collect();
        let (routes, touched) = (all.len(), all.len() - untouched.len());
        // Never rounded up to 100.
        let percent = match routes {
            0 => 100.0,
            _ => (touched * 1000 / routes) as f64 / 10.0,
        };
        Self {
            routes,
            touched,
            percent,
            untouched,
        }
    }
}
