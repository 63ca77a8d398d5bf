//! Templates -> a deterministic automaton over segments, as small as can be.
//!
//! A state of the subset construction is the set of trie nodes that some path
//! leads to at once, so that the walk never has to come back for the ones it
//! left. Minimising then merges states that no path can tell apart.
//!
//! Rule 7 refuses, and never changes which template wins. So a template stays
//! alive where it takes a segment as a value that resembles a literal; only that
//! is kept with it, and is what the path is refused for if that template wins.
//! Here this concerns segments that are literals themselves: any other that
//! resembles one is told while walking, from the labels of the state.

pub(crate) mod compress;
pub(crate) mod lint;
pub(crate) mod no_tables;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use routescope_core::segment;
use routescope_core::table::NONE;

use crate::automaton::no_tables::{NoTables, OverLimit};
use crate::model::Model;
use crate::model::trie::Trie;

/// How many templates may be alive in all states together, for each segment of the
/// templates and besides. Without overlaps one is, for each; of 5,203 real routes that
/// overlap, 1.1. Where some multiply, it is all sets of them.
const ALIVE_PER_SEGMENT: usize = 3;
const ALIVE_BESIDES: usize = 1 << 16;

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
    /// The target of any other segment, or [`NONE`].
    pub(crate) other: u32,
    /// What a path comes to that ends here without a trailing slash.
    pub(crate) end: Accepts,
    /// And with one.
    pub(crate) end_slash: Accepts,
}

/// What a path comes to that ends in a state.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Accepts {
    /// No template matches.
    None,
    /// The most specific template, by its index in the model.
    Template(usize),
    /// The path is refused by rule 7: the most specific template took this segment,
    /// counted from 0, as a value, and it resembles a literal.
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

    /// The target of every segment that is none of the literals. Rule 7 refuses the
    /// ones among them that resemble a literal of this state.
    #[must_use]
    pub fn wildcard(&self) -> Option<usize> {
        (self.other != NONE).then_some(self.other as usize)
    }

    /// What a path comes to that ends here, with a trailing slash or without one.
    #[must_use]
    pub fn accepts(&self, slash: bool) -> Accepts {
        if slash { self.end_slash } else { self.end }
    }
}

/// Builds the automaton of a model's templates, which its ends name by index.
pub(crate) fn build(model: &Model, limit: usize) -> Result<SegmentAutomaton, NoTables> {
    let trie = Trie::new(
        model.templates.iter().map(|listing| &listing.template),
        model.options,
    );
    let determined = determine(model, &trie, limit)?;
    let states = in_order(&minimise(&determined));
    Ok(SegmentAutomaton { states })
}

/// What is alive after some segments.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
struct Alive {
    place: Place,
    /// The first segment that was taken as a value there and resembles a literal.
    refused: Option<u8>,
}

#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
enum Place {
    /// A node of the trie.
    At(usize),
    /// A template whose catch-all has taken the last segment.
    Within(usize),
}

impl Alive {
    /// The same template at its next place.
    fn at(self, place: Place) -> Self {
        Self { place, ..self }
    }

    /// The same, having taken segment `depth` as a value that resembles a literal.
    fn refused_for(self, depth: u8) -> Self {
        Self {
            refused: self.refused.or(Some(depth)),
            ..self
        }
    }
}

/// The sets of the subset construction, each with its number.
struct Sets<'t> {
    numbers: HashMap<Vec<Alive>, u32>,
    sets: Vec<Vec<Alive>>,
    trie: &'t Trie,
    /// How many templates go on from the members of all sets, and how many may.
    alive: usize,
    most_alive: usize,
    most_sets: usize,
}

impl Sets<'_> {
    fn number(&mut self, mut set: Vec<Alive>) -> Result<u32, NoTables> {
        set.sort_unstable();
        set.dedup();
        if let Some(&known) = self.numbers.get(&set) {
            return Ok(known);
        }
        let alive = set.iter().map(|alive| match alive.place {
            Place::At(node) => self.trie.nodes[node].templates,
            Place::Within(_) => 1,
        });
        self.alive += alive.sum::<usize>();
        if self.alive > self.most_alive {
            return Err(NoTables::Multiplies(self.examples(&set)));
        }
        let fresh = u32::try_from(self.sets.len()).ok();
        let fresh = fresh.filter(|_| self.sets.len() < self.most_sets);
        let fresh = fresh.ok_or(OverLimit {
            what: "states",
            limit: self.most_sets,
        })?;
        self.numbers.insert(set.clone(), fresh);
        self.sets.push(set);
        Ok(fresh)
    }

    /// Templates that some path matches as far as it goes: of the set that has the most.
    fn examples(&self, last: &[Alive]) -> Vec<usize> {
        let sets = self.sets.iter().map(Vec::as_slice).chain([last]);
        let most = sets.max_by_key(|set| set.len()).unwrap_or_default();
        let templates: BTreeSet<usize> = most
            .iter()
            .filter_map(|alive| template_of(self.trie, alive.place))
            .collect();
        templates.into_iter().collect()
    }
}

/// A template that goes on from a place.
fn template_of(trie: &Trie, place: Place) -> Option<usize> {
    match place {
        Place::At(node) => trie.first_below(node),
        Place::Within(template) => Some(template),
    }
}

fn determine(model: &Model, trie: &Trie, limit: usize) -> Result<Vec<State>, NoTables> {
    let segments = model.templates.iter().map(|listing| &listing.template);
    let segments: usize = segments.map(|template| template.segments.len() + 1).sum();
    let mut sets = Sets {
        numbers: HashMap::new(),
        sets: Vec::new(),
        trie,
        alive: 0,
        most_alive: ALIVE_BESIDES + ALIVE_PER_SEGMENT * segments,
        most_sets: limit,
    };
    let start = Alive {
        place: Place::At(0),
        refused: None,
    };
    sets.number(vec![start])?;
    let mut states = Vec::new();
    while let Some(set) = sets.sets.get(states.len()).cloned() {
        // What goes on with any segment, and what with a certain one besides.
        let mut any = Vec::new();
        let mut literals: BTreeMap<&str, Vec<Alive>> = BTreeMap::new();
        // How many segments lead here; of catch-alls alone, which have no literals, any.
        let mut depth = 0;
        for &alive in &set {
            match alive.place {
                Place::Within(_) => any.push(alive),
                Place::At(node) => {
                    let node = &trie.nodes[node];
                    depth = node.depth;
                    any.extend(node.parameter.map(|node| alive.at(Place::At(node))));
                    any.extend(node.catch_all.map(|all| alive.at(Place::Within(all))));
                    for (label, &child) in &node.literals {
                        let child = alive.at(Place::At(child));
                        literals.entry(label).or_default().push(child);
                    }
                }
            }
        }
        if let Some(value) = any.first()
            && let Some((label, places)) = literals.iter().find(|(label, _)| !is_ascii(label))
        {
            let template = |alive: &Alive| template_of(trie, alive.place).unwrap_or_default();
            return Err(NoTables::NotAscii {
                literal: places.first().map_or(0, template),
                value: template(value),
                label: (*label).to_owned(),
            });
        }
        let resembling = resembling(literals.keys().copied());
        let mut edges = Vec::with_capacity(literals.len());
        for (label, mut targets) in literals {
            if resembling.contains(label) {
                targets.extend(any.iter().map(|alive| alive.refused_for(depth)));
            } else {
                targets.extend_from_slice(&any);
            }
            edges.push((label.to_owned(), sets.number(targets)?));
        }
        let other = if any.is_empty() {
            NONE
        } else {
            sets.number(any)?
        };
        states.push(State {
            literals: edges,
            other,
            end: winner(model, &set, |place| end(trie, place, false)),
            end_slash: winner(model, &set, |place| end(trie, place, true)),
        });
    }
    Ok(states)
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
        let reading = segment::reading(label.as_bytes()).collect();
        alike.entry(reading).or_default().push(label);
    }
    let alike = alike.into_values().filter(|labels| labels.len() > 1);
    let wildcards = labels.iter().copied().filter(|_| labels.len() > 1);
    let wildcards = wildcards.filter(|label| segment::is_wildcard(label.as_bytes()));
    alike.flatten().chain(wildcards).collect()
}

fn end(trie: &Trie, place: Place, slash: bool) -> Option<usize> {
    match place {
        Place::Within(template) => Some(template),
        Place::At(node) if slash => trie.nodes[node].end_slash,
        Place::At(node) => trie.nodes[node].end,
    }
}

/// The most specific of the templates that end here, if no value of it resembles a
/// literal.
fn winner(model: &Model, set: &[Alive], end: impl Fn(Place) -> Option<usize>) -> Accepts {
    let ending = set
        .iter()
        .filter_map(|alive| Some((end(alive.place)?, alive.refused)));
    let template = |index: usize| &model.templates[index].template;
    match ending.min_by(|(a, _), (b, _)| template(*a).precedence(template(*b))) {
        None => Accepts::None,
        Some((template, None)) => Accepts::Template(template),
        Some((_, Some(segment))) => Accepts::Refused(segment),
    }
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
