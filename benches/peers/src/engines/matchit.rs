//! matchit, the router under axum: a radix tree over bytes. Takes `{name}`
//! templates unchanged.

use anyhow::Result;
use matchit::{Match, MatchError, Router};

use crate::engine::{Asks, Engine, Entrant};
use crate::request::Request;
use crate::workload::Workload;
use tables::Table;

pub fn set_up<'w>(workload: &'w Workload<'w>) -> Result<Entrant<'w>> {
    let mut router = Router::new();
    let mut excluded = 0;
    for (row, template) in workload.table.templates.iter().enumerate() {
        let taken = takes(template) && router.insert(template, row).is_ok();
        excluded += usize::from(!taken);
    }
    Ok(Entrant::new("matchit", Asks::Path, Matchit(router)).without(excluded))
}

/// Its parameters are numbered by the letters of the alphabet; one more is a
/// panic.
pub fn takes(template: &str) -> bool {
    Table::parameters(template) < 26
}

struct Matchit(Router<usize>);

impl Engine for Matchit {
    type Answer<'a> = Result<Match<'a, 'a, &'a usize>, MatchError>;

    fn ask<'a>(&'a self, request: &'a Request) -> Self::Answer<'a> {
        self.0.at(request.path)
    }

    fn number<'a>(&'a self, answer: Self::Answer<'a>) -> usize {
        answer.map_or(usize::MAX, |found| *found.value)
    }

    fn agrees<'a>(&'a self, request: &'a Request, answer: Self::Answer<'a>) -> bool {
        answer.ok().map(|found| *found.value) == request.expected.template()
    }
}
