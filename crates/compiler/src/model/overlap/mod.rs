//! Finds the templates that share a path, by intersecting the trie with itself. Only
//! pairs of branches that one path reaches are visited, so a table of a hundred
//! thousand routes takes no longer than reading it.

#[cfg(test)]
mod tests;

use std::ops::{Bound, ControlFlow};

use routescope_core::PathOptions;

use crate::model::template::{Segment, Template};
use crate::model::trie::{Node, Trie, key};

/// Two templates that share a path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Overlap {
    /// Every path of `narrow` is one of `wide`.
    Nested { narrow: usize, wide: usize },
    /// Neither is narrower.
    Conflict { a: usize, b: usize },
}

/// The extent of a search, and whether it was complete.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Search {
    /// Nodes, and pairs of nodes that the same segments lead to.
    pub(crate) visits: usize,
    /// The last pair of nodes, if the search stopped at its limit.
    pub(crate) stopped_at: Option<(usize, usize)>,
}

/// The most visits of a search. On the tables of real APIs a search visits about as many
/// pairs as the trie has nodes; many more mean that everything overlaps everything.
pub(crate) fn max_visits(trie: &Trie) -> usize {
    4_000_000 + 4 * trie.nodes.len()
}

/// Calls `visit` for each conflict until it breaks, or until `max_visits` pairs have been
/// visited.
pub(crate) fn conflicts(
    trie: &Trie,
    max_visits: usize,
    visit: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
) -> Search {
    let mut only_conflicts = |overlap| match overlap {
        Overlap::Conflict { a, b } => visit(a, b),
        Overlap::Nested { .. } => ControlFlow::Continue(()),
    };
    let mut walk = Walk {
        trie,
        nested: false,
        visit: &mut only_conflicts,
        visits: 0,
        max_visits,
        stopped_at: None,
    };
    let _ = walk.same(0);
    walk.search()
}

/// Calls `visit` for each pair of templates that share a path, until it breaks.
/// Takes as long as there are pairs.
pub(crate) fn overlaps(trie: &Trie, visit: &mut dyn FnMut(Overlap) -> ControlFlow<()>) {
    overlaps_within(trie, usize::MAX, visit);
}

/// As [`overlaps`], with a limit of `max_visits`.
pub(crate) fn overlaps_within(
    trie: &Trie,
    max_visits: usize,
    visit: &mut dyn FnMut(Overlap) -> ControlFlow<()>,
) -> Search {
    let mut walk = Walk {
        trie,
        nested: true,
        visit,
        visits: 0,
        max_visits,
        stopped_at: None,
    };
    let _ = walk.same(0);
    walk.search()
}

struct Walk<'w> {
    trie: &'w Trie,
    /// Whether pairs in which one is narrower are wanted too.
    nested: bool,
    visit: &'w mut dyn FnMut(Overlap) -> ControlFlow<()>,
    /// The number of nodes and pairs of nodes visited.
    visits: usize,
    /// Its limit.
    max_visits: usize,
    stopped_at: Option<(usize, usize)>,
}

/// For each of a pair of templates, whether it has been narrower at some segment so far.
#[derive(Clone, Copy)]
struct Narrower {
    a: bool,
    b: bool,
}

impl Narrower {
    const NEITHER: Self = Self { a: false, b: false };
    const A: Self = Self { a: true, b: false };
    const B: Self = Self { a: false, b: true };

    /// The same pair after another segment.
    fn with(self, other: Self) -> Self {
        Self {
            a: self.a || other.a,
            b: self.b || other.b,
        }
    }
}

/// The nodes of the literals that an affix takes.
fn taken<'n>(node: &'n Node, affix: &'n Segment) -> impl Iterator<Item = &'n usize> {
    let prefix = match affix {
        Segment::Affix { prefix, .. } => prefix.as_str(),
        _ => "",
    };
    let from = (Bound::Included(prefix), Bound::Unbounded);
    let literals = node.literals.range::<str, _>(from);
    literals
        .take_while(move |(label, _)| label.starts_with(prefix))
        .filter_map(|(label, child)| affix.takes(label).then_some(child))
}

impl<'w> Walk<'w> {
    fn node(&self, index: usize) -> &'w Node {
        &self.trie.nodes[index]
    }

    fn search(&self) -> Search {
        Search {
            visits: self.visits,
            stopped_at: self.stopped_at,
        }
    }

    /// Counts a visit of two nodes, or of one.
    fn visit_pair(&mut self, a: usize, b: usize) -> ControlFlow<()> {
        if self.visits >= self.max_visits {
            self.stopped_at = Some((a, b));
            return ControlFlow::Break(());
        }
        self.visits += 1;
        ControlFlow::Continue(())
    }

    /// Pairs of templates that part at or below this node.
    fn same(&mut self, at: usize) -> ControlFlow<()> {
        self.visit_pair(at, at)?;
        let node = self.node(at);
        for &child in node.literals.values().chain(node.affixes.values()) {
            self.same(child)?;
            if let Some(parameter) = node.parameter {
                self.pair(child, parameter, Narrower::A)?;
            }
        }
        for (i, (affix, &child)) in node.affixes.iter().enumerate() {
            for &literal in taken(node, affix) {
                self.pair(literal, child, Narrower::A)?;
            }
            for (other, &second) in node.affixes.iter().skip(i + 1) {
                self.affixes((affix, child), (other, second), Narrower::NEITHER)?;
            }
        }
        if let Some(parameter) = node.parameter {
            self.same(parameter)?;
        }
        if let (Some(wide), true) = (node.catch_all, self.nested) {
            self.under(at, &mut |walk, narrow| {
                (walk.visit)(Overlap::Nested { narrow, wide })
            })?;
        }
        ControlFlow::Continue(())
    }

    /// Pairs of a template at or below `a` and one at or below `b`, two nodes
    /// that the same segments lead to.
    fn pair(&mut self, a: usize, b: usize, narrower: Narrower) -> ControlFlow<()> {
        self.visit_pair(a, b)?;
        let (left, right) = (self.node(a), self.node(b));
        for (x, y) in [(left.end, right.end), (left.end_slash, right.end_slash)] {
            if let (Some(x), Some(y)) = (x, y) {
                self.report(x, y, narrower)?;
                // Under an optional slash both ends are the same template.
                if left.end == left.end_slash && right.end == right.end_slash {
                    break;
                }
            }
        }
        for (label, &child) in &left.literals {
            if let Some(&other) = right.literals.get(label) {
                self.pair(child, other, narrower)?;
            }
            if let Some(parameter) = right.parameter {
                self.pair(child, parameter, narrower.with(Narrower::A))?;
            }
        }
        for (affix, &child) in &left.affixes {
            for &literal in taken(right, affix) {
                self.pair(child, literal, narrower.with(Narrower::B))?;
            }
            for (other, &second) in &right.affixes {
                self.affixes((affix, child), (other, second), narrower)?;
            }
            if let Some(parameter) = right.parameter {
                self.pair(child, parameter, narrower.with(Narrower::A))?;
            }
        }
        for (affix, &child) in &right.affixes {
            for &literal in taken(left, affix) {
                self.pair(literal, child, narrower.with(Narrower::A))?;
            }
        }
        if let Some(parameter) = left.parameter {
            for &child in right.literals.values().chain(right.affixes.values()) {
                self.pair(parameter, child, narrower.with(Narrower::B))?;
            }
            if let Some(other) = right.parameter {
                self.pair(parameter, other, narrower)?;
            }
        }
        self.catch_alls(a, b, narrower)
    }

    /// Pairs of templates below two affixes that may take the same segment.
    fn affixes(
        &mut self,
        (affix, a): (&Segment, usize),
        (other, b): (&Segment, usize),
        narrower: Narrower,
    ) -> ControlFlow<()> {
        self.visit_pair(a, b)?;
        if !affix.meets(other) {
            return ControlFlow::Continue(());
        }
        let parted = Narrower {
            a: !affix.covers(other),
            b: !other.covers(affix),
        };
        self.pair(a, b, narrower.with(parted))
    }

    fn catch_alls(&mut self, a: usize, b: usize, narrower: Narrower) -> ControlFlow<()> {
        let (left, right) = (self.node(a), self.node(b));
        if let (Some(x), Some(y)) = (left.catch_all, right.catch_all) {
            self.report(x, y, narrower)?;
        }
        // Everything below the other node is narrower from here on. Unless this
        // side was narrower before, that is no conflict, and not worth a walk.
        if let Some(wide) = left.catch_all.filter(|_| self.nested || narrower.a) {
            let narrower = narrower.with(Narrower::B);
            self.under(b, &mut |walk, below| walk.report(wide, below, narrower))?;
        }
        if let Some(wide) = right.catch_all.filter(|_| self.nested || narrower.b) {
            let narrower = narrower.with(Narrower::A);
            self.under(a, &mut |walk, below| walk.report(below, wide, narrower))?;
        }
        ControlFlow::Continue(())
    }

    /// The templates with at least one more segment than the node, but for its
    /// own catch-all.
    fn under(
        &mut self,
        at: usize,
        visit: &mut dyn FnMut(&mut Self, usize) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        self.visit_pair(at, at)?;
        let node = self.node(at);
        for child in node.children() {
            let below = self.node(child);
            let ends = [
                below.end,
                below.end_slash.filter(|_| below.end_slash != below.end),
                below.catch_all,
            ];
            for template in ends.into_iter().flatten() {
                visit(self, template)?;
            }
            self.under(child, visit)?;
        }
        ControlFlow::Continue(())
    }

    fn report(&mut self, a: usize, b: usize, narrower: Narrower) -> ControlFlow<()> {
        match narrower {
            Narrower { a: true, b: true } => (self.visit)(Overlap::Conflict { a, b }),
            Narrower { a: true, b: false } => (self.visit)(Overlap::Nested { narrow: a, wide: b }),
            _ => (self.visit)(Overlap::Nested { narrow: b, wide: a }),
        }
    }
}

/// A template that takes every path of another one with the other last slash,
/// if there is one.
pub(crate) fn has_slash_pair(trie: &Trie, template: &Template, options: PathOptions) -> bool {
    // Where the slash is optional, it tells nothing apart.
    !options.slash_is_optional()
        && template
            .with_other_slash()
            .is_some_and(|other| covered(trie, 0, &other.segments, other.slash, options))
}

/// Whether the templates below a node match every path of these segments.
fn covered(
    trie: &Trie,
    at: usize,
    segments: &[Segment],
    slash: bool,
    options: PathOptions,
) -> bool {
    let node = &trie.nodes[at];
    let Some((first, rest)) = segments.split_first() else {
        return if slash { node.end_slash } else { node.end }.is_some();
    };
    if node.catch_all.is_some() {
        return true;
    }
    let literal = match first {
        Segment::Literal(text) => node.literals.get(&key(text, options)),
        _ => None,
    };
    let first = match options.ignores_case() {
        true => &first.to_lowercase(),
        false => first,
    };
    let affixes = node.affixes.iter();
    let affixes = affixes.filter_map(|(affix, child)| affix.covers(first).then_some(child));
    let parameter = node
        .parameter
        .as_ref()
        .filter(|_| *first != Segment::CatchAll);
    literal
        .into_iter()
        .chain(affixes)
        .chain(parameter)
        .any(|&next| covered(trie, next, rest, slash, options))
}

/// A path that both templates match.
pub(crate) fn path_of_both(a: &Template, b: &Template) -> Option<String> {
    let longest = a.segments.len().max(b.segments.len());
    let segments = (0..longest).map(|i| match (a.segments.get(i), b.segments.get(i)) {
        (Some(first), Some(second)) => first.taken_by_both(second),
        (Some(only), None) | (None, Some(only)) => Some(only.taken_by_first(None)),
        (None, None) => None,
    });
    let path: Vec<String> = segments.collect::<Option<_>>()?;
    witness(&path, |path, slash| {
        a.matches(path, slash) && b.matches(path, slash)
    })
}

/// A path that `a` matches and `b` does not, if there is one.
pub(crate) fn path_of_first(a: &Template, b: &Template) -> Option<String> {
    let value = |i: usize| {
        let ours = a.segments.get(i).unwrap_or(&Segment::CatchAll);
        ours.taken_by_first(b.segments.get(i))
    };
    (a.segments.len()..=a.segments.len().max(b.segments.len()) + 1).find_map(|len| {
        let path: Vec<String> = (0..len).map(value).collect();
        witness(&path, |path, slash| {
            a.matches(path, slash) && !b.matches(path, slash)
        })
    })
}

/// The path of these segments, with or without a slash, if it will do.
fn witness(path: &[String], fits: impl Fn(&[&str], bool) -> bool) -> Option<String> {
    let segments: Vec<&str> = path.iter().map(String::as_str).collect();
    [false, true]
        .into_iter()
        .find(|slash| fits(&segments, *slash))
        .map(|slash| format!("/{}{}", segments.join("/"), if slash { "/" } else { "" }))
}
