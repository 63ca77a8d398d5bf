//! Asks the engine about keys with certain scopes, and compares its answers with the rules.
//!
//! `policy` compares what the tables state; this compares what the engine makes of it. For each
//! requirement of the policy, the key holds nothing, each scope that suffices alone, each set, and
//! each set without one of its scopes. Where a requirement with sets is about few names, the key
//! holds every combination of them.

use std::collections::HashSet;

use routescope_core::{By, Decision, Policy, Route};

use crate::model::{Listed, ModelRoute};
use crate::verify::difference::Difference;
use crate::verify::needs::Needs;
use crate::verify::proof::Proof;

/// The most names of which every combination is tried.
const MAX_NAMES: usize = 12;

/// The most comparisons of names in one proof, for keys of one scope each. Lists of accepted scopes
/// beyond that are asked about with the first and the last of them.
const MAX_COMPARISONS: usize = 1 << 24;

/// The most combinations that are tried in one proof. Requirements beyond that are asked about with
/// single scopes and sets, as those of many names are.
const MAX_COMBINATIONS: usize = 1 << 20;

impl Proof<'_> {
    /// Checks that each requirement opens to the keys to which the file opens it.
    pub(super) fn held_sets(
        &self,
        policy: Policy<'_>,
        needs: &Needs<'_>,
    ) -> Result<(), Difference> {
        let mut seen: HashSet<(&Listed, u32)> = HashSet::new();
        let (mut combinations, mut comparisons) = (0, 0);
        for (route, row) in self.model.routes().zip(policy.routes()) {
            let accepted = row.requirement_number();
            if !seen.insert((&route.listed, accepted)) {
                continue;
            }
            for held in held_sets(needs, route, &mut combinations, &mut comparisons) {
                compare(needs, policy, route, row, &held)?;
            }
        }
        Ok(())
    }
}

/// The sets of names to ask with.
fn held_sets(
    needs: &Needs<'_>,
    route: &ModelRoute,
    combinations: &mut usize,
    comparisons: &mut usize,
) -> Vec<Vec<String>> {
    let together = needs.together(&route.listed);
    let names: Vec<&str> = needs.names(&route.listed).into_iter().collect();
    let mut held: Vec<Vec<String>> = vec![Vec::new()];
    let all = 1usize << names.len().min(MAX_NAMES);
    if !together.is_empty() && names.len() <= MAX_NAMES && *combinations + all <= MAX_COMBINATIONS {
        *combinations += all;
        let chosen = |bits: usize| {
            let named = names
                .iter()
                .enumerate()
                .filter(|(at, _)| bits >> at & 1 == 1);
            named.map(|(_, name)| (*name).to_owned()).collect()
        };
        held.extend((1..all).map(chosen));
        return held;
    }
    let cost = names.len() * names.len();
    if *comparisons + cost <= MAX_COMPARISONS {
        *comparisons += cost;
        held.extend(names.iter().map(|name| vec![(*name).to_owned()]));
    } else {
        let ends = names.first().into_iter().chain(names.last());
        held.extend(ends.map(|name| vec![(*name).to_owned()]));
    }
    for set in together {
        for left_out in 0..set.len() {
            let mut part = set.clone();
            part.remove(left_out);
            held.push(part);
        }
        held.push(set);
    }
    held
}

fn compare(
    needs: &Needs<'_>,
    policy: Policy<'_>,
    route: &ModelRoute,
    row: Route<'_>,
    held: &[String],
) -> Result<(), Difference> {
    let names: Vec<&str> = held.iter().map(String::as_str).collect();
    let expected = needs.opens(&route.listed, &names);
    let prepared = row.authorize(&policy.scope_set(held));
    let by_names = row.authorize(held);
    let is_right = |decision: Decision<'_>| match decision {
        Decision::Deny(_) => !expected,
        Decision::Allow { by, .. } => {
            expected
                && match by {
                    By::Public => route.listed == Listed::Public,
                    By::AnyKey => route.listed == Listed::AnyKey,
                    By::Scope(scope) => names.contains(&scope.name()),
                    // No part of the key suffices alone then.
                    By::All(_) => names
                        .iter()
                        .all(|name| !needs.opens(&route.listed, &[*name])),
                }
        }
    };
    if is_right(prepared) && is_right(by_names) {
        return Ok(());
    }
    Err(Difference {
        path: format!("{} {}", route.method, route.text),
        file: format!(
            "that a key with {names:?} is {}",
            if expected { "allowed" } else { "denied" }
        ),
        tables: format!("{prepared:?}, and by names {by_names:?}"),
    })
}
