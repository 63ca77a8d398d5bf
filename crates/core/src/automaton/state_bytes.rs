//! States in bytes: how a row of [`Tables::states`](super::Tables::states) is stored.
//!
//! The matcher reads a row through [`StateRow`], which decodes a field when it is asked for it
//! and gives each kind of state only the fields that it has.

use super::state::select_row;
use super::{Accept, Dispatch, Lengths, State, StateId, StateKind, TextRange, Window};

/// A [`State`] as the tables store it, little-endian. Generated code lists the same fields as
/// numbers, in this order:
///
/// | bytes | field |
/// |---|---|
/// | 0-3 | start of the label |
/// | 4-7 | first row of the dispatch or of the alternatives, or the key of a hashed state |
/// | 8-11 | what a path matches that ends here |
/// | 12-15 | the state after the parameter, or what a path matches that ends after it |
/// | 16-17 | length of the label |
/// | 18-19 | seed of the dispatch, or lengths of the labels |
/// | 20 | offset of the window |
/// | 21 | width of the window and number of rows, or number of alternatives |
/// | 22 | kind |
/// | 23 | zero |
pub type StateBytes = [u8; 24];

const STATIC: u8 = 0;
const PARAM_THEN_STATIC: u8 = 1;
const PARAM: u8 = 2;
const STATIC_OR_PARAM: u8 = 3;
const HASHED: u8 = 4;
const DISPATCH: u8 = 5;

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
        let (kind, first, param, halves, [offset, shape]) = match self.kind {
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
            StateKind::Dispatch(dispatch) => dispatch.fields(DISPATCH, NO_PARAM),
        };
        [
            self.label.start,
            first,
            self.accept.bits(),
            param,
            self.label.len as u32,
            halves as u32,
            offset as u32,
            shape as u32,
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
            halves,
            offset,
            shape,
            kind,
        ] = numbers;
        assert!(
            len <= u16::MAX as u32
                && halves <= u16::MAX as u32
                && offset <= u8::MAX as u32
                && shape <= u8::MAX as u32
                && kind <= u8::MAX as u32,
            "a number is too large"
        );
        let [a0, a1, a2, a3] = start.to_le_bytes();
        let [b0, b1, b2, b3] = first.to_le_bytes();
        let [c0, c1, c2, c3] = accept.to_le_bytes();
        let [d0, d1, d2, d3] = param.to_le_bytes();
        let [e0, e1, ..] = len.to_le_bytes();
        let [f0, f1, ..] = halves.to_le_bytes();
        let (offset, shape, kind) = (offset as u8, shape as u8, kind as u8);
        [
            a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, d0, d1, d2, d3, e0, e1, f0, f1, offset,
            shape, kind, 0,
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
                RowKind::Param(row) => StateKind::Param { next: row.param() },
                RowKind::StaticOrParam(row) => StateKind::StaticOrParam {
                    first: row.first(),
                    count: row.count(),
                    lengths: row.lengths(),
                    param: row.param(),
                },
                RowKind::Hashed(row) => StateKind::Hashed {
                    key: row.first(),
                    lengths: row.lengths(),
                    param: row.param(),
                },
                RowKind::Dispatch(dispatch) => StateKind::Dispatch(dispatch.decode()),
            },
        }
    }

    /// Whether [`Self::to_bytes`] writes these bytes.
    pub(super) const fn is_canonical(bytes: &StateBytes) -> bool {
        let again = Self::from_bytes(bytes).to_bytes();
        let mut at = 0;
        while let (Some((_, [a, ..])), Some((_, [b, ..]))) =
            (bytes.split_at_checked(at), again.split_at_checked(at))
        {
            if *a != *b {
                return false;
            }
            at = at.wrapping_add(1);
        }
        true
    }
}

impl Dispatch {
    /// Kind, first row, parameter, seed, and window with the number of rows.
    const fn fields(self, kind: u8, param: u32) -> (u8, u32, u32, u16, [u8; 2]) {
        (
            kind,
            self.first,
            param,
            self.seed,
            [self.window.offset, self.shape()],
        )
    }
}

/// A [`State`] in the tables.
#[derive(Clone, Copy, Debug)]
pub struct StateRow<'t>(pub &'t StateBytes);

/// As [`StateKind`], in the tables.
#[derive(Clone, Copy, Debug)]
pub enum RowKind<'t> {
    /// See [`StateKind::Static`].
    Static(DispatchRow<'t>),
    /// See [`StateKind::ParamThenStatic`].
    ParamThenStatic(ParamThenStaticRow<'t>),
    /// See [`StateKind::Param`].
    Param(ParamRow<'t>),
    /// See [`StateKind::StaticOrParam`].
    StaticOrParam(ParamRow<'t>),
    /// See [`StateKind::Hashed`].
    Hashed(ParamRow<'t>),
    /// See [`StateKind::Dispatch`].
    Dispatch(DispatchRow<'t>),
}

impl<'t> StateRow<'t> {
    /// See [`State::label`].
    #[must_use]
    #[inline(always)]
    pub const fn label(self) -> TextRange {
        TextRange {
            start: u32_at::<0>(self.0),
            len: u16_at::<16>(self.0),
        }
    }

    /// See [`State::accept`].
    #[must_use]
    #[inline(always)]
    pub const fn accept(self) -> Accept {
        Accept::from_bits(u32_at::<8>(self.0))
    }

    /// See [`State::kind`].
    #[must_use]
    #[inline(always)]
    pub const fn kind(self) -> RowKind<'t> {
        match byte_at::<22>(self.0) {
            STATIC => RowKind::Static(DispatchRow(self.0)),
            PARAM_THEN_STATIC => RowKind::ParamThenStatic(ParamThenStaticRow(self.0)),
            PARAM => RowKind::Param(ParamRow(self.0)),
            STATIC_OR_PARAM => RowKind::StaticOrParam(ParamRow(self.0)),
            HASHED => RowKind::Hashed(ParamRow(self.0)),
            // A dispatch node is no state, so that a path that leads here is refused.
            _ => RowKind::Dispatch(DispatchRow(self.0)),
        }
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
        byte_at::<20>(self.0)
    }

    /// See [`Dispatch::row`].
    #[must_use]
    #[inline(always)]
    pub const fn row(self, word: u64) -> u32 {
        let shape = byte_at::<21>(self.0);
        select_row(word, u32_at::<4>(self.0), u16_at::<18>(self.0), shape)
    }

    const fn decode(self) -> Dispatch {
        let shape = byte_at::<21>(self.0);
        Dispatch {
            first: u32_at::<4>(self.0),
            log2_rows: shape & 0x1F,
            seed: u16_at::<18>(self.0),
            window: Window {
                offset: self.offset(),
                width: 8u8.wrapping_sub(shape >> 5),
            },
        }
    }
}

/// A [`StateKind::ParamThenStatic`] in the tables.
#[derive(Clone, Copy, Debug)]
pub struct ParamThenStaticRow<'t>(&'t StateBytes);

impl<'t> ParamThenStaticRow<'t> {
    /// What a path matches that ends after the parameter.
    #[must_use]
    #[inline(always)]
    pub const fn after_param(self) -> Accept {
        Accept::from_bits(u32_at::<12>(self.0))
    }

    /// The static edges after the parameter.
    #[must_use]
    #[inline(always)]
    pub const fn dispatch(self) -> DispatchRow<'t> {
        DispatchRow(self.0)
    }
}

/// A state in the tables that a parameter may follow: [`StateKind::Param`],
/// [`StateKind::StaticOrParam`] or [`StateKind::Hashed`].
#[derive(Clone, Copy, Debug)]
pub struct ParamRow<'t>(&'t StateBytes);

impl ParamRow<'_> {
    /// The state after the parameter.
    #[must_use]
    #[inline(always)]
    pub const fn param(self) -> StateId {
        StateId::new(u32_at::<12>(self.0))
    }

    /// The lengths of the labels; empty if there are none.
    #[must_use]
    #[inline(always)]
    pub const fn lengths(self) -> Lengths {
        Lengths::from_bits(u16_at::<18>(self.0))
    }

    /// The first static alternative, or the key of a hashed state.
    #[must_use]
    #[inline(always)]
    pub const fn first(self) -> u32 {
        u32_at::<4>(self.0)
    }

    /// The number of static alternatives.
    #[must_use]
    #[inline(always)]
    pub const fn count(self) -> u8 {
        byte_at::<21>(self.0)
    }
}

/// The number in bytes `AT..AT + 4`.
#[inline(always)]
#[allow(clippy::indexing_slicing, reason = "checked at compile time")]
const fn u32_at<const AT: usize>(bytes: &StateBytes) -> u32 {
    const { assert!(AT < 21) };
    u32::from_le_bytes([bytes[AT], bytes[AT + 1], bytes[AT + 2], bytes[AT + 3]])
}

/// The number in bytes `AT..AT + 2`.
#[inline(always)]
#[allow(clippy::indexing_slicing, reason = "checked at compile time")]
const fn u16_at<const AT: usize>(bytes: &StateBytes) -> u16 {
    const { assert!(AT < 23) };
    u16::from_le_bytes([bytes[AT], bytes[AT + 1]])
}

/// Byte `AT`.
#[inline(always)]
#[allow(clippy::indexing_slicing, reason = "checked at compile time")]
const fn byte_at<const AT: usize>(bytes: &StateBytes) -> u8 {
    const { assert!(AT < 24) };
    bytes[AT]
}
