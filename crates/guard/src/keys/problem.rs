//! The problems of a key file.

use std::fmt;

use routescope_source::report::{Problem, Report};

use crate::trusted_file::FileProblem;

/// Problems that `Display` shows of one file.
const SHOWN: usize = 10;

/// A key file, or of the secret, that cannot be used: every problem of it, with its place and
/// what would fix it.
///
/// `Display` shows up to ten, a line each: `keys.yaml:7:13: 64 hexadecimal digits are expected, and
/// here are 100 characters; ...`. `Debug` shows the same. **No message quotes the file**, because
/// somebody will paste a key in place of its hash, its id or a note, and errors go to logs.
#[derive(Clone, Eq, PartialEq)]
pub struct KeyFileError {
    problems: Vec<KeyFileProblem>,
}

/// One thing to say about a key file: where, what, and what would fix it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyFileProblem {
    file: String,
    /// Line and column; none for the file as a whole.
    position: Option<(usize, usize)>,
    message: String,
    help: String,
}

impl KeyFileError {
    /// About the file as a whole.
    pub(super) fn of_file(file: &str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            problems: vec![KeyFileProblem::of_file(file, message, help)],
        }
    }

    /// About places of a text, of which there is at least one.
    pub(super) fn of_text(file: &str, text: &str, problems: Vec<Problem>) -> Self {
        let report = Report::new(file, text, problems);
        let problems = report.problems().iter();
        Self {
            problems: problems
                .map(|problem| KeyFileProblem::of_text(file, &report, problem))
                .collect(),
        }
    }

    pub(super) fn at(file: &str, position: (usize, usize), message: &str, help: &str) -> Self {
        Self {
            problems: vec![KeyFileProblem {
                position: Some(position),
                ..KeyFileProblem::of_file(file, message, help)
            }],
        }
    }

    /// The problems, in the order of the file.
    #[must_use]
    pub fn problems(&self) -> &[KeyFileProblem] {
        &self.problems
    }
}

impl From<FileProblem> for KeyFileProblem {
    fn from(problem: FileProblem) -> Self {
        Self::of_file(problem.file(), problem.message(), problem.help())
    }
}

impl From<FileProblem> for KeyFileError {
    fn from(problem: FileProblem) -> Self {
        Self {
            problems: vec![problem.into()],
        }
    }
}

impl KeyFileProblem {
    pub(super) fn of_file(file: &str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            position: None,
            message: message.into(),
            help: help.into(),
        }
    }

    fn of_text(file: &str, report: &Report, problem: &Problem) -> Self {
        let mut message = problem.message().to_owned();
        for (at, label) in problem.others() {
            let (line, _) = report.position(at.start);
            message += &format!(", {label} line {line}");
        }
        let advice: Vec<&str> = problem.advice().collect();
        Self {
            file: file.to_owned(),
            position: Some(report.position(problem.at().start)),
            message,
            help: advice.join("; "),
        }
    }

    /// The name of the file, as it was given.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Line and column, counted from 1, columns in characters; `None` if the file as a whole is
    /// meant, its mode for instance.
    #[must_use]
    pub fn position(&self) -> Option<(usize, usize)> {
        self.position
    }

    /// The problem in a sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The advice that would fix it.
    #[must_use]
    pub fn help(&self) -> &str {
        &self.help
    }
}

impl fmt::Display for KeyFileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some((line, column)) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)?;
        if self.help.is_empty() {
            return Ok(());
        }
        write!(f, "; {}", self.help)
    }
}

impl fmt::Display for KeyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.problems.iter().take(SHOWN).enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        match self.problems.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            1 => f.write_str("\nand one more error"),
            more => write!(f, "\nand {more} more errors"),
        }
    }
}

impl fmt::Debug for KeyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for KeyFileError {}
