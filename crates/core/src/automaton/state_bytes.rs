//! States in bytes: how a row of [`Tables::states`](super::Tables::states) is stored.
//!
//! The matcher reads a row through [`StateRow`], which decodes a field when it is asked for it
//! and gives each kind of state only the fields that it has.

use super::state::select_row;
use super::{Accept, Dispatch, Lengths, State, StateId, StateKind, TextRange, Window};

/// A [`State`] as the tables store it: six words of four bytes, little-endian. Generated code
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

const STATIC: u8 = 0;
const PARAM_THEN_STATIC: u8 = 1;
const PARAM: u8 = 2;
const STATIC_OR_PARAM: u8 = 3;
const HASHED: u8 = 4;
const DISPATCH: u8 = 5;
const AFFIXES: u8 = 6;
const AFFIX_EDGE: u8 = 7;

impl State {
    /// A row of a dispatch that no label leads to.
    pub const UNUSED: Self = Self {
        label: TextRange::EMPTY,
        accept: Accept::NONE,
        kind: StateKind::Static(Dispatch::EMPTY),
    };

    /// The fields of [`StateBytes`] as numbers, for generated code.
    #[must_use]
    pub const fn to_numbers(self) -> [u32; 9] {
        const NO_PARAM: u32 = StateId::DEAD.bits();
        let (kind, first, param, seed_or_lengths, [offset, packed_sizes]) = match self.kind {
            StateKind::Static(dispatch) => dispatch.fields(STATIC, NO_PARAM),
            StateKind::ParamThenStatic {
                after_param,
                dispatch,
            } => dispatch.fields(PARAM_THEN_STATIC, after_param.bits()),
            StateKind::Param { next } => (PARAM, 0, next.bits(), 0, [0, 0]),
            StateKind::StaticOrParam {
                first,
                count,
                lengths,
                param,
            } => (
                STATIC_OR_PARAM,
                first,
                param.bits(),
                lengths.bits(),
                [0, count],
            ),
            StateKind::Hashed {
                key,
                lengths,
                param,
            } => (HASHED, key, param.bits(), lengths.bits(), [0, 0]),
            StateKind::Affixes {
                first,
                count,
                inner,
            } => (AFFIXES, first, inner.bits(), 0, [0, count]),
            StateKind::AffixEdge { prefix_len, target } => {
                (AFFIX_EDGE, 0, target.bits(), 0, [prefix_len, 0])
            }
            StateKind::Dispatch(dispatch) => dispatch.fields(DISPATCH, NO_PARAM),
        };
        [
            self.label.start,
            first,
            self.accept.bits(),
            param,
            self.label.len as u32,
            seed_or_lengths as u32,
            offset as u32,
            packed_sizes as u32,
            kind as u32,
        ]
    }

    /// Encodes the state.
    #[must_use]
    pub const fn to_bytes(self) -> StateBytes {
        Self::encode(self.to_numbers())
    }

    /// Encodes the fields that [`Self::to_numbers`] lists.
    ///
    /// # Panics
    ///
    /// If a number is too large for its field; in a constant, that is a compile error.
    #[must_use]
    pub const fn encode(numbers: [u32; 9]) -> StateBytes {
        let [
            start,
            first,
            accept,
            param,
            len,
            seed_or_lengths,
            offset,
            packed_sizes,
            kind,
        ] = numbers;
        assert!(
            len <= u16::MAX as u32
                && seed_or_lengths <= u16::MAX as u32
                && offset <= u8::MAX as u32
                && packed_sizes <= u8::MAX as u32
                && kind <= u8::MAX as u32,
            "a number is too large"
        );
        let [len0, len1, ..] = len.to_le_bytes();
        let [seed0, seed1, ..] = seed_or_lengths.to_le_bytes();
        [
            start.to_le_bytes(),
            first.to_le_bytes(),
            accept.to_le_bytes(),
            param.to_le_bytes(),
            [len0, len1, seed0, seed1],
            [offset as u8, packed_sizes as u8, kind as u8, 0],
        ]
    }

    /// Decodes a state. Bytes that [`Self::to_bytes`] does not write decode to some state;
    /// [`Tables::validate`](super::Tables::validate) refuses them.
    #[must_use]
    pub const fn from_bytes(bytes: &StateBytes) -> Self {
        let row = StateRow(bytes);
        Self {
            label: row.label(),
            accept: row.accept(),
            kind: match row.kind() {
                RowKind::Static(dispatch) => StateKind::Static(dispatch.decode()),
                RowKind::ParamThenStatic(row) => StateKind::ParamThenStatic {
                    after_param: row.after_param(),
                    dispatch: row.dispatch().decode(),
                },
                RowKind::Param(row) => row.decode(),
                RowKind::Other(other) => match (row.affixes(), row.affix_edge()) {
                    (Some(row), _) => StateKind::Affixes {
                        first: row.first(),
                        count: row.count(),
                        inner: row.inner(),
                    },
                    (_, Some(row)) => StateKind::AffixEdge {
                        prefix_len: row.prefix_len(),
                        target: row.target(),
                    },
                    (None, None) => StateKind::Dispatch(other.decode()),
                },
            },
        }
    }

    /// Whether [`Self::to_bytes`] writes these bytes.
    pub(super) const fn is_canonical(bytes: &StateBytes) -> bool {
        let [a, b, c, d, e, f] = *bytes;
        let [g, h, i, j, k, l] = Self::from_bytes(bytes).to_bytes();
        equal(a, g) && equal(b, h) && equal(c, i) && equal(d, j) && equal(e, k) && equal(f, l)
    }
}

const fn equal(a: [u8; 4], b: [u8; 4]) -> bool {
    u32::from_le_bytes(a) == u32::from_le_bytes(b)
}

impl Dispatch {
    /// Kind, first row, parameter, seed, and window with the number of rows.
    const fn fields(self, kind: u8, param: u32) -> (u8, u32, u32, u16, [u8; 2]) {
        (
            kind,
            self.first,
            param,
            self.seed,
            [self.window.offset, self.packed_sizes()],
        )
    }
}

/// A [`State`] in the tables.
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
    Other(DispatchRow<'t>),
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
            _ => RowKind::Other(DispatchRow(self.0)),
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
        !matches!(self.kind(), RowKind::Other(_)) || self.affixes().is_some()
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

    const fn decode(self) -> Dispatch {
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

    const fn decode(self) -> StateKind {
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
