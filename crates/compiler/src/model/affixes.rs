//! Affixes that cannot stand at one place.

use routescope_core::__private::Affix;

use crate::model::template::Segment;

/// The literals before and behind the parameter of an affix.
pub(crate) fn prefix_and_suffix(affix: &Segment) -> (&str, &str) {
    match affix {
        Segment::Affix { prefix, suffix } => (prefix, suffix),
        Segment::Literal(_) | Segment::Parameter | Segment::CatchAll => ("", ""),
    }
}

/// An affix as the engine reads it.
pub(crate) fn as_read(affix: &Segment) -> Affix<'_> {
    let (prefix, suffix) = prefix_and_suffix(affix);
    Affix {
        prefix: prefix.as_bytes(),
        suffix: suffix.as_bytes(),
    }
}

/// A segment that two affixes take, or would take if case were ignored; or one that one of them
/// takes and that resembles the other whatever its value is.
///
/// Which of the two such a segment means would depend on an order, and no two back ends share
/// one.
pub(crate) fn clash(a: &Segment, b: &Segment) -> Option<String> {
    let (folded, other) = (a.to_lowercase(), b.to_lowercase());
    if let Some(both) = folded.taken_by_both(&other) {
        return Some(both);
    }
    [(a, b), (b, a)].into_iter().find_map(|(taking, other)| {
        let taken = taking.taken_by_first(Some(other));
        as_read(other)
            .is_resembled_by(taken.as_bytes())
            .then_some(taken)
    })
}

/// The first two of some affixes that clash, and the segment that shows it.
pub(crate) fn first_clash<'s>(
    affixes: impl Iterator<Item = &'s Segment>,
) -> Option<(&'s Segment, &'s Segment, String)> {
    let affixes: Vec<&Segment> = affixes.collect();
    affixes.iter().enumerate().find_map(|(i, a)| {
        let mut others = affixes[i + 1..].iter();
        others.find_map(|b| Some((*a, *b, clash(a, b)?)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::template::Template;

    #[test]
    fn clashes() {
        for (a, b, expected) in [
            ("{id}:cancel", "{id}:pause", None),
            ("{id}:cancel", "{id}:xcancel", None),
            ("{id}:cancel", "{id}:CANCEL", Some("x:cancel")),
            ("{id}:cancel", "key={id}", Some("key=x:cancel")),
            ("{id}:cancel", "{id}:a:cancel", Some("x:a:cancel")),
            ("{id}:x", "{id}:x+", Some("x:x+")),
            ("key={id}", "+key={id}", Some("+key=x")),
            ("key={id}", "name={id}", None),
            ("{id}.json", "{id}.xml", None),
            ("{id}+", "{id}:x", None),
        ] {
            let affix = |text: &str| {
                let mut template = Template::parse(&format!("/{text}")).unwrap();
                template.segments.remove(0)
            };
            let (first, second) = (affix(a), affix(b));
            assert_eq!(clash(&first, &second).as_deref(), expected, "{a} {b}");
            assert_eq!(clash(&second, &first).as_deref(), expected, "{a} {b}");
        }
    }
}
