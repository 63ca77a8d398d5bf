//! The examples of the README that no doctest can run.

use routescope::{PathRule, RouteDenial};
use routescope_compiler::compile;

const README: &str = include_str!("../../README.md");

/// The first block of a language.
fn block(language: &str) -> &'static str {
    let fence = format!("```{language}\n");
    let (_, from) = README.split_once(&fence).expect("README has such a block");
    from.split_once("```").expect("the block ends").0
}

#[test]
fn the_example_compiles_without_a_warning() {
    let compiled = compile("README.yaml", block("yaml")).expect("the example is a proper policy");
    assert_eq!(compiled.warnings().problems(), []);
    let policy = compiled.policy();
    assert!(
        policy
            .authorize(&["files:Fetch"], "GET", "/files/a/b")
            .is_allow()
    );
}

#[test]
fn the_mistake_reads_as_shown() {
    let source = "version: 1\nname: orders\nscopes:\n  \"orders:read\":\n    routes:\n      - GET /orders/{id}/items/\n      - GET /orders/open/{what}/\n";
    let report = compile("routes.yaml", source)
        .expect_err("the two overlap")
        .to_string();
    let shown = block("text").replace(" ...", "");
    for line in shown.lines() {
        assert!(
            report.contains(line.trim_end()),
            "README shows `{line}`, the report is\n{report}"
        );
    }
}

/// The segments that rules 7 and 8 name.
#[test]
fn the_rules_about_affixes_refuse_what_is_shown() {
    let listed = "  - GET /things/{id}\n  - POST /things/{id}:cancel\n";
    let unlisted = "  - GET /things/{id}\n";
    let source = |options: &str, routes: &str| {
        format!("version: 1\nname: things\n{options}public:\n{routes}")
    };
    let shadows = Some(PathRule::ShadowsLiteral);
    let colon = Some(PathRule::ColonInValue);
    for (options, routes, segment, expected) in [
        ("", listed, "5:CANCEL", shadows),
        ("", listed, "5%3Acancel", shadows),
        ("", listed, ":cancel", shadows),
        ("", listed, "5:purge", None),
        ("paths: { values: no-colon }\n", unlisted, "5:purge", colon),
        (
            "paths: { values: no-colon }\n",
            unlisted,
            "5%3Apurge",
            colon,
        ),
    ] {
        let compiled = compile("things.yaml", &source(options, routes)).expect(segment);
        let target = format!("/things/{segment}");
        let denial = compiled
            .policy()
            .authorize(&[""; 0], "GET", &target)
            .denial();
        let rule = denial.map(|denial| match denial {
            RouteDenial::BadPath(bad) => bad.rule,
            other => panic!("{target}: {other}"),
        });
        assert_eq!(rule, expected, "{target}");
    }
}

/// A test of routescope-tower starts the example, and asks it by curl as it says.
#[test]
fn the_server_is_the_example_that_is_tested() {
    let example = include_str!("../../crates/tower/examples/axum.rs");
    let from = example.find("use axum").expect("the example uses axum");
    assert_eq!(block("rust,no_run"), &example[from..]);
    assert!(example.lines().count() <= 32, "short enough to read");
}
