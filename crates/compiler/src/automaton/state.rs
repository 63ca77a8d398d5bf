//! The states of the automaton, and their transitions.

use crate::model::affixes::prefix_and_suffix;
use crate::model::template::Segment;

/// The number of no state.
pub(crate) const NONE: u32 = u32::MAX;

/// The deterministic automaton over path segments that a policy's tables are laid
/// out from.
///
/// Tools that ask about every path at once read this instead of the tables, whose
/// edges span several segments. Nothing but the decision engine and the proof reads
/// the tables.
///
/// State 0 is the start. Every transition but a loop leads to a state of a greater
/// number; the only loops are those of catch-alls, by the wildcard, to the same
/// state.
///
/// ```
/// use routescope_compiler::automaton::Accepts;
///
/// let source = "version: 1\nname: shop\nscopes:\n  \"orders:read\":\n    routes:\n      - GET /orders/{id}\n";
/// let compiled = routescope_compiler::compile("shop.yaml", source)?;
/// let states = compiled.automaton().states();
/// let orders = states[0].literal("orders").expect("a literal");
/// let id = states[orders].wildcard().expect("a parameter");
/// assert_eq!(states[orders].accepts(false), Accepts::None);
/// assert_eq!(states[id].accepts(false), Accepts::Template(0));
/// # Ok::<(), routescope_compiler::Report>(())
/// ```
#[derive(Clone, Debug)]
pub struct SegmentAutomaton {
    states: Vec<State>,
}

/// A state of a [`SegmentAutomaton`].
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct State {
    /// By label, in byte order.
    pub(crate) literals: Vec<(String, u32)>,
    /// By prefix and suffix, in order. No segment matches two of them.
    pub(crate) affixes: Vec<(Segment, u32)>,
    /// The target of any other segment, or [`NONE`].
    pub(crate) wildcard: u32,
    /// The outcome of a path that ends here without a trailing slash.
    pub(crate) accepts: Accepts,
    /// The outcome of a path that ends here with one.
    pub(crate) accepts_slash: Accepts,
}

/// The outcome of a path that ends in a state.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Accepts {
    /// No template matches.
    None,
    /// The most specific template, by its index in the model.
    Template(usize),
    /// The path is refused: the most specific template took this segment, counted from 0, as a
    /// value, and it resembles a literal or an affix (rule 7) or contains a forbidden colon.
    Refused(u8),
}

impl SegmentAutomaton {
    pub(super) fn new(states: Vec<State>) -> Self {
        Self { states }
    }

    /// The states, by their numbers.
    #[must_use]
    pub fn states(&self) -> &[State] {
        &self.states
    }
}

impl State {
    /// The literals that may follow and their targets, in byte order. Where the
    /// policy ignores case, they are in lower case.
    #[must_use]
    pub fn literals(&self) -> impl ExactSizeIterator<Item = (&str, usize)> {
        let literals = self.literals.iter();
        literals.map(|(label, target)| (label.as_str(), *target as usize))
    }

    /// The target of one literal.
    ///
    /// Cost: a binary search.
    #[must_use]
    pub fn literal(&self, label: &str) -> Option<usize> {
        let found = self
            .literals
            .binary_search_by(|(known, _)| known.as_str().cmp(label));
        found.ok().map(|at| self.literals[at].1 as usize)
    }

    /// The affixes that may follow, as prefix and suffix, and their targets. No segment matches
    /// two of them. Where the policy ignores case, they are in lower case. Rule 7 refuses the
    /// values that resemble a literal of this state, or another affix.
    #[must_use]
    pub fn affixes(&self) -> impl ExactSizeIterator<Item = (&str, &str, usize)> {
        self.affixes.iter().map(|(affix, target)| {
            let (prefix, suffix) = prefix_and_suffix(affix);
            (prefix, suffix, *target as usize)
        })
    }

    /// The target of every segment that is none of the literals and matches none of the affixes.
    /// Rule 7 refuses the ones among them that resemble one of these.
    #[must_use]
    pub fn wildcard(&self) -> Option<usize> {
        (self.wildcard != NONE).then_some(self.wildcard as usize)
    }

    /// The targets of all transitions.
    pub(crate) fn targets(&self) -> impl Iterator<Item = u32> {
        let literals = self.literals.iter().map(|(_, target)| *target);
        let affixes = self.affixes.iter().map(|(_, target)| *target);
        let all = literals.chain(affixes).chain([self.wildcard]);
        all.filter(|target| *target != NONE)
    }

    /// The outcome of a path that ends here, with a trailing slash or without one.
    #[must_use]
    pub fn accepts(&self, slash: bool) -> Accepts {
        if slash {
            self.accepts_slash
        } else {
            self.accepts
        }
    }
}

impl State {
    /// The same state, with another target in the place of each.
    pub(super) fn leading_to(&self, other: impl Fn(u32) -> u32) -> Self {
        let edges = self.literals.iter();
        let affix_edges = self.affixes.iter();
        Self {
            literals: edges
                .map(|(label, target)| (label.clone(), other(*target)))
                .collect(),
            affixes: affix_edges
                .map(|(affix, target)| (affix.clone(), other(*target)))
                .collect(),
            wildcard: match self.wildcard {
                NONE => NONE,
                target => other(target),
            },
            ..*self
        }
    }
}
