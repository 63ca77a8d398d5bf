//! Tests of the proof itself. It is the last check between a bug of the compiler and a wrong
//! Allow, so faults are planted in sound tables, and it must find each of them, unless no
//! question to the policy can tell the difference.
//!
//! The tests find out without the proof whether a question can: they ask the sound policy and
//! the faulty one the same questions through the public API.

mod accepts;
mod adversary;
mod faults;
mod labels;
mod needs;
mod planted;
mod policies;
mod questions;
mod room;
mod settings;
mod sound;

use std::collections::BTreeMap;

use proptest::prelude::*;
use routescope_core::__private::{
    Accept, Dispatch, HashedEdge, RouteRow, ScopeRow, SlashPair, State, StateKind,
};

use crate::layout::owned::{OwnedPolicy, OwnedTables};
use crate::verify::{Difference, NO_SUCH_SEGMENT, NO_WAY_ON, WHATEVER_FOLLOWS, prove_paths};
use crate::{Compiled, compile};
use faults::Fault;
use policies::{POLICIES, any_policy};
use room::faults;
use settings::Setting;
use sound::{Outcome, Sound, Tally, Verdict, literals_like_values};

/// Rows, decoded for a test, and encoded again once the test has changed them.
impl OwnedTables {
    fn state(&self, row: usize) -> State {
        State::from_bytes(&self.states[row])
    }

    fn decoded_states(&self) -> impl Iterator<Item = State> {
        self.states.iter().map(State::from_bytes)
    }

    fn set_state(&mut self, row: usize, state: State) {
        self.states[row] = state.to_bytes();
    }

    fn edit_state(&mut self, row: usize, edit: impl FnOnce(&mut State)) {
        let mut state = self.state(row);
        edit(&mut state);
        self.set_state(row, state);
    }

    /// Changes the dispatch of a state, which must have one.
    fn edit_dispatch(&mut self, row: usize, edit: impl FnOnce(&mut Dispatch)) {
        self.edit_state(row, |state| match &mut state.kind {
            StateKind::Static(dispatch)
            | StateKind::ParamThenStatic { dispatch, .. }
            | StateKind::Dispatch(dispatch) => edit(dispatch),
            kind => panic!("{kind:?} has no dispatch"),
        });
    }

    fn edge(&self, row: usize) -> HashedEdge {
        HashedEdge::from_bytes(&self.edges[row])
    }

    fn decoded_edges(&self) -> impl Iterator<Item = HashedEdge> + Clone {
        self.edges.iter().map(HashedEdge::from_bytes)
    }

    fn edit_edge(&mut self, row: usize, edit: impl FnOnce(&mut HashedEdge)) {
        let mut edge = self.edge(row);
        edit(&mut edge);
        self.edges[row] = edge.to_bytes();
    }

    fn edit_slash_pair(&mut self, row: usize, edit: impl FnOnce(&mut SlashPair)) {
        let mut pair = SlashPair::from_bytes(&self.slash_pairs[row]);
        edit(&mut pair);
        self.slash_pairs[row] = pair.to_bytes();
    }

    fn exact_entries(&self) -> impl Iterator<Item = Accept> {
        let exact = self.exact.iter().copied();
        exact.map(|bytes| Accept::from_bits(u32::from_le_bytes(bytes)))
    }

    fn set_exact(&mut self, slot: usize, accept: Accept) {
        self.exact[slot] = accept.bits().to_le_bytes();
    }

    /// Puts one entry into every slot of the exact map.
    fn fill_exact(&mut self, accept: Accept) {
        self.exact.fill(accept.bits().to_le_bytes());
    }

    /// Makes the Bloom filter of the exact map contain every path, so that each look-up
    /// compares the entry in its slot.
    fn fill_exact_filter(&mut self) {
        self.exact_filter.fill([u8::MAX; 8]);
    }

    fn route(&self, row: usize) -> RouteRow {
        RouteRow::from_bytes(&self.routes[row])
    }

    fn decoded_routes(&self) -> impl Iterator<Item = RouteRow> {
        self.routes.iter().map(RouteRow::from_bytes)
    }

    fn edit_route(&mut self, row: usize, edit: impl FnOnce(&mut RouteRow)) {
        let mut route = self.route(row);
        edit(&mut route);
        self.routes[row] = route.to_bytes();
    }

    fn edit_scope(&mut self, row: usize, edit: impl FnOnce(&mut ScopeRow)) {
        let mut scope = ScopeRow::from_bytes(&self.scopes[row]);
        edit(&mut scope);
        self.scopes[row] = scope.to_bytes();
    }

    /// The numbers of `accepted`.
    fn accepted_numbers(&self) -> Vec<u16> {
        let numbers = self.accepted.iter().copied();
        numbers.map(u16::from_le_bytes).collect()
    }
}

/// Whether to plant every fault, as CI does. An ordinary run plants a sample of each kind.
fn thorough() -> bool {
    std::env::var_os("ROUTESCOPE_THOROUGH").is_some_and(|value| value == "1")
}

/// Faults of every kind, at most `most` of each, from all over the tables.
fn sample(tables: &OwnedTables, most: usize) -> Vec<Fault> {
    let mut by_kind: BTreeMap<String, Vec<Fault>> = BTreeMap::new();
    for fault in faults(tables) {
        by_kind.entry(fault.kind()).or_default().push(fault);
    }
    let of_a_kind = by_kind.into_values().flat_map(|faults| {
        let step = faults.len().div_ceil(most).max(1);
        // The last one is always among them.
        faults.into_iter().rev().step_by(step)
    });
    of_a_kind.collect()
}

fn compiled(name: &str, body: &str) -> Compiled {
    compile(name, &format!("version: 1\nname: small{body}")).unwrap()
}

/// Whether a fault was found if it shows, and only then, but for the reasons below.
fn is_expected(sound: &Sound<'_>, fault: &Fault, verdict: &Verdict) -> bool {
    let unreachable = sound.is_unreachable(fault);
    match verdict.outcome {
        Outcome::Refused | Outcome::Proved | Outcome::Same => !unreachable,
        // The proof wants the target of a label not to depend on the text after it. It may
        // be that no template continues there, with a slash or without one; that all rows
        // of the dispatch hold the same; or that the fault shows in another label of the
        // state.
        Outcome::Stricter | Outcome::Elsewhere => {
            let found = verdict.found.as_ref();
            let more = [WHATEVER_FOLLOWS, NO_SUCH_SEGMENT];
            let more = found.is_some_and(|found| more.contains(&found.file.as_str()));
            // Rows that move up are many faults at once, of which the proof finds the
            // first.
            let many = matches!(fault, Fault::NoState(_)) && verdict.outcome == Outcome::Elsewhere;
            // A label that leads to an unused row leads to no template.
            let empty = matches!(fault, Fault::StateLabel(row, ..) if sound.is_empty(*row));
            let nothing = found.is_some_and(|found| found.file == NO_WAY_ON);
            // A literal has become a value that resembles another literal. Every longer path
            // may be refused either way.
            let refused = sound.refuses_literals()
                && found.is_some_and(|found| found.tables.starts_with("Shadows"));
            // The row of an affix has a label, and is no state: what leads there leads to no
            // template.
            let no_state = sound.has_affixes() && nothing;
            more || many
                || refused
                || no_state
                || empty && nothing
                || unreachable && verdict.outcome == Outcome::Stricter
        }
    }
}

/// Kinds that `Tables::validate` refuses before the proof is asked: rows that contradict each
/// other, bytes in fields that a state does not have, and text and names out of order.
const REFUSED: [&str; 9] = [
    "AcceptedNumber",
    "AlikeKind",
    "ClauseMask",
    "FirstRoute",
    "Methods",
    "NoSlashPair",
    "Shorten",
    "SwapScopes",
    "Zero",
];

/// Kinds that change nothing but the speed of an answer: without its entry in the exact map,
/// or with an entry that the automaton leads to as well, a path is matched by the automaton.
const HARMLESS: [&str; 7] = [
    "CopyExact",
    "EmptyExact",
    "ExactDisplacement",
    "ExactFilter",
    "ExactHashWords",
    "NoExact",
    "SwapExact",
];

/// Each kind of fault has had the outcome that it exists for at least once. Otherwise the test
/// has tested nothing.
fn check(tally: &Tally) {
    let expected = |kind: &str| {
        if REFUSED.contains(&kind) {
            Outcome::Refused
        } else if HARMLESS.contains(&kind) {
            Outcome::Same
        } else {
            Outcome::Proved
        }
    };
    let never = tally.0.iter().filter(|(kind, by_outcome)| {
        let expected = format!("{:?}", expected(kind));
        !by_outcome.contains_key(&expected)
    });
    assert_eq!(never.collect::<Vec<_>>(), []);
}

/// Every fault that tables have room for, in policies small enough for every question.
#[test]
fn every_fault_in_small_policies() {
    let (most, proved, same) = if thorough() {
        (usize::MAX, 8_000, 50)
    } else {
        (12, 800, 5)
    };
    let mut tally = Tally::default();
    for (name, depth, body) in POLICIES {
        let compiled = compiled(name, body);
        let sound = Sound::new(&compiled.model, &compiled.owned, depth);
        for fault in sample(compiled.owned.owned_tables(), most) {
            let verdict = sound.judge(&fault);
            assert!(
                is_expected(&sound, &fault, &verdict),
                "{name}: {fault:?} {verdict:?}"
            );
            tally.add(&fault, verdict.outcome);
        }
    }
    check(&tally);
    assert!(tally.of(Outcome::Proved) > proved, "{:#?}", tally.0);
    // Some faults make no difference, such as a label taken from another occurrence in the
    // text. If all made one, the faults would be too easy to find.
    assert!(tally.of(Outcome::Same) > same, "{:#?}", tally.0);
}

/// Tables that compare case the other way: the proof compares the option
/// itself, and would find it without that, by other spellings of literals.
#[test]
fn the_wrong_case_shows_in_paths() {
    for (name, depth, body) in POLICIES {
        let compiled = compiled(name, body);
        // Without such a state, no path is compared as the option says.
        let hashed = |state: State| matches!(state.kind, StateKind::Hashed { .. });
        let sound_tables = compiled.owned.owned_tables();
        if !sound_tables.decoded_states().any(hashed) {
            continue;
        }
        let sound = Sound::new(&compiled.model, &compiled.owned, depth);
        let mut faulty = sound_tables.clone();
        Setting::Case.plant(&mut faulty);
        let faulty = OwnedPolicy::new(faulty);
        let found = prove_paths(&compiled.model, faulty.policy()).unwrap_err();
        assert!(sound.shows(&found, faulty.policy()), "{name}: {found}");
    }
}

/// A sample of each kind of fault in the PBX API's policy.
#[test]
fn faults_in_the_pbx_policy() {
    let (most, proved) = if thorough() { (60, 500) } else { (6, 50) };
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../routes.yaml");
    let compiled = compile("routes.yaml", &std::fs::read_to_string(file).unwrap()).unwrap();
    let sound = Sound::new(&compiled.model, &compiled.owned, 1);
    let mut tally = Tally::default();
    for fault in sample(compiled.owned.owned_tables(), most) {
        let verdict = sound.judge(&fault);
        assert!(
            is_expected(&sound, &fault, &verdict),
            "{fault:?} {verdict:?}"
        );
        tally.add(&fault, verdict.outcome);
    }
    assert!(tally.of(Outcome::Proved) > proved, "{:#?}", tally.0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if thorough() { 96 } else { 16 }, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn faults_in_any_policy(
        source in any_policy(),
        seed in any::<u64>(),
    ) {
        let compiled = compile("any.yaml", &source);
        if let Err(report) = &compiled {
            let report = report.to_string();
            prop_assert!(!report.contains("this is a bug of"), "{}", report);
        }
        prop_assume!(compiled.is_ok());
        let compiled = compiled.unwrap();
        let sound = Sound::new(&compiled.model, &compiled.owned, 2);
        let mut by_kind: BTreeMap<String, Vec<Fault>> = BTreeMap::new();
        for fault in faults(compiled.owned.owned_tables()) {
            by_kind.entry(fault.kind()).or_default().push(fault);
        }
        // A kind with many faults is not tried more often than one with few.
        let kinds: Vec<&Vec<Fault>> = by_kind
            .iter()
            .filter(|(kind, _)| !REFUSED.contains(&kind.as_str()))
            .map(|(_, faults)| faults)
            .collect();
        // The proof wants two things that no question shows: a literal edge with the same
        // target as every other segment has, since a catch-all further left wins anyway; and
        // a template whose example path goes to a narrower template.
        let unasked = literals_like_values(compiled.owned.tables()) || sound.hides_a_template();
        let mut seed = seed;
        for i in 0..64 {
            let kind = kinds[i % kinds.len()];
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let fault = &kind[usize::try_from(seed >> 33).unwrap() % kind.len()];
            let verdict = sound.judge(fault);
            // It also tells values from literals where paths may continue alike after
            // either, and wants no transition where the file has none, although one may lead
            // to no template, or in a circle.
            let mistaken = |found: &Difference| {
                let (file, tables) = (found.file.as_str(), found.tables.as_str());
                file.starts_with("that this is a value") && tables.starts_with("Static")
                    || file.starts_with("that this is a literal")
                        && (tables.starts_with("Wildcard") || tables.starts_with("Affix"))
                    || file.starts_with(NO_WAY_ON) && tables != "Dead"
            };
            let unasked = unasked || verdict.found.as_ref().is_some_and(mistaken);
            // A row in another's place is many faults at once, too.
            let many = verdict.outcome == Outcome::Elsewhere && fault.is_about_a_row();
            let excused = many
                || unasked && matches!(verdict.outcome, Outcome::Stricter | Outcome::Elsewhere);
            prop_assert!(excused || is_expected(&sound, fault, &verdict), "{:?} {:?}", fault, verdict);
        }
    }
}
