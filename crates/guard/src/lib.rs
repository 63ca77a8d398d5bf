//! Policy, API keys and bearer tokens as one snapshot that is reloaded while it decides.

mod keys;
#[cfg(feature = "tokens")]
mod tokens;

pub use keys::{HashSecret, KeyEntry, KeyHash, PreviousKey, StoredHash};
#[cfg(feature = "tokens")]
pub use tokens::{
    IgnoredKey, MAX_TOKEN_BYTES, RsaAlgorithm, ScopeClaim, TokenDenial, TokenKeys, TokenKeysError,
    TokenKeysReader, TokenRules, TokenRulesError, TokenVerifier, UnknownRsaAlgorithm,
    VerifiedToken, has_token_form,
};
