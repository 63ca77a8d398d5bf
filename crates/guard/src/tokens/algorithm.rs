//! The algorithms that sign tokens.

use std::fmt;
use std::str::FromStr;

use jsonwebtoken::Algorithm;

/// An algorithm that keys of the type RSA sign with (RFC 7518 sections 3.3 and 3.5).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RsaAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
}

impl RsaAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 6] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
    ];

    /// Its name, such as `RS256`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
        }
    }

    pub(super) const fn algorithm(self) -> Algorithm {
        match self {
            Self::Rs256 => Algorithm::RS256,
            Self::Rs384 => Algorithm::RS384,
            Self::Rs512 => Algorithm::RS512,
            Self::Ps256 => Algorithm::PS256,
            Self::Ps384 => Algorithm::PS384,
            Self::Ps512 => Algorithm::PS512,
        }
    }
}

/// `RS256`
impl fmt::Display for RsaAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text is not the name of an [`RsaAlgorithm`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UnknownRsaAlgorithm(());

impl std::error::Error for UnknownRsaAlgorithm {}

impl fmt::Display for UnknownRsaAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text is none of RS256, RS384, RS512, PS256, PS384 and PS512")
    }
}

/// # Errors
///
/// [`UnknownRsaAlgorithm`] for any text that is not the name of an algorithm, byte for byte.
impl FromStr for RsaAlgorithm {
    type Err = UnknownRsaAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownRsaAlgorithm> {
        let algorithm = Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.as_str() == name);
        algorithm.ok_or(UnknownRsaAlgorithm(()))
    }
}

/// The algorithm of public keys that a name denotes; `None` for `none`, for those of shared
/// secrets, and for those that `jsonwebtoken` has not.
pub(super) fn named(name: &str) -> Option<Algorithm> {
    match name {
        "ES256" => Some(Algorithm::ES256),
        "ES384" => Some(Algorithm::ES384),
        // RFC 9864 renames what `EdDSA` means with a key of the curve Ed25519.
        "EdDSA" | "Ed25519" => Some(Algorithm::EdDSA),
        _ => name.parse().ok().map(RsaAlgorithm::algorithm),
    }
}
