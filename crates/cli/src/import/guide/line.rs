//! A line of a guide: of flat text, Markdown or HTML.
//!
//! Each line keeps its position in the file, so that a message can point at it.

use std::ops::Range;

/// A line, without markup.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) at: Range<usize>,
    pub(super) text: String,
    pub(super) kind: LineKind,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum LineKind {
    /// Nothing to read: an empty line, a rule, a comment.
    Blank,
    /// A heading of this level.
    Heading(usize),
    /// A row of a table, its cells cleaned of markup.
    Row(Vec<String>),
    /// The line between a table's head and its body.
    Separator,
    /// An entry of a list.
    Bullet,
    Text,
}

/// Most lines of a guide that are read, those not counted that say nothing.
pub(super) const MOST_LINES: usize = 500_000;

/// Most cells of a row that are told apart: no table that can be read has as
/// many.
pub(super) const MOST_CELLS: usize = 16;
