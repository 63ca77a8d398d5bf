//! xitca-router: matchit, with parameters that own their text.

use anyhow::Result;
use xitca_router::{Match, MatchError, Router};

use super::matchit::takes;
use crate::engine::{Asks, Engine, Entrant};
use crate::request::Request;
use crate::workload::Workload;

pub fn set_up<'w>(workload: &'w Workload<'w>) -> Result<Entrant<'w>> {
    let mut router = Router::new();
    let mut excluded = 0;
    for (row, template) in workload.table.templates.iter().enumerate() {
        let taken = takes(template) && router.insert(template, row).is_ok();
        excluded += usize::from(!taken);
    }
    Ok(Entrant::new("xitca-router", Asks::Path, Xitca(router)).without(excluded))
}

struct Xitca(Router<usize>);

impl Engine for Xitca {
    type Answer<'a> = Result<Match<&'a usize>, MatchError>;

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
