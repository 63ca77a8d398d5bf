//! `regex::RegexSet`: every template an anchored expression, all of them asked
//! at once. A set answers with all that match, in the order in which they were
//! given, so the narrower stand first and the first match wins.

use anyhow::Result;
use regex::{RegexSet, RegexSetBuilder};

use crate::engine::{Asks, Engine, Entrant};
use crate::request::Request;
use crate::workload::Workload;

/// Enough for tables of some thousand templates; the default is 10 MB.
const SIZE: usize = 1 << 30;

pub fn set_up<'w>(workload: &'w Workload<'w>) -> Result<Entrant<'w>> {
    let rows = workload.table.narrowest_first();
    let templates = rows.iter().map(|&row| &workload.table.templates[row]);
    let set = RegexSetBuilder::new(templates.map(|template| written(template)))
        .size_limit(SIZE)
        .dfa_size_limit(SIZE)
        .build()?;
    Ok(Entrant::new("regex-set", Asks::Path, Set { set, rows }))
}

fn written(template: &str) -> String {
    let segments: Vec<String> = template
        .split('/')
        .map(|segment| {
            if segment.starts_with('{') {
                "[^/]+".to_owned()
            } else {
                regex::escape(segment)
            }
        })
        .collect();
    format!("^{}$", segments.join("/"))
}

struct Set {
    set: RegexSet,
    /// The template of each expression.
    rows: Vec<usize>,
}

impl Engine for Set {
    type Answer<'a> = Option<usize>;

    fn ask<'a>(&'a self, request: &'a Request) -> Self::Answer<'a> {
        let first = self.set.matches(request.path).iter().next()?;
        self.rows.get(first).copied()
    }

    fn number<'a>(&'a self, answer: Self::Answer<'a>) -> usize {
        answer.unwrap_or(usize::MAX)
    }

    fn agrees<'a>(&'a self, request: &'a Request, answer: Self::Answer<'a>) -> bool {
        answer == request.expected.template()
    }
}
