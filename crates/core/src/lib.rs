//! The engine of routescope: static tables, the walk over them, the path
//! rules, scopes and decisions.
//!
//! `no_std`, no allocator, no dependencies, no `unsafe`, and no panic on any
//! input. A [`Policy`] is a set of index tables that `routescope-compiler`
//! writes from a `routes.yaml`; this crate only reads them. Most programs use
//! the package `routescope`, which re-exports everything here.
//!
//! ```text
//! target ──▶ one look at it, or a walk by runs and values ───▶ template
//!                                                               │
//!                                      method listed on it? ────┤
//!                                      a held scope accepted? ──┴─▶ Decision
//! ```
//!
//! What it does not do: percent-decode, fold case, remove dot segments, match
//! hosts or look at query parameters. A target that would need any of these to
//! be understood is refused, see [`PathRule`].
#![no_std]
#![deny(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects
)]

#[doc(hidden)]
pub mod __private;
#[doc(hidden)]
pub mod automaton;
mod decision;
mod key;
#[doc(hidden)]
pub mod lookalike;
mod macros;
mod method;
pub mod path;
mod policy;
mod route;
mod scope_set;
#[doc(hidden)]
pub mod swar;
mod unicode;

#[doc(hidden)]
pub use __private as generated;
#[doc(hidden)]
pub use automaton as table;
#[doc(hidden)]
pub use automaton::matcher::{BEHIND, Miss, Step};
pub use decision::{Decision, Denial};
pub use key::{Alphabet, KeyFormat};
#[doc(hidden)]
pub use lookalike as segment;
pub use method::{Method, Methods};
pub use path::{BadPath, PathRule};
pub use policy::{Options, Policy};
pub use route::{AcceptedScopes, Route, Scope, Scopes};
#[doc(hidden)]
pub use scope_set::Prepared;
pub use scope_set::{Held, ScopeSet};
#[doc(hidden)]
pub use swar as words;
