//! Every template that matches a path, for tools that explain a decision.

use routescope_core::path::{check, check_segment};

use crate::model::template::Segment;
use crate::model::trie::Trie;
use crate::model::{Listing, Model};
use crate::verify::spelling::{is_wildcard, resembles, resembles_affix};

/// Finds the templates of a [`Model`] that match a path: all of them, where the
/// engine finds the most specific one.
///
/// It explains decisions and never makes one. Paths are given as requests have
/// them: nothing is decoded, and a query is ignored.
///
/// ```
/// let source = "version: 1\nname: shop\nscopes:\n  \"orders:read\":\n    routes:\n      - GET /orders/{id}\n      - GET /orders/export\n";
/// let compiled = routescope_compiler::compile("shop.yaml", source)?;
/// let matcher = compiled.model().matcher();
/// let found: Vec<String> = matcher
///     .matching("/orders/export")
///     .iter()
///     .map(|listing| listing.template.to_string())
///     .collect();
/// assert_eq!(found, ["/orders/export", "/orders/{}"]);
/// assert!(matcher.matching("/orders").is_empty());
/// assert_eq!(matcher.resembled("/orders/EXPORT", 0), None);
/// let export = routescope_compiler::template::Segment::Literal("export".to_owned());
/// assert_eq!(matcher.resembled("/orders/EXPORT", 1), Some(&export));
/// # Ok::<(), routescope_compiler::Report>(())
/// ```
#[derive(Clone, Debug)]
pub struct Matcher<'m> {
    model: &'m Model,
    trie: Trie,
}

impl Model {
    /// Prepares to find the templates that match paths.
    ///
    /// Cost: linear in the segments of all templates. Keep it for several paths.
    #[must_use]
    pub fn matcher(&self) -> Matcher<'_> {
        Matcher {
            model: self,
            trie: Trie::new(
                self.templates.iter().map(|listing| &listing.template),
                self.options,
            ),
        }
    }
}

impl<'m> Matcher<'m> {
    /// The templates that match a path under the policy's path options, the most
    /// specific one first: it alone decides.
    ///
    /// Empty where no template matches, and where the path breaks a path rule that
    /// does not depend on the policy. Rule 7 is not applied: a path may match here
    /// and be refused because one of its values [resembles](Self::resembled) a
    /// literal or an affix.
    ///
    /// Cost: visits each node of the templates' trie at most once.
    #[must_use]
    pub fn matching(&self, path: &str) -> Vec<&'m Listing> {
        let mut found = Vec::new();
        if check(path.as_bytes()).is_ok() {
            let (segments, slash) = split(path);
            self.collect(0, &segments, slash, &mut found);
        }
        found.sort_by(|a, b| a.template.precedence(&b.template));
        found
    }

    fn collect(&self, node: usize, rest: &[&str], slash: bool, found: &mut Vec<&'m Listing>) {
        let node = &self.trie.nodes[node];
        let Some((first, rest)) = rest.split_first() else {
            let end = if slash { node.end_slash } else { node.end };
            found.extend(end.map(|template| &self.model.templates[template]));
            return;
        };
        let catch_all = node.catch_all;
        found.extend(catch_all.map(|template| &self.model.templates[template]));
        for next in node.taking(first, self.model.options) {
            self.collect(next, rest, slash, found);
        }
    }

    /// The literal that a segment of a path resembles without being it, or the affix that it
    /// resembles without matching it, for which rule 7 refuses the path. Segments are counted
    /// from 0.
    ///
    /// The literals and affixes in question are those of all templates whose earlier segments
    /// match, whichever template wins. A segment with a Windows wildcard resembles
    /// every one of them; then this is the first. `None` where neither is
    /// an alternative, and where the path has no such segment or breaks a path rule
    /// before it.
    ///
    /// Cost: visits each node of the templates' trie at most once, and compares
    /// the segment with each literal and each affix found.
    #[must_use]
    pub fn resembled(&self, path: &str, segment: usize) -> Option<&'m Segment> {
        let (segments, _) = split(path);
        let value = segments.get(segment)?;
        let mut keeps_rules = segments.iter().take(segment + 1);
        if keeps_rules.any(|segment| check_segment(segment.as_bytes()).is_err()) {
            return None;
        }
        let mut found = Vec::new();
        self.alternatives(0, &segments[..segment], segment, &mut found);
        let takes = |alternative: &Segment| match alternative {
            Segment::Affix { .. } if self.model.options.ignores_case() => {
                alternative.takes_in_any_case(value)
            }
            _ => alternative.takes(value),
        };
        found.retain(|alternative| !takes(alternative));
        let alike = found.iter().find(|alternative| match alternative {
            Segment::Literal(text) => resembles(text, value),
            Segment::Affix { prefix, suffix } => resembles_affix(prefix, suffix, value),
            Segment::Parameter | Segment::CatchAll => false,
        });
        let first = || found.first().filter(|_| is_wildcard(value));
        alike.or_else(first).copied()
    }

    /// Adds the literals and affixes that could follow the segments of `rest` below a node, in
    /// the order of the templates.
    fn alternatives(
        &self,
        node: usize,
        rest: &[&str],
        segment: usize,
        found: &mut Vec<&'m Segment>,
    ) {
        let node = &self.trie.nodes[node];
        let Some((first, rest)) = rest.split_first() else {
            // The trie's label may be folded; the template's is as written.
            let children = node.literals.values().chain(node.affixes.values());
            let written = children.filter_map(|child| {
                let template = self.trie.first_below(*child)?;
                self.model.templates[template]
                    .template
                    .segments
                    .get(segment)
            });
            found.extend(written);
            return;
        };
        for next in node.taking(first, self.model.options) {
            self.alternatives(next, rest, segment, found);
        }
    }
}

/// The segments of a target's path, and whether it ends in a slash. The root has no
/// segment and ends in one.
fn split(target: &str) -> (Vec<&str>, bool) {
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    let path = path.strip_prefix('/').unwrap_or(path);
    if path.is_empty() {
        return (Vec::new(), true);
    }
    match path.strip_suffix('/') {
        Some(path) => (path.split('/').collect(), true),
        None => (path.split('/').collect(), false),
    }
}
