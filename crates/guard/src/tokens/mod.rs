//! Bearer tokens of an identity provider: signed JSON Web Tokens (RFC 7519), as a second source of
//! identities beside API keys.
//!
//! `jsonwebtoken` checks signatures. Everything else is read here, because its reader keeps the
//! last of two members of the same name, takes a list of issuers, reads the clock and, of an
//! Ed25519 key in a JWK set, takes any length.

mod algorithm;
mod claims;
mod compact;
mod denial;
mod file;
mod header;
mod json;
mod jwk;
mod keys;
mod rules;
mod verifier;

pub use self::algorithm::{RsaAlgorithm, UnknownRsaAlgorithm};
pub use self::claims::VerifiedToken;
pub use self::compact::{MAX_TOKEN_BYTES, has_token_form};
pub use self::denial::TokenDenial;
pub use self::file::TokenKeysError;
pub use self::keys::{IgnoredKey, TokenKeys, TokenKeysReader};
pub use self::rules::{ScopeClaim, TokenRules, TokenRulesError};
pub use self::verifier::TokenVerifier;
