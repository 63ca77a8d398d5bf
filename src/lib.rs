#![doc = include_str!("../README.md")]
#![no_std]

mod bearer;
mod challenge;
mod guard;

pub use bearer::ApiKey;
pub use challenge::{AcceptedScopesHeader, BufferTooSmall, Challenge, write_into};
pub use guard::{Guard, KeyStore, StoredKey};
pub use routescope_core::{
    AcceptedScopes, Alphabet, BadPath, Decision, Denial, Held, KeyFormat, Method, Methods, Options,
    PathRule, Policy, Route, Scope, ScopeSet, Scopes, generated, path, policy, table,
};

#[cfg(feature = "pbx")]
policy! {
    /// The PBX API's policy, compiled from `routes.yaml`.
    pub mod pbx = "routes";
}

#[cfg(feature = "pbx")]
pub use pbx::{authorize, required_scopes};

/// The text that [`pbx::POLICY`] is compiled from, for tools that show it.
#[cfg(feature = "pbx")]
pub const PBX_ROUTES_YAML: &str = include_str!("../routes.yaml");
