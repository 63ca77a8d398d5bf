//! A compiled policy that owns its tables.

use routescope_core::table::{Edge, End, RouteRow, ScopeRow, State, Tables};
use routescope_core::{KeyFormat, Options, Policy};

use crate::source::document::Key;

/// The tables of a policy, in memory. Lends a [`Policy`] that answers exactly
/// like the generated constant, because the same code reads both.
///
/// ```
/// let source = "version: 1\nname: shop\nscopes:\n  \"orders:read\":\n    routes:\n      - GET /orders/{id}\n";
/// let compiled = routescope_compiler::compile("shop.yaml", source)?;
/// let policy = compiled.policy();
/// assert!(policy.authorize(&["orders:read"], "GET", "/orders/7").is_allow());
/// # Ok::<(), routescope_compiler::Report>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OwnedPolicy {
    pub(crate) name: String,
    pub(crate) updated: String,
    pub(crate) umbrella: String,
    pub(crate) digest: [u8; 32],
    pub(crate) layout: u64,
    pub(crate) options: Options,
    pub(crate) key: Option<Key>,
    pub(crate) states: Vec<State>,
    pub(crate) twins: Vec<[End; 2]>,
    pub(crate) literals: Vec<End>,
    pub(crate) literal_displacements: Vec<u16>,
    pub(crate) literal_words: u8,
    pub(crate) literal_filter: Vec<u64>,
    pub(crate) slots: u32,
    pub(crate) edges: Vec<Edge>,
    pub(crate) displacements: Vec<u16>,
    pub(crate) routes: Vec<RouteRow>,
    pub(crate) accepted: Vec<u16>,
    pub(crate) scopes: Vec<ScopeRow>,
    pub(crate) text: String,
}

impl OwnedPolicy {
    /// The policy itself. Costs nothing: call it as often as you like.
    #[must_use]
    pub fn policy(&self) -> Policy<'_> {
        Policy::from_checked(self.tables())
    }

    pub(crate) fn tables(&self) -> Tables<'_> {
        // No `..`: a field that is forgotten here would not build.
        let Self {
            name,
            updated,
            umbrella,
            digest,
            layout,
            options,
            key,
            states,
            twins,
            literals,
            literal_displacements,
            literal_words,
            literal_filter,
            slots,
            edges,
            displacements,
            routes,
            accepted,
            scopes,
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
            umbrella,
            digest: *digest,
            layout: *layout,
            options: *options,
            key,
            states,
            twins,
            literals,
            literal_displacements,
            literal_words: *literal_words,
            literal_filter,
            slots: *slots,
            edges,
            displacements,
            routes,
            accepted,
            scopes,
            text,
        }
    }
}
