//! `routescope graph`, from the outside.

use std::collections::BTreeSet;

use crate::common::{
    Answer, TempFile, expect, google_yaml, run, run_with_closed_pipe, run_with_input,
};
use serde_json::Value;

/// Paths with and without a slash at the end, a catch-all, and a route under
/// two scopes of different resources.
const ODD: &str = "\
version: 1
name: odd
method_rule: none
scopes:
  \"files:read\":
    routes:
      - GET /files
      - GET /files/
      - GET /files/{*path}
      - GET /shared/{id}/
  \"shares:*\":
    routes:
      - GET /shared/{name}/
      - PUT /shared/{name}/
";

fn graph(arguments: &[&str]) -> Answer {
    run(&[&["graph"], arguments].concat())
}

fn odd(arguments: &[&str]) -> Answer {
    run_with_input(
        &[&["graph", "--policy", "-"], arguments].concat(),
        ODD.as_bytes(),
    )
}

#[test]
fn pictures_of_the_built_in_policy() {
    expect("graph/pbx.txt", &graph(&[]).exits(0).out);
    expect("graph/pbx.dot", &graph(&["--as", "dot"]).exits(0).out);
    expect("graph/pbx.mmd", &graph(&["--as", "mermaid"]).exits(0).out);
    expect("graph/pbx.svg", &graph(&["--as", "svg"]).exits(0).out);
}

#[test]
fn pictures_of_odd_paths() {
    expect("graph/odd.txt", &odd(&[]).exits(0).out);
    expect("graph/odd.dot", &odd(&["--as", "dot"]).exits(0).out);
    expect("graph/odd.mmd", &odd(&["--as", "mermaid"]).exits(0).out);
    expect("graph/odd.svg", &odd(&["--as", "svg"]).exits(0).out);
}

#[test]
fn a_part() {
    let answer = graph(&["--resource", "sounds", "--resource", "smtp"]).exits(0);
    expect("graph/part.txt", &answer.out);
    // Runs that have become single are collapsed.
    let answer = graph(&["--resource", "sounds"]).exits(0);
    assert!(answer.out.contains("/api/v1/sounds/"), "{}", answer.out);
}

/// The picture of the repository's README, which is made by
/// `routescope graph --format svg --resource sounds --resource phonebooks`.
#[test]
fn the_picture_in_the_readme() {
    let part = ["--resource", "sounds", "--resource", "phonebooks"];
    let answer = graph(&[&["--format", "svg"], &part[..]].concat()).exits(0);
    expect("../../../docs/pbx-part.svg", &answer.out);
}

/// Every route is in every kind of picture.
#[test]
fn nothing_is_left_out() {
    let tree = graph(&["--format", "json"]).exits(0).json();
    let mut routes = BTreeSet::new();
    collect(&tree["tree"], &mut routes);
    let policy: BTreeSet<String> = routescope::pbx::POLICY
        .routes()
        .map(|route| route.to_string())
        .collect();
    // A path is written as its first route writes it: `{id}` for `{ids}`.
    let shape = |route: &String| {
        let parts = route
            .split('/')
            .map(|part| if part.starts_with('{') { "{}" } else { part });
        parts.collect::<Vec<_>>().join("/")
    };
    assert_eq!(
        routes.iter().map(shape).collect::<BTreeSet<_>>(),
        policy.iter().map(shape).collect()
    );
    let methods = [" GET ", "POST ", "PUT ", "DELETE "];
    for kind in ["human", "dot", "mermaid"] {
        let picture = graph(&["--format", kind]).exits(0).out;
        let shown: usize = methods
            .map(|method| picture.matches(method.trim_start()).count())
            .iter()
            .sum();
        assert_eq!(shown, 110, "{kind}");
    }
    let svg = graph(&["--as", "svg"]).exits(0).out;
    assert_eq!(svg.matches("class=\"method\"").count(), 110);
}

fn collect(node: &Value, routes: &mut BTreeSet<String>) {
    for end in node["ends"].as_array().unwrap() {
        assert_eq!(
            end["path"].as_str().unwrap().ends_with('/'),
            end["slash"].as_bool().unwrap()
        );
        for route in end["routes"].as_array().unwrap() {
            assert!(!route["scopes"].as_array().unwrap().is_empty());
            let method = route["method"].as_str().unwrap();
            routes.insert(format!("{method} {}", end["path"].as_str().unwrap()));
        }
    }
    for child in node["children"].as_array().unwrap() {
        assert!(!child["label"].as_str().unwrap().is_empty());
        collect(child, routes);
    }
}

#[test]
fn json_names_the_resources() {
    let value = graph(&["--format", "json", "--resource", "sounds"])
        .exits(0)
        .json();
    assert_eq!(value["policy"], "pbx");
    assert_eq!(value["resources"], serde_json::json!(["sounds"]));
    assert_eq!(value["tree"]["label"], "api/v1/sounds");
}

#[test]
fn resources_that_are_none() {
    let answer = graph(&["--resource", "sound"]).exits(2);
    assert!(
        answer.err.contains("did you mean `sounds`?"),
        "{}",
        answer.err
    );
    let answer = graph(&["--resource", "sounds:read"]).exits(2);
    assert!(
        answer
            .err
            .contains("write the resource alone: `--resource sounds`"),
        "{}",
        answer.err
    );
    let answer = graph(&["--resource", "elephants"]).exits(2);
    assert!(
        answer.err.contains("there are aclgroups, callcontrol,"),
        "{}",
        answer.err
    );
}

#[test]
fn files_that_cannot_be_read() {
    let answer = graph(&["--policy", "no-such-file.yaml"]).exits(2);
    assert!(
        answer.err.contains("cannot read no-such-file.yaml"),
        "{}",
        answer.err
    );
    run_with_input(&["graph", "--policy", "-"], b"name: \xFF\n").exits(2);
    let answer = run_with_input(&["graph", "--policy", "-"], b"").exits(2);
    assert!(
        answer.err.contains("there is no policy in the file"),
        "{}",
        answer.err
    );
    let answer = graph(&["--format", "html"]).exits(2);
    assert!(
        answer
            .err
            .contains("[possible values: human, json, dot, mermaid, svg]"),
        "{}",
        answer.err
    );
}

#[test]
fn a_policy_without_routes() {
    let empty = "version: 1\nname: none\nscopes: {}\n";
    for kind in ["text", "dot", "mermaid", "svg"] {
        let arguments = ["graph", "--policy", "-", "--as", kind];
        let answer = run_with_input(&arguments, empty.as_bytes()).exits(0);
        assert!(answer.out.contains("none: 0 routes"), "{}", answer.out);
    }
}

#[test]
fn a_closed_pipe() {
    for kind in ["text", "dot", "mermaid", "svg"] {
        assert_eq!(
            run_with_closed_pipe(&["graph", "--as", kind]).exits(0).err,
            ""
        );
    }
}

#[test]
fn a_policy_of_5203_routes() {
    let google = TempFile::new("google.yaml", google_yaml());
    let google = google.as_str();
    let svg = graph(&["--policy", &google, "--as", "svg"]).exits(0).out;
    assert_eq!(svg.matches("class=\"method\"").count(), 5203);
    let answer = graph(&["--policy", &google, "--as", "mermaid"]).exits(0);
    assert!(
        answer.err.contains("show a part with --resource"),
        "{}",
        answer.err
    );
    let part = graph(&["--policy", &google, "--resource", "youtube.v3.captions"])
        .exits(0)
        .out;
    assert!(
        part.contains("\n\ngoogle: 5 routes of youtube.v3.captions\n"),
        "{part}"
    );
}
