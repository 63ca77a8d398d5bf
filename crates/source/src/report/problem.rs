//! One problem of a file.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::Level;

use super::{Kind, printable};

/// The severity of a problem.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// No policy comes of it.
    Error,
    /// Allowed, and probably a mistake.
    Warning,
    /// Worth knowing in a review.
    Note,
}

/// One thing to say about a file: what, where, and what to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    pub(super) severity: Severity,
    pub(super) kind: Kind,
    pub(super) message: String,
    /// The place at fault first, then the other parties, each with a label.
    pub(super) places: Vec<(Range<usize>, Cow<'static, str>)>,
    pub(super) help: Vec<String>,
}

impl Severity {
    pub(super) fn level(self) -> Level<'static> {
        match self {
            Self::Error => Level::ERROR,
            Self::Warning => Level::WARNING,
            Self::Note => Level::NOTE,
        }
    }
}

impl Problem {
    /// A problem at a place, given as byte offsets in the file. Those that the
    /// same line of code states are of one kind.
    #[must_use]
    #[track_caller]
    pub fn new(severity: Severity, at: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            severity,
            kind: Kind::here(),
            message: printable(&message.into()),
            places: vec![(at, Cow::Borrowed(""))],
            help: Vec::new(),
        }
    }

    /// An error.
    #[must_use]
    #[track_caller]
    pub fn error(at: Range<usize>, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, at, message)
    }

    /// A warning.
    #[must_use]
    #[track_caller]
    pub fn warning(at: Range<usize>, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, at, message)
    }

    /// Whether it is an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Says what the place at fault is.
    #[must_use]
    pub fn label(mut self, label: impl Into<Cow<'static, str>>) -> Self {
        if let Some((_, first)) = self.places.first_mut() {
            *first = label.into();
        }
        self
    }

    /// Says of which kind it is, where that is known better.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// Tells apart what the same line of code states: of one kind are those of one name.
    #[must_use]
    pub fn of_kind(mut self, name: &'static str) -> Self {
        self.kind = self.kind.which(name);
        self
    }

    /// Adds the place of another party.
    #[must_use]
    pub fn with_label(mut self, at: Range<usize>, label: impl Into<Cow<'static, str>>) -> Self {
        // There may be a million problems, and none has many places.
        self.places.reserve_exact(1);
        self.places.push((at, label.into()));
        self
    }

    /// Adds what would fix it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        let lines: Vec<String> = help.into().split('\n').map(printable).collect();
        let help = lines.join("\n");
        self.help.reserve_exact(1);
        self.help.push(help);
        self
    }

    /// Returns its severity.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// The problem in a sentence.
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
            .map(|(at, label)| (at.clone(), &**label))
    }

    /// Returns the ways to fix it, a sentence each.
    pub fn advice(&self) -> impl Iterator<Item = &str> {
        self.help.iter().map(String::as_str)
    }
}
