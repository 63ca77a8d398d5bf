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
                        // More than `_`: a scope `1:_` is `_1`.
                        let is_told = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
                        prop_assert!(name.bytes().any(is_told), "{}", name);
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

/// A person's words are text in the comments: no link, no tag, no code, and nothing that reorders
/// what follows, with which rustc refuses a file.
#[test]
fn a_summary_is_only_text() {
    for (what, summary, comment) in [
        (
            "Markdown",
            r"see [x](y) <b>it</b> `now` \n */ pub fn f() {}",
            r"see \[x\](y) \<b\>it\</b\> \`now\` \*/ pub fn f() {}.",
        ),
        (
            "an override of the direction",
            r"see \u202Eit",
            r"see \\u{202e}it.",
        ),
        (
            "an isolate and its end",
            r"\u2066see it\u2069",
            r"\\u{2066}see it\\u{2069}.",
        ),
        ("nothing to see", r"a\u200Bb", r"a\\u{200b}b."),
        (
            "words of people",
            "Größe und Übersicht",
            "Größe und Übersicht.",
        ),
    ] {
        let text = format!(
            "version: 1\nname: t\nscopes:\n  \"a:read\":\n    summary: \"{summary}\"\n    routes: [GET /a]\n"
        );
        let source = compile("t.yaml", &text).unwrap().to_rust("t.yaml").unwrap();
        let line = format!("    /// `a:read`: {comment}");
        assert!(
            source.lines().any(|found| found == line),
            "{what}: {source}"
        );
    }
}

/// The name of a file and the command are text in the first lines, in both languages.
#[test]
fn a_file_name_is_only_text() {
    let text = "version: 1\nname: t\nscopes:\n  \"a:read\":\n    routes: [GET /a]\n";
    let compiled = compile("t.yaml", text).unwrap();
    for (what, file, shown) in [
        ("a space", "a b.yaml", "a b.yaml"),
        ("a line break", "a\nfn f() {}", r"a\nfn f() {}"),
        ("the end of a comment", "a*/b", "a*?b"),
        ("the beginning of a comment", "a/*b", "a/?b"),
        (
            "an override of the direction",
            "a\u{202e}lmay.b",
            r"a\u{202e}lmay.b",
        ),
        ("a separator of lines", "a\u{2028}b", r"a\u{2028}b"),
    ] {
        for generator in [Generator::new(), Generator::new().command(file)] {
            let rust = generator.rust(&compiled, file).unwrap().source;
            let c = generator.c_header(&compiled, file, None).unwrap();
            for (sign, code) in [("//", rust), (" *", c)] {
                let from = format!("{sign} @generated from {shown} by ");
                let again = format!("{shown}.");
                let mut lines = code.lines().skip_while(|line| !line.starts_with(&from));
                assert!(lines.next().is_some(), "{what}: {code}");
                let again = lines.next().is_some_and(|line| line.ends_with(&again));
                assert!(again, "{what}: {code}");
            }
        }
    }
}

/// The names in C begin with a prefix that is none of the library's own.
#[test]
fn prefixes_of_c() {
    let taken = "the library's own names begin with `ROUTESCOPE`";
    for (name, prefix, expected) in [
        ("shop", None, Ok("ROUTESCOPE_SHOP")),
        ("my.shop-2", None, Ok("ROUTESCOPE_MY_SHOP_2")),
        ("shop", Some("SHOP"), Ok("SHOP")),
        ("-", Some("SHOP"), Ok("SHOP")),
        (
            "-",
            None,
            Err("the name of the policy has no letter and no digit"),
        ),
        (
            "_",
            None,
            Err("the name of the policy has no letter and no digit"),
        ),
        (
            ".",
            None,
            Err("the name of the policy has no letter and no digit"),
        ),
        ("shop", Some(""), Err("`` cannot begin the names of C")),
        (
            "shop",
            Some("2SHOP"),
            Err("`2SHOP` cannot begin the names of C"),
        ),
        ("shop", Some("ROUTESCOPE"), Err(taken)),
        ("shop", Some("ROUTESCOPE_"), Err(taken)),
    ] {
        let text =
            format!("version: 1\nname: \"{name}\"\nscopes:\n  \"a:read\":\n    routes: [GET /a]\n");
        let compiled = compile("t.yaml", &text).unwrap();
        let header = Generator::new().c_header(&compiled, "t.yaml", prefix);
        match (header, expected) {
            (Ok(header), Ok(prefix)) => {
                let guard = format!("\n#ifndef {prefix}_NAMES_H\n#define {prefix}_NAMES_H\n");
                assert!(header.contains(&guard), "{name} {prefix:?}: {header}");
                assert!(
                    header.contains(&format!("\n#define {prefix}_ROUTES 1\n")),
                    "{header}"
                );
            }
            (Err(report), Err(said)) => {
                let report = report.to_string();
                assert!(report.contains(said), "{name} {prefix:?}: {report}");
            }
            (header, expected) => panic!("{name} {prefix:?}: {header:?}, expected {expected:?}"),
        }
    }
}
