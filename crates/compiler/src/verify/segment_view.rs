//! The tables seen one segment at a time, though the walk takes runs of them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Bound;

use routescope_core::table::{
    End, GROUP, HASHED, LITERALS, MAX_LOG2, SIBLINGS, State, Tables, VALUE,
};
use routescope_core::{BEHIND, Step};

/// Where some whole segments lead: to a place, or into the middle of a run.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Position {
    pub(crate) place: u32,
    /// The segments since that place, with the slashes between them; empty at
    /// the place itself.
    pub(crate) within: String,
}

impl Position {
    /// Before the first segment.
    pub(crate) const START: Self = Self::at(0);

    pub(crate) const fn at(place: u32) -> Self {
        Self {
            place,
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

    /// What wins if the path ends here, without and with a slash.
    pub(crate) fn ends(&self, tables: &Tables<'_>) -> [Option<End>; 2] {
        if self.within.is_empty() {
            [false, true].map(|slash| tables.end(self.place, slash))
        } else {
            [None, None]
        }
    }
}

/// Every place of the tables: each state, and where a value has been taken behind
/// it.
pub(crate) fn places(tables: &Tables<'_>) -> impl Iterator<Item = u32> {
    (0..).zip(tables.states).flat_map(|(at, row)| {
        let behind = (row.kind == VALUE).then_some(at | BEHIND);
        [Some(at), behind].into_iter().flatten()
    })
}

/// Where a segment leads from a position.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Leads {
    Literal(Position),
    Other(Position),
    /// As any other value, but no template may win by it.
    Shadow(Position),
    Dead,
}

/// What may come behind a label that does not matter to where it leads.
pub(crate) const TAILS: [&str; 3] = ["", "/", "/~~~~~~~~"];

/// Tables with the labels of each place.
pub(crate) struct Labelled<'t> {
    pub(crate) tables: &'t Tables<'t>,
    labels: BTreeMap<u32, BTreeSet<&'t str>>,
}

impl<'t> Labelled<'t> {
    pub(crate) fn new(tables: &'t Tables<'t>) -> Self {
        let mut hashed: HashMap<u32, Vec<&str>> = HashMap::new();
        for edge in tables.edges {
            let label = text(tables, edge.label, edge.label_len);
            hashed.entry(edge.state).or_default().push(label);
        }
        let labels = places(tables).map(|place| {
            let state = tables.states.get((place & !BEHIND) as usize);
            let edges = state
                .filter(|row| row.kind == HASHED)
                .and_then(|row| hashed.get(&row.next));
            let found = runs_of(tables, place)
                .unwrap_or_default()
                .into_iter()
                .map(|(row, _)| text(tables, row.label, row.label_len))
                .filter(|label| is_found(tables, place, label));
            (
                place,
                found.chain(edges.into_iter().flatten().copied()).collect(),
            )
        });
        Self {
            tables,
            labels: labels.collect(),
        }
    }

    /// The labels of a place, each a segment or a run of them.
    pub(crate) fn labels(&self, place: u32) -> impl Iterator<Item = &'t str> {
        self.beginning(place, "")
    }

    /// Those that begin so.
    fn beginning<'s>(&'s self, place: u32, with: &'s str) -> impl Iterator<Item = &'t str> + 's {
        self.labels
            .get(&place)
            .into_iter()
            .flat_map(move |labels| {
                labels.range::<str, _>((Bound::Included(with), Bound::Unbounded))
            })
            .copied()
            .take_while(move |label| label.starts_with(with))
    }

    /// Every label of every place.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'t str> {
        self.labels.values().flatten().copied()
    }

    /// The segments that are named after a position.
    pub(crate) fn segments(&self, position: &Position) -> BTreeSet<&'t str> {
        let prefix = position.run("");
        self.beginning(position.place, &prefix)
            .filter_map(|label| label.strip_prefix(prefix.as_str()))
            .map(|rest| rest.split('/').next().unwrap_or_default())
            .collect()
    }

    /// Where a segment leads, by the code that runs: a run is looked up as far
    /// as it has come, and is a position where a label goes on.
    pub(crate) fn step(&self, position: &Position, segment: &str) -> Leads {
        let run = position.run(segment);
        match self.tables.step(position.place, run.as_bytes()) {
            (Step::Literal(next), end) if end == run.len() => Leads::Literal(Position::at(next)),
            (Step::Other(next), end) if end == run.len() => Leads::Other(Position::at(next)),
            (Step::Shadow(next), end) if end == run.len() => Leads::Shadow(Position::at(next)),
            _ => {
                let goes_on = format!("{run}/");
                if self.beginning(position.place, &goes_on).next().is_some() {
                    Leads::Literal(Position {
                        place: position.place,
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
fn is_found(tables: &Tables<'_>, place: u32, label: &str) -> bool {
    TAILS.into_iter().any(|tail| {
        let (step, end) = tables.step(place, format!("{label}{tail}").as_bytes());
        matches!(step, Step::Literal(_)) && end == label.len()
    })
}

/// The rows with a label that the walk can find from a place without the perfect
/// hash, each with how many bytes of the path were looked at to find it. `None` if
/// these cannot be told, since groups lead to each other, or the place is a group.
pub(crate) fn runs_of(tables: &Tables<'_>, place: u32) -> Option<Vec<(State, usize)>> {
    let row = tables.states.get((place & !BEHIND) as usize)?;
    match row.kind {
        LITERALS => of_table(tables, row),
        VALUE if place & BEHIND != 0 => of_table(tables, row),
        SIBLINGS => {
            let start = row.next as usize;
            let siblings = tables.states.get(start..start + usize::from(row.shape))?;
            Some(siblings.iter().map(|row| (*row, 0)).collect())
        }
        // Where a segment leads from a group depends on how long it is.
        GROUP => None,
        _ => Some(Vec::new()),
    }
}

/// As the walk chooses them.
fn of_table(tables: &Tables<'_>, row: &State) -> Option<Vec<(State, usize)>> {
    let mut found = Vec::new();
    let mut known = HashSet::new();
    let mut queue = vec![(*row, 0)];
    while let Some((row, seen)) = queue.pop() {
        let log2 = row.log2();
        if log2 > MAX_LOG2 || !known.insert((row.next, row.shape, row.skip, seen)) {
            return None;
        }
        let seen = match log2 {
            0 => seen,
            _ => seen.max(usize::from(row.skip) + usize::from(row.bytes())),
        };
        for at in 0..1 << log2 {
            match tables.states.get(row.next.wrapping_add(at) as usize) {
                Some(row) if row.label_len > 0 => found.push((*row, seen)),
                Some(row) if row.kind == GROUP => queue.push((*row, seen)),
                _ => {}
            }
        }
    }
    Some(found)
}

/// A part of the tables' text.
pub(crate) fn text<'t>(tables: &Tables<'t>, start: u32, len: u16) -> &'t str {
    let start = start as usize;
    let end = start + usize::from(len);
    tables.text.get(start..end).unwrap_or_default()
}
