//! The proof that tables and file agree.
//!
//! It visits every pair of a table state and a set of active templates that some path
//! leads to, and compares the two sides at each: the transition by every kind of
//! segment, and the winner if the path ends. There are finitely many pairs, and
//! finitely many kinds of segments: the literals named on either side, the segments
//! that an affix such as `{id}:cancel` takes, the segments that some system reads as these, and
//! all others, which neither side can tell apart and one fresh segment represents.
//!
//! The tables are asked through `Tables::step`, the code that runs. The model is read
//! template by template, without trie or automaton, and with a second definition of precedence. So a fault
//! in either of those, in minimising, in the layout or in the hash shows here.
//!
//! The proof also compares the parts of a policy that no path shows: names, options, the
//! key's form, the digest, the scopes and the order in which a route accepts them.
//!
//! `needs` says what each route needs a second time, and `held_sets` asks the engine with sets of
//! scopes. `proof` holds the state of a proof. `policy` compares the parts that no path shows, `paths` the
//! pairs, `alternatives` the file's side of a transition, `endings` the winners. `segment_view` reads the tables by segment, and `spelling` is rule
//! 7 a second time.

mod active_set;
mod alternatives;
mod difference;
mod endings;
mod held_sets;
mod needs;
mod paths;
mod policy;
mod proof;
pub(crate) mod segment_view;
pub(crate) mod spelling;
#[cfg(test)]
mod tests;

use routescope_core::Policy;

use crate::model::Model;
pub use crate::verify::difference::{Difference, Proved};
use crate::verify::needs::Needs;
#[cfg(test)]
pub(crate) use crate::verify::paths::{NO_SUCH_SEGMENT, NO_WAY_ON, WHATEVER_FOLLOWS};
use crate::verify::proof::Proof;

/// Compares the tables of `policy` with `model`, completely.
///
/// # Errors
///
/// The first difference found, with a path that shows it.
///
/// Cost: proportional to the pairs, which for tables without overlaps are as
/// many as the nodes of a trie of the templates.
pub fn prove(model: &Model, policy: Policy<'_>) -> Result<Proved, Difference> {
    let mut proof = Proof::new(model, policy.tables());
    proof.settings(policy)?;
    proof.scopes(policy)?;
    let needs = Needs::new(model);
    proof.listings(policy, &needs)?;
    proof.held_sets(policy, &needs)?;
    proof.paths()
}

/// The part of [`prove`] that is about paths.
#[cfg(test)]
pub(crate) fn prove_paths(model: &Model, policy: Policy<'_>) -> Result<Proved, Difference> {
    Proof::new(model, policy.tables()).paths()
}
