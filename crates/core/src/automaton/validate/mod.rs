//! Checks that tables are sound: every index, length and byte is in range.
//!
//! A constant policy runs these checks while it is compiled, where unsound tables are a compile
//! error; one from bytes runs them when it is loaded, and no tables make them panic. They say
//! nothing about what the tables mean, which the compiler proves.
#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "each is within its bounds; examples/firmware links this where a panic does not link"
)]

mod scopes;

use core::fmt;

use super::{
    Accept, Dispatch, Features, HashedEdge, LAYOUT, MAX_ALTERNATIVES, MAX_LOG2_ROWS, MAX_ROUTES,
    MAX_SCOPES, MAX_STATES, MAX_TEXT, Outcome, RouteRow, RowKind, SlashPair, State, StateId,
    StateKind, StateRow, Tables, TextRange,
};
use crate::path::pchar::PCHARS;
use crate::path::{MAX_PATH, MAX_SEGMENT, MAX_SEGMENTS};

/// The reason why tables are unsound.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TableError(&'static str);

impl TableError {
    /// The sentence that [`fmt::Display`] writes, for constants.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl core::error::Error for TableError {}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

type Check = Result<(), TableError>;

const fn err(sentence: &'static str) -> Check {
    Err(TableError(sentence))
}

/// Whether `len` entries from `start` on end within `all` entries. In 64 bits: on 32-bit
/// processors the sum of two indices may wrap to a small one.
const fn ends_within(start: u32, len: u32, all: usize) -> bool {
    start as u64 + len as u64 <= all as u64
}

/// `?`, which constants cannot use.
macro_rules! check {
    ($check:expr) => {
        if let Err(error) = $check {
            return Err(error);
        }
    };
}

impl Tables<'_> {
    /// Checks that the tables have the layout of this version, that every index is in range,
    /// that dispatch nodes and collisions lead forward, and that names are in order.
    ///
    /// # Errors
    ///
    /// The first thing that is unsound.
    pub const fn validate(&self) -> Result<(), TableError> {
        if self.layout != LAYOUT {
            return err(
                "layout: another version of routescope-compiler wrote these tables; have them written by the one of this routescope-core's version",
            );
        }
        if self.states.is_empty() || self.states.len() > MAX_STATES {
            return err("states: none, or too many");
        }
        if !self.edge_displacements.len().is_power_of_two()
            || !self.exact_displacements.len().is_power_of_two()
            || !self.exact_filter.len().is_power_of_two()
            || !self.scope_displacements.len().is_power_of_two()
        {
            return err("displacements, or filter: not a power of two");
        }
        if self.edge_slots == 0 || self.edge_slots as usize > self.edges.len() {
            return err("edges: fewer than slots");
        }
        if self.routes.len() > MAX_ROUTES {
            return err("routes: too many");
        }
        if self.scopes.len() > MAX_SCOPES {
            return err("scopes: too many");
        }
        if self.text.len() > MAX_TEXT {
            return err("text: too long");
        }
        if let [0, 0, 0, 0, 0, 0, 0, 0, ..] = self.digest {
            // A prepared set names its policy by these bytes. Zero stands for no policy.
            return err("digest: begins with zeros");
        }
        check!(self.validate_states());
        check!(self.validate_accepts());
        check!(self.validate_edges());
        check!(self.validate_routes());
        self.validate_scopes()
    }

    const fn validate_states(&self) -> Check {
        if !self.is_state(StateId::START) {
            return err("states: the start is a dispatch node");
        }
        let mut row = 0;
        while row < self.states.len() {
            let state = State::from_bytes(&self.states[row]);
            if !State::is_canonical(&self.states[row]) {
                return err("states: no such kind, or a field that its kind does not have");
            }
            if state.label.len != 0 && !self.is_label(state.label) {
                return err("states: a label is out of range or has a byte that none has");
            }
            if !self.is_accept(state.accept, true) {
                return err("states: an accepting entry is out of range, or lists other methods");
            }
            check!(self.validate_kind(state, row));
            row += 1;
        }
        Ok(())
    }

    const fn validate_kind(&self, state: State, row: usize) -> Check {
        let is_sound = match state.kind {
            StateKind::Static(dispatch) => self.is_dispatch(dispatch),
            StateKind::ParamThenStatic {
                after_param,
                dispatch,
            } => {
                if !self.is_accept(after_param, true) {
                    return err(
                        "states: an accepting entry is out of range, or lists other methods",
                    );
                }
                // The matcher does not look at the values that such a row takes.
                self.is_dispatch(dispatch) && !self.options.forbids_colons()
            }
            StateKind::Param { next } => self.is_state(next),
            StateKind::StaticOrParam {
                first,
                count,
                param,
                ..
            } => {
                if !self.has_labels(first, count) {
                    return err("states: a static alternative is out of range or has no label");
                }
                count <= MAX_ALTERNATIVES && self.is_state(param)
            }
            StateKind::Hashed { key, param, .. } => {
                // Nobody checks the targets of unused slots.
                key != HashedEdge::NO_KEY
                    && (self.is_state(param) || param.bits() == StateId::DEAD.bits())
            }
            StateKind::Affixes {
                first,
                count,
                inner,
            } => {
                if !self.features.has(Features::AFFIXES) {
                    return err("states: affixes, in tables that say that they have none");
                }
                if !self.has_affixes(first, count) {
                    return err("states: an affix is out of range, or the row is none");
                }
                count > 0
                    && (self.is_without_affixes(inner) || inner.bits() == StateId::DEAD.bits())
            }
            StateKind::AffixEdge { prefix_len, target } => {
                if !self.is_label(state.label)
                    || !self.is_affix(state.label)
                    || prefix_len as u16 > state.label.len
                    || state.accept.bits() != Accept::NONE.bits()
                {
                    return err("states: an affix accepts, or its text is none");
                }
                self.features.has(Features::AFFIXES) && self.is_state(target)
            }
            StateKind::Dispatch(dispatch) => {
                if state.label.len != 0 || state.accept.bits() != Accept::NONE.bits() {
                    return err("states: a dispatch node has a label or accepts");
                }
                // Dispatch nodes lead forward, so that a chain of them ends.
                self.is_dispatch(dispatch) && dispatch.first as usize > row
            }
        };
        if is_sound {
            Ok(())
        } else {
            err("states: a state or a dispatch is out of range")
        }
    }

    const fn is_dispatch(&self, dispatch: Dispatch) -> bool {
        dispatch.log2_rows <= MAX_LOG2_ROWS
            && ends_within(dispatch.first, 1 << dispatch.log2_rows, self.states.len())
    }

    /// Whether each of these rows exists and has a label.
    const fn has_labels(&self, first: u32, count: u8) -> bool {
        if let Some((_, from)) = self.states.split_at_checked(first as usize)
            && let Some((mut rows, _)) = from.split_at_checked(count as usize)
        {
            while let [row, after @ ..] = rows {
                if StateRow(row).label().len == 0 {
                    return false;
                }
                rows = after;
            }
            return true;
        }
        false
    }

    /// Whether each of these rows exists and is an affix.
    const fn has_affixes(&self, first: u32, count: u8) -> bool {
        if let Some((_, from)) = self.states.split_at_checked(first as usize)
            && let Some((mut rows, _)) = from.split_at_checked(count as usize)
        {
            while let [row, after @ ..] = rows {
                if StateRow(row).affix_edge().is_none() {
                    return false;
                }
                rows = after;
            }
            return true;
        }
        false
    }

    /// Whether the row exists and is asked by a segment, without affixes and without accepting.
    const fn is_without_affixes(&self, inner: StateId) -> bool {
        let row = inner.bits() as usize;
        row < self.states.len()
            && StateRow(&self.states[row]).accept().bits() == Accept::NONE.bits()
            && matches!(StateRow(&self.states[row]).kind(), RowKind::Param(_))
    }

    /// Whether the row exists and is a state. A dispatch node has neither labels nor values.
    const fn is_state(&self, state: StateId) -> bool {
        let row = state.bits() as usize;
        row < self.states.len() && StateRow(&self.states[row]).is_state()
    }

    const fn validate_accepts(&self) -> Check {
        let mut row = 0;
        while row < self.slash_pairs.len() {
            let pair = SlashPair::from_bytes(&self.slash_pairs[row]);
            let canonical = u64::from_le_bytes(pair.to_bytes());
            if canonical != u64::from_le_bytes(self.slash_pairs[row]) {
                return err("slash pairs: no such outcome");
            }
            if !self.is_outcome(pair.without_slash) || !self.is_outcome(pair.with_slash) {
                return err("slash pairs: an entry is out of range, or lists other methods");
            }
            row += 1;
        }
        row = 0;
        while row < self.exact.len() {
            let accept = Accept::from_bits(u32::from_le_bytes(self.exact[row]));
            if !self.is_accept(accept, false) {
                return err("exact map: an entry is out of range, or lists other methods");
            }
            row += 1;
        }
        Ok(())
    }

    /// Whether the routes, or the slash pair, of an accepting entry exist.
    const fn is_accept(&self, accept: Accept, may_be_pair: bool) -> bool {
        if accept.bits() == Accept::NONE.bits() {
            return true;
        }
        if let Some(row) = accept.as_slash_pair() {
            return may_be_pair && (row as usize) < self.slash_pairs.len();
        }
        let mut row = accept.first_route() as usize;
        let mut methods = accept.methods().bits();
        if methods == 0 {
            return false;
        }
        while methods != 0 {
            if row >= self.routes.len()
                || RouteRow::from_bytes(&self.routes[row]).method as u32 != methods.trailing_zeros()
            {
                return false;
            }
            methods &= methods - 1;
            row += 1;
        }
        true
    }

    const fn is_outcome(&self, outcome: Outcome) -> bool {
        match outcome {
            Outcome::NoMatch => true,
            Outcome::Accept(accept) => self.is_accept(accept, false),
            Outcome::Refused { segment } => (segment as usize) < MAX_SEGMENTS,
        }
    }

    const fn has_text(&self, text: TextRange) -> bool {
        ends_within(text.start, text.len as u32, self.text.len())
    }

    /// Whether a text is in range and consists of bytes that labels have.
    const fn is_label(&self, label: TextRange) -> bool {
        if !self.has_text(label) || label.len == 0 || label.len as usize > MAX_PATH {
            return false;
        }
        // Without calls: the interpreter of constants is slow, and large tables have millions
        // of bytes.
        let (label, pchars) = (self.part(label), &PCHARS);
        let mut at = 0;
        while at < label.len() {
            let byte = label[at];
            let is_pchar = pchars[(byte >> 5) as usize] >> (byte & 31) & 1 != 0;
            if !is_pchar && byte != b'%' && byte != b'/' {
                return false;
            }
            at += 1;
        }
        true
    }

    /// Whether a label is one segment, no longer than one with an escape for each byte.
    const fn is_segment(&self, label: TextRange) -> bool {
        let mut rest = self.part(label);
        if rest.len() > 3 * MAX_SEGMENT {
            return false;
        }
        while let [byte, after @ ..] = rest {
            if *byte == b'/' {
                return false;
            }
            rest = after;
        }
        true
    }

    /// Whether a text can be the prefix and suffix of one segment: shorter than one, and without
    /// escapes.
    const fn is_affix(&self, label: TextRange) -> bool {
        let mut rest = self.part(label);
        if rest.len() >= MAX_SEGMENT {
            return false;
        }
        while let [byte, after @ ..] = rest {
            if *byte == b'/' || *byte == b'%' {
                return false;
            }
            rest = after;
        }
        true
    }

    const fn validate_edges(&self) -> Check {
        let mut row = 0;
        while row < self.edges.len() {
            let edge = HashedEdge::from_bytes(&self.edges[row]);
            if edge.key != HashedEdge::NO_KEY {
                if !self.is_state(edge.target) {
                    return err("edges: a target is out of range, or a dispatch node");
                }
                if !self.is_label(edge.label) || !self.is_segment(edge.label) {
                    return err("edges: a label is out of range or has a byte that none has");
                }
            }
            // Collisions lead forward, so that a chain of them ends.
            let next = self.edge_slots as usize + edge.next_collision as usize;
            if edge.next_collision != 0 && (next > self.edges.len() || next - 1 <= row) {
                return err("edges: a collision is out of range or leads back");
            }
            row += 1;
        }
        Ok(())
    }
}
