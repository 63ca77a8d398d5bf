//! Templates -> a deterministic automaton over segments, as small as can be.
//!
//! A state of the subset construction is the set of trie nodes that some path
//! leads to at once, so that the walk never has to come back for the ones it
//! left. Minimising then merges states that no path can tell apart.

use std::collections::{BTreeMap, HashMap};

use routescope_core::table::NONE;

use crate::model::Model;
use crate::trie::Trie;

/// More states than the tables can hold.
#[derive(Debug)]
pub(crate) struct TooManyStates;

/// Most members of all sets together: half a gibibyte of them.
const MAX_MEMBERS: usize = 1 << 25;

/// A state; row 0 is the start, and every edge but a loop leads to a later one.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct State {
    /// By label, in byte order.
    pub(crate) literals: Vec<(String, u32)>,
    /// Where any other segment leads, or [`NONE`].
    pub(crate) other: u32,
    /// The template that wins without a trailing slash, or [`NONE`].
    pub(crate) end: u32,
    /// The one that wins with it, or [`NONE`].
    pub(crate) end_slash: u32,
}

/// Builds the automaton of a model's templates, which its ends name by index.
pub(crate) fn build(model: &Model, limit: usize) -> Result<Vec<State>, TooManyStates> {
    let trie = Trie::new(
        model.templates.iter().map(|listing| &listing.template),
        model.options,
    );
    let determined = determine(model, &trie, limit)?;
    Ok(in_order(&minimise(&determined)))
}

/// What is alive after some segments.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
enum Alive {
    /// A place in the trie.
    At(usize),
    /// A template whose catch-all has taken the last segment.
    Within(usize),
}

fn determine(model: &Model, trie: &Trie, limit: usize) -> Result<Vec<State>, TooManyStates> {
    let mut numbers: HashMap<Vec<Alive>, u32> = HashMap::new();
    let mut sets: Vec<Vec<Alive>> = Vec::new();
    let mut members = 0;
    let mut number = |mut set: Vec<Alive>, sets: &mut Vec<Vec<Alive>>| {
        set.sort_unstable();
        set.dedup();
        if let Some(&known) = numbers.get(&set) {
            return Ok(known);
        }
        // Minimising may merge what overlaps multiply; memory must last till then.
        members += set.len();
        if sets.len() == limit || members > MAX_MEMBERS {
            return Err(TooManyStates);
        }
        let fresh = u32::try_from(sets.len()).map_err(|_| TooManyStates)?;
        numbers.insert(set.clone(), fresh);
        sets.push(set);
        Ok(fresh)
    };
    number(vec![Alive::At(0)], &mut sets)?;
    let mut states = Vec::new();
    while let Some(set) = sets.get(states.len()).cloned() {
        // What goes on with any segment, and what with a certain one besides.
        let mut any = Vec::new();
        let mut literals: BTreeMap<&str, Vec<Alive>> = BTreeMap::new();
        for &alive in &set {
            match alive {
                Alive::Within(_) => any.push(alive),
                Alive::At(node) => {
                    let node = &trie.nodes[node];
                    any.extend(node.parameter.map(Alive::At));
                    any.extend(node.catch_all.map(Alive::Within));
                    for (label, &child) in &node.literals {
                        literals.entry(label).or_default().push(Alive::At(child));
                    }
                }
            }
        }
        let mut spellings: HashMap<String, usize> = HashMap::new();
        if !model.options.case_insensitive {
            for label in literals.keys() {
                *spellings.entry(label.to_ascii_lowercase()).or_default() += 1;
            }
        }
        let mut edges = Vec::with_capacity(literals.len());
        for (label, mut targets) in literals {
            // A segment that resembles another literal is no value, even where
            // it is a literal itself.
            if spellings
                .get(&label.to_ascii_lowercase())
                .is_none_or(|&count| count < 2)
            {
                targets.extend_from_slice(&any);
            }
            edges.push((label.to_owned(), number(targets, &mut sets)?));
        }
        let other = if any.is_empty() {
            NONE
        } else {
            number(any, &mut sets)?
        };
        states.push(State {
            literals: edges,
            other,
            end: winner(model, &set, |alive| end(trie, alive, false)),
            end_slash: winner(model, &set, |alive| end(trie, alive, true)),
        });
    }
    Ok(states)
}

fn end(trie: &Trie, alive: Alive, slash: bool) -> Option<usize> {
    match alive {
        Alive::Within(template) => Some(template),
        Alive::At(node) if slash => trie.nodes[node].end_slash,
        Alive::At(node) => trie.nodes[node].end,
    }
}

/// The most specific of the templates that end here.
fn winner(model: &Model, set: &[Alive], end: impl Fn(Alive) -> Option<usize>) -> u32 {
    set.iter()
        .filter_map(|&alive| end(alive))
        .min_by(|&a, &b| {
            model.templates[a]
                .template
                .precedence(&model.templates[b].template)
        })
        .and_then(|template| u32::try_from(template).ok())
        .unwrap_or(NONE)
}

/// Merges states from the leaves up: two that end alike and lead to the same
/// states are one. The only loops are of states to themselves.
fn minimise(states: &[State]) -> Vec<State> {
    /// Stands for "to itself" while a state has no number yet.
    const ITSELF: u32 = NONE - 1;
    let mut merged: Vec<State> = Vec::new();
    let mut numbers: HashMap<State, u32> = HashMap::new();
    let mut new = vec![NONE; states.len()];
    for old in leaves_first(states) {
        let State {
            literals,
            other,
            end,
            end_slash,
        } = &states[old];
        let state = State {
            literals: literals
                .iter()
                .map(|(label, target)| (label.clone(), new[*target as usize]))
                .collect(),
            other: match *other {
                NONE => NONE,
                target if target as usize == old => ITSELF,
                target => new[target as usize],
            },
            end: *end,
            end_slash: *end_slash,
        };
        // One more turn of a loop is the loop.
        if merged.get(state.other as usize) == Some(&state) {
            new[old] = state.other;
            continue;
        }
        new[old] = *numbers.entry(state).or_insert_with_key(|state| {
            let number = u32::try_from(merged.len()).unwrap_or(NONE);
            let mut state = state.clone();
            if state.other == ITSELF {
                state.other = number;
            }
            merged.push(state);
            number
        });
    }
    // The start comes last from the leaves; `in_order` begins with it.
    merged.reverse();
    let last = u32::try_from(merged.len()).unwrap_or(NONE).wrapping_sub(1);
    for state in &mut merged {
        for target in state
            .literals
            .iter_mut()
            .map(|(_, target)| target)
            .chain([&mut state.other])
        {
            if *target != NONE {
                *target = last - *target;
            }
        }
    }
    merged
}

/// The states that the start leads to, numbered so that targets come later.
/// The order depends on labels alone.
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
            other: renumbered(states[old].other),
            ..states[old]
        })
        .collect()
}

/// Depth-first from the start, each state after all that it leads to. Paths are
/// at most `MAX_SEGMENTS` long, and so is the stack.
fn leaves_first(states: &[State]) -> Vec<usize> {
    fn visit(states: &[State], at: usize, seen: &mut [bool], order: &mut Vec<usize>) {
        if std::mem::replace(&mut seen[at], true) {
            return;
        }
        let state = &states[at];
        let targets = state
            .literals
            .iter()
            .map(|(_, target)| *target)
            .chain([state.other]);
        // Backwards, so that the reversed order has the labels forwards.
        for target in targets
            .filter(|target| *target != NONE)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
        {
            visit(states, target as usize, seen, order);
        }
        order.push(at);
    }
    let mut order = Vec::with_capacity(states.len());
    visit(states, 0, &mut vec![false; states.len()], &mut order);
    order
}
