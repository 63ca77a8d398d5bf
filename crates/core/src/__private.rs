//! For the code that [`policy!`](crate::policy!) makes, and for `routescope-compiler`. Not
//! public: it changes in any release.

pub use crate::affix::Affix;
pub use crate::authorize::{authorize, route};
pub use crate::automaton::*;
/// The form of policies as bytes.
pub mod format {
    pub use crate::format::{HEADER, MAGIC, NO_COLON, SECTIONS, VERSION, checksum};
}
pub use crate::lookalike::{
    are_lookalikes, has_windows_wildcard, hash, normalized, normalized_len,
};
pub use crate::policy::ConstantSource;
pub use crate::prepared::PreparedScopes;
pub use crate::swar::{HAS_64_BIT_WORDS, load_padded};
pub use crate::unicode::listing::{ascii_forms, confusable_ranges};

/// The names that a generated file uses.
///
/// Its tables are rows of plain numbers. Rust reads a hundred thousand of these in seconds,
/// which it does not if each row is an expression with names.
pub mod generated {
    pub use crate::authorize::{authorize, public_route as find_public_route, route as find_route};
    pub use crate::automaton::Tables;
    pub use crate::named::{has_routes, index_in, route, scope};
    pub use crate::policy::ConstantSource;
    pub use crate::{
        AcceptedScopes, Alphabet, Case, Decision, HeldScopes, KeyFormat, Method, PathOptions,
        Policy, PolicySource, Requirement, Route, RouteDenial, Scope, ScopeSet, TrailingSlash,
        Values,
    };

    use crate::automaton::{
        Features, HashedEdge, HashedEdgeBytes, RouteBytes, RouteRow, ScopeBytes, ScopeRow,
        SlashPair, SlashPairBytes, State, StateBytes,
    };

    /// Encodes the rows of a table.
    macro_rules! rows {
        ($($(#[$attribute:meta])* $name:ident: $input:ty => $output:ty, $empty:expr, $encode:expr;)+) => {$(
            $(#[$attribute])*
            ///
            /// # Panics
            ///
            /// If a number is too large for its field; in a constant, that is a compile error.
            #[must_use]
            #[allow(
                clippy::indexing_slicing,
                clippy::arithmetic_side_effects,
                reason = "a constant: an index out of range would not build"
            )]
            pub const fn $name<const N: usize>(rows: [$input; N]) -> [$output; N] {
                let mut table = [$empty; N];
                let mut i = 0;
                while i < N {
                    table[i] = $encode(rows[i]);
                    i += 1;
                }
                table
            }
        )+};
    }

    /// The text of the tables.
    ///
    /// # Panics
    ///
    /// If it is not ASCII; in a constant, that is a compile error.
    #[must_use]
    #[allow(clippy::panic, reason = "stops the build of a constant; documented")]
    pub const fn text(bytes: &[u8]) -> &str {
        match core::str::from_utf8(bytes) {
            Ok(text) if bytes.is_ascii() => text,
            _ => panic!("text: not ASCII"),
        }
    }

    /// The features with these bits.
    ///
    /// # Panics
    ///
    /// If a bit is none of them; in a constant, that is a compile error.
    #[must_use]
    #[allow(clippy::panic, reason = "stops the build of a constant; documented")]
    pub const fn features(bits: u8) -> Features {
        match Features::from_bits(bits) {
            Some(features) => features,
            None => panic!("features: no such bit"),
        }
    }

    rows! {
        /// The numbers of [`State::to_numbers`].
        states: [u32; 9] => StateBytes, [[0; 4]; 6], State::encode;
        /// The two outcomes of each pair.
        slash_pairs: [u32; 2] => SlashPairBytes, [0; 8], SlashPair::encode;
        /// The numbers of [`HashedEdge::to_numbers`].
        edges: [u32; 5] => HashedEdgeBytes, [0; 16], HashedEdge::encode;
        /// The numbers of [`RouteRow::to_numbers`].
        routes: [u32; 4] => RouteBytes, [0; 12], RouteRow::encode;
        /// The numbers of [`ScopeRow::to_numbers`].
        scopes: [u32; 3] => ScopeBytes, [0; 8], ScopeRow::encode;
        /// Numbers of two bytes.
        u16s: u16 => [u8; 2], [0; 2], u16::to_le_bytes;
        /// Numbers of four bytes.
        u32s: u32 => [u8; 4], [0; 4], u32::to_le_bytes;
        /// Numbers of eight bytes.
        u64s: u64 => [u8; 8], [0; 8], u64::to_le_bytes;
    }
}
