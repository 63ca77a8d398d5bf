//! API keys: their hashes, and the file that holds them.

mod file;
mod hash;
mod scrub;
mod table;

pub use self::file::{KeyFile, KeyFileError};
pub use self::hash::{HashSecret, KeyHash};
pub(crate) use self::table::{Found, HeldSet, KeyTable};

/// One key of a file: its id, the hash that stands for it, and what it may.
///
/// The key itself is nowhere: it was shown once, when it was made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyEntry {
    /// Who the key belongs to. Unique in its file; logs, metrics and back ends see it.
    pub id: String,
    /// The hash of the key.
    pub hash: StoredHash,
    /// The names of the scopes that it holds. Names that the policy does not know grant nothing.
    pub scopes: Vec<String>,
    /// The first second since 1970 at which it is no longer valid.
    pub expires: Option<u64>,
    /// The key that it replaces, valid beside it for a while.
    pub previous: Option<PreviousKey>,
    /// A remark for people.
    pub note: Option<String>,
}

/// The key that another one replaces, valid until its clients have changed over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PreviousKey {
    /// The hash of the key.
    pub hash: StoredHash,
    /// The first second since 1970 at which it is no longer valid.
    pub expires: u64,
}

/// How a file stores a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StoredHash {
    /// `sha256:`, safe for keys of at least 128 random bits.
    Sha256(KeyHash),
    /// `hmac_sha256:`, which takes the gateway's [`HashSecret`] too.
    HmacSha256(KeyHash),
}
