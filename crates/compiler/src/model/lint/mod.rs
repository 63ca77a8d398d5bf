//! What is allowed and probably not meant (warnings), and what a reviewer
//! should know (notes).

mod names;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::{ControlFlow, Range};

use routescope_core::table::Tables;
use routescope_core::{Method, Methods};

use crate::model::conflict::Places;
use crate::model::overlap::{Overlap, most_places, overlaps_within};
use crate::model::template::{Segment, Template};
use crate::model::trie::Trie;
use crate::model::{Listing, Model};
use crate::source::document::Document;
use crate::source::report::{Problem, Severity, quoted};
use crate::verify::segment_view::places;
use crate::verify::{rows, template};

/// Fewer templates than this set no habit that one could break.
const HABIT: usize = 20;

pub(crate) fn warnings(
    document: &Document,
    model: &Model,
    trie: &Trie,
    places: &Places<'_>,
    problems: &mut Vec<Problem>,
) {
    odd_slashes(model, places, problems);
    needless_literals(document, problems);
    case_twins(model, trie, places, problems);
}

/// What holds whatever else is wrong with the file.
pub(crate) fn of_names(document: &Document, problems: &mut Vec<Problem>) {
    names::close_resources(document, problems);
    names::verbs_first(document, problems);
}

/// Scopes that open nothing, in a file of which all could be read.
pub(crate) fn empty_scopes(document: &Document, problems: &mut Vec<Problem>) {
    for entry in &document.scopes {
        if entry.routes.is_empty() {
            problems.push(
                Problem::warning(
                    entry.name.at.clone(),
                    format!("scope `{}` has no routes", entry.name.value),
                )
                .help("list its routes below `routes:`, or remove it"),
            );
        }
    }
    if document.scopes.is_empty() {
        problems.push(
            Problem::warning(
                document.name.at.clone(),
                "the policy has no scopes: it denies every request",
            )
            .help("list scopes with their routes below `scopes:`"),
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

/// `literal: true` where it says nothing.
fn needless_literals(document: &Document, problems: &mut Vec<Problem>) {
    for entry in document.scopes.iter().flat_map(|scope| &scope.routes) {
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

fn case_twins(model: &Model, trie: &Trie, places: &Places<'_>, problems: &mut Vec<Problem>) {
    // Those that errors are about have been told.
    let told: HashSet<usize> = problems
        .iter()
        .filter(|problem| problem.is_error())
        .map(|problem| problem.at().start)
        .collect();
    for node in &trie.nodes {
        let mut folded: BTreeMap<String, (&str, usize)> = BTreeMap::new();
        for (label, &child) in &node.literals {
            let Some((other, twin)) = folded.insert(label.to_ascii_lowercase(), (label, child))
            else {
                continue;
            };
            let listing = |node| {
                trie.first_below(node)
                    .map(|template| &model.templates[template])
            };
            let (Some(here), Some(there)) = (listing(child), listing(twin)) else {
                continue;
            };
            if places.may_overlap(here) || places.may_overlap(there) {
                continue;
            }
            let (here, there) = (places.first(here), places.first(there));
            // The one that stands later in the file is the one to look at first.
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
                    .and(there, "the other one")
                    .help("if it is a slip, spell it one way; if not, make sure that the back end does not ignore case"),
            );
        }
    }
}

/// What wins where, without a slash and with one.
fn ends<'t>(tables: &'t Tables<'_>) -> impl Iterator<Item = [Option<(u32, Methods)>; 2]> + 't {
    let winner = |place, slash| {
        let end = tables.end(place, slash);
        end.filter(|end| end.as_refused().is_none()).map(template)
    };
    places(tables).map(move |place| [false, true].map(|slash| winner(place, slash)))
}

/// Templates that win no path, because narrower ones take all of theirs.
fn unreachable(index: &Index, model: &Model, tables: &Tables<'_>) -> Vec<Problem> {
    let winners: HashSet<(u32, Methods)> = ends(tables).flatten().flatten().collect();
    let listings = rows(model).into_iter().zip(&model.templates);
    let lost = listings.filter(|(rows, _)| !winners.contains(rows));
    lost.map(|(_, listing)| {
        Problem::warning(
            index.place(listing),
            format!(
                "`{}` never answers: narrower paths take every request first",
                listing.text()
            ),
        )
        .help("remove it, or the narrower paths that are not meant to take its requests")
    })
    .collect()
}

/// Pairs of templates that a last slash alone sends a path to.
fn slash_twins(index: &Index, model: &Model, tables: &Tables<'_>) -> Vec<Problem> {
    let listings: HashMap<(u32, Methods), usize> = rows(model).into_iter().zip(0..).collect();
    let pairs: BTreeSet<(usize, usize)> = ends(tables)
        .filter_map(|[without, with]| Some((*listings.get(&without?)?, *listings.get(&with?)?)))
        .filter(|(without, with)| without != with)
        .collect();
    let listing = |at: usize| &model.templates[at];
    pairs
        .into_iter()
        .map(|(without, with)| (listing(without), listing(with)))
        .filter(|(a, b)| !index.may_overlap(a) && !index.may_overlap(b))
        .map(|(without, with)| {
            Problem::warning(
                index.place(without),
                format!("a last slash alone tells `{}` from `{}`", without.text(), with.text()),
            )
            .label("without a slash, this path answers")
            .and(index.place(with), "with one, this path")
            .help("a back end that ignores the last slash may serve either: make sure that yours does not, and say so with `overlap: allow`")
        })
        .collect()
}

/// Where each template first stands in a file, and whether it may overlap
/// others somewhere there.
struct Index {
    by_template: HashMap<Template, (Range<usize>, bool)>,
}

impl Index {
    fn new(document: &Document) -> Self {
        let mut by_template = HashMap::new();
        for entry in document.scopes.iter().flat_map(|scope| &scope.routes) {
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

    fn place(&self, listing: &Listing) -> Range<usize> {
        self.by_template
            .get(&listing.template)
            .map_or(0..0, |(at, _)| at.clone())
    }

    fn may_overlap(&self, listing: &Listing) -> bool {
        self.by_template
            .get(&listing.template)
            .is_some_and(|(_, may)| *may)
    }
}

/// Where a template first stands in the file.
pub(crate) fn place(document: &Document, listing: &Listing) -> Range<usize> {
    Index::new(document).place(listing)
}

/// What the tables show: templates that never win, and templates that a last
/// slash alone tells apart.
pub(crate) fn of_tables(document: &Document, model: &Model, tables: &Tables<'_>) -> Vec<Problem> {
    let index = Index::new(document);
    let mut problems = unreachable(&index, model, tables);
    problems.extend(slash_twins(&index, model, tables));
    problems
}

/// Most notes on one file.
const MOST_NOTES: usize = 10_000;

pub(crate) fn notes(model: &Model, trie: &Trie, places: &Places<'_>, problems: &mut Vec<Problem>) {
    let mut notes = Vec::new();
    let looked = overlaps_within(trie, most_places(trie), &mut |overlap| {
        if let Overlap::Nested { narrow, wide } = overlap {
            notes.extend(hidden(
                &model.templates[narrow],
                &model.templates[wide],
                places,
            ));
        }
        if notes.len() < MOST_NOTES {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    if (looked.stopped_at.is_some() || notes.len() == MOST_NOTES)
        && let Some(last) = notes.pop()
    {
        notes.push(
            last.help("there may be more: so much overlaps that not all of it was looked at"),
        );
    }
    problems.extend(notes);
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
            .help(format!("a request to the narrower path with {methods} is denied (method_not_listed); list it there if keys should reach it")),
    )
}
