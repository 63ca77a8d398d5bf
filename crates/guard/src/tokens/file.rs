//! The file of a JWK set, and what is wrong with it.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// The greatest length of a file in bytes. Sets of providers have a few kilobytes.
const MAX_BYTES: u64 = 1024 * 1024;

/// A set of keys cannot be used.
///
/// Says where and what, and no value of the file: a private key may be among them.
#[derive(Debug)]
pub struct TokenKeysError {
    name: String,
    location: Option<Location>,
    problem: String,
    source: Option<io::Error>,
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
            source: None,
        }
    }

    pub(super) fn of_file(name: &str, problem: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            location: None,
            problem: problem.into(),
            source: None,
        }
    }
}

impl std::error::Error for TokenKeysError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|error| error as _)
    }
}

/// `jwks.json:12:5: the RSA key has 1024 bits; at least 2048 are needed`
impl fmt::Display for TokenKeysError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            location,
            problem,
            source,
        } = self;
        write!(f, "{name}:")?;
        if let Some(location) = location {
            write!(f, "{location}:")?;
        }
        write!(f, " {problem}")?;
        match source {
            Some(error) => write!(f, ": {error}"),
            None => Ok(()),
        }
    }
}

/// Reads the text of a file.
pub(super) fn read(path: &Path) -> Result<String, TokenKeysError> {
    let name = path.display().to_string();
    let failed = |error| TokenKeysError {
        name: name.clone(),
        location: None,
        problem: "the file cannot be read".to_owned(),
        source: Some(error),
    };
    // Before it is opened, because opening a pipe waits for its writer.
    let metadata = fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(TokenKeysError::of_file(&name, "this is not a regular file"));
    }
    if is_writable_by_anyone(&metadata) {
        let problem = "anyone on this machine may write the file, and so add a key of their own; \
                       chmod o-w";
        return Err(TokenKeysError::of_file(&name, problem));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(TokenKeysError::of_file(
            &name,
            "the file is longer than 1 MiB",
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        let end = error.utf8_error().valid_up_to();
        let valid = String::from_utf8_lossy(&error.as_bytes()[..end]).into_owned();
        let location = Location::of(&valid[valid.len()..], &valid);
        TokenKeysError::at(&name, location, "this is not UTF-8")
    })
}

#[cfg(unix)]
fn is_writable_by_anyone(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.mode() & 0o002 != 0
}

#[cfg(not(unix))]
fn is_writable_by_anyone(_: &fs::Metadata) -> bool {
    false
}
