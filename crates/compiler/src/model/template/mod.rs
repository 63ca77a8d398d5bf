//! Path templates: reading one, and how two relate.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Range;

mod foreign;
mod read;
mod segment;
mod spell;
mod wrong;

pub(crate) use spell::spell;

use crate::source::report::Kind;

/// A segment of a template: the segments of a path that it matches.
///
/// Ordered from narrow to wide, which is the order of precedence.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Segment {
    /// Itself, byte for byte.
    Literal(String),
    /// One segment that begins with the prefix and ends with the suffix, byte for byte, with at
    /// least one byte between them: `{id}:cancel`, `key={key}`. At least one of the two is not
    /// empty, and neither contains an escape.
    Affix {
        /// The literal before the parameter.
        prefix: String,
        /// The literal behind it.
        suffix: String,
    },
    /// One segment of any value.
    Parameter,
    /// One or more segments, with or without a trailing slash; always last.
    CatchAll,
}

/// A path template without its parameters' names, which mean nothing to
/// matching. `/` has no segments and a trailing slash.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Template {
    /// The segments, from the left.
    pub segments: Vec<Segment>,
    /// Whether it ends in a slash. `false` for one that ends in a catch-all.
    pub slash: bool,
}

/// How the paths of one template relate to those of another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Relation {
    /// The same paths.
    Equivalent,
    /// The first matches only what the second matches, and less.
    MoreSpecific,
    /// The other way round.
    MoreGeneral,
    /// Some path matches both, and each matches one that the other does not.
    Overlaps,
    /// No path matches both.
    Disjoint,
}

/// A segment of a template's text, and the text that contains it.
struct Part<'t> {
    part: &'t str,
    /// Its span in the text.
    at: Range<usize>,
    /// The whole template.
    text: &'t str,
    /// Whether it is the last segment.
    last: bool,
}

/// An error in a template's text: its place, a message, and advice.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct BadTemplate {
    /// Offsets in the text.
    pub at: Range<usize>,
    /// The mistake, in a sentence.
    pub message: String,
    /// The advice: how to fix it.
    pub help: String,
    /// The kind of mistake, which does not depend on the text.
    pub(crate) kind: Kind,
    /// Whether `literal: true` would allow it.
    pub(crate) literal: bool,
}

/// The message, then what would fix it in brackets.
impl fmt::Display for BadTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.help)
    }
}

impl std::error::Error for BadTemplate {}

impl BadTemplate {
    #[track_caller]
    fn new(at: Range<usize>, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
            help: help.into(),
            kind: Kind::here(),
            literal: false,
        }
    }

    /// One of several kinds that the same line of code states.
    fn which(mut self, which: &'static str) -> Self {
        self.kind = self.kind.which(which);
        self
    }
}

impl Template {
    /// How the paths of `self` relate to those of `other`.
    #[must_use]
    pub fn relation(&self, other: &Self) -> Relation {
        match (self.covers(other), other.covers(self)) {
            (true, true) => Relation::Equivalent,
            (false, true) => Relation::MoreSpecific,
            (true, false) => Relation::MoreGeneral,
            (false, false) if self.meets(other) => Relation::Overlaps,
            (false, false) => Relation::Disjoint,
        }
    }

    /// The template of the same paths with the other last slash; none for the
    /// root and for a catch-all, which takes both.
    pub(crate) fn with_other_slash(&self) -> Option<Self> {
        let either = matches!(self.segments.last(), None | Some(Segment::CatchAll));
        (!either).then(|| Self {
            segments: self.segments.clone(),
            slash: !self.slash,
        })
    }

    /// Whether every path of `other` is one of `self`.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let mut theirs = other.segments.iter();
        for ours in &self.segments {
            match (ours, theirs.next()) {
                (Segment::CatchAll, Some(_)) => return true,
                (ours, Some(theirs)) if ours.covers(theirs) => {}
                _ => return false,
            }
        }
        theirs.next().is_none() && self.slash == other.slash
    }

    /// Whether some path is one of both.
    fn meets(&self, other: &Self) -> bool {
        for pair in self.segments.iter().zip(&other.segments) {
            match pair {
                (Segment::CatchAll, _) | (_, Segment::CatchAll) => return true,
                (a, b) if !a.meets(b) => return false,
                _ => {}
            }
        }
        self.segments.len() == other.segments.len() && self.slash == other.slash
    }

    /// Whether the path of these segments is one of the template's.
    #[must_use]
    pub fn matches(&self, path: &[&str], slash: bool) -> bool {
        let mut rest = path.iter();
        for segment in &self.segments {
            match (segment, rest.next()) {
                (Segment::CatchAll, Some(_)) => return true,
                (segment, Some(value)) if segment.takes(value) => {}
                _ => return false,
            }
        }
        rest.next().is_none() && self.slash == slash
    }

    /// Compares the precedence of two templates that match the same path: the lesser wins.
    #[must_use]
    pub fn precedence(&self, other: &Self) -> Ordering {
        let ours = self.segments.iter().map(Segment::breadth);
        ours.cmp(other.segments.iter().map(Segment::breadth))
    }

    /// The template with its literals in lower case, which is what two
    /// templates have in common where case does not matter.
    #[must_use]
    pub fn to_lowercase(&self) -> Self {
        Self {
            segments: self.segments.iter().map(Segment::to_lowercase).collect(),
            slash: self.slash,
        }
    }
}

/// `/a/{}/{}:x/{*}`: the shape, without names.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.segments {
            write!(f, "/{segment}")?;
        }
        if self.slash { f.write_str("/") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_and_slashes() {
        for (text, segments, slash) in [
            ("/", 0, true),
            ("/a", 1, false),
            ("/a/", 1, true),
            ("/{*rest}", 1, false),
        ] {
            let template = Template::parse(text).unwrap();
            assert_eq!(
                (template.segments.len(), template.slash),
                (segments, slash),
                "{text}"
            );
        }
    }

    #[test]
    fn spelled_one_way() {
        assert!(Template::parse("/caf%C3%A9/").is_ok());
        for (text, fix) in [
            ("/caf%c3%a9/", "caf%C3%A9"),
            ("/a%3Ab", "a:b"),
            ("/%7Ejo", "~jo"),
        ] {
            assert!(
                Template::parse(text).unwrap_err().help.contains(fix),
                "{text}"
            );
        }
    }
}
