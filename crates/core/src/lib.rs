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

mod ascii_form;
mod confusable;
mod decision;
mod escape;
mod fault;
#[doc(hidden)]
pub mod generated;
mod glance;
mod key;
mod layout;
mod macros;
mod method;
pub mod path;
#[doc(hidden)]
pub mod path_facts;
mod policy;
mod route;
mod scope;
#[doc(hidden)]
pub mod segment;
pub mod table;
mod unicode_tables;
#[cfg(test)]
mod unicode_tests;
mod walk;
#[doc(hidden)]
pub mod words;

pub use decision::{Decision, Denial};
pub use key::{Alphabet, KeyFormat};
pub use method::{Method, Methods};
pub use path::{BadPath, PathRule};
pub use policy::{Options, Policy};
pub use route::{AcceptedScopes, Route, Scope, Scopes};
#[doc(hidden)]
pub use scope::Prepared;
pub use scope::{Held, ScopeSet};
#[doc(hidden)]
pub use walk::{BEHIND, Miss, Step};
