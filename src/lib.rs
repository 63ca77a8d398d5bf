// README's links, for rustdoc: the first definition of a link counts, and README's own
// lead nowhere there. Files are found from `target/doc/routescope`.
//! [`Guard`]: crate::Guard
//! [`KeyStore`]: crate::KeyStore
//! [`ApiKey`]: crate::ApiKey
//! [ARCHITECTURE.md]: ../../../ARCHITECTURE.md
//! [crates/ffi]: ../../../crates/ffi/README.md
//! [docs/command.md]: ../../../docs/command.md
//! [docs/firmware.md]: ../../../docs/firmware.md
//! [docs/performance.md]: ../../../docs/performance.md
//! [picture]: ../../../docs/pbx-part.svg
//!
#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;

mod api_key;
mod guard;
#[cfg(feature = "alloc")]
mod owned_policy;

pub use api_key::ApiKey;
pub use guard::{Guard, GuardDecision, KeyStore, StoredKey};
#[cfg(feature = "alloc")]
pub use owned_policy::OwnedPolicy;
pub use routescope_core::{
    AcceptedScopes, AcceptedScopesIter, Allowed, Alphabet, BadPath, BufferTooSmall, Case,
    Challenge, Decision, Denial, HeldScopes, KeyDenial, KeyFormat, LoadError, LoadedPolicy, Loader,
    Method, Methods, MethodsIter, PathOptions, PathRule, Policy, PolicySource, Reason, Route,
    RouteDenial, Routes, Scope, ScopeSet, Scopes, TrailingSlash, UnknownMethod, UnknownReason,
    path, policy,
};

#[cfg(feature = "pbx")]
policy! {
    /// The PBX API's policy, compiled from `routes.yaml`.
    pub mod pbx = "routes";
}

// Made by `policy!` above: see `crates/core/src/macros.rs`, and then `authorize.rs` there.
#[cfg(feature = "pbx")]
pub use pbx::{authorize, required_scopes};

/// The text that [`pbx::POLICY`] is compiled from, for tools that show it.
#[cfg(feature = "pbx")]
pub const PBX_ROUTES_YAML: &str = include_str!("../routes.yaml");
