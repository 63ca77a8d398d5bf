//! The form of a token, and its signature.

use routescope_guard::TokenDenial::{BadSignature, NotCompact, TooLong, UnknownKid};
use routescope_guard::{MAX_TOKEN_BYTES, has_token_form};

use crate::cases::{Case, VALID};
use crate::sign::{Signer, token};

pub(crate) const CASES: &[Case] = &[
    VALID,
    Case {
        name: "RS256",
        header: r#"{"alg":"RS256","kid":"rs"}"#,
        signer: Signer::Key("rs"),
        ..VALID
    },
    Case {
        name: "PS256",
        header: r#"{"alg":"PS256","kid":"ps"}"#,
        signer: Signer::Key("ps"),
        ..VALID
    },
    Case {
        name: "ES384",
        header: r#"{"alg":"ES384","kid":"es384"}"#,
        signer: Signer::Key("es384"),
        ..VALID
    },
    Case {
        name: "EdDSA",
        header: r#"{"alg":"EdDSA","kid":"ed"}"#,
        signer: Signer::Key("ed"),
        ..VALID
    },
    Case {
        name: "nothing",
        change: |_| String::new(),
        want: Err(NotCompact),
        ..VALID
    },
    Case {
        name: "full stops alone",
        change: |_| "..".into(),
        want: Err(NotCompact),
        ..VALID
    },
    Case {
        name: "no signature",
        change: |token| token.rsplit_once('.').unwrap().0.into(),
        want: Err(NotCompact),
        ..VALID
    },
    Case {
        name: "an empty signature",
        signer: Signer::Bytes(b""),
        want: Err(NotCompact),
        ..VALID
    },
    Case {
        name: "an empty payload",
        payload: Some(b""),
        want: Err(NotCompact),
        ..VALID
    },
    Case {
        name: "an empty header",
        header: "",
        want: Err(NotCompact),
        ..VALID
    },
    Case {
        name: "a fourth part",
        change: |token| token + ".e30",
        want: Err(NotCompact),
        ..VALID
    },
    Case {
        name: "an empty fourth part",
        change: |token| token + ".",
        want: Err(NotCompact),
        ..VALID
    },
    Case {
        name: "the five parts of an encrypted token",
        change: |token| token + ".e30.e30",
        want: Err(NotCompact),
        ..VALID
    },
    Case {
        name: "a full stop in front",
        change: |token| format!(".{token}"),
        want: Err(NotCompact),
        ..VALID
    },
    Case {
        name: "padding at the end",
        change: |token| token + "==",
        want: Err(NotCompact),
        ..VALID
    },
    Case {
        name: "padding of the header",
        change: |token| token.replacen('.', "=.", 1),
        want: Err(NotCompact),
        ..VALID
    },
    Case {
        name: "a space at the end",
        change: |token| token + " ",
        want: Err(NotCompact),
        ..VALID
    },
    Case {
        name: "a space in front",
        change: |token| format!(" {token}"),
        want: Err(NotCompact),
        ..VALID
    },
    Case {
        name: "a line break at the end",
        change: |token| token + "\n",
        want: Err(NotCompact),
        ..VALID
    },
    Case {
        name: "a line break in a part",
        change: |token| token.replacen("eyJ", "ey\nJ", 1),
        want: Err(NotCompact),
        ..VALID
    },
    Case {
        name: "a NUL at the end",
        change: |token| token + "\0",
        want: Err(NotCompact),
        ..VALID
    },
    Case {
        name: "an escaped full stop",
        change: |token| token.replacen('.', "%2E", 1),
        want: Err(NotCompact),
        ..VALID
    },
    Case {
        name: "a full stop of another script",
        change: |token| token.replacen('.', "\u{3002}", 1),
        want: Err(NotCompact),
        ..VALID
    },
    Case {
        // These five bytes encode to `-_-_-w8` in base64url, and to `+/+/+w8` in base64.
        name: "base64 in place of base64url",
        signer: Signer::Bytes(&[0xfb, 0xff, 0xbf, 0xfb, 0x0f]),
        change: |token| token.replace('-', "+").replace('_', "/"),
        want: Err(NotCompact),
        ..VALID
    },
    Case {
        // 64 bytes leave four spare bits in 86 characters.
        name: "bits behind the last byte of the signature",
        change: |token| with_spare_bits(&token),
        want: Err(NotCompact),
        ..VALID
    },
    Case {
        name: "a part that no number of bytes has",
        change: |token| token.rsplit_once('.').unwrap().0.to_owned() + ".AAAAA",
        want: Err(NotCompact),
        ..VALID
    },
    Case {
        name: "the quotes of a JSON text around it",
        change: |token| format!("\"{token}\""),
        want: Err(NotCompact),
        ..VALID
    },
    Case {
        name: "the JSON form of a signed token",
        change: |token| {
            let parts: Vec<_> = token.split('.').collect();
            format!(
                r#"{{"protected":"{}","payload":"{}","signature":"{}"}}"#,
                parts[0], parts[1], parts[2]
            )
        },
        want: Err(NotCompact),
        ..VALID
    },
    Case {
        name: "of the greatest length",
        header: r#"{"alg":"ES256","kid":"es" }"#,
        payload: Some(&LONGEST),
        change: |token| {
            assert_eq!(token.len(), MAX_TOKEN_BYTES);
            token
        },
        ..VALID
    },
    Case {
        name: "longer than that by a byte",
        header: r#"{"alg":"ES256","kid":"es" }"#,
        payload: Some(&LONGEST),
        change: |token| token + "A",
        want: Err(TooLong),
        ..VALID
    },
    Case {
        name: "a megabyte",
        change: |token| token + &"A".repeat(1 << 20),
        want: Err(TooLong),
        ..VALID
    },
    Case {
        name: "the last byte of the signature cut off",
        change: |token| token[..token.len() - 2].to_owned(),
        want: Err(BadSignature),
        ..VALID
    },
    Case {
        name: "a byte behind the signature",
        change: |token| token + "A",
        want: Err(BadSignature),
        ..VALID
    },
    Case {
        name: "one byte as signature",
        signer: Signer::Bytes(b"\0"),
        want: Err(BadSignature),
        ..VALID
    },
    Case {
        // CVE-2022-21449: r = s = 0 verified everything.
        name: "a signature of zeros",
        signer: Signer::Bytes(&[0; 64]),
        want: Err(BadSignature),
        ..VALID
    },
    Case {
        name: "a signature of ones",
        signer: Signer::Bytes(&[0xff; 64]),
        want: Err(BadSignature),
        ..VALID
    },
    Case {
        name: "a signature of zeros, EdDSA",
        header: r#"{"alg":"EdDSA","kid":"ed"}"#,
        signer: Signer::Bytes(&[0; 64]),
        want: Err(BadSignature),
        ..VALID
    },
    Case {
        name: "a signature of zeros, RS256",
        header: r#"{"alg":"RS256","kid":"rs"}"#,
        signer: Signer::Bytes(&[0; 256]),
        want: Err(BadSignature),
        ..VALID
    },
    Case {
        name: "the signature of another payload",
        change: |mine| {
            let other = token(VALID.header.as_bytes(), b"{}", Signer::Key("es"));
            let (message, _) = mine.rsplit_once('.').unwrap();
            format!("{message}.{}", other.rsplit_once('.').unwrap().1)
        },
        want: Err(BadSignature),
        ..VALID
    },
    Case {
        name: "the payload of another token",
        change: |mine| {
            let parts: Vec<_> = mine.split('.').collect();
            format!("{}.{}.{}", parts[0], "eyJzdWIiOiJyb290In0", parts[2])
        },
        want: Err(BadSignature),
        ..VALID
    },
    Case {
        name: "the header of another token",
        change: |mine| {
            let (_, rest) = mine.split_once('.').unwrap();
            let other = token(br#"{"kid":"es","alg":"ES256"}"#, b"{}", Signer::Key("es"));
            format!("{}.{rest}", other.split_once('.').unwrap().0)
        },
        want: Err(BadSignature),
        ..VALID
    },
    Case {
        name: "a key that the provider has not published",
        signer: Signer::Key("es-other"),
        want: Err(BadSignature),
        ..VALID
    },
    Case {
        name: "such a key under its own name",
        header: r#"{"alg":"ES256","kid":"es-other"}"#,
        signer: Signer::Key("es-other"),
        want: Err(UnknownKid),
        ..VALID
    },
    Case {
        name: "RSA padding of another algorithm of the same key",
        header: r#"{"alg":"PS256","kid":"ps"}"#,
        signer: Signer::Key("rs"),
        want: Err(BadSignature),
        ..VALID
    },
];

/// Claims with which the token has [`MAX_TOKEN_BYTES`].
const LONGEST: [u8; 6051] = {
    let claims = br#"{"iss":"https://login.example","aud":"https://api.example","sub":"billing-export","exp":1800000600,"scope":"colleagues:read devices:*"}"#;
    let mut bytes = [b' '; 6051];
    let mut at = 0;
    while at < claims.len() {
        bytes[at] = claims[at];
        at += 1;
    }
    bytes
};

/// The token with a spare bit of its last character set, which other readers take for the same.
fn with_spare_bits(token: &str) -> String {
    let (rest, last) = token.split_at(token.len() - 1);
    let next = char::from(last.as_bytes()[0] + 1);
    // `A`, `Q`, `g` and `w` are the characters without spare bits; each has a letter after it.
    assert!("AQgw".contains(last) && next.is_ascii_alphabetic());
    format!("{rest}{next}")
}

#[test]
fn forms_of_credentials() {
    let cases: &[(&[u8], bool)] = &[
        (b"a.b.c", true),
        (b"eyJhbGciOiJFUzI1NiJ9.e30.c2ln", true),
        (b"-_.-_.-_", true),
        (b"", false),
        (b"a", false),
        (b"a.b", false),
        (b"a.b.", false),
        (b"a..c", false),
        (b".b.c", false),
        (b"a.b.c.d", false),
        (b"a.b.c.", false),
        (b"a.b.c=", false),
        (b"a.b.c d", false),
        (b"a.b.c\n", false),
        (b"a.b.\xff", false),
        (b"a+.b/.c", false),
        (b"wsk-v1-0a1b2c", false),
    ];
    for &(credential, want) in cases {
        assert_eq!(
            has_token_form(credential),
            want,
            "{}",
            credential.escape_ascii()
        );
    }
}
