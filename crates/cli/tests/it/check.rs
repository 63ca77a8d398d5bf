//! `routescope check`, from the outside.

use crate::common::{
    TempFile, expect, google_yaml, routescope, run, run_with_closed_pipe, run_with_input,
};
use serde_json::json;

const GOOD: &str = "\
version: 1
name: shop
scopes:
  \"orders:read\":
    routes:
      - GET /orders/
      - GET /orders/{id}/
";

const WARNS: &str = "\
version: 1
name: shop
scopes:
  \"orders:read\":
    routes:
      - GET /orders/
  \"orders:*\":
";

const BAD: &str = "\
version: 1
name: shop
scopes:
  \"orders:read\":
    routes:
      - GET orders/
      - POST /orders/
  \"orders:*\":
    rotues:
      - POST /orders/
";

/// Removes the figures that vary from run to run, such as times; the JSON's fields are checked.
fn timeless(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let masked = ["  tables", "  proof", "  time"]
            .into_iter()
            .any(|word| line.starts_with(word));
        let figure = |c: char| if masked && c.is_ascii_digit() { '_' } else { c };
        let line: String = line.chars().map(figure).collect();
        // However many digits there are.
        let mut short = String::new();
        for c in line.chars() {
            if c != '_' || !short.ends_with('_') {
                short.push(c);
            }
        }
        short + "\n"
    });
    lines.collect()
}

fn named(name: &'static str, text: &str, arguments: &[&str]) -> crate::common::Answer {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), text).unwrap();
    let output = routescope()
        .current_dir(&folder)
        .args(["check", name])
        .args(arguments)
        .output()
        .unwrap();
    output.into()
}

#[test]
fn the_built_in_policy() {
    let answer = run(&["check"]).exits(0);
    expect("check/pbx.txt", &timeless(&answer.out));
    assert_eq!(answer.err, "");
}

#[test]
fn the_built_in_policy_with_notes() {
    let answer = run(&["check", "routes.yaml", "--notes"]).exits(0);
    expect("check/pbx-notes.txt", &timeless(&answer.out));
}

#[test]
fn errors_with_their_lines() {
    let answer = named("routes.yaml", BAD, &[]).exits(1);
    expect("check/errors.txt", &answer.out);
    assert_eq!(answer.err, "");
}

#[test]
fn warnings_pass_unless_denied() {
    let answer = named("routes.yaml", WARNS, &[]).exits(0);
    expect("check/warnings.txt", &timeless(&answer.out));
    let answer = named("routes.yaml", WARNS, &["--deny", "warnings"]).exits(1);
    expect("check/warnings-denied.txt", &timeless(&answer.out));
    named("routes.yaml", GOOD, &["--deny", "warnings"]).exits(0);
}

#[test]
fn an_empty_file() {
    let answer = named("routes.yaml", "", &[]).exits(1);
    expect("check/empty.txt", &answer.out);
}

#[test]
fn json_of_a_good_policy() {
    let value = run(&["check", "--format", "json"]).exits(0).json();
    assert_eq!(value["ok"], true);
    assert_eq!(value["file"], "routes.yaml");
    assert_eq!(value["problems"], json!([]));
    let summary = &value["summary"];
    assert_eq!(summary["policy"], "pbx");
    assert_eq!(summary["updated"], "2026-05-28");
    assert_eq!(summary["routes"], 110);
    assert_eq!(summary["templates"], 77);
    assert_eq!(
        summary["scopes"],
        json!({ "declared": 25, "known": 29, "opaque": false, "sets": 0, "implies": 0 })
    );
    assert_eq!(
        (&summary["public"], &summary["any_key"]),
        (&json!([]), &json!([]))
    );
    let digest: String = routescope::pbx::POLICY
        .digest()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(summary["digest"], digest);
    assert_eq!(summary["bytes"], routescope::pbx::POLICY.tables().size());
    assert_eq!(
        summary["states"],
        routescope::pbx::POLICY.tables().states.len()
    );
    assert!(summary["proof"]["pairs"].as_u64().unwrap() >= 91);
    assert!(summary["proof"]["steps"].as_u64().unwrap() >= 110);
    assert!(summary["build_seconds"].as_f64().unwrap() > 0.0);
}

/// A policy that uses all that goes beyond one scope a route.
const SETS: &str = "\
version: 1
name: boards
scope_names: opaque
implies:
  \"boards.admin\": [boards.read, boards.write]
public:
  - POST /login
  - GET /health
any_key:
  - GET /me
scopes:
  boards.read:
    routes:
      - GET /boards
  boards.read boards.write:
    routes:
      - POST /boards
      - PUT /boards
";

#[test]
fn open_routes_and_sets_are_counted() {
    let answer = named("routes.yaml", SETS, &["--deny", "warnings"]).exits(0);
    expect("check/sets.txt", &timeless(&answer.out));
    let value = named("routes.yaml", SETS, &["--format", "json"])
        .exits(0)
        .json();
    let summary = &value["summary"];
    assert_eq!(summary["public"], json!(["GET /health", "POST /login"]));
    assert_eq!(summary["any_key"], json!(["GET /me"]));
    assert_eq!(
        summary["scopes"],
        json!({ "declared": 3, "known": 3, "opaque": true, "sets": 1, "implies": 2 })
    );

    // Many public routes do not fill the screen.
    let many: String = (0..30).map(|i| format!("  - GET /p{i}\n")).collect();
    let many = SETS.replace("public:\n", &format!("public:\n{many}"));
    let answer = named("routes.yaml", &many, &[]).exits(0);
    assert!(
        answer
            .out
            .contains("  public   32 routes: no key is looked at\n"),
        "{}",
        answer.out
    );
    assert!(
        answer
            .out
            .contains("    and 22 more, which `--format json` has\n"),
        "{}",
        answer.out
    );
}

#[test]
fn json_of_problems() {
    let value = named("routes.yaml", BAD, &["--format", "json"])
        .exits(1)
        .json();
    assert_eq!(value["ok"], false);
    assert_eq!(value["summary"], json!(null));
    let problems = value["problems"].as_array().unwrap();
    assert!(problems.len() >= 2, "{problems:#?}");
    let field = problems
        .iter()
        .find(|problem| problem["line"] == 9)
        .unwrap();
    assert_eq!(field["severity"], "error");
    assert!(field["message"].as_str().unwrap().contains("`rotues`"));
    assert_eq!(field["column"], 5);
    assert_eq!(field["end"], json!({ "line": 9, "column": 11 }));
    assert_eq!(field["help"], json!(["did you mean `routes`?"]));
    assert_eq!(field["others"], json!([]));

    let twice = GOOD.replace("{id}/", "{id}/\n      - GET /orders/");
    let value = named("routes.yaml", &twice, &["--format", "json"])
        .exits(1)
        .json();
    let [other] = value["problems"][0]["others"]
        .as_array()
        .unwrap()
        .as_slice()
    else {
        panic!("{value:#}");
    };
    assert_eq!((&other["line"], &other["column"]), (&json!(6), &json!(9)));
    assert!(!other["label"].as_str().unwrap().is_empty());
}

#[test]
fn json_of_denied_warnings() {
    let arguments = ["--format", "json", "--deny", "warnings"];
    let value = named("routes.yaml", WARNS, &arguments).exits(1).json();
    assert_eq!(value["ok"], false);
    assert_eq!(value["problems"][0]["severity"], "warning");
    assert_eq!(value["summary"]["routes"], 1);
}

#[test]
fn standard_input() {
    run_with_input(&["check", "-"], GOOD.as_bytes()).exits(0);
    run_with_input(&["check", "--policy", "-"], GOOD.as_bytes()).exits(0);
    let answer = run_with_input(&["check", "-"], BAD.as_bytes()).exits(1);
    assert!(answer.out.contains("standard input:6:"), "{}", answer.out);
}

#[test]
fn files_that_cannot_be_read() {
    let answer = run(&["check", "no-such-file.yaml"]).exits(2);
    assert_eq!(answer.out, "");
    assert!(
        answer
            .err
            .starts_with("error: cannot read no-such-file.yaml"),
        "{}",
        answer.err
    );
    assert!(
        answer.err.contains("help: check the name"),
        "{}",
        answer.err
    );

    let answer = run(&["check", "crates"]).exits(2);
    assert!(
        answer.err.contains("help: name a file in it"),
        "{}",
        answer.err
    );

    let answer = run_with_input(&["check", "-"], b"version: 1\nname: \xFF\n").exits(2);
    assert_eq!(
        answer.err,
        "error: standard input is not UTF-8, from line 2 on\n  help: save it as UTF-8\n"
    );
}

#[test]
fn two_policies_are_one_too_many() {
    let answer = run(&["check", "a.yaml", "--policy", "b.yaml"]).exits(2);
    assert!(
        answer.err.contains("two policies, a.yaml and b.yaml"),
        "{}",
        answer.err
    );
}

#[test]
fn other_formats_are_refused() {
    let answer = run(&["check", "--format", "csv"]).exits(2);
    assert!(
        answer.err.contains("[possible values: human, json]"),
        "{}",
        answer.err
    );
}

/// Nobody reads, and the exit code still says whether there are errors.
#[test]
fn a_closed_pipe() {
    assert_eq!(run_with_closed_pipe(&["check"]).exits(0).err, "");
    let bad = TempFile::new("routes.yaml", BAD);
    assert_eq!(
        run_with_closed_pipe(&["check", &bad.as_str()]).exits(1).err,
        ""
    );
    // More than fits into a buffer.
    let mut many = BAD.to_owned();
    for i in 0..2000 {
        many.push_str(&format!("    field{i}x: 1\n"));
    }
    let many = TempFile::new("routes.yaml", many);
    assert_eq!(
        run_with_closed_pipe(&["check", &many.as_str()])
            .exits(1)
            .err,
        ""
    );
}

#[test]
fn colours_are_for_terminals_and_those_who_ask() {
    let bad = TempFile::new("routes.yaml", BAD);
    let plain = run(&["check", &bad.as_str()]).exits(1).out;
    assert!(!plain.contains('\x1b'));
    let colourful = run(&["check", &bad.as_str(), "--color", "always"])
        .exits(1)
        .out;
    assert!(colourful.contains('\x1b'));
}

#[test]
fn a_policy_of_5203_routes() {
    let google = TempFile::new("google.yaml", google_yaml());
    let value = run(&["check", &google.as_str(), "--notes", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(value["summary"]["routes"], 5203);
    let notes = value["problems"].as_array().unwrap();
    assert_eq!(
        notes
            .iter()
            .filter(|problem| problem["severity"] == "note")
            .count(),
        112
    );
    let value = run(&["check", &google.as_str(), "--format", "json"])
        .exits(0)
        .json();
    assert!(
        value["problems"]
            .as_array()
            .unwrap()
            .iter()
            .all(|problem| problem["severity"] == "warning")
    );
}
