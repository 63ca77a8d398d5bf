//! Properties of every token.

use routescope_guard::{ScopeClaim, TokenDenial, TokenKeys, TokenRules, TokenVerifier};

use crate::cases::VALID;
use crate::sign::{self, AUDIENCE, ISSUER, KEYS, NOW, Signer};

fn signed_by(name: &'static str) -> String {
    let header = format!(r#"{{"alg":"{}","kid":"{name}"}}"#, KEYS[name].jwk["alg"]);
    sign::token(
        header.as_bytes(),
        sign::claims(&[], &[]).as_bytes(),
        Signer::Key(name),
    )
}

/// A token is accepted in one spelling only: whatever is changed is signed, or is the signature.
#[test]
fn no_token_is_accepted_with_a_byte_changed() {
    let verifier = sign::verifier(sign::rules());
    // Header and claims are read alike for every algorithm; the signatures are not.
    for (name, is_whole, bits) in [("es", true, 0..8), ("rs", false, 0..3), ("ed", false, 0..3)] {
        let token = signed_by(name).into_bytes();
        assert!(verifier.verify(&token, NOW).is_ok());
        let signature = token.iter().rposition(|&byte| byte == b'.').unwrap();
        for at in if is_whole { 0 } else { signature }..token.len() {
            for bit in bits.clone() {
                let mut changed = token.clone();
                changed[at] ^= 1 << bit;
                assert!(
                    verifier.verify(&changed, NOW).is_err(),
                    "{name}: byte {at}, bit {bit}"
                );
            }
        }
    }
}

#[test]
fn no_token_is_accepted_with_bytes_missing_or_added() {
    let verifier = sign::verifier(sign::rules());
    let token = signed_by("es");
    for at in 0..token.len() {
        assert!(
            verifier.verify(&token.as_bytes()[..at], NOW).is_err(),
            "the first {at}"
        );
        assert!(
            verifier.verify(&token.as_bytes()[at + 1..], NOW).is_err(),
            "after {at}"
        );
        for added in ["A", "_", ".", "=", "\0"] {
            let longer = format!("{}{added}{}", &token[..at], &token[at..]);
            assert!(
                verifier.verify(longer.as_bytes(), NOW).is_err(),
                "{added:?} at {at}"
            );
        }
    }
}

/// A signature of ECDSA can be written in a second way, `(r, n - s)`, without the key. It is one of
/// the same header and claims, so that it gives no right that the token did not.
#[test]
fn the_other_signature_of_ecdsa_gives_the_same_rights() {
    /// The order of P-256.
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63,
        0x25, 0x51,
    ];
    let token = signed_by("es");
    let (message, signature) = token.rsplit_once('.').unwrap();
    let mut bytes = data_encoding::BASE64URL_NOPAD
        .decode(signature.as_bytes())
        .unwrap();
    let mut borrow = 0;
    for (s, order) in bytes[32..].iter_mut().zip(ORDER).rev() {
        let difference = i16::from(order) - i16::from(*s) - borrow;
        borrow = i16::from(difference < 0);
        *s = difference.rem_euclid(256) as u8;
    }
    let other = format!(
        "{message}.{}",
        data_encoding::BASE64URL_NOPAD.encode(&bytes)
    );
    assert_ne!(token, other);
    let verifier = sign::verifier(sign::rules());
    let [first, second] = [token, other].map(|token| verifier.verify(token.as_bytes(), NOW));
    assert_eq!(first.unwrap(), second.unwrap());
}

/// The signatures of RFC 7515, appendices A.2 and A.3, and of RFC 8037, appendix A.4, which others
/// made. None of their payloads has an audience, which is looked for after the signature.
#[test]
fn the_signatures_of_the_standards_verify() {
    const CASES: [[&str; 3]; 3] = [
        [
            "RFC 7515 A.2",
            r#""kty":"RSA","alg":"RS256","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ""#,
            "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
        ],
        [
            "RFC 7515 A.3",
            r#""kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0""#,
            "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
        ],
        [
            "RFC 8037 A.4",
            r#""kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#,
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
        ],
    ];
    for [name, jwk, token] in CASES {
        let keys = TokenKeys::parse("jwks.json", &format!(r#"{{"keys":[{{{jwk}}}]}}"#)).unwrap();
        let verifier = TokenVerifier::new(sign::rules(), keys);
        let check = |token: &str| verifier.check(token.as_bytes(), NOW).map(|_| ());
        assert_eq!(check(token), Err(TokenDenial::BadClaims), "{name}");
        let changed = token
            .replacen("ey", "fy", 2)
            .replacen("fy", "ey", 1)
            .replacen(".RX", ".RY", 1);
        assert_eq!(check(&changed), Err(TokenDenial::BadSignature), "{name}");
    }
}

#[test]
fn a_token_without_kid_takes_the_only_key() {
    let header = br#"{"alg":"ES256"}"#;
    let token = |signer| sign::token(header, sign::claims(&[], &[]).as_bytes(), signer);
    let keys = TokenKeys::parse("jwks.json", &sign::jwk_set(&["es"])).unwrap();
    let verifier = TokenVerifier::new(sign::rules(), keys);
    let check = |token: &str| verifier.check(token.as_bytes(), NOW).map(|_| ());
    assert_eq!(check(&token(Signer::Key("es"))), Ok(()));
    assert_eq!(
        check(&token(Signer::Key("es-other"))),
        Err(TokenDenial::BadSignature)
    );
    // A name is never overlooked.
    let named = sign::token(
        br#"{"alg":"ES256","kid":"2019"}"#,
        sign::claims(&[], &[]).as_bytes(),
        Signer::Key("es"),
    );
    assert_eq!(check(&named), Err(TokenDenial::UnknownKid));
}

#[test]
fn a_verifier_is_shared_between_threads() {
    fn is_shared<T: Send + Sync + 'static>(_: &T) {}
    is_shared(&sign::verifier(sign::rules()));
}

#[test]
fn a_set_rotates_with_both_keys_in_it() {
    let [old, both, new] = [&["es"][..], &["es", "ed"], &["ed"]].map(|names| {
        let keys = TokenKeys::parse("jwks.json", &sign::jwk_set(names)).unwrap();
        TokenVerifier::new(sign::rules(), keys)
    });
    let tokens = [signed_by("es"), signed_by("ed")];
    let accepted = |verifier: &TokenVerifier| {
        tokens
            .each_ref()
            .map(|token| verifier.verify(token.as_bytes(), NOW).is_ok())
    };
    assert_eq!(accepted(&old), [true, false]);
    assert_eq!(accepted(&both), [true, true]);
    assert_eq!(accepted(&new), [false, true]);
}

#[test]
fn json_may_be_nested_deeply_and_means_nothing() {
    let nested = format!("{}{}", "[".repeat(2000), "]".repeat(2000));
    let claims = sign::claims(&[("x", &nested)], &[]);
    let token = sign::token(VALID.header.as_bytes(), claims.as_bytes(), VALID.signer);
    assert!(
        sign::verifier(sign::rules())
            .verify(token.as_bytes(), NOW)
            .is_ok()
    );
}

/// Denials and `Debug` show nothing of a token, and keys only by their names.
#[test]
fn nothing_shows_a_token_or_the_material_of_a_key() {
    let verifier = sign::verifier(sign::rules());
    let claims = sign::claims(&[("aud", r#""https://secret.example""#)], &[]);
    let token = sign::token(VALID.header.as_bytes(), claims.as_bytes(), VALID.signer);
    let denial = verifier.check(token.as_bytes(), NOW).unwrap_err();
    let shown = format!("{denial} {denial:?} {verifier:?} {:?}", denial.key_denial());
    for secret in token
        .split('.')
        .chain(["secret.example", &KEYS["rs"].jwk["n"]])
    {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn rules_that_cannot_be_kept() {
    let rules = || TokenRules::new(ISSUER, AUDIENCE).unwrap();
    let cases = [
        (TokenRules::new("", AUDIENCE), "the issuer is empty"),
        (TokenRules::new(ISSUER, ""), "the audience is empty"),
        (rules().audience(""), "the audience is empty"),
        (
            rules().scope_claim(ScopeClaim::from("")),
            "the name of the scope claim is empty",
        ),
        (
            rules().identity_claim(""),
            "the name of the identity claim is empty",
        ),
        (rules().leeway(301), "the leeway is over 300 seconds"),
        (rules().leeway(u64::MAX), "the leeway is over 300 seconds"),
    ];
    for (got, want) in cases {
        assert_eq!(got.unwrap_err().to_string(), want);
    }
    assert!(rules().leeway(300).is_ok());
}

#[test]
fn a_configuration_names_the_scope_claim() {
    assert_eq!(ScopeClaim::from("scope"), ScopeClaim::Scope);
    assert_eq!(ScopeClaim::from("scp"), ScopeClaim::Scp);
    assert_eq!(
        ScopeClaim::from("roles"),
        ScopeClaim::Named("roles".to_owned())
    );
}
