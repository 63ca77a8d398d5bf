//! Compares every pair of a table state and a set of active templates.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use routescope_core::__private::Transition as EdgeTransition;
use routescope_core::path::check_segment;

use crate::verify::active_set::{ActiveSet, Matching};
use crate::verify::alternatives::Alternatives;
use crate::verify::difference::{Difference, Proved};
use crate::verify::proof::{Pair, Proof};
use crate::verify::segment_view::{Position, TAILS, Transition, labelled_rows};

/// The file's side for every label: its target depends on nothing that follows. That is
/// stricter than any path shows.
pub(crate) const WHATEVER_FOLLOWS: &str = "that what follows does not matter";
/// The file's side for a segment without a transition.
pub(crate) const NO_WAY_ON: &str = "that no template goes on like this";
/// The file's side for a label that breaks the path rules, which no path shows.
pub(crate) const NO_SUCH_SEGMENT: &str = "that no template has such a segment";

impl Proof<'_> {
    /// Compares every pair that a path can lead to.
    pub(super) fn paths(&mut self) -> Result<Proved, Difference> {
        let all = 0..self.model.templates.len();
        let start = ActiveSet {
            at: all
                .map(|template| Matching {
                    template,
                    refused: None,
                })
                .collect(),
            catch_alls: Vec::new(),
            depth: 0,
        };
        self.enqueue(Pair {
            position: Position::START,
            active: start,
            from: None,
            segment: String::new(),
            resembling: None,
        });
        let mut next = 0;
        while next < self.queue.len() {
            self.labels(next)?;
            self.ends(next)?;
            self.segments(next)?;
            next += 1;
        }
        self.exact_map()?;
        Ok(Proved {
            pairs: self.queue.len(),
            steps: self.steps,
        })
    }

    /// Checks that each label is found whatever follows it. Then following an edge is the
    /// same as taking its segments one by one, and no label is a prefix of another,
    /// since matching would stop at the shorter one.
    ///
    /// Checks too that each label consists of legal segments. No path would meet others,
    /// because paths are validated first; but the compiler emits none, so the tables are
    /// not its work.
    fn labels(&self, at: usize) -> Result<(), Difference> {
        let Position { state_id, mid_edge } = &self.queue[at].position;
        if !mid_edge.is_empty() {
            return Ok(());
        }
        let differs = |label: Option<&str>, tables: String| Difference {
            path: self.path(at, label, label.is_none()),
            file: WHATEVER_FOLLOWS.into(),
            tables,
        };
        let Some(edges) = labelled_rows(self.tables, *state_id) else {
            return Err(differs(
                None,
                format!("a dispatch node as {state_id:?}, or dispatch nodes in a circle"),
            ));
        };
        for (edge, seen) in edges {
            // Up to the byte after the label, and no further.
            if seen > usize::from(edge.label.len) + 1 {
                return Err(differs(None, format!("{edge:?}, chosen by byte {seen}")));
            }
        }
        for label in self.view.labels(*state_id) {
            let mut segments = label.split('/');
            if segments.any(|segment| check_segment(segment.as_bytes()).is_err()) {
                return Err(Difference {
                    path: self.path(at, Some(label), false),
                    file: NO_SUCH_SEGMENT.into(),
                    tables: format!("`{label}` at {state_id:?}"),
                });
            }
            let steps = TAILS.map(|tail| {
                self.tables
                    .step(*state_id, format!("{label}{tail}").as_bytes())
            });
            // A label may have several equal rows.
            let leads = steps.map(|(step, end)| match step {
                EdgeTransition::Static(next) => (self.tables.states.get(next.bits() as usize), end),
                _ => (None, end),
            });
            if leads
                .iter()
                .any(|step| step.0.is_none() || step != &leads[0])
            {
                return Err(differs(Some(label), format!("{steps:?}")));
            }
        }
        Ok(())
    }

    /// Compares the transition by each kind of segment.
    fn segments(&mut self, at: usize) -> Result<(), Difference> {
        let Pair {
            position, active, ..
        } = &self.queue[at];
        let position = position.clone();
        let alternatives = Alternatives::new(self.model, active);
        self.affixes(at, &position, &alternatives)?;
        let fresh = self.fresh.clone();
        let named: BTreeSet<&str> = self.view.segments(&position);
        // Values for which the path is refused, with the targets, which are those of any value.
        let mut refused = Vec::new();
        for segment in alternatives.segments(&named, &fresh) {
            let file = alternatives.transition(&segment);
            if let Some(next) = self.step(at, &position, &segment, file)? {
                refused.push((segment, next));
            }
        }
        let mut ordinary = alternatives.ordinary_values(&fresh);
        ordinary.push(fresh);
        for segment in &ordinary {
            let file = alternatives.transition(segment);
            self.step(at, &position, segment, file)?;
        }
        // Of each affix, and of none, the first ordinary value.
        let mut ordinary_of: HashMap<Option<usize>, &String> = HashMap::new();
        for value in &ordinary {
            let affix = alternatives.taken_by(value);
            ordinary_of.entry(affix).or_insert(value);
        }
        for (segment, next) in refused {
            let affix = alternatives.taken_by(&segment);
            let Some(value) = ordinary_of.get(&affix) else {
                continue;
            };
            let other = self.view.step(&position, value);
            let (Transition::Affix(target) | Transition::Wildcard(target)) = &other else {
                continue;
            };
            if *target != next {
                return Err(Difference {
                    path: self.path(at, Some(&segment), false),
                    file: "that this is a value as any other, but for being refused".into(),
                    tables: format!("{next:?}, and {other:?} for others"),
                });
            }
            let (Transition::Affix(active) | Transition::Wildcard(active)) =
                alternatives.transition(value)
            else {
                continue;
            };
            if let Some(pair) = self.reached.get(&(next, active))
                && self.queue[*pair].from == Some(at)
            {
                self.queue[*pair].resembling.get_or_insert(segment);
            }
        }
        Ok(())
    }

    /// Compares the affixes of a position with those of the active templates, and checks that no
    /// two of them can take one segment.
    fn affixes(
        &self,
        at: usize,
        position: &Position,
        alternatives: &Alternatives<'_>,
    ) -> Result<(), Difference> {
        let file = alternatives.affixes();
        let rows = self.view.affixes(position);
        let tables: Vec<(String, String)> = rows
            .iter()
            .map(|(prefix, suffix)| {
                (
                    alternatives.as_compared(prefix),
                    alternatives.as_compared(suffix),
                )
            })
            .collect();
        let differs = |tables: String| Difference {
            path: self.path(at, None, true),
            file: format!("affixes {file:?}"),
            tables,
        };
        if tables.len() != file.len() || tables.iter().any(|affix| !file.contains(affix)) {
            return Err(differs(format!("affixes {tables:?}")));
        }
        for (i, (prefix, suffix)) in tables.iter().enumerate() {
            for (other_prefix, other_suffix) in &tables[i + 1..] {
                let longer =
                    |a: &str, b: &str| if a.len() < b.len() { b } else { a }.to_lowercase();
                let (before, behind) = (longer(prefix, other_prefix), longer(suffix, other_suffix));
                let takes = |prefix: &str, suffix: &str| {
                    before.starts_with(&prefix.to_lowercase())
                        && behind.ends_with(&suffix.to_lowercase())
                };
                if takes(prefix, suffix) && takes(other_prefix, other_suffix) {
                    return Err(differs(format!("two for `{before}x{behind}`")));
                }
            }
        }
        Ok(())
    }

    /// Compares the transition by a segment and adds the pair that it leads to. For a
    /// value for which the path is refused, it returns the target instead.
    fn step(
        &mut self,
        at: usize,
        position: &Position,
        segment: &str,
        file: Transition<ActiveSet>,
    ) -> Result<Option<Position>, Difference> {
        self.steps += 1;
        let tables = self.view.step(position, segment);
        match (file, tables) {
            (Transition::Static(active), Transition::Static(position))
            | (Transition::Affix(active), Transition::Affix(position))
            | (Transition::Wildcard(active), Transition::Wildcard(position)) => {
                self.enqueue(Pair {
                    position,
                    active,
                    from: Some(at),
                    segment: segment.to_owned(),
                    resembling: None,
                });
                Ok(None)
            }
            (Transition::Shadows(_), Transition::Shadows(position))
            | (Transition::ShadowsInAffix(_), Transition::ShadowsInAffix(position)) => {
                Ok(Some(position))
            }
            (Transition::Dead, Transition::Dead) => Ok(None),
            (file, tables) => {
                let count = |active: &ActiveSet| active.at.len() + active.catch_alls.len();
                Err(Difference {
                    path: self.path(at, Some(segment), false),
                    file: match &file {
                        Transition::Static(active) => {
                            format!("that this is a literal of {} templates", count(active))
                        }
                        Transition::Affix(active) => {
                            format!("that affixes of {} templates take this", count(active))
                        }
                        Transition::ShadowsInAffix(_) => {
                            "that an affix takes this, and that it is refused".into()
                        }
                        Transition::Wildcard(active) => {
                            format!("that this is a value of {} templates", count(active))
                        }
                        Transition::Shadows(_) => "that this is a value and refused".into(),
                        Transition::Dead => NO_WAY_ON.into(),
                    },
                    tables: format!("{tables:?}"),
                })
            }
        }
    }

    fn enqueue(&mut self, pair: Pair) {
        let key = (pair.position.clone(), pair.active.clone());
        if let Entry::Vacant(entry) = self.reached.entry(key) {
            entry.insert(self.queue.len());
            self.queue.push(pair);
        }
    }
}
