//! Compares every pair of a table state and a set of active templates.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use routescope_core::__private::Transition as EdgeTransition;
use routescope_core::path::check_segment;

use crate::model::template;
use crate::verify::active_set::{ActiveSet, Matching};
use crate::verify::difference::{Difference, Proved};
use crate::verify::proof::{Pair, Proof};
use crate::verify::segment_view::{Position, TAILS, Transition, labelled_rows};
use crate::verify::spelling::{is_wildcard, lookalike_spellings, normalize};

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
                EdgeTransition::Wildcard(_) | EdgeTransition::Shadows(_) | EdgeTransition::Dead => {
                    (None, end)
                }
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
        let (position, active) = (position.clone(), active.clone());
        let named = self.view.segments(&position).into_iter();
        let mut named: BTreeSet<String> = named.map(str::to_owned).collect();
        // The active templates by their next segment.
        let mut wildcard = ActiveSet {
            at: Vec::new(),
            catch_alls: active.catch_alls.clone(),
            depth: active.depth + 1,
        };
        let mut literals: BTreeMap<String, Vec<Matching>> = BTreeMap::new();
        for &matching in &active.at {
            let template = &self.model.templates[matching.template].template;
            match template.segments.get(active.depth) {
                None => {}
                Some(template::Segment::Parameter) => wildcard.at.push(matching),
                Some(template::Segment::CatchAll) => wildcard.catch_alls.push(matching),
                Some(template::Segment::Literal(text)) => {
                    named.insert(text.clone());
                    literals
                        .entry(self.as_compared(text))
                        .or_default()
                        .push(matching);
                }
            }
        }
        let has_values = !wildcard.at.is_empty() || !wildcard.catch_alls.is_empty();
        // The normalized literals, needed only where there is a wildcard.
        let mut read: HashMap<Vec<u8>, usize> = HashMap::new();
        for literal in literals.keys().filter(|_| has_values) {
            *read.entry(normalize(literal)).or_default() += 1;
        }
        let labels: BTreeSet<&str> = named.iter().map(String::as_str).collect();
        let variants: Vec<String> = labels
            .iter()
            .flat_map(|literal| lookalike_spellings(literal, &labels, has_values))
            .collect();
        // A value that resembles a literal, and its target, which is that of any value.
        let mut resembling = None;
        for segment in named.into_iter().chain(variants) {
            let key = self.as_compared(&segment);
            let itself = literals.get(&key);
            // The literal that is the segment itself does not count.
            let alike = || match is_wildcard(&segment) {
                true => literals.len(),
                false => read.get(&normalize(&segment)).copied().unwrap_or_default(),
            };
            let resembles = has_values && alike() > usize::from(itself.is_some());
            let values = if resembles {
                wildcard.refused(active.depth)
            } else {
                wildcard.clone()
            };
            let file = match itself {
                Some(literal) => {
                    let mut next = values;
                    next.at.extend(literal);
                    Transition::Static(next.tidy())
                }
                None if !has_values => Transition::Dead,
                None if resembles => Transition::Shadows(values.tidy()),
                None => Transition::Wildcard(values.tidy()),
            };
            if let Some(next) = self.step(at, &position, &segment, file)? {
                resembling = Some((segment, next));
            }
        }
        let fresh = self.fresh.clone();
        let file = match has_values {
            true => Transition::Wildcard(wildcard.clone().tidy()),
            false => Transition::Dead,
        };
        self.step(at, &position, &fresh, file)?;
        if let Some((segment, next)) = resembling {
            let other = self.view.step(&position, &fresh);
            if other != Transition::Wildcard(next.clone()) {
                return Err(Difference {
                    path: self.path(at, Some(&segment), false),
                    file: "that this is a value as any other, but for rule 7".into(),
                    tables: format!("{next:?}, and {other:?} for others"),
                });
            }
            let key = (next, wildcard.tidy());
            if let Some(pair) = self.reached.get(&key)
                && self.queue[*pair].from == Some(at)
            {
                self.queue[*pair].resembling.get_or_insert(segment);
            }
        }
        Ok(())
    }

    /// A literal in the form in which it is compared: without its ASCII case, if the policy
    /// ignores case.
    fn as_compared(&self, literal: &str) -> String {
        if self.model.options.ignores_case() {
            literal.to_ascii_lowercase()
        } else {
            literal.to_owned()
        }
    }

    /// Compares the transition by a segment and adds the pair that it leads to. For a
    /// value that resembles a literal, it returns the target instead.
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
            (Transition::Shadows(_), Transition::Shadows(position)) => Ok(Some(position)),
            (Transition::Dead, Transition::Dead) => Ok(None),
            (file, tables) => {
                let count = |active: &ActiveSet| active.at.len() + active.catch_alls.len();
                Err(Difference {
                    path: self.path(at, Some(segment), false),
                    file: match &file {
                        Transition::Static(active) => {
                            format!("that this is a literal of {} templates", count(active))
                        }
                        Transition::Wildcard(active) => {
                            format!("that this is a value of {} templates", count(active))
                        }
                        Transition::Shadows(_) => "that this shadows a literal".into(),
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
