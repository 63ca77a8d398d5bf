//! Builds the minimal deterministic automaton over path segments.
//!
//! The subset construction turns the templates' trie, an NFA, into a DFA: each state
//! is the set of trie nodes that one path is at, so matching never backtracks.
//! Minimising then merges the states that no path can tell apart.

mod determinize;
pub(crate) mod lint;
mod minimise;
pub(crate) mod no_tables;
mod state;

use crate::automaton::determinize::determinize;
use crate::automaton::minimise::{in_order, minimise};
use crate::automaton::no_tables::NoTables;
pub(crate) use crate::automaton::state::NONE;
pub use crate::automaton::state::{Accepts, SegmentAutomaton, State};
use crate::model::Model;
use crate::model::trie::Trie;

/// Builds the automaton of a model's templates. Accepting states name a template by
/// its index.
pub(crate) fn build(model: &Model, limit: usize) -> Result<SegmentAutomaton, NoTables> {
    let trie = Trie::new(
        model.templates.iter().map(|listing| &listing.template),
        model.options,
    );
    let determinized = determinize(model, &trie, limit)?;
    let states = in_order(&minimise(&determinized));
    Ok(SegmentAutomaton::new(states))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_named() {
        let source = "version: 1\nname: t\nscopes:\n  \"a:read\":\n    routes:\n      - GET /a/b/c\n      - GET /a/{x}\n";
        let (document, _) = crate::source::parse::parse(source);
        let (model, _) = crate::model::check::check(&document.unwrap(), false);
        match build(&model.unwrap(), 3) {
            Err(NoTables::OverLimit(over)) => assert_eq!((over.what, over.limit), ("states", 3)),
            other => panic!("{other:?}"),
        }
    }
}
