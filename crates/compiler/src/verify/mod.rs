//! The proof that tables say what the file says.
//!
//! Walks the pairs (state of the tables, templates of the model still alive)
//! that any path can lead to, and compares the two at each: where every kind of
//! segment leads, and what wins if the path ends. There are finitely many
//! pairs, and segments fall into finitely many kinds: the literals named on
//! either side, segments that some system reads as these, and all the rest, which
//! neither side can tell apart and one fresh segment stands for.
//!
//! The tables are asked through `Tables::step`, the code that runs; the model
//! is read template by template, without trie or automaton. So a fault in
//! either of those, in minimising, in placing edges or in the hash shows here.
//!
//! What no path shows is compared too: names, options, the key's form, the
//! digest, the scopes and the order in which a route accepts them.

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

/// How much a proof looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Proved {
    /// Pairs of a table state and a set of live templates.
    pub pairs: usize,
    /// Transitions compared.
    pub steps: usize,
}

/// Where tables and file differ: a bug of the compiler, never of the file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// The path that shows it, or the beginning of one. Empty where the
    /// difference is about the policy as a whole.
    pub path: String,
    /// What the file says there.
    pub file: String,
    /// What the tables say.
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
