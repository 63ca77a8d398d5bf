//! The paths as a tree whose edges are compressed: a node's label is one or more segments.

use std::collections::{BTreeMap, BTreeSet};

use routescope_compiler::model::{Model, ScopeName};
use routescope_compiler::template::{Segment, Template};
use serde::Serialize;

use crate::wire::thousands;

/// One or more segments that all paths below share.
#[derive(Debug, Serialize)]
pub(super) struct Node {
    /// `api/v1`; empty at the root where paths share nothing.
    pub(super) label: String,
    /// The paths that end here: at most one without a slash and one with.
    pub(super) ends: Vec<Endpoint>,
    pub(super) children: Vec<Node>,
}

#[derive(Debug, Serialize)]
pub(super) struct Endpoint {
    pub(super) path: String,
    /// Whether it ends in a slash.
    pub(super) slash: bool,
    pub(super) routes: Vec<ListedRoute>,
}

#[derive(Debug, Serialize)]
pub(super) struct ListedRoute {
    pub(super) method: &'static str,
    /// The scopes it is listed under.
    pub(super) scopes: Vec<String>,
}

impl ListedRoute {
    /// The resource of the first scope.
    pub(super) fn resource(&self) -> &str {
        let scope = self.scopes.first().map_or("", String::as_str);
        scope.split(':').next().unwrap_or(scope)
    }

    /// The scopes it is listed under, of which any one will do.
    pub(super) fn listed(&self) -> String {
        self.scopes.join(" or ")
    }
}

impl Node {
    /// Visits the node and all below it, from the left.
    pub(super) fn visit_all<'n>(&'n self, visit: &mut impl FnMut(&'n Self)) {
        visit(self);
        for child in &self.children {
            child.visit_all(visit);
        }
    }

    /// The text of the node: with a slash where its only path ends in one.
    pub(super) fn text(&self) -> String {
        let slash = match self.ends.as_slice() {
            [end] if end.slash && !self.label.is_empty() => "/",
            [_, _] => "(/)",
            _ => "",
        };
        format!("{}{slash}", self.label)
    }

    /// A line for each route that ends here: `GET files:read`.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for end in &self.ends {
            let which = match (self.ends.len(), end.slash) {
                (1, _) => "",
                (_, false) => "no slash: ",
                (_, true) => "with slash: ",
            };
            let routes = end.routes.iter();
            lines.extend(routes.map(|route| format!("{which}{} {}", route.method, route.listed())));
        }
        lines
    }

    /// The resource of all routes here and below, if it is one.
    pub(super) fn resource(&self) -> Option<&str> {
        let mut all = Vec::new();
        self.visit_all(&mut |node| {
            all.extend(
                node.ends
                    .iter()
                    .flat_map(|end| &end.routes)
                    .map(ListedRoute::resource),
            );
        });
        all.dedup();
        match all.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }
}

/// The tree of the routes whose resource is wanted.
pub(super) fn build(model: &Model, wanted: impl Fn(&str) -> bool) -> Node {
    let mut root = Raw::default();
    for listing in &model.templates {
        let routes: Vec<ListedRoute> = listing
            .routes
            .iter()
            .filter(|route| route.listed.iter().any(|scope| wanted(&scope.resource)))
            .map(|route| ListedRoute {
                method: route.method.as_str(),
                scopes: route.listed.iter().map(ScopeName::to_string).collect(),
            })
            .collect();
        if routes.is_empty() {
            continue;
        }
        for route in &listing.routes {
            root.name(&listing.template, &route.text);
        }
        root.insert(&listing.template, &listing.routes[0].text, routes);
    }
    root.collapse(String::new())
}

/// A node for each segment.
#[derive(Default)]
struct Raw {
    children: BTreeMap<Segment, Raw>,
    /// The names in the file of the parameter that leads here.
    names: BTreeSet<String>,
    ends: Vec<Endpoint>,
}

/// At most this many names of one parameter are shown.
const MOST_NAMES: usize = 5;

impl Raw {
    /// Takes down the names that a route gives to the parameters on its way.
    fn name(&mut self, template: &Template, text: &str) {
        let mut node = self;
        let names = text.split('/').skip(1);
        for (segment, name) in template.segments.iter().zip(names) {
            node = node.children.entry(segment.clone()).or_default();
            let inner = name
                .split_once('{')
                .and_then(|(_, rest)| rest.split_once('}'));
            if let (Some((name, _)), false) = (inner, matches!(segment, Segment::Literal(_))) {
                node.names.insert(name.to_owned());
            }
        }
    }

    fn insert(&mut self, template: &Template, text: &str, routes: Vec<ListedRoute>) {
        let mut node = self;
        for segment in &template.segments {
            node = node.children.entry(segment.clone()).or_default();
        }
        node.ends.push(Endpoint {
            path: text.to_owned(),
            slash: template.slash,
            routes,
        });
    }

    /// Joins nodes that have nothing but one child with that child.
    fn collapse(mut self, label: String) -> Node {
        if self.ends.is_empty()
            && self.children.len() == 1
            && let Some((segment, child)) = self.children.pop_first()
        {
            let joined = child.joined(&label, &segment);
            return child.collapse(joined);
        }
        self.ends.sort_by_key(|end| end.slash);
        let children = self.children.into_iter().map(|(segment, child)| {
            let label = child.joined("", &segment);
            child.collapse(label)
        });
        Node {
            children: children.collect(),
            label,
            ends: self.ends,
        }
    }

    /// `id|ids`
    fn parameter(&self) -> String {
        let shown: Vec<&str> = self
            .names
            .iter()
            .take(MOST_NAMES)
            .map(String::as_str)
            .collect();
        let more = match self.names.len() - shown.len() {
            0 => String::new(),
            more => format!("|{} more", thousands(more as u64)),
        };
        shown.join("|") + &more
    }

    /// `api/v1`, `{id|ids}`
    fn joined(&self, before: &str, segment: &Segment) -> String {
        let own = match segment {
            Segment::Literal(text) => text.clone(),
            Segment::Affix { prefix, suffix } => {
                format!("{prefix}{{{}}}{suffix}", self.parameter())
            }
            Segment::Parameter | Segment::CatchAll => format!("{{{}}}", self.parameter()),
        };
        match before {
            "" => own,
            before => format!("{before}/{own}"),
        }
    }
}
