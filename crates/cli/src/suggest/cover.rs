//! The search for scopes that cover routes.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use routescope::{Method, Policy, Route, Scope};
use routescope_compiler::model::{Listed, Model, ScopeList, ScopeName};

use super::used::Used;
use crate::needs;

/// The routes of a policy by their requirements, and what is chosen so far.
pub(super) struct Cover<'p> {
    /// The names of the scopes, in order.
    names: Vec<&'p str>,
    classes: Vec<Class>,
    /// The classes that each scope has to do with.
    classes_of: Vec<Vec<usize>>,
    /// The candidates, each a list of scopes.
    candidates: Vec<Candidate>,
    /// The scopes that are held anyway, which cost nothing and stay.
    held: Vec<bool>,
    /// Those, and the scopes that are chosen.
    chosen: Vec<bool>,
    /// The number of times that a candidate has been ranked, in classes looked at.
    steps: usize,
}

/// The routes that have one requirement and are listed under the same headings.
struct Class {
    /// The scopes of which each alone opens them, as one clause of one set, and the sets.
    sets: Vec<Vec<Vec<usize>>>,
    /// The number of routes.
    routes: usize,
    /// The number of those that were used.
    used: usize,
    /// The candidates that they may be covered by.
    candidates: Vec<usize>,
    /// The candidates whose rank may change when something of this class does.
    ranked: Vec<usize>,
    is_open: bool,
}

struct Candidate {
    scopes: Vec<usize>,
    /// The classes that its scopes have to do with.
    classes: Vec<usize>,
    /// The number of uncovered classes that it is a candidate for.
    wanted: usize,
    rank: Option<Rank>,
}

/// The routes that it opens without need, and those that it opens with. The index of the candidate,
/// which is in the order of names, tells equals apart.
type Rank = (usize, Reverse<usize>, usize);

/// Most classes that are looked at to rank candidates anew. After that ranks stay unchanged: the
/// scopes still cover all routes, and may open more of others than they must.
const MOST_STEPS: usize = 50_000_000;

impl<'p> Cover<'p> {
    pub(super) fn new(policy: Policy<'p>, model: &Model, held: &[&str], used: &[Used<'p>]) -> Self {
        let names: Vec<&'p str> = policy.scopes().map(Scope::name).collect();
        let held: Vec<bool> = names.iter().map(|name| held.contains(name)).collect();
        let ids: HashMap<&str, usize> = names.iter().copied().zip(0..).collect();
        let listed = listings(model);
        let listed = |route: Route<'_>| listed.get(&(route.method(), route.template())).copied();
        let mut classes: Vec<Class> = Vec::new();
        let mut numbers: HashMap<(u32, Option<&Listed>), usize> = HashMap::new();
        for route in policy.routes() {
            let key = (route.requirement_number(), listed(route));
            let number = *numbers.entry(key).or_insert_with(|| {
                let mut class = Class::new(route, &ids);
                class.is_open = class.is_opened_by(|scope| held[scope]);
                classes.push(class);
                classes.len() - 1
            });
            classes[number].routes += 1;
        }
        let mut classes_of = vec![Vec::new(); names.len()];
        for (number, class) in classes.iter().enumerate() {
            let scopes: BTreeSet<usize> = class.sets.iter().flatten().flatten().copied().collect();
            for scope in scopes {
                classes_of[scope].push(number);
            }
        }
        // In the order of names, whatever the order of the log.
        let mut lists: BTreeMap<Vec<usize>, BTreeSet<usize>> = BTreeMap::new();
        for used in used {
            let number = numbers[&(used.route.requirement_number(), listed(used.route))];
            classes[number].used += 1;
            if classes[number].used == 1 && !classes[number].is_open {
                for list in candidates(used.route, listed(used.route)) {
                    let list = list.into_iter().filter_map(|name| ids.get(name).copied());
                    lists.entry(list.collect()).or_default().insert(number);
                }
            }
        }
        let mut cover = Self {
            chosen: held.clone(),
            held,
            names,
            classes,
            classes_of,
            candidates: Vec::new(),
            steps: 0,
        };
        for (scopes, covers) in lists {
            cover.add_candidate(scopes, &covers);
        }
        cover
    }

    fn add_candidate(&mut self, scopes: Vec<usize>, covers: &BTreeSet<usize>) {
        let number = self.candidates.len();
        let classes = scopes.iter().flat_map(|scope| &self.classes_of[*scope]);
        let classes: BTreeSet<usize> = classes.copied().collect();
        for class in &classes {
            self.classes[*class].ranked.push(number);
        }
        for class in covers {
            self.classes[*class].candidates.push(number);
        }
        self.candidates.push(Candidate {
            scopes,
            classes: classes.into_iter().collect(),
            wanted: covers.len(),
            rank: None,
        });
    }

    /// The chosen scopes, without those that are held.
    pub(super) fn choose(mut self) -> BTreeSet<&'p str> {
        let only: BTreeSet<usize> = self
            .classes
            .iter()
            .filter_map(|class| match class.candidates.as_slice() {
                [only] if class.used > 0 => Some(*only),
                _ => None,
            })
            .collect();
        for candidate in only {
            self.take(candidate);
        }
        while let Some(best) = self.best() {
            self.take(best);
        }
        self.leave_what_is_unnecessary();
        let chosen = (0..self.names.len()).filter(|scope| self.is_chosen(*scope));
        chosen.map(|scope| self.names[scope]).collect()
    }

    /// Whether a scope is chosen, and not held anyway.
    fn is_chosen(&self, scope: usize) -> bool {
        self.chosen[scope] && !self.held[scope]
    }

    /// The candidate for some uncovered route that opens the fewest others.
    fn best(&mut self) -> Option<usize> {
        for number in 0..self.candidates.len() {
            let candidate = &self.candidates[number];
            if candidate.wanted > 0 && candidate.rank.is_none() {
                self.candidates[number].rank = Some(self.rank(number));
            }
        }
        let wanted = self.candidates.iter().filter(|one| one.wanted > 0);
        wanted
            .filter_map(|one| one.rank)
            .min()
            .map(|(_, _, number)| number)
    }

    fn rank(&mut self, number: usize) -> Rank {
        let candidate = &self.candidates[number];
        let (mut needless, mut needed) = (0, 0);
        let is_held = |scope: usize| self.chosen[scope] || candidate.scopes.contains(&scope);
        for class in &candidate.classes {
            let class = &self.classes[*class];
            if !class.is_open && class.is_opened_by(is_held) {
                needless += class.routes - class.used;
                needed += class.used;
            }
        }
        self.steps += candidate.classes.len();
        (needless, Reverse(needed), number)
    }

    /// Chooses the scopes of a candidate.
    fn take(&mut self, number: usize) {
        let scopes = self.candidates[number].scopes.clone();
        for &scope in &scopes {
            self.chosen[scope] = true;
        }
        for at in self.candidates[number].classes.clone() {
            let class = &mut self.classes[at];
            if class.is_open {
                continue;
            }
            class.is_open = class.is_opened_by(|scope| self.chosen[scope]);
            if class.is_open && class.used > 0 {
                for candidate in &class.candidates {
                    self.candidates[*candidate].wanted -= 1;
                }
            }
            if self.steps < MOST_STEPS {
                for candidate in &class.ranked {
                    self.candidates[*candidate].rank = None;
                }
            }
        }
    }

    /// Does without the scopes that the others make unnecessary, the widest first.
    fn leave_what_is_unnecessary(&mut self) {
        let opens = |scope: &usize| -> usize {
            let classes = self.classes_of[*scope].iter();
            classes.map(|class| self.classes[*class].routes).sum()
        };
        let mut widest_first: Vec<usize> = (0..self.chosen.len())
            .filter(|scope| self.is_chosen(*scope))
            .collect();
        widest_first.sort_by_cached_key(|scope| Reverse(opens(scope)));
        for scope in widest_first {
            self.chosen[scope] = false;
            let is_covered = |class: &usize| {
                let class = &self.classes[*class];
                class.used == 0 || class.is_opened_by(|scope| self.chosen[scope])
            };
            if !self.classes_of[scope].iter().all(is_covered) {
                self.chosen[scope] = true;
            }
        }
    }
}

impl Class {
    fn new(route: Route<'_>, ids: &HashMap<&str, usize>) -> Self {
        let id = |name: &str| ids.get(name).copied();
        let (singles, sets): (Vec<_>, Vec<_>) = needs::alternatives(route)
            .into_iter()
            .partition(|needed| needed.single().is_some());
        let singles = singles.iter().filter_map(|needed| id(needed.single()?));
        let sets = sets.iter().map(|needed| {
            let clauses = needed.scopes.iter();
            clauses
                .map(|wanted| {
                    let names = [wanted.name].into_iter().chain(wanted.implied_by.clone());
                    names.filter_map(id).collect()
                })
                .collect()
        });
        Self {
            sets: std::iter::once(vec![singles.collect()])
                .chain(sets)
                .collect(),
            routes: 0,
            used: 0,
            candidates: Vec::new(),
            ranked: Vec::new(),
            is_open: false,
        }
    }

    fn is_opened_by(&self, is_held: impl Fn(usize) -> bool) -> bool {
        let is_met = |clause: &Vec<usize>| clause.iter().any(|scope| is_held(*scope));
        self.sets.iter().any(|set| set.iter().all(is_met))
    }
}

/// The headings under which the file lists each route.
fn listings(model: &Model) -> HashMap<(Method, &str), &Listed> {
    let routes = model.routes();
    routes
        .map(|route| ((route.method, route.text.as_str()), &route.listed))
        .collect()
}

/// The headings that a used route is listed under: the narrow ones, or if there are none, those
/// with `r:*`.
fn candidates<'p>(route: Route<'p>, listed: Option<&Listed>) -> Vec<Vec<&'p str>> {
    let alternatives: Vec<Vec<&'p str>> = needs::alternatives(route)
        .iter()
        .map(needs::Needed::names)
        .collect();
    let lists: Vec<&ScopeList> = listed.into_iter().flat_map(Listed::lists).collect();
    let is_full = |list: &ScopeList| list.iter().any(ScopeName::is_full);
    let any_narrow = lists.iter().any(|list| !is_full(list));
    let names: BTreeSet<Vec<&str>> = lists
        .iter()
        .filter(|list| !any_narrow || !is_full(list))
        .map(|list| {
            let mut names: Vec<&str> = list.iter().map(ScopeName::as_str).collect();
            names.sort_unstable();
            names
        })
        .collect();
    let found: Vec<Vec<&'p str>> = alternatives
        .iter()
        .filter(|alternative| names.contains(*alternative))
        .cloned()
        .collect();
    match found.is_empty() {
        true => alternatives.into_iter().take(1).collect(),
        false => found,
    }
}
