//! The place of each template in the file, for the problems that are about it.

use std::collections::HashMap;
use std::ops::Range;

use crate::model::listed_route::ListedRoute;
use crate::model::template::Template;
use crate::model::{Listing, Model};
use crate::source::document::Document;

/// The routes of a file by their template: for checks that still have them.
pub(crate) struct SourceMap<'r> {
    by_template: HashMap<&'r Template, Vec<&'r ListedRoute>>,
}

impl<'r> SourceMap<'r> {
    pub(crate) fn new(model: &Model, routes: &'r [ListedRoute]) -> Self {
        let mut by_template: HashMap<&Template, Vec<&ListedRoute>> =
            HashMap::with_capacity(model.templates.len());
        for route in routes {
            by_template.entry(&route.template).or_default().push(route);
        }
        Self { by_template }
    }

    /// The routes on a template, in the file's order.
    pub(crate) fn routes(&self, listing: &Listing) -> &[&'r ListedRoute] {
        self.by_template
            .get(&listing.template)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The place of the first one.
    pub(crate) fn first(&self, listing: &Listing) -> Range<usize> {
        self.routes(listing)
            .first()
            .map_or(0..0, |route| route.at.clone())
    }

    /// Whether one of them has `overlap: allow`.
    pub(crate) fn may_overlap(&self, listing: &Listing) -> bool {
        let routes = self.routes(listing);
        routes.iter().any(|route| route.overlap.is_some())
    }
}

/// The same from a document, for the stages after the checks.
pub(crate) struct DocumentIndex {
    by_template: HashMap<Template, (Range<usize>, bool)>,
}

impl DocumentIndex {
    pub(crate) fn new(document: &Document) -> Self {
        let mut by_template = HashMap::new();
        for entry in document.routes() {
            let path = entry.text.value.split_once(' ').map(|(_, path)| path);
            let Some(template) = path.and_then(|path| Template::parse_literal(path).ok()) else {
                continue;
            };
            let known = by_template
                .entry(template)
                .or_insert_with(|| (entry.text.at.clone(), false));
            known.1 |= entry.overlap.is_some();
        }
        Self { by_template }
    }

    /// The place of the first route on a template.
    pub(crate) fn first(&self, listing: &Listing) -> Range<usize> {
        self.by_template
            .get(&listing.template)
            .map_or(0..0, |(at, _)| at.clone())
    }

    /// Whether one of its routes has `overlap: allow`.
    pub(crate) fn may_overlap(&self, listing: &Listing) -> bool {
        self.by_template
            .get(&listing.template)
            .is_some_and(|(_, may)| *may)
    }
}
