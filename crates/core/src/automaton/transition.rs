//! Transitions of the automaton: which state a segment leads to.

use super::{
    DispatchRow, HashedEdge, Lengths, Literals, Outcome, ParamRow, RowKind, StateId, StateRow,
    Tables,
};
use crate::lookalike::{
    has_windows_wildcard, hash_if, is_lookalike_if, may_drop_ends, normalized_len,
};
use crate::path::Case;
use crate::path::validate::ValidPath;
use crate::swar::{equal, load_padded};

/// The state that a segment, or a compressed run of static segments, leads to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Transition {
    /// A static edge with this label.
    Static(StateId),
    /// A parameter or catch-all takes the segment as its value. Within the matcher, the state
    /// may be [`StateId::DEAD`].
    Wildcard(StateId),
    /// As [`Self::Wildcard`], but the value resembles a literal, so that rule 7 refuses the
    /// path if a template matches it.
    Shadows(StateId),
    /// No template continues with this segment.
    Dead,
}

impl Tables<'_> {
    /// Takes one step from a state: the transition, and the length of the part of `path` that
    /// it consumes, which is a segment or a compressed run of them. `path` has no slash in
    /// front and need not end with the step. For the proof, which looks at the tables through
    /// the code that decides.
    #[must_use]
    pub fn step(&self, state: StateId, path: &[u8]) -> (Transition, usize) {
        let Some(row) = self.states.get(state.row() as usize) else {
            return (Transition::Dead, 0);
        };
        let whole = ValidPath::unchecked(path);
        let end = whole.segment_end(0);
        let transition = match StateRow(row).kind() {
            RowKind::Static(dispatch) => return self.step_static(dispatch, path),
            RowKind::ParamThenStatic(row) if state.is_after_param() => {
                return self.step_static(row.dispatch(), path);
            }
            _ if state.is_after_param() => Transition::Dead,
            RowKind::ParamThenStatic(_) => Transition::Wildcard(state.after_param()),
            RowKind::Param(row) => self.step_segment(row, &whole, 0, end),
            RowKind::Dispatch(_) => Transition::Dead,
        };
        match transition {
            Transition::Wildcard(StateId::DEAD) | Transition::Shadows(StateId::DEAD) => {
                (Transition::Dead, end)
            }
            transition => (transition, end),
        }
    }

    fn step_static(&self, dispatch: DispatchRow<'_>, path: &[u8]) -> (Transition, usize) {
        match self.follow(dispatch, path, 0) {
            Some((row, end)) => (Transition::Static(StateId::new(row)), end),
            None => (Transition::Dead, 0),
        }
    }

    /// The state after a value that neither is a literal nor resembles one, if a value can
    /// follow. For the proof.
    #[must_use]
    pub fn wildcard(&self, state: StateId) -> Option<StateId> {
        let row = self.states.get(state.row() as usize)?;
        match StateRow(row).kind() {
            _ if state.is_after_param() => None,
            RowKind::ParamThenStatic(_) => Some(state.after_param()),
            RowKind::Param(row) => Some(row.param()),
            RowKind::Static(_) | RowKind::Dispatch(_) => None,
        }
        .filter(|next| *next != StateId::DEAD)
    }

    /// How the match of a path ends that ends at a state, without a trailing slash or with
    /// one. For the proof.
    #[must_use]
    pub fn outcome_at(&self, state: StateId, slash: bool) -> Outcome {
        let Some(row) = self.states.get(state.row() as usize) else {
            return Outcome::NoMatch;
        };
        let row = StateRow(row);
        match row.kind() {
            _ if !state.is_after_param() => self.outcome(row.accept(), slash),
            RowKind::ParamThenStatic(row) => self.outcome(row.after_param(), slash),
            _ => Outcome::NoMatch,
        }
    }

    /// Follows a static edge from offset `at`: the row that it leads to, and the end of its
    /// label.
    #[inline(always)]
    pub(super) fn follow(
        &self,
        dispatch: DispatchRow<'_>,
        path: &[u8],
        at: usize,
    ) -> Option<(u32, usize)> {
        let mut dispatch = dispatch;
        // Dispatch nodes lead forward, which `Tables::validate` checks, so this ends.
        loop {
            let offset = usize::from(dispatch.offset());
            let id = dispatch.row(load_padded(path, at.wrapping_add(offset)));
            let row = self.states.get(id as usize)?;
            let label = StateRow(row).label();
            if label.len != 0 {
                let end = at.wrapping_add(usize::from(label.len));
                let found = equal(path.get(at..end)?, self.text_bytes(label))
                    && matches!(path.get(end), None | Some(b'/'));
                return found.then_some((id, end));
            }
            // Several labels share this row. Another window tells them apart.
            let RowKind::Dispatch(next) = StateRow(row).kind() else {
                return None;
            };
            dispatch = next;
        }
    }

    /// The transition by the segment `path[at..end]` from a state that a parameter can follow.
    #[inline(always)]
    pub(super) fn step_segment(
        &self,
        row: ParamRow<'_>,
        path: &ValidPath<'_>,
        at: usize,
        end: usize,
    ) -> Transition {
        if !row.has_literals() {
            return Transition::Wildcard(row.param());
        }
        let segment = || path.bytes.get(at..end).unwrap_or_default();
        let byte = |at: usize| path.bytes.get(at).copied();
        // Whether the segment may resemble a literal in another way than by case.
        let beyond_case = path.has_escapes || may_drop_ends(byte(at), byte(end.wrapping_sub(1)));
        let may_resemble = if beyond_case {
            may_resemble_beyond_case(row.lengths(), segment())
        } else {
            row.lengths().may_contain(end.wrapping_sub(at))
        };
        if !may_resemble {
            return Transition::Wildcard(row.param());
        }
        match row.literals() {
            Literals::Alternatives { first, count } => {
                self.step_alternatives([first, count.into()], row, segment(), beyond_case)
            }
            Literals::Hashed { key } => self.step_hashed(key, row, segment(), beyond_case),
            Literals::None => Transition::Wildcard(row.param()),
        }
    }

    /// As [`Self::step_segment`], by comparing the alternatives one by one.
    #[inline(never)]
    fn step_alternatives(
        &self,
        [first, count]: [u32; 2],
        row: ParamRow<'_>,
        segment: &[u8],
        beyond_case: bool,
    ) -> Transition {
        let mut resembles = beyond_case && has_windows_wildcard(segment);
        for id in (first..).take(count as usize) {
            let Some(alternative) = self.states.get(id as usize) else {
                return Transition::Dead;
            };
            let label = self.text_bytes(StateRow(alternative).label());
            if equal(label, segment) {
                return Transition::Static(StateId::new(id));
            }
            resembles |= is_lookalike_if(beyond_case, label, segment);
        }
        if resembles {
            Transition::Shadows(row.param())
        } else {
            Transition::Wildcard(row.param())
        }
    }

    /// As [`Self::step_segment`], by the hash of edges.
    #[inline(never)]
    fn step_hashed(
        &self,
        key: u32,
        row: ParamRow<'_>,
        segment: &[u8],
        beyond_case: bool,
    ) -> Transition {
        let mut resembles = beyond_case && has_windows_wildcard(segment);
        let mut slot = self.edge_slot(key, hash_if(beyond_case, segment));
        while let Some(edge) = self.edges.get(slot as usize).map(HashedEdge::from_bytes)
            && edge.key == key
        {
            let label = self.text_bytes(edge.label);
            if equal(label, segment) {
                return Transition::Static(edge.target);
            }
            if is_lookalike_if(beyond_case, label, segment) {
                if matches!(self.options.case, Case::Insensitive)
                    && label.eq_ignore_ascii_case(segment)
                {
                    return Transition::Static(edge.target);
                }
                resembles = true;
            }
            let Some(next) = edge.next_collision.checked_sub(1) else {
                break;
            };
            slot = self.edge_slots.saturating_add(u32::from(next));
        }
        if resembles {
            Transition::Shadows(row.param())
        } else {
            Transition::Wildcard(row.param())
        }
    }
}

/// Whether the normal form of a segment may be that of a label with one of these lengths.
#[inline(never)]
fn may_resemble_beyond_case(lengths: Lengths, segment: &[u8]) -> bool {
    !lengths.is_empty()
        && (lengths.may_contain(normalized_len(segment)) || has_windows_wildcard(segment))
}
