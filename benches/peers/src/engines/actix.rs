//! actix-router: tries the routes in the order of their registration, each by a
//! comparison or a regular expression, and takes the first that matches. So its
//! users register the narrower route first.

use actix_router::{Path, ResourceId, Router};
use anyhow::Result;

use crate::engine::{Asks, Engine, Entrant};
use crate::request::Request;
use crate::workload::Workload;
use tables::Table;

pub fn set_up<'w>(workload: &'w Workload<'w>) -> Result<Entrant<'w>> {
    let mut router = Router::<usize>::build();
    let mut excluded = 0;
    for row in workload.table.narrowest_first() {
        let template = workload.table.templates[row].as_str();
        if Table::parameters(template) <= MOST_PARAMETERS {
            router.path(template, row);
        } else {
            excluded += 1;
        }
    }
    let engine = Actix(router.finish());
    Ok(Entrant::new("actix-router", Asks::Path, engine).without(excluded))
}

/// One more is a panic.
const MOST_PARAMETERS: usize = 16;

struct Actix(Router<usize>);

impl Engine for Actix {
    type Answer<'a> = (Path<&'a str>, Option<(&'a usize, ResourceId)>);

    fn ask<'a>(&'a self, request: &'a Request) -> Self::Answer<'a> {
        let mut path = Path::new(request.path);
        let found = self.0.recognize(&mut path);
        (path, found)
    }

    fn number<'a>(&'a self, (_, found): Self::Answer<'a>) -> usize {
        found.map_or(usize::MAX, |(row, _)| *row)
    }

    fn agrees<'a>(&'a self, request: &'a Request, (_, found): Self::Answer<'a>) -> bool {
        found.map(|(row, _)| *row) == request.expected.template()
    }
}
