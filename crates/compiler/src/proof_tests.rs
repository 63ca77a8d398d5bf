//! The proof is what stands between a bug of the compiler and a wrong Allow, so
//! it is itself put to the test: faults are planted in sound tables, and each
//! must be found, unless no question to the policy can tell the difference.
//!
//! Whether one can is found out without the proof, by asking the sound policy
//! and the faulty one the same questions through the public API.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use proptest::prelude::*;
use routescope_core::table::{Edge, End, HASHED, NONE, RouteRow, ScopeRow, State};
use routescope_core::{Alphabet, Decision, Method, Methods, Policy, Step};

use crate::model::Model;
use crate::owned::OwnedPolicy;
use crate::proof::{Difference, prove, prove_paths};
use crate::{Compiled, compile, template};

/// One thing done to the tables.
#[derive(Clone, Debug)]
enum Fault {
    SwapTargets(usize, usize),
    EmptySlot(usize),
    SwapRows(usize, usize),
    CopyRow {
        from: usize,
        to: usize,
    },
    Target(usize, u32),
    Source(usize, u32),
    Twin(usize, u16),
    Label(usize, u32, u16),
    Other(usize, u32),
    End {
        state: usize,
        slash: bool,
        end: u32,
    },
    SwapEnds(usize),
    /// Every reference to the first leads to the second.
    Merge(u32, u32),
    Displacement(usize, u16),
    /// How a state finds its edges.
    Chooses(usize, u32),
    Base(usize, u32),
    Seed(usize, u32),
    Log2(usize, u8),
    Slots(u32),
    /// The bits alone, which contradict the routes then.
    Methods(usize, Methods),
    /// A route's method, with the bits that go with it.
    Method(usize, Method),
    FirstRoute(usize, u32),
    /// A list of its own for a route.
    Accepts(usize, Vec<u16>),
    /// A word of the lists that routes share.
    AcceptedWord(usize, u16),
    SwapAccepted(usize, usize),
    RouteText(usize, u32, u16),
    SwapRoutes(usize, usize),
    ScopeText(usize, u32, u16),
    Declared(usize),
    SwapScopes(usize, usize),
    NoScope(usize),
    TextByte(usize, u8),
    Shorten(usize),
    Whole(Whole),
}

/// What the policy says of itself.
#[derive(Clone, Debug)]
enum Whole {
    Name,
    Updated,
    Umbrella,
    Digest(usize),
    Case,
    Slash,
    NoKey,
    KeyPrefix,
    KeyLength,
    KeyAlphabet,
}

impl Fault {
    /// Which kind it is, for the counts.
    fn kind(&self) -> String {
        let text = format!("{self:?}");
        text.split(|c: char| !c.is_alphanumeric()).take(1).collect()
    }

    fn plant(&self, into: &mut OwnedPolicy) {
        match *self {
            Self::SwapTargets(a, b) => {
                let (x, y) = (into.edges[a].target, into.edges[b].target);
                (into.edges[a].target, into.edges[b].target) = (y, x);
            }
            Self::EmptySlot(edge) => into.edges[edge].state = NONE,
            Self::SwapRows(a, b) => into.edges.swap(a, b),
            Self::CopyRow { from, to } => into.edges[to] = into.edges[from],
            Self::Target(edge, state) => into.edges[edge].target = state,
            Self::Source(edge, state) => into.edges[edge].state = state,
            Self::Twin(edge, twin) => into.edges[edge].twin = twin,
            Self::Label(edge, start, len) => {
                (into.edges[edge].label, into.edges[edge].label_len) = (start, len);
            }
            Self::Other(state, other) => into.states[state].other = other,
            Self::End {
                state,
                slash: false,
                end,
            } => into.states[state].end = end,
            Self::End {
                state,
                slash: true,
                end,
            } => into.states[state].end_slash = end,
            Self::SwapEnds(state) => {
                let row = &mut into.states[state];
                (row.end, row.end_slash) = (row.end_slash, row.end);
            }
            Self::Merge(from, to) => {
                let others = into.states.iter_mut().map(|state| &mut state.other);
                let targets = into.edges.iter_mut().map(|edge| &mut edge.target);
                for reference in others.chain(targets).filter(|at| **at == from) {
                    *reference = to;
                }
            }
            Self::Displacement(bucket, value) => into.displacements[bucket] = value,
            Self::Chooses(state, choice) => into.states[state].choice = choice,
            Self::Base(choice, base) => into.choices[choice].base = base,
            Self::Seed(choice, seed) => into.choices[choice].seed = seed,
            Self::Log2(choice, log2) => into.choices[choice].log2 = log2,
            Self::Slots(slots) => into.slots = slots,
            Self::Methods(end, methods) => into.ends[end].methods = methods,
            Self::Method(route, method) => {
                into.routes[route].method = method as u8;
                for end in &mut into.ends {
                    let start = end.first_route as usize;
                    let rows = &into.routes[start..start + end.methods.len() as usize];
                    end.methods = rows.iter().fold(Methods::NONE, |methods, row| {
                        methods.with(Method::ALL[usize::from(row.method)])
                    });
                }
            }
            Self::FirstRoute(end, route) => into.ends[end].first_route = route,
            Self::Accepts(route, ref list) => {
                into.routes[route].accepted = u32::try_from(into.accepted.len()).unwrap();
                into.accepted.push(u16::try_from(list.len()).unwrap());
                into.accepted.extend_from_slice(list);
            }
            Self::AcceptedWord(at, word) => into.accepted[at] = word,
            Self::SwapAccepted(a, b) => {
                let (x, y) = (into.routes[a].accepted, into.routes[b].accepted);
                (into.routes[a].accepted, into.routes[b].accepted) = (y, x);
            }
            Self::RouteText(route, start, len) => {
                let row = &mut into.routes[route];
                (row.template, row.template_len) = (start, len);
            }
            Self::SwapRoutes(a, b) => into.routes.swap(a, b),
            Self::ScopeText(scope, start, len) => {
                let row = &mut into.scopes[scope];
                (row.name, row.name_len) = (start, len);
            }
            Self::Declared(scope) => into.scopes[scope].declared ^= true,
            Self::SwapScopes(a, b) => into.scopes.swap(a, b),
            Self::NoScope(scope) => {
                into.scopes.remove(scope);
            }
            Self::TextByte(at, byte) => {
                let byte = char::from(byte).to_string();
                into.text.replace_range(at..=at, &byte);
            }
            Self::Shorten(len) => into.text.truncate(len),
            Self::Whole(ref whole) => whole.plant(into),
        }
    }
}

impl Whole {
    fn plant(&self, into: &mut OwnedPolicy) {
        let key = into.key.as_mut();
        match *self {
            Self::Name => into.name.push('x'),
            Self::Updated => into.updated = "1999-12-31".into(),
            Self::Umbrella => into.umbrella = "orders".into(),
            Self::Digest(at) => into.digest[at] ^= 1,
            Self::Case => into.options.case_insensitive ^= true,
            Self::Slash => into.options.trailing_slash_optional ^= true,
            Self::NoKey => into.key = None,
            Self::KeyPrefix => key.unwrap().prefix.push('x'),
            Self::KeyLength => key.unwrap().length += 1,
            Self::KeyAlphabet => key.unwrap().alphabet = Alphabet::Base64Url,
        }
    }

    fn all(policy: &OwnedPolicy) -> Vec<Self> {
        let mut all = vec![
            Self::Name,
            Self::Updated,
            Self::Umbrella,
            Self::Case,
            Self::Slash,
        ];
        all.extend((0..32).map(Self::Digest));
        if policy.key.is_some() {
            all.extend([
                Self::NoKey,
                Self::KeyPrefix,
                Self::KeyLength,
                Self::KeyAlphabet,
            ]);
        }
        all
    }
}

/// Every fault there is room for, kind by kind.
fn faults(policy: &OwnedPolicy) -> Vec<Fault> {
    let mut faults = Vec::new();
    edge_faults(policy, &mut faults);
    state_faults(policy, &mut faults);
    route_faults(policy, &mut faults);
    scope_faults(policy, &mut faults);
    for at in 0..policy.text.len() {
        let here = policy.text.as_bytes()[at];
        let others = [here ^ 0x20, b'x', b'/', here + 1];
        faults.extend(
            others
                .into_iter()
                .filter(|byte| *byte != here && byte.is_ascii())
                .map(|byte| Fault::TextByte(at, byte)),
        );
        faults.push(Fault::Shorten(at));
    }
    faults.extend(Whole::all(policy).into_iter().map(Fault::Whole));
    faults
}

fn numbers(count: usize) -> impl Iterator<Item = u32> + Clone {
    0..u32::try_from(count).unwrap()
}

fn edge_faults(policy: &OwnedPolicy, faults: &mut Vec<Fault>) {
    let OwnedPolicy {
        states,
        edges,
        slots,
        displacements,
        text,
        ..
    } = policy;
    for (a, edge) in edges.iter().enumerate() {
        let rest = (a + 1)..edges.len();
        faults.extend(rest.clone().map(|b| Fault::SwapRows(a, b)));
        faults.extend(
            (0..edges.len())
                .filter(|b| *b != a)
                .map(|to| Fault::CopyRow { from: a, to }),
        );
        let Edge {
            state,
            target,
            label,
            label_len,
            twin,
        } = *edge;
        if state == NONE {
            continue;
        }
        faults.push(Fault::EmptySlot(a));
        faults.extend(
            rest.filter(|b| edges[*b].state != NONE && edges[*b].target != target)
                .map(|b| Fault::SwapTargets(a, b)),
        );
        for number in numbers(states.len()) {
            faults.extend((number != target).then_some(Fault::Target(a, number)));
            faults.extend((number != state).then_some(Fault::Source(a, number)));
        }
        let twins = u16::try_from(edges.len() - *slots as usize).unwrap();
        faults.extend(
            (0..=twins)
                .filter(|other| *other != twin)
                .map(|other| Fault::Twin(a, other)),
        );
        // The label of every other edge, and its own moved or resized.
        let mut spans: BTreeSet<(u32, u16)> = edges
            .iter()
            .map(|other| (other.label, other.label_len))
            .collect();
        spans.extend(numbers(text.len()).map(|start| (start, label_len)));
        spans.extend((0..label_len + 4).map(|len| (label, len)));
        spans.remove(&(label, label_len));
        faults.extend(
            spans
                .into_iter()
                .map(|(start, len)| Fault::Label(a, start, len)),
        );
    }
    for (bucket, displacement) in displacements.iter().enumerate() {
        let values = (0..64).chain([u16::MAX]);
        faults.extend(
            values
                .filter(|value| value != displacement)
                .map(|value| Fault::Displacement(bucket, value)),
        );
    }
    faults.extend(
        numbers(edges.len() + 1)
            .filter(|n| n != slots)
            .map(Fault::Slots),
    );
    choice_faults(policy, faults);
}

fn choice_faults(policy: &OwnedPolicy, faults: &mut Vec<Fault>) {
    for (state, row) in policy.states.iter().enumerate() {
        let ways = numbers(policy.choices.len()).chain([NONE, HASHED]);
        faults.extend(
            ways.filter(|way| *way != row.choice)
                .map(|way| Fault::Chooses(state, way)),
        );
    }
    for (at, choice) in policy.choices.iter().enumerate() {
        let bases = numbers(policy.edges.len()).filter(|base| *base != choice.base);
        faults.extend(bases.map(|base| Fault::Base(at, base)));
        faults.extend(
            (0..64)
                .filter(|seed| *seed != choice.seed)
                .map(|seed| Fault::Seed(at, seed)),
        );
        faults.extend(
            (0..8)
                .filter(|log2| *log2 != choice.log2)
                .map(|log2| Fault::Log2(at, log2)),
        );
    }
}

fn state_faults(policy: &OwnedPolicy, faults: &mut Vec<Fault>) {
    let OwnedPolicy { states, ends, .. } = policy;
    for (state, row) in states.iter().enumerate() {
        for other in numbers(states.len()).chain([NONE]) {
            faults.extend((other != row.other).then_some(Fault::Other(state, other)));
        }
        for end in numbers(ends.len()).chain([NONE]) {
            for (slash, known) in [(false, row.end), (true, row.end_slash)] {
                faults.extend((end != known).then_some(Fault::End { state, slash, end }));
            }
        }
        if row.end != row.end_slash {
            faults.push(Fault::SwapEnds(state));
        }
    }
    for from in numbers(states.len()) {
        faults.extend(
            numbers(states.len())
                .filter(|to| *to != from)
                .map(|to| Fault::Merge(from, to)),
        );
    }
}

fn route_faults(policy: &OwnedPolicy, faults: &mut Vec<Fault>) {
    let OwnedPolicy {
        ends,
        routes,
        accepted,
        scopes,
        text,
        ..
    } = policy;
    let scope_ids = 0..u16::try_from(scopes.len()).unwrap();
    for (
        end,
        End {
            first_route,
            methods,
        },
    ) in ends.iter().enumerate()
    {
        let others = (0..1 << Method::ALL.len()).filter_map(Methods::from_bits);
        faults.extend(
            others
                .filter(|other| other != methods)
                .map(|other| Fault::Methods(end, other)),
        );
        faults.extend(
            numbers(routes.len())
                .filter(|route| route != first_route)
                .map(|route| Fault::FirstRoute(end, route)),
        );
    }
    for (a, row) in routes.iter().enumerate() {
        let RouteRow {
            template,
            template_len,
            method,
            accepted: list,
        } = *row;
        faults.extend(
            Method::ALL
                .into_iter()
                .filter(|other| *other as u8 != method)
                .map(|other| Fault::Method(a, other)),
        );
        for (b, other) in routes.iter().enumerate().skip(a + 1) {
            if list != other.accepted {
                faults.push(Fault::SwapAccepted(a, b));
            }
            faults.push(Fault::SwapRoutes(a, b));
        }
        let list = &accepted[list as usize + 1..][..usize::from(accepted[list as usize])];
        for at in 0..list.len() {
            let mut without = list.to_vec();
            without.remove(at);
            faults.push(Fault::Accepts(a, without));
            for other in scope_ids.clone().filter(|id| *id != list[at]) {
                let mut replaced = list.to_vec();
                replaced[at] = other;
                faults.push(Fault::Accepts(a, replaced));
            }
            if at > 0 {
                let mut swapped = list.to_vec();
                swapped.swap(at - 1, at);
                faults.push(Fault::Accepts(a, swapped));
            }
        }
        for id in scope_ids.clone() {
            for at in [0, list.len()] {
                let mut more = list.to_vec();
                more.insert(at, id);
                faults.push(Fault::Accepts(a, more));
            }
        }
        let mut spans: BTreeSet<(u32, u16)> = routes
            .iter()
            .map(|other| (other.template, other.template_len))
            .collect();
        spans.extend(numbers(text.len()).map(|start| (start, template_len)));
        spans.extend((0..template_len + 4).map(|len| (template, len)));
        spans.remove(&(template, template_len));
        faults.extend(
            spans
                .into_iter()
                .map(|(start, len)| Fault::RouteText(a, start, len)),
        );
    }
    for (at, word) in accepted.iter().enumerate() {
        faults.extend(
            (0..=scope_ids.end)
                .filter(|other| other != word)
                .map(|other| Fault::AcceptedWord(at, other)),
        );
    }
}

fn scope_faults(policy: &OwnedPolicy, faults: &mut Vec<Fault>) {
    for (a, ScopeRow { name, name_len, .. }) in policy.scopes.iter().enumerate() {
        faults.push(Fault::Declared(a));
        faults.push(Fault::NoScope(a));
        faults.extend((a + 1..policy.scopes.len()).map(|b| Fault::SwapScopes(a, b)));
        faults.extend(
            numbers(policy.text.len())
                .filter(|start| start != name)
                .map(|start| Fault::ScopeText(a, start, *name_len)),
        );
        faults.extend(
            (0..name_len + 4)
                .filter(|len| len != name_len)
                .map(|len| Fault::ScopeText(a, *name, len)),
        );
    }
}

/// A sound policy and the questions that tell another from it.
struct Sound<'s> {
    model: &'s Model,
    owned: &'s OwnedPolicy,
    /// The scopes a key may be asked about, alone.
    names: Vec<String>,
    /// Every path worth asking for, where that is few.
    paths: Vec<String>,
}

/// What became of a fault.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Outcome {
    /// `Tables::fault` refused the tables: a static one would not build.
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

impl<'s> Sound<'s> {
    /// `depth` is that of the paths made of all words, which are many.
    fn new(model: &'s Model, owned: &'s OwnedPolicy, depth: usize) -> Self {
        let mut names: Vec<String> = model
            .known_scopes()
            .iter()
            .map(ToString::to_string)
            .collect();
        names.extend(["*:*", "nobody:read"].map(str::to_owned));
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
            names,
            paths,
        }
    }

    fn judge(&self, fault: &Fault) -> Outcome {
        let mut faulty = self.owned.clone();
        fault.plant(&mut faulty);
        if faulty.tables().fault().is_some() {
            return Outcome::Refused;
        }
        let faulty = faulty.policy();
        match prove(self.model, &faulty) {
            Ok(_) => match self.difference(&faulty) {
                None => Outcome::Same,
                Some(path) => panic!("the proof missed {fault:?}: `{path}` shows it"),
            },
            Err(found) if self.shows(&found, &faulty) => Outcome::Proved,
            Err(_) if self.difference(&faulty).is_some() => Outcome::Elsewhere,
            Err(_) => Outcome::Stricter,
        }
    }

    /// Whether the path of a difference, or a longer one, shows a difference.
    fn shows(&self, found: &Difference, faulty: &Policy<'_>) -> bool {
        let sound = self.owned.policy();
        if found.path.is_empty() {
            return identity(&sound) != identity(faulty) || self.difference(faulty).is_some();
        }
        let stem = found.path.trim_end_matches('/');
        [found.path.clone(), stem.to_owned(), format!("{stem}/")]
            .iter()
            .any(|path| self.all_methods_differ(path, faulty))
            || self.walk(stem, faulty).is_some()
    }

    /// A question that the two answer differently.
    fn difference(&self, faulty: &Policy<'_>) -> Option<String> {
        let sound = self.owned.policy();
        if identity(&sound) != identity(faulty) {
            return Some("the policy as a whole".into());
        }
        // One method tells which template answers; what a template answers to
        // the others, one path of it tells.
        let differs = |path: &&String| ask(&sound, "GET", path) != ask(faulty, "GET", path);
        let by_path = self.paths.iter().find(differs).cloned();
        let by_method = || {
            self.model
                .templates
                .iter()
                .flat_map(|listing| {
                    let path = listing
                        .template
                        .to_string()
                        .replace("{*}", "other")
                        .replace("{}", "other");
                    [path.trim_end_matches('/').to_owned() + "/", path]
                })
                .find(|path| self.all_methods_differ(path, faulty))
        };
        by_path.or_else(by_method).or_else(|| self.walk("", faulty))
    }

    /// With every method, and every scope as a name and as a bit.
    fn all_methods_differ(&self, path: &str, faulty: &Policy<'_>) -> bool {
        let sound = self.owned.policy();
        Method::ALL.iter().any(|method| {
            ask(&sound, method, path) != ask(faulty, method, path)
                || self.names.iter().any(|name| {
                    let bits = [&sound, faulty].map(|policy| policy.scope_set::<64>([name]));
                    sound.authorize(&bits[0], method, path)
                        != faulty.authorize(&bits[1], method, path)
                        || sound.authorize(&[name], method, path)
                            != faulty.authorize(&[name], method, path)
                })
        })
    }

    /// Follows both tables side by side from a path on, along every label of
    /// either in several spellings and along a value, and asks at every place.
    /// The steps only lead the way: it is the answers that are compared.
    fn walk(&self, from: &str, faulty: &Policy<'_>) -> Option<String> {
        let sound = self.owned.policy();
        let tables = [sound.tables(), faulty.tables()];
        let step = |side: usize, state: Option<u32>, word: &str| match tables[side]
            .step(state?, word.as_bytes())
        {
            Step::Literal(next) | Step::Other(next) => Some(next),
            Step::Shadow | Step::Dead => None,
        };
        let mut at = [Some(0), Some(0)];
        for word in from.split('/').skip(1) {
            at = [step(0, at[0], word), step(1, at[1], word)];
        }
        let mut seen = HashSet::from([at]);
        let mut queue = vec![(at, from.to_owned())];
        while let Some((at, path)) = queue.pop() {
            let mut words: BTreeSet<String> = BTreeSet::from(["other".into(), "x".into()]);
            for (side, state) in at.iter().enumerate() {
                let here = tables[side]
                    .edges
                    .iter()
                    .filter(|edge| Some(edge.state) == *state);
                for edge in here {
                    let start = edge.label as usize;
                    let label = &tables[side].text[start..start + usize::from(edge.label_len)];
                    words.extend(spellings(label));
                }
            }
            for word in words {
                let path = format!("{path}/{word}");
                for path in [path.clone(), format!("{path}/")] {
                    let differ =
                        |method: &Method| ask(&sound, method, &path) != ask(faulty, method, &path);
                    if Method::ALL.iter().any(differ) {
                        return Some(path);
                    }
                }
                let next = [step(0, at[0], &word), step(1, at[1], &word)];
                if next != [None, None] && seen.insert(next) {
                    queue.push((next, path));
                }
            }
        }
        None
    }
}

fn ask<'p>(policy: &'p Policy<'p>, method: impl AsRef<[u8]>, path: &str) -> Decision<'p> {
    let nothing: [&str; 0] = [];
    policy.authorize(&nothing, method, path)
}

/// All that a policy says without being asked about a path.
fn identity(policy: &Policy<'_>) -> String {
    let scopes: Vec<_> = policy
        .scopes()
        .map(|scope| {
            let found = policy.scope_set::<64>([scope.name()]).len();
            (scope.name(), scope.is_declared(), found)
        })
        .collect();
    let routes: Vec<_> = policy.routes().map(|route| route.to_string()).collect();
    format!(
        "{} {:?} {:?} {:?} {:?} {:?} {scopes:?} {routes:?}",
        policy.name(),
        policy.updated(),
        policy.umbrella(),
        policy.digest(),
        policy.options(),
        policy.key_format(),
    )
}

/// A literal as written, in other cases, and with an escape in it.
fn spellings(literal: &str) -> BTreeSet<String> {
    let mut spellings = BTreeSet::from([
        literal.to_owned(),
        literal.to_ascii_uppercase(),
        literal.to_ascii_lowercase(),
    ]);
    if literal.contains(':') {
        spellings.insert(literal.replace(':', "%3A"));
        spellings.insert(literal.to_ascii_uppercase().replace(':', "%3a"));
    }
    spellings
}

fn words(model: &Model) -> BTreeSet<String> {
    let segments = model
        .templates
        .iter()
        .flat_map(|listing| &listing.template.segments);
    let mut words: BTreeSet<String> = segments
        .filter_map(|segment| match segment {
            template::Segment::Literal(text) => Some(spellings(text)),
            _ => None,
        })
        .flatten()
        .collect();
    words.insert("other".into());
    words
}

/// Counts of outcomes by the kind of fault.
#[derive(Default)]
struct Tally(BTreeMap<String, BTreeMap<String, usize>>);

impl Tally {
    fn add(&mut self, fault: &Fault, outcome: Outcome) {
        let by_outcome = self.0.entry(fault.kind()).or_default();
        *by_outcome.entry(format!("{outcome:?}")).or_insert(0) += 1;
    }

    fn of(&self, outcome: Outcome) -> usize {
        let name = format!("{outcome:?}");
        self.0
            .values()
            .filter_map(|by_outcome| by_outcome.get(&name))
            .sum()
    }
}

/// Small policies, each with the depth of the paths asked for.
const POLICIES: [(&str, usize, &str); 8] = [
    (
        "literals and slashes",
        4,
        "
scopes:
  'a:read':
    routes:
      - GET /
      - GET /a
      - GET /a/
      - GET /a/b/c/
      - HEAD /a/b/c/
  'a:*':
    routes:
      - POST /a/
      - DELETE /a/b/c/
  'b:read':
    routes:
      - GET /b/c/
  'z:read':
",
    ),
    (
        "parameters beside literals",
        3,
        "
key: { prefix: k-, length: 40, alphabet: lower-hex }
scopes:
  'a:read':
    routes:
      - GET /a/{x}/
      - GET /a/new/
      - GET /a/{x}/c:d
  'a:*':
    routes:
      - PUT /a/{x}/
      - DELETE /a/{y}/
      - POST /a/new/
  'a:Run':
    routes:
      - GET /a/new/
      - POST /a/{x}/c/
",
    ),
    (
        "catch-alls",
        4,
        "
scopes:
  'f:read':
    routes:
      - GET /f/{*path}
      - GET /f/a/b
      - GET /f/a/{*path}
      - GET /f
  'f:*':
    routes:
      - PUT /f/{*path}
      - DELETE /f/{id}/
",
    ),
    (
        "overlaps allowed",
        3,
        "
scopes:
  'a:read':
    routes:
      - route: GET /{x}/b
        overlap: allow
      - route: GET /a/{y}
        overlap: allow
      - route: GET /{x}/b/{*z}
        overlap: allow
      - route: GET /a/{y}/c
        overlap: allow
  'b:*':
    routes:
      - route: POST /{*all}
        overlap: allow
",
    ),
    (
        "any case",
        3,
        "
paths: { case: insensitive }
umbrella: u
scopes:
  'a:read':
    routes:
      - GET /Import/
      - GET /{id}/
      - GET /{id}/a:B
      - GET /Import/1
  'u:read':
    routes:
      - GET /1
",
    ),
    (
        "any slash",
        3,
        "
paths: { trailing_slash: optional }
scopes:
  'a:read':
    routes:
      - GET /
      - GET /a
      - GET /a/b/
      - GET /{x}/b
      - GET /c/d/{*x}
  'a:*':
    routes:
      - POST /a
      - PATCH /a/b/
",
    ),
    (
        "scopes of every width",
        2,
        "
umbrella: all
global: '*:*'
key: { prefix: k-, length: 40, alphabet: alphanumeric }
updated: 2026-05-28
scopes:
  'a:read':
    routes:
      - GET /a
      - GET /b
      - GET /c
  'b:read':
    routes:
      - GET /b
  'b:*':
    routes:
      - POST /b
  'c:Query':
    routes:
      - GET /c
      - POST /b
  'all:read':
    routes:
      - GET /a
",
    ),
    (
        "labels that share a slot",
        3,
        "
scopes:
  'a:read':
    routes:
      - GET /import
      - route: GET /Import
        overlap: allow
      - GET /IMPORT/
      - GET /{id}
      - GET /{id}/b
      - GET /%C3%A9
      - GET /%C3%89
      - GET /x/a
      - route: GET /X/A
        overlap: allow
",
    ),
];

fn compiled(name: &str, body: &str) -> Compiled {
    compile(name, &format!("version: 1\nname: small{body}")).unwrap()
}

/// The start has no form without its slash: no path asks for this end, and the
/// proof looks at it all the same.
fn is_unreachable(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::End {
            state: 0,
            slash: false,
            ..
        }
    )
}

/// Kinds that `Tables::fault` finds before the proof is asked: rows that
/// contradict each other, and text and names out of order.
const REFUSED: [&str; 4] = ["FirstRoute", "Methods", "Shorten", "SwapScopes"];

/// What must have happened, or the test has tested nothing.
fn check(tally: &Tally) {
    for (kind, by_outcome) in &tally.0 {
        let expected = if REFUSED.contains(&kind.as_str()) {
            Outcome::Refused
        } else {
            Outcome::Proved
        };
        assert!(
            by_outcome.contains_key(&format!("{expected:?}")),
            "{kind}: {by_outcome:?}"
        );
    }
}

/// Every fault there is room for, in policies small enough for every question.
#[test]
fn every_fault_in_small_policies() {
    let mut tally = Tally::default();
    for (name, depth, body) in POLICIES {
        let compiled = compiled(name, body);
        let sound = Sound::new(&compiled.model, &compiled.owned, depth);
        for fault in faults(&compiled.owned) {
            let outcome = sound.judge(&fault);
            let expected = match outcome {
                Outcome::Refused | Outcome::Proved | Outcome::Same => !is_unreachable(&fault),
                Outcome::Stricter => is_unreachable(&fault),
                Outcome::Elsewhere => false,
            };
            assert!(expected, "{name}: {fault:?} {outcome:?}");
            tally.add(&fault, outcome);
        }
    }
    check(&tally);
    assert!(tally.of(Outcome::Proved) > 8_000, "{:#?}", tally.0);
    // Some faults are none, such as a label taken from another place in the
    // text: if there were no such, the questions would be too easy.
    assert!(tally.of(Outcome::Same) > 50, "{:#?}", tally.0);
}

/// Tables that compare case the other way: the proof compares the option
/// itself, and would find it without that, by other spellings of literals.
#[test]
fn the_wrong_case_shows_in_paths() {
    for (name, depth, body) in POLICIES {
        let compiled = compiled(name, body);
        // Without such a state, no path is compared as the option says.
        let hashed = |state: &State| state.choice == HASHED;
        if !compiled.owned.states.iter().any(hashed) {
            continue;
        }
        let sound = Sound::new(&compiled.model, &compiled.owned, depth);
        let mut faulty = compiled.owned.clone();
        faulty.options.case_insensitive ^= true;
        let faulty = faulty.policy();
        let found = prove_paths(&compiled.model, &faulty).unwrap_err();
        assert!(sound.shows(&found, &faulty), "{name}: {found}");
    }
}

/// A sample of each kind of fault in the PBX API's policy.
#[test]
fn faults_in_the_pbx_policy() {
    const OF_EACH_KIND: usize = 60;
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../routes.yaml");
    let compiled = compile("routes.yaml", &std::fs::read_to_string(file).unwrap()).unwrap();
    let sound = Sound::new(&compiled.model, &compiled.owned, 1);
    let mut by_kind: BTreeMap<String, Vec<Fault>> = BTreeMap::new();
    for fault in faults(&compiled.owned) {
        by_kind.entry(fault.kind()).or_default().push(fault);
    }
    let mut tally = Tally::default();
    for faults in by_kind.values() {
        // From all over the tables, and the last one too.
        let step = faults.len().div_ceil(OF_EACH_KIND);
        for fault in faults.iter().rev().step_by(step) {
            let outcome = sound.judge(fault);
            let expected = match outcome {
                Outcome::Refused | Outcome::Proved | Outcome::Same => !is_unreachable(fault),
                Outcome::Stricter => is_unreachable(fault),
                Outcome::Elsewhere => false,
            };
            assert!(expected, "{fault:?} {outcome:?}");
            tally.add(fault, outcome);
        }
    }
    assert!(tally.of(Outcome::Proved) > 500, "{:#?}", tally.0);
}

/// Templates over few words, so that they overlap, nest and share tails.
fn any_template() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        4 => prop::sample::select(vec!["a", "b", "A", "c:d", "%C3%A9", "%C3%89"]),
        2 => Just("{}"),
    ];
    let tail = prop::sample::select(vec!["", "/", "/{*}"]);
    (prop::collection::vec(word, 0..4), tail).prop_map(|(words, tail)| {
        let mut text: String = words
            .iter()
            .enumerate()
            .map(|(i, word)| format!("/{}", word.replace("{}", &format!("{{p{i}}}"))))
            .collect();
        text.push_str(tail);
        if text.is_empty() { "/".into() } else { text }
    })
}

/// A policy that compiles, unless an option makes two of its templates one.
fn any_policy() -> impl Strategy<Value = String> {
    let routes = prop::collection::btree_set(
        (
            prop::sample::select(vec!["a:read", "a:*", "b:read", "u:Run"]),
            prop::sample::select(vec!["GET", "HEAD", "PUT"]),
            any_template(),
        ),
        1..9,
    );
    let header = (any::<bool>(), any::<bool>(), any::<bool>(), 0..4u8);
    (routes, header).prop_map(|(routes, (umbrella, global, key, paths))| {
        let mut text = String::from("version: 1\nname: any\nmethod_rule: none\n");
        text.push_str(if umbrella { "umbrella: u\n" } else { "" });
        text.push_str(if global { "global: \"*:*\"\n" } else { "" });
        text.push_str(if key {
            "key: { prefix: k-, length: 40, alphabet: lower-hex }\n"
        } else {
            ""
        });
        text.push_str(match paths {
            0 => "paths: { case: insensitive }\n",
            1 => "paths: { trailing_slash: optional }\n",
            _ => "",
        });
        text.push_str("scopes:\n");
        let mut last = "";
        for (scope, method, template) in &routes {
            if *scope != last {
                text.push_str(&format!("  \"{scope}\":\n    routes:\n"));
                last = scope;
            }
            text.push_str(&format!(
                "      - route: {method} {template}\n        overlap: allow\n"
            ));
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn faults_in_any_policy(
        source in any_policy(),
        seed in any::<u64>(),
    ) {
        let compiled = compile("any.yaml", &source);
        prop_assume!(compiled.is_ok());
        let compiled = compiled.unwrap();
        let sound = Sound::new(&compiled.model, &compiled.owned, 2);
        let mut by_kind: BTreeMap<String, Vec<Fault>> = BTreeMap::new();
        for fault in faults(&compiled.owned) {
            by_kind.entry(fault.kind()).or_default().push(fault);
        }
        // A kind with many places is not tried more often than one with few.
        let kinds: Vec<&Vec<Fault>> = by_kind
            .iter()
            .filter(|(kind, _)| !REFUSED.contains(&kind.as_str()))
            .map(|(_, faults)| faults)
            .collect();
        // The proof wants two things in their place that no question shows: a
        // literal that leads where every other segment leads too, since a
        // catch-all further left wins anyway; and a template whose paths all go
        // to narrower ones.
        let OwnedPolicy { states, edges, ends, .. } = &compiled.owned;
        let unasked = edges.iter().any(|edge| {
            let row = states.get(edge.state as usize);
            row.is_some_and(|row| row.other == edge.target)
        }) || numbers(ends.len()).any(|end| {
            !states.iter().any(|row| row.end == end || row.end_slash == end)
        });
        let mut seed = seed;
        for i in 0..64 {
            let kind = kinds[i % kinds.len()];
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let fault = &kind[usize::try_from(seed >> 33).unwrap() % kind.len()];
            let outcome = sound.judge(fault);
            let expected = match outcome {
                Outcome::Refused | Outcome::Proved | Outcome::Same => !is_unreachable(fault),
                Outcome::Stricter => is_unreachable(fault) || unasked,
                Outcome::Elsewhere => unasked,
            };
            prop_assert!(expected, "{:?} {:?}", fault, outcome);
        }
    }
}

/// Literals that matched are not checked again, so a label of two segments, or
/// of none, would let through what the path rules refuse.
#[test]
fn labels_that_are_no_segments() {
    let body = "GET /a/b\n      - GET /open\n      - GET /z/{id}\n  \"b:read\":\n    routes:\n      - GET /secret/keys";
    let source =
        format!("version: 1\nname: t\nscopes:\n  \"a:read\":\n    routes:\n      - {body}\n");
    let compiled = compile("t.yaml", &source).unwrap();
    let text = &compiled.owned.text;
    let (mut planted, mut found) = (0, 0);
    for start in 0..text.len() {
        for len in 1..(text.len() - start).min(12) {
            if routescope_core::path::check_segment(&text.as_bytes()[start..start + len]).is_ok() {
                continue;
            }
            for row in 0..compiled.owned.edges.len() {
                for target in 1..compiled.owned.states.len() {
                    let mut faulty = compiled.owned.clone();
                    let edge = &mut faulty.edges[row];
                    (edge.state, edge.target) = (0, u32::try_from(target).unwrap());
                    (edge.label, edge.label_len) =
                        (u32::try_from(start).unwrap(), u16::try_from(len).unwrap());
                    let label = &text[start..start + len];
                    let step = faulty.tables().step(0, label.as_bytes());
                    if matches!(step, Step::Literal(_)) {
                        planted += 1;
                        let refused = prove(&compiled.model, &faulty.policy()).is_err();
                        assert!(refused, "{label}");
                        found += usize::from(faulty.tables().fault().is_some());
                    }
                }
            }
        }
    }
    // Most would not even build.
    assert!(planted > 100 && found > planted / 2, "{found} of {planted}");
}
