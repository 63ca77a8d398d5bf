//! The subset construction: from the trie of the templates to a deterministic automaton.
//!
//! Rule 7 refuses paths and never changes which template wins. Therefore a template
//! stays in the active set when it takes a segment as a value that resembles a
//! literal or an affix, or contains a colon where the policy forbids it. The set records that
//! segment, and the path is refused for it if the
//! template wins. The construction handles only segments that are literals or affixes
//! themselves; the matcher recognises other lookalikes by the labels of the state.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use routescope_core::__private::{MAX_AFFIXES, has_windows_wildcard, normalized};

use crate::automaton::no_tables::{NoTables, OverLimit};
use crate::automaton::state::{Accepts, NONE, State};
use crate::model::Model;
use crate::model::affixes::{as_read, first_clash, prefix_and_suffix};
use crate::model::template::Segment;
use crate::model::trie::Trie;

/// All states together may have this many active templates for each segment of the
/// templates, plus a base. Templates without overlaps need one for each segment, and
/// 5,203 real routes with overlaps need 1.1. Templates that multiply need a state for
/// every set of them, which these limits stop early.
const MAX_ACTIVE_PER_SEGMENT: usize = 3;
const MAX_ACTIVE_BASE: usize = 1 << 16;

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

pub(super) fn determinize(
    model: &Model,
    trie: &Trie,
    limit: usize,
) -> Result<Vec<State>, NoTables> {
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
