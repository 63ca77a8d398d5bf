//! `Authorization` headers.

use routescope::{ApiKey, KeyDenial, pbx::POLICY};

const TAIL: &str =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghijklmnopqrstu";

fn read(values: &[&str]) -> Result<Vec<u8>, KeyDenial> {
    let format = POLICY.key_format();
    ApiKey::from_headers(values.iter().map(|value| value.as_bytes()), format.as_ref())
        .map(|key| key.as_bytes().to_vec())
}

#[test]
fn headers_and_what_they_carry() {
    use KeyDenial::{Malformed as MalformedKey, Missing as MissingKey};
    let key = format!("wsk-v1-{TAIL}");
    assert_eq!(key.len(), 100);
    let with = |text: &str| text.replace("KEY", &key);
    let cases: [(&str, Vec<String>, Option<KeyDenial>); 27] = [
        ("the plain form", vec![with("Bearer KEY")], None),
        ("scheme in lower case", vec![with("bearer KEY")], None),
        ("scheme in mixed case", vec![with("bEaReR KEY")], None),
        ("several spaces", vec![with("Bearer   KEY")], None),
        ("no header", vec![], Some(MissingKey)),
        (
            "another scheme",
            vec!["Basic dXNlcjpwYXNz".into()],
            Some(MissingKey),
        ),
        (
            "another scheme, alone",
            vec!["Negotiate".into()],
            Some(MissingKey),
        ),
        (
            "a scheme that begins like ours",
            vec![with("BearerX KEY")],
            Some(MissingKey),
        ),
        ("empty", vec![String::new()], Some(MalformedKey)),
        ("a space", vec![" ".into()], Some(MalformedKey)),
        ("scheme only", vec!["Bearer".into()], Some(MalformedKey)),
        (
            "scheme and a space",
            vec!["Bearer ".into()],
            Some(MalformedKey),
        ),
        ("no scheme", vec![with("KEY/")], Some(MalformedKey)),
        ("space first", vec![with(" Bearer KEY")], Some(MalformedKey)),
        ("space last", vec![with("Bearer KEY ")], Some(MalformedKey)),
        ("tab between", vec![with("Bearer\tKEY")], Some(MalformedKey)),
        ("no space", vec![with("Bearer:KEY")], Some(MalformedKey)),
        (
            "two tokens",
            vec![with("Bearer KEY KEY")],
            Some(MalformedKey),
        ),
        (
            "a list",
            vec![with("Bearer KEY, Bearer KEY")],
            Some(MalformedKey),
        ),
        ("quoted", vec![with("Bearer \"KEY\"")], Some(MalformedKey)),
        (
            "two headers",
            vec![with("Bearer KEY"), with("Bearer KEY")],
            Some(MalformedKey),
        ),
        (
            "two headers, one of another scheme",
            vec!["Basic x".into(), with("Bearer KEY")],
            Some(MalformedKey),
        ),
        (
            "one byte short",
            vec![format!("Bearer wsk-v1-{}", &TAIL[1..])],
            Some(MalformedKey),
        ),
        (
            "one byte long",
            vec![with("Bearer KEY0")],
            Some(MalformedKey),
        ),
        (
            "prefix in upper case",
            vec![format!("Bearer WSK-V1-{TAIL}")],
            Some(MalformedKey),
        ),
        (
            "a dash in the tail",
            vec![format!("Bearer wsk-v1--{}", &TAIL[1..])],
            Some(MalformedKey),
        ),
        (
            "not ASCII",
            vec![format!("Bearer wsk-v1-é{}", &TAIL[2..])],
            Some(MalformedKey),
        ),
    ];
    for (name, values, denial) in cases {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        assert_eq!(read(&values).err(), denial, "{name}");
    }
}

#[test]
fn a_policy_without_a_format_takes_any_token() {
    for (token, good) in [
        ("abc", true),
        ("a+/~.-_==", true),
        ("=", false),
        ("a=b", false),
        ("a,b", false),
    ] {
        let header = format!("Bearer {token}");
        assert_eq!(
            ApiKey::from_headers(Some(header.as_bytes()), None).is_ok(),
            good,
            "{token}"
        );
    }
}

#[test]
fn a_key_never_shows() {
    let header = format!("Bearer wsk-v1-{TAIL}");
    let key = ApiKey::from_headers(Some(header.as_bytes()), POLICY.key_format().as_ref())
        .expect("a proper key");
    assert_eq!(
        format!("{key:?} {key:#?}"),
        "ApiKey(redacted) ApiKey(redacted)"
    );
    assert!(key.matches(&header.as_bytes()[7..]));
    assert!(!key.matches(&header.as_bytes()[8..]));
}
