//! The text of a `routes.yaml`: read, parsed, and shown again beside its problems.

pub mod document;
pub(crate) mod parse;
pub(crate) mod report;
pub(crate) mod size;
pub(crate) mod slips;
pub(crate) mod suggest;
pub mod yaml;
