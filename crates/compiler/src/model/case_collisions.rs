//! Templates that nothing but ASCII case tells apart.
//!
//! A back end that ignores case takes two such templates for overlapping, and
//! may serve the one for a path that was authorized by the other. At run time
//! a value may not resemble a literal; what is left are literals that resemble
//! each other, and these are found here, once for all paths.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use crate::model::Model;
use crate::model::overlap::{Overlap, overlaps};
use crate::model::template::{Segment, Template};
use crate::model::trie::Trie;

/// Calls `visit` for each pair of templates, by their index, that share a path in some
/// case and differ in the case of a literal, until it breaks. Says the pair where it
/// stopped of itself, after looking at so many as no table that people write has.
pub(crate) fn told_apart_by_case(
    model: &Model,
    visit: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
) -> Option<(usize, usize)> {
    if model.options.case_insensitive || !any_twins(model) {
        return None;
    }
    let mut folded: BTreeMap<Template, Vec<usize>> = BTreeMap::new();
    for (index, listing) in model.templates.iter().enumerate() {
        let mut same = listing.template.to_lowercase();
        // Where the slash is optional, it tells nothing apart either.
        same.slash |= model.options.trailing_slash_optional;
        folded.entry(same).or_default().push(index);
    }
    let groups: Vec<&Vec<usize>> = folded.values().collect();
    let mut looked = 0;
    let mut stopped_at = None;
    let mut look = |a: usize, b: usize| {
        looked += 1;
        if looked > MOST_PAIRS {
            stopped_at = Some((a, b));
            return ControlFlow::Break(());
        }
        if differ_in_case(&model.templates[a].template, &model.templates[b].template) {
            return visit(a.min(b), a.max(b));
        }
        ControlFlow::Continue(())
    };
    for group in &groups {
        for (i, &a) in group.iter().enumerate() {
            for &b in &group[i + 1..] {
                if look(a, b).is_break() {
                    return stopped_at;
                }
            }
        }
    }
    overlaps(&Trie::new(folded.keys(), model.options), &mut |overlap| {
        let (Overlap::Nested { narrow: a, wide: b } | Overlap::Conflict { a, b }) = overlap;
        for &a in groups[a] {
            for &b in groups[b] {
                look(a, b)?;
            }
        }
        ControlFlow::Continue(())
    });
    stopped_at
}

/// Most pairs that are looked at.
const MOST_PAIRS: usize = 1_000_000;

/// Whether any two literals differ only in case; in most tables none do.
fn any_twins(model: &Model) -> bool {
    let mut spelled: HashMap<String, &str> = HashMap::new();
    let segments = model
        .templates
        .iter()
        .flat_map(|listing| &listing.template.segments);
    segments.into_iter().any(|segment| match segment {
        Segment::Literal(text) => *spelled.entry(text.to_ascii_lowercase()).or_insert(text) != text,
        Segment::Parameter | Segment::CatchAll => false,
    })
}

fn differ_in_case(a: &Template, b: &Template) -> bool {
    a.segments.iter().zip(&b.segments).any(|pair| match pair {
        (Segment::Literal(a), Segment::Literal(b)) => a != b,
        _ => false,
    })
}
