//! The keys of an identity provider: a JWK set (RFC 7517 section 5).

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use super::algorithm::RsaAlgorithm;
use super::file::{self, Location, TokenKeysError};
use super::json::{BadObject, Members, list};
use super::jwk::{self, Jwk, TokenKey};

/// The keys of an identity provider, each with the one algorithm that it verifies by.
///
/// The algorithm is that of the key's `alg`, or the only one of its curve; a token's header does
/// not choose it. To rotate, the set has the old and the new key until no token of the old one is
/// valid.
///
/// ```
/// use routescope_guard::TokenKeys;
///
/// let text = r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "2026",
///     "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
/// assert_eq!(TokenKeys::parse("jwks.json", text)?.len(), 1);
/// # Ok::<(), routescope_guard::TokenKeysError>(())
/// ```
#[derive(Debug)]
pub struct TokenKeys {
    keys: Vec<TokenKey>,
    ignored: Vec<IgnoredKey>,
}

impl TokenKeys {
    /// Reads the text of a JWK set. `name` stands for it in errors.
    ///
    /// # Errors
    ///
    /// - The text is not JSON, or not an object with a list `keys`; a member is a duplicate.
    /// - A key is private, or a shared secret.
    /// - A key is weak or broken: RSA of under 2048 or over 8192 bits, an exponent below 65537, a
    ///   point that is not on its curve, a value that is not base64url or has the wrong length.
    /// - A key has an algorithm of another type of keys, or is of the type RSA and states none (see
    ///   [`TokenKeysReader`]).
    /// - Two keys have the same `kid`, or a key has none and is not the only one.
    /// - No key is left that verifies tokens.
    pub fn parse(name: &str, text: &str) -> Result<Self, TokenKeysError> {
        TokenKeysReader::new().parse(name, text)
    }

    /// Reads a file with a JWK set.
    ///
    /// # Errors
    ///
    /// Those of [`Self::parse`], and:
    ///
    /// - The file cannot be read, is not a regular one, is longer than 1 MiB, or is not UTF-8.
    /// - Anyone may write it (Unix).
    pub fn read(path: impl AsRef<Path>) -> Result<Self, TokenKeysError> {
        TokenKeysReader::new().read(path)
    }

    /// The number of keys that verify tokens; at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "no set is empty")]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// The keys of the set that verify no tokens, and why. Worth a warning when the set is loaded.
    #[must_use]
    pub fn ignored(&self) -> &[IgnoredKey] {
        &self.ignored
    }

    /// The key that a token names. If it names none, the key of a set that has only one.
    pub(super) fn find(&self, kid: Option<&str>) -> Option<&TokenKey> {
        match (kid, self.keys.as_slice()) {
            (Some(kid), keys) => keys.iter().find(|key| key.kid.as_deref() == Some(kid)),
            (None, [key]) => Some(key),
            (None, _) => None,
        }
    }
}

/// Reads [`TokenKeys`], with what the provider leaves out of its set stated.
///
/// ```
/// use routescope_guard::{RsaAlgorithm, TokenKeysReader};
///
/// // Microsoft Entra ID publishes RSA keys without `alg` and signs with RS256.
/// let reader = TokenKeysReader::new().rsa_algorithm(RsaAlgorithm::Rs256);
/// # let _ = reader;
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct TokenKeysReader {
    rsa_algorithm: Option<RsaAlgorithm>,
}

impl TokenKeysReader {
    /// Nothing is stated.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            rsa_algorithm: None,
        }
    }

    /// States the one algorithm of RSA keys that have no `alg`. Those that have keep theirs.
    #[must_use]
    pub const fn rsa_algorithm(mut self, algorithm: RsaAlgorithm) -> Self {
        self.rsa_algorithm = Some(algorithm);
        self
    }

    /// As [`TokenKeys::parse`].
    ///
    /// # Errors
    ///
    /// Those of [`TokenKeys::parse`].
    pub fn parse(&self, name: &str, text: &str) -> Result<TokenKeys, TokenKeysError> {
        let error = |at, problem: &str| TokenKeysError::at(name, Location::of(at, text), problem);
        let set = Members::read(text).map_err(|bad| match bad {
            BadObject::Syntax(syntax) => {
                let problem = match syntax.classify() {
                    serde_json::error::Category::Data => NO_SET,
                    _ => "this is not JSON",
                };
                TokenKeysError::at(name, Location::of_syntax(&syntax, text), problem)
            }
            BadObject::Duplicate(value) => error(value.get(), "the set has a duplicate member"),
        })?;
        let Some(value) = set.get("keys") else {
            return Err(TokenKeysError::of_file(name, NO_SET));
        };
        let values = list(value).ok_or_else(|| error(value.get(), "`keys` is not a list"))?;

        let mut keys = Vec::new();
        let mut ignored = Vec::new();
        let mut locations = BTreeMap::new();
        let mut without_kid = None;
        for value in values {
            let location = Location::of(value.get(), text);
            match jwk::read(value, self.rsa_algorithm).map_err(|bad| error(bad.at, &bad.problem))? {
                Jwk::Ignored(reason) => {
                    ignored.push(IgnoredKey {
                        name: name.to_owned(),
                        location,
                        reason,
                    });
                }
                Jwk::Usable(key) => {
                    match &key.kid {
                        None => without_kid = without_kid.or(Some(location)),
                        Some(kid) => {
                            if let Some(first) = locations.insert(kid.clone(), location) {
                                let problem = format!("the key has the `kid` of that at {first}");
                                return Err(TokenKeysError::at(name, location, problem));
                            }
                        }
                    }
                    keys.push(key);
                }
            }
        }
        match (keys.len(), without_kid) {
            (0, _) => {
                let problem = match ignored.first() {
                    None => "the set has no keys".to_owned(),
                    Some(IgnoredKey {
                        location, reason, ..
                    }) => format!(
                        "the set has no key that verifies tokens; that at {location} is ignored: \
                         {reason}"
                    ),
                };
                Err(error(value.get(), &problem))
            }
            (2.., Some(location)) => {
                let problem = "the key has no `kid`, and a set of several keys is told apart by it";
                Err(TokenKeysError::at(name, location, problem))
            }
            _ => Ok(TokenKeys { keys, ignored }),
        }
    }

    /// As [`TokenKeys::read`].
    ///
    /// # Errors
    ///
    /// Those of [`TokenKeys::read`].
    pub fn read(&self, path: impl AsRef<Path>) -> Result<TokenKeys, TokenKeysError> {
        let path = path.as_ref();
        self.parse(&path.display().to_string(), &file::read(path)?)
    }
}

/// A key of a set that verifies no tokens: it is for something else, such as encryption, or of a
/// type that is not known here. A set may have such keys (RFC 7517 section 5).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IgnoredKey {
    name: String,
    location: Location,
    reason: &'static str,
}

/// ``jwks.json:9:3: the key is ignored: its type (`kty`) is not known``
impl fmt::Display for IgnoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            location,
            reason,
        } = self;
        write!(f, "{name}:{location}: the key is ignored: {reason}")
    }
}

const NO_SET: &str = r#"this is not a JWK set; one has the form {"keys": [...]}"#;
