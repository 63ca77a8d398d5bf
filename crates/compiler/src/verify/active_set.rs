//! The templates that match a path as far as it goes: the file's side of the proof.

/// The templates that match a path as far as it goes.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct ActiveSet {
    /// The templates of which `depth` segments have matched one by one.
    pub(super) at: Vec<Matching>,
    /// The templates whose catch-all has begun.
    pub(super) catch_alls: Vec<Matching>,
    /// Zero where `at` is empty, so that the rest of a catch-all is one pair.
    pub(super) depth: usize,
}

/// A template, by its index in the model, that a path matches as far as it goes.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct Matching {
    pub(super) template: usize,
    /// The first segment, by its number, that is a value of the template and resembles
    /// a literal or an affix at the same place in a template whose earlier segments match, or
    /// contains a colon that the policy forbids.
    pub(super) refused: Option<usize>,
}

impl ActiveSet {
    /// The same set after it took segment `number` as a value for which the path is refused.
    pub(super) fn refused(&self, number: usize) -> Self {
        let refuse = |matching: &Matching| Matching {
            refused: matching.refused.or(Some(number)),
            ..*matching
        };
        Self {
            at: self.at.iter().map(refuse).collect(),
            catch_alls: self.catch_alls.iter().map(refuse).collect(),
            depth: self.depth,
        }
    }

    pub(super) fn tidy(mut self) -> Self {
        self.at.sort_unstable();
        self.catch_alls.sort_unstable();
        if self.at.is_empty() {
            self.depth = 0;
        }
        self
    }
}
