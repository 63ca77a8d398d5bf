//! The refusals of an import: the first of each kind in full, the rest counted, so that
//! hundreds of operations with one fault make one complaint.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use routescope_compiler::{Problem, Report};

use crate::wire::{count, thousands};

/// At most this many refusals of a kind are shown in full.
const MOST_SHOWN: usize = 3;

/// The positions of this many more are named.
const MOST_NAMED: usize = 10;

/// A value that is refused wherever it is referred to, and the kind of its fault.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    kind: &'static str,
    at: Range<usize>,
    message: String,
    help: &'static str,
    /// The position of the same name before.
    first: Option<Range<usize>>,
}

impl Refusal {
    pub(super) fn new(
        kind: &'static str,
        at: &Range<usize>,
        message: impl Into<String>,
        help: &'static str,
    ) -> Self {
        Self {
            kind,
            at: at.clone(),
            message: message.into(),
            help,
            first: None,
        }
    }

    pub(super) fn first_at(mut self, at: &Range<usize>) -> Self {
        self.first = Some(at.clone());
        self
    }

    pub(super) fn problem(&self) -> Problem {
        let problem = Problem::error(self.at.clone(), self.message.as_str());
        let problem = match &self.first {
            Some(first) => problem.with_label(first.clone(), "first here"),
            None => problem,
        };
        problem.help(self.help)
    }
}

/// The refusals so far, in memory that does not grow with their number.
#[derive(Default)]
pub(super) struct Refusals {
    kinds: Vec<Kind>,
    places: HashMap<&'static str, usize>,
    /// The kinds and positions of faults that several references may lead to.
    shared: HashSet<(&'static str, usize)>,
    total: u64,
}

#[derive(Default)]
struct Kind {
    shown: Vec<Problem>,
    /// The positions of the first refusals that are not shown.
    named: Vec<usize>,
    more: u64,
}

impl Refusals {
    pub(super) fn is_empty(&self) -> bool {
        self.total == 0
    }

    pub(super) fn total(&self) -> u64 {
        self.total
    }

    pub(super) fn add(&mut self, kind: &'static str, problem: Problem) {
        self.add_with(kind, problem.at().start, || problem);
    }

    /// Adds a problem as [`add`](Self::add) does, where putting it in words is costly.
    pub(super) fn add_with(
        &mut self,
        kind: &'static str,
        at: usize,
        problem: impl FnOnce() -> Problem,
    ) {
        let kinds = &mut self.kinds;
        let place = *self.places.entry(kind).or_insert_with(|| {
            kinds.push(Kind::default());
            kinds.len() - 1
        });
        self.total += 1;
        let name = kind;
        let kind = &mut self.kinds[place];
        if kind.shown.len() < MOST_SHOWN {
            // A report groups the problems that one line of code makes, so all of these are of
            // one kind.
            kind.shown.push(problem().of_kind(name));
            return;
        }
        kind.more += 1;
        if kind.named.len() < MOST_NAMED {
            kind.named.push(at);
        }
    }

    /// Forgets the refusals of some kinds, which another one makes pointless.
    pub(super) fn forget(&mut self, kinds: &[&'static str]) {
        for kind in kinds {
            if let Some(place) = self.places.remove(kind) {
                let forgotten = std::mem::take(&mut self.kinds[place]);
                self.total -= forgotten.shown.len() as u64 + forgotten.more;
            }
        }
    }

    /// Adds a fault once, however many references lead to it.
    pub(super) fn add_shared(&mut self, refusal: &Refusal) {
        if self.shared.insert((refusal.kind, refusal.at.start)) {
            self.add_with(refusal.kind, refusal.at.start, || refusal.problem());
        }
    }

    /// The report, below a line that says how much of it is shown.
    pub(super) fn report(self, file: &str, source: &str) -> Report {
        if self.kinds.iter().any(|kind| kind.more > 0) {
            anstream::eprintln!(
                "{file}: {} of {}, the first {MOST_SHOWN} of each kind in full\n",
                count(self.total, "error"),
                count(self.places.len() as u64, "kind")
            );
        }
        let more: u64 = self.kinds.iter().map(|kind| kind.more).sum();
        let problems = self
            .kinds
            .into_iter()
            .flat_map(|kind| kind.problems(source))
            .collect();
        let more = usize::try_from(more).unwrap_or(usize::MAX);
        Report::new(file, source, problems).with_more_errors(more)
    }
}

impl Kind {
    fn problems(mut self, source: &str) -> Vec<Problem> {
        if self.more > 0
            && let Some(last) = self.shown.pop()
        {
            let places: Vec<String> = self.named.iter().map(|at| position(source, *at)).collect();
            let rest = if self.more > self.named.len() as u64 {
                ", ..."
            } else {
                ""
            };
            self.shown.push(last.help(format!(
                "{} more of this kind, at {}{rest}",
                thousands(self.more),
                places.join(", ")
            )));
        }
        self.shown
    }
}

/// The line and the column of an offset, as reports show them.
pub(super) fn position(source: &str, at: usize) -> String {
    let before = source.get(..at).unwrap_or(source);
    let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    format!("{line}:{}", before[start..].chars().count() + 1)
}

/// A text of the source for a message, cut where it is long.
pub(super) fn cut(text: &str) -> &str {
    const LONGEST: usize = 200;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_shown_whatever_the_others_are() {
        let kinds = ["one", "two", "three", "four", "five", "six"];
        let mut refusals = Refusals::default();
        for kind in kinds {
            for at in 0..5 {
                let message = format!("{kind} at {at}");
                refusals.add_shared(&Refusal::new(kind, &(at..at + 1), message, "mend it"));
            }
        }
        let report = refusals.report("a.yaml", "some text\n").to_string();
        for kind in kinds {
            let shown = report.matches(&format!("error: {kind} at ")).count();
            assert_eq!(shown, MOST_SHOWN, "{kind}: {report}");
        }
        let counted = report.matches("2 more of this kind, at 1:4, 1:5").count();
        assert_eq!(counted, kinds.len(), "{report}");
        assert!(report.ends_with("a.yaml: 30 errors"), "{report}");
    }
}
