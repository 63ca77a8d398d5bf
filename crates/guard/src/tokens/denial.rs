//! Why a token is refused.

use std::fmt;

use routescope::KeyDenial;

/// Why a token is refused, finer than a [`KeyDenial`].
///
/// For the operator's log: most tokens that are refused in earnest have another audience than the
/// gateway was told. It says nothing of what the token contains, and the client is told no more
/// than the [`KeyDenial`].
///
/// Exhaustive on purpose, like [`KeyDenial`]. In the order in which the checks are made.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum TokenDenial {
    /// It is longer than [`MAX_TOKEN_BYTES`](super::MAX_TOKEN_BYTES).
    TooLong,
    /// It is not three parts of base64url, each in its one spelling.
    NotCompact,
    /// Its header is not an object of JSON, has duplicate members, or one of a wrong type.
    BadHeader,
    /// Its header asks for something that is not done here: it has `crit`, `b64`, `zip` or `enc`,
    /// or brings its own key (`jwk`, `jku`, `x5c`, `x5u`).
    UnsupportedHeader,
    /// Its `typ` is none of an access token, such as `dpop+jwt`.
    WrongType,
    /// It names no key of the set, or none although the set has several.
    UnknownKid,
    /// Its header names another algorithm than its key has.
    WrongAlgorithm,
    /// The key does not verify its signature.
    BadSignature,
    /// Its claims are not an object of JSON; one that is needed is missing, two
    /// have the same name, or one has a wrong type.
    BadClaims,
    /// It is bound to a key of its sender (`cnf`), which cannot be checked here.
    SenderConstrained,
    /// Its `iss` is not the issuer.
    WrongIssuer,
    /// Its `aud` has none of the audiences.
    WrongAudience,
    /// Its `nbf` or its `iat` is in the future.
    NotYetValid,
    /// Its `exp` is in the past. Everything else of it is right.
    Expired,
}

impl TokenDenial {
    /// Every denial.
    pub const ALL: [Self; 14] = [
        Self::TooLong,
        Self::NotCompact,
        Self::BadHeader,
        Self::UnsupportedHeader,
        Self::WrongType,
        Self::UnknownKid,
        Self::WrongAlgorithm,
        Self::BadSignature,
        Self::BadClaims,
        Self::SenderConstrained,
        Self::WrongIssuer,
        Self::WrongAudience,
        Self::NotYetValid,
        Self::Expired,
    ];

    /// Its name in logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::NotCompact => "not_compact",
            Self::BadHeader => "bad_header",
            Self::UnsupportedHeader => "unsupported_header",
            Self::WrongType => "wrong_type",
            Self::UnknownKid => "unknown_kid",
            Self::WrongAlgorithm => "wrong_algorithm",
            Self::BadSignature => "bad_signature",
            Self::BadClaims => "bad_claims",
            Self::SenderConstrained => "sender_constrained",
            Self::WrongIssuer => "wrong_issuer",
            Self::WrongAudience => "wrong_audience",
            Self::NotYetValid => "not_yet_valid",
            Self::Expired => "expired",
        }
    }

    /// The reason of the decision.
    ///
    /// Malformed is a token of a form or a kind that is not read here; unknown is one that the
    /// identity provider did not issue for this audience and this time.
    #[must_use]
    pub const fn key_denial(self) -> KeyDenial {
        match self {
            Self::TooLong
            | Self::NotCompact
            | Self::BadHeader
            | Self::UnsupportedHeader
            | Self::WrongType
            | Self::BadClaims
            | Self::SenderConstrained => KeyDenial::Malformed,
            Self::UnknownKid
            | Self::WrongAlgorithm
            | Self::BadSignature
            | Self::WrongIssuer
            | Self::WrongAudience
            | Self::NotYetValid => KeyDenial::Unknown,
            Self::Expired => KeyDenial::Expired,
        }
    }
}

impl From<TokenDenial> for KeyDenial {
    fn from(denial: TokenDenial) -> Self {
        denial.key_denial()
    }
}

impl std::error::Error for TokenDenial {}

/// `wrong_audience`
impl fmt::Display for TokenDenial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
