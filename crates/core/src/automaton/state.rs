//! States of the automaton: the rows of [`Tables::states`](super::Tables::states).

use super::Accept;

/// A state: the number of its row, and whether the parameter has been taken that follows it.
///
/// A state of the kind [`ParamThenStatic`](StateKind::ParamThenStatic) stands for two states
/// of the automaton, before and after its parameter. The second has [`Self::AFTER_PARAM`] set.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(transparent)]
pub struct StateId(u32);

impl StateId {
    /// The state before the first segment.
    pub const START: Self = Self(0);
    /// No state. A path that leads here matches nothing.
    pub const DEAD: Self = Self(u32::MAX);
    const AFTER_PARAM: u32 = 1 << 31;

    /// The state in row `row`.
    #[must_use]
    #[inline]
    pub const fn new(row: u32) -> Self {
        Self(row)
    }

    /// The number of its row.
    #[must_use]
    #[inline]
    pub const fn row(self) -> u32 {
        self.0 & !Self::AFTER_PARAM
    }

    /// The number that tables store.
    #[must_use]
    #[inline]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The state after the parameter that follows this one.
    #[must_use]
    pub const fn after_param(self) -> Self {
        Self(self.0 | Self::AFTER_PARAM)
    }

    /// Whether the parameter has been taken.
    #[must_use]
    pub const fn is_after_param(self) -> bool {
        self.0 & Self::AFTER_PARAM != 0
    }
}

/// A part of [`Tables::text`](super::Tables::text).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct TextRange {
    /// The offset of its first byte.
    pub start: u32,
    /// Its length in bytes.
    pub len: u16,
}

impl TextRange {
    /// No text.
    pub const EMPTY: Self = Self { start: 0, len: 0 };
}

/// A state: the edge that leads to it, what a path matches that ends at it, and how a longer
/// path continues.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct State {
    /// The label of the edge that leads here: one static segment, or a compressed run of
    /// segments with the slashes between them. Empty for dispatch nodes, unused rows, and
    /// states that no static segment leads to.
    pub label: TextRange,
    /// What a path matches that ends here.
    pub accept: Accept,
    /// How a longer path continues.
    pub kind: StateKind,
}

/// How a path continues after a state.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum StateKind {
    /// By a static edge, if at all.
    Static(Dispatch),
    /// By a parameter, and then by a static edge.
    ParamThenStatic {
        /// What a path matches that ends after the parameter.
        after_param: Accept,
        /// The static edges after the parameter.
        dispatch: Dispatch,
    },
    /// By a parameter.
    Param {
        /// The state after the parameter.
        next: StateId,
    },
    /// By one of a few static segments, or by a parameter. The segments are compared one by
    /// one, because a parameter must not resemble any of them.
    StaticOrParam {
        /// The row of the first static alternative; the others follow it.
        first: u32,
        /// The number of static alternatives, at most [`MAX_ALTERNATIVES`].
        count: u8,
        /// The lengths of their labels.
        lengths: Lengths,
        /// The state after the parameter.
        param: StateId,
    },
    /// By a static segment in the hash table of [`Tables::edges`](super::Tables::edges), or by
    /// a parameter.
    Hashed {
        /// The number by which the edges name this state.
        key: u32,
        /// The lengths of its labels.
        lengths: Lengths,
        /// The state after the parameter, or [`StateId::DEAD`] if none can follow.
        param: StateId,
    },
    /// This row is no state. It continues the search of the dispatch that led here, by another
    /// window of the path.
    Dispatch(Dispatch),
}

/// The most static alternatives of a [`StateKind::StaticOrParam`].
pub const MAX_ALTERNATIVES: u8 = 8;

/// A small hash table of static edges: consecutive rows of `states`, of which a window of the
/// path selects one.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Dispatch {
    /// The first of its rows.
    pub first: u32,
    /// The binary logarithm of the number of rows, at most [`MAX_LOG2_ROWS`].
    pub log2_rows: u8,
    /// The seed under which the window of each label selects another row.
    pub seed: u16,
    /// The bytes of the path that select the row.
    pub window: Window,
}

/// The most rows of a [`Dispatch`], as a binary logarithm.
pub const MAX_LOG2_ROWS: u8 = 12;

/// Consecutive bytes of a path.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Window {
    /// The offset of its first byte from the start of the segment.
    pub offset: u8,
    /// Its width in bytes: 1 to 8.
    pub width: u8,
}

impl Dispatch {
    /// No edge: a single row, which is never the target of one.
    pub const EMPTY: Self = Self {
        first: 0,
        log2_rows: 0,
        seed: 0,
        window: Window {
            offset: 0,
            width: 8,
        },
    };

    /// The row for a path with these eight bytes at the window's offset, padded with zeros
    /// after the end of the path.
    #[must_use]
    #[inline]
    pub const fn row(&self, word: u64) -> u32 {
        let unused_bits = (8u8.wrapping_sub(self.window.width) as u32) << 3;
        // The seed changes low bits, for narrow windows, and high bits, for wide ones.
        let seed = self.seed as u64;
        let factor = 0x9E37_79B9_7F4A_7C15 ^ seed << 1 ^ seed << 32;
        let mixed = ((word << (unused_bits & 63)).wrapping_mul(factor) >> 33) as u32;
        // A shift by 31 - log2_rows: a table of one row shifts all 31 bits out.
        self.first
            .wrapping_add(mixed.wrapping_shr(31u32.wrapping_sub(self.log2_rows as u32)))
    }
}

/// The lengths of some labels, modulo 16, as a set of bits. A label counts with the length of
/// its [normal form](crate::lookalike::normalized_len).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[repr(transparent)]
pub struct Lengths(u16);

impl Lengths {
    /// No length.
    pub const NONE: Self = Self(0);

    /// The set with the length `len` added.
    #[must_use]
    pub const fn with(self, len: usize) -> Self {
        Self(self.0 | 1 << (len & 15))
    }

    /// Whether the set may contain `len`. No false negatives.
    #[must_use]
    #[inline]
    pub const fn may_contain(self, len: usize) -> bool {
        self.0 & 1 << (len & 15) != 0
    }

    /// Whether the set is empty.
    #[must_use]
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The set with these bits, one for each length modulo 16.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits)
    }

    /// One bit for each length modulo 16.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }
}

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
            } => (STATIC_OR_PARAM, first, param.bits(), lengths.0, [0, count]),
            StateKind::Hashed {
                key,
                lengths,
                param,
            } => (HASHED, key, param.bits(), lengths.0, [0, 0]),
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
    #[inline(always)]
    pub const fn from_bytes(bytes: &StateBytes) -> Self {
        let [
            _,
            _,
            _,
            _,
            b0,
            b1,
            b2,
            b3,
            c0,
            c1,
            c2,
            c3,
            d0,
            d1,
            d2,
            d3,
            _,
            _,
            f0,
            f1,
            offset,
            shape,
            kind,
            _,
        ] = *bytes;
        let first = u32::from_le_bytes([b0, b1, b2, b3]);
        let param = u32::from_le_bytes([d0, d1, d2, d3]);
        let halves = u16::from_le_bytes([f0, f1]);
        let dispatch = Dispatch {
            first,
            log2_rows: shape & 0x1F,
            seed: halves,
            window: Window {
                offset,
                width: 8u8.wrapping_sub(shape >> 5),
            },
        };
        Self {
            label: Self::label(bytes),
            accept: Accept::from_bits(u32::from_le_bytes([c0, c1, c2, c3])),
            kind: match kind {
                STATIC => StateKind::Static(dispatch),
                PARAM_THEN_STATIC => StateKind::ParamThenStatic {
                    after_param: Accept::from_bits(param),
                    dispatch,
                },
                PARAM => StateKind::Param {
                    next: StateId::new(param),
                },
                STATIC_OR_PARAM => StateKind::StaticOrParam {
                    first,
                    count: shape,
                    lengths: Lengths(halves),
                    param: StateId::new(param),
                },
                HASHED => StateKind::Hashed {
                    key: first,
                    lengths: Lengths(halves),
                    param: StateId::new(param),
                },
                // A dispatch node is no state, so that a path that leads here is refused.
                _ => StateKind::Dispatch(dispatch),
            },
        }
    }

    /// Decodes the label alone.
    #[must_use]
    #[inline(always)]
    pub const fn label(bytes: &StateBytes) -> TextRange {
        let [
            a0,
            a1,
            a2,
            a3,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            e0,
            e1,
            ..,
        ] = *bytes;
        TextRange {
            start: u32::from_le_bytes([a0, a1, a2, a3]),
            len: u16::from_le_bytes([e0, e1]),
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
        let shape = 8u8.wrapping_sub(self.window.width) << 5 | self.log2_rows & 0x1F;
        (
            kind,
            self.first,
            param,
            self.seed,
            [self.window.offset, shape],
        )
    }
}
