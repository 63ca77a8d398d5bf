//! Which scopes imply which: one relation, of the rules for names and of `implies`.

use std::collections::{BTreeMap, HashMap};

use crate::model::{Model, ScopeName};

/// For each scope of a policy, the scopes that imply it, itself included.
///
/// A key that holds a scope is as good as one that holds each of the scopes that it implies. The
/// relation is transitive. It has three sources:
///
/// - `implies` of the file;
/// - `r:*` implies every scope of the resource `r`; with an umbrella `u`, `u:read` implies every
///   `r:read`, and `u:*` implies every scope;
/// - the global scope implies every scope.
#[derive(Clone, Debug)]
pub(crate) struct Implications {
    scopes: Vec<ScopeName>,
    numbers: HashMap<ScopeName, usize>,
    /// Of each scope, those that imply it.
    implied_by: Vec<Bits>,
}

/// A set of scopes by their numbers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    pub(crate) fn none(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    pub(crate) fn insert(&mut self, number: usize) {
        self.0[number / 64] |= 1 << (number % 64);
    }

    pub(crate) fn contains(&self, number: usize) -> bool {
        self.0[number / 64] >> (number % 64) & 1 != 0
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }

    pub(crate) fn retain(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= other;
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> {
        (0..self.0.len() * 64).filter(|number| self.contains(*number))
    }
}

/// Scopes that imply each other in a circle, the first one again at the end.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Circle(pub(crate) Vec<ScopeName>);

impl Implications {
    /// The relation of a model.
    ///
    /// # Errors
    ///
    /// Scopes that imply each other. A checked model has none.
    pub(crate) fn new(model: &Model) -> Result<Self, Circle> {
        let scopes: Vec<ScopeName> = model.known_scopes().into_iter().collect();
        let numbers: HashMap<ScopeName, usize> = scopes.iter().cloned().zip(0..).collect();
        let edges = edges(model, &scopes, &numbers);
        let order = in_order(&edges).map_err(|circle| {
            Circle(
                circle
                    .into_iter()
                    .map(|number| scopes[number].clone())
                    .collect(),
            )
        })?;
        let mut implied_by: Vec<Bits> = (0..scopes.len())
            .map(|number| {
                let mut bits = Bits::none(scopes.len());
                bits.insert(number);
                bits
            })
            .collect();
        // The set of a scope is complete before it is passed on: all scopes that imply it came first.
        for number in order {
            let implying = implied_by[number].clone();
            for &implied in &edges[number] {
                implied_by[implied].add(&implying);
            }
        }
        Ok(Self {
            scopes,
            numbers,
            implied_by,
        })
    }

    /// The number of scopes.
    pub(crate) fn count(&self) -> usize {
        self.scopes.len()
    }

    /// The scope with a number. Numbers are in the order of names.
    pub(crate) fn scope(&self, number: usize) -> &ScopeName {
        &self.scopes[number]
    }

    /// The number of a scope of the policy.
    pub(crate) fn number(&self, scope: &ScopeName) -> usize {
        self.numbers[scope]
    }

    /// The scopes that imply a scope, itself included.
    pub(crate) fn implying(&self, number: usize) -> &Bits {
        &self.implied_by[number]
    }

    /// Whether to hold the first scope is as good as to hold the second.
    pub(crate) fn implies(&self, first: usize, second: usize) -> bool {
        self.implied_by[second].contains(first)
    }
}

/// The scopes that each scope implies directly.
fn edges(
    model: &Model,
    scopes: &[ScopeName],
    numbers: &HashMap<ScopeName, usize>,
) -> Vec<Vec<usize>> {
    let mut edges = vec![Vec::new(); scopes.len()];
    for (from, implied) in &model.implies {
        let known = implied.iter().filter_map(|to| numbers.get(to));
        if let Some(&from) = numbers.get(from) {
            edges[from].extend(known);
        }
    }
    let umbrella = |action: &str| {
        let name = ScopeName::of(model.umbrella.as_deref()?, action);
        numbers.get(&name).copied()
    };
    let (all, read) = (umbrella("*"), umbrella("read"));
    let global = model.global.as_ref().and_then(|global| numbers.get(global));
    for (to, scope) in scopes.iter().enumerate() {
        let of_resource = scope.with("*").and_then(|full| numbers.get(&full).copied());
        let read = read.filter(|_| scope.action() == Some("read"));
        for from in [of_resource, read, all, global.copied()]
            .into_iter()
            .flatten()
        {
            let is_broader = Some(&from) == global || Some(&to) != global;
            if from != to && is_broader {
                edges[from].push(to);
            }
        }
    }
    edges
}

/// The scopes, each after all that imply it; or a circle.
fn in_order(edges: &[Vec<usize>]) -> Result<Vec<usize>, Vec<usize>> {
    let mut waiting = vec![0usize; edges.len()];
    for &to in edges.iter().flatten() {
        waiting[to] += 1;
    }
    let mut order: Vec<usize> = (0..edges.len()).filter(|at| waiting[*at] == 0).collect();
    let mut next = 0;
    while let Some(&from) = order.get(next) {
        next += 1;
        for &to in &edges[from] {
            waiting[to] -= 1;
            if waiting[to] == 0 {
                order.push(to);
            }
        }
    }
    if order.len() == edges.len() {
        return Ok(order);
    }
    // Each scope that is left is implied by one that is left. Going back from one to the next
    // leads into a circle.
    let mut before: BTreeMap<usize, usize> = BTreeMap::new();
    for (from, implied) in edges.iter().enumerate().filter(|(at, _)| waiting[*at] > 0) {
        for &to in implied.iter().filter(|to| waiting[**to] > 0) {
            before.entry(to).or_insert(from);
        }
    }
    let Some((&start, _)) = before.first_key_value() else {
        return Ok(order);
    };
    let (mut at, mut seen) = (start, Vec::new());
    while !seen.contains(&at) {
        seen.push(at);
        at = before[&at];
    }
    let mut circle: Vec<usize> = seen.into_iter().skip_while(|seen| *seen != at).collect();
    circle.push(at);
    circle.reverse();
    Err(circle)
}

#[cfg(test)]
mod tests {
    use super::in_order;

    #[test]
    fn orders_and_circles() {
        for (edges, expected) in [
            (vec![vec![1], vec![2], vec![]], Ok(vec![0, 1, 2])),
            (vec![vec![], vec![0], vec![0, 1]], Ok(vec![2, 1, 0])),
            (vec![vec![0]], Err(vec![0, 0])),
            (vec![vec![1], vec![0]], Err(vec![0, 1, 0])),
            (
                vec![vec![1], vec![2], vec![3], vec![1]],
                Err(vec![1, 2, 3, 1]),
            ),
        ] {
            assert_eq!(in_order(&edges), expected, "{edges:?}");
        }
    }
}
