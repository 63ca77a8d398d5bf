//! The routes of two policies, and how a route changed: it is new, gone, open to others, or
//! reached by other requests than before.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use routescope_core::{Method, PathOptions, Policy};

use super::change::{Change, Counts, Idle, Kind};
use crate::model::template::{Segment, Template};
use crate::verify::spelling::has_colon;

/// A route as one policy lists it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Listed {
    /// `GET /a/{id}/`
    pub(super) route: String,
    /// Narrowest first.
    pub(super) accepted: Vec<String>,
    shape: Shape,
}

/// The identity of a route: its method and its template, without the names of parameters and
/// after folding everything that the options make equal.
type Shape = (Method, Template);

/// The routes of both policies.
pub(super) struct Listings {
    old: Side,
    new: Side,
    /// Whether one of the policies forbids colons in values, and the other does not.
    colons_differ: bool,
}

/// The routes of one policy.
struct Side {
    by_shape: BTreeMap<Shape, (String, BTreeSet<String>)>,
    /// By what they are called: `GET /a/{id}/`.
    by_name: HashMap<String, Rc<Listed>>,
}

/// One of the two policies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Which {
    Old,
    New,
}

impl Side {
    fn new(policy: Policy<'_>, options: PathOptions) -> Self {
        let mut side = Self {
            by_shape: BTreeMap::new(),
            by_name: HashMap::new(),
        };
        for route in policy.routes() {
            let listed = Listed {
                route: route.to_string(),
                accepted: route
                    .accepted()
                    .iter()
                    .map(|scope| scope.name().to_owned())
                    .collect(),
                shape: shape(route.method(), route.template(), options),
            };
            let accepted = listed.accepted.iter().cloned().collect();
            side.by_shape
                .insert(listed.shape.clone(), (listed.route.clone(), accepted));
            side.by_name.insert(listed.route.clone(), Rc::new(listed));
        }
        side
    }
}

impl Listings {
    pub(super) fn new(old: Policy<'_>, new: Policy<'_>) -> Self {
        let (a, b) = (old.path_options(), new.path_options());
        // Routes that either policy's options make equal are equal here.
        let options = PathOptions {
            case: if a.ignores_case() { a.case } else { b.case },
            trailing_slash: if a.slash_is_optional() {
                a.trailing_slash
            } else {
                b.trailing_slash
            },
            // These make no two templates equal.
            ..a
        };
        Self {
            old: Side::new(old, options),
            new: Side::new(new, options),
            colons_differ: a.forbids_colons() != b.forbids_colons(),
        }
    }

    /// The route that answers a request, or `None` if every key is denied.
    pub(super) fn answering(
        &self,
        which: Which,
        policy: Policy<'_>,
        method: Method,
        target: &str,
    ) -> Option<Rc<Listed>> {
        let route = policy.required_scopes(method, target).ok()?.route();
        let side = match which {
            Which::Old => &self.old,
            Which::New => &self.new,
        };
        side.by_name.get(&route.to_string()).cloned()
    }

    /// Returns the kind of change for a request that the first route answered and the second
    /// one answers.
    pub(super) fn kind(
        &self,
        before: Option<&Listed>,
        after: Option<&Listed>,
        target: &str,
    ) -> Option<Kind> {
        let gone = |listed: &Listed| !self.new.by_shape.contains_key(&listed.shape);
        let fresh = |listed: &Listed| !self.old.by_shape.contains_key(&listed.shape);
        let by_option = |route: &str, target: &str| {
            by_option(route, target) || self.colons_differ && has_colon(target)
        };
        Some(match (before, after) {
            (None, None) => return None,
            (None, Some(after)) if fresh(after) => Kind::Added,
            (None, Some(after)) if by_option(&after.route, target) => Kind::OptionReaches,
            (None, Some(_)) => Kind::Uncovered,
            (Some(before), None) if gone(before) => Kind::Removed,
            (Some(before), None) if by_option(&before.route, target) => Kind::OptionLeaves,
            (Some(_), None) => Kind::Covered,
            (Some(before), Some(after)) if before.shape == after.shape => Kind::Moved,
            (Some(before), Some(after)) => match (gone(before), fresh(after)) {
                (true, true) => Kind::Replaced,
                (true, false) => Kind::Removed,
                (false, true) => Kind::Added,
                (false, false) if by_option(&before.route, target) => Kind::OptionLeaves,
                (false, false) if by_option(&after.route, target) => Kind::OptionReaches,
                (false, false) => Kind::Covered,
            },
        })
    }

    pub(super) fn counts(&self) -> Counts {
        let moved = |(shape, (_, accepted)): (&Shape, &(String, BTreeSet<String>))| {
            self.new
                .by_shape
                .get(shape)
                .is_some_and(|(_, now)| now != accepted)
        };
        Counts {
            old: self.old.by_shape.len(),
            new: self.new.by_shape.len(),
            added: self
                .new
                .by_shape
                .keys()
                .filter(|shape| !self.old.by_shape.contains_key(shape))
                .count(),
            removed: self
                .old
                .by_shape
                .keys()
                .filter(|shape| !self.new.by_shape.contains_key(shape))
                .count(),
            moved: self
                .old
                .by_shape
                .iter()
                .filter(|entry| moved(*entry))
                .count(),
        }
    }

    /// The routes of one policy alone that no change is about.
    pub(super) fn idle(&self, changes: &[Change]) -> Vec<Idle> {
        let told: BTreeSet<&str> = changes
            .iter()
            .flat_map(|change| [change.old.as_deref(), change.new.as_deref()])
            .flatten()
            .collect();
        let alone = |these: &BTreeMap<Shape, (String, BTreeSet<String>)>,
                     those: &BTreeMap<Shape, _>,
                     added| {
            these
                .iter()
                .filter(|(shape, (route, _))| {
                    !those.contains_key(shape) && !told.contains(route.as_str())
                })
                .map(|(_, (route, _))| Idle {
                    route: route.clone(),
                    added,
                })
                .collect::<Vec<_>>()
        };
        let mut idle = alone(&self.new.by_shape, &self.old.by_shape, true);
        idle.extend(alone(&self.old.by_shape, &self.new.by_shape, false));
        idle
    }
}

fn shape(method: Method, template: &str, options: PathOptions) -> Shape {
    // A policy's templates can be read: they were.
    let mut template = Template::parse_literal(template).unwrap_or(Template {
        segments: vec![Segment::Literal(template.to_owned())],
        slash: false,
    });
    if options.ignores_case() {
        template = template.to_lowercase();
    }
    let catch_all = template.segments.last() == Some(&Segment::CatchAll);
    template.slash |= options.slash_is_optional() && !catch_all;
    (method, template)
}

/// Whether a path that a route answers differs from its template in what the
/// options for paths are about: the trailing slash or the case of a literal.
fn by_option(route: &str, target: &str) -> bool {
    let Some(Ok(template)) = route
        .split_once(' ')
        .map(|(_, template)| Template::parse_literal(template))
    else {
        return false;
    };
    let path = target.strip_prefix('/').unwrap_or(target);
    let (path, slash) = match path.strip_suffix('/') {
        Some(path) => (path, true),
        None => (path, path.is_empty()),
    };
    let segments: Vec<&str> = if path.is_empty() {
        Vec::new()
    } else {
        path.split('/').collect()
    };
    !template.matches(&segments, slash)
}
