//! Case collisions: pairs of templates that only ASCII case tells apart.
//!
//! To a back end that ignores case, two such templates overlap: it may serve the one
//! for a path that was authorized by the other. At run time, rule 7 refuses a value
//! that resembles a literal. That leaves the literals that resemble each other, which
//! are found here, at compile time.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use crate::model::Model;
use crate::model::overlap::{Overlap, overlaps};
use crate::model::template::{Segment, Template};
use crate::model::trie::Trie;

/// Calls `visit` for each pair of templates, by their indices, that share a path if case
/// is ignored and differ in the case of a literal, until it breaks. Returns the pair at
/// which the search gave up, if it did, after [`MAX_PAIRS`].
pub(crate) fn case_collisions(
    model: &Model,
    visit: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
) -> Option<(usize, usize)> {
    if model.options.ignores_case() || !any_collision(model) {
        return None;
    }
    let mut folded: BTreeMap<Template, Vec<usize>> = BTreeMap::new();
    for (index, listing) in model.templates.iter().enumerate() {
        let mut same = listing.template.to_lowercase();
        // An optional slash distinguishes no templates either.
        same.slash |= model.options.slash_is_optional();
        folded.entry(same).or_default().push(index);
    }
    let same_folded: Vec<&Vec<usize>> = folded.values().collect();
    let mut looked = 0;
    let mut stopped_at = None;
    let mut look = |a: usize, b: usize| {
        looked += 1;
        if looked > MAX_PAIRS {
            stopped_at = Some((a, b));
            return ControlFlow::Break(());
        }
        if differ_in_case(&model.templates[a].template, &model.templates[b].template) {
            return visit(a.min(b), a.max(b));
        }
        ControlFlow::Continue(())
    };
    for indices in &same_folded {
        for (i, &a) in indices.iter().enumerate() {
            for &b in &indices[i + 1..] {
                if look(a, b).is_break() {
                    return stopped_at;
                }
            }
        }
    }
    overlaps(&Trie::new(folded.keys(), model.options), &mut |overlap| {
        let (Overlap::Nested { narrow: a, wide: b } | Overlap::Conflict { a, b }) = overlap;
        for &a in same_folded[a] {
            for &b in same_folded[b] {
                look(a, b)?;
            }
        }
        ControlFlow::Continue(())
    });
    stopped_at
}

/// The most pairs that are compared: more than any table written by people has.
const MAX_PAIRS: usize = 1_000_000;

/// Whether any two literals differ only in case. In most tables none do, and the
/// search ends here.
fn any_collision(model: &Model) -> bool {
    let mut spelled: HashMap<String, &str> = HashMap::new();
    let segments = model
        .templates
        .iter()
        .flat_map(|listing| &listing.template.segments);
    segments.into_iter().any(|segment| match segment {
        Segment::Literal(text) => *spelled.entry(text.to_ascii_lowercase()).or_insert(text) != text,
        // Two affixes that only case tells apart are an error at every place.
        Segment::Affix { .. } | Segment::Parameter | Segment::CatchAll => false,
    })
}

fn differ_in_case(a: &Template, b: &Template) -> bool {
    a.segments.iter().zip(&b.segments).any(|pair| match pair {
        (Segment::Literal(a), Segment::Literal(b)) => a != b,
        _ => false,
    })
}
