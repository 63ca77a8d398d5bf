//! Parameters with a text beside them, and forbidden colons, as the commands tell of them.

use crate::common::{TempFile, run};

const POLICY: &str = "version: 1
name: t
paths: { values: no-colon }
scopes:
  \"orders:read\":
    routes:
      - GET /orders/{id}
      - GET /keys/key={key}
  \"orders:*\":
    routes:
      - POST /orders/{id}:cancel
";

/// A request, and parts of what `explain` says of it.
#[test]
fn explanations() {
    let file = TempFile::new("routes.yaml", POLICY);
    for (method, target, parts) in [
        (
            "GET",
            "/orders/5:x",
            &[
                "colon_in_value",
                "No value contains a colon",
                "Use a value without a colon",
            ][..],
        ),
        (
            "GET",
            "/orders/5%22",
            &["shadows_literal", "the segment `{}:cancel` could stand"],
        ),
        (
            "GET",
            "/orders/5:cancel",
            &["method_not_listed", "`{id}` takes any one value"],
        ),
        (
            "GET",
            "/keys/KEY=5",
            &["unknown_route", "write `key={key}` for `KEY=5`"],
        ),
        (
            "POST",
            "/orders/{id}:cancel",
            &["is a template of the policy", "`/orders/1:cancel`"],
        ),
    ] {
        let answer = run(&["explain", method, target, "-p", &file.as_str()]).exits(1);
        for part in parts {
            assert!(
                answer.out.contains(part),
                "{target}: {part}\n{}",
                answer.out
            );
        }
    }
}

#[test]
fn a_graph_names_the_parameters() {
    let file = TempFile::new("routes.yaml", POLICY);
    let answer = run(&["graph", "-p", &file.as_str()]).exits(0);
    for label in ["{id}:cancel", "key={key}"] {
        assert!(answer.out.contains(label), "{}", answer.out);
    }
}
