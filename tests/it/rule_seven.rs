//! Rule 7 refuses, and never changes which template wins: small policies in which many
//! literals resemble each other, asked for every path over few words.
//!
//! `ROUTESCOPE_POLICIES=20000 cargo test --release --test it rule_seven` asks for more
//! than a test run can wait for, and prints how many answers were compared.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use routescope::{Decision, RouteDenial};
use routescope_compiler::compile;

use crate::implementations::verdict;
use crate::oracle::{Heading, Listed, Oracle};
use crate::random::{World, with_value, world_of};

/// Literals for policies, each with spellings that only requests have.
const WORDS: &[(&str, &[&str])] = &[
    ("a", &["A", "x"]),
    ("A", &["a"]),
    ("aB", &["ab", "AB", "Ab"]),
    ("ab", &["aB"]),
    ("a:b", &["A:b", "a%3Ab", "a%3aB"]),
    ("A:b", &["a:B", "A%3Ab"]),
    ("x%7By", &["x%7by", "X%7BY"]),
    ("{p}:b", &["q:b", "q:B", ":b", "q%3Ab"]),
    ("x({p})", &["x(q)", "X(q)", "x()", "x(q)+", "x(%22)"]),
    ("b", &["B"]),
    ("B", &["b"]),
];

/// A template of literals, parameters and perhaps a catch-all.
fn template() -> impl Strategy<Value = Vec<&'static str>> {
    let words: Vec<&'static str> = WORDS.iter().map(|(word, _)| *word).collect();
    let segment = prop_oneof![3 => select(words), 2 => Just("{p}")];
    let end = select(vec!["", "", "/", "{*}", "{*}"]);
    (prop::collection::vec(segment, 0..4), end).prop_map(|(mut segments, end)| {
        segments.push(end);
        segments
    })
}

fn listed((segments, scope): (Vec<&str>, bool)) -> Listed {
    let mut template = String::new();
    for (i, segment) in segments.iter().enumerate() {
        match *segment {
            "" => {}
            "/" => template.push('/'),
            "{p}" => template.push_str(&format!("/{{p{i}}}")),
            "{*}" => template.push_str("/{*rest}"),
            word => {
                let segment = with_value(word, &format!("{{p{i}}}"));
                template.push_str(&format!("/{}", segment.as_deref().unwrap_or(word)));
            }
        }
    }
    Listed {
        heading: Heading::of(if scope { "r:read" } else { "s:read" }),
        method: "GET".to_owned(),
        template: if template.is_empty() {
            "/".to_owned()
        } else {
            template
        },
    }
}

fn policy() -> impl Strategy<Value = World> {
    let lines = prop::collection::vec((template(), any::<bool>()), 2..7);
    let options = (0..8u8).prop_map(|n| Oracle {
        case_insensitive: n == 0 || n == 3,
        trailing_slash_optional: n == 1,
        no_colon: n == 2 || n == 3,
        ..Oracle::default()
    });
    (options, lines)
        .prop_map(|(options, lines)| world_of(options, lines.into_iter().map(listed).collect()))
}

/// Every path of up to four segments over the words that matter to the policy.
fn paths(world: &World) -> Vec<String> {
    let templates = || world.oracle.routes.iter();
    let mut asked: Vec<&str> = vec!["x"];
    for (word, spellings) in WORDS {
        let is_word = |text: &str| with_value(text, "{p}").as_deref().unwrap_or(text) == *word;
        let used = templates().any(|line| line.template.split('/').any(is_word));
        if used {
            asked.extend((!word.contains('{')).then_some(*word));
            asked.extend(*spellings);
        }
    }
    asked.sort_unstable();
    asked.dedup();
    let longest = templates().map(|line| line.template.matches('/').count());
    let longest = longest.max().unwrap_or_default().min(4);
    // As many as can be waited for: longer paths over fewer words.
    let mut paths = vec![String::new()];
    let mut from = 0;
    for _ in 0..longest {
        let until = paths.len();
        for at in from..until {
            for word in &asked {
                paths.push(format!("{}/{word}", paths[at]));
            }
        }
        from = until;
        if paths.len() > 4_000 {
            break;
        }
    }
    let with_slash: Vec<String> = paths.iter().map(|path| format!("{path}/")).collect();
    paths.extend(with_slash);
    paths
}

#[test]
fn the_winner_is_the_most_specific_and_then_its_values_are_looked_at() {
    let policies = std::env::var("ROUTESCOPE_POLICIES")
        .ok()
        .and_then(|policies| policies.parse().ok())
        .unwrap_or(8);
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), seed);
    let (mut compared, mut allowed, mut refused) = (0usize, 0usize, 0usize);
    for _ in 0..policies {
        let world = policy().new_tree(&mut runner).expect("a policy").current();
        let compiled = compile("rule-seven.yaml", &world.source)
            .unwrap_or_else(|report| panic!("{}\n{report}", world.source));
        let policy = compiled.policy();
        for path in paths(&world) {
            let want = world.oracle.decide(&["r:read"], b"GET", path.as_bytes());
            let decision = policy.authorize(&["r:read"], "GET", &path);
            assert_eq!(verdict(decision), want, "GET {path}\n{}", world.source);
            compared += 1;
            allowed += usize::from(decision.is_allow());
            if let Decision::Deny(RouteDenial::BadPath(bad)) = decision {
                let segment = path[..bad.at].matches('/').count().checked_sub(1);
                let want = world.oracle.refused_segment(path.as_bytes());
                assert_eq!(segment, want, "GET {path}: {bad}\n{}", world.source);
                refused += 1;
            }
        }
    }
    #[allow(
        clippy::print_stdout,
        reason = "who asks for more wants to know how much it was"
    )]
    {
        println!("{compared} answers compared: {allowed} allowed, {refused} refused paths");
    }
    assert!(allowed * 200 > compared && refused * 200 > compared);
}

/// A target and the answer when the held scope is `loose:use`.
type Asked = (&'static str, &'static str);

/// A name, the scopes of a policy, and its requests.
const CASES: &[(&str, &str, &[Asked])] = &[
    (
        "a literal with a case collision does not make a wider template win",
        "
  strict:use: { routes: [{ route: 'GET /b/{x}/{*rest}', overlap: allow }] }
  loose:use: { routes: [{ route: 'GET /{p}/A/{q}', overlap: allow }, 'GET /{p}/a'] }",
        &[
            ("/b/A/z", "bad_path"),
            ("/c/A/z", "allow"),
            ("/c/a", "allow"),
            ("/c/a/z", "unknown_route"),
        ],
    ),
    (
        "without the collision, the narrower template asks for its scope",
        "
  strict:use: { routes: [{ route: 'GET /b/{x}/{*rest}', overlap: allow }] }
  loose:use: { routes: [{ route: 'GET /{p}/A/{q}', overlap: allow }] }",
        &[("/b/A/z", "missing_scope"), ("/c/A/z", "allow")],
    ),
    (
        "a case collision earlier in the path does not lift the rule after it",
        "
  strict:use: { routes: [{ route: 'GET /A/{x}/A/{*rest}', overlap: allow }] }
  loose:use: { routes: [{ route: 'GET /{p}/aB/{q}/{r}', overlap: allow }, 'GET /{p}/ab'] }",
        &[
            ("/A/aB/a/z", "bad_path"),
            ("/A/aB/A/z", "bad_path"),
            ("/B/aB/a/z", "allow"),
        ],
    ),
];

#[test]
fn cases() {
    for (name, scopes, asked) in CASES {
        let source = format!("version: 1\nname: t\nmethod_rule: none\nscopes:{scopes}\n");
        let compiled = compile(name, &source).unwrap_or_else(|report| panic!("{name}: {report}"));
        let policy = compiled.policy();
        for (target, want) in *asked {
            let decision = policy.authorize(&["loose:use"], "GET", target);
            let got = decision
                .denial()
                .map_or("allow", |denial| denial.reason().as_str());
            assert_eq!(got, *want, "{name}: {target}");
        }
    }
}
