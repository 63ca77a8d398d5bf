//! A sound policy, and the questions that tell another policy from it without the proof.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use routescope_core::__private::{
    Features, HashedEdge, Outcome as MatchOutcome, SlashPair, State, StateId, StateKind, Tables,
    TextRange,
};
use routescope_core::path::check_segment;
use routescope_core::{Method, Policy};

use super::accepts::EntryOf;
use super::faults::Fault;
use super::planted::param;
use super::questions::{ask, identity, path_of, segments, spellings, values_of, words};
use crate::layout::owned::OwnedPolicy;
use crate::model::Model;
use crate::verify::endings::{ending, template as template_of};
use crate::verify::proof::rows;
use crate::verify::segment_view::{Position, SegmentView, Transition};
use crate::verify::{Difference, prove};

/// A sound policy and the questions that tell another from it.
pub(super) struct Sound<'s> {
    model: &'s Model,
    owned: &'s OwnedPolicy,
    /// The scopes that keys hold that the policy is asked about: each alone and, where routes need
    /// several, some together.
    held: Vec<Vec<String>>,
    /// Every path worth asking for, where that is few.
    paths: Vec<String>,
    /// The segments that they are made of.
    words: BTreeSet<String>,
}

/// The outcome of a fault.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    /// `Tables::validate` refused the tables. As a constant they would not build.
    Refused,
    /// The proof found it, and its path shows it.
    Proved,
    /// The proof found it, but no question about its path shows it, only one
    /// about another path.
    Elsewhere,
    /// The proof objects to what no question shows.
    Stricter,
    /// The proof has no objection, and no question shows anything.
    Same,
}

/// The outcome of a fault, and the reason.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) outcome: Outcome,
    /// The difference that the proof found.
    pub(super) found: Option<Difference>,
}

impl<'s> Sound<'s> {
    /// `depth` is that of the paths made of all words, which are many.
    pub(super) fn new(model: &'s Model, owned: &'s OwnedPolicy, depth: usize) -> Self {
        let known: Vec<String> = model
            .known_scopes()
            .iter()
            .map(ToString::to_string)
            .collect();
        let mut held: Vec<Vec<String>> = vec![Vec::new()];
        held.extend(known.iter().map(|name| vec![name.clone()]));
        held.extend(["*:*", "nobody:read"].map(|name| vec![name.to_owned()]));
        // All that matter to sets.
        let lists = model.routes().flat_map(|route| route.listed.lists());
        let lists: Vec<_> = lists.collect();
        if lists.iter().any(|list| list.single().is_none()) {
            let listed = lists.iter().flat_map(|list| list.iter());
            let named: BTreeSet<String> = listed
                .chain(model.implies.keys())
                .chain(&model.global)
                .map(ToString::to_string)
                .collect();
            held.extend(together(&Vec::from_iter(named)));
        }
        let words = words(model);
        let mut paths = vec![String::new()];
        let mut longest = paths.clone();
        for _ in 0..depth {
            longest = longest
                .iter()
                .flat_map(|path| words.iter().map(move |word| format!("{path}/{word}")))
                .collect();
            paths.extend_from_slice(&longest);
        }
        let with_slash: Vec<String> = paths.iter().map(|path| format!("{path}/")).collect();
        paths.extend(with_slash);
        Self {
            model,
            owned,
            held,
            paths,
            words,
        }
    }

    pub(super) fn judge(&self, fault: &Fault) -> Verdict {
        let faulty = self.with(fault);
        let mut verdict = Verdict {
            outcome: Outcome::Refused,
            found: None,
        };
        if faulty.tables().validate().is_err() {
            return verdict;
        }
        let faulty = faulty.policy();
        let found = match prove(self.model, faulty) {
            Ok(_) => match self.difference(faulty) {
                None => {
                    verdict.outcome = Outcome::Same;
                    return verdict;
                }
                Some(path) => panic!("the proof missed {fault:?}: `{path}` shows it"),
            },
            Err(found) => found,
        };
        verdict.outcome = if self.shows(&found, faulty) {
            Outcome::Proved
        } else if self.difference(faulty).is_some() {
            Outcome::Elsewhere
        } else {
            Outcome::Stricter
        };
        verdict.found = Some(found);
        verdict
    }

    /// The sound policy with a fault in it.
    fn with(&self, fault: &Fault) -> OwnedPolicy {
        let mut faulty = self.owned.owned_tables().clone();
        fault.plant(&mut faulty);
        OwnedPolicy::new(faulty)
    }

    /// Whether the path of a difference, or a longer one, shows a difference.
    pub(super) fn shows(&self, found: &Difference, faulty: Policy<'_>) -> bool {
        let sound = self.owned.policy();
        if found.path.is_empty() {
            return identity(sound) != identity(faulty) || self.difference(faulty).is_some();
        }
        let stem = found.path.trim_end_matches('/');
        [found.path.clone(), stem.to_owned(), format!("{stem}/")]
            .iter()
            .any(|path| self.all_methods_differ(path, faulty))
            || self.walk(stem, faulty).is_some()
    }

    /// A question that the two answer differently.
    pub(super) fn difference(&self, faulty: Policy<'_>) -> Option<String> {
        let sound = self.owned.policy();
        if identity(sound) != identity(faulty) {
            return Some("the policy as a whole".into());
        }
        // One method tells which template answers; what a template answers to
        // the others, one path of it tells.
        let differs =
            |path: &&String| ask(sound, Method::Get, path) != ask(faulty, Method::Get, path);
        let by_path = self.paths.iter().find(differs).cloned();
        let by_method = || {
            let templates = self.model.templates.iter();
            templates
                .flat_map(|listing| {
                    let path = path_of(&listing.template);
                    [path.trim_end_matches('/').to_owned() + "/", path]
                })
                .find(|path| self.all_methods_differ(path, faulty))
        };
        by_path.or_else(by_method).or_else(|| self.walk("", faulty))
    }

    /// Whether the path that stands for some template goes to a narrower one.
    pub(super) fn hides_a_template(&self) -> bool {
        let tables = self.owned.tables();
        let found = |path: &str| tables.match_without_exact(path.as_bytes()).map(template_of);
        let templates = self.model.templates.iter().zip(rows(self.model));
        templates
            .into_iter()
            .any(|(listing, row)| found(&path_of(&listing.template)) != Ok(row))
    }

    /// Whether no label leads to that row, and no edge leaves it.
    pub(super) fn is_empty(&self, row: usize) -> bool {
        let states = self.owned.tables().states;
        states.get(row) == Some(&State::UNUSED.to_bytes())
    }

    /// Whether any state has affixes.
    pub(super) fn has_affixes(&self) -> bool {
        self.owned.tables().features.has(Features::AFFIXES)
    }

    /// Whether rule 7 may refuse a literal that another template takes as a value.
    pub(super) fn refuses_literals(&self) -> bool {
        let pairs = self.owned.tables().slash_pairs.iter();
        let mut outcomes = pairs.map(SlashPair::from_bytes).flat_map(
            |SlashPair {
                 without_slash,
                 with_slash,
             }| [without_slash, with_slash],
        );
        outcomes.any(|outcome| matches!(outcome, MatchOutcome::Refused { .. }))
    }

    /// Whether a fault changes only the outcome of the start without a slash. The path of the
    /// start is `/`, so that no path has this outcome, and the proof compares it all the same.
    pub(super) fn is_unreachable(&self, fault: &Fault) -> bool {
        let Fault::Accept(EntryOf::State(0), _) = fault else {
            return false;
        };
        let faulty = self.with(fault);
        let [sound, changed] = [self.owned, &faulty].map(|policy| {
            let outcome = |slash| policy.tables().outcome_at(StateId::START, slash);
            [false, true].map(|slash| ending(outcome(slash)))
        });
        faulty.tables().validate().is_ok() && sound[0] != changed[0] && sound[1] == changed[1]
    }

    /// With every method, and every scope as a name and as a bit.
    fn all_methods_differ(&self, path: &str, faulty: Policy<'_>) -> bool {
        let sound = self.owned.policy();
        Method::ALL.into_iter().any(|method| {
            ask(sound, method, path) != ask(faulty, method, path)
                || self.held.iter().any(|held| {
                    let bits = [sound, faulty].map(|policy| policy.scope_set(held));
                    sound.authorize(&bits[0], method, path)
                        != faulty.authorize(&bits[1], method, path)
                        || sound.authorize(&held[..], method, path)
                            != faulty.authorize(&held[..], method, path)
                })
                || sound.public_route(method, path) != faulty.public_route(method, path)
                || requirement(sound, method, path) != requirement(faulty, method, path)
        })
    }

    /// Follows both tables from a path on, along every label of either in several spellings
    /// and along a value, and asks at every pair of states. The transitions only lead the way:
    /// the answers are compared.
    fn walk(&self, from: &str, faulty: Policy<'_>) -> Option<String> {
        let sound = self.owned.policy();
        let sides = [sound, faulty].map(|policy| SegmentView::new(policy.tables()));
        // Segments that the paths of the sound policy's words do not contain.
        let new: BTreeSet<&str> = segments(faulty.tables())
            .filter(|segment| !self.words.contains(*segment))
            .collect();
        let step = |at: &[Option<Position>; 2], word: &str| {
            [0, 1].map(|side| match sides[side].step(at[side].as_ref()?, word) {
                Transition::Static(next)
                | Transition::Affix(next)
                | Transition::ShadowsInAffix(next)
                | Transition::Wildcard(next)
                | Transition::Shadows(next) => Some(next),
                Transition::Dead => None,
            })
        };
        let mut at = [Some(Position::START), Some(Position::START)];
        for word in from.split('/').skip(1) {
            at = step(&at, word);
        }
        let mut seen = HashSet::from([at.clone()]);
        let mut queue = vec![(at, from.to_owned())];
        while let Some((at, path)) = queue.pop() {
            let mut words: BTreeSet<String> = BTreeSet::from(["other".into(), "x".into()]);
            words.extend(new.iter().map(|&word| word.to_owned()));
            for (side, position) in at.iter().enumerate() {
                let here = position.iter().flat_map(|at| sides[side].segments(at));
                words.extend(here.flat_map(spellings));
                let affixes = position.iter().flat_map(|at| sides[side].affixes(at));
                words.extend(affixes.flat_map(|(prefix, suffix)| values_of(prefix, suffix)));
            }
            for word in words {
                let path = format!("{path}/{word}");
                let differs = |tail: &&str| {
                    let path = format!("{path}{tail}");
                    ask(sound, Method::Get, &path) != ask(faulty, Method::Get, &path)
                };
                if let Some(tail) = ["", "/", "?", "/?a=1"].into_iter().find(differs) {
                    return Some(format!("{path}{tail}"));
                }
                if check_segment(word.as_bytes()).is_err() {
                    // No path continues after it.
                    continue;
                }
                let next = step(&at, &word);
                if next != [None, None] && seen.insert(next.clone()) {
                    queue.push((next, path));
                }
            }
        }
        None
    }
}

/// Two and three of the names, and all but one of them.
fn together(names: &[String]) -> Vec<Vec<String>> {
    let mut held = Vec::new();
    for a in 0..names.len() {
        for b in a + 1..names.len() {
            held.push(vec![names[a].clone(), names[b].clone()]);
            let more = names[b + 1..].iter().take(4);
            held.extend(more.map(|c| vec![names[a].clone(), names[b].clone(), c.clone()]));
        }
        let mut others = names.to_vec();
        others.remove(a);
        held.push(others);
    }
    held
}

/// The text of what a request needs, in which clauses are sets.
fn requirement(policy: Policy<'_>, method: Method, path: &str) -> Option<String> {
    let route = policy.route(method, path).ok()?;
    let alternatives = route.requirement().alternatives();
    let clauses: Vec<Vec<_>> = alternatives
        .into_iter()
        .flatten()
        .map(|alternative| {
            alternative
                .clauses()
                .map(Iterator::collect::<Vec<_>>)
                .collect()
        })
        .collect();
    Some(format!("{} {clauses:?}", route.requirement()))
}

/// Whether the target of some literal or affix is the same as that of a value in its position.
pub(super) fn literals_like_values(tables: &Tables<'_>) -> bool {
    let without_label = |at: StateId| {
        let row = tables.states.get(at.bits() as usize);
        row.map(|row| State {
            label: TextRange::EMPTY,
            ..State::from_bytes(row)
        })
    };
    let alike = |target, param| without_label(target) == without_label(param);
    let states = tables.states.iter().map(State::from_bytes);
    states.into_iter().any(|state| match state.kind {
        StateKind::StaticOrParam {
            first,
            count,
            param,
            ..
        } => (first..)
            .take(usize::from(count))
            .any(|row| alike(StateId::new(row), param)),
        StateKind::Affixes {
            first,
            count,
            inner,
        } => {
            let inner = tables.states.get(inner.bits() as usize);
            let wildcard = inner.map(|row| param(State::from_bytes(row).kind));
            let edges = (first..).take(count.into());
            let targets =
                edges.map(|row| param(State::from_bytes(&tables.states[row as usize]).kind));
            let mut alike = targets.map(|target| wildcard.is_some_and(|wild| alike(target, wild)));
            alike.any(|alike| alike)
        }
        StateKind::Hashed { key, param, .. } => {
            let edges = tables.edges.iter().map(HashedEdge::from_bytes);
            let mut edges = edges.filter(|edge| edge.key == key);
            edges.any(|edge| alike(edge.target, param))
        }
        _ => false,
    })
}

/// Counts of outcomes by the kind of fault.
#[derive(Default)]
pub(super) struct Tally(pub(super) BTreeMap<String, BTreeMap<String, usize>>);

impl Tally {
    pub(super) fn add(&mut self, fault: &Fault, outcome: Outcome) {
        let by_outcome = self.0.entry(fault.kind()).or_default();
        *by_outcome.entry(format!("{outcome:?}")).or_insert(0) += 1;
    }

    pub(super) fn of(&self, outcome: Outcome) -> usize {
        let name = format!("{outcome:?}");
        self.0
            .values()
            .filter_map(|by_outcome| by_outcome.get(&name))
            .sum()
    }
}
