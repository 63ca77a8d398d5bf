#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;

mod api_key;
mod guard;

pub use api_key::ApiKey;
pub use guard::{Guard, GuardDecision, KeyStore, StoredKey};
pub use routescope_core::{
    AcceptedScopes, AcceptedScopesIter, Allowed, Alphabet, BadPath, BufferTooSmall, Case,
    Challenge, Decision, Denial, HeldScopes, KeyDenial, KeyFormat, Method, Methods, MethodsIter,
    PathOptions, PathRule, Policy, PolicySource, Reason, Route, RouteDenial, Routes, Scope,
    ScopeSet, Scopes, TrailingSlash, UnknownMethod, UnknownReason, path, policy,
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
