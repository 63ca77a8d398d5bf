//! What is allowed and probably not meant (warnings), and what a reviewer
//! should know (notes).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use routescope_core::Method;

use crate::check::Places;
use crate::document::Document;
use crate::model::{Listing, Model};
use crate::overlap::{Overlap, overlaps};
use crate::report::{Problem, Severity};
use crate::suggest::close_pairs;
use crate::template::Segment;
use crate::trie::Trie;

/// Fewer templates than this set no habit that one could break.
const HABIT: usize = 20;

pub(crate) fn warnings(
    document: &Document,
    model: &Model,
    trie: &Trie,
    places: &Places<'_>,
    problems: &mut Vec<Problem>,
) {
    empty_scopes(document, problems);
    close_resources(document, problems);
    odd_slashes(model, places, problems);
    case_twins(model, trie, places, problems);
}

fn empty_scopes(document: &Document, problems: &mut Vec<Problem>) {
    for entry in &document.scopes {
        if entry.routes.is_empty() {
            problems.push(
                Problem::warning(
                    entry.name.at.clone(),
                    format!("scope `{}` has no routes", entry.name.value),
                )
                .help("list its routes, or remove it"),
            );
        }
    }
    if document.scopes.is_empty() {
        problems.push(Problem::warning(
            document.name.at.clone(),
            "the policy has no scopes: it denies every request",
        ));
    }
}

fn close_resources(document: &Document, problems: &mut Vec<Problem>) {
    let mut first = BTreeMap::new();
    for entry in &document.scopes {
        let resource = entry.name.value.split(':').next().unwrap_or_default();
        first.entry(resource).or_insert(&entry.name.at);
    }
    let mut names: BTreeSet<&str> = first.keys().copied().collect();
    names.extend(
        document
            .umbrella
            .as_ref()
            .map(|umbrella| umbrella.value.as_str()),
    );
    if let Some(umbrella) = &document.umbrella {
        first.entry(umbrella.value.as_str()).or_insert(&umbrella.at);
    }
    for (a, b) in close_pairs(&names) {
        let (earlier, later) = if first[a.as_str()].start < first[b.as_str()].start {
            (a, b)
        } else {
            (b, a)
        };
        problems.push(
            Problem::warning(first[later.as_str()].clone(), format!("resource `{later}` is one letter away from `{earlier}`"))
                .and(first[earlier.as_str()].clone(), "the other one")
                .help(format!("if it is a slip, write `{earlier}`; a key that holds the one does not hold the other")),
        );
    }
}

fn odd_slashes(model: &Model, places: &Places<'_>, problems: &mut Vec<Problem>) {
    if model.options.trailing_slash_optional || model.templates.len() < HABIT {
        return;
    }
    let proper: Vec<&Listing> = model
        .templates
        .iter()
        .filter(|listing| listing.template.segments.last() != Some(&Segment::CatchAll))
        .collect();
    let (with, without): (Vec<&Listing>, Vec<&Listing>) =
        proper.iter().partition(|listing| listing.template.slash);
    // One in twenty is a slip; more is a style.
    let (odd, habit) = if with.len() < without.len() {
        (with, "without")
    } else {
        (without, "with")
    };
    if odd.len() * 20 > proper.len() {
        return;
    }
    for listing in odd
        .iter()
        .filter(|listing| !listing.template.segments.is_empty())
    {
        let ends = if listing.template.slash {
            "ends in"
        } else {
            "lacks"
        };
        problems.push(
            Problem::warning(
                places.first(listing),
                format!(
                    "`{}` {ends} a trailing slash, unlike nearly all paths of the policy",
                    listing.text()
                ),
            )
            .help(format!(
                "write it {habit} the slash if the API does: `/a` and `/a/` are two paths"
            )),
        );
    }
}

fn case_twins(model: &Model, trie: &Trie, places: &Places<'_>, problems: &mut Vec<Problem>) {
    for node in &trie.nodes {
        let mut folded: BTreeMap<String, (&str, usize)> = BTreeMap::new();
        for (label, &child) in &node.literals {
            let Some((other, _)) = folded.insert(label.to_ascii_lowercase(), (label, child)) else {
                continue;
            };
            let Some(listing) = first_below(trie, child).map(|template| &model.templates[template])
            else {
                continue;
            };
            problems.push(
                Problem::warning(places.first(listing), format!("`{label}` and `{other}` stand in the same place and differ only in case"))
                    .help("a back end that ignores case serves one for the other: make sure that yours does not"),
            );
        }
    }
}

fn first_below(trie: &Trie, node: usize) -> Option<usize> {
    let here = &trie.nodes[node];
    here.end.or(here.end_slash).or(here.catch_all).or_else(|| {
        here.literals
            .values()
            .chain(&here.parameter)
            .find_map(|&child| first_below(trie, child))
    })
}

pub(crate) fn notes(model: &Model, trie: &Trie, places: &Places<'_>, problems: &mut Vec<Problem>) {
    overlaps(trie, &mut |overlap| {
        if let Overlap::Nested { narrow, wide } = overlap {
            problems.extend(hidden(
                &model.templates[narrow],
                &model.templates[wide],
                places,
            ));
        }
        ControlFlow::Continue(())
    });
}

/// The methods of the wide template that the narrow one keeps from its paths.
fn hidden(narrow: &Listing, wide: &Listing, places: &Places<'_>) -> Option<Problem> {
    let here = narrow.answers();
    let methods: Vec<&str> = wide
        .answers()
        .iter()
        .filter(|method| !here.contains(*method))
        .map(Method::as_str)
        .collect();
    if methods.is_empty() {
        return None;
    }
    let methods = methods.join(", ");
    Some(
        Problem::new(Severity::Note, places.first(narrow), format!("`{}` hides {methods} of `{}`", narrow.text(), wide.text()))
            .label("the narrower path")
            .and(places.first(wide), "the wider one")
            .help(format!("{methods} there is denied as method_not_listed; list it on the narrower path if keys should reach it")),
    )
}
