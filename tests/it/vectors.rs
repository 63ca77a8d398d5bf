//! The vectors that every form of the product is held to, `tests/vectors/pbx.tsv`:
//! Rust and C, host and firmware, either byte order. `tests/vectors/README.md`
//! says how to read them.
//!
//! The answers are the oracle's. `ROUTESCOPE_BLESS=1 cargo test --test it vectors`
//! writes the file anew: read the difference before committing it.

mod broken;
mod requests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::{env, fs};

use routescope::{ApiKey, Decision, RouteDenial, pbx};

use crate::implementations::{compile_pbx, of_pbx, verdict};
use crate::oracle::{self, By, Oracle, Verdict};
use broken::broken;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/pbx.tsv");

#[test]
fn the_file_says_what_the_oracle_says() {
    let now = file(&oracle::pbx());
    if fs::read_to_string(FILE).ok().as_deref() == Some(&now) {
        return;
    }
    if env::var_os("ROUTESCOPE_BLESS").is_some_and(|value| value == "1") {
        fs::write(FILE, &now).expect("tests/vectors/pbx.tsv can be written");
    } else {
        panic!(
            "tests/vectors/pbx.tsv differs from the oracle; if the new answers are right, \
             ROUTESCOPE_BLESS=1 writes them down"
        );
    }
}

/// Read as its other readers do, from the text alone.
#[test]
fn every_implementation_gives_the_answers_of_the_file() {
    let text = fs::read_to_string(FILE).expect("tests/vectors/pbx.tsv is there");
    let (oracle, compiled) = (oracle::pbx(), compile_pbx());
    let implementations = of_pbx(&oracle, &compiled);
    let mut answers: BTreeMap<String, usize> = BTreeMap::new();
    let mut rules = BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let answer = match fields[..] {
            ["decide", method, target, scopes, answer, route, detail] => {
                let (method, target) = (unescape(method), unescape(target));
                let held: Vec<String> = scopes
                    .split(' ')
                    .filter(|scope| !scope.is_empty())
                    .map(|scope| String::from_utf8(unescape(scope)).expect("UTF-8"))
                    .collect();
                let held: Vec<&str> = held.iter().map(String::as_str).collect();
                // Readers without an allocator have buffers of these sizes.
                assert!(method.len() <= 500 && target.len() <= 10_000, "{line}");
                assert!(scopes.len() <= 1000, "{line}");
                for implementation in &implementations {
                    let said = (implementation.decide)(&held, &method, &target);
                    let said = facts(&said);
                    let name = implementation.name;
                    assert_eq!((said.0, said.1.as_str()), (answer, route), "{name}: {line}");
                    assert!(said.2 == detail || answer == "bad_path", "{name}: {line}");
                }
                // A verdict has no rule; the engine's denial has.
                let decision = pbx::authorize(&pbx::scope_set(&held), &method, &target);
                if let Decision::Deny(RouteDenial::BadPath(bad)) = decision {
                    assert_eq!(format!("{}@{}", bad.rule, bad.at), detail, "{line}");
                    rules.insert(bad.rule.as_str());
                }
                assert_eq!(facts(&verdict(decision)).0, answer, "{line}");
                answer
            }
            ["key", value, answer] => {
                let value = unescape(value);
                assert!(value.len() <= 500, "{line}");
                let format = pbx::POLICY.key_format();
                let said = match ApiKey::from_headers(Some(value.as_slice()), format.as_ref()) {
                    Ok(_) => "ok",
                    Err(denial) => denial.reason().as_str(),
                };
                assert_eq!(said, answer, "{line}");
                answer
            }
            _ => panic!("{line:?} is no vector"),
        };
        *answers.entry(answer.to_owned()).or_default() += 1;
    }
    assert_eq!(rules.len(), 16, "{rules:?}");
    for (answer, least) in [
        ("allow", 400),
        ("missing_scope", 200),
        ("method_not_listed", 150),
        ("unknown_route", 100),
        ("bad_path", 400),
        ("bad_method", 20),
        ("ok", 4),
        ("missing_key", 4),
        ("malformed_key", 10),
    ] {
        assert!(answers[answer] >= least, "{answer}: {answers:?}");
    }
    // The firmware images carry it in flash.
    assert!(text.len() <= 256 * 1024, "{} bytes", text.len());
}

/// The whole file.
fn file(pbx: &Oracle) -> String {
    let mut text = "# @generated from the oracle by tests/it/vectors.rs; README.md here says how to read it.\n".to_owned();
    let mut asked = BTreeSet::new();
    for (heading, requests) in requests::sections(pbx) {
        writeln!(text, "#\n# {heading}").expect("into a String");
        for request in requests
            .into_iter()
            .filter(|request| asked.insert(request.clone()))
        {
            let held: Vec<&str> = request.held.iter().map(String::as_str).collect();
            let said = pbx.decide(&held, &request.method, &request.target);
            let (answer, route, mut detail) = facts(&said);
            if said == Verdict::BadPath {
                detail = broken(pbx, &request.target);
            }
            let [method, target, held] =
                [&request.method, &request.target, held.join(" ").as_bytes()].map(escape);
            writeln!(
                text,
                "decide\t{method}\t{target}\t{held}\t{answer}\t{route}\t{detail}"
            )
            .expect("into a String");
        }
    }
    text += "#\n# values of one Authorization header\n";
    for (value, answer) in headers() {
        writeln!(text, "key\t{}\t{answer}", escape(&value)).expect("into a String");
    }
    text
}

/// The answer, the route and the detail of a vector, as far as a verdict knows.
fn facts(verdict: &Verdict) -> (&'static str, String, String) {
    match verdict {
        Verdict::Allow { route, by } => match by {
            By::Scope(scope) => ("allow", route.clone(), scope.clone()),
            other => panic!("no route of the PBX policy is open by {other:?}"),
        },
        Verdict::MissingScope {
            route, accepted, ..
        } => ("missing_scope", route.clone(), accepted.join(" ")),
        Verdict::MethodNotListed { template, methods } => {
            ("method_not_listed", template.clone(), methods.join(" "))
        }
        Verdict::BadMethod => ("bad_method", String::new(), String::new()),
        Verdict::BadPath => ("bad_path", String::new(), String::new()),
        Verdict::UnknownRoute => ("unknown_route", String::new(), String::new()),
        Verdict::NoValidKey => ("missing_key", String::new(), String::new()),
    }
}

/// Header values and what they are, by the rules of RFC 9110 and RFC 6750.
fn headers() -> Vec<(Vec<u8>, &'static str)> {
    const TAIL: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcde";
    let key = format!("wsk-v1-{}", &TAIL[..93]);
    assert_eq!(key.len(), 100);
    let ok = [
        "Bearer KEY",
        "bearer KEY",
        "BEARER KEY",
        "bEaReR KEY",
        "Bearer  KEY",
        "Bearer      KEY",
    ];
    let missing = [
        "Basic dXNlcjpwYXNz",
        "Negotiate",
        "Digest a=b",
        "BearerX KEY",
        "Bear KEY",
        "Bearer-2 KEY",
        "Token KEY",
        "wsk-v1-x",
    ];
    let malformed = [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "Bearer   ",
        " Bearer KEY",
        "Bearer KEY ",
        "Bearer\tKEY",
        "Bearer \tKEY",
        "Bearer:KEY",
        "Bearer KEY KEY",
        "Bearer KEY,",
        "Bearer KEY, Bearer KEY",
        "Bearer \"KEY\"",
        "Bearer KEY0",
        "Bearer KEY=",
        "Bearer KEY\0",
        "Bearer KEY\r\n",
        "Bearer wsk-v1-",
        "Bearer wsk-v1",
        "Bearer 7",
        "Bearer\u{a0}KEY",
        "\0",
        ":",
        "KEY/",
    ];
    let with = |text: &str| text.replace("KEY", &key).into_bytes();
    let mut all = Vec::new();
    for (texts, answer) in [
        (&ok[..], "ok"),
        (&missing, "missing_key"),
        (&malformed, "malformed_key"),
    ] {
        all.extend(texts.iter().map(|text| (with(text), answer)));
    }
    // One byte of a proper key changed, in its prefix, its middle and its end.
    for (at, byte) in [
        (0, b'W'),
        (3, b'_'),
        (5, b'2'),
        (6, b'a'),
        (7, b'-'),
        (50, b'_'),
        (50, 0xFF),
        (50, 0),
        (99, b'.'),
    ] {
        let mut value = with("Bearer KEY");
        value[7 + at] = byte;
        all.push((value, "malformed_key"));
    }
    let mut short = with("Bearer KEY");
    short.pop();
    all.push((short, "malformed_key"));
    all
}

/// Writes visible ASCII and the space unchanged, other bytes and the backslash as `\xHH`.
fn escape(bytes: impl AsRef<[u8]>) -> String {
    let mut text = String::new();
    for &byte in bytes.as_ref() {
        match byte {
            b'\\' | 0..0x20 | 0x7F.. => write!(text, "\\x{byte:02X}").expect("into a String"),
            _ => text.push(char::from(byte)),
        }
    }
    text
}

fn unescape(text: &str) -> Vec<u8> {
    let mut pieces = text.split('\\');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let digits = piece.get(1..3).filter(|_| piece.starts_with('x'));
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.expect("a backslash is followed by xHH"));
        bytes.extend(&piece.as_bytes()[3..]);
    }
    bytes
}
