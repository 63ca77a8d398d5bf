//! Warnings, about things that are allowed and probably mistakes, and notes for a
//! reviewer.

mod names;
mod needless;

pub(crate) use self::needless::alternatives as needless_alternatives;

use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;

use routescope_core::Method;

use crate::model::overlap::{Overlap, max_visits, overlaps_within};
use crate::model::source_map::SourceMap;
use crate::model::template::{Segment, Template};
use crate::model::trie::Trie;
use crate::model::{Listing, Model};
use crate::source::document::{Document, ScopeEntry};
use crate::source::report::{Problem, Severity, quoted};

/// A policy with fewer templates than this has no convention about slashes.
const HABIT: usize = 20;

pub(crate) fn warnings(
    document: &Document,
    model: &Model,
    trie: &Trie,
    sources: &SourceMap<'_>,
    problems: &mut Vec<Problem>,
) {
    unusual_slashes(model, sources, problems);
    needless_literals(document, problems);
    literals_differing_in_case(model, trie, sources, problems);
}

/// Warnings that hold whatever other errors the file has.
pub(crate) fn of_names(document: &Document, problems: &mut Vec<Problem>) {
    names::close_resources(document, problems);
    names::verbs_first(document, problems);
}

/// Scopes that open nothing, in a file of which all could be read.
pub(crate) fn empty_scopes(document: &Document, problems: &mut Vec<Problem>) {
    for entry in &document.scopes {
        // One with a name may be there for it alone: see `is_named_only`.
        if entry.routes.is_empty()
            && !is_named_only(document, entry)
            && !is_named_elsewhere(document, entry)
        {
            problems.push(
                Problem::warning(
                    entry.name.at.clone(),
                    format!("scope `{}` has no routes", entry.name.value),
                )
                .help("list its routes below `routes:`, or remove it"),
            );
        }
    }
    if document.scopes.is_empty() && document.public.is_empty() && document.any_key.is_empty() {
        problems.push(
            Problem::warning(
                document.name.at.clone(),
                "the policy has no scopes: it denies every request",
            )
            .help("list scopes with their routes below `scopes:`"),
        );
    }
}

/// Whether a heading of several scopes or `implies` names the scope too, so that its entry gives it a
/// summary or a name.
fn is_named_elsewhere(document: &Document, entry: &ScopeEntry) -> bool {
    let name = entry.name.value.as_str();
    let others = document.scopes.iter();
    let mut others = others.filter(|other| other.single().is_none());
    let implies = || {
        let mut implies = document.implies.iter();
        implies.any(|entry| {
            entry.name.value == name || entry.implied.iter().any(|implied| implied.value == name)
        })
    };
    others.any(|other| other.names().any(|other| other.value == name)) || implies()
}

/// Whether an entry only names a scope that the rules imply anyway, for generated code.
fn is_named_only(document: &Document, entry: &ScopeEntry) -> bool {
    let Some((resource, action)) = entry.name.value.split_once(':') else {
        return false;
    };
    let is_umbrella = document
        .umbrella
        .as_ref()
        .is_some_and(|umbrella| umbrella.value == resource);
    let has_others = || {
        let others = document
            .scopes
            .iter()
            .filter(|other| !std::ptr::eq(*other, entry));
        let mut resources = others.filter_map(|other| other.name.value.split_once(':'));
        resources.any(|(other, _)| other == resource)
    };
    let is_implied = match action {
        "*" => is_umbrella || has_others(),
        "read" => is_umbrella,
        _ => false,
    };
    entry.code_name.is_some() && is_implied
}

fn unusual_slashes(model: &Model, sources: &SourceMap<'_>, problems: &mut Vec<Problem>) {
    if model.options.slash_is_optional() || model.templates.len() < HABIT {
        return;
    }
    let proper: Vec<&Listing> = model
        .templates
        .iter()
        .filter(|listing| listing.template.segments.last() != Some(&Segment::CatchAll))
        .collect();
    let (with, without): (Vec<&Listing>, Vec<&Listing>) =
        proper.iter().partition(|listing| listing.template.slash);
    // Up to one template in twenty is taken for a mistake; more are a convention.
    let (unusual, habit) = if with.len() < without.len() {
        (with, "without")
    } else {
        (without, "with")
    };
    if unusual.len() * 20 > proper.len() {
        return;
    }
    for listing in unusual
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
                sources.first(listing),
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

/// Warns of `literal: true` on a path that needs none.
fn needless_literals(document: &Document, problems: &mut Vec<Problem>) {
    for entry in document.routes() {
        let Some(at) = &entry.literal else { continue };
        let path = entry.text.value.split_once(' ').map(|(_, path)| path);
        if path.is_some_and(|path| Template::parse(path).is_ok()) {
            problems.push(
                Problem::warning(
                    at.clone(),
                    format!(
                        "`literal: true` is not needed: {} has no segment of another notation",
                        quoted(&entry.text.value)
                    ),
                )
                .help("remove it: it would hide a mistake that comes later"),
            );
        }
    }
}

fn literals_differing_in_case(
    model: &Model,
    trie: &Trie,
    sources: &SourceMap<'_>,
    problems: &mut Vec<Problem>,
) {
    // Errors about the same places say more.
    let told: HashSet<usize> = problems
        .iter()
        .filter(|problem| problem.is_error())
        .map(|problem| problem.at().start)
        .collect();
    for node in &trie.nodes {
        let mut folded: BTreeMap<String, (&str, usize)> = BTreeMap::new();
        for (label, &child) in &node.literals {
            let Some((other, other_child)) =
                folded.insert(label.to_ascii_lowercase(), (label, child))
            else {
                continue;
            };
            let listing = |node| {
                trie.first_below(node)
                    .map(|template| &model.templates[template])
            };
            let (Some(here), Some(there)) = (listing(child), listing(other_child)) else {
                continue;
            };
            if sources.may_overlap(here) || sources.may_overlap(there) {
                continue;
            }
            let (here, there) = (sources.first(here), sources.first(there));
            // The later one in the file is usually the mistake.
            let (here, there) = if here.start > there.start {
                (here, there)
            } else {
                (there, here)
            };
            if told.contains(&here.start) {
                continue;
            }
            problems.push(
                Problem::warning(here, format!("`{label}` and `{other}` stand in the same place and differ only in case"))
                    .with_label(there, "the other one")
                    .help("if it is a slip, spell it one way; if not, make sure that the back end does not ignore case"),
            );
        }
    }
}

/// The most notes on one file.
const MAX_NOTES: usize = 10_000;

pub(crate) fn notes(
    model: &Model,
    trie: &Trie,
    sources: &SourceMap<'_>,
    problems: &mut Vec<Problem>,
) {
    let mut notes = Vec::new();
    let search = overlaps_within(trie, max_visits(trie), &mut |overlap| {
        if let Overlap::Nested { narrow, wide } = overlap {
            notes.extend(hidden(
                &model.templates[narrow],
                &model.templates[wide],
                sources,
            ));
        }
        if notes.len() < MAX_NOTES {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    if (search.stopped_at.is_some() || notes.len() == MAX_NOTES)
        && let Some(last) = notes.pop()
    {
        notes.push(
            last.help("there may be more: so much overlaps that not all of it was looked at"),
        );
    }
    problems.extend(notes);
}

/// The methods of the wide template that the narrow one keeps from its paths.
fn hidden(narrow: &Listing, wide: &Listing, sources: &SourceMap<'_>) -> Option<Problem> {
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
        Problem::new(Severity::Note, sources.first(narrow), format!("`{}` hides {methods} of `{}`", narrow.text(), wide.text()))
            .label("the narrower path")
            .with_label(sources.first(wide), "the wider one")
            .help(format!("a request to the narrower path with {methods} is denied (method_not_listed); list it there if keys should reach it")),
    )
}
