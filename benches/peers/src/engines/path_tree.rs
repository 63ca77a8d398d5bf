//! path-tree, the router under viz: a radix tree over bytes. Writes parameters
//! `:name`, and takes whatever it is given: a template that says the same as
//! another replaces it.

use anyhow::Result;
use path_tree::{Path, PathTree};

use crate::engine::{Asks, Engine, Entrant};
use crate::request::Request;
use crate::workload::Workload;

pub fn set_up<'w>(workload: &'w Workload<'w>) -> Result<Entrant<'w>> {
    let mut tree = PathTree::new();
    for (row, template) in workload.table.templates.iter().enumerate() {
        let _ = tree.insert(&written(template), row);
    }
    Ok(Entrant::new("path-tree", Asks::Path, Tree(tree)))
}

fn written(template: &str) -> String {
    let segments: Vec<String> = template
        .split('/')
        .map(
            |segment| match segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
                Some(name) => format!(":{name}"),
                // These begin a parameter.
                None => segment
                    .replace(':', "\\:")
                    .replace('+', "\\+")
                    .replace('*', "\\*"),
            },
        )
        .collect();
    segments.join("/")
}

struct Tree(PathTree<usize>);

impl Engine for Tree {
    type Answer<'a> = Option<(&'a usize, Path<'a, 'a>)>;

    fn ask<'a>(&'a self, request: &'a Request) -> Self::Answer<'a> {
        self.0.find(request.path)
    }

    fn number<'a>(&'a self, answer: Self::Answer<'a>) -> usize {
        answer.map_or(usize::MAX, |(row, _)| *row)
    }

    fn agrees<'a>(&'a self, request: &'a Request, answer: Self::Answer<'a>) -> bool {
        answer.map(|(row, _)| *row) == request.expected.template()
    }
}
