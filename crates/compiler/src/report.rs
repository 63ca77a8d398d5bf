//! Problems of a `routes.yaml`, shown the way rustc shows its own.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

/// How much a problem matters.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// No policy comes of it.
    Error,
    /// Allowed, and probably not meant.
    Warning,
    /// Worth knowing in a review.
    Note,
}

/// One thing to say about a file: what, where, and what to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    severity: Severity,
    message: String,
    /// The place at fault first, then the other parties, each with a label.
    places: Vec<(Range<usize>, String)>,
    help: Vec<String>,
}

impl Problem {
    /// A problem at a place, given as byte offsets in the file.
    #[must_use]
    pub fn new(severity: Severity, at: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            severity,
            message: printable(&message.into()),
            places: vec![(at, String::new())],
            help: Vec::new(),
        }
    }

    /// An error.
    #[must_use]
    pub fn error(at: Range<usize>, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, at, message)
    }

    /// A warning.
    #[must_use]
    pub fn warning(at: Range<usize>, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, at, message)
    }

    pub(crate) fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Says what the place at fault is.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        if let Some((_, first)) = self.places.first_mut() {
            *first = label.into();
        }
        self
    }

    /// Adds the place of another party.
    #[must_use]
    pub fn and(mut self, at: Range<usize>, label: impl Into<String>) -> Self {
        self.places.push((at, label.into()));
        self
    }

    /// Adds what would fix it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        let lines: Vec<String> = help.into().split('\n').map(printable).collect();
        self.help.push(lines.join("\n"));
        self
    }

    /// How much it matters.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What is the matter, in a sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where, as byte offsets in the file; the place at fault.
    #[must_use]
    pub fn at(&self) -> Range<usize> {
        self.places.first().map_or(0..0, |(at, _)| at.clone())
    }

    /// The places of the other parties, each with what it is.
    pub fn others(&self) -> impl Iterator<Item = (Range<usize>, &str)> {
        self.places
            .iter()
            .skip(1)
            .map(|(at, label)| (at.clone(), label.as_str()))
    }

    /// What would fix it, a sentence each.
    pub fn advice(&self) -> impl Iterator<Item = &str> {
        self.help.iter().map(String::as_str)
    }
}

/// Everything there is to say about one file, in the file's order: its errors,
/// or, where there are none, warnings and notes.
///
/// `Display` shows each problem with its source line, a caret and what would
/// fix it. `Debug` shows the same below a headline, because that is what
/// `fn main() -> Result` prints when a build script fails.
#[derive(Clone, Eq, PartialEq)]
pub struct Report {
    file: String,
    source: String,
    problems: Vec<Problem>,
}

impl Report {
    /// A report about a file. Where there are errors, it holds these alone.
    #[must_use]
    pub fn new(file: &str, source: &str, mut problems: Vec<Problem>) -> Self {
        // What stands behind an error was not understood, and a warning about
        // it would send the reader the wrong way.
        if problems.iter().any(Problem::is_error) {
            problems.retain(Problem::is_error);
        }
        problems.sort_by_key(|problem| (problem.severity, problem.at().start));
        Self {
            file: file.to_owned(),
            source: source.to_owned(),
            problems,
        }
    }

    /// A report about a file that cannot be read at all.
    pub(crate) fn unreadable(file: &str, message: String, help: &str) -> Self {
        Self::new(file, "", vec![Problem::error(0..0, message).help(help)])
    }

    /// The problems: warnings before notes, each kind in the file's order.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The problems of one severity.
    pub fn of(&self, severity: Severity) -> impl Iterator<Item = &Problem> {
        self.problems
            .iter()
            .filter(move |problem| problem.severity == severity)
    }

    /// Whether there is an error among them.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.of(Severity::Error).next().is_some()
    }

    /// Line and column of a place, counted from 1, columns in characters.
    #[must_use]
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let before = self.source.get(..offset).unwrap_or(&self.source);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (
            before.matches('\n').count() + 1,
            before[line_start..].chars().count() + 1,
        )
    }

    /// A problem in one line, `file:line:column: sentence (what would fix it)`.
    #[must_use]
    pub fn one_line(&self, problem: &Problem) -> String {
        let (line, column) = self.position(problem.at().start);
        let advice: Vec<&str> = problem.advice().map(without_example).collect();
        let advice = if advice.is_empty() {
            String::new()
        } else {
            format!(" ({})", advice.join("; "))
        };
        format!("{}:{line}:{column}: {}{advice}", self.file, problem.message)
    }

    /// A problem with its source line and a caret, as `Display` shows it.
    #[must_use]
    pub fn render(&self, problem: &Problem, renderer: &Renderer) -> String {
        let level = match problem.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let mut group = Group::with_title(level.primary_title(problem.message.as_str()));
        if self.source.is_empty() {
            group = group.element(Origin::path(self.file.as_str()));
        } else {
            let mut snippet = Snippet::source(self.source.as_str()).path(self.file.as_str());
            for (i, (at, label)) in problem.places.iter().enumerate() {
                let kind = if i == 0 {
                    AnnotationKind::Primary
                } else {
                    AnnotationKind::Context
                };
                let annotation = kind.span(self.within(at));
                snippet = snippet.annotation(if label.is_empty() {
                    annotation
                } else {
                    annotation.label(label.as_str())
                });
            }
            group = group.element(snippet);
        }
        for help in &problem.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        renderer.render(&[group])
    }

    /// The same place, surely inside the source and on character boundaries.
    fn within(&self, at: &Range<usize>) -> Range<usize> {
        let fit = |offset: usize| {
            let mut offset = offset.min(self.source.len());
            while !self.source.is_char_boundary(offset) {
                offset -= 1;
            }
            offset
        };
        fit(at.start)..fit(at.end.max(at.start))
    }
}

/// Text of the file as a message can show it: in one line, with nothing in it
/// that a terminal would obey or that reorders what follows.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let invisible = matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202f}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}');
        if c.is_control() || invisible || (c.is_whitespace() && c != ' ') {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// The first line of an advice: what stands below it needs its lines.
fn without_example(advice: &str) -> &str {
    let line = advice.lines().next().unwrap_or_default();
    line.strip_suffix(':').unwrap_or(line)
}

/// A text of the file for a message: in backticks, and cut where it is long.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("`{}...`", &text[..end]),
        None => format!("`{text}`"),
    }
}

impl Report {
    /// `routes.yaml: 2 errors`
    #[must_use]
    pub fn headline(&self) -> String {
        let count = |severity: Severity, one: &str| match self.of(severity).count() {
            0 => None,
            1 => Some(format!("1 {one}")),
            n => Some(format!("{n} {one}s")),
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

    fn rendered(&self) -> impl Iterator<Item = String> {
        let renderer = Renderer::plain();
        self.problems
            .iter()
            .map(move |problem| self.render(problem, &renderer))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in self.rendered() {
            writeln!(f, "{problem}\n")?;
        }
        f.write_str(&self.headline())
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline())?;
        for problem in self.rendered() {
            write!(f, "\n\n{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Report {}
