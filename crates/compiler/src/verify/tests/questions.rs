//! The questions that tell one policy from another without the proof.

use std::collections::BTreeSet;

use routescope_core::__private::{Accept, HashedEdge, StateRow, Tables};
use routescope_core::{Decision, Method, Policy, Route, RouteDenial};

use crate::model::Model;
use crate::model::template::{self, Template};

/// The segments of every label in the tables, found or not.
pub(super) fn segments<'t>(tables: &'t Tables<'t>) -> impl Iterator<Item = &'t str> {
    let states = tables.states.iter().map(|row| StateRow(row).label());
    let edges = tables.edges.iter().map(HashedEdge::from_bytes);
    states
        .chain(edges.map(|edge| edge.label))
        .flat_map(|label| tables.text(label).split('/'))
}

pub(super) type Answers<'p> = (Decision<'p>, Result<Route<'p>, RouteDenial<'p>>);

/// The decision, and the route that the automaton finds, which the exact map only finds
/// faster.
pub(super) fn ask<'p>(policy: Policy<'p>, method: Method, path: &str) -> Answers<'p> {
    let nothing: [&str; 0] = [];
    let tables = policy.tables();
    let found = tables.match_without_exact(path.as_bytes());
    (
        policy.authorize(&nothing, method, path),
        found
            .map_err(RouteDenial::from)
            .and_then(|accept| answering(policy, accept, method)),
    )
}

/// The route of a template that answers a method.
fn answering(
    policy: Policy<'_>,
    accept: Accept,
    method: Method,
) -> Result<Route<'_>, RouteDenial<'_>> {
    let mut routes = policy.routes().skip(accept.first_route() as usize);
    let methods = accept.methods();
    let route = match methods.answering(method) {
        Some(listed) => routes
            .zip(methods)
            .find(|(_, method)| *method == listed)
            .map(|(route, _)| route),
        None => {
            let template = routes.next().map_or("", Route::template);
            return Err(RouteDenial::MethodNotListed {
                template,
                methods: methods.answered(),
            });
        }
    };
    route.ok_or(RouteDenial::UnknownRoute)
}

/// All that a policy says without being asked about a path.
pub(super) fn identity(policy: Policy<'_>) -> String {
    let scopes: Vec<_> = policy
        .scopes()
        .map(|scope| {
            let found = policy.scope_set([scope.name()]).len();
            (scope.name(), scope.is_declared(), found)
        })
        .collect();
    let routes: Vec<_> = policy.routes().map(|route| route.to_string()).collect();
    format!(
        "{} {} {:?} {} {:?} {:?} {:?} {:?} {scopes:?} {routes:?}",
        policy.name(),
        policy.has_opaque_scopes(),
        policy.updated(),
        policy.revision(),
        policy.umbrella(),
        policy.digest(),
        policy.path_options(),
        policy.key_format(),
    )
}

/// A path of a template.
pub(super) fn path_of(template: &Template) -> String {
    let text = template.to_string();
    text.replace("{*}", "other").replace("{}", "other")
}

/// A literal as written, in other cases, and with an escape in it.
pub(super) fn spellings(literal: &str) -> BTreeSet<String> {
    let mut spellings = BTreeSet::from([
        literal.to_owned(),
        literal.to_ascii_uppercase(),
        literal.to_ascii_lowercase(),
    ]);
    if literal.contains(':') {
        spellings.insert(literal.replace(':', "%3A"));
        spellings.insert(literal.to_ascii_uppercase().replace(':', "%3a"));
    }
    spellings
}

/// Segments that an affix takes, and that resemble these.
pub(super) fn values_of(prefix: &str, suffix: &str) -> BTreeSet<String> {
    let whole = format!("{prefix}other{suffix}");
    let mut values = spellings(&whole);
    values.extend([
        format!("{prefix}{suffix}"),
        format!("{prefix}o{suffix}"),
        format!("{whole}+"),
        format!("{whole}x"),
        format!("x{whole}"),
        format!("{prefix}o%22{suffix}"),
        format!("{prefix}o:c{suffix}"),
    ]);
    values
}

pub(super) fn words(model: &Model) -> BTreeSet<String> {
    let segments = model
        .templates
        .iter()
        .flat_map(|listing| &listing.template.segments);
    let mut words: BTreeSet<String> = segments
        .filter_map(|segment| match segment {
            template::Segment::Literal(text) => Some(spellings(text)),
            template::Segment::Affix { prefix, suffix } => Some(values_of(prefix, suffix)),
            _ => None,
        })
        .flatten()
        .collect();
    words.insert("other".into());
    if model.options.forbids_colons() {
        words.extend(["o:c", "o%3Ac"].map(str::to_owned));
    }
    words
}
