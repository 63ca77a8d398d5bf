//! YAML in which every value has its place, and problems that say where.
//!
//! [`yaml`] reads a text as a tree, [`report`] tells what is wrong with it, and [`suggest`] finds
//! the known name that is nearest to a wrong one.

pub mod report;
pub mod suggest;
pub mod yaml;
