//! wayfind: built up, then frozen into a router that chooses the narrowest
//! template as routescope does. Writes parameters `<name>`.

use anyhow::Result;
use wayfind::{Match, Router, RouterBuilder};

use crate::engine::{Asks, Engine, Entrant};
use crate::request::Request;
use crate::workload::Workload;

pub fn set_up<'w>(workload: &'w Workload<'w>) -> Result<Entrant<'w>> {
    let mut builder = RouterBuilder::new();
    let mut excluded = 0;
    for (row, template) in workload.table.templates.iter().enumerate() {
        let template = template.replace('{', "<").replace('}', ">");
        excluded += usize::from(builder.insert(&template, row).is_err());
    }
    Ok(Entrant::new("wayfind", Asks::Path, Wayfind(builder.build())).without(excluded))
}

struct Wayfind(Router<usize>);

impl Engine for Wayfind {
    type Answer<'a> = Option<Match<'a, 'a, usize>>;

    fn ask<'a>(&'a self, request: &'a Request) -> Self::Answer<'a> {
        self.0.search(request.path)
    }

    fn number<'a>(&'a self, answer: Self::Answer<'a>) -> usize {
        answer.map_or(usize::MAX, |found| *found.data())
    }

    fn agrees<'a>(&'a self, request: &'a Request, answer: Self::Answer<'a>) -> bool {
        answer.map(|found| *found.data()) == request.expected.template()
    }
}
