//! The need of a route as its row states it: taken apart, changed, and written again.

use routescope_core::__private::{RouteRow, SETS_FOLLOW};

use crate::layout::owned::OwnedTables;

/// The need of a route, in rows of scopes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Need {
    Public,
    AnyKey,
    Scopes { singles: Vec<u16>, sets: Vec<Set> },
}

/// Scopes that are needed together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Set {
    /// The number of single scopes that are narrower.
    pub(super) position: u16,
    pub(super) clauses: Vec<Clause>,
}

/// The scopes of which any one will do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Clause {
    pub(super) mask: u64,
    pub(super) scopes: Vec<u16>,
}

impl Clause {
    pub(super) fn new(scopes: Vec<u16>) -> Self {
        let mask = mask(&scopes);
        Self { mask, scopes }
    }
}

fn mask(scopes: &[u16]) -> u64 {
    scopes.iter().fold(0, |mask, id| mask | 1 << (id & 63))
}

/// The numbers of `accepted`, one after the other.
struct Numbers<'n> {
    rest: &'n [u16],
    has_masks: bool,
}

impl Numbers<'_> {
    fn next(&mut self) -> u16 {
        let (first, rest) = self.rest.split_first().expect("one more number");
        self.rest = rest;
        *first
    }

    fn take(&mut self, count: u16) -> Vec<u16> {
        (0..count).map(|_| self.next()).collect()
    }

    fn clause(&mut self) -> Clause {
        let mask = match self.has_masks {
            true => (0..4).fold(0, |mask, at| mask | u64::from(self.next()) << (16 * at)),
            false => 0,
        };
        let count = self.next();
        let scopes = self.take(count);
        let mask = if self.has_masks {
            mask
        } else {
            Clause::new(scopes.clone()).mask
        };
        Clause { mask, scopes }
    }
}

impl Need {
    /// The need of the route in this row of sound tables.
    pub(super) fn read(tables: &OwnedTables, row: usize) -> Self {
        let start = match tables.route(row).accepted {
            RouteRow::PUBLIC => return Self::Public,
            RouteRow::ANY_KEY => return Self::AnyKey,
            start => start as usize,
        };
        let all = tables.accepted_numbers();
        let mut numbers = Numbers {
            rest: &all[start..],
            has_masks: has_masks(tables),
        };
        let count = numbers.next();
        let singles = numbers.take(count & !SETS_FOLLOW);
        let sets = match count & SETS_FOLLOW {
            0 => 0,
            _ => numbers.next(),
        };
        let set = |_| {
            let (position, clauses) = (numbers.next(), numbers.next());
            let clauses = (0..clauses).map(|_| numbers.clause()).collect();
            Set { position, clauses }
        };
        let sets = (0..sets).map(set).collect();
        Self::Scopes { singles, sets }
    }

    /// Writes it into a list that no other row has.
    pub(super) fn write(&self, into: &mut OwnedTables, row: usize) {
        let (singles, sets) = match self {
            Self::Public => return into.edit_route(row, |route| route.accepted = RouteRow::PUBLIC),
            Self::AnyKey => {
                return into.edit_route(row, |route| route.accepted = RouteRow::ANY_KEY);
            }
            Self::Scopes { singles, sets } => (singles, sets),
        };
        let has_masks = has_masks(into);
        let words = |mask: u64| [0, 16, 32, 48].map(|by| (mask >> by) as u16);
        let mut numbers = Vec::new();
        if has_masks {
            numbers.extend(words(mask(singles)));
        }
        let start = u32::try_from(into.accepted.len() + numbers.len()).unwrap();
        into.edit_route(row, |route| route.accepted = start);
        let follow = if sets.is_empty() { 0 } else { SETS_FOLLOW };
        numbers.push(u16::try_from(singles.len()).unwrap() | follow);
        numbers.extend(singles);
        if !sets.is_empty() {
            numbers.push(u16::try_from(sets.len()).unwrap());
        }
        for Set { position, clauses } in sets {
            numbers.extend([*position, u16::try_from(clauses.len()).unwrap()]);
            for Clause { mask, scopes } in clauses {
                if has_masks {
                    numbers.extend(words(*mask));
                }
                numbers.push(u16::try_from(scopes.len()).unwrap());
                numbers.extend(scopes);
            }
        }
        let numbers = numbers.into_iter().map(u16::to_le_bytes);
        into.accepted.extend(numbers);
    }
}

fn has_masks(tables: &OwnedTables) -> bool {
    tables.scopes.len() <= 64
}

/// A change to the need of a route, and what it is.
pub(super) type Change = (&'static str, Need);

/// Every change to a need, of scopes of which there are this many.
pub(super) fn changes(need: &Need, scopes: u16) -> Vec<Change> {
    let mut changes: Vec<Change> =
        vec![("OpenToAll", Need::Public), ("OpenToAnyKey", Need::AnyKey)];
    match need {
        Need::Public | Need::AnyKey => {
            let closed = (0..scopes).map(|scope| Need::Scopes {
                singles: vec![scope],
                sets: Vec::new(),
            });
            changes.extend(closed.map(|need| ("Closed", need)));
        }
        Need::Scopes { singles, sets } => {
            for at in 0..sets.len() {
                let replaced = |with: Vec<Set>| {
                    let mut sets = sets.clone();
                    sets.splice(at..=at, with);
                    sets
                };
                changes.extend(
                    set_changes(&sets[at], singles.len(), scopes)
                        .into_iter()
                        .map(|(what, set)| {
                            let (singles, sets) = (singles.clone(), replaced(vec![set]));
                            (what, Need::Scopes { singles, sets })
                        }),
                );
                changes.extend(of_sets(singles, sets, at, replaced));
            }
            changes.extend(more_sets(singles, sets, scopes));
        }
    }
    changes.retain(|(_, changed)| changed != need);
    changes
}

/// Changes to the sets as a whole, of which one is at this number.
fn of_sets(
    singles: &[u16],
    sets: &[Set],
    at: usize,
    replaced: impl Fn(Vec<Set>) -> Vec<Set>,
) -> Vec<Change> {
    let set = &sets[at];
    let need = |singles: &[u16], sets: Vec<Set>| Need::Scopes {
        singles: singles.to_vec(),
        sets,
    };
    let named: Vec<u16> = set.clauses.iter().map(|clause| clause.scopes[0]).collect();
    let all: Vec<u16> = set
        .clauses
        .iter()
        .flat_map(|clause| clause.scopes.clone())
        .collect();
    let mut changes = vec![
        ("NoSet", need(singles, replaced(Vec::new()))),
        (
            "SetTwice",
            need(singles, replaced(vec![set.clone(), set.clone()])),
        ),
    ];
    // The members of the set in the list of scopes of which each suffices, with the set and without
    // it: all of them and one alone; before the others and after them.
    for more in [
        named.clone(),
        all,
        vec![named[0]],
        vec![named[named.len() - 1]],
    ] {
        for sets in [sets.to_vec(), replaced(Vec::new())] {
            let flattened = [[singles, &more].concat(), [&more, singles].concat()];
            changes.extend(flattened.map(|singles| ("Flattened", need(&singles, sets.clone()))));
        }
    }
    if at > 0 {
        let mut swapped = sets.to_vec();
        swapped.swap(at - 1, at);
        let (a, b) = (swapped[at - 1].position, swapped[at].position);
        (swapped[at - 1].position, swapped[at].position) = (b, a);
        changes.push(("SetsSwapped", need(singles, swapped)));
        // Halves of two sets.
        let mut halves = sets.to_vec();
        let clause = halves[at].clauses[0].clone();
        halves[at - 1].clauses[0] = clause;
        changes.push(("Halves", need(singles, halves)));
    }
    changes
}

/// Sets that the file does not have, or that another alternative makes needless.
fn more_sets(singles: &[u16], sets: &[Set], scopes: u16) -> Vec<Change> {
    let mut changes = Vec::new();
    for position in [0, u16::try_from(singles.len()).unwrap()] {
        for a in 0..scopes {
            for b in a + 1..scopes {
                let clauses = [a, b].map(|scope| Clause::new(vec![scope])).to_vec();
                let set = Set { position, clauses };
                let mut more = sets.to_vec();
                more.insert(if position == 0 { 0 } else { sets.len() }, set);
                let singles = singles.to_vec();
                changes.push((
                    "MoreSets",
                    Need::Scopes {
                        singles,
                        sets: more,
                    },
                ));
            }
        }
    }
    changes
}

/// Changes to one set.
fn set_changes(set: &Set, singles: usize, scopes: u16) -> Vec<(&'static str, Set)> {
    let mut changes = Vec::new();
    let with = |change: &dyn Fn(&mut Set)| {
        let mut changed = set.clone();
        change(&mut changed);
        changed
    };
    for position in 0..=u16::try_from(singles).unwrap() + 1 {
        changes.push(("SetPosition", with(&|set| set.position = position)));
    }
    for at in 0..set.clauses.len() {
        changes.push(("NoMember", with(&|set| drop(set.clauses.remove(at)))));
        let twice = with(&|set| set.clauses.push(set.clauses[at].clone()));
        changes.push(("MemberTwice", twice));
        for other in at + 1..set.clauses.len() {
            changes.push(("MembersSwapped", with(&|set| set.clauses.swap(at, other))));
            let merged = with(&|set| {
                let more = set.clauses.remove(other).scopes;
                let scopes = [&set.clauses[at].scopes[..], &more].concat();
                set.clauses[at] = Clause::new(scopes);
            });
            changes.push(("MembersMerged", merged.clone()));
            // As many members as before.
            let mut merged = merged;
            merged.clauses.push(merged.clauses[at].clone());
            changes.push(("MembersMerged", merged));
        }
        let clause = |change: &dyn Fn(&mut Vec<u16>)| {
            let mut scopes = set.clauses[at].scopes.clone();
            change(&mut scopes);
            with(&|set| set.clauses[at] = Clause::new(scopes.clone()))
        };
        let len = set.clauses[at].scopes.len();
        for number in 0..len {
            changes.push((
                "NoImplying",
                clause(&|scopes| {
                    scopes.remove(number);
                }),
            ));
            changes.push(("ImplyingSwapped", clause(&|scopes| scopes.swap(0, number))));
            changes.push(("ImplyingOrder", clause(&|scopes| scopes[1..].reverse())));
            for scope in 0..scopes {
                changes.push(("OtherScope", clause(&|scopes| scopes[number] = scope)));
            }
        }
        for scope in 0..scopes {
            changes.push(("MoreImplying", clause(&|scopes| scopes.push(scope))));
        }
        for bit in [0, 1, 5, 63] {
            let mask = with(&|set| set.clauses[at].mask ^= 1 << bit);
            changes.push(("ClauseMask", mask));
        }
    }
    changes
}
