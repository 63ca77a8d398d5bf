//! The paths as a tree whose edges are compressed: a node's label is one or more segments.

use std::collections::{BTreeMap, BTreeSet};

use routescope_compiler::model::{Listed, Model, ModelRoute, ScopeList, ScopeName};
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
    /// The kind of its requirement: `scopes`, `any_key` or `public`.
    pub(super) needs: Needs,
    /// The headings it is listed under, each a scope list: a key needs all scopes of one of them.
    pub(super) scopes: Vec<String>,
    #[serde(skip)]
    resource: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Needs {
    Scopes,
    AnyKey,
    Public,
}

impl Needs {
    /// The words in the place of scopes. No name of a scope has a space.
    pub(super) const fn open(self) -> Option<&'static str> {
        match self {
            Self::Scopes => None,
            Self::AnyKey => Some("[any key]"),
            Self::Public => Some("[public route]"),
        }
    }
}

impl ListedRoute {
    fn new(route: &ModelRoute) -> Self {
        let needs = match route.listed {
            Listed::Public => Needs::Public,
            Listed::AnyKey => Needs::AnyKey,
            Listed::Scopes(_) => Needs::Scopes,
        };
        let first = listed_scopes(&route.listed).next();
        let resource = match needs.open() {
            Some(open) => open,
            None => first.map_or("", resource_of),
        };
        Self {
            method: route.method.as_str(),
            needs,
            scopes: route.listed.lists().map(ScopeList::to_string).collect(),
            resource: resource.to_owned(),
        }
    }

    /// The resource of the first scope; an opaque name is one. In brackets, the kind of a route
    /// that needs no scope.
    pub(super) fn resource(&self) -> &str {
        &self.resource
    }

    /// The scopes it is listed under: `a or b and c`, of which `a` will do, or both others.
    /// `[public route]` or `[any key]`, if it needs none.
    pub(super) fn listed(&self) -> String {
        if let Some(open) = self.needs.open() {
            return open.to_owned();
        }
        let lists = self.scopes.iter().map(|list| list.replace(' ', " and "));
        lists.collect::<Vec<String>>().join(" or ")
    }
}

/// The resource of a scope; an opaque name itself.
pub(super) fn resource_of(scope: &ScopeName) -> &str {
    scope.resource().unwrap_or(scope.as_str())
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

    /// Whether a route that ends here needs this.
    pub(super) fn has(&self, needs: Needs) -> bool {
        let mut routes = self.ends.iter().flat_map(|end| &end.routes);
        routes.any(|route| route.needs == needs)
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

fn listed_scopes(listed: &Listed) -> impl Iterator<Item = &ScopeName> {
    listed.lists().flat_map(ScopeList::iter)
}

/// The tree of the routes whose resource is wanted: `None` for those that need no scope.
pub(super) fn build(model: &Model, wanted: impl Fn(Option<&str>) -> bool) -> Node {
    let mut root = Raw::default();
    for listing in &model.templates {
        let routes: Vec<ListedRoute> = listing
            .routes
            .iter()
            .filter(|route| match route.listed {
                Listed::Public | Listed::AnyKey => wanted(None),
                Listed::Scopes(_) => {
                    listed_scopes(&route.listed).any(|scope| wanted(Some(resource_of(scope))))
                }
            })
            .map(ListedRoute::new)
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
