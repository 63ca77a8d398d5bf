//! The claims of a token: whose, for whom, until when, and which scopes.

use routescope_guard::ScopeClaim;
use routescope_guard::TokenDenial::{
    BadClaims, Expired, NotYetValid, SenderConstrained, WrongAudience, WrongIssuer,
};

use crate::cases::{Case, VALID};
use crate::sign::{self, NOW};

/// A case of one claim's value.
macro_rules! claim {
    ($name:literal, $claim:literal, $value:literal, $want:expr) => {
        Case {
            name: $name,
            set: &[($claim, $value)],
            want: $want,
            ..VALID
        }
    };
}

/// A case of a claim that is missing.
macro_rules! without {
    ($name:literal, $claim:literal, $want:expr) => {
        Case {
            name: $name,
            unset: &[$claim],
            want: $want,
            ..VALID
        }
    };
}

/// A case of a payload.
macro_rules! payload {
    ($name:literal, $payload:expr) => {
        Case {
            name: $name,
            payload: Some($payload),
            want: Err(BadClaims),
            ..VALID
        }
    };
}

/// A case of the claim `roles`, from which the scopes come.
macro_rules! roles {
    ($name:literal, $value:literal, $want:expr) => {
        Case {
            rules: |rules| {
                rules
                    .scope_claim(ScopeClaim::Named("roles".to_owned()))
                    .unwrap()
            },
            ..claim!($name, "roles", $value, $want)
        }
    };
}

/// A case of the claim `scp`, from which the scopes come.
macro_rules! scp {
    ($name:literal, $value:literal, $want:expr) => {
        Case {
            rules: |rules| rules.scope_claim(ScopeClaim::Scp).unwrap(),
            ..claim!($name, "scp", $value, $want)
        }
    };
}

pub(crate) const CASES: &[Case] = &[
    // exp, with a leeway of 30 seconds. NOW is 1800000000.
    without!("exp missing", "exp", Err(BadClaims)),
    claim!("exp now", "exp", "1800000000", VALID.want),
    claim!("exp a second before the leeway's end", "exp", "1799999971", VALID.want),
    claim!("exp at the leeway's end", "exp", "1799999970", Err(Expired)),
    claim!("exp long ago", "exp", "1", Err(Expired)),
    claim!("exp zero", "exp", "0", Err(Expired)),
    claim!("exp with a fraction", "exp", "1799999971.9", VALID.want),
    claim!("exp with a fraction, which is not rounded up", "exp", "1799999970.9", Err(Expired)),
    claim!("exp with an exponent", "exp", "18e8", VALID.want),
    claim!("exp in the year 9999", "exp", "253402300799", VALID.want),
    claim!("exp after it", "exp", "253402300800", Err(BadClaims)),
    claim!("exp in milliseconds", "exp", "1800000600000", Err(BadClaims)),
    claim!("exp of 2^64", "exp", "18446744073709551616", Err(BadClaims)),
    claim!("exp of 2^64 + NOW", "exp", "18446744075509551616", Err(BadClaims)),
    claim!("exp of forty digits", "exp", "1800000600000000000000000000000000000000", Err(BadClaims)),
    claim!("exp greater than a float", "exp", "1e400", Err(BadClaims)),
    claim!("exp negative", "exp", "-1", Err(BadClaims)),
    claim!("exp minus zero", "exp", "-0", Err(BadClaims)),
    claim!("exp a text", "exp", r#""1800000600""#, Err(BadClaims)),
    claim!("exp null", "exp", "null", Err(BadClaims)),
    claim!("exp true", "exp", "true", Err(BadClaims)),
    claim!("exp a list", "exp", "[1800000600]", Err(BadClaims)),
    claim!("exp in hexadecimal", "exp", "0x7fffffff", Err(BadClaims)),
    claim!("exp not a number", "exp", "NaN", Err(BadClaims)),
    claim!("exp infinite", "exp", "Infinity", Err(BadClaims)),
    claim!("exp with a leading zero", "exp", "01800000600", Err(BadClaims)),
    Case {
        name: "exp now, without leeway",
        set: &[("exp", "1800000000")],
        rules: |rules| rules.leeway(0).unwrap(),
        want: Err(Expired),
        ..VALID
    },
    Case {
        name: "exp in a second, without leeway",
        set: &[("exp", "1800000001")],
        rules: |rules| rules.leeway(0).unwrap(),
        ..VALID
    },
    Case {
        name: "exp at the end of the greatest leeway",
        set: &[("exp", "1799999700")],
        rules: |rules| rules.leeway(300).unwrap(),
        want: Err(Expired),
        ..VALID
    },
    Case { name: "a clock at its end", now: u64::MAX, want: Err(Expired), ..VALID },
    Case {
        name: "a clock at its beginning, without nbf and iat",
        now: 0,
        ..VALID
    },
    // nbf and iat.
    claim!("nbf now", "nbf", "1800000000", VALID.want),
    claim!("nbf at the leeway's end", "nbf", "1800000030", VALID.want),
    claim!("nbf a second after it", "nbf", "1800000031", Err(NotYetValid)),
    claim!("nbf with a fraction after it", "nbf", "1800000030.1", Err(NotYetValid)),
    claim!("nbf a text", "nbf", r#""0""#, Err(BadClaims)),
    claim!("nbf null", "nbf", "null", Err(BadClaims)),
    claim!("nbf negative", "nbf", "-1", Err(BadClaims)),
    claim!("iat at the leeway's end", "iat", "1800000030", VALID.want),
    claim!("iat a second after it", "iat", "1800000031", Err(NotYetValid)),
    claim!("iat a text", "iat", r#""0""#, Err(BadClaims)),
    Case {
        name: "nbf after exp, both passed",
        set: &[("nbf", "1700000000"), ("exp", "1600000000")],
        want: Err(Expired),
        ..VALID
    },
    Case {
        name: "expired, and not yet valid",
        set: &[("nbf", "1900000000"), ("exp", "1600000000")],
        want: Err(NotYetValid),
        ..VALID
    },
    // iss.
    without!("iss missing", "iss", Err(BadClaims)),
    claim!("iss of another", "iss", r#""https://evil.example""#, Err(WrongIssuer)),
    claim!("iss with a slash at its end", "iss", r#""https://login.example/""#, Err(WrongIssuer)),
    claim!("iss with ours as prefix", "iss", r#""https://login.example.evil.example""#, Err(WrongIssuer)),
    claim!("iss that is a prefix of ours", "iss", r#""https://login.exampl""#, Err(WrongIssuer)),
    claim!("iss of another tenant", "iss", r#""https://login.example/tenant""#, Err(WrongIssuer)),
    claim!("iss in upper case", "iss", r#""https://LOGIN.example""#, Err(WrongIssuer)),
    claim!("iss without TLS", "iss", r#""http://login.example""#, Err(WrongIssuer)),
    claim!("iss with a space", "iss", r#""https://login.example ""#, Err(WrongIssuer)),
    claim!("iss of no letters", "iss", r#""""#, Err(WrongIssuer)),
    claim!("iss a list with ours", "iss", r#"["https://evil.example","https://login.example"]"#, Err(BadClaims)),
    claim!("iss null", "iss", "null", Err(BadClaims)),
    claim!("iss escaped is the same", "iss", r#""https:\/\/login.example""#, VALID.want),
    // aud.
    without!("aud missing", "aud", Err(BadClaims)),
    claim!("aud of another", "aud", r#""https://other.example""#, Err(WrongAudience)),
    claim!("aud with a slash at its end", "aud", r#""https://api.example/""#, Err(WrongAudience)),
    claim!("aud with ours as prefix", "aud", r#""https://api.example.evil.example""#, Err(WrongAudience)),
    claim!("aud with ours among others in a text", "aud", r#""https://other.example https://api.example""#, Err(WrongAudience)),
    claim!("aud a list of ours", "aud", r#"["https://api.example"]"#, VALID.want),
    claim!("aud a list with ours", "aud", r#"["https://other.example","https://api.example"]"#, VALID.want),
    claim!("aud a list without ours", "aud", r#"["https://other.example"]"#, Err(WrongAudience)),
    claim!("aud an empty list", "aud", "[]", Err(WrongAudience)),
    claim!("aud a list with a number", "aud", r#"["https://api.example",1]"#, Err(BadClaims)),
    claim!("aud a list of lists", "aud", r#"[["https://api.example"]]"#, Err(BadClaims)),
    claim!("aud an object", "aud", r#"{"https://api.example":true}"#, Err(BadClaims)),
    claim!("aud null", "aud", "null", Err(BadClaims)),
    Case {
        name: "aud is the second of two that are accepted",
        set: &[("aud", r#""api://second""#)],
        rules: |rules| rules.audience("api://second").unwrap(),
        ..VALID
    },
    // Proof of possession, which RFC 7800, 8705 and 9449 have.
    claim!("cnf with the hash of a key", "cnf", r#"{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}"#, Err(SenderConstrained)),
    claim!("cnf with the hash of a certificate", "cnf", r##"{"x5t#S256":"bwcK0esc3ACC3DB2Y5"}"##, Err(SenderConstrained)),
    claim!("cnf that is empty", "cnf", "{}", Err(SenderConstrained)),
    claim!("cnf null", "cnf", "null", Err(SenderConstrained)),
    // The identity.
    without!("sub missing", "sub", Err(BadClaims)),
    claim!("sub of no letters", "sub", r#""""#, Err(BadClaims)),
    claim!("sub a number", "sub", "0", Err(BadClaims)),
    claim!("sub null", "sub", "null", Err(BadClaims)),
    claim!("sub with half a surrogate pair", "sub", r#""\ud800""#, Err(BadClaims)),
    Case {
        name: "sub missing where the identity is another claim",
        set: &[("client_id", r#""export""#)],
        unset: &["sub"],
        rules: |rules| rules.identity_claim("client_id").unwrap(),
        ..VALID
    },
    Case {
        name: "that claim missing",
        rules: |rules| rules.identity_claim("client_id").unwrap(),
        want: Err(BadClaims),
        ..VALID
    },
    // The scopes.
    without!("scope missing", "scope", Ok(&[])),
    claim!("scope of no letters", "scope", r#""""#, Ok(&[])),
    claim!("scope of spaces", "scope", r#""  ""#, Ok(&[])),
    claim!("scope with two spaces", "scope", r#""a:read  b:read ""#, Ok(&["a:read", "b:read"])),
    claim!("scope with a tab", "scope", r#""a:read\tb:read""#, Ok(&["a:read\tb:read"])),
    claim!("scope with a line break", "scope", r#""a:read\nb:read""#, Ok(&["a:read\nb:read"])),
    claim!("scope with a comma", "scope", r#""a:read,b:read""#, Ok(&["a:read,b:read"])),
    claim!("scope with a space of no width", "scope", r#""a:read\u00a0b:read""#, Ok(&["a:read\u{a0}b:read"])),
    claim!("scope with an escaped space", "scope", r#""a:read\u0020b:read""#, Ok(&["a:read", "b:read"])),
    claim!("scope in upper case", "scope", r#""A:READ""#, Ok(&["A:READ"])),
    claim!("scope twice the same", "scope", r#""a:read a:read""#, Ok(&["a:read", "a:read"])),
    claim!("scope a list", "scope", r#"["a:read"]"#, Err(BadClaims)),
    claim!("scope a number", "scope", "1", Err(BadClaims)),
    claim!("scope null", "scope", "null", Err(BadClaims)),
    claim!("scope an object", "scope", r#"{"a:read":true}"#, Err(BadClaims)),
    claim!("scp where scope is the claim", "scp", r#""root:*""#, VALID.want),
    scp!("scp a text", r#""a:read b:read""#, Ok(&["a:read", "b:read"])),
    scp!("scp a list", r#"["a:read","b:read"]"#, Ok(&["a:read", "b:read"])),
    scp!("scp a list of one text with a space", r#"["a:read b:read"]"#, Ok(&["a:read b:read"])),
    scp!("scp an empty list", "[]", Ok(&[])),
    scp!("scp a list with a number", r#"["a:read",1]"#, Err(BadClaims)),
    scp!("scp a list with null", r#"["a:read",null]"#, Err(BadClaims)),
    scp!("scp a list of lists", r#"[["a:read"]]"#, Err(BadClaims)),
    scp!("scp null", "null", Err(BadClaims)),
    Case {
        name: "scope where scp is the claim",
        rules: |rules| rules.scope_claim(ScopeClaim::Scp).unwrap(),
        want: Ok(&[]),
        ..VALID
    },
    roles!("roles a list", r#"["Exporter","a:read"]"#, Ok(&["Exporter", "a:read"])),
    roles!("roles a text", r#""a:read b:read""#, Ok(&["a:read", "b:read"])),
    roles!("roles an object", r#"{"a:read":true}"#, Err(BadClaims)),
    // Two of a name; each pair would be accepted if one of them were kept.
    payload!("scope twice", br#"{"iss":"https://login.example","aud":"https://api.example","sub":"a","exp":1800000600,"scope":"","scope":"root:*"}"#),
    payload!("scope twice, escaped", br#"{"iss":"https://login.example","aud":"https://api.example","sub":"a","exp":1800000600,"scope":"","sc\u006fpe":"root:*"}"#),
    payload!("exp twice", br#"{"iss":"https://login.example","aud":"https://api.example","sub":"a","exp":1,"exp":1800000600}"#),
    payload!("exp twice the same", br#"{"iss":"https://login.example","aud":"https://api.example","sub":"a","exp":1800000600,"exp":1800000600}"#),
    payload!("iss twice", br#"{"iss":"https://evil.example","aud":"https://api.example","sub":"a","exp":1800000600,"iss":"https://login.example"}"#),
    payload!("aud twice", br#"{"iss":"https://login.example","aud":"https://other.example","aud":"https://api.example","sub":"a","exp":1800000600}"#),
    payload!("sub twice", br#"{"iss":"https://login.example","aud":"https://api.example","sub":"a","exp":1800000600,"sub":"root"}"#),
    payload!("cnf twice", br#"{"iss":"https://login.example","aud":"https://api.example","sub":"a","exp":1800000600,"cnf":{},"cnf":{}}"#),
    payload!("a claim twice that means nothing", br#"{"iss":"https://login.example","aud":"https://api.example","sub":"a","exp":1800000600,"x":1,"x":2}"#),
    // JSON.
    payload!("claims that are no JSON", b"sub=root"),
    payload!("claims that are a list", br#"["https://login.example","https://api.example","a",1800000600]"#),
    payload!("claims that are null", b"null"),
    payload!("claims that are a text", br#""{}""#),
    payload!("no claims", b"{}"),
    payload!("claims that end early", br#"{"iss":"https://login.example","aud":"https://api.example","sub":"a","exp":1800000600"#),
    payload!("two objects of claims", br#"{"iss":"https://login.example","aud":"https://api.example","sub":"a","exp":1800000600}{}"#),
    payload!("a comma too many in claims", br#"{"iss":"https://login.example","aud":"https://api.example","sub":"a","exp":1800000600,}"#),
    payload!("claims in another encoding", b"{\"iss\":\"https://login.example\",\"aud\":\"https://api.example\",\"sub\":\"\xe9\",\"exp\":1800000600}"),
    payload!("claims behind a byte order mark", b"\xef\xbb\xbf{\"iss\":\"https://login.example\",\"aud\":\"https://api.example\",\"sub\":\"a\",\"exp\":1800000600}"),
    payload!("a token in a token", b"eyJhbGciOiJFUzI1NiIsImtpZCI6ImVzIn0.e30.c2ln"),
    payload!("claims with a NUL behind", b"{\"iss\":\"https://login.example\",\"aud\":\"https://api.example\",\"sub\":\"a\",\"exp\":1800000600}\0"),
    payload!("claims of one bracket, many times", &[b'['; 4096]),
    claim!("a claim of another type that means nothing", "x", r#"{"y":[{"y":null}]}"#, VALID.want),
    claim!("a name with a dollar is another claim", "$iss", r#""https://evil.example""#, VALID.want),
];

#[test]
fn a_verified_token_is_as_its_claims_say() {
    let rules = sign::rules().identity_claim("azp").unwrap();
    let claims = sign::claims(
        &[
            ("azp", r#""d\u00e9p\u00f4t \"7\"""#),
            ("exp", "1800000600.75"),
        ],
        &[],
    );
    let token = sign::token(VALID.header.as_bytes(), claims.as_bytes(), VALID.signer);
    let verified = sign::verifier(rules).verify(token.as_bytes(), NOW).unwrap();
    assert_eq!(verified.subject, "dépôt \"7\"");
    assert_eq!(verified.expires, 1_800_000_600);
    assert_eq!(verified.scopes().len(), 2);
}
