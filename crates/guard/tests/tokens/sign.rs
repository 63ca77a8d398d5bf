//! Makes tokens, good and bad, with the keys of `keys.json`.
//!
//! OpenSSL made the keys and their public halves, for these tests only.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use data_encoding::{BASE64, BASE64URL_NOPAD};
use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER;
use jsonwebtoken::{Algorithm, EncodingKey};
use routescope_guard::{TokenKeys, TokenRules, TokenVerifier};
use serde::Deserialize;

/// A second of the year 2027.
pub(crate) const NOW: u64 = 1_800_000_000;

pub(crate) const ISSUER: &str = "https://login.example";

pub(crate) const AUDIENCE: &str = "https://api.example";

#[derive(Deserialize)]
pub(crate) struct Key {
    alg: String,
    private: String,
    pub(crate) jwk: BTreeMap<String, String>,
}

pub(crate) static KEYS: LazyLock<BTreeMap<String, Key>> =
    LazyLock::new(|| serde_json::from_str(include_str!("keys.json")).unwrap());

/// The text of a set of these keys.
pub(crate) fn jwk_set(names: &[&str]) -> String {
    let keys: Vec<_> = names.iter().map(|&name| &KEYS[name].jwk).collect();
    serde_json::json!({ "keys": keys }).to_string()
}

pub(crate) fn rules() -> TokenRules {
    TokenRules::new(ISSUER, AUDIENCE).unwrap()
}

/// Verifies by the keys that the issuer has published: all but `es-other` and `rs-weak`.
pub(crate) fn verifier(rules: TokenRules) -> TokenVerifier {
    let text = jwk_set(&["rs", "ps", "es", "es384", "ed"]);
    TokenVerifier::new(rules, TokenKeys::parse("jwks.json", &text).unwrap())
}

/// A way to sign a message.
#[derive(Clone, Copy)]
pub(crate) enum Signer {
    /// A key, by its algorithm.
    Key(&'static str),
    /// HMAC with a secret: a text that everyone knows.
    Hmac(fn() -> Vec<u8>),
    /// Nobody: these bytes are the signature.
    Bytes(&'static [u8]),
}

impl Signer {
    pub(crate) fn sign(self, message: &[u8]) -> Vec<u8> {
        let (algorithm, key) = match self {
            Self::Bytes(bytes) => return bytes.to_vec(),
            Self::Hmac(secret) => (
                Algorithm::HS256,
                EncodingKey::from_secret(&secret()).unwrap(),
            ),
            Self::Key(name) => {
                let key = &KEYS[name];
                let der = BASE64.decode(key.private.as_bytes()).unwrap();
                let key_of = match key.jwk["kty"].as_str() {
                    "RSA" => EncodingKey::from_rsa_der,
                    "EC" => EncodingKey::from_ec_der,
                    _ => EncodingKey::from_ed_der,
                };
                (key.alg.parse().unwrap(), key_of(&der))
            }
        };
        let signer = (DEFAULT_PROVIDER.signer_factory)(&algorithm, &key).unwrap();
        signer.try_sign(message).unwrap()
    }
}

/// A token of a header and a payload, unchanged.
pub(crate) fn token(header: &[u8], payload: &[u8], signer: Signer) -> String {
    let message = format!(
        "{}.{}",
        BASE64URL_NOPAD.encode(header),
        BASE64URL_NOPAD.encode(payload)
    );
    let signature = signer.sign(message.as_bytes());
    format!("{message}.{}", BASE64URL_NOPAD.encode(&signature))
}

/// The claims of a good token, with some of them set to other values, in JSON.
pub(crate) fn claims(set: &[(&str, &str)], unset: &[&str]) -> String {
    let mut claims = vec![
        ("iss", r#""https://login.example""#),
        ("aud", r#""https://api.example""#),
        ("sub", r#""billing-export""#),
        ("exp", "1800000600"),
        ("scope", r#""colleagues:read devices:*""#),
    ];
    for &(name, value) in set {
        claims.retain(|(claim, _)| *claim != name);
        claims.push((name, value));
    }
    claims.retain(|(claim, _)| !unset.contains(claim));
    let members: Vec<_> = claims
        .iter()
        .map(|(name, value)| format!(r#""{name}":{value}"#))
        .collect();
    format!("{{{}}}", members.join(","))
}
