//! JWK sets: those that load, and one clear error for each that does not.

use routescope_guard::{RsaAlgorithm, TokenKeys, TokenKeysReader};

use crate::sign::KEYS;

/// Texts that stand for the members of a key in a case.
fn filled(text: &str) -> String {
    let jwk = |name: &str, member: &str| KEYS[name].jwk[member].clone();
    let point = format!(r#""x":"{}","y":"{}""#, jwk("es", "x"), jwk("es", "y"));
    let other = format!(
        r#""x":"{}","y":"{}""#,
        jwk("es-other", "x"),
        jwk("es-other", "y")
    );
    let point_384 = format!(r#""x":"{}","y":"{}""#, jwk("es384", "x"), jwk("es384", "y"));
    text.replace("<ES>", &format!(r#""kty":"EC","crv":"P-256",{point}"#))
        .replace("<OTHER>", &format!(r#""kty":"EC","crv":"P-256",{other}"#))
        .replace(
            "<ES384>",
            &format!(r#""kty":"EC","crv":"P-384",{point_384}"#),
        )
        .replace(
            "<ED>",
            &format!(r#""kty":"OKP","crv":"Ed25519","x":"{}""#, jwk("ed", "x")),
        )
        .replace(
            "<RS>",
            &format!(r#""kty":"RSA","n":"{}","e":"AQAB""#, jwk("rs", "n")),
        )
        .replace("<N>", &jwk("rs", "n"))
        .replace("<WEAK>", &jwk("rs-weak", "n"))
        .replace("<X>", &jwk("es", "x"))
        .replace("<Y>", &jwk("es", "y"))
        .replace("<LONG_X>", &"A".repeat(44))
        .replace("<LARGE>", &"w".repeat(1400))
        .replace("<EVEN>", &format!("{}A", &jwk("rs", "n")[..341]))
}

struct Good {
    name: &'static str,
    text: &'static str,
    keys: usize,
    ignored: &'static [&'static str],
}

const GOOD: &[Good] = &[
    Good {
        name: "one key",
        text: r#"{"keys":[{<ES>}]}"#,
        keys: 1,
        ignored: &[],
    },
    Good {
        name: "a key of each type, with the algorithm of its curve",
        text: r#"{"keys":[{<ES>,"kid":"a"},{<ES384>,"kid":"b"},{<ED>,"kid":"c"},{<RS>,"alg":"RS256","kid":"d"}]}"#,
        keys: 4,
        ignored: &[],
    },
    Good {
        name: "Ed25519 by its name of RFC 9864",
        text: r#"{"keys":[{<ED>,"alg":"Ed25519"}]}"#,
        keys: 1,
        ignored: &[],
    },
    Good {
        name: "one key twice with two algorithms",
        text: r#"{"keys":[{<RS>,"alg":"RS256","kid":"a"},{<RS>,"alg":"PS512","kid":"b"}]}"#,
        keys: 2,
        ignored: &[],
    },
    Good {
        name: "members that are not known",
        text: r#"{"keys":[{<ES>,"x5t":"a","x5c":["b"],"issuer":"c"}],"expires":7}"#,
        keys: 1,
        ignored: &[],
    },
    Good {
        name: "zeros before a modulus",
        text: r#"{"keys":[{"kty":"RSA","n":"AAAA<N>","e":"AAEAAQ","alg":"RS256"}]}"#,
        keys: 1,
        ignored: &[],
    },
    Good {
        name: "operations with verify among them",
        text: r#"{"keys":[{<ES>,"use":"sig","key_ops":["sign","verify"]}]}"#,
        keys: 1,
        ignored: &[],
    },
    Good {
        name: "keys for something else, as Keycloak has them",
        text: "{\"keys\":[\n  {<RS>,\"alg\":\"RSA-OAEP\",\"use\":\"enc\",\"kid\":\"a\"},\n  {<ES>,\"kid\":\"b\"},\n  {<RS>,\"alg\":\"RSA-OAEP-256\"},\n  {<ES>,\"key_ops\":[\"deriveKey\"],\"kid\":\"b\"},\n  {<ES>,\"key_ops\":[]}\n]}",
        keys: 1,
        ignored: &[
            "jwks.json:2:3: the key is ignored: it is not for verifying signatures (`use`, `key_ops`)",
            "jwks.json:4:3: the key is ignored: its algorithm (`alg`) verifies no tokens here",
            "jwks.json:5:3: the key is ignored: it is not for verifying signatures (`use`, `key_ops`)",
            "jwks.json:6:3: the key is ignored: it is not for verifying signatures (`use`, `key_ops`)",
        ],
    },
    Good {
        name: "keys of sorts that are not known",
        text: "{\"keys\":[{<ES>},\n{\"kty\":\"AKP\",\"alg\":\"ML-DSA-44\",\"pub\":\"AA\"},\n{\"kty\":\"EC\",\"crv\":\"P-521\",\"alg\":\"ES512\"},\n{\"kty\":\"EC\",\"crv\":\"secp256k1\"},\n{\"kty\":\"OKP\",\"crv\":\"Ed448\"},\n{\"kty\":\"OKP\",\"crv\":\"X25519\"}]}",
        keys: 1,
        ignored: &[
            "jwks.json:2:1: the key is ignored: its type (`kty`) is not known",
            "jwks.json:3:1: the key is ignored: its curve (`crv`) is not supported",
            "jwks.json:4:1: the key is ignored: its curve (`crv`) is not supported",
            "jwks.json:5:1: the key is ignored: its curve (`crv`) is not supported",
            "jwks.json:6:1: the key is ignored: its curve (`crv`) is not supported",
        ],
    },
];

/// Name, text, error. Places count the text with the keys filled in, so that keys come last in
/// their line where a place matters.
const BAD: &[(&str, &str, &str)] = &[
    ("no text", "", "1:1: this is not JSON"),
    ("no JSON", "keys:\n- kty: EC\n", "1:1: this is not JSON"),
    (
        "JSON that ends early",
        "{\"keys\":\n  [",
        "2:3: this is not JSON",
    ),
    (
        "a comma too many",
        "{\"keys\": [],\n}",
        "2:1: this is not JSON",
    ),
    (
        "a list",
        "[]",
        "1:1: this is not a JWK set; one has the form {\"keys\": [...]}",
    ),
    (
        "a key alone",
        "{<ES>}",
        " this is not a JWK set; one has the form {\"keys\": [...]}",
    ),
    (
        "keys an object",
        "{\"keys\": {}}",
        "1:10: `keys` is not a list",
    ),
    (
        "keys twice",
        "{\"keys\": [],\n \"keys\": []}",
        "2:10: the set has a duplicate member",
    ),
    ("no keys", "{\"keys\": []}", "1:10: the set has no keys"),
    (
        "only keys for something else",
        "{\"keys\": [\n{\"kty\":\"AKP\"}]}",
        "1:10: the set has no key that verifies tokens; that at 2:1 is ignored: its type (`kty`) is not known",
    ),
    (
        "a key that is a text",
        "{\"keys\": [\"es\"]}",
        "1:11: a key is not an object",
    ),
    (
        "a member twice",
        "{\"keys\": [{\"kty\":\"EC\",\n \"kty\":\"RSA\"}]}",
        "2:8: the key has a duplicate member",
    ),
    (
        "kty missing",
        "{\"keys\": [{\"kid\":\"a\"}]}",
        "1:11: the key has no `kty`",
    ),
    (
        "kty a number",
        "{\"keys\": [{\"kty\":1}]}",
        "1:18: `kty` is not a text",
    ),
    (
        "a shared secret",
        "{\"keys\": [{\"kty\":\"oct\",\"alg\":\"HS256\",\"k\":\"c2VjcmV0\"}]}",
        "1:11: a shared secret verifies no tokens here, since whoever can verify by it can make tokens; have the provider sign with a private key",
    ),
    (
        "a shared secret of another type",
        "{\"keys\": [{\"k\":\"c2VjcmV0\",<ES>}]}",
        "1:11: a shared secret verifies no tokens here, since whoever can verify by it can make tokens; have the provider sign with a private key",
    ),
    (
        "a private key",
        "{\"keys\": [{\"d\":\"c2VjcmV0\",<ES>}]}",
        "1:11: this is a private key; replace it at the provider, since it was here, and write the public one",
    ),
    (
        "a private key for something else",
        "{\"keys\": [{\"use\":\"enc\",\"d\":\"c2VjcmV0\",<RS>}]}",
        "1:11: this is a private key; replace it at the provider, since it was here, and write the public one",
    ),
    (
        "use a list",
        "{\"keys\": [{\"use\":[\"sig\"],<ES>}]}",
        "1:18: `use` is not a text",
    ),
    (
        "key_ops a text",
        "{\"keys\": [{\"key_ops\":\"verify\",<ES>}]}",
        "1:22: `key_ops` is not a list of texts",
    ),
    (
        "RSA without an algorithm",
        "{\"keys\": [{<RS>}]}",
        "1:11: the RSA key states no algorithm, and has several; add the one that the provider signs with, such as \"alg\": \"RS256\"",
    ),
    (
        "RSA of 1024 bits",
        "{\"keys\": [{\"kty\":\"RSA\",\"alg\":\"RS256\",\"e\":\"AQAB\",\"n\":\"<WEAK>\"}]}",
        "1:53: the RSA key has 1024 bits; at least 2048 are needed",
    ),
    (
        "RSA of 1024 bits behind zeros",
        "{\"keys\": [{\"kty\":\"RSA\",\"alg\":\"RS256\",\"e\":\"AQAB\",\"n\":\"AAAAAAAA<WEAK>\"}]}",
        "1:53: the RSA key has 1024 bits; at least 2048 are needed",
    ),
    (
        "RSA of too many bits",
        "{\"keys\": [{\"kty\":\"RSA\",\"alg\":\"RS256\",\"e\":\"AQAB\",\"n\":\"<LARGE>\"}]}",
        "1:53: the RSA key has 8400 bits; at most 8192 are supported",
    ),
    (
        "RSA of no bits",
        "{\"keys\": [{\"kty\":\"RSA\",\"alg\":\"RS256\",\"e\":\"AQAB\",\"n\":\"\"}]}",
        "1:53: the RSA key has 0 bits; at least 2048 are needed",
    ),
    (
        "an even modulus",
        "{\"keys\": [{\"kty\":\"RSA\",\"alg\":\"RS256\",\"e\":\"AQAB\",\"n\":\"<EVEN>\"}]}",
        "1:53: the modulus is even, so this is no RSA key",
    ),
    (
        "the exponent 1",
        "{\"keys\": [{\"kty\":\"RSA\",\"alg\":\"RS256\",\"e\":\"AQ\",\"n\":\"<N>\"}]}",
        "1:42: the exponent is not odd and between 65537 and 8589934591; nearly every key has 65537, \"AQAB\"",
    ),
    (
        "the exponent 3",
        "{\"keys\": [{\"kty\":\"RSA\",\"alg\":\"RS256\",\"e\":\"Aw\",\"n\":\"<N>\"}]}",
        "1:42: the exponent is not odd and between 65537 and 8589934591; nearly every key has 65537, \"AQAB\"",
    ),
    (
        "an even exponent",
        "{\"keys\": [{\"kty\":\"RSA\",\"alg\":\"RS256\",\"e\":\"AQAC\",\"n\":\"<N>\"}]}",
        "1:42: the exponent is not odd and between 65537 and 8589934591; nearly every key has 65537, \"AQAB\"",
    ),
    (
        "an exponent of 2^72 + 1",
        "{\"keys\": [{\"kty\":\"RSA\",\"alg\":\"RS256\",\"e\":\"AQAAAAAAAAAAAQ\",\"n\":\"<N>\"}]}",
        "1:42: the exponent is not odd and between 65537 and 8589934591; nearly every key has 65537, \"AQAB\"",
    ),
    (
        "no modulus",
        "{\"keys\": [{\"kty\":\"RSA\",\"alg\":\"RS256\",\"e\":\"AQAB\"}]}",
        "1:11: the key has no `n`",
    ),
    (
        "a modulus in base64",
        "{\"keys\": [{\"kty\":\"RSA\",\"alg\":\"RS256\",\"e\":\"AQAB\",\"n\":\"AQAB==\"}]}",
        "1:53: `n` is not base64url without padding",
    ),
    (
        "an algorithm of shared secrets",
        "{\"keys\": [{\"alg\":\"HS256\",<RS>}]}",
        "1:18: keys of this type have not this algorithm",
    ),
    (
        "the algorithm none",
        "{\"keys\": [{\"alg\":\"none\",<ES>}]}",
        "1:18: keys of this type have not this algorithm",
    ),
    (
        "an algorithm of another type",
        "{\"keys\": [{\"alg\":\"ES256\",<RS>}]}",
        "1:18: keys of this type have not this algorithm",
    ),
    (
        "an algorithm of another curve",
        "{\"keys\": [{\"alg\":\"ES384\",<ES>}]}",
        "1:18: keys of this type have not this algorithm",
    ),
    (
        "RS256 of an Ed25519 key",
        "{\"keys\": [{\"alg\":\"RS256\",<ED>}]}",
        "1:18: keys of this type have not this algorithm",
    ),
    (
        "alg null",
        "{\"keys\": [{\"alg\":null,<ES>}]}",
        "1:18: `alg` is not a text",
    ),
    (
        "no curve",
        "{\"keys\": [{\"kty\":\"EC\",\"x\":\"<X>\",\"y\":\"<Y>\"}]}",
        "1:11: the key has no `crv`",
    ),
    (
        "a point of another curve",
        "{\"keys\": [{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"<X>\",\"y\":\"<Y>\"}]}",
        "1:41: `x` has 32 bytes; keys of this curve have 48",
    ),
    (
        "a point without y",
        "{\"keys\": [{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"<X>\"}]}",
        "1:11: the key has no `y`",
    ),
    (
        "a point that is on no curve",
        "{\"keys\": [{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"<X>\",\"y\":\"<X>\"}]}",
        "1:41: this is no point of the key's curve",
    ),
    (
        "the point of zeros",
        "{\"keys\": [{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}",
        "1:41: this is no point of the key's curve",
    ),
    (
        "Ed25519 too short",
        "{\"keys\": [{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"}]}",
        "1:44: `x` has 3 bytes; keys of this curve have 32",
    ),
    (
        "Ed25519 too long",
        "{\"keys\": [{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"<LONG_X>\"}]}",
        "1:44: `x` has 33 bytes; keys of this curve have 32",
    ),
    (
        "Ed25519 of zeros",
        "{\"keys\": [{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}",
        "1:44: the key has a small order: anyone can sign for it",
    ),
    (
        "Ed25519 of order 1",
        "{\"keys\": [{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}",
        "1:44: the key has a small order: anyone can sign for it",
    ),
    (
        "Ed25519 of order 2",
        "{\"keys\": [{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"7P_______________________________________38\"}]}",
        "1:44: the key has a small order: anyone can sign for it",
    ),
    (
        "Ed25519 of order 8",
        "{\"keys\": [{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o\"}]}",
        "1:44: the key has a small order: anyone can sign for it",
    ),
    (
        "kid a number",
        "{\"keys\": [{\"kid\":1,<ES>}]}",
        "1:18: `kid` is not a text",
    ),
    (
        "kid of no letters",
        "{\"keys\": [{\"kid\":\"\",<ES>}]}",
        "1:18: `kid` is empty",
    ),
    (
        "two keys of one kid",
        "{\"keys\": [{\"kid\":\"a\",<ES>},\n{\"kid\":\"a\",<OTHER>}]}",
        "2:1: the key has the `kid` of that at 1:11",
    ),
    (
        "two keys of one kid, escaped",
        "{\"keys\": [{\"kid\":\"a\",<ES>},\n{\"kid\":\"\\u0061\",<ED>}]}",
        "2:1: the key has the `kid` of that at 1:11",
    ),
    (
        "one of two keys without kid",
        "{\"keys\": [{\"kid\":\"a\",<ES>},\n {<OTHER>}]}",
        "2:2: the key has no `kid`, and a set of several keys is told apart by it",
    ),
    (
        "a place behind other scripts",
        "{\"\u{e9}\u{1f511}\": 1, \"keys\": 2}",
        "1:19: `keys` is not a list",
    ),
];

#[test]
fn good_sets() {
    for case in GOOD {
        let keys = TokenKeys::parse("jwks.json", &filled(case.text))
            .unwrap_or_else(|error| panic!("{}: {error}", case.name));
        assert_eq!(keys.len(), case.keys, "{}", case.name);
        let ignored: Vec<_> = keys.ignored().iter().map(ToString::to_string).collect();
        assert_eq!(ignored, case.ignored, "{}", case.name);
    }
}

#[test]
fn bad_sets() {
    let mut wrong = Vec::new();
    for (name, text, want) in BAD {
        let want = format!("jwks.json:{want}");
        match TokenKeys::parse("jwks.json", &filled(text)) {
            Ok(_) => wrong.push(format!("{name}: is accepted")),
            Err(error) if error.to_string() != want => {
                wrong.push(format!("{name}: {error}\n  wanted {want}"));
            }
            Err(error) => assert!(!format!("{error:?}").contains("c2VjcmV0"), "{name}"),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rsa_keys_without_an_algorithm_have_the_one_that_is_stated() {
    let text = filled(r#"{"keys":[{<RS>,"kid":"a"},{<RS>,"alg":"PS512","kid":"b"}]}"#);
    let reader = TokenKeysReader::new().rsa_algorithm(RsaAlgorithm::Rs256);
    let keys = reader.parse("jwks.json", &text).unwrap();
    let shown = format!("{keys:?}");
    assert!(
        shown.contains("algorithm: RS256") && shown.contains("algorithm: PS512"),
        "{shown}"
    );
}

#[test]
fn names_of_rsa_algorithms() {
    for algorithm in RsaAlgorithm::ALL {
        assert_eq!(algorithm.as_str().parse(), Ok(algorithm));
    }
    for name in ["", "rs256", "RS256 ", "HS256", "ES256", "none"] {
        assert!(name.parse::<RsaAlgorithm>().is_err(), "{name}");
    }
}

#[test]
fn files() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("jwks.json");
    let read = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        TokenKeys::read(&path)
            .map(|keys| keys.len())
            .map_err(|error| {
                error
                    .to_string()
                    .replace(&*path.to_string_lossy(), "jwks.json")
            })
    };
    let good = filled(r#"{"keys":[{<ES>}]}"#);
    assert_eq!(read(good.as_bytes()), Ok(1));
    assert_eq!(
        read(b"{\n  \"\xff\""),
        Err("jwks.json:2:4: this is not UTF-8".to_owned())
    );
    assert_eq!(
        read(format!("{good}{}", " ".repeat(1 << 20)).as_bytes()),
        Err("jwks.json: larger than 1 MiB, the limit; name another file".to_owned())
    );
    let error = TokenKeys::read(directory.path()).unwrap_err().to_string();
    assert!(error.contains(": a folder, not a file; "), "{error}");
    let error = TokenKeys::read(directory.path().join("none"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("none: cannot be read: "), "{error}");
}

#[test]
#[cfg(unix)]
fn a_file_that_anyone_may_write() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("jwks.json");
    std::fs::write(&path, filled(r#"{"keys":[{<ES>}]}"#)).unwrap();
    for (mode, accepted) in [
        (0o600, true),
        (0o644, true),
        (0o664, false),
        (0o646, false),
        (0o666, false),
    ] {
        set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let got = TokenKeys::read(&path);
        assert_eq!(got.is_ok(), accepted, "{mode:o}");
        if let Err(error) = got {
            assert!(
                error
                    .to_string()
                    .contains("others than its owner may write it"),
                "{error}"
            );
        }
    }
}
