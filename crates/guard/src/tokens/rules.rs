//! The rules that a token has to keep, besides its signature.

use std::fmt;

/// The tokens that are accepted: whose, for whom, and which of their claims mean what.
///
/// Has no keys; those come from a [`TokenKeys`](super::TokenKeys) and change more often.
///
/// ```
/// use routescope_guard::{ScopeClaim, TokenRules};
///
/// let rules = TokenRules::new("https://login.example", "https://api.example")?
///     .scope_claim(ScopeClaim::Scp)?
///     .identity_claim("client_id")?
///     .leeway(10)?;
/// # Ok::<(), routescope_guard::TokenRulesError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TokenRules {
    pub(super) issuer: String,
    pub(super) audiences: Vec<String>,
    pub(super) scope_claim: ScopeClaim,
    pub(super) identity_claim: String,
    pub(super) leeway: u64,
    pub(super) needs_access_token_type: bool,
}

impl TokenRules {
    /// The leeway in seconds unless another is stated.
    pub const DEFAULT_LEEWAY: u64 = 30;

    /// The greatest leeway in seconds.
    pub const MAX_LEEWAY: u64 = 300;

    /// Accepts the tokens of an issuer for an audience, with scopes in the claim `scope`, the
    /// identity in `sub`, and a leeway of [`Self::DEFAULT_LEEWAY`] seconds.
    ///
    /// Both are compared byte for byte, so that a slash at the end counts. The audience is that of
    /// the API: tokens for the clients themselves (ID tokens) have the client's id there, which
    /// must not be accepted.
    ///
    /// # Errors
    ///
    /// - The issuer is empty.
    /// - The audience is empty.
    pub fn new(
        issuer: impl Into<String>,
        audience: impl Into<String>,
    ) -> Result<Self, TokenRulesError> {
        let rules = Self {
            issuer: not_empty(issuer.into(), "the issuer is empty")?,
            audiences: Vec::new(),
            scope_claim: ScopeClaim::Scope,
            identity_claim: "sub".to_owned(),
            leeway: Self::DEFAULT_LEEWAY,
            needs_access_token_type: false,
        };
        rules.audience(audience)
    }

    /// Accepts tokens for another audience too.
    ///
    /// # Errors
    ///
    /// - The audience is empty.
    pub fn audience(mut self, audience: impl Into<String>) -> Result<Self, TokenRulesError> {
        self.audiences
            .push(not_empty(audience.into(), "the audience is empty")?);
        Ok(self)
    }

    /// Takes the scopes from another claim.
    ///
    /// # Errors
    ///
    /// - The name of the claim is empty.
    pub fn scope_claim(mut self, claim: ScopeClaim) -> Result<Self, TokenRulesError> {
        not_empty(
            claim.name().to_owned(),
            "the name of the scope claim is empty",
        )?;
        self.scope_claim = claim;
        Ok(self)
    }

    /// Takes the identity from another claim than `sub`, such as `client_id`.
    ///
    /// # Errors
    ///
    /// - The name of the claim is empty.
    pub fn identity_claim(mut self, claim: impl Into<String>) -> Result<Self, TokenRulesError> {
        self.identity_claim = not_empty(claim.into(), "the name of the identity claim is empty")?;
        Ok(self)
    }

    /// States by how many seconds the clocks of the issuer and of this machine may differ.
    ///
    /// A token is accepted that many seconds after its `exp`, and before its `nbf` and `iat`.
    ///
    /// # Errors
    ///
    /// - It is over [`Self::MAX_LEEWAY`]: a clock that is wrong by more should be set.
    pub fn leeway(mut self, seconds: u64) -> Result<Self, TokenRulesError> {
        if seconds > Self::MAX_LEEWAY {
            return Err(TokenRulesError("the leeway is over 300 seconds"));
        }
        self.leeway = seconds;
        Ok(self)
    }

    /// Accepts only tokens whose header says that they are access tokens (`typ` is `at+jwt`,
    /// RFC 9068).
    ///
    /// Of a provider that says so, this keeps other tokens out, whatever their audience.
    #[must_use]
    pub fn access_token_type_only(mut self) -> Self {
        self.needs_access_token_type = true;
        self
    }
}

/// The claim that has a token's scopes. A token without it holds none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ScopeClaim {
    /// `scope`: a text in which spaces separate scopes (RFC 9068, RFC 8693 section 4.2).
    Scope,
    /// `scp`: such a text, or a list of scopes.
    Scp,
    /// A claim of another name, such as `roles`: such a text, or a list of scopes.
    Named(String),
}

impl ScopeClaim {
    /// The name of the claim.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Scope => "scope",
            Self::Scp => "scp",
            Self::Named(name) => name,
        }
    }

    /// Whether a list of scopes is one of its forms.
    pub(super) fn takes_list(&self) -> bool {
        !matches!(self, Self::Scope)
    }
}

/// The claim of a name, as a configuration states it.
impl From<&str> for ScopeClaim {
    fn from(name: &str) -> Self {
        match name {
            "scope" => Self::Scope,
            "scp" => Self::Scp,
            _ => Self::Named(name.to_owned()),
        }
    }
}

/// A rule for tokens cannot be kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TokenRulesError(&'static str);

impl std::error::Error for TokenRulesError {}

/// `the leeway is over 300 seconds`
impl fmt::Display for TokenRulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

fn not_empty(text: String, problem: &'static str) -> Result<String, TokenRulesError> {
    if text.is_empty() {
        Err(TokenRulesError(problem))
    } else {
        Ok(text)
    }
}
