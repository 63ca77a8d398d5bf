//! One key of a JWK set (RFC 7517 section 4, RFC 7518 section 6, RFC 8037).

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::VerifyingKey;
use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::algorithm::{self, RsaAlgorithm};
use super::json::{BadObject, Members, text, texts};

/// The lengths in bits that a modulus may have: below, it can be factored; above, the library
/// refuses it.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// A public key that verifies tokens by one algorithm.
#[derive(Debug)]
pub(super) struct TokenKey {
    pub(super) kid: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

/// The use of a key of a set.
pub(super) enum Jwk {
    /// It verifies tokens.
    Usable(TokenKey),
    /// It is for something else, or of a sort that is not known here (RFC 7517 section 5).
    Ignored(&'static str),
}

/// A key that no set should have.
pub(super) struct BadJwk<'t> {
    /// The value that is wrong.
    pub(super) at: &'t str,
    pub(super) problem: String,
}

type Result<'t, T> = std::result::Result<T, BadJwk<'t>>;

impl TokenKey {
    pub(super) const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether a signature is this key's, of a message.
    pub(super) fn verifies(&self, message: &[u8], signature: &Zeroizing<Vec<u8>>) -> bool {
        // The provider is named, because the one that is installed belongs to the whole process,
        // and a process without one panics.
        (DEFAULT_PROVIDER.verifier_factory)(&self.algorithm, &self.key)
            .is_ok_and(|verifier| verifier.verify(message, signature).is_ok())
    }

    /// Whether the library takes the key at all.
    fn is_valid(&self) -> bool {
        (DEFAULT_PROVIDER.verifier_factory)(&self.algorithm, &self.key).is_ok()
    }
}

/// Reads a key of a set. `unstated` is the algorithm of RSA keys that state none.
pub(super) fn read(value: &RawValue, unstated: Option<RsaAlgorithm>) -> Result<'_, Jwk> {
    let object = value.get();
    let members = Members::read(object).map_err(|bad| match bad {
        BadObject::Syntax(_) => bad_jwk(object, "a key is not an object"),
        BadObject::Duplicate(value) => bad_jwk(value.get(), "the key has a duplicate member"),
    })?;
    let jwk = Reader {
        object,
        members,
        unstated,
    };
    let key_type = jwk.required("kty")?;
    jwk.refuse_secrets(&key_type)?;
    if !jwk.is_for_signatures()? {
        return Ok(Jwk::Ignored(
            "it is not for verifying signatures (`use`, `key_ops`)",
        ));
    }
    match key_type.as_str() {
        "RSA" => jwk.rsa(),
        "EC" => jwk.elliptic(),
        "OKP" => jwk.edwards(),
        _ => Ok(Jwk::Ignored("its type (`kty`) is not known")),
    }
}

struct Reader<'t> {
    object: &'t str,
    members: Members<'t>,
    unstated: Option<RsaAlgorithm>,
}

impl<'t> Reader<'t> {
    /// A private key or a shared secret makes tokens: neither belongs in a file that only verifies
    /// them.
    fn refuse_secrets(&self, key_type: &str) -> Result<'t, ()> {
        if key_type == "oct" || self.members.has_any(&["k"]) {
            let problem = "a shared secret verifies no tokens here, since whoever can verify by it \
                           can make tokens; have the provider sign with a private key";
            return Err(bad_jwk(self.object, problem));
        }
        if self
            .members
            .has_any(&["d", "p", "q", "dp", "dq", "qi", "oth", "priv"])
        {
            let problem = "this is a private key; replace it at the provider, since it was here, \
                           and write the public one";
            return Err(bad_jwk(self.object, problem));
        }
        Ok(())
    }

    fn is_for_signatures(&self) -> Result<'t, bool> {
        let is_public_use = self
            .optional("use")?
            .is_none_or(|public_use| public_use == "sig");
        let is_operation = match self.members.get("key_ops") {
            None => true,
            Some(value) => texts(value)
                .ok_or_else(|| bad_jwk(value.get(), "`key_ops` is not a list of texts"))?
                .iter()
                .any(|operation| operation == "verify"),
        };
        Ok(is_public_use && is_operation)
    }

    fn rsa(&self) -> Result<'t, Jwk> {
        let algorithm = match self.members.get("alg") {
            None => match self.unstated {
                Some(algorithm) => algorithm.algorithm(),
                None => {
                    let problem = "the RSA key states no algorithm, and has several; add the one \
                                   that the provider signs with, such as \"alg\": \"RS256\"";
                    return Err(bad_jwk(self.object, problem));
                }
            },
            Some(_) => match self.stated_algorithm()? {
                None => return Ok(Jwk::Ignored(OTHER_ALGORITHM)),
                Some(algorithm) => {
                    use Algorithm as A;
                    let fits = matches!(
                        algorithm,
                        A::RS256 | A::RS384 | A::RS512 | A::PS256 | A::PS384 | A::PS512
                    );
                    self.refuse_algorithm_unless(fits)?;
                    algorithm
                }
            },
        };
        let (modulus, exponent) = (self.number("n")?, self.number("e")?);
        let bits = modulus.first().map_or(0, |first| {
            modulus.len() * 8 - usize::try_from(first.leading_zeros()).unwrap_or(0)
        });
        if bits < *RSA_BITS.start() {
            let problem = format!("the RSA key has {bits} bits; at least 2048 are needed");
            return Err(self.bad_member("n", problem));
        }
        if bits > *RSA_BITS.end() {
            let problem = format!("the RSA key has {bits} bits; at most 8192 are supported");
            return Err(self.bad_member("n", problem));
        }
        if modulus.last().is_none_or(|last| last % 2 == 0) {
            return Err(self.bad_member("n", "the modulus is even, so this is no RSA key"));
        }
        // FIPS 186-5 section 5.1 has them above 2^16; the library's limit is 2^33.
        let exponent_value = match exponent.len() {
            0..=8 => exponent
                .iter()
                .fold(0, |value, &byte| value << 8 | u64::from(byte)),
            _ => u64::MAX,
        };
        if !(1 << 16..1 << 33).contains(&exponent_value) || exponent_value % 2 == 0 {
            let problem = "the exponent is not odd and between 65537 and 8589934591; nearly every \
                           key has 65537, \"AQAB\"";
            return Err(self.bad_member("e", problem));
        }
        self.usable(
            algorithm,
            DecodingKey::from_rsa_raw_components(&modulus, &exponent),
            "n",
        )
    }

    fn elliptic(&self) -> Result<'t, Jwk> {
        let (algorithm, length) = match self.required("crv")?.as_str() {
            "P-256" => (Algorithm::ES256, 32),
            "P-384" => (Algorithm::ES384, 48),
            _ => return Ok(Jwk::Ignored(OTHER_CURVE)),
        };
        if self.is_other_algorithm(algorithm)? {
            return Ok(Jwk::Ignored(OTHER_ALGORITHM));
        }
        let mut point = vec![4];
        point.extend(self.coordinate("x", length)?);
        point.extend(self.coordinate("y", length)?);
        self.usable(algorithm, DecodingKey::from_ec_der(&point), "x")
    }

    fn edwards(&self) -> Result<'t, Jwk> {
        if self.required("crv")? != "Ed25519" {
            return Ok(Jwk::Ignored(OTHER_CURVE));
        }
        if self.is_other_algorithm(Algorithm::EdDSA)? {
            return Ok(Jwk::Ignored(OTHER_ALGORITHM));
        }
        let point = self.coordinate("x", 32)?;
        // Anyone can sign for one of the few points of small order, the point of zeros among them.
        // The library takes them.
        let is_weak = <[u8; 32]>::try_from(point.as_slice())
            .ok()
            .and_then(|point| VerifyingKey::from_bytes(&point).ok())
            .is_some_and(|key| key.is_weak());
        if is_weak {
            return Err(self.bad_member("x", "the key has a small order: anyone can sign for it"));
        }
        self.usable(Algorithm::EdDSA, DecodingKey::from_ed_der(&point), "x")
    }

    fn usable(&self, algorithm: Algorithm, key: DecodingKey, member: &str) -> Result<'t, Jwk> {
        let kid = self.optional("kid")?;
        if kid.as_deref() == Some("") {
            return Err(self.bad_member("kid", "`kid` is empty"));
        }
        let key = TokenKey {
            kid,
            algorithm,
            key,
        };
        if !key.is_valid() {
            return Err(self.bad_member(member, "this is no point of the key's curve"));
        }
        Ok(Jwk::Usable(key))
    }

    /// Whether the key states an algorithm that is none of its type's, and is not known here.
    fn is_other_algorithm(&self, algorithm: Algorithm) -> Result<'t, bool> {
        if self.members.get("alg").is_none() {
            return Ok(false);
        }
        let Some(stated) = self.stated_algorithm()? else {
            return Ok(true);
        };
        self.refuse_algorithm_unless(stated == algorithm)?;
        Ok(false)
    }

    /// The algorithm that the key states, if it is one that verifies tokens here.
    fn stated_algorithm(&self) -> Result<'t, Option<Algorithm>> {
        let name = self.required("alg")?;
        // A public key with one of these is how tokens are forged with it.
        self.refuse_algorithm_unless(!name.starts_with("HS") && name != "none")?;
        Ok(algorithm::named(&name))
    }

    fn refuse_algorithm_unless(&self, fits: bool) -> Result<'t, ()> {
        if fits {
            return Ok(());
        }
        Err(self.bad_member("alg", "keys of this type have not this algorithm"))
    }

    /// An unsigned number. The zeros that some providers write before it are taken off.
    fn number(&self, name: &str) -> Result<'t, Vec<u8>> {
        let bytes = self.bytes(name)?;
        let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
        Ok(bytes[zeros..].to_vec())
    }

    /// A coordinate of a point, which has exactly one length (RFC 7518 section 6.2.1.2): the
    /// library takes shorter ones apart where it should not.
    fn coordinate(&self, name: &str, length: usize) -> Result<'t, Vec<u8>> {
        let bytes = self.bytes(name)?;
        if bytes.len() != length {
            let problem = format!(
                "`{name}` has {} bytes; keys of this curve have {length}",
                bytes.len()
            );
            return Err(self.bad_member(name, problem));
        }
        Ok(bytes)
    }

    fn bytes(&self, name: &str) -> Result<'t, Vec<u8>> {
        let value = self.required(name)?;
        BASE64URL_NOPAD.decode(value.as_bytes()).map_err(|_| {
            self.bad_member(name, format!("`{name}` is not base64url without padding"))
        })
    }

    fn required(&self, name: &str) -> Result<'t, String> {
        self.optional(name)?
            .ok_or_else(|| bad_jwk(self.object, format!("the key has no `{name}`")))
    }

    fn optional(&self, name: &str) -> Result<'t, Option<String>> {
        match self.members.get(name) {
            None => Ok(None),
            Some(value) => match text(value) {
                Some(text) => Ok(Some(text)),
                None => Err(bad_jwk(value.get(), format!("`{name}` is not a text"))),
            },
        }
    }

    fn bad_member(&self, name: &str, problem: impl Into<String>) -> BadJwk<'t> {
        let at = self.members.get(name).map_or(self.object, RawValue::get);
        bad_jwk(at, problem)
    }
}

const OTHER_ALGORITHM: &str = "its algorithm (`alg`) verifies no tokens here";
const OTHER_CURVE: &str = "its curve (`crv`) is not supported";

fn bad_jwk(at: &str, problem: impl Into<String>) -> BadJwk<'_> {
    BadJwk {
        at,
        problem: problem.into(),
    }
}
