//! The claims of a token, read after its signature was verified.

use serde_json::value::RawValue;

use super::TokenDenial;
use super::json::{Members, NumericDate, text, texts};
use super::rules::{ScopeClaim, TokenRules};

/// A token that keeps every rule: who sent the request, and what they may.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifiedToken {
    /// The identity, from the configured claim, as it stands there: not escaped.
    pub subject: String,
    /// The token's `exp`, in whole seconds since 1970. It is accepted up to the leeway later.
    pub expires: u64,
    scopes: Vec<String>,
}

impl VerifiedToken {
    /// The names of the scopes that it holds. Names that the policy does not know grant nothing.
    pub fn scopes(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.scopes.iter().map(String::as_str)
    }
}

/// The claims that are looked at. Each has the type that it should.
pub(super) struct Claims {
    issuer: String,
    audiences: Vec<String>,
    expires: NumericDate,
    not_before: Option<NumericDate>,
    issued_at: Option<NumericDate>,
    subject: String,
    scopes: Vec<String>,
}

impl Claims {
    /// Reads claims. Those of other names say nothing that matters here.
    pub(super) fn read(json: &[u8], rules: &TokenRules) -> Result<Self, TokenDenial> {
        let json = std::str::from_utf8(json).map_err(|_| TokenDenial::BadClaims)?;
        let members = Members::read(json).map_err(|_| TokenDenial::BadClaims)?;
        if members.has_any(&["cnf"]) {
            return Err(TokenDenial::SenderConstrained);
        }
        Self::of(&members, rules).ok_or(TokenDenial::BadClaims)
    }

    fn of(members: &Members<'_>, rules: &TokenRules) -> Option<Self> {
        let optional_date = |name| match members.get(name) {
            None => Some(None),
            Some(value) => NumericDate::read(value).map(Some),
        };
        let scopes = match members.get(rules.scope_claim.name()) {
            None => Vec::new(),
            Some(value) => scopes(value, &rules.scope_claim)?,
        };
        Some(Self {
            issuer: text(members.get("iss")?)?,
            audiences: text_or_texts(members.get("aud")?)?,
            expires: NumericDate::read(members.get("exp")?)?,
            not_before: optional_date("nbf")?,
            issued_at: optional_date("iat")?,
            subject: text(members.get(&rules.identity_claim)?).filter(|text| !text.is_empty())?,
            scopes,
        })
    }

    /// Compares the claims with the rules, `exp` last: of an expired token everything else is right.
    pub(super) fn check(self, rules: &TokenRules, now: u64) -> Result<VerifiedToken, TokenDenial> {
        if self.issuer != rules.issuer {
            return Err(TokenDenial::WrongIssuer);
        }
        if !self
            .audiences
            .iter()
            .any(|audience| rules.audiences.contains(audience))
        {
            return Err(TokenDenial::WrongAudience);
        }
        // Where a time has a fraction, the second that accepts less counts.
        let latest = now.saturating_add(rules.leeway);
        let begins = [self.not_before, self.issued_at];
        if begins
            .into_iter()
            .flatten()
            .any(|begin| begin.ceil > latest)
        {
            return Err(TokenDenial::NotYetValid);
        }
        if self.expires.floor.saturating_add(rules.leeway) <= now {
            return Err(TokenDenial::Expired);
        }
        Ok(VerifiedToken {
            subject: self.subject,
            expires: self.expires.floor,
            scopes: self.scopes,
        })
    }
}

/// The scopes of a claim's value.
///
/// Only a space separates two: a tab or a comma is part of a name, which no policy has. A text of
/// a list is one scope, whatever it contains.
fn scopes(value: &RawValue, claim: &ScopeClaim) -> Option<Vec<String>> {
    match text(value) {
        Some(names) => {
            let names = names.split(' ').filter(|name| !name.is_empty());
            Some(names.map(str::to_owned).collect())
        }
        None if claim.takes_list() => texts(value),
        None => None,
    }
}

fn text_or_texts(value: &RawValue) -> Option<Vec<String>> {
    text(value).map(|text| vec![text]).or_else(|| texts(value))
}
