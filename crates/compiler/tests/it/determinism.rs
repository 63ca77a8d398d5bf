//! Same policy, same bytes, whatever the file's order and words; another
//! policy, another digest.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use proptest::prelude::*;
use routescope_compiler::{Generator, compile};

/// A `routes.yaml` to take apart and put together in another way.
#[derive(Clone, Debug)]
struct File {
    header: Vec<(&'static str, String)>,
    scopes: Vec<(String, Vec<String>)>,
}

impl File {
    /// Methods are changed below without asking what they may be listed under,
    /// and templates without asking what they overlap.
    fn text(&self) -> String {
        let mut text = String::from("version: 1\nmethod_rule: none\n");
        for (field, value) in &self.header {
            writeln!(text, "{field}: {value}").unwrap();
        }
        text.push_str("scopes:\n");
        for (scope, routes) in &self.scopes {
            writeln!(text, "  \"{scope}\":\n    routes:").unwrap();
            for route in routes {
                writeln!(text, "      - route: {route}\n        overlap: allow").unwrap();
            }
        }
        text
    }

    fn set(&self, field: &'static str, value: &str) -> Self {
        let mut other = self.clone();
        other.header.retain(|(known, _)| *known != field);
        if !value.is_empty() {
            other.header.push((field, value.to_owned()));
        }
        other
    }

    fn routes(&self) -> impl Iterator<Item = (usize, usize)> {
        let count = |(scope, (_, routes)): (usize, &(String, Vec<String>))| {
            (0..routes.len()).map(move |route| (scope, route))
        };
        self.scopes.iter().enumerate().flat_map(count)
    }
}

fn pbx_text() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../routes.yaml");
    std::fs::read_to_string(file).unwrap()
}

fn pbx() -> File {
    let compiled = compile("routes.yaml", &pbx_text()).unwrap();
    let scopes = compiled.document().scopes.iter().map(|scope| {
        let routes = scope.routes.iter().map(|route| route.text.value.clone());
        (scope.name.value.clone(), routes.collect())
    });
    File {
        header: vec![
            ("name", "pbx".into()),
            ("updated", "2026-05-28".into()),
            ("umbrella", "pbx".into()),
            (
                "key",
                "{ prefix: wsk-v1-, length: 100, alphabet: alphanumeric }".into(),
            ),
            ("paths", "{ trailing_slash: exact, case: exact }".into()),
        ],
        scopes: scopes.collect(),
    }
}

fn rust(text: &str) -> String {
    compile("routes.yaml", text)
        .unwrap_or_else(|report| panic!("{report}"))
        .to_rust("routes.yaml")
        .unwrap_or_else(|report| panic!("{report}"))
}

/// The tables of generated code, without the names and comments above them.
fn tables(text: &str) -> String {
    let source = rust(text);
    let (_, tables) = source.split_once("const TABLES: ").unwrap();
    tables.to_owned()
}

/// The generated code, or nothing if names collide: with names, and without.
fn any_rust(text: &str) -> (Option<String>, String) {
    let compiled = compile("routes.yaml", text).unwrap_or_else(|report| panic!("{report}"));
    let nameless = Generator::new().names(false).rust(&compiled, "routes.yaml");
    (
        compiled.to_rust("routes.yaml").ok(),
        nameless.unwrap().source,
    )
}

fn digest(text: &str) -> Option<[u8; 32]> {
    compile("routes.yaml", text)
        .ok()
        .map(|compiled| *compiled.policy().digest())
}

#[test]
fn same_text_same_bytes() {
    let text = pbx_text();
    let first = rust(&text);
    // Hash maps take another order each time they are made.
    for _ in 0..5 {
        assert_eq!(rust(&text), first);
    }
}

/// Summaries, notes, comments, `method_rule` and unneeded permissions decide
/// nothing, so that what `File` leaves out is not missed.
#[test]
fn same_policy_same_bytes() {
    assert_eq!(tables(&pbx().text()), tables(&pbx_text()));
}

#[test]
fn words_do_not_count() {
    let text = pbx_text();
    let (bytes, known) = (rust(&text), digest(&text));
    // A summary is in the comment of a constant, and a name is that of the constant.
    for (what, other) in [
        ("summary", text.replace("summary: ", "summary: Really, ")),
        ("no summary", without_lines(&text, "    summary:")),
        (
            "name of a scope",
            text.replace(
                "  \"trunks:read\":\n",
                "  \"trunks:read\":\n    name: SEE_TRUNKS\n",
            ),
        ),
        (
            "name of a route",
            text.replace(
                "      - GET /api/v1/trunks/sip/\n",
                "      - route: GET /api/v1/trunks/sip/\n        name: ListTrunks\n",
            ),
        ),
    ] {
        assert_ne!(rust(&other), bytes, "{what}");
        assert_eq!(tables(&other), tables(&text), "{what}");
        assert_eq!(digest(&other), known, "{what}");
    }
    for (name, other) in [
        ("comment", format!("# nothing\n{text}# at all\n")),
        ("spacing", text.replace("\n\n", "\n\n\n")),
        ("line ends", text.replace('\n', "\r\n")),
        (
            "note",
            text.replace(
                "      - GET /api/v1/trunks/sip/\n",
                "      - route: GET /api/v1/trunks/sip/\n        note: all of them\n",
            ),
        ),
        (
            "quotes",
            text.replace("- GET /api/v1/trunks/sip/", "- \"GET /api/v1/trunks/sip/\""),
        ),
    ] {
        assert_ne!(other, text, "{name}");
        assert_eq!(rust(&other), bytes, "{name}");
    }
    // The day is printed, and no decision depends on it.
    let later = text.replace("updated: 2026-05-28", "updated: 2027-01-01");
    assert_ne!(rust(&later), bytes);
    assert_eq!(digest(&later), known);
    assert_eq!(digest(&without_lines(&text, "updated:")), known);
}

fn without_lines(text: &str, start: &str) -> String {
    text.split_inclusive('\n')
        .filter(|line| !line.starts_with(start))
        .collect()
}

#[test]
fn every_change_changes_the_digest() {
    let sound = pbx();
    let mut seen = BTreeSet::from([digest(&sound.text()).unwrap()]);
    let mut tried = 0;
    let mut changed = |what: String, file: &File| {
        // A change may make two routes one or break another rule.
        if let Some(digest) = digest(&file.text()) {
            tried += 1;
            assert!(seen.insert(digest), "{what}");
        }
    };
    for (field, values) in [
        ("name", &["pbx2", "PBX"][..]),
        ("umbrella", &["", "all", "colleagues"]),
        ("global", &["\"*:*\""]),
        (
            "key",
            &[
                "",
                "{ prefix: wsk-v2-, length: 100, alphabet: alphanumeric }",
                "{ prefix: wsk-v1-, length: 101, alphabet: alphanumeric }",
                "{ prefix: wsk-v1-, length: 100, alphabet: base64url }",
            ],
        ),
        (
            "paths",
            &[
                "{ trailing_slash: optional }",
                "{ case: insensitive }",
                "{ case: insensitive, trailing_slash: optional }",
            ],
        ),
    ] {
        for value in values {
            changed(format!("{field}: {value}"), &sound.set(field, value));
        }
    }
    for scope in 0..sound.scopes.len() {
        let mut without = sound.clone();
        let (name, _) = without.scopes.remove(scope);
        changed(format!("without {name}"), &without);
        let mut renamed = sound.clone();
        renamed.scopes[scope].0 = format!("other{name}");
        changed(format!("renamed {name}"), &renamed);
        // A scope without routes is still one that a key may hold.
        let mut empty = sound.clone();
        empty.scopes[scope].1.clear();
        changed(format!("empty {name}"), &empty);
    }
    // CI changes every route, an ordinary run each fourth one.
    let thorough = std::env::var_os("ROUTESCOPE_THOROUGH").is_some_and(|value| value == "1");
    let (step, least) = if thorough { (1, 400) } else { (4, 150) };
    let places: Vec<(usize, usize)> = sound.routes().step_by(step).collect();
    for (scope, route) in places {
        let with = |text: Option<String>| {
            let mut file = sound.clone();
            match text {
                Some(text) => file.scopes[scope].1[route] = text,
                None => {
                    file.scopes[scope].1.remove(route);
                }
            }
            file
        };
        let text = &sound.scopes[scope].1[route];
        let (_, path) = text.split_once(' ').unwrap();
        // The only route of a scope was removed with "empty".
        if sound.scopes[scope].1.len() > 1 {
            changed(format!("without {text}"), &with(None));
        }
        changed(
            format!("OPTIONS {text}"),
            &with(Some(format!("OPTIONS {path}"))),
        );
        changed(
            format!("longer {text}"),
            &with(Some(format!("{text}more/"))),
        );
        changed(
            format!("no slash {text}"),
            &with(Some(text.trim_end_matches('/').to_owned())),
        );
        if let Some(named) = text.find('{') {
            // The name is printed in logs, and so is part of the policy.
            let mut other = text.clone();
            other.insert_str(named + 1, "the");
            changed(format!("named {text}"), &with(Some(other)));
        }
    }
    assert!(tried > least, "{tried}");
}

/// Lines over few words, so that templates meet, and are named differently
/// where they do.
fn any_line() -> impl Strategy<Value = (&'static str, String)> {
    let word = prop::sample::select(vec!["a", "b", "c:d", "{p}", "{q}"]);
    let template =
        (prop::collection::btree_set(word, 0..4), any::<bool>()).prop_map(|(words, slash)| {
            let mut text: String = words.iter().map(|word| format!("/{word}")).collect();
            text.push_str(if slash || text.is_empty() { "/" } else { "" });
            text
        });
    (
        prop::sample::select(vec!["a:read", "a:*", "b:read", "u:*"]),
        prop::sample::select(vec!["GET", "HEAD", "PUT"]),
        template,
    )
        .prop_map(|(scope, method, template)| (scope, format!("{method} {template}")))
}

/// Lines of which none is listed twice, which would be an error.
fn any_lines() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    prop::collection::vec(any_line(), 1..24).prop_map(|mut lines| {
        let mut seen = BTreeSet::new();
        lines.retain(|(scope, route)| {
            seen.insert((*scope, route.replace("{p}", "{}").replace("{q}", "{}")))
        });
        lines
    })
}

fn file_of(lines: &[(&str, String)]) -> File {
    let mut file = File {
        header: vec![("name", "any".into()), ("umbrella", "u".into())],
        scopes: Vec::new(),
    };
    for (scope, route) in lines {
        match file.scopes.iter_mut().find(|(known, _)| known == scope) {
            Some((_, routes)) => routes.push(route.clone()),
            None => file.scopes.push(((*scope).to_owned(), vec![route.clone()])),
        }
    }
    file
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_does_not_count_in_the_pbx_policy(
        order in Just((0..pbx().scopes.len()).collect::<Vec<_>>()).prop_shuffle(),
        turn in any::<prop::sample::Index>(),
    ) {
        let sound = pbx();
        let mut other = sound.clone();
        other.scopes = order.iter().map(|&scope| sound.scopes[scope].clone()).collect();
        for (_, routes) in &mut other.scopes {
            let middle = turn.index(routes.len());
            routes.rotate_left(middle);
            routes[..middle].reverse();
        }
        other.header.rotate_left(turn.index(sound.header.len()));
        prop_assert_eq!(rust(&other.text()), rust(&sound.text()));
    }

    #[test]
    fn order_does_not_count_in_any_policy(
        (lines, shuffled) in any_lines()
            .prop_flat_map(|lines| (Just(lines.clone()), Just(lines).prop_shuffle())),
    ) {
        prop_assert_eq!(any_rust(&file_of(&lines).text()), any_rust(&file_of(&shuffled).text()));
    }
}
