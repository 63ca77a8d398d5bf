//! Minimising: the states that no path can tell apart become one, and the states get their numbers.

use std::collections::HashMap;

use crate::automaton::state::{NONE, State};

/// Merges equivalent states from the leaves up: two states are one if they accept
/// alike and have the same transitions. The only loops are from a state to itself.
pub(super) fn minimise(states: &[State]) -> Vec<State> {
    /// Stands for "to itself" while a state has no number yet.
    const ITSELF: u32 = NONE - 1;
    let mut merged: Vec<State> = Vec::new();
    let mut numbers: HashMap<State, u32> = HashMap::new();
    let mut new = vec![NONE; states.len()];
    for old in leaves_first(states) {
        let state = states[old].leading_to(|target| match target as usize {
            target if target == old => ITSELF,
            target => new[target],
        });
        // A state with the transitions of a loop that leads into the loop is the loop.
        if merged.get(state.wildcard as usize) == Some(&state) {
            new[old] = state.wildcard;
            continue;
        }
        new[old] = *numbers.entry(state).or_insert_with_key(|state| {
            let number = u32::try_from(merged.len()).unwrap_or(NONE);
            let mut state = state.clone();
            if state.wildcard == ITSELF {
                state.wildcard = number;
            }
            merged.push(state);
            number
        });
    }
    // The start comes last from the leaves; `in_order` begins with it.
    merged.reverse();
    let last = u32::try_from(merged.len()).unwrap_or(NONE).wrapping_sub(1);
    let merged = merged.iter();
    merged
        .map(|state| state.leading_to(|target| last - target))
        .collect()
}

/// Numbers the reachable states in topological order. The order depends on labels
/// alone, so that the same policy gives the same bytes.
pub(super) fn in_order(states: &[State]) -> Vec<State> {
    let mut order = leaves_first(states);
    order.reverse();
    let mut new = vec![NONE; states.len()];
    for (number, &old) in order.iter().enumerate() {
        new[old] = u32::try_from(number).unwrap_or(NONE);
    }
    let renumbered = |target: u32| new[target as usize];
    order
        .iter()
        .map(|&old| states[old].leading_to(renumbered))
        .collect()
}

/// Lists the states depth-first from the start, each after all of its targets. The
/// recursion is as deep as the longest template, at most `MAX_SEGMENTS`.
fn leaves_first(states: &[State]) -> Vec<usize> {
    fn visit(states: &[State], at: usize, seen: &mut [bool], order: &mut Vec<usize>) {
        if std::mem::replace(&mut seen[at], true) {
            return;
        }
        let state = &states[at];
        // Backwards, so that the reversed order has the labels forwards.
        for target in state.targets().collect::<Vec<_>>().into_iter().rev() {
            visit(states, target as usize, seen, order);
        }
        order.push(at);
    }
    let mut order = Vec::with_capacity(states.len());
    visit(states, 0, &mut vec![false; states.len()], &mut order);
    order
}
