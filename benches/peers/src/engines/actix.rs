//! actix-router: tries the routes in the order of their registration, each by a
//! comparison or a regular expression, and takes the first that matches. So its
//! users register the narrower route first.

use actix_router::{Path, ResourceId, Router};
use anyhow::Result;

use crate::engine::{Asks, Engine, Entrant};
use crate::request::Request;
use crate::workload::Workload;

pub fn set_up<'w>(workload: &'w Workload<'w>) -> Result<Entrant<'w>> {
    let mut router = Router::<usize>::build();
    for row in workload.table.narrowest_first() {
        router.path(workload.table.templates[row].as_str(), row);
    }
    Ok(Entrant::new(
        "actix-router",
        Asks::Path,
        Actix(router.finish()),
    ))
}

struct Actix(Router<usize>);

impl Engine for Actix {
    type Answer<'a> = (Path<&'a str>, Option<(&'a usize, ResourceId)>);

    fn ask<'a>(&'a self, request: &'a Request) -> Self::Answer<'a> {
        let mut path = Path::new(request.path);
        let found = self.0.recognize(&mut path);
        (path, found)
    }

    fn agrees<'a>(&'a self, request: &'a Request, (_, found): Self::Answer<'a>) -> bool {
        found.map(|(row, _)| *row) == request.expected.template()
    }
}
