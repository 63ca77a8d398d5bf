//! Policies that have nothing in common are not compared for ever.

use std::fmt::Write;

use routescope_compiler::compare::{Incomparable, compare};
use routescope_compiler::{Compiled, compile};

fn policy(scopes: &[String], routes: &(impl Iterator<Item = String> + Clone)) -> Compiled {
    let mut source = "version: 1\nname: t\nmethod_rule: none\nscopes:\n".to_owned();
    for scope in scopes {
        writeln!(source, "  \"{scope}\":\n    routes:").unwrap();
        for route in routes.clone() {
            writeln!(source, "      - {route}").unwrap();
        }
    }
    compile("t.yaml", &source).unwrap()
}

#[test]
fn policies_with_little_in_common_are_refused() {
    let one = ["things:use".to_owned()];
    let many: Vec<String> = (0..2_000).map(|i| format!("things:use{i}")).collect();
    for (what, old, new) in [
        (
            "each path of the one with each of the other",
            policy(&one, &(0..800).map(|i| format!("GET /a{i}/{{x}}/u"))),
            policy(&one, &(0..800).map(|i| format!("GET /{{p}}/b{i}/v"))),
        ),
        (
            "many scopes on many paths",
            policy(&many, &["GET /{*rest}".to_owned()].into_iter()),
            policy(&one, &(0..600).map(|i| format!("GET /a{i}"))),
        ),
    ] {
        let refused = compare(&old, &new).unwrap_err();
        assert_eq!(refused, Incomparable::TooDifferent, "{what}");
        assert!(compare(&old, &old).unwrap().is_same(), "{what}");
    }
}

/// Tables of real size differ by as much as an API may change at once.
#[test]
fn all_routes_of_a_large_table_may_change() {
    let old = policy(
        &["things:use".to_owned()],
        &(0..5_000).map(|i| format!("GET /a{i}/{{x}}")),
    );
    let new = policy(
        &["stuff:use".to_owned()],
        &(0..5_000).map(|i| format!("GET /b{i}/{{x}}")),
    );
    let comparison = compare(&old, &new).unwrap();
    assert_eq!(comparison.changes.len(), 10_000);
}
