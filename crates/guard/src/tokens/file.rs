//! The file of a JWK set, and what is wrong with it.

use std::fmt;
use std::path::Path;

use crate::trusted_file::{self, Owner};

/// The greatest length of a file in bytes. Sets of providers have a few kilobytes.
const MAX_BYTES: u64 = 1024 * 1024;

/// A set of keys cannot be used.
///
/// Says where and what, and no value of the file: a private key may be among them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TokenKeysError {
    name: String,
    location: Option<Location>,
    problem: String,
}

/// Where something stands in a text; both count from 1, columns in characters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Location {
    line: usize,
    column: usize,
}

impl Location {
    /// The location at which a slice of a text begins.
    pub(super) fn of(part: &str, text: &str) -> Self {
        let offset = (part.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
        let before = text.get(..offset).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        Self {
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
        }
    }

    /// The location at which the JSON of a text breaks off. `serde_json` counts columns in bytes, from 0 for the
    /// end of a line.
    pub(super) fn of_syntax(error: &serde_json::Error, text: &str) -> Self {
        let line = text
            .split('\n')
            .nth(error.line().saturating_sub(1))
            .unwrap_or_default();
        let bytes = &line.as_bytes()[..line.len().min(error.column().saturating_sub(1))];
        let column = String::from_utf8_lossy(bytes).chars().count() + 1;
        Self {
            line: error.line(),
            column,
        }
    }
}

/// `12:5`
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

impl TokenKeysError {
    pub(super) fn at(name: &str, location: Location, problem: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            location: Some(location),
            problem: problem.into(),
        }
    }

    pub(super) fn of_file(name: &str, problem: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            location: None,
            problem: problem.into(),
        }
    }
}

impl TokenKeysError {
    /// Whether it is about the file as a whole, its mode for instance.
    pub(crate) const fn is_about_file(&self) -> bool {
        self.location.is_none()
    }
}

impl std::error::Error for TokenKeysError {}

/// `jwks.json:12:5: the RSA key has 1024 bits; at least 2048 are needed`
impl fmt::Display for TokenKeysError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            location,
            problem,
        } = self;
        write!(f, "{name}:")?;
        if let Some(location) = location {
            write!(f, "{location}:")?;
        }
        write!(f, " {problem}")
    }
}

/// Reads the text of a file.
pub(super) fn read(path: &Path) -> Result<String, TokenKeysError> {
    let mut content = trusted_file::read(path, MAX_BYTES, Owner::RootOrOwn).map_err(|problem| {
        let message = format!("{}; {}", problem.message(), problem.help());
        TokenKeysError::of_file(problem.file(), message)
    })?;
    let bytes = std::mem::take(&mut *content.bytes);
    String::from_utf8(bytes).map_err(|error| {
        let end = error.utf8_error().valid_up_to();
        let valid = String::from_utf8_lossy(&error.as_bytes()[..end]).into_owned();
        let location = Location::of(&valid[valid.len()..], &valid);
        let name = path.display().to_string();
        TokenKeysError::at(&name, location, "this is not UTF-8")
    })
}
