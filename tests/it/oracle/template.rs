//! Templates, and which of two is the more specific.

/// A template without what means nothing to matching: the names of its parameters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Template {
    pub(super) segments: Vec<Segment>,
    /// Whether the path must end in a slash; `None` if it may or may not.
    pub(super) slash: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Segment {
    Literal(String),
    /// A text before and a text behind a value.
    Affix(String, String),
    Parameter,
    CatchAll,
}

impl Template {
    /// Whether the path's segment `i` is a value of this template, which matches the path.
    pub(super) fn takes_a_value(&self, i: usize) -> bool {
        !matches!(self.segments.get(i), Some(Segment::Literal(_)))
    }

    /// Compared from the left, the smaller is the more specific.
    pub(super) fn ranks(&self) -> Vec<u8> {
        let rank = |segment: &Segment| match segment {
            Segment::Literal(_) => 0,
            Segment::Affix(..) => 1,
            Segment::Parameter => 2,
            Segment::CatchAll => 3,
        };
        self.segments.iter().map(rank).collect()
    }
}
