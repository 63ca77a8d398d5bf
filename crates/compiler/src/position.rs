//! The tables seen one segment at a time, though the walk takes runs of them.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Bound;

use routescope_core::Step;
use routescope_core::table::{HASHED, MAX_LOG2, NONE, Run, State, Tables};

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

/// What may come behind a label that does not matter to where it leads.
pub(crate) const TAILS: [&str; 3] = ["", "/", "/~~~~~~~~"];

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
            let runs = runs_of(tables, state).unwrap_or_default().into_iter();
            here.extend(
                runs.map(|(run, _)| text(run.label, run.label_len))
                    .filter(|label| is_found(tables, state, label)),
            );
        }
        Self { tables, labels }
    }

    /// The labels of a state, each a segment or a run of them.
    pub(crate) fn labels(&self, state: u32) -> impl Iterator<Item = &'t str> {
        self.beginning(state, "")
    }

    /// Those that begin so.
    fn beginning<'s>(&'s self, state: u32, with: &'s str) -> impl Iterator<Item = &'t str> + 's {
        self.labels
            .get(&state)
            .into_iter()
            .flat_map(move |labels| {
                labels.range::<str, _>((Bound::Included(with), Bound::Unbounded))
            })
            .copied()
            .take_while(move |label| label.starts_with(with))
    }

    /// Every label of every state.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'t str> {
        self.labels.values().flatten().copied()
    }

    /// The segments that are named after a position.
    pub(crate) fn segments(&self, position: &Position) -> BTreeSet<&'t str> {
        let prefix = position.run("");
        self.beginning(position.state, &prefix)
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
                let goes_on = format!("{run}/");
                if self.beginning(position.state, &goes_on).next().is_some() {
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

/// Whether a label is taken, whatever it is that must come behind.
fn is_found(tables: &Tables<'_>, state: u32, label: &str) -> bool {
    TAILS.into_iter().any(|tail| {
        let (step, end) = tables.step(state, format!("{label}{tail}").as_bytes());
        matches!(step, Step::Literal(_)) && end == label.len()
    })
}

/// The runs that the walk can find from a state, each with how many bytes of the
/// path were looked at to find it. `None` if these cannot be told: a group leads
/// to what is no table, or the state is in the perfect hash as well.
#[must_use]
pub fn runs_of(tables: &Tables<'_>, state: u32) -> Option<Vec<(Run, usize)>> {
    let row = tables.states.get(state as usize)?;
    if row.other != NONE {
        // Compared one by one.
        let start = row.runs as usize;
        let siblings = tables.runs.get(start..start + usize::from(row.shape));
        return Some(
            siblings
                .unwrap_or_default()
                .iter()
                .map(|run| (*run, 0))
                .collect(),
        );
    }
    let found = of_table(tables, row)?;
    (found.is_empty() || row.runs != HASHED).then_some(found)
}

/// As the walk chooses them: whatever the state is, and whether or not it is
/// meant to have a table.
fn of_table(tables: &Tables<'_>, row: &State) -> Option<Vec<(Run, usize)>> {
    let mut found = Vec::new();
    let mut known = HashSet::new();
    let mut queue = vec![(row, 0)];
    while let Some((row, seen)) = queue.pop() {
        let log2 = row.log2();
        if log2 > MAX_LOG2 {
            return None;
        }
        let seen = match log2 {
            0 => seen,
            _ => seen.max(usize::from(row.skip) + usize::from(row.bytes())),
        };
        for at in 0..1 << log2 {
            let Some(run) = tables.runs.get(row.runs.wrapping_add(at) as usize) else {
                continue;
            };
            if run.label_len > 0 {
                found.push((*run, seen));
            } else if run.target != 0 && known.insert((run.target, seen)) {
                let group = tables.states.get(run.target as usize)?;
                // The rows of other states are not checked to lead forward as those
                // of a table are: the walk might not end.
                if group.other != NONE || group.runs == HASHED {
                    return None;
                }
                queue.push((group, seen));
            }
        }
    }
    Some(found)
}
