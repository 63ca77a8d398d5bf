//! `routescope diff`, end to end.

use crate::common::{
    TempFile, expect, google_yaml, repository, run, run_with_closed_pipe, run_with_input,
};

/// A file of `tests/data/diff`, from the folder that the command runs in.
fn data(name: &str) -> String {
    format!("crates/cli/tests/data/diff/{name}")
}

#[test]
fn for_people() {
    let answer = run(&["diff", &data("old.yaml"), &data("new.yaml")]).exits(1);
    expect("data/diff/human.txt", &answer.out);
    assert_eq!(answer.err, "");
}

#[test]
fn for_a_review() {
    let arguments = [
        "diff",
        &data("old.yaml"),
        &data("new.yaml"),
        "--format",
        "markdown",
    ];
    expect("data/diff/markdown.md", &run(&arguments).exits(1).out);
}

#[test]
fn for_programs() {
    let arguments = [
        "diff",
        &data("old.yaml"),
        &data("new.yaml"),
        "--format",
        "json",
    ];
    let answer = run(&arguments).exits(1);
    expect("data/diff/json.json", &answer.out);
    let json = answer.json();
    assert_eq!(json["wider"], true);
    assert_eq!(json["narrower"], true);
    assert_eq!(json["counts"]["moved"], 1);
}

#[test]
fn the_same_in_other_words() {
    let old = data("old.yaml");
    let answer = run(&["diff", &old, &old]).exits(0);
    expect("data/diff/same.txt", &answer.out);

    let text = std::fs::read_to_string(repository().join(&old)).unwrap();
    let other = TempFile::new(
        "other.yaml",
        text.replace("name: shop", "name: store")
            .replace("{item}", "{number}"),
    );
    let answer = run(&["diff", &old, &other.as_str()]).exits(0);
    assert!(
        answer.out.contains("no difference in what they decide"),
        "{}",
        answer.out
    );
    let json = run(&["diff", &old, &other.as_str(), "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(
        (&json["same"], &json["changes"]),
        (&true.into(), &serde_json::json!([]))
    );
}

#[test]
fn widening_can_be_denied() {
    let text = std::fs::read_to_string(repository().join("routes.yaml")).unwrap();
    let narrower = TempFile::new(
        "n.yaml",
        text.replace("      - GET /api/v1/pbx/version/\n", ""),
    );
    let narrower = narrower.as_str();
    // Without a second file, the policy of the folder is compared with the first one.
    let answer = run(&["diff", &narrower]).exits(1);
    assert!(
        answer.out.starts_with("old: routes.yaml\n"),
        "{}",
        answer.out
    );
    run(&["diff", "--deny", "widening", &narrower]).exits(0);
    run(&["diff", "--deny", "widening", &narrower, "routes.yaml"]).exits(1);
    run(&[
        "diff",
        "--deny",
        "widening",
        "--policy",
        &narrower,
        "routes.yaml",
    ])
    .exits(1);
}

/// Removing a literal gives its paths, with other methods, to the parameter in the same
/// position.
#[test]
fn what_a_removed_route_kept_back_is_wider() {
    let text = std::fs::read_to_string(repository().join("routes.yaml")).unwrap();
    let new = TempFile::new(
        "n.yaml",
        text.replace("      - POST /api/v1/device/resettoken/\n", ""),
    );
    let answer = run(&["diff", "--format", "json", &new.as_str()]).exits(1);
    let json = answer.json();
    assert_eq!(json["wider"], true);
    let uncovered = json["changes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|change| change["kind"] == "uncovered")
        .unwrap();
    assert_eq!(uncovered["witness"]["target"], "/api/v1/device/resettoken/");
    assert_eq!(uncovered["new"], "PUT /api/v1/device/{id}/");
    assert_eq!(uncovered["gained"][0], serde_json::json!(["devices:*"]));
}

#[test]
fn long_lists_are_cut_unless_asked_for() {
    let text = std::fs::read_to_string(repository().join("routes.yaml")).unwrap();
    let new = TempFile::new(
        "n.yaml",
        text.replace("trailing_slash: exact", "trailing_slash: optional"),
    );
    let answer = run(&["diff", &new.as_str()]).exits(1);
    assert!(
        answer.out.contains("... and 90 more; --all shows them"),
        "{}",
        answer.out
    );
    let all = run(&["diff", "--all", &new.as_str()]).exits(1).out;
    assert_eq!(all.matches("answers more paths, by an option").count(), 110);
    assert!(all.contains("paths.trailing_slash: exact -> optional"));
}

#[test]
fn real_size() {
    let text = google_yaml();
    let old = TempFile::new("old.yaml", &text);
    let first = "      - GET /abusiveexperiencereport/v1/violatingSites\n";
    assert!(text.contains(first));
    let new = TempFile::new(
        "new.yaml",
        text.replace(first, &first.replace("GET /", "GET /x/")),
    );
    let json = run(&["diff", "--format", "json", &old.as_str(), &new.as_str()])
        .exits(1)
        .json();
    assert_eq!(json["old"]["routes"], 5203);
    assert_eq!(json["changes"].as_array().unwrap().len(), 2);
    run(&["diff", &old.as_str(), &old.as_str()]).exits(0);
}

#[test]
fn standard_input() {
    let text = std::fs::read(repository().join(data("new.yaml"))).unwrap();
    let answer = run_with_input(&["diff", &data("old.yaml"), "-"], &text).exits(1);
    assert!(answer.out.contains("new: standard input"));
    let answer = run(&["diff", "-", "-"]).exits(2);
    assert!(
        answer
            .err
            .contains("both policies cannot come from standard input")
    );
    run_with_input(&["diff", "--policy", "-", "-"], &text).exits(2);
}

#[test]
fn what_cannot_be_read() {
    let old = data("old.yaml");
    let answer = run(&["diff", &old, "missing.yaml"]).exits(2);
    assert!(
        answer.err.contains("cannot read missing.yaml"),
        "{}",
        answer.err
    );
    let empty = TempFile::new("empty.yaml", "");
    let answer = run(&["diff", &old, &empty.as_str()]).exits(2);
    assert!(
        answer.err.contains("there is no policy in the file"),
        "{}",
        answer.err
    );
    let latin = TempFile::new("latin.yaml", b"version: 1\nname: caf\xE9\n");
    let answer = run(&["diff", &latin.as_str(), &old]).exits(2);
    assert!(
        answer.err.contains("is not UTF-8, from line 2 on"),
        "{}",
        answer.err
    );
    run(&["diff"]).exits(2);
    run(&["diff", &old, &old, &old]).exits(2);
    let answer = run(&["diff", "--policy", &old, &old, &old]).exits(2);
    assert!(
        answer.err.contains("three policies to compare"),
        "{}",
        answer.err
    );
    let answer = run(&["diff", &old, &old, "--format", "csv"]).exits(2);
    assert!(
        answer
            .err
            .contains("[possible values: human, json, markdown]"),
        "{}",
        answer.err
    );
}

#[test]
fn nobody_reads() {
    for format in ["human", "json", "markdown"] {
        let arguments = [
            "diff",
            &data("old.yaml"),
            &data("new.yaml"),
            "--format",
            format,
        ];
        let answer = run_with_closed_pipe(&arguments);
        // The exit code says it all the same.
        assert_eq!((answer.code, answer.err.as_str()), (1, ""), "{format}");
    }
}

#[test]
fn colours_only_where_wanted() {
    let (old, new) = (data("old.yaml"), data("new.yaml"));
    assert!(!run(&["diff", &old, &new]).out.contains('\x1b'));
    assert!(
        run(&["diff", "--color", "always", &old, &new])
            .out
            .contains('\x1b')
    );
}
