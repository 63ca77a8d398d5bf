//! The text of a `routes.yaml`: read, parsed, and shown again beside its problems.

pub mod document;
pub(crate) mod parse;
pub(crate) mod size;
pub(crate) mod slips;

pub use routescope_source::yaml;
pub(crate) use routescope_source::{report, suggest};
