//! What is planted in sound tables: one thing at a time.

use routescope_core::table::{End, NONE, Run};
use routescope_core::{Alphabet, Method, Methods};

use crate::owned::OwnedPolicy;

/// One thing done to the tables.
#[derive(Clone, Debug)]
pub(super) enum Fault {
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
    Slots(u32),
    SwapRunTargets(usize, usize),
    EmptyRun(usize),
    SwapRuns(usize, usize),
    CopyRun {
        from: usize,
        to: usize,
    },
    /// All rows behind it move up.
    NoRun(usize),
    RunTarget(usize, u32),
    RunLabel(usize, u32, u16),
    /// A run, a group or an empty row becomes a group of that state.
    Group(usize, u32),
    /// Where a state has its rows, if it has any of its own.
    Runs(usize, u32),
    Seed(usize, u16),
    Skip(usize, u8),
    Shape(usize, u8),
    SwapLiterals(usize, usize),
    CopyLiteral {
        from: usize,
        to: usize,
    },
    Literal(usize, u32),
    EmptyLiteral(usize),
    NoLiteral(usize),
    LiteralDisplacement(usize, u16),
    LiteralWords(u8),
    LiteralFilter(usize, u64),
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
pub(super) enum Whole {
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
    pub(super) fn kind(&self) -> String {
        let text = format!("{self:?}");
        text.split(|c: char| !c.is_alphanumeric()).take(1).collect()
    }

    pub(super) fn plant(&self, into: &mut OwnedPolicy) {
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
                let runs = into.runs.iter_mut().map(|run| &mut run.target);
                let references = others.chain(targets).chain(runs);
                for reference in references.filter(|at| **at == from) {
                    *reference = to;
                }
            }
            Self::Displacement(bucket, value) => into.displacements[bucket] = value,
            Self::Slots(slots) => into.slots = slots,
            Self::SwapRunTargets(a, b) => {
                let (x, y) = (into.runs[a].target, into.runs[b].target);
                (into.runs[a].target, into.runs[b].target) = (y, x);
            }
            Self::EmptyRun(row) => into.runs[row] = group(0),
            Self::SwapRuns(a, b) => into.runs.swap(a, b),
            Self::CopyRun { from, to } => into.runs[to] = into.runs[from],
            Self::NoRun(row) => {
                into.runs.remove(row);
                into.runs.push(group(0));
            }
            Self::RunTarget(row, state) => into.runs[row].target = state,
            Self::RunLabel(row, start, len) => {
                (into.runs[row].label, into.runs[row].label_len) = (start, len);
            }
            Self::Group(row, state) => into.runs[row] = group(state),
            Self::Runs(state, first) => into.states[state].runs = first,
            Self::Seed(state, seed) => into.states[state].seed = seed,
            Self::Skip(state, skip) => into.states[state].skip = skip,
            Self::Shape(state, shape) => into.states[state].shape = shape,
            Self::SwapLiterals(a, b) => into.literals.swap(a, b),
            Self::CopyLiteral { from, to } => into.literals[to] = into.literals[from],
            Self::Literal(slot, end) => {
                into.literals[slot] = end;
                // Or nobody would look there.
                into.literal_filter.fill(u64::MAX);
            }
            Self::EmptyLiteral(slot) => into.literals[slot] = NONE,
            Self::NoLiteral(slot) => {
                into.literals.remove(slot);
            }
            Self::LiteralDisplacement(bucket, value) => {
                into.literal_displacements[bucket] = value;
            }
            Self::LiteralWords(words) => into.literal_words = words,
            Self::LiteralFilter(at, bits) => into.literal_filter[at] = bits,
            Self::Methods(end, methods) => {
                into.ends[end] = End::new(into.ends[end].first_route(), methods);
            }
            Self::Method(route, method) => {
                into.routes[route].method = method as u8;
                for end in &mut into.ends {
                    let start = end.first_route() as usize;
                    let rows = &into.routes[start..start + end.methods().len() as usize];
                    let methods = rows.iter().fold(Methods::NONE, |methods, row| {
                        methods.with(Method::ALL[usize::from(row.method)])
                    });
                    *end = End::new(end.first_route(), methods);
                }
            }
            Self::FirstRoute(end, route) => {
                into.ends[end] = End::new(route, into.ends[end].methods());
            }
            Self::Accepts(route, ref list) => {
                if into.scopes.len() <= 64 {
                    let bits = list.iter().fold(0u64, |bits, id| bits | 1 << (id & 63));
                    let words = [0, 16, 32, 48].map(|by| (bits >> by) as u16);
                    into.accepted.extend(words);
                }
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

/// The row of a group; of no state, an empty one.
pub(super) const fn group(state: u32) -> Run {
    Run {
        target: state,
        label: 0,
        label_len: 0,
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

    pub(super) fn all(policy: &OwnedPolicy) -> Vec<Self> {
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
