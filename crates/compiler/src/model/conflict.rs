//! Reports templates that conflict: they overlap and neither is narrower, or only
//! case tells them apart.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use routescope_core::__private::MAX_AFFIXES;

use crate::model::affixes::clash;
use crate::model::case_collisions::case_collisions;
use crate::model::listed_route::as_yaml;
use crate::model::overlap::{conflicts, has_slash_pair, max_visits, path_of_both, path_of_first};
use crate::model::source_map::SourceMap;
use crate::model::template::Segment;
use crate::model::trie::Trie;
use crate::model::{Listing, Model};
use crate::source::report::Problem;

/// The most conflicts that are shown one by one.
const MAX_CONFLICTS_SHOWN: usize = 50;

/// Reports the conflicts without `overlap: allow`, and each `overlap: allow` without a
/// conflict.
pub(crate) fn overlaps(
    model: &Model,
    trie: &Trie,
    sources: &SourceMap<'_>,
    problems: &mut Vec<Problem>,
) {
    if affixes_that_clash(model, trie, sources, problems) {
        return;
    }
    let mut needed = BTreeSet::new();
    let mut shown = 0;
    let allowed: Vec<bool> = model
        .templates
        .iter()
        .map(|listing| sources.may_overlap(listing))
        .collect();
    let search = conflicts(trie, max_visits(trie), &mut |a, b| {
        let (x, y) = (&model.templates[a], &model.templates[b]);
        if allowed[a] || allowed[b] {
            needed.insert(a);
            needed.insert(b);
            return ControlFlow::Continue(());
        }
        shown += 1;
        problems.push(conflict(x, y, sources));
        if shown < MAX_CONFLICTS_SHOWN {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    if let Some((a, b)) = search.stopped_at {
        let listing = |node| trie.first_below(node).map(|index| &model.templates[index]);
        if let (Some(x), Some(y)) = (listing(a), listing(b)) {
            let message = format!(
                "the paths share more than {} beginnings, and cannot all be compared",
                search.visits
            );
            let help = "parameters beside literals multiply: begin the paths with literals that tell them apart, or split the policy by API";
            problems.push(too_many(message, (x, y), help, sources));
        }
        return;
    }
    let mut collisions_shown = BTreeSet::new();
    let stopped_at = case_collisions(model, &mut |a, b| {
        let (x, y) = (&model.templates[a], &model.templates[b]);
        if allowed[a] || allowed[b] {
            needed.insert(a);
            needed.insert(b);
        } else if shown == MAX_CONFLICTS_SHOWN {
            return ControlFlow::Break(());
        } else if collisions_shown.insert((a, b)) {
            shown += 1;
            problems.push(case_collision(x, y, sources));
        }
        ControlFlow::Continue(())
    });
    if let Some((a, b)) = stopped_at {
        let pair = (&model.templates[a], &model.templates[b]);
        let message = "only ASCII case tells so many paths apart that they cannot all be compared";
        let help = "spell them alike: a back end that ignores case may serve either";
        problems.push(too_many(message.to_owned(), pair, help, sources));
        return;
    }
    if shown == MAX_CONFLICTS_SHOWN {
        if let Some(last) = problems.pop() {
            problems.push(last.help(format!(
                "there may be more: only the first {MAX_CONFLICTS_SHOWN} conflicts are shown"
            )));
        }
        return;
    }
    for (index, listing) in model.templates.iter().enumerate() {
        if needed.contains(&index)
            || !allowed[index]
            || has_slash_pair(trie, &listing.template, model.options)
        {
            continue;
        }
        for line in sources.routes(listing) {
            if let Some(at) = &line.overlap {
                problems.push(
                    Problem::warning(
                        at.clone(),
                        format!(
                            "`overlap: allow` is not needed: nothing conflicts with `{}`",
                            line.text
                        ),
                    )
                    .help("remove it: it would hide a conflict that comes later"),
                );
            }
        }
    }
}

/// Reports the affixes at one place that clash. Returns whether there are any.
fn affixes_that_clash(
    model: &Model,
    trie: &Trie,
    sources: &SourceMap<'_>,
    problems: &mut Vec<Problem>,
) -> bool {
    let mut shown = 0;
    for node in &trie.nodes {
        // More of them have no tables anyway.
        let affixes: Vec<(&Segment, &usize)> = node.affixes.iter().take(MAX_AFFIXES + 1).collect();
        for (i, (affix, child)) in affixes.iter().enumerate() {
            for (other, second) in &affixes[i + 1..] {
                let Some(segment) = clash(affix, other) else {
                    continue;
                };
                let listing = |node| trie.first_below(node).map(|index| &model.templates[index]);
                let (Some(x), Some(y)) = (listing(**child), listing(**second)) else {
                    continue;
                };
                let (x, y) = later_first(x, y, sources);
                shown += 1;
                problems.push(
                    Problem::error(
                        sources.first(x),
                        format!(
                            "`{}` and `{}` clash: one segment could be meant for either parameter",
                            x.text(),
                            y.text()
                        ),
                    )
                    .label("this path")
                    .with_label(sources.first(y), "and this one")
                    .help(format!("`{segment}` fits both there, or does to a back end that ignores case or trims"))
                    .help("change the text before or behind one of the parameters, so that no segment fits both"),
                );
                if shown == MAX_CONFLICTS_SHOWN {
                    return true;
                }
            }
        }
    }
    shown > 0
}

/// The later one in the file is usually the mistake.
fn later_first<'m>(
    x: &'m Listing,
    y: &'m Listing,
    sources: &SourceMap<'_>,
) -> (&'m Listing, &'m Listing) {
    if sources.first(x).start > sources.first(y).start {
        (x, y)
    } else {
        (y, x)
    }
}

/// The one error in place of all conflicts where they cannot all be found in the
/// time there is. `x` and `y` are the pair at which the search stopped.
#[track_caller]
fn too_many(
    message: String,
    (x, y): (&Listing, &Listing),
    help: &'static str,
    sources: &SourceMap<'_>,
) -> Problem {
    Problem::error(sources.first(x), message)
        .label("such as this path")
        .with_label(sources.first(y), "and this one")
        .help(help)
}

fn case_collision(x: &Listing, y: &Listing, sources: &SourceMap<'_>) -> Problem {
    let (x, y) = later_first(x, y, sources);
    let message = format!("only ASCII case tells `{}` from `{}`", x.text(), y.text());
    let mut problem = Problem::error(sources.first(x), message)
        .label("this path")
        .with_label(sources.first(y), "and this one");
    let (a, b) = (x.template.to_lowercase(), y.template.to_lowercase());
    if let Some(path) = path_of_both(&a, &b) {
        problem = problem.help(format!(
            "a back end that ignores case may serve either for `{path}`, whichever was authorized"
        ));
    }
    problem
        .help("spell them alike; or, if the back end surely tells them apart, write one as `route:` with `overlap: allow`")
}

fn conflict(x: &Listing, y: &Listing, sources: &SourceMap<'_>) -> Problem {
    let (x, y) = later_first(x, y, sources);
    let winner = if x.template.precedence(&y.template).is_lt() {
        x
    } else {
        y
    };
    let mut problem = Problem::error(
        sources.first(x),
        format!(
            "`{}` and `{}` overlap, and neither is narrower",
            x.text(),
            y.text()
        ),
    )
    .label("this path")
    .with_label(sources.first(y), "and this one");
    if let Some(both) = path_of_both(&x.template, &y.template) {
        let mut help = format!("both match `{both}`");
        for (template, other) in [(x, y), (y, x)] {
            if let Some(path) = path_of_first(&template.template, &other.template) {
                help += &format!("; only `{}` matches `{path}`", template.text());
            }
        }
        problem = problem.help(help);
    }
    problem
        .help("change one of the paths, so that no request matches both")
        .help(format!(
            "or allow it with `overlap: allow`: what both match then goes to `{}`, literals before parameters from the left:\n- route: {}\n  overlap: allow",
            winner.text(),
            as_yaml(&format!(
                "{} {}",
                sources.routes(x).first().map_or("GET", |line| line.method.as_str()),
                x.text()
            )),
        ))
}
