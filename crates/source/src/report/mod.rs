//! Problems of a `routes.yaml`, shown the way rustc shows its own.

mod excerpt;
mod kind;
mod lines;
mod position;
mod problem;
mod show;
mod text;

use annotate_snippets::{Group, Level, Origin, Renderer};

use lines::Lines;
use position::keep_file_positions;

pub use kind::Kind;
pub use problem::{Problem, Severity};
pub use text::printable;
pub use text::quoted;

/// Everything there is to say about one file: errors first, then warnings, then
/// notes, each in the file's order.
///
/// `Display` shows the first problems of each kind with source line, a caret and
/// what would fix them, and where the others are. `Debug` shows the same below a headline, because that is what
/// `fn main() -> Result` prints when a build script fails.
#[derive(Clone, Eq, PartialEq)]
pub struct Report {
    file: String,
    source: String,
    lines: Lines,
    problems: Vec<Problem>,
    /// Errors that were found and are not among the problems.
    untold: usize,
}

impl Report {
    /// A report about a file.
    #[must_use]
    pub fn new(file: &str, source: &str, mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| (problem.severity, problem.at().start));
        Self {
            file: file.to_owned(),
            source: source.to_owned(),
            lines: Lines::new(source),
            problems,
            untold: 0,
        }
    }

    /// Adds `count` errors to the headline that the report does not list, because its
    /// maker shows them in another way.
    #[must_use]
    pub fn with_more_errors(mut self, count: usize) -> Self {
        self.untold = count;
        self
    }

    /// A report of other problems of the same file.
    #[must_use]
    pub fn about(&self, problems: Vec<Problem>) -> Self {
        Self::new(&self.file, &self.source, problems)
    }

    /// A report about a file that cannot be read at all.
    #[must_use]
    pub fn unreadable(file: &str, message: String, help: &str) -> Self {
        Self::new(file, "", vec![Problem::error(0..0, message).help(help)])
    }

    /// The problems: errors, warnings, notes, each in the file's order.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The problems of one severity.
    pub fn by_severity(&self, severity: Severity) -> impl Iterator<Item = &Problem> {
        self.problems
            .iter()
            .filter(move |problem| problem.severity == severity)
    }

    /// Whether there is an error among them.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.by_severity(Severity::Error).next().is_some()
    }

    /// Line and column of a place, counted from 1, columns in characters.
    #[must_use]
    pub fn position(&self, offset: usize) -> (usize, usize) {
        self.lines.position(&self.source, self.floor(offset))
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
        let mut message = Group::with_title(
            problem
                .severity
                .level()
                .primary_title(problem.message.as_str()),
        );
        message = if self.source.is_empty() {
            message.element(Origin::path(self.file.as_str()))
        } else {
            self.excerpts(problem, message)
        };
        for help in &problem.help {
            message = message.element(Level::HELP.message(help.as_str()));
        }
        keep_file_positions(&renderer.render(&[message]))
    }
}

/// The first line of an advice. An example below it would need its line breaks.
fn without_example(advice: &str) -> &str {
    let line = advice.lines().next().unwrap_or_default();
    line.strip_suffix(':').unwrap_or(line)
}

impl std::error::Error for Report {}
