//! The templates nearest to a path that matches none.

use std::borrow::Cow;

use routescope::{Method, PathOptions};
use routescope_compiler::model::{Listing, Model};
use routescope_compiler::template::Segment;
use routescope_compiler::unstable::nearest;
use routescope_compiler::{resembles, resembles_affix};
use serde::Serialize;

/// A template, and the changes of the path that make it match.
#[derive(Debug, Serialize)]
pub(super) struct Near {
    pub(super) template: String,
    /// The methods it lists.
    pub(super) methods: Vec<&'static str>,
    /// The changes, each as a command: "add `/` at the end".
    pub(super) change: Vec<String>,
    /// Whether it ends in a catch-all, for which nothing is left of the path.
    #[serde(skip)]
    pub(super) is_root: bool,
}

/// The cost of making one path of another. Only the order of the costs means something: the
/// most frequent mistake is cheapest.
mod cost {
    pub(super) const VALUE: u32 = 1;
    pub(super) const SLASH: u32 = 2;
    /// The catch-all at the end has no segment.
    pub(super) const REST: u32 = 2;
    pub(super) const CASE: u32 = 2;
    pub(super) const SPELLING: u32 = 4;
    /// The first segment that is missing or too much at the front, and each
    /// that follows it: bases such as `/api/v1` come and go as a whole.
    pub(super) const FRONT: u32 = 5;
    pub(super) const FRONT_MORE: u32 = 1;
    pub(super) const SEGMENT: u32 = 6;
    /// Another literal altogether, which nobody means.
    pub(super) const OTHER: u32 = 100;
    /// A template that costs more is not near.
    pub(super) const MOST: u32 = 14;
    /// A template that costs this much more than the nearest one is not shown with it.
    pub(super) const ABOVE_BEST: u32 = 4;
}

/// A template that is near, and the changes that make it match.
struct Candidate<'a> {
    cost: u32,
    unlisted: bool,
    listing: &'a Listing,
    changes: Vec<Change<'a>>,
    /// The path with these changes.
    changed: String,
}

/// The nearest templates, at most three. The list is empty where too many are equally near,
/// since the path then resembles none of them. A template is left out if it is not the `winner`
/// of the changed path: that path may belong to another template, or be refused for a value
/// that resembles a literal.
pub(super) fn templates<'w>(
    model: &Model,
    path: &[&str],
    slash: bool,
    method: &str,
    winner: impl Fn(&str) -> Option<&'w str>,
) -> Vec<Near> {
    let mut found: Vec<Candidate<'_>> = model
        .templates
        .iter()
        .filter_map(|listing| {
            let (mut cost, mut changes, mut changed) = compare(listing, path, model.options)?;
            if let Some(change) = slash_change(listing, path, slash, model.options) {
                cost += cost::SLASH;
                changes.push(change);
            }
            let template = &listing.template;
            let slash_at_end = match template.segments.last() {
                Some(Segment::CatchAll) => slash,
                _ => template.slash,
            };
            if slash_at_end || changed.is_empty() {
                changed.push('/');
            }
            let unlisted = !listing
                .answers()
                .iter()
                .any(|known| known.as_str() == method);
            (cost <= cost::MOST).then_some(Candidate {
                cost,
                unlisted,
                listing,
                changes,
                changed,
            })
        })
        .collect();
    found.sort_by(|a, b| {
        let order = (a.cost, a.unlisted).cmp(&(b.cost, b.unlisted));
        order.then_with(|| a.listing.template.cmp(&b.listing.template))
    });
    let best = found.first().map_or(0, |found| found.cost);
    if found.iter().filter(|found| found.cost == best).count() > MOST_ALIKE {
        return Vec::new();
    }
    found
        .into_iter()
        .take_while(|found| found.cost <= best + cost::ABOVE_BEST)
        .filter(|found| {
            let winner = winner(&found.changed);
            let mut routes = found.listing.routes.iter();
            routes.any(|route| winner == Some(&route.text))
        })
        .take(3)
        .map(|found| {
            let Candidate {
                unlisted,
                listing,
                changes,
                ..
            } = found;
            let methods: Vec<&str> = listing.answers().iter().map(Method::as_str).collect();
            let mut change = in_words(&changes);
            if unlisted {
                change.push(format!("use {}", methods.join(" or ")));
            }
            Near {
                is_root: matches!(changes.as_slice(), [Change::Rest(_)]),
                template: listing.text().to_owned(),
                methods,
                change,
            }
        })
        .collect()
}

/// At most this many templates are shown as the nearest.
const MOST_ALIKE: usize = 6;

/// One step from the path to the template.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Change<'a> {
    /// A segment goes before all others.
    Prepend(&'a str),
    /// The first segments go away.
    DropFront(&'a str),
    InsertAfter(&'a str, &'a str),
    /// The catch-all needs a segment.
    Rest(&'a str),
    Drop(&'a str),
    Case(&'a str, &'a str),
    Write(&'a str, &'a str),
    AddSlash,
    DropSlash,
}

/// The cheapest way from the path to a template, by dynamic programming over
/// their segments, and the path that it leads to; slashes at the end apart.
fn compare<'a>(
    listing: &'a Listing,
    path: &[&'a str],
    options: PathOptions,
) -> Option<(u32, Vec<Change<'a>>, String)> {
    let segments = &listing.template.segments;
    let texts: Vec<&str> = listing
        .text()
        .split('/')
        .filter(|text| !text.is_empty())
        .collect();
    if texts.len() != segments.len() || segments.len().abs_diff(path.len()) > 8 {
        return None;
    }
    // Nothing of the path would be left.
    if segments.is_empty() && !path.is_empty() {
        return None;
    }
    let (rows, columns) = (path.len() + 1, segments.len() + 1);
    let drop_cost = |row: usize, column: usize| match (row, column) {
        (1, 0) => cost::FRONT,
        (_, 0) => cost::FRONT_MORE,
        // The rest of a catch-all costs nothing.
        (_, column) if segments[column - 1] == Segment::CatchAll => 0,
        _ => cost::SEGMENT,
    };
    // A catch-all is the last segment of a template. It takes the rest of the path, if there is
    // one.
    let insert_cost = |row: usize, column: usize| match (row, column) {
        _ if segments[column - 1] == Segment::CatchAll => {
            if row == path.len() {
                cost::REST
            } else {
                cost::OTHER
            }
        }
        (0, 1) => cost::FRONT,
        (0, _) => cost::FRONT_MORE,
        _ => cost::SEGMENT,
    };
    // (cost, the step that led there)
    let mut table = vec![(0u32, Step::Keep); rows * columns];
    for row in 0..rows {
        for column in 0..columns {
            if (row, column) == (0, 0) {
                continue;
            }
            let mut best = (u32::MAX, Step::Keep);
            let mut consider = |cost: u32, step: Step| {
                if cost < best.0 {
                    best = (cost, step);
                }
            };
            if row > 0 {
                let before = table[(row - 1) * columns + column].0;
                consider(before + drop_cost(row, column), Step::Drop);
            }
            if column > 0 {
                let before = table[row * columns + column - 1].0;
                consider(before + insert_cost(row, column), Step::Insert);
            }
            if row > 0 && column > 0 {
                let before = table[(row - 1) * columns + column - 1].0;
                let replace = replace_cost(path[row - 1], &segments[column - 1], options);
                consider(before + replace, Step::Keep);
            }
            table[row * columns + column] = best;
        }
    }
    let total = table.last()?.0;
    if total > cost::MOST {
        return None;
    }
    let mut changes = Vec::new();
    let mut changed: Vec<Cow<'_, str>> = Vec::new();
    // Whether the next segment of the template is a literal that the path has: only next to
    // such a one is it certain that a literal is missing.
    let mut anchored = true;
    let (mut row, mut column) = (path.len(), segments.len());
    while (row, column) != (0, 0) {
        match table[row * columns + column].1 {
            Step::Keep => {
                row -= 1;
                column -= 1;
                anchored = matches!(segments[column], Segment::Literal(_));
                changed.push(match &segments[column] {
                    Segment::Literal(_) => texts[column].into(),
                    affix @ Segment::Affix { .. } if !takes(affix, path[row], options) => {
                        example(affix).into()
                    }
                    _ => path[row].into(),
                });
                changes.extend(replacement(
                    path[row],
                    &segments[column],
                    texts[column],
                    options,
                ));
            }
            Step::Drop => {
                row -= 1;
                if column == 0 {
                    changes.push(Change::DropFront(path[row]));
                } else if segments[column - 1] == Segment::CatchAll {
                    changed.push(path[row].into());
                } else {
                    changes.push(Change::Drop(path[row]));
                }
            }
            Step::Insert => {
                column -= 1;
                changed.push(match &segments[column] {
                    Segment::Literal(_) => texts[column].into(),
                    other => example(other).into(),
                });
                if segments[column] == Segment::CatchAll {
                    changes.push(Change::Rest(texts[column]));
                    anchored = false;
                    continue;
                }
                if !anchored && matches!(segments[column], Segment::Literal(_)) {
                    return None;
                }
                changes.push(match row.checked_sub(1) {
                    None => Change::Prepend(texts[column]),
                    Some(last) => {
                        let after = column.checked_sub(1).map_or(path[last], |i| texts[i]);
                        Change::InsertAfter(texts[column], after)
                    }
                });
            }
        }
    }
    changes.reverse();
    let changed: String = changed
        .iter()
        .rev()
        .flat_map(|text| ["/", &**text])
        .collect();
    let has = |kind: fn(&Change<'_>) -> bool| changes.iter().any(kind);
    let other_literal = has(|change| matches!(change, Change::InsertAfter(..)))
        && has(|change| matches!(change, Change::Drop(_)));
    (!other_literal).then_some((total, changes, changed))
}

#[derive(Clone, Copy)]
enum Step {
    Keep,
    Drop,
    Insert,
}

/// Whether a segment of a template takes one of a path.
fn takes(segment: &Segment, written: &str, options: PathOptions) -> bool {
    match options.ignores_case() {
        true => segment.takes_in_any_case(written),
        false => segment.takes(written),
    }
}

/// A segment with a value: any would do.
fn example(segment: &Segment) -> String {
    segment.to_string().replace("{*}", "1").replace("{}", "1")
}

fn replace_cost(written: &str, segment: &Segment, options: PathOptions) -> u32 {
    let literal = match segment {
        Segment::Literal(literal) => literal,
        _ if takes(segment, written, options) => return cost::VALUE,
        Segment::Affix { prefix, suffix } if resembles_affix(prefix, suffix, written) => {
            return cost::CASE;
        }
        Segment::Affix { .. } => return cost::OTHER,
        Segment::Parameter | Segment::CatchAll => return cost::VALUE,
    };
    if written == literal {
        return 0;
    }
    if written.eq_ignore_ascii_case(literal) {
        return if options.ignores_case() {
            0
        } else {
            cost::CASE
        };
    }
    if is_alike(written, literal) {
        return cost::CASE;
    }
    let near = written.len().abs_diff(literal.len()) <= 3
        && nearest(written, [literal.as_str()]).is_some();
    if near { cost::SPELLING } else { cost::OTHER }
}

/// Whether some system reads the one as the other, where more than case is different.
fn is_alike(written: &str, literal: &str) -> bool {
    // Few segments can be: the rest is not looked at closely.
    let may_be = |text: &str| text.contains(['%', '$', '+', '*', ':']);
    (may_be(written) || may_be(literal)) && resembles(literal, written)
}

fn replacement<'a>(
    written: &'a str,
    segment: &Segment,
    text: &'a str,
    options: PathOptions,
) -> Option<Change<'a>> {
    let literal = match segment {
        Segment::Literal(literal) => literal,
        Segment::Affix { .. } if !takes(segment, written, options) => {
            return Some(Change::Write(written, text));
        }
        _ => return None,
    };
    if written == literal {
        None
    } else if written.eq_ignore_ascii_case(literal) {
        (!options.ignores_case()).then_some(Change::Case(written, text))
    } else {
        Some(Change::Write(written, text))
    }
}

fn slash_change<'a>(
    listing: &Listing,
    path: &[&str],
    slash: bool,
    options: PathOptions,
) -> Option<Change<'a>> {
    let template = &listing.template;
    let either = template.segments.last() == Some(&Segment::CatchAll)
        || options.slash_is_optional()
        || template.segments.is_empty()
        || path.is_empty();
    match (slash, template.slash) {
        _ if either => None,
        (false, true) => Some(Change::AddSlash),
        (true, false) => Some(Change::DropSlash),
        _ => None,
    }
}

/// Joins neighbouring segments at the front into one sentence.
fn in_words(changes: &[Change<'_>]) -> Vec<String> {
    let run = |pick: fn(&Change<'_>) -> Option<String>| -> String {
        changes
            .iter()
            .filter_map(pick)
            .map(|segment| format!("/{segment}"))
            .collect()
    };
    let prepended = run(|change| match change {
        Change::Prepend(text) => Some((*text).to_owned()),
        _ => None,
    });
    let dropped = run(|change| match change {
        Change::DropFront(text) => Some((*text).to_owned()),
        _ => None,
    });
    let mut words = Vec::new();
    if !prepended.is_empty() {
        words.push(format!("put `{prepended}` in front"));
    }
    if !dropped.is_empty() {
        words.push(format!("drop `{dropped}` at the front"));
    }
    words.extend(changes.iter().filter_map(|change| {
        Some(match change {
            Change::Prepend(_) | Change::DropFront(_) => return None,
            Change::InsertAfter(text, after) => format!("insert `{text}` after `{after}`"),
            Change::Rest(text) => format!("add a segment at the end: `{text}` takes one or more"),
            Change::Drop(text) => format!("drop `{text}`"),
            Change::Case(written, text) => {
                format!("write `{text}` for `{written}`: case matters")
            }
            Change::Write(written, text) => format!("write `{text}` for `{written}`"),
            Change::AddSlash => "add `/` at the end".to_owned(),
            Change::DropSlash => "drop the `/` at the end".to_owned(),
        })
    }));
    words
}
