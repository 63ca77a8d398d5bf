//! The tables of a compiled policy: a deterministic automaton over path segments, in rows of
//! bytes without pointers.
//!
//! `routescope-compiler` writes the tables and the [matcher](self::matcher) reads them.
//!
//! ```text
//! target ──(exact map)────────────────────────────────┐
//!                                                     ▼
//! state ──(dispatch, hashed edges: ─▶ state)──▶ state ─▶ Accept ─(method)─▶ routes ─▶ accepted ─▶ scopes
//! ```
//!
//! **Exact map.** A perfect hash over whole paths, for the templates without parameters. See
//! [`exact`](self::exact).
//!
//! **States.** Row 0 is the start state. Each row holds the label of the edge that leads to it
//! (path compression: an edge may span several static segments), what a path matches that ends
//! there, and how a longer path continues: see [`StateKind`].
//!
//! **Hashed edges.** One perfect hash over (state, segment) for all states of the kind
//! [`Hashed`](StateKind::Hashed). Its hash covers the [normal
//! form](crate::lookalike::normalized) of a segment, so that the probe that looks for a
//! literal also finds the literal that a value resembles. Rows from `edge_slots` on are
//! collisions: labels with the hash of a label in a slot (`Import` and `import`).
//!
//! **Affixes.** A state with affixes, such as `{id}:cancel`, has a row for each of them, which is no
//! state, and a row for its literals and its parameter: see [`StateKind::Affixes`].
//!
//! Whichever table finds the row, its label is compared in full. A hash decides nothing.

mod accept;
mod affixes;
mod exact;
mod features;
pub(crate) mod hash;
mod inspect;
mod lists;
pub(crate) mod matcher;
mod rows;
mod state;
mod state_bytes;
mod state_row;
mod transition;
mod validate;

pub use self::accept::{Accept, Outcome, SlashPair, SlashPairBytes};
pub use self::features::Features;
use self::hash::slot_of;
pub use self::hash::{LAYOUT, bucket, edge_hash, path_hash, scope_hash, slot};
pub use self::lists::{Clause, Clauses, MAX_SET_LEN, MAX_SETS, SETS_FOLLOW, Set, Sets};
pub use self::matcher::NoMatch;
pub use self::rows::{HashedEdge, HashedEdgeBytes, RouteBytes, RouteRow, ScopeBytes, ScopeRow};
pub use self::state::{
    Dispatch, Lengths, MAX_AFFIXES, MAX_ALTERNATIVES, MAX_LOG2_ROWS, State, StateId, StateKind,
    TextRange, Window,
};
pub use self::state_row::{
    AffixEdgeRow, AffixRow, DispatchRow, Literals, ParamRow, ParamThenStaticRow, RowKind,
    StateBytes, StateRow,
};
pub use self::transition::Transition;
pub use self::validate::TableError;

use crate::KeyFormat;
use crate::path::PathOptions;
use crate::swar::equal;

/// The most rows of `states`.
pub const MAX_STATES: usize = 1 << 24;
/// The most rows of `routes`.
pub const MAX_ROUTES: usize = 1 << 23;
/// The most scopes of a policy, with the implied ones (`r:*`, umbrellas).
pub const MAX_SCOPES: usize = 4096;
/// The longest name of a scope, in bytes.
pub const MAX_SCOPE_NAME: usize = 255;
/// The most look-ups by which one static edge is found: rows of nested dispatches, or labels of
/// equal hash. The compiler stays far below it; a decision by tables that it did not write is
/// bounded by this.
pub const MAX_LOOKUPS: usize = 256;
/// The longest `text`, in bytes.
pub const MAX_TEXT: usize = 1 << 28;

/// Everything that a [`Policy`](crate::Policy) consists of. Numbers in rows of bytes are
/// little-endian.
#[derive(Clone, Copy, Debug)]
pub struct Tables<'t> {
    /// `name:` of the file.
    pub name: &'t str,
    /// `updated:` of the file, `YYYY-MM-DD`, or empty.
    pub updated: &'t str,
    /// `revision:` of the file, or 0.
    pub revision: u32,
    /// `umbrella:` of the file, or empty.
    pub umbrella: &'t str,
    /// SHA-256 of the canonical model.
    pub digest: [u8; 32],
    /// The [`LAYOUT`] of the compiler that wrote the tables.
    pub layout: u64,
    /// The features that the policy uses beyond routes under single scopes.
    pub features: Features,
    /// The path options.
    pub options: PathOptions,
    /// The key format, if the file declares one.
    pub key: Option<KeyFormat<'t>>,
    /// [`State`]s.
    pub states: &'t [StateBytes],
    /// [`SlashPair`]s.
    pub slash_pairs: &'t [SlashPairBytes],
    /// The number of slots of the hash of edges: the first rows of `edges`.
    pub edge_slots: u32,
    /// [`HashedEdge`]s.
    pub edges: &'t [HashedEdgeBytes],
    /// Displacements of the hash of edges, [`u16`]; their number is a power of two.
    pub edge_displacements: &'t [[u8; 2]],
    /// Slots of the exact map: [`Accept`]s of templates, without their slash bits, since the
    /// map holds whole paths. An unused slot repeats some entry; a look-up that lands there
    /// fails the comparison. [`Accept::NONE`] stands only in a map without paths.
    pub exact: &'t [[u8; 4]],
    /// Displacements of the exact map, [`u16`]; their number is a power of two.
    pub exact_displacements: &'t [[u8; 2]],
    /// The number of words at the end of a path that its [`path_hash`] covers.
    pub exact_hash_words: u8,
    /// Bloom filter of the exact map, [`u64`]: one bit for each path. The number of words is a
    /// power of two.
    pub exact_filter: &'t [[u8; 8]],
    /// [`RouteRow`]s, grouped by template, in the order of methods.
    pub routes: &'t [RouteBytes],
    /// The requirements of routes, [`u16`]: lists of scopes, the narrowest first, and sets. See
    /// `lists.rs`.
    pub accepted: &'t [[u8; 2]],
    /// [`ScopeRow`]s in byte order of their names.
    pub scopes: &'t [ScopeBytes],
    /// Slots of the perfect hash of scope names: rows of `scopes`, [`u16`]. An unused slot
    /// repeats some row; a look-up that lands there fails the comparison.
    pub scope_slots: &'t [[u8; 2]],
    /// Displacements of the hash of scope names, [`u16`]; their number is a power of two.
    pub scope_displacements: &'t [[u8; 2]],
    /// The number of words before the last eight bytes of a name that its [`scope_hash`] covers.
    pub scope_hash_words: u8,
    /// Labels, templates and names; ASCII.
    pub text: &'t str,
}

impl<'t> Tables<'t> {
    /// A part of the text, or nothing if it is out of range.
    #[must_use]
    #[inline]
    pub fn text(&self, TextRange { start, len }: TextRange) -> &'t str {
        let start = start as usize;
        let end = start.wrapping_add(usize::from(len));
        self.text.get(start..end).unwrap_or_default()
    }

    /// The bytes of a part of the text. Cheaper than [`Self::text`], since it need not look
    /// for the borders of characters.
    #[must_use]
    #[inline]
    pub fn text_bytes(&self, TextRange { start, len }: TextRange) -> &'t [u8] {
        let start = start as usize;
        let end = start.wrapping_add(usize::from(len));
        self.text.as_bytes().get(start..end).unwrap_or_default()
    }

    /// The slot of the edge that leaves the state with this key and has this
    /// [hash](crate::lookalike::hash).
    #[must_use]
    #[inline]
    pub fn edge_slot(&self, key: u32, hash: u64) -> u32 {
        slot_of(
            edge_hash(key, hash),
            self.edge_displacements,
            self.edge_slots,
        )
    }

    /// The row of the scope with this name, byte for byte.
    #[must_use]
    #[inline]
    pub fn scope_row(&self, name: &[u8]) -> Option<u16> {
        let hash = scope_hash(name, self.scope_hash_words);
        let slots = self.scope_slots.len() as u32;
        let slot = slot_of(hash, self.scope_displacements, slots);
        let row = u16::from_le_bytes(*self.scope_slots.get(slot as usize)?);
        let TextRange { start, len } =
            ScopeRow::from_bytes(self.scopes.get(usize::from(row))?).name;
        if usize::from(len) != name.len() {
            return None;
        }
        let text = self.text.as_bytes().get(start as usize..)?;
        equal(text.get(..name.len())?, name).then_some(row)
    }

    /// The name of the scope in this row, for constants.
    #[must_use]
    pub const fn scope_name(&self, row: u16) -> Option<&'t [u8]> {
        let Some((_, [scope, ..])) = self.scopes.split_at_checked(row as usize) else {
            return None;
        };
        Some(self.part(ScopeRow::from_bytes(scope).name))
    }

    /// As [`Self::text_bytes`], for constants.
    const fn part(&self, TextRange { start, len }: TextRange) -> &'t [u8] {
        let Some((_, from)) = self.text.as_bytes().split_at_checked(start as usize) else {
            return &[];
        };
        match from.split_at_checked(len as usize) {
            Some((part, _)) => part,
            None => &[],
        }
    }

    /// The size of the tables in bytes, text and digest included, without this header that
    /// points to them.
    #[must_use]
    pub const fn size(&self) -> usize {
        size_of_val(self.states)
            .saturating_add(size_of_val(self.slash_pairs))
            .saturating_add(size_of_val(self.exact))
            .saturating_add(size_of_val(self.exact_displacements))
            .saturating_add(size_of_val(self.exact_filter))
            .saturating_add(size_of_val(self.edges))
            .saturating_add(size_of_val(self.edge_displacements))
            .saturating_add(size_of_val(self.routes))
            .saturating_add(size_of_val(self.accepted))
            .saturating_add(size_of_val(self.scopes))
            .saturating_add(size_of_val(self.scope_slots))
            .saturating_add(size_of_val(self.scope_displacements))
            .saturating_add(self.text.len())
            .saturating_add(self.digest.len())
    }
}
