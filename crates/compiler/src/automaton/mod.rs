//! Builds the minimal deterministic automaton over path segments.
//!
//! The subset construction turns the templates' trie, an NFA, into a DFA: each state
//! is the set of trie nodes that one path is at, so matching never backtracks.
//! Minimising then merges the states that no path can tell apart.
//!
//! Rule 7 refuses paths and never changes which template wins. Therefore a template
//! stays in the active set when it takes a segment as a value that resembles a
//! literal or an affix, or contains a colon where the policy forbids it. The set records that
//! segment, and the path is refused for it if the
//! template wins. The construction handles only segments that are literals or affixes
//! themselves; the matcher recognises other lookalikes by the labels of the state.

pub(crate) mod lint;
pub(crate) mod no_tables;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use routescope_core::__private::{MAX_AFFIXES, has_windows_wildcard, normalized};

use crate::automaton::no_tables::{NoTables, OverLimit};
use crate::model::Model;
use crate::model::affixes::{as_read, first_clash, prefix_and_suffix};
use crate::model::template::Segment;
use crate::model::trie::Trie;

/// The number of no state.
pub(crate) const NONE: u32 = u32::MAX;

/// All states together may have this many active templates for each segment of the
/// templates, plus a base. Templates without overlaps need one for each segment, and
/// 5,203 real routes with overlaps need 1.1. Templates that multiply need a state for
/// every set of them, which these limits stop early.
const MAX_ACTIVE_PER_SEGMENT: usize = 3;
const MAX_ACTIVE_BASE: usize = 1 << 16;

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

/// Builds the automaton of a model's templates. Accepting states name a template by
/// its index.
pub(crate) fn build(model: &Model, limit: usize) -> Result<SegmentAutomaton, NoTables> {
    let trie = Trie::new(
        model.templates.iter().map(|listing| &listing.template),
        model.options,
    );
    let determinized = determinize(model, &trie, limit)?;
    let states = in_order(&minimise(&determinized));
    Ok(SegmentAutomaton { states })
}

/// An element of an active set: an NFA state that the path is in.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
struct Active {
    state: NfaState,
    /// The first segment that was taken as a value on the way and for which the path is refused.
    refused: Option<u8>,
}

#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
enum NfaState {
    /// A node of the trie.
    Node(usize),
    /// The catch-all of a template, which has taken the last segment.
    CatchAll(usize),
}

impl Active {
    /// The same element after a transition.
    fn moved_to(self, state: NfaState) -> Self {
        Self { state, ..self }
    }

    /// The same element after it took segment `depth` as a value for which the path is
    /// refused, if it is. The first such segment counts.
    fn refused_if(self, refused: bool, depth: u8) -> Self {
        Self {
            refused: self.refused.or(refused.then_some(depth)),
            ..self
        }
    }
}

/// The active sets of the subset construction, each with the number of its state.
struct ActiveSets<'t> {
    numbers: HashMap<Vec<Active>, u32>,
    sets: Vec<Vec<Active>>,
    trie: &'t Trie,
    /// The number of templates that go on from the elements of all sets, and its limit.
    active: usize,
    max_active: usize,
    max_sets: usize,
}

impl ActiveSets<'_> {
    fn number(&mut self, mut set: Vec<Active>) -> Result<u32, NoTables> {
        set.sort_unstable();
        set.dedup();
        if let Some(&known) = self.numbers.get(&set) {
            return Ok(known);
        }
        let active = set.iter().map(|active| match active.state {
            NfaState::Node(node) => self.trie.nodes[node].templates,
            NfaState::CatchAll(_) => 1,
        });
        self.active += active.sum::<usize>();
        if self.active > self.max_active {
            return Err(NoTables::Multiplies(self.examples(&set)));
        }
        let fresh = u32::try_from(self.sets.len()).ok();
        let fresh = fresh.filter(|_| self.sets.len() < self.max_sets);
        let fresh = fresh.ok_or(OverLimit {
            what: "states",
            limit: self.max_sets,
        })?;
        self.numbers.insert(set.clone(), fresh);
        self.sets.push(set);
        Ok(fresh)
    }

    /// The templates of the largest active set: one path is at all of them at once.
    fn examples(&self, last: &[Active]) -> Vec<usize> {
        let sets = self.sets.iter().map(Vec::as_slice).chain([last]);
        let most = sets.max_by_key(|set| set.len()).unwrap_or_default();
        let templates: BTreeSet<usize> = most
            .iter()
            .filter_map(|active| template_of(self.trie, active.state))
            .collect();
        templates.into_iter().collect()
    }
}

/// A template that goes on from an NFA state.
fn template_of(trie: &Trie, state: NfaState) -> Option<usize> {
    match state {
        NfaState::Node(node) => trie.first_below(node),
        NfaState::CatchAll(template) => Some(template),
    }
}

fn determinize(model: &Model, trie: &Trie, limit: usize) -> Result<Vec<State>, NoTables> {
    let segments = model.templates.iter().map(|listing| &listing.template);
    let segments: usize = segments.map(|template| template.segments.len() + 1).sum();
    let mut sets = ActiveSets {
        numbers: HashMap::new(),
        sets: Vec::new(),
        trie,
        active: 0,
        max_active: MAX_ACTIVE_BASE + MAX_ACTIVE_PER_SEGMENT * segments,
        max_sets: limit,
    };
    let start = Active {
        state: NfaState::Node(0),
        refused: None,
    };
    sets.number(vec![start])?;
    let mut states = Vec::new();
    while let Some(set) = sets.sets.get(states.len()).cloned() {
        let Alternatives {
            literals,
            affixes,
            wildcard,
            depth,
        } = Alternatives::of(&set, trie);
        let template = |active: &Active| template_of(trie, active.state).unwrap_or_default();
        if affixes.len() > MAX_AFFIXES {
            return Err(NoTables::OverLimit(OverLimit {
                what: "parameters at one place that text before or behind them tells apart",
                limit: MAX_AFFIXES,
            }));
        }
        if let Some((a, b, value)) = first_clash(affixes.keys()) {
            let first = |affix: &Segment| affixes[affix].first().map_or(0, template);
            return Err(NoTables::AffixesClash {
                a: first(a),
                b: first(b),
                value,
            });
        }
        let value = wildcard
            .first()
            .or_else(|| affixes.values().flatten().next());
        if let Some(value) = value
            && let Some((label, actives)) = literals.iter().find(|(label, _)| !is_ascii(label))
        {
            return Err(NoTables::NotAscii {
                literal: actives.first().map_or(0, template),
                value: template(value),
                label: (*label).to_owned(),
            });
        }
        let no_colon = model.options.forbids_colons();
        let resembling = resembling(literals.keys().copied());
        let mut edges = Vec::with_capacity(literals.len());
        for (label, mut targets) in literals {
            let resembles = resembling.contains(label)
                || affixes.keys().any(|affix| is_resembled_by(affix, label));
            for (affix, actives) in &affixes {
                if let Some(value) = affix.value_of(label) {
                    let refused = resembles || no_colon && value.contains(':');
                    targets.extend(actives.iter().map(|taken| taken.refused_if(refused, depth)));
                }
            }
            let refused = resembles || no_colon && label.contains(':');
            targets.extend(
                wildcard
                    .iter()
                    .map(|taken| taken.refused_if(refused, depth)),
            );
            edges.push((label.to_owned(), sets.number(targets)?));
        }
        let mut affix_edges = Vec::with_capacity(affixes.len());
        for (affix, mut targets) in affixes {
            let (prefix, suffix) = prefix_and_suffix(&affix);
            let refused = no_colon && (prefix.contains(':') || suffix.contains(':'));
            targets.extend(
                wildcard
                    .iter()
                    .map(|taken| taken.refused_if(refused, depth)),
            );
            affix_edges.push((affix, sets.number(targets)?));
        }
        let wildcard = if wildcard.is_empty() {
            NONE
        } else {
            sets.number(wildcard)?
        };
        states.push(State {
            literals: edges,
            affixes: affix_edges,
            wildcard,
            accepts: accepts_of(model, &set, |state| end(trie, state, false)),
            accepts_slash: accepts_of(model, &set, |state| end(trie, state, true)),
        });
    }
    Ok(states)
}

/// The targets of an active set: by a literal, by an affix, and by any segment.
struct Alternatives<'t> {
    literals: BTreeMap<&'t str, Vec<Active>>,
    affixes: BTreeMap<Segment, Vec<Active>>,
    wildcard: Vec<Active>,
    /// The segments taken so far. A set of catch-alls has several depths, and needs none,
    /// because it has neither literals nor affixes.
    depth: u8,
}

impl<'t> Alternatives<'t> {
    fn of(set: &[Active], trie: &'t Trie) -> Self {
        let mut this = Self {
            literals: BTreeMap::new(),
            affixes: BTreeMap::new(),
            wildcard: Vec::new(),
            depth: 0,
        };
        for &active in set {
            let node = match active.state {
                NfaState::CatchAll(_) => {
                    this.wildcard.push(active);
                    continue;
                }
                NfaState::Node(node) => &trie.nodes[node],
            };
            this.depth = node.depth;
            let parameter = node.parameter.map(NfaState::Node);
            let catch_all = node.catch_all.map(NfaState::CatchAll);
            let taking = parameter.into_iter().chain(catch_all);
            this.wildcard
                .extend(taking.map(|state| active.moved_to(state)));
            for (label, &child) in &node.literals {
                let child = active.moved_to(NfaState::Node(child));
                this.literals.entry(label).or_default().push(child);
            }
            for (affix, &child) in &node.affixes {
                let child = active.moved_to(NfaState::Node(child));
                this.affixes.entry(affix.clone()).or_default().push(child);
            }
        }
        this
    }
}

/// Whether a label resembles an affix that does not take it.
fn is_resembled_by(affix: &Segment, label: &str) -> bool {
    !affix.takes(label) && as_read(affix).is_resembled_by(label.as_bytes())
}

/// Whether a literal is ASCII once decoded: no escape begins with `8` or more.
fn is_ascii(label: &str) -> bool {
    !label.split('%').skip(1).any(|escape| escape >= "8")
}

/// The labels of a state that resemble another one of it.
fn resembling<'l>(labels: impl Iterator<Item = &'l str>) -> HashSet<&'l str> {
    let labels: Vec<&str> = labels.collect();
    let mut alike: HashMap<Vec<u8>, Vec<&str>> = HashMap::new();
    for label in &labels {
        let reading = normalized(label.as_bytes()).collect();
        alike.entry(reading).or_default().push(label);
    }
    let alike = alike.into_values().filter(|labels| labels.len() > 1);
    let wildcards = labels.iter().copied().filter(|_| labels.len() > 1);
    let wildcards = wildcards.filter(|label| has_windows_wildcard(label.as_bytes()));
    alike.flatten().chain(wildcards).collect()
}

fn end(trie: &Trie, state: NfaState, slash: bool) -> Option<usize> {
    match state {
        NfaState::CatchAll(template) => Some(template),
        NfaState::Node(node) if slash => trie.nodes[node].end_slash,
        NfaState::Node(node) => trie.nodes[node].end,
    }
}

/// Picks the most specific of the templates that end here, unless one of its values
/// resembles a literal.
fn accepts_of(model: &Model, set: &[Active], end: impl Fn(NfaState) -> Option<usize>) -> Accepts {
    let ending = set
        .iter()
        .filter_map(|active| Some((end(active.state)?, active.refused)));
    let template = |index: usize| &model.templates[index].template;
    match ending.min_by(|(a, _), (b, _)| template(*a).precedence(template(*b))) {
        None => Accepts::None,
        Some((template, None)) => Accepts::Template(template),
        Some((_, Some(segment))) => Accepts::Refused(segment),
    }
}

/// Merges equivalent states from the leaves up: two states are one if they accept
/// alike and have the same transitions. The only loops are from a state to itself.
fn minimise(states: &[State]) -> Vec<State> {
    /// Stands for "to itself" while a state has no number yet.
    const ITSELF: u32 = NONE - 1;
    let mut merged: Vec<State> = Vec::new();
    let mut numbers: HashMap<State, u32> = HashMap::new();
    let mut new = vec![NONE; states.len()];
    for old in leaves_first(states) {
        let State {
            literals,
            affixes,
            wildcard,
            accepts,
            accepts_slash,
        } = &states[old];
        let state = State {
            literals: literals
                .iter()
                .map(|(label, target)| (label.clone(), new[*target as usize]))
                .collect(),
            affixes: affixes
                .iter()
                .map(|(affix, target)| (affix.clone(), new[*target as usize]))
                .collect(),
            wildcard: match *wildcard {
                NONE => NONE,
                target if target as usize == old => ITSELF,
                target => new[target as usize],
            },
            accepts: *accepts,
            accepts_slash: *accepts_slash,
        };
        // A state with the transitions of a loop that leads into the loop is the loop.
        if merged.get(state.wildcard as usize) == Some(&state) {
            new[old] = state.wildcard;
            continue;
        }
        new[old] = *numbers.entry(state).or_insert_with_key(|state| {
            let number = u32::try_from(merged.len()).unwrap_or(NONE);
            let mut state = state.clone();
            if state.wildcard == ITSELF {
                state.wildcard = number;
            }
            merged.push(state);
            number
        });
    }
    // The start comes last from the leaves; `in_order` begins with it.
    merged.reverse();
    let last = u32::try_from(merged.len()).unwrap_or(NONE).wrapping_sub(1);
    for state in &mut merged {
        let literals = state.literals.iter_mut().map(|(_, target)| target);
        let affixes = state.affixes.iter_mut().map(|(_, target)| target);
        for target in literals.chain(affixes).chain([&mut state.wildcard]) {
            if *target != NONE {
                *target = last - *target;
            }
        }
    }
    merged
}

/// Numbers the reachable states in topological order. The order depends on labels
/// alone, so that the same policy gives the same bytes.
fn in_order(states: &[State]) -> Vec<State> {
    let mut order = leaves_first(states);
    order.reverse();
    let mut new = vec![NONE; states.len()];
    for (number, &old) in order.iter().enumerate() {
        new[old] = u32::try_from(number).unwrap_or(NONE);
    }
    let renumbered = |target: u32| {
        if target == NONE {
            NONE
        } else {
            new[target as usize]
        }
    };
    order
        .iter()
        .map(|&old| State {
            literals: states[old]
                .literals
                .iter()
                .map(|(label, target)| (label.clone(), renumbered(*target)))
                .collect(),
            affixes: states[old]
                .affixes
                .iter()
                .map(|(affix, target)| (affix.clone(), renumbered(*target)))
                .collect(),
            wildcard: renumbered(states[old].wildcard),
            ..states[old]
        })
        .collect()
}

/// Lists the states depth-first from the start, each after all of its targets. The
/// recursion is as deep as the longest template, at most `MAX_SEGMENTS`.
fn leaves_first(states: &[State]) -> Vec<usize> {
    fn visit(states: &[State], at: usize, seen: &mut [bool], order: &mut Vec<usize>) {
        if std::mem::replace(&mut seen[at], true) {
            return;
        }
        let state = &states[at];
        // Backwards, so that the reversed order has the labels forwards.
        for target in state.targets().collect::<Vec<_>>().into_iter().rev() {
            visit(states, target as usize, seen, order);
        }
        order.push(at);
    }
    let mut order = Vec::with_capacity(states.len());
    visit(states, 0, &mut vec![false; states.len()], &mut order);
    order
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
