//! The faults that are planted in sound tables, one at a time.

use routescope_core::table::{End, GROUP, NONE, State, VALUE};
use routescope_core::{Alphabet, Method, Methods};

use crate::layout::owned::OwnedPolicy;

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
    /// Every reference to the first row leads to the second.
    Merge(u32, u32),
    Displacement(usize, u16),
    Slots(u32),
    SwapStates(usize, usize),
    CopyState {
        from: usize,
        to: usize,
    },
    /// The labels stay, and lead to each other's states.
    SwapTargetStates(usize, usize),
    /// The label stays, and leads to another's state.
    TargetState {
        from: usize,
        to: usize,
    },
    EmptyState(usize),
    /// All later rows move up.
    NoState(usize),
    /// A row goes on choosing as another does.
    Group {
        from: usize,
        to: usize,
    },
    StateLabel(usize, u32, u16),
    Next(usize, u32),
    Value(usize, u32),
    Seed(usize, u16),
    Skip(usize, u8),
    Shape(usize, u8),
    Kind(usize, u8),
    End(At, End),
    /// What wins without a slash wins with one, and the other way round.
    TurnEnd(At),
    SwapTwins(usize, usize),
    NoTwins(usize),
    SwapLiterals(usize, usize),
    CopyLiteral {
        from: usize,
        to: usize,
    },
    Literal(usize, End),
    EmptyLiteral(usize),
    NoLiteral(usize),
    LiteralDisplacement(usize, u16),
    LiteralWords(u8),
    LiteralFilter(usize, u64),
    /// The bits alone, wherever the template is, which contradict the routes then.
    Methods(End, Methods),
    /// A route's method, with the bits that go with it.
    Method(usize, Method),
    FirstRoute(End, u32),
    /// Another list for a route.
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
    /// The same to every row of a label: it may have two, of which the proof wants
    /// that they are the same.
    Alike(Box<Fault>),
}

/// Where tables have an [`End`], beside the perfect hash of whole paths.
#[derive(Clone, Copy, Debug)]
pub(super) enum At {
    State(usize),
    /// After the value of a state.
    Behind(usize),
    /// Without a slash, or with one.
    Twin(usize, bool),
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
        if let Self::Alike(fault) = self {
            return format!("Alike{}", fault.kind());
        }
        let text = format!("{self:?}");
        text.split(|c: char| !c.is_alphanumeric()).take(1).collect()
    }

    /// Whether it puts whole rows, or states, in the place of others.
    pub(super) fn is_about_a_row(&self) -> bool {
        match self {
            Self::Alike(fault) => fault.is_about_a_row(),
            Self::SwapStates(..)
            | Self::CopyState { .. }
            | Self::SwapTargetStates(..)
            | Self::TargetState { .. }
            | Self::Group { .. }
            | Self::Next(..)
            | Self::NoState(_) => true,
            _ => false,
        }
    }

    /// The only row that it changes, if it is about one.
    pub(super) const fn row(&self) -> Option<usize> {
        match *self {
            Self::StateLabel(row, ..)
            | Self::Next(row, _)
            | Self::Value(row, _)
            | Self::Seed(row, _)
            | Self::Skip(row, _)
            | Self::Shape(row, _)
            | Self::Kind(row, _)
            | Self::TargetState { to: row, .. } => Some(row),
            Self::End(at, _) | Self::TurnEnd(at) => at.row(),
            _ => None,
        }
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
            Self::Merge(from, to) => {
                let states = into.states.iter_mut();
                let others = states.filter(|row| row.kind != VALUE);
                let others = others.map(|row| &mut row.value);
                let targets = into.edges.iter_mut().map(|edge| &mut edge.target);
                for reference in others.chain(targets).filter(|at| **at == from) {
                    *reference = to;
                }
            }
            Self::Displacement(bucket, value) => into.displacements[bucket] = value,
            Self::Slots(slots) => into.slots = slots,
            Self::SwapStates(a, b) => into.states.swap(a, b),
            Self::CopyState { from, to } => into.states[to] = into.states[from],
            Self::SwapTargetStates(a, b) => {
                let (x, y) = (into.states[a], into.states[b]);
                (into.states[a], into.states[b]) = (labelled_as(x, y), labelled_as(y, x));
            }
            Self::TargetState { from, to } => {
                into.states[to] = labelled_as(into.states[to], into.states[from]);
            }
            Self::EmptyState(row) => into.states[row] = State::EMPTY,
            Self::NoState(row) => {
                into.states.remove(row);
                into.states.push(State::EMPTY);
            }
            Self::Group { from, to } => into.states[to] = group(into.states[from]),
            Self::StateLabel(row, start, len) => {
                (into.states[row].label, into.states[row].label_len) = (start, len);
            }
            Self::Next(row, next) => into.states[row].next = next,
            Self::Value(row, value) => into.states[row].value = value,
            Self::Seed(row, seed) => into.states[row].seed = seed,
            Self::Skip(row, skip) => into.states[row].skip = skip,
            Self::Shape(row, shape) => into.states[row].shape = shape,
            Self::Kind(row, kind) => into.states[row].kind = kind,
            Self::End(at, end) => at.set(into, end),
            Self::TurnEnd(at) => at.set(into, turned(at.get(into))),
            Self::SwapTwins(a, b) => into.twins.swap(a, b),
            Self::NoTwins(row) => {
                into.twins.remove(row);
            }
            Self::SwapLiterals(a, b) => into.literals.swap(a, b),
            Self::CopyLiteral { from, to } => into.literals[to] = into.literals[from],
            Self::Literal(slot, end) => {
                into.literals[slot] = end;
                // Or nobody would look there.
                into.literal_filter.fill(u64::MAX);
            }
            Self::EmptyLiteral(slot) => into.literals[slot] = End::NONE,
            Self::NoLiteral(slot) => {
                into.literals.remove(slot);
            }
            Self::LiteralDisplacement(bucket, value) => {
                into.literal_displacements[bucket] = value;
            }
            Self::LiteralWords(words) => into.literal_words = words,
            Self::LiteralFilter(at, bits) => into.literal_filter[at] = bits,
            Self::Methods(template, methods) => map_ends(into, |end| {
                let changed = End::new(template.first_route(), methods);
                if is_of(end, template) { changed } else { end }
            }),
            Self::Method(route, method) => {
                into.routes[route].method = method as u8;
                let routes = into.routes.clone();
                map_ends(into, |end| {
                    let start = end.first_route() as usize;
                    let rows = &routes[start..start + end.methods().len() as usize];
                    let methods = rows.iter().fold(Methods::NONE, |methods, row| {
                        methods.with(Method::ALL[usize::from(row.method)])
                    });
                    End::new(end.first_route(), methods)
                });
            }
            Self::FirstRoute(template, route) => map_ends(into, |end| {
                let changed = End::new(route, end.methods());
                if is_of(end, template) { changed } else { end }
            }),
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
            Self::Alike(ref fault) => {
                let before = into.states.clone();
                fault.plant(into);
                spread(&before, into);
            }
        }
    }
}

impl At {
    pub(super) fn get(self, of: &OwnedPolicy) -> End {
        match self {
            Self::State(row) => of.states[row].end,
            Self::Behind(row) => End::from_bits(of.states[row].value),
            Self::Twin(row, slash) => of.twins[row][usize::from(slash)],
        }
    }

    fn set(self, of: &mut OwnedPolicy, end: End) {
        match self {
            Self::State(row) => of.states[row].end = end,
            Self::Behind(row) => of.states[row].value = end.bits(),
            Self::Twin(row, slash) => of.twins[row][usize::from(slash)] = end,
        }
    }

    /// The row it is in, unless that is one of `twins`.
    pub(super) const fn row(self) -> Option<usize> {
        match self {
            Self::State(row) | Self::Behind(row) => Some(row),
            Self::Twin(..) => None,
        }
    }

    /// All there are.
    pub(super) fn all(policy: &OwnedPolicy) -> Vec<Self> {
        let states = policy.states.iter().enumerate().flat_map(|(row, state)| {
            let behind = (state.kind == VALUE).then_some(Self::Behind(row));
            [Some(Self::State(row)), behind].into_iter().flatten()
        });
        let twins = (0..policy.twins.len())
            .flat_map(|row| [false, true].map(|slash| Self::Twin(row, slash)));
        states.chain(twins).collect()
    }
}

/// Repeats a change of one row of a label in all rows that were equal to it.
pub(super) fn spread(before: &[State], into: &mut OwnedPolicy) {
    for (a, row) in before.iter().enumerate() {
        for (b, other) in before.iter().enumerate() {
            let alike = a != b && row == other && row.label_len > 0;
            if alike && into.states[a] != *row && into.states[b] == *row {
                into.states[b] = into.states[a];
            }
        }
    }
}

/// A row that goes on choosing as this one does.
pub(super) const fn group(as_row: State) -> State {
    State {
        next: as_row.next,
        seed: as_row.seed,
        skip: as_row.skip,
        shape: as_row.shape,
        kind: GROUP,
        ..State::EMPTY
    }
}

/// The label of the first row leads to the state of the second.
pub(super) const fn labelled_as(row: State, state: State) -> State {
    State {
        label: row.label,
        label_len: row.label_len,
        ..state
    }
}

fn turned(end: End) -> End {
    end.winning(end.wins(true), end.wins(false))
}

/// Whether an end is that template, in whatever form it wins.
fn is_of(end: End, template: End) -> bool {
    end.winning(false, false) == template
}

/// Changes templates, each wherever it wins, and leaves them winning there.
fn map_ends(into: &mut OwnedPolicy, change: impl Fn(End) -> End) {
    let change = |end: End| {
        if end == End::NONE || end.as_twins().is_some() {
            return end;
        }
        change(end).winning(end.wins(false), end.wins(true))
    };
    for at in At::all(into) {
        at.set(into, change(at.get(into)));
    }
    for end in &mut into.literals {
        *end = change(*end);
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
