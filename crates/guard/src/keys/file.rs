//! stand-in until the file is read

use std::fmt;
use std::path::Path;

use super::{HashSecret, KeyEntry, StoredHash};

/// Keys.
#[derive(Clone, Debug)]
pub struct KeyFile {
    /// policy
    pub policy: Option<String>,
    /// entries
    pub entries: Vec<KeyEntry>,
}

impl KeyFile {
    /// new
    pub fn new(entries: impl IntoIterator<Item = KeyEntry>) -> Self {
        Self {
            policy: None,
            entries: entries.into_iter().collect(),
        }
    }
    /// read
    pub fn read(_: &Path) -> Result<Self, KeyFileError> {
        Err(KeyFileError)
    }
    /// warnings
    pub fn warnings(&self) -> impl Iterator<Item = &str> {
        [].into_iter()
    }
}

impl KeyEntry {
    /// new
    pub fn new(
        id: impl Into<String>,
        hash: StoredHash,
        scopes: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            id: id.into(),
            hash,
            scopes: scopes.into_iter().map(Into::into).collect(),
            expires: None,
            previous: None,
            note: None,
        }
    }
}

impl HashSecret {
    /// read
    pub fn read(_: &Path) -> Result<Self, KeyFileError> {
        Err(KeyFileError)
    }
}

/// error
#[derive(Clone, Debug)]
pub struct KeyFileError;

impl fmt::Display for KeyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stand-in")
    }
}
