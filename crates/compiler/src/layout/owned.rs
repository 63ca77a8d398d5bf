//! A compiled policy that owns its tables.

use routescope_core::__private::{
    Accept, Features, HashedEdgeBytes, RouteBytes, ScopeBytes, SlashPairBytes, StateBytes, Tables,
};
use routescope_core::{KeyFormat, PathOptions, Policy};
use self_cell::self_cell;

use crate::source::document::Key;

/// The tables of a policy in memory. It lends a [`Policy`] that answers exactly like the
/// generated constant, because the same code reads it.
#[derive(Debug)]
pub(crate) struct OwnedPolicy {
    cell: Cell,
}

self_cell!(
    struct Cell {
        owner: OwnedTables,

        #[covariant]
        dependent: Tables,
    }

    impl {Debug}
);

impl OwnedPolicy {
    pub(crate) fn new(tables: OwnedTables) -> Self {
        Self {
            cell: Cell::new(tables, OwnedTables::borrow),
        }
    }

    /// The policy itself.
    pub(crate) fn policy(&self) -> Policy<'_> {
        Policy::from_validated(self.tables())
    }

    pub(crate) fn tables(&self) -> &Tables<'_> {
        self.cell.borrow_dependent()
    }

    pub(crate) fn owned_tables(&self) -> &OwnedTables {
        self.cell.borrow_owner()
    }
}

impl Clone for OwnedPolicy {
    fn clone(&self) -> Self {
        Self::new(self.owned_tables().clone())
    }
}

impl PartialEq for OwnedPolicy {
    fn eq(&self, other: &Self) -> bool {
        self.owned_tables() == other.owned_tables()
    }
}

impl Eq for OwnedPolicy {}

/// The fields of [`Tables`] in vectors.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct OwnedTables {
    pub(crate) name: String,
    pub(crate) updated: String,
    pub(crate) revision: u32,
    pub(crate) umbrella: String,
    pub(crate) digest: [u8; 32],
    pub(crate) layout: u64,
    pub(crate) features: Features,
    pub(crate) options: PathOptions,
    pub(crate) key: Option<Key>,
    pub(crate) states: Vec<StateBytes>,
    pub(crate) slash_pairs: Vec<SlashPairBytes>,
    pub(crate) edge_slots: u32,
    pub(crate) edges: Vec<HashedEdgeBytes>,
    pub(crate) edge_displacements: Vec<[u8; 2]>,
    pub(crate) exact: Vec<[u8; 4]>,
    pub(crate) exact_displacements: Vec<[u8; 2]>,
    pub(crate) exact_hash_words: u8,
    pub(crate) exact_filter: Vec<[u8; 8]>,
    pub(crate) routes: Vec<RouteBytes>,
    pub(crate) accepted: Vec<[u8; 2]>,
    pub(crate) scopes: Vec<ScopeBytes>,
    pub(crate) scope_slots: Vec<[u8; 2]>,
    pub(crate) scope_displacements: Vec<[u8; 2]>,
    pub(crate) scope_hash_words: u8,
    pub(crate) text: String,
}

impl OwnedTables {
    pub(crate) fn borrow(&self) -> Tables<'_> {
        // No `..`: a field that is forgotten here would not build.
        let Self {
            name,
            updated,
            revision,
            umbrella,
            digest,
            layout,
            features,
            options,
            key,
            states,
            slash_pairs,
            edge_slots,
            edges,
            edge_displacements,
            exact,
            exact_displacements,
            exact_hash_words,
            exact_filter,
            routes,
            accepted,
            scopes,
            scope_slots,
            scope_displacements,
            scope_hash_words,
            text,
        } = self;
        let key = key.as_ref().map(|key| KeyFormat {
            prefix: &key.prefix,
            length: key.length,
            alphabet: key.alphabet,
        });
        Tables {
            name,
            updated,
            revision: *revision,
            umbrella,
            digest: *digest,
            layout: *layout,
            features: *features,
            options: *options,
            key,
            states,
            slash_pairs,
            edge_slots: *edge_slots,
            edges,
            edge_displacements,
            exact,
            exact_displacements,
            exact_hash_words: *exact_hash_words,
            exact_filter,
            routes,
            accepted,
            scopes,
            scope_slots,
            scope_displacements,
            scope_hash_words: *scope_hash_words,
            text,
        }
    }
}

/// Encodes numbers of two bytes.
pub(crate) fn u16s(numbers: &[u16]) -> Vec<[u8; 2]> {
    numbers.iter().map(|number| number.to_le_bytes()).collect()
}

/// Encodes accepting entries.
pub(crate) fn accepts(entries: &[Accept]) -> Vec<[u8; 4]> {
    let bytes = |entry: &Accept| entry.bits().to_le_bytes();
    entries.iter().map(bytes).collect()
}

/// Encodes numbers of eight bytes.
pub(crate) fn u64s(numbers: &[u64]) -> Vec<[u8; 8]> {
    numbers.iter().map(|number| number.to_le_bytes()).collect()
}
