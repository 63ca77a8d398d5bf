//! The names that generated code uses. Not for anyone else.
//!
//! Tables are written as plain numbers, a row in brackets: a compiler reads a
//! hundred thousand of these in seconds, which it does not if each is an
//! expression with names.

pub use crate::automaton::Tables;
pub use crate::swar::WIDE;
pub use crate::{Alphabet, KeyFormat, Options, Policy, Prepared};

use crate::automaton::{Edge, End, RouteRow, ScopeRow, State};

/// A table of rows of numbers, each a field of the row in its order.
macro_rules! rows {
    ($($(#[$attribute:meta])* $name:ident: $row:ident { $($field:ident $(as $narrow:ident)?),+ } = $count:literal, $empty:expr;)+) => {$(
        $(#[$attribute])*
        ///
        /// # Panics
        ///
        /// If a number is too large for its field; in a constant, a compile error.
        #[must_use]
        #[allow(
            clippy::indexing_slicing,
            clippy::arithmetic_side_effects,
            reason = "a constant: what is out of range does not build"
        )]
        pub const fn $name<const N: usize>(rows: [[u32; $count]; N]) -> [$row; N] {
            let mut table = [$empty; N];
            let mut i = 0;
            while i < N {
                let [$($field),+] = rows[i];
                $($(assert!($field <= $narrow::MAX as u32, "a number is too large");)?)+
                table[i] = $row { $($field $(: $field as $narrow)?),+ };
                i += 1;
            }
            table
        }
    )+};
}

rows! {
    /// Edges.
    edges: Edge { state, target, label, label_len as u16, twin as u16 } = 5,
        Edge { state: 0, target: 0, label: 0, label_len: 0, twin: 0 };
    /// Routes.
    routes: RouteRow { template, accepted, template_len as u16, method as u8 } = 4,
        RouteRow { template: 0, accepted: 0, template_len: 0, method: 0 };
}

/// States: the fields of each, in their order.
///
/// # Panics
///
/// If a number is too large for its field; in a constant, a compile error.
#[must_use]
#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a constant: what is out of range does not build"
)]
pub const fn states<const N: usize>(rows: [[u32; 9]; N]) -> [State; N] {
    let mut table = [State::EMPTY; N];
    let mut i = 0;
    while i < N {
        let [label, next, end, value, label_len, seed, skip, shape, kind] = rows[i];
        assert!(
            label_len <= u16::MAX as u32
                && seed <= u16::MAX as u32
                && skip <= u8::MAX as u32
                && shape <= u8::MAX as u32
                && kind <= u8::MAX as u32,
            "a number is too large"
        );
        table[i] = State {
            label,
            next,
            end: End::from_bits(end),
            value,
            label_len: label_len as u16,
            seed: seed as u16,
            skip: skip as u8,
            shape: shape as u8,
            kind: kind as u8,
        };
        i += 1;
    }
    table
}

/// Ends, as their bits.
#[must_use]
#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a constant: what is out of range does not build"
)]
pub const fn ends<const N: usize>(rows: [u32; N]) -> [End; N] {
    let mut table = [End::NONE; N];
    let mut i = 0;
    while i < N {
        table[i] = End::from_bits(rows[i]);
        i += 1;
    }
    table
}

/// Twins: the bits of each two.
#[must_use]
#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a constant: what is out of range does not build"
)]
pub const fn twins<const N: usize>(rows: [[u32; 2]; N]) -> [[End; 2]; N] {
    let mut table = [[End::NONE; 2]; N];
    let mut i = 0;
    while i < N {
        let [plain, slash] = rows[i];
        table[i] = [End::from_bits(plain), End::from_bits(slash)];
        i += 1;
    }
    table
}

/// Scopes: where the name of each starts, its length, and whether it is declared.
///
/// # Panics
///
/// If a number is too large; in a constant, a compile error.
#[must_use]
#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a constant: what is out of range does not build"
)]
pub const fn scopes<const N: usize>(rows: [[u32; 3]; N]) -> [ScopeRow; N] {
    let mut table = [ScopeRow {
        name: 0,
        name_len: 0,
        declared: false,
    }; N];
    let mut i = 0;
    while i < N {
        let [name, name_len, declared] = rows[i];
        assert!(
            name_len <= u16::MAX as u32 && declared <= 1,
            "a number is too large"
        );
        table[i] = ScopeRow {
            name,
            name_len: name_len as u16,
            declared: declared == 1,
        };
        i += 1;
    }
    table
}
