//! How a command ends: yes, no, or not at all.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use routescope_compiler::Report;

/// The finding of a command, which is its exit code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// 0: allowed, no problems, the same.
    Yes,
    /// 1: denied, problems found, policies differ.
    No,
}

impl Outcome {
    /// Keeps the finding when it could not be written because nobody reads any more: that must
    /// not turn a no into a yes.
    pub(crate) fn after(self, written: Result<()>) -> Result<Self> {
        match written {
            Ok(()) | Err(Failure::ClosedPipe) => Ok(self),
            Err(failure) => Err(failure),
        }
    }
}

impl From<bool> for Outcome {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

/// Why a command could not answer: exit code 2.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A sentence, and advice.
    Message { message: String, help: String },
    /// A policy that does not compile.
    Policy(Box<Report>),
    /// Nobody reads the output any more (`routescope routes | head`), which is
    /// no failure.
    ClosedPipe,
}

pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    pub(crate) fn new(message: impl Display, help: impl Display) -> Self {
        Self::Message {
            message: message.to_string(),
            help: help.to_string(),
        }
    }

    /// A file, or `-`, that could not be read.
    pub(crate) fn unreadable(name: &str, error: &io::Error) -> Self {
        let help = match error.kind() {
            io::ErrorKind::NotFound => "check the name; paths are relative to the current folder",
            io::ErrorKind::PermissionDenied => "you may not read it",
            io::ErrorKind::IsADirectory => "name a file in it",
            _ => "see whether another program can read it",
        };
        Self::new(format_args!("cannot read {name}: {error}"), help)
    }

    /// Adds more advice.
    pub(crate) fn and_help(self, more: &str) -> Self {
        match self {
            Self::Message { message, help } if help.is_empty() => Self::new(message, more),
            Self::Message { message, help } => {
                Self::new(message, format_args!("{help}\n  help: {more}"))
            }
            Self::Policy(_) | Self::ClosedPipe => self,
        }
    }

    pub(crate) fn report(&self) -> ExitCode {
        match self {
            Self::ClosedPipe => return ExitCode::SUCCESS,
            Self::Policy(report) => anstream::eprintln!("{report}"),
            Self::Message { message, help } if help.is_empty() => {
                anstream::eprintln!("error: {message}");
            }
            Self::Message { message, help } => {
                anstream::eprintln!("error: {message}\n  help: {help}");
            }
        }
        ExitCode::from(2)
    }
}

/// Errors of writing the output.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::new(format_args!("cannot write the output: {error}"), ""),
        }
    }
}

impl From<Report> for Failure {
    fn from(report: Report) -> Self {
        Self::Policy(Box::new(report))
    }
}
