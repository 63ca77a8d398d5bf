//! States of the automaton: what a row of [`Tables::states`](super::Tables::states) means.

use super::Accept;

/// A state: the number of its row, and whether the parameter has been taken that follows it.
///
/// A state of the kind [`ParamThenStatic`](StateKind::ParamThenStatic) stands for two states
/// of the automaton, before and after its parameter. [`Self::after_param`] returns the second.
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
    /// states that no static segment leads to. Of an affix, its prefix and its suffix.
    pub label: TextRange,
    /// The accepting entry for a path that ends here.
    pub accept: Accept,
    /// How a longer path continues.
    pub kind: StateKind,
}

/// How a path continues after a state.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum StateKind {
    /// By a static edge, if at all.
    Static(Dispatch),
    /// By a parameter, and after it by a static edge, if at all: two states in one row.
    ParamThenStatic {
        /// The accepting entry for a path that ends after the parameter.
        after_param: Accept,
        /// The static edges after the parameter.
        dispatch: Dispatch,
    },
    /// By a parameter. A parameter or alternatives follow it, so that the state after it needs
    /// a separate row.
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
    /// By a literal, by an affix, or by a parameter.
    Affixes {
        /// The row of the first affix; the others follow it.
        first: u32,
        /// The number of affixes, at least one.
        count: u8,
        /// A row for the literals and the parameter alone, of the kind
        /// [`Param`](Self::Param), [`StaticOrParam`](Self::StaticOrParam) or
        /// [`Hashed`](Self::Hashed), which is asked by the same segment; [`StateId::DEAD`] if
        /// there are neither.
        inner: StateId,
    },
    /// This row is no state. It is an affix of one: its label is the prefix and the suffix.
    AffixEdge {
        /// The length of the prefix.
        prefix_len: u8,
        /// The state after the segment.
        target: StateId,
    },
    /// This row is no state. It continues the search of the dispatch that led here, by another
    /// window of the path.
    Dispatch(Dispatch),
}

/// The most static alternatives of a [`StateKind::StaticOrParam`].
pub const MAX_ALTERNATIVES: u8 = 8;

/// The most affixes of a [`StateKind::Affixes`].
pub const MAX_AFFIXES: usize = 255;

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
    /// No edge: it selects row 0, which has no label, so that following it finds nothing.
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
    pub const fn row(&self, word: u64) -> u32 {
        select_row(word, self.first, self.seed, self.packed_sizes())
    }

    /// Packs the width of the window and the number of rows into one byte:
    /// `(8 - width) << 5 | log2`.
    pub(super) const fn packed_sizes(&self) -> u8 {
        8u8.wrapping_sub(self.window.width) << 5 | self.log2_rows & 0x1F
    }
}

/// As [`Dispatch::row`], of its fields as a row stores them.
#[inline(always)]
pub(super) const fn select_row(word: u64, first: u32, seed: u16, packed_sizes: u8) -> u32 {
    let unused_bits = packed_sizes as u32 >> 2 & 0x38;
    // The seed changes low bits, for narrow windows, and high bits, for wide ones.
    let seed = seed as u64;
    let factor = 0x9E37_79B9_7F4A_7C15 ^ seed << 1 ^ seed << 32;
    let mixed = ((word << unused_bits).wrapping_mul(factor) >> 33) as u32;
    // A shift by 31 - log2: a table of one row shifts all 31 bits out.
    first.wrapping_add(mixed.wrapping_shr(!(packed_sizes as u32)))
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
