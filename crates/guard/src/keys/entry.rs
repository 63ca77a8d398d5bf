//! One key of a file.

use super::KeyHash;

/// One key of a file: its id, the hash that stands for it, and what it may.
///
/// The key itself is nowhere: it was shown once, when it was made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyEntry {
    /// The name of its owner, unique in its file. Logs, metrics and back ends see it.
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

impl KeyEntry {
    /// A key that does not expire.
    #[must_use]
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
    /// `hmac_sha256:`, which takes the gateway's [`HashSecret`](super::HashSecret) too.
    HmacSha256(KeyHash),
}

impl StoredHash {
    /// The name of its field in a file.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Sha256(_) => "sha256",
            Self::HmacSha256(_) => "hmac_sha256",
        }
    }

    /// The hash, whichever it is.
    #[must_use]
    pub const fn hash(&self) -> &KeyHash {
        match self {
            Self::Sha256(hash) | Self::HmacSha256(hash) => hash,
        }
    }
}
