//! The walk: one table transition a segment, never back.

use crate::path::{self, BadPath, MAX_PATH, MAX_SEGMENTS, MAX_TARGET, PathRule};
use crate::segment::{Segment, same_but_for_spelling};
use crate::table::{Edge, NONE, Tables};

/// Where one segment leads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// The segment is this literal: to that state.
    Literal(u32),
    /// It is a value of a parameter or catch-all: to that state, if the segment
    /// keeps the path rules.
    Other(u32),
    /// It would be a value, but some back end would read a sibling literal.
    Shadow,
    /// No template goes on like this.
    Dead,
}

/// Why a walk found no template.
#[derive(Clone, Copy)]
pub(crate) enum Miss {
    /// A segment shadows a literal; its offset in the target.
    Shadow(usize),
    /// Anything else: no such route, or the target breaks a rule.
    Other,
}

impl Tables<'_> {
    /// The row of `ends` whose template wins on this target.
    ///
    /// A literal that matched is clean because templates keep the path rules;
    /// so only values, the query and the lengths are checked here.
    #[inline]
    pub(crate) fn find(&self, target: &[u8]) -> Result<u32, Miss> {
        if target.len() > MAX_TARGET || target.first() != Some(&b'/') {
            return Err(Miss::Other);
        }
        let mut state = 0;
        let mut start = 1usize;
        let mut segments = 0usize;
        loop {
            let segment = Segment::starting_at(target, start);
            let end = start.saturating_add(segment.bytes.len());
            let last = target.get(end) != Some(&b'/');
            if last && segment.bytes.is_empty() {
                return self.end(state, true, target, end);
            }
            segments = segments.saturating_add(1);
            if segments > MAX_SEGMENTS {
                return Err(Miss::Other);
            }
            state = match self.step(state, segment) {
                Step::Literal(next) => next,
                Step::Other(next) => {
                    path::check_segment(segment.bytes).map_err(|_| Miss::Other)?;
                    next
                }
                Step::Shadow => return Err(Miss::Shadow(start)),
                Step::Dead => return Err(Miss::Other),
            };
            if last {
                return self.end(state, false, target, end);
            }
            start = end.saturating_add(1);
        }
    }

    fn end(&self, state: u32, slash: bool, target: &[u8], path_len: usize) -> Result<u32, Miss> {
        let query = target.get(path_len..).unwrap_or_default();
        if path_len > MAX_PATH || path::check_query(query).is_err() {
            return Err(Miss::Other);
        }
        let row = self.states.get(state as usize).ok_or(Miss::Other)?;
        match if slash { row.end_slash } else { row.end } {
            NONE => Err(Miss::Other),
            end => Ok(end),
        }
    }

    /// Where `segment` leads from `state`.
    #[doc(hidden)]
    #[must_use]
    #[inline]
    pub fn step(&self, state: u32, segment: Segment<'_>) -> Step {
        let slot = self.slot(state, segment.hash);
        let mut shadow = false;
        let mut row = self.edges.get(slot as usize);
        while let Some(edge) = row.filter(|edge| edge.state == state) {
            let label = self.label(edge);
            if label == segment.bytes {
                return Step::Literal(edge.target);
            }
            if same_but_for_spelling(label, segment.bytes) {
                if self.options.case_insensitive && label.eq_ignore_ascii_case(segment.bytes) {
                    return Step::Literal(edge.target);
                }
                shadow = true;
            }
            row = self.twin(edge);
        }
        match self.states.get(state as usize).map(|row| row.other) {
            None | Some(NONE) => Step::Dead,
            Some(_) if shadow => Step::Shadow,
            Some(other) => Step::Other(other),
        }
    }

    fn label(&self, edge: &Edge) -> &[u8] {
        let start = edge.label as usize;
        let end = start.saturating_add(usize::from(edge.label_len));
        self.text.as_bytes().get(start..end).unwrap_or_default()
    }

    fn twin(&self, edge: &Edge) -> Option<&Edge> {
        let behind_slots = usize::from(edge.twin).checked_sub(1)?;
        self.edges
            .get((self.slots as usize).saturating_add(behind_slots))
    }
}

impl Miss {
    /// The rule the target breaks, or `None` where it is a proper path that no
    /// template matches. Off the fast path: a second pass over the target.
    #[cold]
    pub(crate) fn bad_path(self, target: &[u8]) -> Option<BadPath> {
        match (path::check(target), self) {
            (Err(bad), _) => Some(bad),
            (Ok(()), Self::Shadow(at)) => Some(BadPath::new(PathRule::ShadowsLiteral, at)),
            (Ok(()), Self::Other) => None,
        }
    }
}
