// README's links, for rustdoc: the first definition of a link counts, and README's own
// lead nowhere there. Files are found from `target/doc/routescope`.
//! [`Guard`]: crate::Guard
//! [`KeyStore`]: crate::KeyStore
//! [`ApiKey`]: crate::ApiKey
//! [ARCHITECTURE.md]: ../../../ARCHITECTURE.md
//! [crates/ffi]: ../../../crates/ffi/README.md
//! [crates/gateway]: ../../../crates/gateway/README.md
//! [crates/guard]: ../../../crates/guard/README.md
//! [crates/tower]: ../../../crates/tower/README.md
//! [docs/command.md]: ../../../docs/command.md
//! [docs/firmware.md]: ../../../docs/firmware.md
//! [docs/gateways.md]: ../../../docs/gateways.md
//! [docs/guard.md]: ../../../docs/guard.md
//! [docs/performance.md]: ../../../docs/performance.md
//! [docs/reload.md]: ../../../docs/reload.md
//! [docs/tables.md]: ../../../docs/tables.md
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
    AcceptedScopes, AcceptedScopesIter, Allowed, Alphabet, Alternative, AlternativeScopes,
    Alternatives, AlternativesIter, BadPath, BufferTooSmall, By, Case, Challenge, Decision, Denial,
    HeldScopes, KeyDenial, KeyFormat, LoadError, LoadedPolicy, Loader, Method, Methods,
    MethodsIter, PathOptions, PathRule, Policy, PolicySource, Reason, Requirement, Route,
    RouteDenial, Routes, Scope, ScopeSet, Scopes, TrailingSlash, UnknownMethod, UnknownReason,
    Values, path, policy,
};

#[doc(hidden)]
pub use routescope_core::__private;

/// `pbx::scope_set!`, which other crates can use too.
#[cfg(feature = "pbx")]
#[doc(hidden)]
#[macro_export]
macro_rules! __pbx_scope_set {
    ($($scope:ident),* $(,)?) => {
        $crate::pbx::ScopeSet::of($crate::pbx::POLICY, &[$($crate::pbx::scopes::$scope),*])
    };
}

#[cfg(feature = "pbx")]
policy! {
    @module [
        /// The PBX API's policy, compiled from `routes.yaml`.
    ] pub mod pbx = "routes" {
        /// The set of these `scopes`, by their names, in a constant:
        /// `const SERVICE: pbx::ScopeSet = pbx::scope_set![COLLEAGUES_READ, PHONEBOOKS_ALL];`
        pub use crate::__pbx_scope_set as scope_set;
    }
}

// Made by `policy!` above: see `crates/core/src/macros.rs`, and then `authorize.rs` there.
#[cfg(feature = "pbx")]
pub use pbx::{authorize, required_scopes};

/// The text that [`pbx::POLICY`] is compiled from, for tools that show it.
#[cfg(feature = "pbx")]
pub const PBX_ROUTES_YAML: &str = include_str!("../routes.yaml");
