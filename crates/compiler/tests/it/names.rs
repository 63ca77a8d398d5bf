//! The names of generated code: each scope and each route has one, and it is its own.

use std::collections::BTreeSet;

use proptest::prelude::*;
use routescope_compiler::{Generator, MAX_NAMED_ROUTES, compile};

/// Texts with what a rule for names has to do something about.
fn any_word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "a",
        "b",
        "A",
        "aB",
        "a-b",
        "a_b",
        "a.b",
        "HTTPServer",
        "v1",
        "2fa",
        "self",
        "type",
        "fn",
        "Self",
        "_",
        "-",
        "all",
        "ALL",
        "__a",
        "a1",
        "1",
    ])
}

fn any_policy() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        4 => any_word().prop_map(|word| format!("/{word}")),
        1 => any_word().prop_map(|word| format!("/{{{}}}", word.replace(['-', '.'], "_"))),
        1 => Just("/{}".to_owned()),
    ];
    let template =
        (prop::collection::vec(segment, 0..4), any::<bool>()).prop_map(|(segments, slash)| {
            match segments.concat() {
                path if path.is_empty() || slash => path + "/",
                path => path,
            }
        });
    let route = (prop::sample::select(vec!["GET", "PUT", "DELETE"]), template)
        .prop_map(|(method, template)| format!("{method} {template}"));
    let scope = (
        any_word(),
        prop_oneof![any_word(), Just("*")],
        prop::collection::vec(route, 1..4),
    );
    prop::collection::vec(scope, 1..5).prop_map(|scopes| {
        let mut text = "version: 1\nname: t\nmethod_rule: none\nscopes:\n".to_owned();
        for (resource, action, routes) in scopes {
            text += &format!("  \"{resource}:{action}\":\n    routes:\n");
            for route in routes {
                text += &format!("      - route: {route}\n        overlap: allow\n");
            }
        }
        text
    })
}

/// The names of constants and variants in generated code.
fn names(source: &str) -> (Vec<&str>, Vec<&str>) {
    let (_, scopes) = source.split_once("pub mod scopes {").unwrap();
    let (scopes, rest) = scopes.split_once("const fn scope").unwrap();
    let (_, variants) = rest.split_once("pub enum Route {").unwrap();
    let (variants, _) = variants.split_once("\n}").unwrap();
    let constants = scopes
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub const "));
    let variants = variants
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("///"));
    (
        constants
            .filter_map(|line| Some(line.split_once(':')?.0))
            .collect(),
        variants.filter_map(|line| line.strip_suffix(',')).collect(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_name_is_an_identifier_and_stands_once(text in any_policy()) {
        let Ok(compiled) = compile("t.yaml", &text) else {
            return Ok(());
        };
        match compiled.to_rust("t.yaml") {
            Ok(source) => {
                let (constants, variants) = names(&source);
                prop_assert_eq!(constants.len(), compiled.policy().scopes().len());
                prop_assert_eq!(variants.len(), compiled.policy().routes().len());
                for names in [constants, variants] {
                    let unique: BTreeSet<&str> = names.iter().copied().collect();
                    prop_assert_eq!(unique.len(), names.len());
                    for name in names {
                        let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                        prop_assert!(is_word && !name.starts_with(|c: char| c.is_ascii_digit()), "{}", name);
                        prop_assert!(name.bytes().any(|byte| byte.is_ascii_uppercase()), "{}", name);
                        prop_assert!(name != "Self", "{}", name);
                    }
                }
            }
            Err(report) => {
                let report = report.to_string();
                prop_assert!(report.contains("in generated code"), "{}", report);
            }
        }
    }
}

#[test]
fn names_are_left_out_above_a_number_of_routes() {
    let policy = |routes: usize| {
        let lines: String = (0..routes)
            .map(|i| format!("      - GET /r{i}\n"))
            .collect();
        let text = format!("version: 1\nname: t\nscopes:\n  \"a:read\":\n    routes:\n{lines}");
        compile("t.yaml", &text).unwrap()
    };
    let (most, more) = (policy(MAX_NAMED_ROUTES), policy(MAX_NAMED_ROUTES + 1));
    for (what, compiled, generator, named, noted) in [
        ("the most", &most, Generator::new(), true, false),
        ("one more", &more, Generator::new(), false, true),
        (
            "more, as asked for",
            &more,
            Generator::new().names(true),
            true,
            false,
        ),
        (
            "none, as asked for",
            &more,
            Generator::new().names(false),
            false,
            false,
        ),
    ] {
        let generated = generator.rust(compiled, "t.yaml").unwrap();
        assert_eq!(generated.source.contains("pub enum Route"), named, "{what}");
        assert_eq!(generated.docs.contains("scopes::A_READ"), named, "{what}");
        assert_eq!(generated.note.is_some(), noted, "{what}");
    }
}

/// A person's words are text in the comments: no link, no tag, and no code.
#[test]
fn a_summary_is_only_text() {
    let text = "version: 1\nname: t\nscopes:\n  \"a:read\":\n    summary: \"see [x](y) <b>it</b> `now` \\n */ pub fn f() {}\"\n    routes: [GET /a]\n";
    let source = compile("t.yaml", text).unwrap().to_rust("t.yaml").unwrap();
    let line = r"    /// `a:read`: see \[x\](y) \<b\>it\</b\> \`now\` \*/ pub fn f() {}.";
    assert!(source.lines().any(|found| found == line), "{source}");
}
