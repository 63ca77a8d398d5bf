//! The walk: one table transition a segment, never back.

use crate::path::{self, BadPath, MAX_PATH, MAX_SEGMENTS, MAX_TARGET, PathRule};
use crate::segment::{Segment, equal, first_word, position, same_but_for_spelling};
use crate::table::{Edge, HASHED, NONE, State, Tables};

/// Where one segment leads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// The segment is this literal: to that state.
    Literal(u32),
    /// It is a proper value of a parameter or catch-all: to that state.
    Other(u32),
    /// It would be a value, but some back end would read a sibling literal.
    Shadow,
    /// No template goes on like this, or the segment breaks a path rule.
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
        let path = path_of(target)?;
        let mut state = 0;
        let mut at = 1usize;
        let mut segments = 0usize;
        // What is behind the last slash is a segment, or nothing.
        while at < path.len() {
            segments = segments.wrapping_add(1);
            if segments > MAX_SEGMENTS {
                return Err(Miss::Other);
            }
            let (step, end) = self.advance(state, path, at);
            state = match step {
                Step::Literal(next) | Step::Other(next) => next,
                Step::Shadow => return Err(Miss::Shadow(at)),
                Step::Dead => return Err(Miss::Other),
            };
            if end == path.len() {
                return self.end(state, |row| row.end);
            }
            at = end.wrapping_add(1);
        }
        self.end(state, |row| row.end_slash)
    }

    #[inline]
    fn end(&self, state: u32, end: impl Fn(&State) -> u32) -> Result<u32, Miss> {
        match self.states.get(state as usize).map(end) {
            None | Some(NONE) => Err(Miss::Other),
            Some(end) => Ok(end),
        }
    }

    /// Where a whole segment, given without its slashes, leads from `state`.
    #[doc(hidden)]
    #[must_use]
    pub fn step(&self, state: u32, segment: &[u8]) -> Step {
        match self.advance(state, segment, 0) {
            (Step::Literal(_) | Step::Other(_), end) if end != segment.len() => Step::Dead,
            (step, _) => step,
        }
    }

    /// Where the segment that starts at `at` leads from `state`, and where it
    /// ends: before a slash or at the end of the path.
    #[inline]
    fn advance(&self, state: u32, path: &[u8], at: usize) -> (Step, usize) {
        let Some(row) = self.states.get(state as usize) else {
            return (Step::Dead, at);
        };
        match row.choice {
            NONE => value(row, path, at),
            HASHED => self.advance_hashed(state, row, path, at),
            choice => self.advance_chosen(state, choice, path, at),
        }
    }

    /// Only literals can follow.
    #[inline]
    fn advance_chosen(&self, state: u32, choice: u32, path: &[u8], at: usize) -> (Step, usize) {
        let row = self
            .choices
            .get(choice as usize)
            .map(|choice| choice.row(first_word(path, at)));
        if let Some(edge) = row.and_then(|row| self.edges.get(row as usize)) {
            let label = self.label(edge);
            let end = at.wrapping_add(label.len());
            let segment = path.get(at..end).unwrap_or_default();
            // An empty row belongs to no state.
            if edge.state == state
                && matches!(path.get(end), None | Some(b'/'))
                && equal(segment, label)
            {
                return (Step::Literal(edge.target), end);
            }
        }
        (Step::Dead, at)
    }

    /// Literals and values can follow, or very many literals.
    fn advance_hashed(&self, state: u32, row: &State, path: &[u8], at: usize) -> (Step, usize) {
        let segment = Segment::starting_at(path, at);
        let end = at.wrapping_add(segment.bytes.len());
        let mut shadow = false;
        let mut next = self.edges.get(self.slot(state, segment.hash) as usize);
        while let Some(edge) = next.filter(|edge| edge.state == state) {
            let label = self.label(edge);
            if equal(label, segment.bytes) {
                return (Step::Literal(edge.target), end);
            }
            if same_but_for_spelling(label, segment.bytes) {
                if self.options.case_insensitive && label.eq_ignore_ascii_case(segment.bytes) {
                    return (Step::Literal(edge.target), end);
                }
                shadow = true;
            }
            next = self.twin(edge);
        }
        if shadow && row.other != NONE {
            return (Step::Shadow, end);
        }
        value(row, path, at)
    }

    #[inline]
    fn label(&self, edge: &Edge) -> &[u8] {
        let start = edge.label as usize;
        let end = start.wrapping_add(usize::from(edge.label_len));
        self.text.as_bytes().get(start..end).unwrap_or_default()
    }

    fn twin(&self, edge: &Edge) -> Option<&Edge> {
        let behind_slots = usize::from(edge.twin).checked_sub(1)?;
        self.edges
            .get((self.slots as usize).saturating_add(behind_slots))
    }
}

/// A value can follow, or nothing.
#[inline]
fn value(row: &State, path: &[u8], at: usize) -> (Step, usize) {
    match (row.other, path::value_end(path, at)) {
        (NONE, _) | (_, None) => (Step::Dead, at),
        (next, Some(end)) => (Step::Other(next), end),
    }
}

/// The path of a target whose query and lengths are in order.
#[inline]
fn path_of(target: &[u8]) -> Result<&[u8], Miss> {
    if target.len() > MAX_TARGET || target.first() != Some(&b'/') {
        return Err(Miss::Other);
    }
    let len = position(target, b'?');
    let (path, query) = target.split_at_checked(len).ok_or(Miss::Other)?;
    if !query.is_empty() {
        path::check_query(query).map_err(|_| Miss::Other)?;
    }
    if path.len() > MAX_PATH {
        Err(Miss::Other)
    } else {
        Ok(path)
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
