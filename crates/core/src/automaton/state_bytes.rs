//! States in bytes: how a row of [`Tables::states`](super::Tables::states) is stored.
//!
//! The matcher reads a row through [`StateRow`](super::StateRow).

use super::state_row::{
    AFFIX_EDGE, AFFIXES, DISPATCH, HASHED, PARAM, PARAM_THEN_STATIC, RowKind, STATIC,
    STATIC_OR_PARAM, StateBytes, StateRow,
};
use super::{Accept, Dispatch, State, StateId, StateKind, TextRange};

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
                RowKind::DispatchOrAffix(other) => match (row.affixes(), row.affix_edge()) {
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
