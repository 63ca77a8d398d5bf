//! A report as text: a few problems of each kind in full, the rest by place.

use std::collections::HashMap;
use std::fmt;

use annotate_snippets::{Group, Level, Renderer};

use super::{Kind, Problem, Report, Severity};

/// The number of problems of one kind that are shown in full.
const IN_FULL: usize = 10;

/// The number of other problems of the kind whose places are named.
const PLACES: usize = 10;

/// Problems of a kind that are not shown in full.
struct Rest<'r> {
    /// The first of the kind, which is.
    like: &'r Problem,
    count: usize,
    first: Vec<&'r Problem>,
}

impl Report {
    /// `routes.yaml: 2 errors`
    #[must_use]
    pub fn headline(&self) -> String {
        let count = |severity: Severity, one: &str| {
            let untold = match severity {
                Severity::Error => self.untold,
                Severity::Warning | Severity::Note => 0,
            };
            match self.by_severity(severity).count() + untold {
                0 => None,
                1 => Some(format!("1 {one}")),
                n => Some(format!("{n} {one}s")),
            }
        };
        let counts: Vec<String> = [
            (Severity::Error, "error"),
            (Severity::Warning, "warning"),
            (Severity::Note, "note"),
        ]
        .into_iter()
        .filter_map(|(severity, one)| count(severity, one))
        .collect();
        match counts.is_empty() {
            true => format!("{}: no problems", self.file),
            false => format!("{}: {}", self.file, counts.join(", ")),
        }
    }

    /// The report for people, a paragraph each: the first problems of every
    /// kind in full, in the report's order, and then how many more there
    /// are of a kind, and where. However many problems there are, this is no
    /// more than a person reads.
    pub fn paragraphs<'r>(&'r self, renderer: &'r Renderer) -> impl Iterator<Item = String> + 'r {
        let (full, rest) = self.split(|_| true);
        full.into_iter()
            .map(move |problem| self.render(problem, renderer))
            .chain(
                rest.into_iter()
                    .map(move |rest| self.render_rest(&rest, renderer)),
            )
    }

    /// The problems of one severity as [`one_line`](Self::one_line) has them,
    /// as few of them as [`paragraphs`](Self::paragraphs) shows.
    #[must_use]
    pub fn one_line_each(&self, severity: Severity) -> Vec<String> {
        let (full, rest) = self.split(|problem| problem.severity == severity);
        let full = full.into_iter().map(|problem| self.one_line(problem));
        let rest = rest.into_iter().map(|rest| {
            let (title, places) = self.rest(&rest);
            format!("{}: {title} ({places})", self.file)
        });
        full.chain(rest).collect()
    }

    /// The problems that are shown in full, and the rest of each kind.
    fn split(&self, wanted: impl Fn(&Problem) -> bool) -> (Vec<&Problem>, Vec<Rest<'_>>) {
        let mut full = Vec::new();
        let mut rest: Vec<Rest<'_>> = Vec::new();
        // The number of problems of each kind, and the index of the kind in `rest`.
        let mut kinds: HashMap<(Severity, Kind), (usize, usize)> = HashMap::new();
        for problem in self.problems.iter().filter(|problem| wanted(problem)) {
            let (seen, at) = kinds
                .entry((problem.severity, problem.kind))
                .or_insert_with(|| {
                    rest.push(Rest {
                        like: problem,
                        count: 0,
                        first: Vec::new(),
                    });
                    (0, rest.len() - 1)
                });
            *seen += 1;
            if *seen <= IN_FULL {
                full.push(problem);
                continue;
            }
            let rest = &mut rest[*at];
            rest.count += 1;
            if rest.first.len() < PLACES {
                rest.first.push(problem);
            }
        }
        rest.retain(|rest| rest.count > 0);
        (full, rest)
    }

    /// ``649 more like "`get` is not a method"``, and where they are.
    fn rest(&self, rest: &Rest<'_>) -> (String, String) {
        let places: Vec<String> = rest
            .first
            .iter()
            .map(|problem| {
                let (line, column) = self.position(problem.at().start);
                format!("{line}:{column}")
            })
            .collect();
        let more = match rest.count - places.len() {
            0 => String::new(),
            1 => " and one more place".to_owned(),
            more => format!(" and {more} more places"),
        };
        (
            format!("{} more like \"{}\"", rest.count, rest.like.message),
            format!("at {}{more}", places.join(", ")),
        )
    }

    fn render_rest(&self, rest: &Rest<'_>, renderer: &Renderer) -> String {
        let (title, places) = self.rest(rest);
        let message = Group::with_title(rest.like.severity.level().primary_title(title))
            .element(Level::NOTE.message(places));
        renderer.render(&[message])
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for paragraph in self.paragraphs(&Renderer::plain()) {
            writeln!(f, "{paragraph}\n")?;
        }
        f.write_str(&self.headline())
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline())?;
        for paragraph in self.paragraphs(&Renderer::plain()) {
            write!(f, "\n\n{paragraph}")?;
        }
        Ok(())
    }
}
