//! Configurations with mistakes, and the example.

use std::path::Path;

use routescope_guard::Shadow;
use routescope_source::yaml;

use super::read::parse;
use super::shape::{self, DOCUMENT, Field, Shape};
use super::{Address, Config, Limits, LogConfig};

/// The configurations of `mistakes.txt`: a name, the text, and the lines that it gets.
const MISTAKES: &str = include_str!("mistakes.txt");

const EXAMPLE: &str = include_str!("../../dist/routescope-gateway.yaml");

/// The lines that a configuration gets.
fn told(text: &str) -> Vec<String> {
    match parse("f", text, Path::new("")) {
        Ok(_) => Vec::new(),
        Err(report) => {
            let problems = report.problems().iter();
            problems.map(|problem| report.one_line(problem)).collect()
        }
    }
}

#[test]
fn every_mistake_is_told_with_its_place_and_what_would_fix_it() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for case in MISTAKES.split("== ").skip(1) {
        let (name, case) = case.split_once('\n').unwrap();
        let (text, expected) = case.split_once("\n--\n").unwrap();
        let told = told(text).join("\n");
        if told != expected.trim_end() {
            wrong.push(format!("== {name}\n{text}\n--\n{told}\n"));
        }
        count += 1;
    }
    assert!(count > 50);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn dangerous_configurations_get_a_warning() {
    const OPEN: &str =
        "everybody who can reach the port may ask here (write the addresses of your gateways)";
    const CLEAR: &str = "keys and answers pass a network in the clear (add `tls`, or listen on loopback or on a unix socket)";
    const ALL: &str = "every user of this machine may ask here (add `users: [33]`, the users of the gateway's processes)";
    let cases: [(&str, &[&str]); 8] = [
        ("127.0.0.1:0", &[]),
        ("127.0.0.1:0, peers: [0.0.0.0/0]", &["f:2:61: {OPEN}"]),
        ("10.0.0.5:0, peers: [10.0.0.0/24]", &["f:2:40: {CLEAR}"]),
        (
            "\"[::]:0\", peers: [\"::/0\"]",
            &["f:2:40: {CLEAR}", "f:2:58: {OPEN}"],
        ),
        ("unix:/run/a/b.sock", &[]),
        ("unix:/run/a/b.sock, mode: \"0660\"", &[]),
        ("unix:/run/a/b.sock, mode: \"0666\"", &["f:2:66: {ALL}"]),
        ("unix:/run/a/b.sock, mode: \"0666\", users: [33]", &[]),
    ];
    for (place, expected) in cases {
        let text = format!("keys: k\nlisteners: [{{ gateway: nginx, address: {place} }}]");
        let config = parse("f", &text, Path::new("")).unwrap();
        let filled = |line: &&str| {
            line.replace("{OPEN}", OPEN)
                .replace("{CLEAR}", CLEAR)
                .replace("{ALL}", ALL)
        };
        let expected: Vec<String> = expected.iter().map(filled).collect();
        assert_eq!(config.warnings, expected, "{place}");
    }
}

#[test]
fn a_feature_that_is_missing_is_named() {
    let with = |listener: &str, rest: &str| {
        format!("keys: k\nlisteners: [{{ address: \"127.0.0.1:0\", gateway: {listener} }}]\n{rest}")
    };
    let tls = "nginx, tls: { certificate: c, key: k }";
    let tokens = "tokens: { issuer: \"https://a\", audience: b, keys: k }";
    let cases = [
        (
            "compiler",
            cfg!(feature = "compiler"),
            with("nginx", "refuse_wider: true"),
            "3:15",
        ),
        (
            "grpc",
            cfg!(feature = "grpc"),
            with("envoy-grpc", ""),
            "2:48",
        ),
        ("tls", cfg!(feature = "tls"), with(tls, ""), "2:60"),
        (
            "tokens",
            cfg!(feature = "tokens"),
            with("nginx", tokens),
            "3:9",
        ),
    ];
    for (feature, is_there, text, place) in cases {
        let expected = match is_there {
            true => Vec::new(),
            false => vec![format!(
                "f:{place}: this program was built without it (build it with `--features {feature}`)"
            )],
        };
        assert_eq!(told(&text), expected, "{feature}");
    }
}

fn example() -> Config {
    match parse(
        "routescope-gateway.yaml",
        EXAMPLE,
        Path::new("/etc/routescope"),
    ) {
        Ok(config) => config,
        Err(report) => panic!("{report}"),
    }
}

#[test]
fn the_example_has_the_defaults() {
    let config = example();
    assert_eq!(config.log, LogConfig::default());
    assert_eq!(config.limits, Limits::default());
    assert_eq!(config.threads, None);
    let bare = "keys: keys.yaml\nlisteners: [{ gateway: nginx, address: \"127.0.0.1:9180\" }]";
    let bare = parse("bare", bare, Path::new("/etc/routescope")).unwrap();
    let (listener, bare) = (&config.listeners[0], &bare.listeners[0]);
    assert_eq!(listener.place.address, bare.place.address);
    assert_eq!(listener.place.peers, bare.place.peers);
    assert_eq!(listener.path_prefix, bare.path_prefix);
    assert_eq!(
        listener.refuses_override_headers,
        bare.refuses_override_headers
    );
    assert_eq!(listener.shows_reason, bare.shows_reason);
    assert_eq!(
        (&listener.shadow, &bare.shadow),
        (&Shadow::OFF, &Shadow::OFF)
    );
    let admin = config.admin.unwrap().place.address;
    assert_eq!(admin, Address::Tcp(([127, 0, 0, 1], 9181).into()));
}

/// Fields that have no default are in the example as comments, `#policy: api.rsp`.
#[test]
fn the_example_has_every_field() {
    let uncommented = uncommented(EXAMPLE);
    let file = yaml::read_within(&uncommented, &super::read::LIMITS).unwrap();
    let mistakes = shape::mistakes(&file);
    assert!(mistakes.is_empty(), "{mistakes:?}\n{uncommented}");
    let mut missing = Vec::new();
    missing_fields(&DOCUMENT, &uncommented, &mut missing);
    assert!(missing.is_empty(), "{missing:?}");
}

fn uncommented(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let indent = line.len() - line.trim_start().len();
        let (space, rest) = line.split_at(indent);
        match rest.strip_prefix('#') {
            Some(field) if field.starts_with(|c: char| c.is_ascii_lowercase()) => {
                format!("{space}{field}\n")
            }
            _ => format!("{line}\n"),
        }
    });
    lines.collect()
}

fn missing_fields(shape: &Shape, text: &str, missing: &mut Vec<&'static str>) {
    match shape {
        Shape::Fields(fields) => {
            for Field { name, shape, .. } in *fields {
                let written = format!("{name}:");
                let mut words = text.split(|c: char| c.is_whitespace() || c == '{');
                if !words.any(|word| word == written) {
                    missing.push(name);
                }
                missing_fields(shape, text, missing);
            }
        }
        Shape::List(shape) => missing_fields(shape, text, missing),
        _ => {}
    }
}
