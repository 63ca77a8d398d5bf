//! The reasons why bytes are no policy.

use core::fmt;

use crate::automaton::TableError;

/// The reason why bytes were not loaded.
///
/// Not exhaustive: unlike a denial, it is for people, and every reason means the same to a
/// program, which keeps the policy that it has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum LoadError {
    /// The bytes do not begin as a compiled policy does.
    NotAPolicy,
    /// The bytes are in a format that this version does not read.
    Format {
        /// The version of the format.
        found: u32,
        /// The version that is read.
        supported: u32,
    },
    /// The bytes are cut, or continue after their end.
    Length {
        /// The length that the bytes state, or the least that a policy has.
        expected: usize,
        /// Their length.
        found: usize,
    },
    /// The bytes are not those that the compiler wrote.
    Checksum,
    /// The policy is that of another API: see [`Loader::name`](crate::Loader::name).
    Name,
    /// The policy is older than the loader accepts: see
    /// [`Loader::min_revision`](crate::Loader::min_revision).
    Revision {
        /// The policy's revision.
        found: u32,
        /// The least that is accepted.
        minimum: u32,
    },
    /// A field has a value that no compiler writes.
    Malformed {
        /// The name of the field.
        field: &'static str,
    },
    /// The tables are unsound, or of another version.
    Unsound(TableError),
}

impl From<TableError> for LoadError {
    fn from(error: TableError) -> Self {
        Self::Unsound(error)
    }
}

impl core::error::Error for LoadError {}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NotAPolicy => f.write_str(
                "these bytes are no compiled policy; `routescope compile` writes one",
            ),
            Self::Format { found, supported } => write!(
                f,
                "a policy in format {found}, and this version reads format {supported}; compile it with the compiler of this version"
            ),
            Self::Length { expected, found } => write!(
                f,
                "a policy of {expected} bytes, and there are {found}; copy the file again, as binary"
            ),
            Self::Checksum => f.write_str(
                "the checksum is not that of the bytes: some of them have changed; copy the file again",
            ),
            Self::Name => f.write_str("the policy has another name than the one asked for"),
            Self::Revision { found, minimum } => write!(
                f,
                "the policy has revision {found}, and at least {minimum} is asked for; raise `revision:` in its file with each edition"
            ),
            Self::Malformed { field } => write!(
                f,
                "the field `{field}` has a value that no compiler writes"
            ),
            Self::Unsound(error) => write!(f, "unsound tables: {error}"),
        }
    }
}
