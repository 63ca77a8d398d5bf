//! Keys that are stored elsewhere: a database, a service, a cache that may have to ask.

use std::error::Error;
use std::fmt;
use std::future::Future;

use crate::KeyHash;

/// A store of keys that takes time to answer, asked for keys that are not in the guard's own
/// file.
///
/// It gets the hash of the key, and never the key: SHA-256, or HMAC-SHA-256 if the guard has a
/// secret.
///
/// ```
/// use routescope_guard::{FoundKey, KeyHash, KeyLookup, LookupFailed};
///
/// struct Database;
///
/// impl KeyLookup for Database {
///     async fn find(&self, hash: KeyHash) -> Result<Option<FoundKey>, LookupFailed> {
///         // SELECT id, scopes, expires FROM keys WHERE sha256 = $1
///         let _ = hash.as_bytes();
///         Ok(Some(FoundKey::new("customer-4711", ["colleagues:read"])))
///     }
/// }
/// ```
pub trait KeyLookup: Send + Sync {
    /// The key with this hash, expired or not, or `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`LookupFailed`] if the store does not answer. The request is denied as `unavailable`,
    /// with 403, so that nobody takes the failure for an unknown key and throws theirs away.
    fn find(
        &self,
        hash: KeyHash,
    ) -> impl Future<Output = Result<Option<FoundKey>, LookupFailed>> + Send;
}

/// A key that a [`KeyLookup`] found.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct FoundKey {
    /// Whose key it is. Logs and back ends see it, escaped where a header needs that.
    pub id: String,
    /// The names of the scopes that it holds. Names that the policy does not know grant nothing.
    pub scopes: Vec<String>,
    /// The first second since 1970 at which it is no longer valid.
    pub expires: Option<u64>,
}

impl FoundKey {
    /// A key that does not expire.
    pub fn new(id: impl Into<String>, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            id: id.into(),
            scopes: scopes.into_iter().map(Into::into).collect(),
            expires: None,
        }
    }

    /// The same key, no longer valid from this second since 1970 on.
    #[must_use]
    pub fn valid_until(mut self, expires: u64) -> Self {
        self.expires = Some(expires);
        self
    }
}

/// A store of keys did not answer. Why, the store itself has to log: the guard denies the request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LookupFailed;

impl fmt::Display for LookupFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the store of keys did not answer")
    }
}

impl Error for LookupFailed {}
