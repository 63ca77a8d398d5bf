//! The routes of two policies, and how a route changed: it is new, gone, open to others, or
//! reached by other requests than before.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use routescope_core::{Method, PathOptions, Policy};

use super::change::{Access, Change, Counts, Idle, Kind};
use super::needs::{Needs, TooMany};
use crate::model::template::{Segment, Template};
use crate::verify::spelling::has_colon;

/// A route as one policy lists it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Listed {
    /// `GET /a/{id}/`
    pub(super) route: String,
    pub(super) needs: Rc<Needs>,
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
    by_shape: BTreeMap<Shape, Rc<Listed>>,
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
        // Many routes share a requirement.
        let mut known: HashMap<u32, Rc<Needs>> = HashMap::new();
        for route in policy.routes() {
            let needs = known
                .entry(route.requirement_number())
                .or_insert_with(|| Rc::new(Needs::of(route)));
            let listed = Rc::new(Listed {
                route: route.to_string(),
                needs: needs.clone(),
                shape: shape(route.method(), route.template(), options),
            });
            side.by_shape.insert(listed.shape.clone(), listed.clone());
            side.by_name.insert(listed.route.clone(), listed);
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
        let route = policy.route(method, target).ok()?;
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

    pub(super) fn counts(&self) -> Result<Counts, TooMany> {
        let mut moved = 0;
        // Whether two requirements are met by different keys, by where they are.
        let mut known: HashMap<(*const Needs, *const Needs), bool> = HashMap::new();
        for (shape, before) in &self.old.by_shape {
            let Some(after) = self.new.by_shape.get(shape) else {
                continue;
            };
            let pair = (Rc::as_ptr(&before.needs), Rc::as_ptr(&after.needs));
            let is_like = match known.get(&pair) {
                Some(is_like) => *is_like,
                None => before.needs.is_like(&after.needs)?,
            };
            known.insert(pair, is_like);
            moved += usize::from(!is_like);
        }
        let alone = |these: &Side, those: &Side| {
            let shapes = these.by_shape.keys();
            shapes
                .filter(|shape| !those.by_shape.contains_key(shape))
                .count()
        };
        let with = |access| {
            let count = |side: &Side| {
                let routes = side.by_shape.values();
                routes
                    .filter(|listed| listed.needs.access == access)
                    .count()
            };
            (count(&self.old), count(&self.new))
        };
        Ok(Counts {
            old: self.old.by_shape.len(),
            new: self.new.by_shape.len(),
            added: alone(&self.new, &self.old),
            removed: alone(&self.old, &self.new),
            moved,
            public: with(Access::Public),
            any_key: with(Access::AnyKey),
        })
    }

    /// The routes of one policy alone that no change is about.
    pub(super) fn idle(&self, changes: &[Change]) -> Vec<Idle> {
        let told: BTreeSet<&str> = changes
            .iter()
            .flat_map(|change| [change.old.as_deref(), change.new.as_deref()])
            .flatten()
            .collect();
        let alone =
            |these: &BTreeMap<Shape, Rc<Listed>>, those: &BTreeMap<Shape, Rc<Listed>>, added| {
                these
                    .iter()
                    .filter(|(shape, listed)| {
                        !those.contains_key(shape) && !told.contains(listed.route.as_str())
                    })
                    .map(|(_, listed)| Idle {
                        route: listed.route.clone(),
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
