//! Which policy is asked: `--policy`, else `ROUTESCOPE_POLICY`, else
//! `./routes.yaml`, else the built-in one; and that every answer names it.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use crate::common::{Answer, routescope};
use serde_json::Value;
use tempfile::TempDir;

/// A folder with a policy called `routes.yaml` and others next to it.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    for name in ["routes", "env", "named"] {
        write(&format!("{name}.yaml"), &policy(name));
    }
    write("broken.yaml", "version: 1\nname: [\n");
    write("tests.yaml", TESTS);
    write(
        "requests.jsonl",
        "{\"method\":\"GET\",\"target\":\"/a\",\"scopes\":[\"a:read\"]}\n{\n",
    );
    write("access.log", LOG);
    folder
}

fn policy(name: &str) -> String {
    format!(
        "version: 1\nname: {name}\nupdated: 2026-05-28\n\nscopes:\n  \"a:read\":\n    routes:\n      - GET /a\n"
    )
}

const TESTS: &str =
    "version: 1\ntests:\n  - request: GET /a\n    scopes: [\"a:read\"]\n    expect: deny\n";
const LOG: &str = "192.0.2.1 - - [01/Nov/2026:16:08:14 +0000] \"GET /a HTTP/1.1\" 200 0\n";

/// Every command that takes a policy.
const COMMANDS: [&[&str]; 9] = [
    &["explain", "GET", "/a", "--scope", "a:read"],
    &["routes"],
    &["routes", "--scope", "a:read"],
    &["routes", "--grep", "no such route"],
    &["test", "tests.yaml"],
    &["suggest", "access.log"],
    &["graph"],
    &["check"],
    &["decide", "requests.jsonl"],
];

fn ask(folder: &Path, arguments: &[&str], variable: Option<&str>) -> Answer {
    let mut command = routescope();
    command
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::null());
    if let Some(value) = variable {
        command.env("ROUTESCOPE_POLICY", value);
    }
    command.output().unwrap().into()
}

/// The policy that each command line, environment and folder leads to, first to last.
#[test]
fn the_first_that_is_there_decides() {
    let full = folder();
    let empty = folder();
    fs::remove_file(empty.path().join("routes.yaml")).unwrap();
    let named: &[&str] = &["--policy", "named.yaml"];
    type Case<'c> = (
        &'c TempDir,
        &'c [&'c str],
        Option<&'c str>,
        &'c str,
        &'c str,
    );
    let cases: [Case<'_>; 7] = [
        (&full, named, Some("env.yaml"), "named", "from named.yaml"),
        (&full, named, None, "named", "from named.yaml"),
        (
            &full,
            &[],
            Some("env.yaml"),
            "env",
            "from env.yaml, by ROUTESCOPE_POLICY",
        ),
        (&full, &[], None, "routes", "from routes.yaml"),
        (
            &empty,
            &[],
            Some("env.yaml"),
            "env",
            "from env.yaml, by ROUTESCOPE_POLICY",
        ),
        (&empty, named, None, "named", "from named.yaml"),
        (&empty, &[], None, "pbx", "built in"),
    ];
    for (folder, options, variable, name, origin) in cases {
        for command in COMMANDS {
            let answer = ask(folder.path(), &[command, options].concat(), variable);
            let first = answer.out.lines().next().unwrap_or_default();
            if command[0] == "decide" {
                let first: Value = serde_json::from_str(first).unwrap();
                assert_eq!(first["policy"], name);
                continue;
            }
            let wanted = format!("policy: {name}, updated 2026-05-28, {origin}");
            assert_eq!(first, wanted, "{command:?}: {}", answer.err);
        }
    }
}

/// Each document of JSON and each line of `decide`, errors among them.
#[test]
fn json_names_policy_and_digest() {
    let folder = folder();
    let digest = ask(folder.path(), &["routes", "--format", "json"], None).json()["digest"].clone();
    assert_eq!(digest.as_str().unwrap().len(), 64);
    let documents: [&[&str]; 2] = [&["fmt", "--check"], &["diff", "named.yaml"]];
    for command in COMMANDS.iter().chain(&documents) {
        let answer = ask(
            folder.path(),
            &[command, &["--format", "json"][..]].concat(),
            None,
        );
        let documents: Vec<Value> = if command[0] == "decide" {
            let lines = answer.out.lines();
            lines
                .map(|line| serde_json::from_str(line).unwrap())
                .collect()
        } else {
            vec![answer.json()]
        };
        for document in &documents {
            let (name, digest) = match command[0] {
                // The answer is about the new policy, so the digest is its.
                "diff" => ("named", &document["new"]["digest"]),
                _ => ("routes", &digest),
            };
            let of = document["policy"]
                .get("name")
                .unwrap_or(&document["policy"]);
            assert_eq!(of, name, "{command:?}");
            assert_eq!(&document["digest"], digest, "{command:?}");
        }
        assert_eq!(documents.len(), if command[0] == "decide" { 2 } else { 1 });
    }
}

/// A policy that is named and cannot be used is an error: an answer of the next
/// one would be the answer to another question.
#[test]
fn nothing_falls_back() {
    let folder = folder();
    fs::create_dir(folder.path().join("folder.yaml")).unwrap();
    let cases = [
        ("", "the environment's ROUTESCOPE_POLICY is empty"),
        ("missing.yaml", "cannot read missing.yaml"),
        ("folder.yaml", "cannot read folder.yaml"),
        ("broken.yaml", "broken.yaml"),
    ];
    for (value, why) in cases {
        for command in COMMANDS {
            let answer = ask(folder.path(), command, Some(value));
            // `check` answers about a file that does not compile.
            let code = if (command[0], value) == ("check", "broken.yaml") {
                1
            } else {
                2
            };
            let answer = answer.exits(code);
            assert!(
                (answer.err + &answer.out).contains(why),
                "{value}: {command:?}"
            );
        }
    }
    let answer = ask(folder.path(), &["routes"], Some("missing.yaml")).exits(2);
    assert!(
        answer
            .err
            .contains("help: the environment's ROUTESCOPE_POLICY names it"),
        "{}",
        answer.err
    );

    let routes = folder.path().join("routes.yaml");
    type Make = fn(&Path);
    let make: [(Make, &str); 3] = [
        (|at| fs::write(at, "version: 1\n").unwrap(), "routes.yaml"),
        (|at| fs::create_dir(at).unwrap(), "cannot read routes.yaml"),
        (
            |at| std::os::unix::fs::symlink("nowhere", at).unwrap(),
            "cannot read routes.yaml",
        ),
    ];
    for (make, why) in make {
        let _ = fs::remove_file(&routes);
        make(&routes);
        let answer = ask(folder.path(), &["routes"], None).exits(2);
        assert!(answer.err.contains(why), "{}", answer.err);
        assert_eq!(answer.out, "");
        let _ = fs::remove_dir(&routes);
    }
}

/// If no policy is asked, the environment's does not matter; nor does it count as a second
/// policy next to one that is an argument.
#[test]
fn what_is_not_asked_is_not_read() {
    let folder = folder();
    for command in [
        &["man"][..],
        &["check", "named.yaml"],
        &["fmt", "--check", "named.yaml"],
        &["diff", "named.yaml", "named.yaml"],
    ] {
        ask(folder.path(), command, Some("missing.yaml")).exits(0);
    }
}

#[test]
fn fmt_takes_the_folder_s_or_fails() {
    let folder = folder();
    let routes = folder.path().join("routes.yaml");
    let loose = policy("routes").replace("\n\n", "\n");
    fs::write(&routes, &loose).unwrap();
    // The file that the environment names may belong to somebody else, and `fmt` writes.
    let answer = ask(folder.path(), &["fmt"], Some("env.yaml")).exits(0);
    assert_eq!(answer.out, "routes.yaml: written in canonical form\n");
    assert_eq!(fs::read_to_string(&routes).unwrap(), policy("routes"));
    fs::remove_file(&routes).unwrap();
    let answer = ask(folder.path(), &["fmt"], Some("env.yaml")).exits(2);
    assert!(
        answer.err.contains("no routes.yaml in the current folder"),
        "{}",
        answer.err
    );
    let answer = ask(
        folder.path(),
        &["fmt", "env.yaml", "-p", "named.yaml"],
        None,
    )
    .exits(2);
    assert!(answer.err.contains("two policies"), "{}", answer.err);
}

/// `diff FILE` compares with the folder's policy; with itself, the answer would
/// be an empty difference that nobody asked for.
#[test]
fn diff_with_one_file() {
    let folder = folder();
    let answer = ask(folder.path(), &["diff", "env.yaml"], None).exits(0);
    assert!(
        answer.out.starts_with("old: routes.yaml\nnew: env.yaml\n"),
        "{}",
        answer.out
    );
    for (variable, file) in [
        (None, "routes.yaml"),
        (None, "./routes.yaml"),
        (Some("env.yaml"), "env.yaml"),
    ] {
        let answer = ask(folder.path(), &["diff", file], variable).exits(2);
        assert!(
            answer.err.contains("is the old policy and the new one"),
            "{}",
            answer.err
        );
    }
    // A user who names the same file twice gets the comparison, not an error.
    ask(folder.path(), &["diff", "env.yaml", "env.yaml"], None).exits(0);
    ask(folder.path(), &["diff", "env.yaml", "-p", "env.yaml"], None).exits(0);
}

#[test]
fn one_standard_input_for_one_thing() {
    let folder = folder();
    for command in [
        &["test", "-", "--policy", "-"][..],
        &["decide", "-", "--policy", "-"],
        &["suggest", "-", "--policy", "-"],
    ] {
        let answer = ask(folder.path(), command, None).exits(2);
        assert!(answer.err.contains("standard input"), "{}", answer.err);
        let answer = ask(folder.path(), &command[..2], Some("-")).exits(2);
        assert!(answer.err.contains("standard input"), "{}", answer.err);
    }
}
