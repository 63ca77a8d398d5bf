//! The result of a proof.

use std::fmt;

/// The extent of a proof.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Proved {
    /// The pairs of a table state and a set of active templates.
    pub pairs: usize,
    /// The transitions compared.
    pub steps: usize,
}

/// A difference between tables and file: a bug of the compiler, never of the file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// The path that shows it, or the beginning of one. Empty where the
    /// difference is about the policy as a whole.
    pub path: String,
    /// The file's side.
    pub file: String,
    /// The tables' side.
    pub tables: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "at `{}` ", self.path)?;
        }
        write!(
            f,
            "the file says {}, the tables say {}",
            self.file, self.tables
        )
    }
}

impl std::error::Error for Difference {}
