//! Templates that nothing but ASCII case tells apart.
//!
//! A back end that ignores case takes two such templates for overlapping, and
//! may serve the one for a path that was authorized by the other. At run time
//! a value may not resemble a literal; what is left are literals that resemble
//! each other, and these are found here, once for all paths.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;

use crate::model::Model;
use crate::overlap::{Overlap, overlaps};
use crate::template::{Segment, Template};
use crate::trie::Trie;

/// The pairs of templates, by their index, that share a path in some case and
/// differ in the case of a literal.
pub(crate) fn told_apart_by_case(model: &Model) -> BTreeSet<(usize, usize)> {
    let mut pairs = BTreeSet::new();
    if model.options.case_insensitive || !any_twins(model) {
        return pairs;
    }
    let mut folded: BTreeMap<Template, Vec<usize>> = BTreeMap::new();
    for (index, listing) in model.templates.iter().enumerate() {
        let mut same = listing.template.to_lowercase();
        // Where the slash is optional, it tells nothing apart either.
        same.slash |= model.options.trailing_slash_optional;
        folded.entry(same).or_default().push(index);
    }
    let groups: Vec<&Vec<usize>> = folded.values().collect();
    let mut add = |a: usize, b: usize| {
        if differ_in_case(&model.templates[a].template, &model.templates[b].template) {
            pairs.insert((a.min(b), a.max(b)));
        }
    };
    for group in &groups {
        for (i, &a) in group.iter().enumerate() {
            group[i + 1..].iter().for_each(|&b| add(a, b));
        }
    }
    overlaps(&Trie::new(folded.keys(), model.options), &mut |overlap| {
        let (Overlap::Nested { narrow: a, wide: b } | Overlap::Conflict { a, b }) = overlap;
        for &a in groups[a] {
            groups[b].iter().for_each(|&b| add(a, b));
        }
        ControlFlow::Continue(())
    });
    pairs
}

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
