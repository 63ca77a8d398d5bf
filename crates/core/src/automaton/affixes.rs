//! The transition from a state with affixes.
//!
//! No value matches two affixes of one state: the compiler refuses such templates. Thus the
//! order of the rows means nothing, and they are compared one by one.

use super::{AffixRow, RowKind, StateId, StateRow, Tables, Transition};
use crate::affix::{Affix, any_reading, has_colon};
use crate::lookalike::{has_windows_wildcard, may_drop_ends};
use crate::path::validate::ValidPath;

impl Tables<'_> {
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
        let (wildcard, mut resembles) = match self.step_without_affixes(row, path, at, end) {
            Transition::Wildcard(wildcard) => (wildcard, false),
            Transition::Shadows(wildcard) => (wildcard, true),
            by_literal => return by_literal,
        };
        let segment = path.bytes.get(at..end).unwrap_or_default();
        let mut taken = None;
        let mut affixes = self.affixes(row);
        while let Some((affix, target)) = affixes.next(self) {
            match affix.value_of(segment, self.options.ignores_case()) {
                Some(value) => taken = taken.or(Some((target, value))),
                // The bytes of an escape are no text.
                None => resembles |= !path.has_escapes && affix.is_around(segment),
            }
        }
        let ends = (segment.first().copied(), segment.last().copied());
        if !resembles && (path.has_escapes || may_drop_ends(ends.0, ends.1)) {
            resembles = self.resembles_affix(row, segment);
        }
        let (target, value) = taken.unwrap_or((wildcard, segment));
        match (taken.is_some(), resembles || self.forbids(value)) {
            (true, false) => Transition::Affix(target),
            (true, true) => Transition::ShadowsInAffix(target),
            (false, false) => Transition::Wildcard(target),
            (false, true) => Transition::Shadows(target),
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
        // `StateId::DEAD` is no row.
        let inner = self.states.get(row.inner().bits() as usize);
        match inner.map(|inner| StateRow(inner).kind()) {
            None => Transition::Wildcard(StateId::DEAD),
            Some(RowKind::Param(inner)) => self.step_literals(inner, path, at, end),
            Some(_) => Transition::Dead,
        }
    }

    /// Whether a segment resembles an affix that does not take it.
    fn resembles_affix(&self, row: AffixRow<'_>, segment: &[u8]) -> bool {
        let is_wildcard = has_windows_wildcard(segment);
        any_reading(segment, &|reading| {
            let mut affixes = self.affixes(row);
            while let Some((affix, _)) = affixes.next(self) {
                if (is_wildcard || affix.is_around(reading))
                    && affix
                        .value_of(segment, self.options.ignores_case())
                        .is_none()
                {
                    return true;
                }
            }
            false
        })
    }

    /// The affixes of a state.
    #[inline(always)]
    const fn affixes(&self, row: AffixRow<'_>) -> Affixes {
        Affixes {
            next: row.first(),
            left: row.count(),
        }
    }

    /// Whether the path options forbid a value.
    #[inline(always)]
    pub(super) fn forbids(&self, value: &[u8]) -> bool {
        self.options.forbids_colons() && has_colon(value)
    }
}

/// The rows of the affixes of a state.
struct Affixes {
    next: u32,
    left: u8,
}

impl Affixes {
    /// The next affix and its target.
    #[inline(never)]
    fn next<'t>(&mut self, tables: &Tables<'t>) -> Option<(Affix<'t>, StateId)> {
        self.left = self.left.checked_sub(1)?;
        let row = StateRow(tables.states.get(self.next as usize)?);
        self.next = self.next.wrapping_add(1);
        let edge = row.affix_edge()?;
        let text = tables.text_bytes(row.label());
        let (prefix, suffix) = text.split_at_checked(edge.prefix_len().into())?;
        Some((Affix { prefix, suffix }, edge.target()))
    }
}
