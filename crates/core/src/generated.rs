//! The names that generated code uses. Not for anyone else.
//!
//! Tables are written as plain numbers, a row in brackets: a compiler reads a
//! hundred thousand of these in seconds, which it does not if each is an
//! expression with names.

pub use crate::table::Tables;
pub use crate::{Alphabet, KeyFormat, Options, Policy, Prepared};

use crate::Methods;
use crate::table::{Edge, End, RouteRow, Run, ScopeRow, State};

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
    /// States.
    states: State { other, end, end_slash, runs, seed as u16, skip as u8, shape as u8 } = 7,
        State { other: 0, end: 0, end_slash: 0, runs: 0, seed: 0, skip: 0, shape: 0 };
    /// Runs.
    runs: Run { target, label, label_len as u16 } = 3,
        Run { target: 0, label: 0, label_len: 0 };
    /// Edges.
    edges: Edge { state, target, label, label_len as u16, twin as u16 } = 5,
        Edge { state: 0, target: 0, label: 0, label_len: 0, twin: 0 };
    /// Routes.
    routes: RouteRow { template, accepted, template_len as u16, method as u8 } = 4,
        RouteRow { template: 0, accepted: 0, template_len: 0, method: 0 };
}

/// Templates: the first route of each, and its methods, one bit each.
///
/// # Panics
///
/// If a number is too large, or a bit stands for no method; in a constant, a
/// compile error.
#[must_use]
#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a constant: what is out of range does not build"
)]
pub const fn ends<const N: usize>(rows: [[u32; 2]; N]) -> [End; N] {
    let mut table = [End::new(0, Methods::NONE); N];
    let mut i = 0;
    while i < N {
        let [first_route, methods] = rows[i];
        assert!(
            first_route >> 24 == 0 && methods >> 8 == 0,
            "a number is too large"
        );
        match Methods::from_bits(methods as u8) {
            Some(methods) => table[i] = End::new(first_route, methods),
            None => panic!("a bit stands for no method"),
        }
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
