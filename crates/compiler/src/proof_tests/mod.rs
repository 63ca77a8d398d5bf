//! The proof is what stands between a bug of the compiler and a wrong Allow, so
//! it is itself put to the test: faults are planted in sound tables, and each
//! must be found, unless no question to the policy can tell the difference.
//!
//! Whether one can is found out without the proof, by asking the sound policy
//! and the faulty one the same questions through the public API.

mod adversary;
mod faults;
mod labels;
mod planted;
mod policies;
mod room;
mod sound;

use std::collections::BTreeMap;

use proptest::prelude::*;
use routescope_core::table::{HASHED, State};

use crate::proof::{Difference, NO_SUCH_SEGMENT, NO_WAY_ON, WHATEVER_FOLLOWS, prove_paths};
use crate::{Compiled, OwnedPolicy, compile};
use faults::Fault;
use policies::{POLICIES, any_policy};
use room::faults;
use sound::{Outcome, Sound, Tally, Verdict, literals_like_values};

/// Whether to plant every fault, as CI does. An ordinary run plants a sample of
/// each kind.
fn thorough() -> bool {
    std::env::var_os("ROUTESCOPE_THOROUGH").is_some_and(|value| value == "1")
}

/// Faults of every kind, up to `most` of each, from all over the tables.
fn sample(policy: &OwnedPolicy, most: usize) -> Vec<Fault> {
    let mut by_kind: BTreeMap<String, Vec<Fault>> = BTreeMap::new();
    for fault in faults(policy) {
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

/// Never missed, and never found without need, but for three reasons.
fn is_expected(sound: &Sound<'_>, fault: &Fault, verdict: &Verdict) -> bool {
    let unreachable = sound.is_unreachable(fault);
    match verdict.outcome {
        Outcome::Refused | Outcome::Proved | Outcome::Same => !unreachable,
        // The proof wants that what comes behind a label does not matter to where
        // it leads. It may be that nothing goes on there, with a slash or without
        // one; that all rows between which it is chosen hold the same; or that the
        // fault shows in another label of the state.
        Outcome::Stricter | Outcome::Elsewhere => {
            let found = verdict.found.as_ref();
            let more = [WHATEVER_FOLLOWS, NO_SUCH_SEGMENT];
            let more = found.is_some_and(|found| more.contains(&found.file.as_str()));
            // Rows that move up are many faults at once, of which the proof finds the
            // first.
            let many = matches!(fault, Fault::NoState(_)) && verdict.outcome == Outcome::Elsewhere;
            // A label that leads to an empty row is a way that comes to nothing.
            let empty = matches!(fault, Fault::StateLabel(row, ..) if sound.is_empty(*row));
            let nothing = found.is_some_and(|found| found.file == NO_WAY_ON);
            // A literal that has become a value which resembles another: every path that
            // goes on may be refused either way.
            let refused = sound.refuses_literals()
                && found.is_some_and(|found| found.tables.starts_with("Shadow"));
            more || many
                || refused
                || empty && nothing
                || unreachable && verdict.outcome == Outcome::Stricter
        }
    }
}

/// Kinds that `Tables::fault` finds before the proof is asked: rows that
/// contradict each other, and text and names out of order.
const REFUSED: [&str; 6] = [
    "AcceptedWord",
    "FirstRoute",
    "Methods",
    "NoTwins",
    "Shorten",
    "SwapScopes",
];

/// Kinds that make no difference but to how fast an answer comes: without its
/// row, or with one that leads back to where the walk leads, a path is walked.
const HARMLESS: [&str; 7] = [
    "CopyLiteral",
    "EmptyLiteral",
    "LiteralDisplacement",
    "LiteralFilter",
    "LiteralWords",
    "NoLiteral",
    "SwapLiterals",
];

/// What must have happened, or the test has tested nothing.
fn check(tally: &Tally) {
    for (kind, by_outcome) in &tally.0 {
        let expected = if REFUSED.contains(&kind.as_str()) {
            Outcome::Refused
        } else if HARMLESS.contains(&kind.as_str()) {
            Outcome::Same
        } else {
            Outcome::Proved
        };
        assert!(
            by_outcome.contains_key(&format!("{expected:?}")),
            "{kind}: {by_outcome:?}"
        );
    }
}

/// Every fault that fits, in policies small enough for every question.
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
        for fault in sample(&compiled.owned, most) {
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
    // Some faults change nothing, such as a label taken from another place in the
    // text: if there were none of them, the questions would be too easy.
    assert!(tally.of(Outcome::Same) > same, "{:#?}", tally.0);
}

/// Tables that compare case the other way: the proof compares the option
/// itself, and would find it without that, by other spellings of literals.
#[test]
fn the_wrong_case_shows_in_paths() {
    for (name, depth, body) in POLICIES {
        let compiled = compiled(name, body);
        // Without such a state, no path is compared as the option says.
        let hashed = |state: &State| state.kind == HASHED;
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
    let (most, proved) = if thorough() { (60, 500) } else { (6, 50) };
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../routes.yaml");
    let compiled = compile("routes.yaml", &std::fs::read_to_string(file).unwrap()).unwrap();
    let sound = Sound::new(&compiled.model, &compiled.owned, 1);
    let mut tally = Tally::default();
    for fault in sample(&compiled.owned, most) {
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
        // catch-all further left wins anyway; and a template of which the path that
        // stands for it goes to a narrower one.
        let unasked = literals_like_values(&compiled.owned.tables()) || sound.hides_a_template();
        let mut seed = seed;
        for i in 0..64 {
            let kind = kinds[i % kinds.len()];
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let fault = &kind[usize::try_from(seed >> 33).unwrap() % kind.len()];
            let verdict = sound.judge(fault);
            // It wants a value to be no literal, too, and a literal no value, where
            // paths may go on alike behind either; and no way on where the file has
            // none, which may come to nothing, or lead back in a circle.
            let mistaken = |found: &Difference| {
                let (file, tables) = (found.file.as_str(), found.tables.as_str());
                file.starts_with("that this is a value") && tables.starts_with("Literal")
                    || file.starts_with("that this is a literal") && tables.starts_with("Other")
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
