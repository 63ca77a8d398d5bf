//! The header of a token: which key it names, and what it asks for.

use routescope_guard::TokenDenial::{
    BadHeader, BadSignature, UnknownKid, UnsupportedHeader, WrongAlgorithm, WrongType,
};

use crate::cases::{Case, VALID};
use crate::sign::{KEYS, Signer};

/// A case of a header, and of nothing else.
macro_rules! header {
    ($name:literal, $header:literal, $want:expr) => {
        Case {
            name: $name,
            header: $header,
            want: $want,
            ..VALID
        }
    };
}

pub(crate) const CASES: &[Case] = &[
    // The algorithm.
    header!(
        "alg none",
        r#"{"alg":"none","kid":"es"}"#,
        Err(WrongAlgorithm)
    ),
    header!(
        "alg None",
        r#"{"alg":"None","kid":"es"}"#,
        Err(WrongAlgorithm)
    ),
    header!(
        "alg of no letters",
        r#"{"alg":"","kid":"es"}"#,
        Err(WrongAlgorithm)
    ),
    header!(
        "alg in lower case",
        r#"{"alg":"es256","kid":"es"}"#,
        Err(WrongAlgorithm)
    ),
    header!(
        "alg with a space",
        r#"{"alg":"ES256 ","kid":"es"}"#,
        Err(WrongAlgorithm)
    ),
    header!(
        "alg that is not known",
        r#"{"alg":"ES257","kid":"es"}"#,
        Err(WrongAlgorithm)
    ),
    header!("alg missing", r#"{"kid":"es"}"#, Err(BadHeader)),
    header!("alg null", r#"{"alg":null,"kid":"es"}"#, Err(BadHeader)),
    header!(
        "alg a list",
        r#"{"alg":["ES256"],"kid":"es"}"#,
        Err(BadHeader)
    ),
    header!(
        "alg twice",
        r#"{"alg":"ES256","kid":"es","alg":"ES256"}"#,
        Err(BadHeader)
    ),
    header!(
        "alg twice, escaped",
        r#"{"alg":"ES256","kid":"es","\u0061lg":"none"}"#,
        Err(BadHeader)
    ),
    header!(
        "alg of another case is none",
        r#"{"Alg":"ES256","kid":"es"}"#,
        Err(BadHeader)
    ),
    Case {
        name: "HS256 with the public key as secret",
        header: r#"{"alg":"HS256","kid":"rs"}"#,
        signer: Signer::Hmac(|| KEYS["rs"].jwk["n"].clone().into_bytes()),
        want: Err(WrongAlgorithm),
        ..VALID
    },
    Case {
        name: "RS256 with the public key as secret",
        header: r#"{"alg":"RS256","kid":"rs"}"#,
        signer: Signer::Hmac(|| KEYS["rs"].jwk["n"].clone().into_bytes()),
        want: Err(BadSignature),
        ..VALID
    },
    Case {
        name: "PS256 of a key for RS256",
        header: r#"{"alg":"PS256","kid":"rs"}"#,
        signer: Signer::Key("ps"),
        want: Err(WrongAlgorithm),
        ..VALID
    },
    Case {
        name: "RS512 of a key for RS256",
        header: r#"{"alg":"RS512","kid":"rs"}"#,
        signer: Signer::Key("rs"),
        want: Err(WrongAlgorithm),
        ..VALID
    },
    Case {
        name: "ES384 of a key for ES256",
        header: r#"{"alg":"ES384","kid":"es"}"#,
        signer: Signer::Key("es384"),
        want: Err(WrongAlgorithm),
        ..VALID
    },
    Case {
        name: "EdDSA by its name of RFC 9864",
        header: r#"{"alg":"Ed25519","kid":"ed"}"#,
        signer: Signer::Key("ed"),
        ..VALID
    },
    // The key.
    header!(
        "kid of another key of the algorithm's",
        r#"{"alg":"ES256","kid":"rs"}"#,
        Err(WrongAlgorithm)
    ),
    header!(
        "kid that is not known",
        r#"{"alg":"ES256","kid":"2019"}"#,
        Err(UnknownKid)
    ),
    header!(
        "kid of no letters",
        r#"{"alg":"ES256","kid":""}"#,
        Err(UnknownKid)
    ),
    header!(
        "kid in upper case",
        r#"{"alg":"ES256","kid":"ES"}"#,
        Err(UnknownKid)
    ),
    header!(
        "kid with a space",
        r#"{"alg":"ES256","kid":"es "}"#,
        Err(UnknownKid)
    ),
    header!(
        "kid with a NUL",
        r#"{"alg":"ES256","kid":"es\u0000"}"#,
        Err(UnknownKid)
    ),
    header!(
        "kid a path",
        r#"{"alg":"ES256","kid":"../../../dev/null"}"#,
        Err(UnknownKid)
    ),
    header!(
        "kid a query",
        r#"{"alg":"ES256","kid":"' UNION SELECT 'es"}"#,
        Err(UnknownKid)
    ),
    header!(
        "kid a pattern",
        r#"{"alg":"ES256","kid":"*"}"#,
        Err(UnknownKid)
    ),
    header!(
        "kid missing, of several keys",
        r#"{"alg":"ES256"}"#,
        Err(UnknownKid)
    ),
    header!("kid null", r#"{"alg":"ES256","kid":null}"#, Err(BadHeader)),
    header!("kid a number", r#"{"alg":"ES256","kid":0}"#, Err(BadHeader)),
    header!(
        "kid twice",
        r#"{"alg":"ES256","kid":"es","kid":"rs"}"#,
        Err(BadHeader)
    ),
    header!(
        "kid escaped is the same",
        r#"{"alg":"ES256","kid":"\u0065s"}"#,
        VALID.want
    ),
    // The type.
    header!("typ missing", r#"{"alg":"ES256","kid":"es"}"#, VALID.want),
    header!(
        "typ in lower case",
        r#"{"alg":"ES256","kid":"es","typ":"jwt"}"#,
        VALID.want
    ),
    header!(
        "typ of access tokens",
        r#"{"alg":"ES256","kid":"es","typ":"at+jwt"}"#,
        VALID.want
    ),
    header!(
        "typ in full",
        r#"{"alg":"ES256","kid":"es","typ":"application/at+jwt"}"#,
        VALID.want
    ),
    header!(
        "typ of DPoP proofs",
        r#"{"alg":"ES256","kid":"es","typ":"dpop+jwt"}"#,
        Err(WrongType)
    ),
    header!(
        "typ of logout tokens",
        r#"{"alg":"ES256","kid":"es","typ":"logout+jwt"}"#,
        Err(WrongType)
    ),
    header!(
        "typ of security events",
        r#"{"alg":"ES256","kid":"es","typ":"secevent+jwt"}"#,
        Err(WrongType)
    ),
    header!(
        "typ of no letters",
        r#"{"alg":"ES256","kid":"es","typ":""}"#,
        Err(WrongType)
    ),
    header!(
        "typ in full twice",
        r#"{"alg":"ES256","kid":"es","typ":"application/application/jwt"}"#,
        Err(WrongType)
    ),
    header!(
        "typ null",
        r#"{"alg":"ES256","kid":"es","typ":null}"#,
        Err(BadHeader)
    ),
    header!(
        "typ twice",
        r#"{"alg":"ES256","kid":"es","typ":"JWT","typ":"dpop+jwt"}"#,
        Err(BadHeader)
    ),
    Case {
        name: "typ of access tokens where that is needed",
        header: r#"{"alg":"ES256","kid":"es","typ":"AT+JWT"}"#,
        rules: |rules| rules.access_token_type_only(),
        ..VALID
    },
    Case {
        name: "typ JWT where that of access tokens is needed",
        rules: |rules| rules.access_token_type_only(),
        want: Err(WrongType),
        ..VALID
    },
    Case {
        name: "typ missing where that of access tokens is needed",
        header: r#"{"alg":"ES256","kid":"es"}"#,
        rules: |rules| rules.access_token_type_only(),
        want: Err(WrongType),
        ..VALID
    },
    // Members that ask for something.
    header!(
        "crit",
        r#"{"alg":"ES256","kid":"es","crit":["exp"],"exp":1}"#,
        Err(UnsupportedHeader)
    ),
    header!(
        "crit that is empty",
        r#"{"alg":"ES256","kid":"es","crit":[]}"#,
        Err(UnsupportedHeader)
    ),
    header!(
        "crit null",
        r#"{"alg":"ES256","kid":"es","crit":null}"#,
        Err(UnsupportedHeader)
    ),
    header!(
        "crit b64",
        r#"{"alg":"ES256","kid":"es","crit":["b64"],"b64":true}"#,
        Err(UnsupportedHeader)
    ),
    header!(
        "b64",
        r#"{"alg":"ES256","kid":"es","b64":false}"#,
        Err(UnsupportedHeader)
    ),
    header!(
        "zip",
        r#"{"alg":"ES256","kid":"es","zip":"DEF"}"#,
        Err(UnsupportedHeader)
    ),
    header!(
        "enc",
        r#"{"alg":"ES256","kid":"es","enc":"A128GCM"}"#,
        Err(UnsupportedHeader)
    ),
    header!(
        "jku",
        r#"{"alg":"ES256","kid":"es","jku":"https://evil.example/jwks.json"}"#,
        Err(UnsupportedHeader)
    ),
    header!(
        "x5u",
        r#"{"alg":"ES256","kid":"es","x5u":"https://evil.example/x.pem"}"#,
        Err(UnsupportedHeader)
    ),
    header!(
        "x5c",
        r#"{"alg":"ES256","kid":"es","x5c":["MIIB"]}"#,
        Err(UnsupportedHeader)
    ),
    Case {
        // CVE-2018-0114: the key of the header verified the token.
        name: "jwk with the key that signed it",
        header: r#"{"alg":"ES256","kid":"es","jwk":{"kty":"EC","crv":"P-256"}}"#,
        signer: Signer::Key("es-other"),
        want: Err(UnsupportedHeader),
        ..VALID
    },
    header!(
        "x5t, which Entra ID has",
        r#"{"alg":"ES256","kid":"es","x5t":"Mxk1"}"#,
        VALID.want
    ),
    header!(
        "a member that is not known",
        r#"{"alg":"ES256","kid":"es","x":{"y":[1]}}"#,
        VALID.want
    ),
    header!(
        "such a member twice",
        r#"{"alg":"ES256","kid":"es","x":1,"x":1}"#,
        Err(BadHeader)
    ),
    // JSON.
    header!("a header that is no JSON", "alg=ES256", Err(BadHeader)),
    header!(
        "a header that is a list",
        r#"["ES256","es"]"#,
        Err(BadHeader)
    ),
    header!("a header that is null", "null", Err(BadHeader)),
    header!(
        "a header that ends early",
        r#"{"alg":"ES256","kid":"es""#,
        Err(BadHeader)
    ),
    header!(
        "a comma too many",
        r#"{"alg":"ES256","kid":"es",}"#,
        Err(BadHeader)
    ),
    header!(
        "two headers",
        r#"{"alg":"ES256","kid":"es"}{}"#,
        Err(BadHeader)
    ),
    header!(
        "a byte order mark",
        "\u{feff}{\"alg\":\"ES256\",\"kid\":\"es\"}",
        Err(BadHeader)
    ),
    header!(
        "a comment",
        r#"{"alg":"ES256","kid":"es"/**/}"#,
        Err(BadHeader)
    ),
    header!(
        "white space of JSON",
        "\n{ \"alg\" : \"ES256\",\t\"kid\" : \"es\" }\n",
        VALID.want
    ),
];
