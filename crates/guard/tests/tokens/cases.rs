//! The cases' type, and their runner.

use jsonwebtoken::{DecodingKey, Validation};
use routescope_guard::{TokenDenial, TokenRules};

use crate::sign::{self, NOW, Signer};

/// A token, and what becomes of it. [`VALID`] is accepted; each case says how it differs.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) header: &'static str,
    /// Claims that have other values, in JSON.
    pub(crate) set: &'static [(&'static str, &'static str)],
    /// Claims that are missing.
    pub(crate) unset: &'static [&'static str],
    /// Instead of claims.
    pub(crate) payload: Option<&'static [u8]>,
    pub(crate) signer: Signer,
    /// Changes the token on its way.
    pub(crate) change: fn(String) -> String,
    pub(crate) rules: fn(TokenRules) -> TokenRules,
    pub(crate) now: u64,
    /// The scopes that the token holds.
    pub(crate) want: Result<&'static [&'static str], TokenDenial>,
}

pub(crate) const VALID: Case = Case {
    name: "a token as most providers make it",
    header: r#"{"alg":"ES256","kid":"es","typ":"JWT"}"#,
    set: &[],
    unset: &[],
    payload: None,
    signer: Signer::Key("es"),
    change: |token| token,
    rules: |rules| rules,
    now: NOW,
    want: Ok(&["colleagues:read", "devices:*"]),
};

impl Case {
    fn token(&self) -> String {
        let claims = sign::claims(self.set, self.unset);
        let payload = self.payload.unwrap_or(claims.as_bytes());
        (self.change)(sign::token(self.header.as_bytes(), payload, self.signer))
    }
}

fn all() -> Vec<Case> {
    [
        crate::compact::CASES,
        crate::header::CASES,
        crate::claims::CASES,
    ]
    .concat()
}

#[test]
fn tokens() {
    let mut wrong = Vec::new();
    for case in all() {
        let verifier = sign::verifier((case.rules)(sign::rules()));
        let token = case.token();
        let got = verifier.check(token.as_bytes(), case.now);
        let scopes = match &got {
            Ok(token) => Ok(token.scopes().collect::<Vec<_>>()),
            Err(denial) => Err(*denial),
        };
        if scopes != case.want.map(<[_]>::to_vec) {
            wrong.push(format!("{}: {scopes:?}, wanted {:?}", case.name, case.want));
        }
        // The reason of the decision is that of the first check that fails.
        let reason = verifier.verify(token.as_bytes(), case.now).map(|_| ());
        assert_eq!(
            reason,
            got.map(|_| ()).map_err(TokenDenial::key_denial),
            "{}",
            case.name
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The library reads tokens in its own way, which is laxer: no token that it refuses is accepted.
#[test]
fn tokens_that_are_accepted_are_so_by_the_library_too() {
    let accepted = all().into_iter().filter(|case| case.want.is_ok());
    // The library does not know the names of RFC 9864.
    for case in accepted.filter(|case| !case.header.contains("Ed25519")) {
        let token = case.token();
        let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
        let jwk = serde_json::to_value(&sign::KEYS[kid.as_str()].jwk).unwrap();
        let key = DecodingKey::from_jwk(&serde_json::from_value(jwk).unwrap()).unwrap();
        let mut validation = Validation::new(sign::KEYS[kid.as_str()].jwk["alg"].parse().unwrap());
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.set_issuer(&[sign::ISSUER]);
        validation.set_audience(&[sign::AUDIENCE, "api://second"]);
        // Its clock is that of the machine.
        (validation.validate_exp, validation.validate_nbf) = (false, false);
        let read = jsonwebtoken::decode::<serde_json::Value>(&token, &key, &validation);
        assert!(read.is_ok(), "{}: {read:?}", case.name);
    }
}

#[test]
fn every_denial_has_a_case() {
    let cases = all();
    for denial in TokenDenial::ALL {
        assert!(
            cases.iter().any(|case| case.want == Err(denial)),
            "{denial}"
        );
    }
}

#[test]
fn names_are_unique() {
    let mut names: Vec<_> = all().iter().map(|case| case.name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}
