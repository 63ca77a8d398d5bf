//! The engine of routescope: the path rules, the matcher over compiled tables, scopes and
//! decisions.
//!
//! `no_std`, no allocator, no dependencies, no `unsafe`, and no panic on any input. A
//! [`Policy`] is a set of tables that `routescope-compiler` writes from a `routes.yaml`; this
//! crate only reads them. Most programs use the package `routescope`, which re-exports the
//! public items of this crate and adds API keys.
//!
//! ```text
//! target ──▶ exact map, or path rules and automaton ──▶ template
//!                                                        │
//!                               method listed on it? ────┤
//!                               a held scope accepted? ──┴─▶ Decision
//! ```
//!
//! It does not percent-decode, fold case, remove dot segments, match hosts or interpret query
//! parameters. A target that would need any of these to be understood is refused, see
//! [`PathRule`].
//!
//! Features, none of which is on by default: `alloc` lets `Vec`, `Box`, `Rc`, `Arc` and
//! `BTreeSet` stand for held scopes; `serde` serialises methods, reasons and path rules.
#![no_std]
#![deny(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects
)]

#[cfg(feature = "alloc")]
extern crate alloc;

#[doc(hidden)]
pub mod __private;
mod affix;
mod alternative;
mod authorize;
mod automaton;
mod challenge;
mod decision;
mod denial;
mod format;
mod held_scopes;
mod key;
mod load_error;
mod loader;
mod lookalike;
mod macros;
mod method;
mod named;
pub mod path;
mod policy;
mod prepared;
mod requirement;
mod route;
mod scope;
mod scope_set;
#[cfg(feature = "serde")]
mod serde;
mod swar;
mod unicode;

pub use alternative::{Alternative, AlternativeScopes, ClauseScopes};
pub use challenge::{BufferTooSmall, Challenge};
pub use decision::{Allowed, Decision};
pub use denial::{Denial, KeyDenial, Reason, RouteDenial, UnknownReason};
pub use held_scopes::HeldScopes;
pub use key::{Alphabet, KeyFormat};
pub use load_error::LoadError;
pub use loader::{LoadedPolicy, Loader};
pub use method::{Method, Methods, MethodsIter, UnknownMethod};
pub use path::{BadPath, Case, PathOptions, PathRule, TrailingSlash, Values};
pub use policy::{Policy, PolicySource};
pub use requirement::{Alternatives, AlternativesIter, By, Requirement};
pub use route::{AcceptedScopes, AcceptedScopesIter, Route, Routes};
pub use scope::{Scope, Scopes};
pub use scope_set::ScopeSet;
