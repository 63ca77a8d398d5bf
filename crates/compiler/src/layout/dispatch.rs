//! Lays out the states of an automaton: in dispatch tables, as alternatives of a parameter, or
//! in the hash table of edges that all other states share; affixes in rows beside these.

use std::collections::{BTreeMap, HashMap};

use routescope_core::__private::{
    Accept, Dispatch, HashedEdge, Lengths, MAX_ALTERNATIVES, MAX_LOOKUPS, MAX_STATES, Outcome,
    SlashPair, State, StateId, StateKind, TextRange, edge_hash, hash, normalized_len,
};
use routescope_core::{Case, PathOptions};

use crate::automaton::no_tables::OverLimit;
use crate::automaton::{Accepts, NONE, State as SegmentState};
use crate::layout::compress::{self, Branch, CompressedState, DispatchTree, Labels};
use crate::layout::perfect_hash::assign_slots;
use crate::layout::string_pool::StringPool;
use crate::model::affixes::prefix_and_suffix;
use crate::model::template::Segment;

/// The rows of a policy's states.
pub(crate) struct StateTables {
    pub(crate) states: Vec<State>,
    pub(crate) slash_pairs: Vec<SlashPair>,
    pub(crate) edge_slots: u32,
    /// The slots, and then the collisions.
    pub(crate) edges: Vec<HashedEdge>,
    pub(crate) edge_displacements: Vec<u16>,
}

const UNUSED_SLOT: HashedEdge = HashedEdge {
    key: HashedEdge::NO_KEY,
    target: StateId::START,
    label: TextRange::EMPTY,
    next_collision: 0,
};

/// Lays out all states of an automaton. `accepts` are the entries of its templates.
pub(crate) fn build(
    automaton: &[SegmentState],
    accepts: &[Accept],
    text: &mut StringPool,
    options: PathOptions,
) -> Result<StateTables, OverLimit> {
    // Where case does not count, only the hash table of edges finds a label.
    let compressed = compress::compress(automaton, options.case == Case::Exact);
    let labels = compressed.values().flat_map(CompressedState::labels);
    text.find_labels(labels.map(|(label, _)| label), options);
    let affixes = compressed.values().flat_map(|state| &state.affixes);
    text.add_affixes(affixes.map(|(affix, _)| prefix_and_suffix(affix)));
    let mut builder = LayoutBuilder {
        compressed: &compressed,
        accepts,
        text,
        options,
        states: Vec::new(),
        slash_pairs: Vec::new(),
        slash_pair_rows: HashMap::new(),
        known: HashMap::new(),
        unlabelled: HashMap::new(),
        hashed_edges: Vec::new(),
        hashed_states: 0,
    };
    builder.unlabelled_state(0);
    let LayoutBuilder {
        states,
        slash_pairs,
        hashed_edges,
        ..
    } = builder;
    if states.len() > MAX_STATES {
        return Err(OverLimit {
            what: "states",
            limit: MAX_STATES,
        });
    }
    let (edge_slots, edges, edge_displacements) = place_edges(hashed_edges)?;
    Ok(StateTables {
        states,
        slash_pairs,
        edge_slots,
        edges,
        edge_displacements,
    })
}

/// The rows that are laid out so far: depth-first, so that states that follow each other on a
/// path are near each other in memory.
struct LayoutBuilder<'a> {
    compressed: &'a BTreeMap<u32, CompressedState>,
    accepts: &'a [Accept],
    text: &'a StringPool,
    options: PathOptions,
    states: Vec<State>,
    slash_pairs: Vec<SlashPair>,
    slash_pair_rows: HashMap<SlashPair, u32>,
    /// The states by their numbers in the automaton, without labels.
    known: HashMap<u32, State>,
    /// The rows of states that no label leads to.
    unlabelled: HashMap<u32, u32>,
    hashed_edges: Vec<(HashedEdge, &'a String)>,
    hashed_states: u32,
}

impl<'a> LayoutBuilder<'a> {
    /// The row of a state that no label leads to.
    fn unlabelled_state(&mut self, number: u32) -> StateId {
        if let Some(&row) = self.unlabelled.get(&number) {
            return StateId::new(row);
        }
        let row = self.reserve(1);
        // Known before it is filled, because a catch-all leads to itself.
        self.unlabelled.insert(number, row);
        self.states[row as usize] = self.state(number);
        StateId::new(row)
    }

    /// A state without a label.
    fn state(&mut self, number: u32) -> State {
        if let Some(&state) = self.known.get(&number) {
            return state;
        }
        let source = &self.compressed[&number];
        let accept = self.accept(source.accepts, source.accepts_slash);
        let kind = match &source.labels {
            Labels::Tree(tree) => StateKind::Static(self.dispatch(tree)),
            Labels::List(labels) if !source.affixes.is_empty() => {
                self.affixes(&source.affixes, labels, source.wildcard)
            }
            Labels::List(labels) if labels.is_empty() => match source.wildcard {
                NONE => State::UNUSED.kind,
                wildcard => self.param(wildcard),
            },
            Labels::List(labels) => self.literals_or_param(labels, source.wildcard),
        };
        let state = State {
            label: TextRange::EMPTY,
            accept,
            kind,
        };
        self.known.insert(number, state);
        state
    }

    fn literals_or_param(&mut self, labels: &'a [(String, u32)], wildcard: u32) -> StateKind {
        if wildcard != NONE && self.are_few(labels) {
            self.static_or_param(labels, wildcard)
        } else {
            self.hashed(labels, wildcard)
        }
    }

    /// Affixes can follow. The literals and the parameter beside them get a row of the kind that
    /// they would have alone.
    fn affixes(
        &mut self,
        affixes: &'a [(Segment, u32)],
        labels: &'a [(String, u32)],
        wildcard: u32,
    ) -> StateKind {
        let first = self.reserve(affixes.len());
        for (row, (affix, target)) in (first..).zip(affixes) {
            let (prefix, suffix) = prefix_and_suffix(affix);
            self.states[row as usize] = State {
                label: self.text.of_affix(prefix, suffix),
                accept: Accept::NONE,
                kind: StateKind::AffixEdge {
                    prefix_len: prefix.len() as u8,
                    target: self.unlabelled_state(*target),
                },
            };
        }
        let inner = match (labels, wildcard) {
            ([], NONE) => StateId::DEAD,
            _ => {
                let row = self.reserve(1);
                self.states[row as usize].kind = match labels {
                    [] => StateKind::Param {
                        next: self.unlabelled_state(wildcard),
                    },
                    labels => self.literals_or_param(labels, wildcard),
                };
                StateId::new(row)
            }
        };
        StateKind::Affixes {
            first,
            // The automaton has no more at one place.
            count: affixes.len() as u8,
            inner,
        }
    }

    /// Only a parameter can follow. The state after it may fit into the same row, unless the
    /// matcher must look at values.
    fn param(&mut self, wildcard: u32) -> StateKind {
        let after = &self.compressed[&wildcard];
        let tree = match &after.labels {
            _ if self.options.forbids_colons() || !after.affixes.is_empty() => {
                let next = self.unlabelled_state(wildcard);
                return StateKind::Param { next };
            }
            Labels::Tree(tree) => Some(tree),
            Labels::List(labels) if labels.is_empty() && after.wildcard == NONE => None,
            Labels::List(_) => {
                let next = self.unlabelled_state(wildcard);
                return StateKind::Param { next };
            }
        };
        let after_param = self.accept(after.accepts, after.accepts_slash);
        let dispatch = tree.map_or(Dispatch::EMPTY, |tree| self.dispatch(tree));
        StateKind::ParamThenStatic {
            after_param,
            dispatch,
        }
    }

    /// Lays out a tree of dispatch tables and returns its root.
    fn dispatch(&mut self, tree: &'a DispatchTree) -> Dispatch {
        let first = self.reserve(1 << tree.dispatch.log2_rows);
        for (at, branch) in &tree.rows {
            self.states[first as usize + at] = match branch {
                Branch::Label((label, target)) => self.state_with_label(label, *target),
                Branch::Node(tree) => State {
                    kind: StateKind::Dispatch(self.dispatch(tree)),
                    ..State::UNUSED
                },
            };
        }
        Dispatch {
            first,
            ..tree.dispatch
        }
    }

    fn static_or_param(&mut self, labels: &'a [(String, u32)], wildcard: u32) -> StateKind {
        let first = self.reserve(labels.len());
        for (row, (label, target)) in (first..).zip(labels) {
            self.states[row as usize] = self.state_with_label(label, *target);
        }
        StateKind::StaticOrParam {
            first,
            count: labels.len() as u8,
            lengths: lengths(labels),
            param: self.unlabelled_state(wildcard),
        }
    }

    fn hashed(&mut self, labels: &'a [(String, u32)], wildcard: u32) -> StateKind {
        let key = self.hashed_states;
        self.hashed_states += 1;
        for (literal, target) in labels {
            let edge = HashedEdge {
                key,
                target: self.unlabelled_state(*target),
                label: self.text.of_label(literal),
                next_collision: 0,
            };
            self.hashed_edges.push((edge, literal));
        }
        StateKind::Hashed {
            key,
            lengths: lengths(labels),
            param: match wildcard {
                NONE => StateId::DEAD,
                wildcard => self.unlabelled_state(wildcard),
            },
        }
    }

    fn state_with_label(&mut self, label: &str, target: u32) -> State {
        let label = self.text.of_label(label);
        State {
            label,
            ..self.state(target)
        }
    }

    /// Encodes the accepting entries for paths that end at a state.
    fn accept(&mut self, without_slash: Accepts, with_slash: Accepts) -> Accept {
        let template = |template: usize| {
            let accept = self.accepts.get(template);
            accept.copied().unwrap_or(Accept::NONE)
        };
        match (without_slash, with_slash) {
            (Accepts::None, Accepts::None) => Accept::NONE,
            (Accepts::Template(a), Accepts::None) => template(a).when(true, false),
            (Accepts::None, Accepts::Template(b)) => template(b).when(false, true),
            (Accepts::Template(a), Accepts::Template(b)) if a == b => template(a).when(true, true),
            (a, b) => {
                let outcome = |winner: Accepts| match winner {
                    Accepts::None => Outcome::NoMatch,
                    Accepts::Template(number) => match template(number) {
                        Accept::NONE => Outcome::NoMatch,
                        accept => Outcome::Accept(accept),
                    },
                    Accepts::Refused(segment) => Outcome::Refused {
                        segment: segment.into(),
                    },
                };
                let pair = SlashPair {
                    without_slash: outcome(a),
                    with_slash: outcome(b),
                };
                let fresh = self.slash_pairs.len() as u32;
                let row = *self.slash_pair_rows.entry(pair).or_insert(fresh);
                if row == fresh {
                    self.slash_pairs.push(pair);
                }
                Accept::slash_pair(row)
            }
        }
    }

    /// Adds unused rows.
    fn reserve(&mut self, rows: usize) -> u32 {
        let first = self.states.len();
        self.states.resize(first + rows, State::UNUSED);
        // The number of rows is checked in the end; until then memory suffices.
        u32::try_from(first).unwrap_or(u32::MAX)
    }

    /// Whether the static alternatives of a parameter are compared one by one.
    fn are_few(&self, labels: &[(String, u32)]) -> bool {
        labels.len() <= MAX_ALTERNATIVES.into() && self.options.case == Case::Exact
    }
}

fn lengths(labels: &[(String, u32)]) -> Lengths {
    labels.iter().fold(Lengths::NONE, |lengths, (label, _)| {
        lengths.with(normalized_len(label.as_bytes()))
    })
}

fn place_edges(
    edges: Vec<(HashedEdge, &String)>,
) -> Result<(u32, Vec<HashedEdge>, Vec<u16>), OverLimit> {
    // Labels that share state and hash collide: one of them gets the slot.
    let mut by_hash: BTreeMap<(u32, u64), Vec<HashedEdge>> = BTreeMap::new();
    for (edge, literal) in edges {
        let hash = (edge.key, hash(literal.as_bytes()));
        by_hash.entry(hash).or_default().push(edge);
    }
    let keys = by_hash.keys();
    let hashes: Vec<u64> = keys.map(|&(key, hash)| edge_hash(key, hash)).collect();
    let placement = assign_slots(&hashes).ok_or(OverLimit {
        what: "edges that can be told apart",
        limit: hashes.len(),
    })?;
    let mut rows = vec![UNUSED_SLOT; placement.slots as usize];
    let mut collisions: Vec<HashedEdge> = Vec::new();
    for (colliding, &slot) in by_hash.into_values().zip(&placement.slot_of) {
        if colliding.len() > MAX_LOOKUPS {
            return Err(OverLimit {
                what: "labels that differ only in spelling",
                limit: MAX_LOOKUPS,
            });
        }
        // The first gets the slot. Each names the one after it.
        let (base, last) = (collisions.len(), colliding.len() - 1);
        for (i, mut edge) in colliding.into_iter().enumerate() {
            if i < last {
                let limit = u16::MAX.into();
                edge.next_collision = u16::try_from(base + i + 1).map_err(|_| OverLimit {
                    what: "labels that differ only in spelling",
                    limit,
                })?;
            }
            if i == 0 {
                rows[slot as usize] = edge;
            } else {
                collisions.push(edge);
            }
        }
    }
    rows.append(&mut collisions);
    Ok((placement.slots, rows, placement.displacements))
}
