//! The transition from a state with affixes.
//!
//! No value matches two affixes of one state: the compiler refuses such templates. Thus the
//! order of the rows means nothing, and they are compared one by one.

use super::{AffixRow, RowKind, StateId, StateRow, Tables, Transition};
use crate::affix::{Affix, any_reading, has_colon};
use crate::lookalike::{has_windows_wildcard, may_drop_ends};
use crate::path::validate::ValidPath;

impl<'t> Tables<'t> {
    /// The transition by the segment `path[at..end]` from a state with affixes.
    #[inline(never)]
    pub(super) fn step_affixes(
        &self,
        row: AffixRow<'_>,
        path: &ValidPath<'_>,
        at: usize,
        end: usize,
    ) -> Transition {
        // A literal is narrower than an affix.
        let (wildcard, resembles) = match self.step_without_affixes(row, path, at, end) {
            Transition::Wildcard(wildcard) => (wildcard, false),
            Transition::Shadows(wildcard) => (wildcard, true),
            by_literal => return by_literal,
        };
        let segment = path.bytes.get(at..end).unwrap_or_default();
        let any_case = self.options.ignores_case();
        let (mut taken, mut resembles) = (None, resembles);
        for (affix, target) in self.affixes(row) {
            match affix.value_of(segment, any_case) {
                Some(value) => taken = taken.or(Some((target, value))),
                // The bytes of an escape are no text.
                None => resembles |= !path.has_escapes && affix.is_around(segment),
            }
        }
        let ends = (segment.first().copied(), segment.last().copied());
        if !resembles && (path.has_escapes || may_drop_ends(ends.0, ends.1)) {
            resembles = self.resembles_affix(row, segment, any_case);
        }
        match taken {
            Some((target, value)) if resembles || self.forbids(value) => {
                Transition::ShadowsInAffix(target)
            }
            Some((target, _)) => Transition::Affix(target),
            None if resembles || self.forbids(segment) => Transition::Shadows(wildcard),
            None => Transition::Wildcard(wildcard),
        }
    }

    /// As [`Self::step_affixes`], by the literals and the parameter of the state alone.
    fn step_without_affixes(
        &self,
        row: AffixRow<'_>,
        path: &ValidPath<'_>,
        at: usize,
        end: usize,
    ) -> Transition {
        let inner = row.inner();
        match self.states.get(inner.bits() as usize) {
            None if inner == StateId::DEAD => Transition::Wildcard(StateId::DEAD),
            None => Transition::Dead,
            Some(inner) => match StateRow(inner).kind() {
                RowKind::Param(inner) => self.step_literals(inner, path, at, end),
                _ => Transition::Dead,
            },
        }
    }

    /// Whether a segment resembles an affix that does not take it.
    #[inline(never)]
    fn resembles_affix(&self, row: AffixRow<'_>, segment: &[u8], any_case: bool) -> bool {
        let others = || {
            let affixes = self.affixes(row).map(|(affix, _)| affix);
            affixes.filter(|affix| affix.value_of(segment, any_case).is_none())
        };
        if has_windows_wildcard(segment) {
            return others().next().is_some();
        }
        any_reading(segment, |reading| {
            others().any(|affix| affix.is_around(reading))
        })
    }

    /// The affixes of a state and their targets.
    fn affixes(&self, row: AffixRow<'_>) -> impl Iterator<Item = (Affix<'t>, StateId)> + use<'t> {
        let (first, count) = (row.first() as usize, usize::from(row.count()));
        let rows = self.states.get(first..first.wrapping_add(count));
        let tables = *self;
        let edges = rows.unwrap_or_default().iter();
        edges.filter_map(move |row| {
            let edge = StateRow(row).affix_edge()?;
            let text = tables.text_bytes(StateRow(row).label());
            let (prefix, suffix) = text.split_at_checked(edge.prefix_len().into())?;
            Some((Affix { prefix, suffix }, edge.target()))
        })
    }

    /// Whether the path options forbid a value.
    #[inline(always)]
    pub(super) fn forbids(&self, value: &[u8]) -> bool {
        self.options.forbids_colons() && has_colon(value)
    }
}
