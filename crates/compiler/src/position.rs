//! The tables seen one segment at a time, though the walk takes runs of them.

use std::collections::{BTreeSet, HashMap};

use routescope_core::Step;
use routescope_core::table::{HASHED, NONE, Run, State, Tables};

/// Where some whole segments lead: to a state, or into the middle of a run.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Position {
    pub(crate) state: u32,
    /// The segments since that state, with the slashes between them; empty at
    /// the state itself.
    pub(crate) within: String,
}

impl Position {
    /// Before the first segment.
    pub(crate) const START: Self = Self::at(0);

    pub(crate) const fn at(state: u32) -> Self {
        Self {
            state,
            within: String::new(),
        }
    }

    /// What has been taken of a run, and `segment`.
    pub(crate) fn run(&self, segment: &str) -> String {
        if self.within.is_empty() {
            segment.to_owned()
        } else {
            format!("{}/{segment}", self.within)
        }
    }

    /// The rows of `ends` if the path ends here, without and with a slash.
    pub(crate) fn ends(&self, tables: &Tables<'_>) -> [Option<u32>; 2] {
        match tables.states.get(self.state as usize) {
            Some(row) if self.within.is_empty() => {
                [row.end, row.end_slash].map(|end| (end != NONE).then_some(end))
            }
            _ => [None, None],
        }
    }
}

/// Where a segment leads from a position.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Leads {
    Literal(Position),
    Other(Position),
    Shadow,
    Dead,
}

/// Tables with the labels of each state.
pub(crate) struct Labelled<'t> {
    pub(crate) tables: &'t Tables<'t>,
    labels: HashMap<u32, BTreeSet<&'t str>>,
}

impl<'t> Labelled<'t> {
    pub(crate) fn new(tables: &'t Tables<'t>) -> Self {
        let mut labels: HashMap<u32, BTreeSet<&str>> = HashMap::new();
        let text = |start: u32, len: u16| {
            let start = start as usize;
            tables
                .text
                .get(start..start + usize::from(len))
                .unwrap_or_default()
        };
        for edge in tables.edges.iter().filter(|edge| edge.state != NONE) {
            let label = text(edge.label, edge.label_len);
            labels.entry(edge.state).or_default().insert(label);
        }
        for state in (0..).take(tables.states.len()) {
            let here = labels.entry(state).or_default();
            here.extend(
                runs_of(tables, state)
                    .into_iter()
                    .map(|(run, _)| text(run.label, run.label_len)),
            );
        }
        Self { tables, labels }
    }

    /// The labels of a state, each a segment or a run of them.
    pub(crate) fn labels(&self, state: u32) -> impl Iterator<Item = &'t str> {
        self.labels.get(&state).into_iter().flatten().copied()
    }

    /// Every label of every state.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'t str> {
        self.labels.values().flatten().copied()
    }

    /// The segments that are named after a position.
    pub(crate) fn segments(&self, position: &Position) -> BTreeSet<&'t str> {
        let prefix = position.run("");
        self.labels(position.state)
            .filter_map(|label| label.strip_prefix(prefix.as_str()))
            .map(|rest| rest.split('/').next().unwrap_or_default())
            .collect()
    }

    /// Where a segment leads, by the code that runs: a run is looked up as far
    /// as it has come, and is a position where a label goes on.
    pub(crate) fn step(&self, position: &Position, segment: &str) -> Leads {
        let run = position.run(segment);
        match self.tables.step(position.state, run.as_bytes()) {
            (Step::Literal(next), end) if end == run.len() => Leads::Literal(Position::at(next)),
            (Step::Other(next), end) if end == run.len() => Leads::Other(Position::at(next)),
            (Step::Shadow, _) => Leads::Shadow,
            _ => {
                let goes_on = |label: &str| {
                    label
                        .strip_prefix(run.as_str())
                        .is_some_and(|rest| rest.starts_with('/'))
                };
                if self.labels(position.state).any(goes_on) {
                    Leads::Literal(Position {
                        state: position.state,
                        within: run,
                    })
                } else {
                    Leads::Dead
                }
            }
        }
    }
}

/// The runs that the walk can find from a state, each with how many bytes of the
/// path were looked at to find it.
pub(crate) fn runs_of(tables: &Tables<'_>, state: u32) -> Vec<(Run, usize)> {
    let mut found = Vec::new();
    match tables.states.get(state as usize) {
        Some(row) if row.runs == NONE || row.runs == HASHED => {}
        Some(row) if row.other == NONE => of_table(tables, row, 0, &mut found),
        Some(row) => found.extend(
            rows(tables, row, row.shape.into())
                .iter()
                .map(|run| (*run, 0)),
        ),
        None => {}
    }
    found
}

fn of_table(tables: &Tables<'_>, row: &State, seen: usize, found: &mut Vec<(Run, usize)>) {
    let log2 = row.log2();
    let seen = match log2 {
        0 => seen,
        _ => seen.max(usize::from(row.skip) + usize::from(row.bytes())),
    };
    for run in rows(tables, row, 1 << log2) {
        match tables.states.get(run.target as usize) {
            _ if run.label_len > 0 => found.push((*run, seen)),
            Some(group) if run.target != 0 => of_table(tables, group, seen, found),
            _ => {}
        }
    }
}

fn rows<'t>(tables: &Tables<'t>, row: &State, count: usize) -> &'t [Run] {
    let start = row.runs as usize;
    tables
        .runs
        .get(start..start.saturating_add(count))
        .unwrap_or_default()
}
