//! Thousands of problems are told in a few lines.

use std::fmt::Write;

use crate::common::{TempFile, run, run_with_input};

/// 659 operations with two mistakes between them, as a description of that size
/// has; each mistake was shown 659 times, in 5,273 lines.
#[test]
fn d23_each_kind_once_with_a_count_and_examples() {
    let mut text = "openapi: 3.0.0\ninfo: {title: t, version: v1}\npaths:\n".to_owned();
    for number in 0..659 {
        let path = if number % 2 == 0 {
            format!("/a{number}")
        } else {
            format!("/a{number}/{{x}}.{{y}}")
        };
        let security = if number % 2 == 0 {
            ""
        } else {
            "      security: [{o: [\"a:read\"]}]\n"
        };
        let parameters = if number % 2 == 0 {
            ""
        } else {
            "      parameters: [{name: x, in: path, required: true, schema: {type: string}}, {name: y, in: path, required: true, schema: {type: string}}]\n"
        };
        write!(text, "  {path}:\n    get:\n{security}{parameters}      responses: {{\"200\": {{description: ok}}}}\n").unwrap();
    }
    text += "components:\n  securitySchemes:\n    o: {type: oauth2, flows: {implicit: {authorizationUrl: \"https://a/\", scopes: {\"a:read\": a}}}}\n";
    let file = TempFile::new("d23.yaml", &text);
    let answer = run(&["import", "--from", "openapi", &file.as_str()]).exits(2);
    let lines = answer.err.lines().count();
    assert!(lines < 100, "{lines} lines:\n{}", answer.err);
    assert_eq!(
        answer.err.matches(" more of this kind, at ").count(),
        2,
        "{}",
        answer.err
    );
    // The first line says so, and the last.
    assert_eq!(
        answer.err.matches("d23.yaml: 659 errors").count(),
        2,
        "{}",
        answer.err
    );
}

/// People are shown a few of each kind; programs get all.
#[test]
fn check_shows_a_few_and_json_has_all() {
    let mut text = "version: 1\nname: t\nscopes:\n  \"a:read\":\n    routes:\n".to_owned();
    for _ in 0..3_000 {
        text += "      - get /a\n";
    }
    let answer = run_with_input(&["check", "-"], text.as_bytes()).exits(1);
    assert!(answer.out.len() < 5_000, "{}", answer.out);
    assert!(
        answer
            .out
            .contains("2990 more like \"`get` is not a method\""),
        "{}",
        answer.out
    );
    assert!(answer.out.contains("3000 errors"), "{}", answer.out);
    let json = run_with_input(&["check", "-", "--format", "json"], text.as_bytes())
        .exits(1)
        .json();
    let problems = json["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 3_000);
    assert_eq!(problems[2_999]["line"], 3_005);
}
