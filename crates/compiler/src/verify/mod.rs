//! The proof that tables and file agree.
//!
//! It visits every pair of a table state and a set of active templates that some path
//! leads to, and compares the two sides at each: the transition by every kind of
//! segment, and the winner if the path ends. There are finitely many pairs, and
//! finitely many kinds of segments: the literals named on either side, the segments
//! that some system reads as these, and all others, which neither side can tell apart
//! and one fresh segment represents.
//!
//! The tables are asked through `Tables::step`, the code that runs. The model is read
//! template by template, without trie or automaton. So a fault in either of those, in
//! minimising, in the layout or in the hash shows here.
//!
//! The proof also compares the parts of a policy that no path shows: names, options, the
//! key's form, the digest, the scopes and the order in which a route accepts them.

mod active_set;
mod endings;
mod paths;
mod policy;
pub(crate) mod segment_view;
pub(crate) mod spelling;
#[cfg(test)]
mod tests;

use std::fmt;

use routescope_core::Policy;

use crate::model::Model;
use crate::verify::paths::Proof;
#[cfg(test)]
pub(crate) use crate::verify::paths::{NO_SUCH_SEGMENT, NO_WAY_ON, WHATEVER_FOLLOWS};

/// The extent of a proof.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Proved {
    /// The pairs of a table state and a set of active templates.
    pub pairs: usize,
    /// The transitions compared.
    pub steps: usize,
}

/// A difference between tables and file: a bug of the compiler, never of the file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// The path that shows it, or the beginning of one. Empty where the
    /// difference is about the policy as a whole.
    pub path: String,
    /// The file's side.
    pub file: String,
    /// The tables' side.
    pub tables: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "at `{}` ", self.path)?;
        }
        write!(
            f,
            "the file says {}, the tables say {}",
            self.file, self.tables
        )
    }
}

impl std::error::Error for Difference {}

/// Compares the tables of `policy` with `model`, completely.
///
/// # Errors
///
/// The first difference found, with a path that shows it.
///
/// Cost: proportional to the pairs, which for tables without overlaps are as
/// many as the nodes of a trie of the templates.
pub fn prove(model: &Model, policy: &Policy<'_>) -> Result<Proved, Difference> {
    let mut proof = Proof::new(model, policy.tables());
    proof.settings(policy)?;
    proof.scopes(policy)?;
    proof.listings(policy)?;
    proof.paths()
}

/// The part of [`prove`] that is about paths.
#[cfg(test)]
pub(crate) fn prove_paths(model: &Model, policy: &Policy<'_>) -> Result<Proved, Difference> {
    Proof::new(model, policy.tables()).paths()
}
