//! Messages to those who operate the program, on standard error.

use std::fmt;
use std::io::Write;

use routescope_guard::ReloadError;
use routescope_source::report::Report;

/// Why the server does not run.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A sentence, and advice.
    Message { message: String, help: String },
    /// A configuration with mistakes.
    Config(Box<Report>),
    /// A policy or keys that are not sound.
    Sources(ReloadError),
}

impl Failure {
    pub(crate) fn new(message: impl fmt::Display, help: impl fmt::Display) -> Self {
        Self::Message {
            message: message.to_string(),
            help: help.to_string(),
        }
    }
}

impl From<Box<Report>> for Failure {
    fn from(report: Box<Report>) -> Self {
        Self::Config(report)
    }
}

impl From<ReloadError> for Failure {
    fn from(error: ReloadError) -> Self {
        Self::Sources(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message { message, help } => write!(f, "error: {message}\n  = help: {help}"),
            Self::Config(report) => report.fmt(f),
            Self::Sources(error) => write!(f, "error: {error}"),
        }
    }
}

/// Writes a line to standard error. Nobody may read it, which stops no server.
pub(crate) fn say(line: impl fmt::Display) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
