//! The rows of states as the matcher reads them: each kind has only the fields that it needs, and a
//! field is decoded when it is asked for.

use super::state::select_row;
use super::{Accept, Dispatch, Lengths, StateId, StateKind, TextRange, Window};

/// A [`State`](super::State) as the tables store it: six words of four bytes, little-endian. Generated code
/// lists the fields as numbers in this order:
///
/// | word | field |
/// |---|---|
/// | 0 | start of the label |
/// | 1 | first row of the dispatch, of the alternatives or of the affixes, or the key of a hashed state |
/// | 2 | the accepting entry for a path that ends here |
/// | 3 | the state after the parameter or the affix, the row without affixes, or the accepting entry for a path that ends after the parameter |
/// | 4 | length of the label; seed of the dispatch, or lengths of the labels |
/// | 5 | offset of the window, or length of the prefix; packed sizes: its width and the binary logarithm of the number of rows, or the number of alternatives or affixes; kind; zero |
pub type StateBytes = [[u8; 4]; 6];

pub(super) const STATIC: u8 = 0;
pub(super) const PARAM_THEN_STATIC: u8 = 1;
pub(super) const PARAM: u8 = 2;
pub(super) const STATIC_OR_PARAM: u8 = 3;
pub(super) const HASHED: u8 = 4;
pub(super) const DISPATCH: u8 = 5;
pub(super) const AFFIXES: u8 = 6;
pub(super) const AFFIX_EDGE: u8 = 7;

/// A [`State`](super::State) in the tables.
#[derive(Clone, Copy, Debug)]
pub struct StateRow<'t>(pub &'t StateBytes);

/// As [`StateKind`], in the tables. The kinds that a parameter may follow are one.
#[derive(Clone, Copy, Debug)]
pub enum RowKind<'t> {
    /// See [`StateKind::Static`].
    Static(DispatchRow<'t>),
    /// See [`StateKind::ParamThenStatic`].
    ParamThenStatic(ParamThenStaticRow<'t>),
    /// See [`StateKind::Param`], [`StateKind::StaticOrParam`] and [`StateKind::Hashed`].
    Param(ParamRow<'t>),
    /// See [`StateKind::Dispatch`]. Or, if [`StateRow::affixes`] or [`StateRow::affix_edge`] say
    /// so, one of these; they are asked only where a policy has affixes.
    DispatchOrAffix(DispatchRow<'t>),
}

impl<'t> StateRow<'t> {
    /// See [`State::label`].
    #[must_use]
    #[inline(always)]
    pub const fn label(self) -> TextRange {
        let [start, _, _, _, [a, b, ..], _] = self.0;
        TextRange {
            start: u32::from_le_bytes(*start),
            len: u16::from_le_bytes([*a, *b]),
        }
    }

    /// See [`State::accept`].
    #[must_use]
    #[inline(always)]
    pub const fn accept(self) -> Accept {
        let [_, _, accept, ..] = self.0;
        Accept::from_bits(u32::from_le_bytes(*accept))
    }

    /// See [`State::kind`].
    #[must_use]
    #[inline(always)]
    pub const fn kind(self) -> RowKind<'t> {
        match kind(self.0) {
            STATIC => RowKind::Static(DispatchRow(self.0)),
            PARAM_THEN_STATIC => RowKind::ParamThenStatic(ParamThenStaticRow(self.0)),
            PARAM | STATIC_OR_PARAM | HASHED => RowKind::Param(ParamRow(self.0)),
            _ => RowKind::DispatchOrAffix(DispatchRow(self.0)),
        }
    }

    /// The row as one with affixes, if it is one: see [`StateKind::Affixes`].
    #[must_use]
    #[inline(always)]
    pub const fn affixes(self) -> Option<AffixRow<'t>> {
        match kind(self.0) {
            AFFIXES => Some(AffixRow(self.0)),
            _ => None,
        }
    }

    /// The row as an affix, if it is one: see [`StateKind::AffixEdge`].
    #[must_use]
    #[inline(always)]
    pub const fn affix_edge(self) -> Option<AffixEdgeRow<'t>> {
        match kind(self.0) {
            AFFIX_EDGE => Some(AffixEdgeRow(self.0)),
            _ => None,
        }
    }

    /// Whether the row is a dispatch node.
    #[must_use]
    #[inline(always)]
    pub const fn is_dispatch(self) -> bool {
        kind(self.0) == DISPATCH
    }

    /// Whether the row is a state. Dispatch nodes and affixes are none.
    #[must_use]
    pub const fn is_state(self) -> bool {
        !matches!(self.kind(), RowKind::DispatchOrAffix(_)) || self.affixes().is_some()
    }
}

/// A [`Dispatch`] in the tables.
#[derive(Clone, Copy, Debug)]
pub struct DispatchRow<'t>(&'t StateBytes);

impl DispatchRow<'_> {
    /// The offset of the window.
    #[must_use]
    #[inline(always)]
    pub const fn offset(self) -> u8 {
        let [.., [offset, ..]] = *self.0;
        offset
    }

    /// See [`Dispatch::row`].
    #[must_use]
    #[inline(always)]
    pub const fn row(self, word: u64) -> u32 {
        select_row(
            word,
            first(self.0),
            seed_or_lengths(self.0),
            packed_sizes(self.0),
        )
    }

    pub(super) const fn decode(self) -> Dispatch {
        let packed_sizes = packed_sizes(self.0);
        Dispatch {
            first: first(self.0),
            log2_rows: packed_sizes & 0x1F,
            seed: seed_or_lengths(self.0),
            window: Window {
                offset: self.offset(),
                width: 8u8.wrapping_sub(packed_sizes >> 5),
            },
        }
    }
}

/// A [`StateKind::ParamThenStatic`] in the tables.
#[derive(Clone, Copy, Debug)]
pub struct ParamThenStaticRow<'t>(&'t StateBytes);

impl<'t> ParamThenStaticRow<'t> {
    /// The accepting entry for a path that ends after the parameter.
    #[must_use]
    #[inline(always)]
    pub const fn after_param(self) -> Accept {
        let [_, _, _, accept, ..] = self.0;
        Accept::from_bits(u32::from_le_bytes(*accept))
    }

    /// The static edges after the parameter.
    #[must_use]
    #[inline(always)]
    pub const fn dispatch(self) -> DispatchRow<'t> {
        DispatchRow(self.0)
    }
}

/// A state in the tables that a parameter may follow, and perhaps literals.
#[derive(Clone, Copy, Debug)]
pub struct ParamRow<'t>(&'t StateBytes);

/// The literals that are alternatives to a parameter.
#[derive(Clone, Copy, Debug)]
pub enum Literals {
    /// None: see [`StateKind::Param`].
    None,
    /// See [`StateKind::StaticOrParam`].
    Alternatives {
        /// The row of the first.
        first: u32,
        /// Their number.
        count: u8,
    },
    /// See [`StateKind::Hashed`].
    Hashed {
        /// The key of the state.
        key: u32,
    },
}

impl ParamRow<'_> {
    /// The state after the parameter.
    #[must_use]
    #[inline(always)]
    pub const fn param(self) -> StateId {
        let [_, _, _, param, ..] = self.0;
        StateId::new(u32::from_le_bytes(*param))
    }

    /// Whether literals are alternatives to the parameter.
    #[must_use]
    #[inline(always)]
    pub const fn has_literals(self) -> bool {
        kind(self.0) != PARAM
    }

    /// The lengths of the literals.
    #[must_use]
    #[inline(always)]
    pub const fn lengths(self) -> Lengths {
        Lengths::from_bits(seed_or_lengths(self.0))
    }

    /// The literals.
    #[must_use]
    #[inline(always)]
    pub const fn literals(self) -> Literals {
        match kind(self.0) {
            STATIC_OR_PARAM => Literals::Alternatives {
                first: first(self.0),
                count: packed_sizes(self.0),
            },
            HASHED => Literals::Hashed { key: first(self.0) },
            _ => Literals::None,
        }
    }

    pub(super) const fn decode(self) -> StateKind {
        let (lengths, param) = (self.lengths(), self.param());
        match self.literals() {
            Literals::None => StateKind::Param { next: param },
            Literals::Alternatives { first, count } => StateKind::StaticOrParam {
                first,
                count,
                lengths,
                param,
            },
            Literals::Hashed { key } => StateKind::Hashed {
                key,
                lengths,
                param,
            },
        }
    }
}

/// A [`StateKind::Affixes`] in the tables.
#[derive(Clone, Copy, Debug)]
pub struct AffixRow<'t>(&'t StateBytes);

impl AffixRow<'_> {
    /// The row of the first affix.
    #[must_use]
    #[inline(always)]
    pub const fn first(self) -> u32 {
        first(self.0)
    }

    /// The number of affixes.
    #[must_use]
    #[inline(always)]
    pub const fn count(self) -> u8 {
        packed_sizes(self.0)
    }

    /// The row for the literals and the parameter.
    #[must_use]
    #[inline(always)]
    pub const fn inner(self) -> StateId {
        ParamRow(self.0).param()
    }
}

/// A [`StateKind::AffixEdge`] in the tables.
#[derive(Clone, Copy, Debug)]
pub struct AffixEdgeRow<'t>(&'t StateBytes);

impl AffixEdgeRow<'_> {
    /// The length of the prefix.
    #[must_use]
    #[inline(always)]
    pub const fn prefix_len(self) -> u8 {
        DispatchRow(self.0).offset()
    }

    /// The state after the segment.
    #[must_use]
    #[inline(always)]
    pub const fn target(self) -> StateId {
        ParamRow(self.0).param()
    }
}

#[inline(always)]
const fn first(row: &StateBytes) -> u32 {
    let [_, first, ..] = row;
    u32::from_le_bytes(*first)
}

#[inline(always)]
const fn seed_or_lengths(row: &StateBytes) -> u16 {
    let [.., [_, _, a, b], _] = row;
    u16::from_le_bytes([*a, *b])
}

#[inline(always)]
const fn packed_sizes(row: &StateBytes) -> u8 {
    let [.., [_, packed_sizes, ..]] = *row;
    packed_sizes
}

#[inline(always)]
const fn kind(row: &StateBytes) -> u8 {
    let [.., [_, _, kind, _]] = *row;
    kind
}
