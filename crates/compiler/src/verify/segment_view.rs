//! The tables, one segment at a time, although their edges are compressed. For the proof, which
//! must look at the tables themselves.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Bound;

use routescope_core::__private::{
    Dispatch, HashedEdge, MAX_LOG2_ROWS, Outcome, State, StateBytes, StateId, StateKind, Tables,
    Transition as EdgeTransition,
};

/// The target of some whole segments: a state, or the middle of a compressed edge.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Position {
    pub(crate) state_id: StateId,
    /// The segments since that state, with the slashes between them; empty at the state
    /// itself.
    pub(crate) mid_edge: String,
}

impl Position {
    /// Before the first segment.
    pub(crate) const START: Self = Self::at(StateId::START);

    pub(crate) const fn at(state_id: StateId) -> Self {
        Self {
            state_id,
            mid_edge: String::new(),
        }
    }

    /// The part of a compressed edge that has been taken, with `segment`.
    pub(crate) fn run(&self, segment: &str) -> String {
        if self.mid_edge.is_empty() {
            segment.to_owned()
        } else {
            format!("{}/{segment}", self.mid_edge)
        }
    }

    /// The outcomes of a path that ends here, without and with a slash.
    pub(crate) fn outcomes(&self, tables: &Tables<'_>) -> [Outcome; 2] {
        if self.mid_edge.is_empty() {
            [false, true].map(|slash| tables.outcome_at(self.state_id, slash))
        } else {
            [Outcome::NoMatch; 2]
        }
    }
}

/// Every state of the tables. A row of the kind `ParamThenStatic` stands for two.
pub(crate) fn state_ids<'t>(tables: &Tables<'t>) -> impl Iterator<Item = StateId> + use<'t> {
    (0..).zip(tables.states).flat_map(|(row, bytes)| {
        let state = StateId::new(row);
        let has_param = matches!(
            State::from_bytes(bytes).kind,
            StateKind::ParamThenStatic { .. }
        );
        let after_param = has_param.then_some(state.after_param());
        [Some(state), after_param].into_iter().flatten()
    })
}

/// The transition by one segment, as the tables have it or as the file has it: the same
/// kinds, with a target of either side.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Transition<T> {
    /// By a literal.
    Static(T),
    /// By an affix.
    Affix(T),
    /// By an affix, with a value for which the path is refused: no template that takes it may win.
    ShadowsInAffix(T),
    /// By any other value.
    Wildcard(T),
    /// By a value for which the path is refused.
    Shadows(T),
    /// No template continues.
    Dead,
}

/// Texts after a label, on which the target of the label must not depend.
pub(crate) const TAILS: [&str; 3] = ["", "/", "/~~~~~~~~"];

/// Tables with the labels of each state.
pub(crate) struct SegmentView<'t> {
    pub(crate) tables: &'t Tables<'t>,
    labels: BTreeMap<StateId, BTreeSet<&'t str>>,
}

impl<'t> SegmentView<'t> {
    pub(crate) fn new(tables: &'t Tables<'t>) -> Self {
        let mut hashed: HashMap<u32, Vec<&str>> = HashMap::new();
        for edge in tables.edges.iter().map(HashedEdge::from_bytes) {
            let label = tables.text(edge.label);
            hashed.entry(edge.key).or_default().push(label);
        }
        let labels = state_ids(tables).map(|state| {
            let edges = match without_affixes(tables, state) {
                Some(StateKind::Hashed { key, .. }) => hashed.get(&key),
                _ => None,
            };
            let found = labelled_rows(tables, state)
                .unwrap_or_default()
                .into_iter()
                .map(|(row, _)| tables.text(row.label))
                .filter(|label| is_found(tables, state, label));
            (
                state,
                found.chain(edges.into_iter().flatten().copied()).collect(),
            )
        });
        Self {
            tables,
            labels: labels.collect(),
        }
    }

    /// The labels of the edges that leave a state, each a segment or a run of them.
    pub(crate) fn labels(&self, state: StateId) -> impl Iterator<Item = &'t str> {
        self.beginning(state, "")
    }

    /// The labels that begin with a text.
    fn beginning<'s>(
        &'s self,
        state: StateId,
        with: &'s str,
    ) -> impl Iterator<Item = &'t str> + 's {
        self.labels
            .get(&state)
            .into_iter()
            .flat_map(move |labels| {
                labels.range::<str, _>((Bound::Included(with), Bound::Unbounded))
            })
            .copied()
            .take_while(move |label| label.starts_with(with))
    }

    /// The affixes of a position, as prefix and suffix.
    pub(crate) fn affixes(&self, position: &Position) -> Vec<(&'t str, &'t str)> {
        let row = self.tables.states.get(position.state_id.row() as usize);
        let kind = row.map(|row| State::from_bytes(row).kind);
        let (Some(StateKind::Affixes { first, count, .. }), "") =
            (kind, position.mid_edge.as_str())
        else {
            return Vec::new();
        };
        let rows = self.tables.states.iter().skip(first as usize);
        rows.take(count.into())
            .filter_map(|row| affix(self.tables, row))
            .collect()
    }

    /// Every affix, as prefix and suffix.
    pub(crate) fn all_affixes(&self) -> impl Iterator<Item = (&'t str, &'t str)> {
        let rows = self.tables.states.iter();
        rows.filter_map(|row| affix(self.tables, row))
    }

    /// Every label.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'t str> {
        self.labels.values().flatten().copied()
    }

    /// The segments that labels name after a position.
    pub(crate) fn segments(&self, position: &Position) -> BTreeSet<&'t str> {
        let prefix = position.run("");
        self.beginning(position.state_id, &prefix)
            .filter_map(|label| label.strip_prefix(prefix.as_str()))
            .map(|rest| rest.split('/').next().unwrap_or_default())
            .collect()
    }

    /// The transition by a segment, by the code that decides. The part of a compressed edge is
    /// looked up as a whole; where a longer label begins with it, it is a position.
    pub(crate) fn step(&self, position: &Position, segment: &str) -> Transition<Position> {
        let run = position.run(segment);
        match self.tables.step(position.state_id, run.as_bytes()) {
            (EdgeTransition::Static(next), end) if end == run.len() => {
                Transition::Static(Position::at(next))
            }
            (EdgeTransition::Affix(next), end) if end == run.len() => {
                Transition::Affix(Position::at(next))
            }
            (EdgeTransition::ShadowsInAffix(next), end) if end == run.len() => {
                Transition::ShadowsInAffix(Position::at(next))
            }
            (EdgeTransition::Wildcard(next), end) if end == run.len() => {
                Transition::Wildcard(Position::at(next))
            }
            (EdgeTransition::Shadows(next), end) if end == run.len() => {
                Transition::Shadows(Position::at(next))
            }
            _ => {
                let goes_on = format!("{run}/");
                if self.beginning(position.state_id, &goes_on).next().is_some() {
                    Transition::Static(Position {
                        state_id: position.state_id,
                        mid_edge: run,
                    })
                } else {
                    Transition::Dead
                }
            }
        }
    }
}

/// The prefix and suffix of a row, if it is an affix.
fn affix<'t>(tables: &Tables<'t>, row: &StateBytes) -> Option<(&'t str, &'t str)> {
    let row = State::from_bytes(row);
    match row.kind {
        StateKind::AffixEdge { prefix_len, .. } => {
            tables.text(row.label).split_at_checked(prefix_len.into())
        }
        _ => None,
    }
}

/// The kind of a state; of one with affixes, that of its other transitions. `None` if it is no
/// state, or has nothing but affixes.
fn without_affixes(tables: &Tables<'_>, state: StateId) -> Option<StateKind> {
    let kind = |state: StateId| {
        let row = tables.states.get(state.row() as usize)?;
        Some(State::from_bytes(row).kind)
    };
    match kind(state)? {
        StateKind::Affixes { inner, .. } => kind(inner),
        StateKind::AffixEdge { .. } => None,
        other => Some(other),
    }
}

/// Whether a label is found, whichever text follows it.
fn is_found(tables: &Tables<'_>, state: StateId, label: &str) -> bool {
    TAILS.into_iter().any(|tail| {
        let (transition, end) = tables.step(state, format!("{label}{tail}").as_bytes());
        matches!(transition, EdgeTransition::Static(_)) && end == label.len()
    })
}

/// The rows with a label that can be found from a state without the hash of edges, each with
/// the number of bytes of the path that are looked at to find it. `None` if these cannot be
/// told, because dispatch nodes lead to each other or the state is one.
pub(crate) fn labelled_rows(tables: &Tables<'_>, state: StateId) -> Option<Vec<(State, usize)>> {
    let row = tables.states.get(state.row() as usize)?;
    let kind = match State::from_bytes(row).kind {
        StateKind::Affixes {
            inner: StateId::DEAD,
            ..
        } => return Some(Vec::new()),
        _ => without_affixes(tables, state)?,
    };
    match kind {
        StateKind::Static(dispatch) => dispatched(tables, dispatch),
        StateKind::ParamThenStatic { dispatch, .. } if state.is_after_param() => {
            dispatched(tables, dispatch)
        }
        StateKind::StaticOrParam { first, count, .. } => {
            let first = first as usize;
            let rows = tables.states.get(first..first + usize::from(count))?;
            let rows = rows.iter().map(State::from_bytes);
            Some(rows.map(|row| (row, 0)).collect())
        }
        // The target of a segment from a dispatch node depends on the segment's length.
        StateKind::Dispatch(_) => None,
        StateKind::Affixes { .. } | StateKind::AffixEdge { .. } => None,
        StateKind::ParamThenStatic { .. } | StateKind::Param { .. } | StateKind::Hashed { .. } => {
            Some(Vec::new())
        }
    }
}

/// The rows that a dispatch can select, by itself or through others.
fn dispatched(tables: &Tables<'_>, dispatch: Dispatch) -> Option<Vec<(State, usize)>> {
    let mut found = Vec::new();
    let mut known = HashSet::new();
    let mut queue = vec![(dispatch, 0)];
    while let Some((dispatch, seen)) = queue.pop() {
        if dispatch.log2_rows > MAX_LOG2_ROWS || !known.insert((dispatch, seen)) {
            return None;
        }
        let window = dispatch.window;
        let seen = match dispatch.log2_rows {
            0 => seen,
            _ => seen.max(usize::from(window.offset) + usize::from(window.width)),
        };
        for at in 0..1 << dispatch.log2_rows {
            let row = tables.states.get(dispatch.first.wrapping_add(at) as usize);
            match row.map(State::from_bytes) {
                Some(row) if row.label.len > 0 => found.push((row, seen)),
                Some(State {
                    kind: StateKind::Dispatch(next),
                    ..
                }) => queue.push((next, seen)),
                _ => {}
            }
        }
    }
    Some(found)
}
