//! Warnings that the automaton shows: templates that never win, and templates that
//! only the last slash tells apart.

use std::collections::BTreeSet;

use crate::automaton::{Accepts, SegmentAutomaton};
use crate::model::Model;
use crate::model::source_map::DocumentIndex;
use crate::source::document::Document;
use crate::source::report::Problem;

/// Warns of what the automaton shows.
pub(crate) fn of_automaton(
    document: &Document,
    model: &Model,
    automaton: &SegmentAutomaton,
) -> Vec<Problem> {
    let index = DocumentIndex::new(document);
    let mut problems = unreachable(&index, model, automaton);
    problems.extend(slash_pairs(&index, model, automaton));
    problems
}

/// Templates that win no path, because narrower ones take all of theirs.
fn unreachable(index: &DocumentIndex, model: &Model, automaton: &SegmentAutomaton) -> Vec<Problem> {
    let mut wins = vec![false; model.templates.len()];
    for state in automaton.states() {
        for accepts in [false, true].map(|slash| state.accepts(slash)) {
            if let Accepts::Template(template) = accepts {
                wins[template] = true;
            }
        }
    }
    let lost = model.templates.iter().zip(wins).filter(|(_, wins)| !wins);
    lost.map(|(listing, _)| {
        Problem::warning(
            index.first(listing),
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
fn slash_pairs(index: &DocumentIndex, model: &Model, automaton: &SegmentAutomaton) -> Vec<Problem> {
    let pairs: BTreeSet<(usize, usize)> = automaton
        .states()
        .iter()
        .filter_map(|state| match (state.accepts(false), state.accepts(true)) {
            (Accepts::Template(without), Accepts::Template(with)) => Some((without, with)),
            _ => None,
        })
        .filter(|(without, with)| without != with)
        .collect();
    let listing = |at: usize| &model.templates[at];
    pairs
        .into_iter()
        .map(|(without, with)| (listing(without), listing(with)))
        .filter(|(a, b)| !index.may_overlap(a) && !index.may_overlap(b))
        .map(|(without, with)| {
            Problem::warning(
                index.first(without),
                format!("a last slash alone tells `{}` from `{}`", without.text(), with.text()),
            )
            .label("without a slash, this path answers")
            .with_label(index.first(with), "with one, this path")
            .help("a back end that ignores the last slash may serve either: make sure that yours does not, and say so with `overlap: allow`")
        })
        .collect()
}
