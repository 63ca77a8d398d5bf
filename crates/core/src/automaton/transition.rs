//! Transitions of the automaton: which state a segment leads to.

use super::{
    DispatchRow, Features, HashedEdge, Lengths, Literals, MAX_LOOKUPS, ParamRow, RowKind, StateId,
    StateRow, Tables,
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
    /// An affix takes the segment.
    Affix(StateId),
    /// As [`Self::Affix`], but the path is refused if a template matches it: for the reasons of
    /// [`Self::Shadows`].
    ShadowsInAffix(StateId),
    /// A parameter or catch-all takes the segment as its value. Within the matcher, the state
    /// may be [`StateId::DEAD`].
    Wildcard(StateId),
    /// As [`Self::Wildcard`], but the path is refused if a template matches it: the value resembles
    /// a literal or an affix (rule 7), or contains a colon that the path options forbid.
    Shadows(StateId),
    /// No template continues with this segment.
    Dead,
}

impl Tables<'_> {
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
        for _ in 0..MAX_LOOKUPS {
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
            let RowKind::DispatchOrAffix(next) = StateRow(row).kind() else {
                return None;
            };
            // The empty dispatch selects the start, which may have affixes: a row of another kind,
            // whose numbers select nothing.
            if self.features.has(Features::AFFIXES) && !StateRow(row).is_dispatch() {
                return None;
            }
            dispatch = next;
        }
        None
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
        match self.step_literals(row, path, at, end) {
            Transition::Wildcard(next)
                if self.forbids(path.bytes.get(at..end).unwrap_or_default()) =>
            {
                Transition::Shadows(next)
            }
            transition => transition,
        }
    }

    /// As [`Self::step_segment`], where any value keeps the path options.
    #[inline(always)]
    pub(super) fn step_literals(
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
        let mut lookups = 0;
        while let Some(edge) = self.edges.get(slot as usize).map(HashedEdge::from_bytes)
            && edge.key == key
        {
            if lookups == MAX_LOOKUPS {
                return Transition::Dead;
            }
            lookups = lookups.saturating_add(1);
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
