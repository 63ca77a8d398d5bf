//! The requirements of requests as text, and the sets of scopes that meet one requirement and not
//! another.

use std::collections::{HashMap, HashSet};

use routescope_core::{Requirement, Route, Scope};

use super::change::{Access, Held};

/// The requirement of a request.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Needs {
    pub(super) access: Access,
    /// The scopes of which each alone suffices, narrowest first.
    singles: Vec<String>,
    sets: Vec<Set>,
    /// The alternatives: the singles, and the scopes that the file names of each set, in the order
    /// of the policy.
    alternatives: Vec<Alternative>,
}

/// Scopes that are needed together.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Set {
    /// For each scope, the scope itself and then those that imply it: a key needs any one of them.
    clauses: Vec<Vec<String>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Alternative {
    Single(usize),
    Set(usize),
}

/// The comparison of two requirements takes too many steps.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct TooMany;

/// Most steps of one comparison. Real requirements have six sets of six scopes at most, which take
/// a few hundred.
const MOST_STEPS: usize = 100_000;

impl Needs {
    /// The requirement of a request that no route answers: every key is denied.
    pub(super) fn denied() -> Self {
        Self::default()
    }

    /// The requirement of the requests of a route.
    pub(super) fn of(route: Route<'_>) -> Self {
        let alternatives = match route.requirement() {
            Requirement::Public => return Self::open(Access::Public),
            Requirement::AnyKey => return Self::open(Access::AnyKey),
            Requirement::Scopes(alternatives) => alternatives,
        };
        let mut needs = Self {
            access: Access::Scopes,
            ..Self::default()
        };
        let name = |scope: Scope<'_>| scope.name().to_owned();
        for alternative in alternatives {
            needs.alternatives.push(match alternative.as_scope() {
                Some(scope) => {
                    needs.singles.push(name(scope));
                    Alternative::Single(needs.singles.len() - 1)
                }
                None => {
                    let clauses = alternative.clauses();
                    needs.sets.push(Set {
                        clauses: clauses.map(|clause| clause.map(name).collect()).collect(),
                    });
                    Alternative::Set(needs.sets.len() - 1)
                }
            });
        }
        needs
    }

    fn open(access: Access) -> Self {
        Self {
            access,
            ..Self::default()
        }
    }

    /// The sets of scopes, as few as possible in each, that meet this requirement and not the
    /// other; narrowest first. There is one if any set does, unless either is open to every key.
    ///
    /// For each alternative, that is the alternative; or where the other requirement accepts it
    /// too, the sets in which scopes that imply its own take their places.
    pub(super) fn beyond(&self, other: &Self) -> Result<Vec<Held>, TooMany> {
        if self.access != Access::Scopes || other.access > Access::Scopes || self == other {
            return Ok(Vec::new());
        }
        let theirs = Theirs::new(other);
        let own: HashSet<&str> = self.singles.iter().map(String::as_str).collect();
        let mut found = Vec::new();
        let mut steps = 0;
        for alternative in &self.alternatives {
            match *alternative {
                Alternative::Single(at) => {
                    let scope = [self.singles[at].as_str()];
                    if !theirs.accept(&scope) {
                        found.push(Held::new(scope));
                    }
                }
                Alternative::Set(at) => {
                    found.extend(theirs.denied(&self.sets[at], &own, &mut steps)?);
                }
            }
        }
        // Two sets may have a variant in common, and one of them a part of another's.
        let all: HashSet<Held> = found.iter().cloned().collect();
        let mut seen = HashSet::new();
        found.retain(|held: &Held| {
            let mut parts = held.proper_parts();
            !parts.any(|part| all.contains(&part)) && seen.insert(held.clone())
        });
        Ok(found)
    }

    /// Whether the two are met by the same keys.
    pub(super) fn is_like(&self, other: &Self) -> Result<bool, TooMany> {
        Ok(self == other
            || self.access == other.access
                && self.beyond(other)?.is_empty()
                && other.beyond(self)?.is_empty())
    }
}

/// The requirement of the other policy, ready for questions.
struct Theirs<'n> {
    singles: HashSet<&'n str>,
    sets: Vec<Vec<HashSet<&'n str>>>,
}

impl<'n> Theirs<'n> {
    fn new(needs: &'n Needs) -> Self {
        let clauses = |set: &'n Set| {
            let clauses = set.clauses.iter();
            clauses
                .map(|clause| clause.iter().map(String::as_str).collect())
                .collect()
        };
        Self {
            singles: needs.singles.iter().map(String::as_str).collect(),
            sets: needs.sets.iter().map(clauses).collect(),
        }
    }

    fn accept(&self, held: &[&str]) -> bool {
        let is_met = |clause: &HashSet<&str>| held.iter().any(|scope| clause.contains(scope));
        held.iter().any(|scope| self.singles.contains(scope))
            || self.sets.iter().any(|set| set.iter().all(is_met))
    }

    /// The variants of a set that this requirement denies: the set as the file names it, or else
    /// those with one other scope in it, or else one with several. `own` are the scopes of which
    /// each alone is enough where the set is.
    fn denied(
        &self,
        set: &Set,
        own: &HashSet<&str>,
        steps: &mut usize,
    ) -> Result<Vec<Held>, TooMany> {
        let named: Vec<&str> = set
            .clauses
            .iter()
            .filter_map(|clause| clause.first().map(String::as_str))
            .collect();
        if !self.accept(&named) {
            return Ok(vec![Held::new(named)]);
        }
        let mut variants = Vec::new();
        for (index, clause) in set.clauses.iter().enumerate() {
            let others = clause.iter().skip(1).map(String::as_str);
            for other in others.filter(|other| !own.contains(other)) {
                let mut variant = named.clone();
                variant[index] = other;
                if !self.accept(&variant) {
                    variants.push(Held::new(variant));
                }
            }
        }
        if variants.is_empty() {
            let clauses: Vec<Vec<&str>> = set
                .clauses
                .iter()
                .map(|clause| {
                    let usable = clause.iter().map(String::as_str);
                    usable
                        .filter(|scope| !own.contains(scope) && !self.singles.contains(scope))
                        .collect()
                })
                .collect();
            variants.extend(self.avoid(&clauses, 0, &mut HashMap::new(), steps)?);
        }
        Ok(variants)
    }

    /// A choice of one scope from each clause that meets none of the sets from the given one on,
    /// and has no avoided scope. Of each set, all scopes of some clause must be avoided: each is
    /// tried.
    fn avoid<'s>(
        &self,
        clauses: &[Vec<&'s str>],
        from: usize,
        avoided: &mut HashMap<&'n str, usize>,
        steps: &mut usize,
    ) -> Result<Option<Held>, TooMany> {
        *steps += 1;
        if *steps > MOST_STEPS {
            return Err(TooMany);
        }
        let choice: Option<Vec<&'s str>> = clauses
            .iter()
            .map(|clause| {
                let mut left = clause.iter().copied();
                left.find(|scope| !avoided.contains_key(scope))
            })
            .collect();
        let Some(choice) = choice else {
            return Ok(None);
        };
        if !self.accept(&choice) {
            return Ok(Some(Held::new(choice)));
        }
        let Some(set) = self.sets.get(from) else {
            return Ok(None);
        };
        let is_avoided =
            |clause: &HashSet<&str>| clause.iter().all(|scope| avoided.contains_key(scope));
        if set.iter().any(is_avoided) {
            return self.avoid(clauses, from + 1, avoided, steps);
        }
        for clause in set {
            for scope in clause {
                *avoided.entry(scope).or_default() += 1;
            }
            let found = self.avoid(clauses, from + 1, avoided, steps)?;
            for scope in clause {
                if let Some(times) = avoided.get_mut(scope) {
                    *times -= 1;
                    if *times == 0 {
                        avoided.remove(scope);
                    }
                }
            }
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Requirements of sets of clauses, each a text: `a|b c` is a set of two clauses.
    fn needs(sets: &[&str]) -> Needs {
        let (singles, sets): (Vec<&&str>, Vec<&&str>) = sets
            .iter()
            .partition(|set| !set.contains(' ') && !set.contains('|'));
        let words =
            |text: &str, by: char| -> Vec<String> { text.split(by).map(str::to_owned).collect() };
        let mut needs = Needs {
            access: Access::Scopes,
            singles: singles.iter().map(|single| (**single).to_owned()).collect(),
            sets: sets
                .iter()
                .map(|set| Set {
                    clauses: set.split(' ').map(|clause| words(clause, '|')).collect(),
                })
                .collect(),
            alternatives: Vec::new(),
        };
        needs.alternatives = (0..needs.singles.len())
            .map(Alternative::Single)
            .chain((0..needs.sets.len()).map(Alternative::Set))
            .collect();
        needs
    }

    #[test]
    fn sets_that_only_one_accepts() {
        for (what, new, old, expected) in [
            ("a single scope", &["a"][..], &["a b"][..], &["a"][..]),
            ("a set under a single scope", &["a b"], &["a"], &[]),
            ("a part of a set", &["a b"], &["a b c"], &["a b"]),
            ("more than a set", &["a b c"], &["a b"], &[]),
            ("another set", &["a b", "c"], &["a c", "c"], &["a b"]),
            ("who implies a part now", &["a|x b"], &["a b"], &["b x"]),
            (
                "who implies both parts, one each",
                &["a|x b|y"],
                &["a|x b", "a b|y"],
                &["x y"],
            ),
            (
                "each variant is a set of its own in the old one",
                &["a|x b|y"],
                &["a b", "x b", "a y", "x y"],
                &[],
            ),
            (
                "all variants but one",
                &["a|x b|y c|z"],
                &["a b", "x b", "a y", "x y c"],
                &["x y z"],
            ),
        ] {
            let found = needs(new).beyond(&needs(old)).unwrap();
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            assert_eq!(found, expected, "{what}");
        }
    }
}
