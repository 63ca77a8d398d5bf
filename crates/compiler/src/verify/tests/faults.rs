//! Faults to plant in sound tables, one at a time.

use std::ops::Range;

use routescope_core::__private::{
    Accept, Features, HashedEdge, State, StateBytes, StateId, TextRange,
};
use routescope_core::{Method, Methods};

use super::accepts::{EntryOf, is_of, map_templates};
use super::needs::Change;
use super::planted::map_params;
use super::settings::Setting;
use crate::layout::owned::OwnedTables;

/// One change to the tables.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    SwapTargets(usize, usize),
    EmptySlot(usize),
    SwapEdges(usize, usize),
    CopyEdge {
        from: usize,
        to: usize,
    },
    Target(usize, StateId),
    /// An edge leaves the state with another key.
    Key(usize, u32),
    NextCollision(usize, u16),
    Label(usize, TextRange),
    /// Every reference to the first state leads to the second.
    Merge(StateId, StateId),
    Displacement(usize, u16),
    EdgeSlots(u32),
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
    UnusedState(usize),
    /// All later rows move up.
    NoState(usize),
    /// A row becomes a dispatch node that selects rows as another row does.
    DispatchNode {
        from: usize,
        to: usize,
    },
    StateLabel(usize, TextRange),
    /// The bytes of a field in the row of a state, whether its kind has the field or not.
    Field(usize, Field, u32),
    /// A row becomes one of another kind, with its bytes in the fields that this kind has, and
    /// without those of other fields.
    ReadAs(usize, u32),
    Accept(EntryOf, Accept),
    /// The entry accepts with a slash what it accepted without one, and the reverse.
    SwapSlashes(EntryOf),
    SwapSlashPairs(usize, usize),
    NoSlashPair(usize),
    SwapExact(usize, usize),
    CopyExact {
        from: usize,
        to: usize,
    },
    Exact(usize, Accept),
    EmptyExact(usize),
    NoExact(usize),
    ExactDisplacement(usize, u16),
    ExactHashWords(u8),
    ExactFilter(usize, u64),
    /// The methods in all entries of a template, which then contradict its routes.
    Methods(Accept, Methods),
    /// The method of a route, and the methods in the entries of its template.
    Method(usize, Method),
    FirstRoute(Accept, u32),
    /// A separate list of scopes for a route.
    Accepts(usize, Vec<u16>),
    /// Another need for a route, in a list that no other row has.
    Need(usize, Change),
    /// Features that the tables do not have, or lack.
    Features(Features),
    /// A number in the lists that routes share.
    AcceptedNumber(usize, u16),
    SwapAccepted(usize, usize),
    RouteText(usize, TextRange),
    SwapRoutes(usize, usize),
    ScopeText(usize, TextRange),
    Declared(usize),
    SwapScopes(usize, usize),
    /// Another scope, or a row that does not exist, in a slot of the hash of names.
    ScopeSlot(usize, u16),
    ScopeDisplacement(usize, u16),
    ScopeHashWords(u8),
    NoScope(usize),
    TextByte(usize, u8),
    Shorten(usize),
    Setting(Setting),
    /// The same to every row of a label. A label may have two rows, and the proof wants them
    /// to be the same.
    Alike(Box<Fault>),
}

/// A field in the bytes of a state: [`StateBytes`] lists them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Field {
    FirstOrKey,
    ParamOrAccept,
    SeedOrLengths,
    WindowOffset,
    WindowOrCount,
    Kind,
    /// The byte that is always zero.
    Zero,
}

impl Field {
    const fn range(self) -> Range<usize> {
        match self {
            Self::FirstOrKey => 4..8,
            Self::ParamOrAccept => 12..16,
            Self::SeedOrLengths => 18..20,
            Self::WindowOffset => 20..21,
            Self::WindowOrCount => 21..22,
            Self::Kind => 22..23,
            Self::Zero => 23..24,
        }
    }

    /// Reads the field as a number.
    pub(super) fn get(self, bytes: &StateBytes) -> u32 {
        let bytes = bytes.as_flattened()[self.range()].iter().rev();
        bytes.fold(0, |number, byte| number << 8 | u32::from(*byte))
    }

    /// Writes a number into the field.
    pub(super) fn set(self, bytes: &mut StateBytes, number: u32) {
        let field = &mut bytes.as_flattened_mut()[self.range()];
        field.copy_from_slice(&number.to_le_bytes()[..field.len()]);
    }
}

impl Fault {
    /// The name of its kind, for the counts. Each field counts as a kind.
    pub(super) fn kind(&self) -> String {
        let text = match self {
            Self::Alike(fault) => return format!("Alike{}", fault.kind()),
            Self::Field(_, field, _) => format!("{field:?}"),
            Self::Need(_, (what, _)) => (*what).to_owned(),
            fault => format!("{fault:?}"),
        };
        text.split(|c: char| !c.is_alphanumeric()).take(1).collect()
    }

    /// Whether it puts a whole row, or state, where another was.
    pub(super) fn is_about_a_row(&self) -> bool {
        match self {
            Self::Alike(fault) => fault.is_about_a_row(),
            Self::SwapStates(..)
            | Self::CopyState { .. }
            | Self::SwapTargetStates(..)
            | Self::TargetState { .. }
            | Self::DispatchNode { .. }
            | Self::Field(_, Field::FirstOrKey, _)
            | Self::NoState(_) => true,
            _ => false,
        }
    }

    /// The only row that it changes, if there is only one.
    pub(super) const fn row(&self) -> Option<usize> {
        match *self {
            // Refused in any row.
            Self::Field(_, Field::Zero, _) => None,
            Self::StateLabel(row, _)
            | Self::Field(row, ..)
            | Self::ReadAs(row, _)
            | Self::TargetState { to: row, .. } => Some(row),
            Self::Accept(entry, _) | Self::SwapSlashes(entry) => entry.row(),
            _ => None,
        }
    }

    pub(super) fn plant(&self, into: &mut OwnedTables) {
        match *self {
            Self::SwapTargets(a, b) => {
                let (x, y) = (into.edge(a).target, into.edge(b).target);
                into.edit_edge(a, |edge| edge.target = y);
                into.edit_edge(b, |edge| edge.target = x);
            }
            Self::EmptySlot(row) => into.edit_edge(row, |edge| edge.key = HashedEdge::NO_KEY),
            Self::SwapEdges(a, b) => into.edges.swap(a, b),
            Self::CopyEdge { from, to } => into.edges[to] = into.edges[from],
            Self::Target(row, target) => into.edit_edge(row, |edge| edge.target = target),
            Self::Key(row, key) => into.edit_edge(row, |edge| edge.key = key),
            Self::NextCollision(row, next) => {
                into.edit_edge(row, |edge| edge.next_collision = next);
            }
            Self::Label(row, label) => into.edit_edge(row, |edge| edge.label = label),
            Self::Merge(from, to) => {
                let merged = |state| if state == from { to } else { state };
                map_params(into, merged);
                for row in 0..into.edges.len() {
                    into.edit_edge(row, |edge| edge.target = merged(edge.target));
                }
            }
            Self::Displacement(bucket, value) => {
                into.edge_displacements[bucket] = value.to_le_bytes();
            }
            Self::EdgeSlots(slots) => into.edge_slots = slots,
            Self::SwapStates(a, b) => into.states.swap(a, b),
            Self::CopyState { from, to } => into.states[to] = into.states[from],
            Self::SwapTargetStates(a, b) => {
                let (x, y) = (into.state(a), into.state(b));
                into.set_state(
                    a,
                    State {
                        label: x.label,
                        ..y
                    },
                );
                into.set_state(
                    b,
                    State {
                        label: y.label,
                        ..x
                    },
                );
            }
            Self::TargetState { from, to } => {
                let target = into.state(from);
                into.edit_state(to, |state| {
                    *state = State {
                        label: state.label,
                        ..target
                    };
                });
            }
            Self::UnusedState(row) => into.set_state(row, State::UNUSED),
            Self::NoState(row) => {
                into.states.remove(row);
                into.states.push(State::UNUSED.to_bytes());
            }
            Self::DispatchNode { from, to } => into.states[to] = dispatch_node(&into.states[from]),
            Self::StateLabel(row, label) => into.edit_state(row, |state| state.label = label),
            Self::Field(row, field, number) => field.set(&mut into.states[row], number),
            Self::ReadAs(row, kind) => {
                Field::Kind.set(&mut into.states[row], kind);
                into.edit_state(row, |_| {});
            }
            Self::Accept(entry, accept) => entry.set(into, accept),
            Self::SwapSlashes(entry) => {
                let accept = entry.get(into);
                entry.set(
                    into,
                    accept.when(accept.accepts(true), accept.accepts(false)),
                );
            }
            Self::SwapSlashPairs(a, b) => into.slash_pairs.swap(a, b),
            Self::NoSlashPair(row) => {
                into.slash_pairs.remove(row);
            }
            Self::SwapExact(a, b) => into.exact.swap(a, b),
            Self::CopyExact { from, to } => into.exact[to] = into.exact[from],
            Self::Exact(slot, accept) => {
                into.set_exact(slot, accept);
                // Otherwise no look-up would read the slot.
                into.fill_exact_filter();
            }
            Self::EmptyExact(slot) => into.set_exact(slot, Accept::NONE),
            Self::NoExact(slot) => {
                into.exact.remove(slot);
            }
            Self::ExactDisplacement(bucket, value) => {
                into.exact_displacements[bucket] = value.to_le_bytes();
            }
            Self::ExactHashWords(words) => into.exact_hash_words = words,
            Self::ExactFilter(at, bits) => into.exact_filter[at] = bits.to_le_bytes(),
            Self::Methods(template, methods) => map_templates(into, |accept| {
                let changed = Accept::template(template.first_route(), methods);
                if is_of(accept, template) {
                    changed
                } else {
                    accept
                }
            }),
            Self::Method(row, method) => {
                into.edit_route(row, |route| route.method = method as u8);
                let methods: Vec<Method> = into
                    .decoded_routes()
                    .map(|route| Method::ALL[usize::from(route.method)])
                    .collect();
                map_templates(into, |accept| {
                    let rows = methods.iter().skip(accept.first_route() as usize);
                    let methods = rows.take(accept.methods().len() as usize).copied();
                    Accept::template(accept.first_route(), methods.collect())
                });
            }
            Self::FirstRoute(template, first_route) => map_templates(into, |accept| {
                let changed = Accept::template(first_route, accept.methods());
                if is_of(accept, template) {
                    changed
                } else {
                    accept
                }
            }),
            Self::Accepts(row, ref list) => {
                let mut numbers = Vec::new();
                if into.scopes.len() <= 64 {
                    let mask = list.iter().fold(0u64, |mask, id| mask | 1 << (id & 63));
                    numbers.extend([0, 16, 32, 48].map(|by| (mask >> by) as u16));
                }
                let start = into.accepted.len() + numbers.len();
                let start = u32::try_from(start).unwrap();
                into.edit_route(row, |route| route.accepted = start);
                numbers.push(u16::try_from(list.len()).unwrap());
                numbers.extend_from_slice(list);
                into.accepted
                    .extend(numbers.into_iter().map(u16::to_le_bytes));
            }
            Self::Need(row, (_, ref need)) => need.write(into, row),
            Self::Features(features) => into.features = features,
            Self::AcceptedNumber(at, number) => into.accepted[at] = number.to_le_bytes(),
            Self::SwapAccepted(a, b) => {
                let (x, y) = (into.route(a).accepted, into.route(b).accepted);
                into.edit_route(a, |route| route.accepted = y);
                into.edit_route(b, |route| route.accepted = x);
            }
            Self::RouteText(row, text) => into.edit_route(row, |route| route.template = text),
            Self::SwapRoutes(a, b) => into.routes.swap(a, b),
            Self::ScopeText(row, text) => into.edit_scope(row, |scope| scope.name = text),
            Self::Declared(row) => into.edit_scope(row, |scope| scope.declared ^= true),
            Self::SwapScopes(a, b) => into.scopes.swap(a, b),
            Self::ScopeSlot(slot, row) => into.scope_slots[slot] = row.to_le_bytes(),
            Self::ScopeDisplacement(bucket, value) => {
                into.scope_displacements[bucket] = value.to_le_bytes();
            }
            Self::ScopeHashWords(words) => into.scope_hash_words = words,
            Self::NoScope(row) => {
                into.scopes.remove(row);
                // The slots stay in range, so that the proof has to notice.
                for slot in &mut into.scope_slots {
                    let of = usize::from(u16::from_le_bytes(*slot));
                    let moved = if of > row {
                        of - 1
                    } else {
                        of % into.scopes.len().max(1)
                    };
                    *slot = u16::try_from(moved).unwrap().to_le_bytes();
                }
            }
            Self::TextByte(at, byte) => {
                let byte = char::from(byte).to_string();
                into.text.replace_range(at..=at, &byte);
            }
            Self::Shorten(len) => into.text.truncate(len),
            Self::Setting(ref setting) => setting.plant(into),
            Self::Alike(ref fault) => {
                let before = into.states.clone();
                fault.plant(into);
                spread(&before, into);
            }
        }
    }
}

/// Does to all rows of a label that were the same what was done to one of them.
pub(super) fn spread(before: &[StateBytes], into: &mut OwnedTables) {
    for (a, row) in before.iter().enumerate() {
        if State::from_bytes(row).label.len == 0 {
            continue;
        }
        for (b, other) in before.iter().enumerate() {
            let alike = a != b && row == other;
            if alike && into.states[a] != *row && into.states[b] == *row {
                into.states[b] = into.states[a];
            }
        }
    }
}

/// A dispatch node with the bytes by which this row selects others, whatever its kind.
pub(super) fn dispatch_node(as_row: &StateBytes) -> StateBytes {
    const DISPATCH: u32 = 5;
    let mut node = State::UNUSED.to_bytes();
    for field in [
        Field::FirstOrKey,
        Field::SeedOrLengths,
        Field::WindowOffset,
        Field::WindowOrCount,
    ] {
        field.set(&mut node, field.get(as_row));
    }
    Field::Kind.set(&mut node, DISPATCH);
    node
}
