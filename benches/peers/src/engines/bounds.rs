//! Bounds that no engine can beat: a hash map that has seen every request, and an engine that
//! looks at nothing.

use std::collections::HashMap;

use anyhow::Result;
use rustc_hash::FxBuildHasher;

use crate::engine::{Asks, Engine, Entrant};
use crate::request::Request;
use crate::workload::Workload;

/// A hash map that has seen every complete path of the table's shuffled
/// requests and of this workload, and need not take any apart.
///
/// The hash is `rustc-hash`'s, which is made for speed alone.
pub fn hash_map<'w>(workload: &'w Workload<'w>) -> Result<Entrant<'w>> {
    let known = workload
        .known
        .iter()
        .chain(&workload.requests)
        .filter_map(|request| Some((request.path, request.expected.template()?)))
        .collect();
    Ok(Entrant::new("hash-map", Asks::Bound, Known(known)))
}

struct Known(HashMap<&'static str, usize, FxBuildHasher>);

impl Engine for Known {
    type Answer<'a> = Option<&'a usize>;

    fn ask<'a>(&'a self, request: &'a Request) -> Self::Answer<'a> {
        self.0.get(request.path)
    }

    fn number<'a>(&'a self, answer: Self::Answer<'a>) -> usize {
        answer.copied().unwrap_or(usize::MAX)
    }

    fn agrees<'a>(&'a self, request: &'a Request, answer: Self::Answer<'a>) -> bool {
        answer.copied() == request.expected.template()
    }
}

/// Looks at nothing: what the loop itself costs. Its answer is always *no*.
pub fn baseline<'w>(_: &'w Workload<'w>) -> Result<Entrant<'w>> {
    Ok(Entrant::new("baseline", Asks::Bound, Nothing))
}

struct Nothing;

impl Engine for Nothing {
    type Answer<'a> = (&'static str, &'static str);

    fn ask<'a>(&'a self, request: &'a Request) -> Self::Answer<'a> {
        (request.method, request.path)
    }

    fn number<'a>(&'a self, (method, path): Self::Answer<'a>) -> usize {
        method.len() + path.len()
    }

    fn agrees<'a>(&'a self, request: &'a Request, _: Self::Answer<'a>) -> bool {
        request.expected.template().is_none()
    }
}
