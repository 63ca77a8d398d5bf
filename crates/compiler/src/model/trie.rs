//! The templates as one trie over segments, for the checks and the subset
//! construction.

use std::collections::BTreeMap;

use routescope_core::PathOptions;

use crate::model::template::{Segment, Template};

/// A node of the trie. The root is node 0.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    /// The number of segments that lead here.
    pub(crate) depth: u8,
    /// The number of templates that end here or below.
    pub(crate) templates: usize,
    pub(crate) literals: BTreeMap<String, usize>,
    /// By the prefix and the suffix, in the form in which they are compared.
    pub(crate) affixes: BTreeMap<Segment, usize>,
    pub(crate) parameter: Option<usize>,
    /// The template whose catch-all starts here.
    pub(crate) catch_all: Option<usize>,
    /// The template that ends here without a slash.
    pub(crate) end: Option<usize>,
    /// The template that ends here with one.
    pub(crate) end_slash: Option<usize>,
}

impl Node {
    /// The nodes that one more segment leads to, those of narrow segments first.
    pub(crate) fn children(&self) -> impl Iterator<Item = usize> {
        let literals = self.literals.values().chain(self.affixes.values());
        literals.chain(&self.parameter).copied()
    }

    /// The nodes that one segment of a path leads to.
    pub(crate) fn taking(
        &self,
        segment: &str,
        options: PathOptions,
    ) -> impl Iterator<Item = usize> {
        let key = key(segment, options);
        let literal = self.literals.get(&key).copied();
        let affixes = self.affixes.iter();
        let affixes = affixes.filter_map(move |(affix, child)| affix.takes(&key).then_some(*child));
        literal.into_iter().chain(affixes).chain(self.parameter)
    }
}

/// Templates are known by their index in the list the trie was made from.
#[derive(Clone, Debug)]
pub(crate) struct Trie {
    pub(crate) nodes: Vec<Node>,
}

impl Trie {
    /// Under the options, no two of the templates may be the same.
    pub(crate) fn new<'t>(
        templates: impl IntoIterator<Item = &'t Template>,
        options: PathOptions,
    ) -> Self {
        let mut trie = Self {
            nodes: vec![Node::default()],
        };
        for (index, template) in templates.into_iter().enumerate() {
            trie.insert(index, template, options);
        }
        trie
    }

    /// A template that ends at a node or below.
    pub(crate) fn first_below(&self, node: usize) -> Option<usize> {
        let mut at = &self.nodes[node];
        loop {
            if let Some(found) = at.end.or(at.end_slash).or(at.catch_all) {
                return Some(found);
            }
            at = &self.nodes[at.children().next()?];
        }
    }

    fn insert(&mut self, index: usize, template: &Template, options: PathOptions) {
        let (mut at, mut depth) = (0, 0);
        for segment in &template.segments {
            self.nodes[at].templates += 1;
            let fresh = self.nodes.len();
            let node = &mut self.nodes[at];
            at = match segment {
                Segment::Literal(text) => *node.literals.entry(key(text, options)).or_insert(fresh),
                Segment::Affix { .. } => {
                    let key = match options.ignores_case() {
                        true => segment.to_lowercase(),
                        false => segment.clone(),
                    };
                    *node.affixes.entry(key).or_insert(fresh)
                }
                Segment::Parameter => *node.parameter.get_or_insert(fresh),
                Segment::CatchAll => {
                    node.catch_all = Some(index);
                    return;
                }
            };
            depth += 1;
            if at == fresh {
                self.nodes.push(Node {
                    depth,
                    ..Node::default()
                });
            }
        }
        let node = &mut self.nodes[at];
        node.templates += 1;
        // The root has no form without its slash.
        let either = options.slash_is_optional() && !template.segments.is_empty();
        if template.slash || either {
            node.end_slash = Some(index);
        }
        if !template.slash || either {
            node.end = Some(index);
        }
    }
}

/// The form in which literals are compared under the path options.
pub(crate) fn key(literal: &str, options: PathOptions) -> String {
    if options.ignores_case() {
        literal.to_ascii_lowercase()
    } else {
        literal.to_owned()
    }
}
