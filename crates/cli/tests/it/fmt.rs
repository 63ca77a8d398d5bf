//! `routescope fmt`, end to end.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};

use crate::common::{
    TempFile, expect, google_yaml, repository, run, run_with_closed_pipe, run_with_input,
};
use proptest::prelude::*;
use proptest::sample::select;
use routescope_compiler::document::RouteEntry;
use routescope_compiler::{Compiled, compile};

fn formatted(text: &str) -> String {
    run_with_input(&["fmt", "-"], text.as_bytes()).exits(0).out
}

#[test]
fn a_wild_file() {
    let text =
        fs::read_to_string(repository().join("crates/cli/tests/data/fmt/wild.yaml")).unwrap();
    let tame = formatted(&text);
    expect("data/fmt/tame.yaml", &tame);
    assert_eq!(formatted(&tame), tame);
    let check = run(&["fmt", "--check", "crates/cli/tests/data/fmt/wild.yaml"]).exits(1);
    expect("data/fmt/check.txt", &check.out);
    let json = run(&[
        "fmt",
        "--check",
        "--format",
        "json",
        "crates/cli/tests/data/fmt/wild.yaml",
    ])
    .exits(1)
    .json();
    assert_eq!(json["formatted"], false);
    assert_eq!(json["first_difference"]["line"], 4);
}

/// Names of any form, sets, `implies`, and routes that need no scope.
#[test]
fn a_wild_file_with_sets() {
    let wild = "crates/cli/tests/data/fmt/wild-sets.yaml";
    let text = fs::read_to_string(repository().join(wild)).unwrap();
    let tame = formatted(&text);
    expect("data/fmt/tame-sets.yaml", &tame);
    assert_eq!(formatted(&tame), tame);
    let digest = |text: &str| *compile("sets.yaml", text).unwrap().policy().digest();
    assert_eq!(digest(&text), digest(&tame));
}

/// Files without scopes, and lists without entries, stay what they are.
#[test]
fn empty_and_missing_lists() {
    for (text, wanted) in [
        (
            "version: 1\nname: open\npublic: [GET /]\n",
            "version: 1\nname: open\npublic:\n  - GET /\n",
        ),
        (
            "version: 1\nname: open\nany_key: [] # none\npublic: [GET /]\nimplies: {}\nscopes: {}\n",
            "version: 1\nname: open\nimplies: {}\npublic:\n  - GET /\nany_key: [] # none\n\nscopes: {}\n",
        ),
    ] {
        assert_eq!(formatted(text), wanted);
        assert_eq!(formatted(wanted), wanted);
    }
}

#[test]
fn the_tables_of_other_apis_are_in_canonical_form() {
    let folder = repository().join("tests/data/scope-model");
    let mut checked = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        // Those with a literal and a parameter in one segment do not compile.
        if path.extension().is_some_and(|end| end == "yaml") && compile("x.yaml", &text).is_ok() {
            assert_eq!(formatted(&text), text, "{}", path.display());
            checked += 1;
        }
    }
    assert!(checked >= 8, "{checked}");
}

#[test]
fn the_shipped_table_is_in_canonical_form() {
    let answer = run(&["fmt", "--check", "routes.yaml"]).exits(0);
    assert_eq!(answer.out, "");
    let json = run(&[
        "fmt",
        "--check",
        "--policy",
        "routes.yaml",
        "--format",
        "json",
    ])
    .exits(0)
    .json();
    assert_eq!(
        (&json["formatted"], &json["first_difference"]),
        (&true.into(), &serde_json::Value::Null)
    );
}

#[test]
fn a_file_in_place() {
    let text = fs::read_to_string(repository().join("routes.yaml")).unwrap();
    let file = TempFile::new(
        "routes.yaml",
        text.replace("\n    routes:\n", "\n\n    routes:\n"),
    );
    fs::set_permissions(file.path(), fs::Permissions::from_mode(0o604)).unwrap();
    let answer = run(&["fmt", &file.as_str()]).exits(0);
    assert!(
        answer
            .out
            .ends_with("routes.yaml: written in canonical form\n"),
        "{}",
        answer.out
    );
    assert_eq!(fs::read_to_string(file.path()).unwrap(), text);
    let metadata = fs::metadata(file.path()).unwrap();
    assert_eq!(metadata.mode() & 0o777, 0o604);
    assert_eq!(
        fs::read_dir(file.path().parent().unwrap()).unwrap().count(),
        1
    );
    // A file in canonical form is not written at all.
    run(&["fmt", &file.as_str()]).exits(0);
    assert_eq!(fs::metadata(file.path()).unwrap().ino(), metadata.ino());
}

/// A link stays one: the file that it leads to is written, and keeps its permissions.
#[test]
fn through_a_link() {
    let text = fs::read_to_string(repository().join("routes.yaml")).unwrap();
    let file = TempFile::new("routes.yaml", text.replace("\n\n", "\n"));
    fs::set_permissions(file.path(), fs::Permissions::from_mode(0o640)).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("link.yaml");
    std::os::unix::fs::symlink(file.path(), &link).unwrap();
    run(&["fmt", link.to_str().unwrap()]).exits(0);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::metadata(file.path()).unwrap().mode() & 0o777, 0o640);
    run(&["fmt", "--check", &file.as_str()]).exits(0);
    // No other file is left next to either.
    for folder in [elsewhere.path(), file.path().parent().unwrap()] {
        assert_eq!(fs::read_dir(folder).unwrap().count(), 1);
    }
}

/// A pipe that a program waits at, or a device, would be replaced by a file.
#[test]
fn what_is_no_regular_file_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&pipe, &link).unwrap();
    for name in [&pipe, &link] {
        let to = pipe.clone();
        // Waits for a reader, if there ever is one.
        std::thread::spawn(move || fs::write(to, "version: 1\nname: n\nscopes: {}\n# x\n"));
        let answer = run(&["fmt", name.to_str().unwrap()]).exits(2);
        assert!(
            answer
                .err
                .contains("is a pipe, and `fmt` writes files only\n  help: "),
            "{}",
            answer.err
        );
    }
    assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
    let answer = run(&["fmt", "/dev/null"]).exits(2);
    assert!(answer.err.contains("is a device"), "{}", answer.err);
    // Reading harms nothing.
    let answer = run(&["fmt", "--check", "/dev/null"]).exits(2);
    assert!(
        answer.err.contains("no policy in the file"),
        "{}",
        answer.err
    );
}

/// Files that cannot be rewritten without risk stay unchanged.
#[test]
fn what_is_refused() {
    let policy = |scope: &str| format!("version: 1\nname: t\nscopes:\n  \"a:read\":{scope}");
    let cases = [
        (
            "anchor",
            policy("\n    routes:\n      - &a GET /a\n  \"b:read\":\n    routes:\n      - *a\n"),
        ),
        (
            "anchored-scope",
            policy(" &a\n    routes: [GET /a]\n  \"b:read\": *a\n"),
        ),
        (
            "block-literal",
            policy("\n    summary: |\n      two\n      lines\n    routes: [GET /a]\n"),
        ),
        (
            "block-folded",
            policy(
                "\n    routes:\n      - route: GET /a\n        note: >-\n          two\n          lines\n",
            ),
        ),
        (
            "tag",
            policy("\n    summary: !!str x\n    routes: [GET /a]\n"),
        ),
        ("explicit-key", policy("\n    ? routes\n    : [GET /a]\n")),
        ("no-policy", policy("\n    routes: [GET a]\n")),
        ("empty", String::new()),
    ];
    let mut all = String::new();
    for (name, text) in cases {
        let file = TempFile::new("routes.yaml", &text);
        let answer = run(&["fmt", &file.as_str()]);
        assert_eq!((answer.code, answer.out.as_str()), (2, ""), "{name}");
        assert_eq!(fs::read_to_string(file.path()).unwrap(), text, "{name}");
        let folder = file.path().parent().unwrap().to_str().unwrap().to_owned() + "/";
        let _ = writeln!(all, "## {name}\n{}", answer.err.replace(&folder, ""));
    }
    expect("data/fmt/refused.txt", &all);
}

#[test]
fn unusual_values() {
    let text = "\u{feff}---\r\nversion: 1\r\nname: 't'\r\nglobal: '*:*'\r\npaths: {case: exact}\r\nscopes:\r\n  a:read:\r\n    summary: \"tab\\there, #1: \\u00fc 'x' \\\\ \\x07\"\r\n    routes: []\r\n  b:read: {routes: ['GET /a:', {route: GET /b, note: '12'}, 'GET /{*}', {literal: true, route: 'GET /:id/*', note: n}]}\r\n  c:read: ~\r\n  d:read:\r\n    routes: # none yet\r\n";
    let tame = formatted(text);
    expect("data/fmt/unusual.yaml", &tame);
    assert_eq!(formatted(&tame), tame);
}

#[test]
fn real_size() {
    let text = google_yaml();
    let file = TempFile::new("google.yaml", &text);
    run(&["fmt", &file.as_str()]).exits(0);
    run(&["fmt", "--check", &file.as_str()]).exits(0);
    run(&[
        "diff",
        &file.as_str(),
        &TempFile::new("old.yaml", &text).as_str(),
    ])
    .exits(0);
}

#[test]
fn what_cannot_be_read() {
    assert!(
        run(&["fmt", "missing.yaml"])
            .exits(2)
            .err
            .contains("cannot read missing.yaml")
    );
    let latin = TempFile::new("latin.yaml", b"version: 1\nname: caf\xE9\n");
    assert!(
        run(&["fmt", &latin.as_str()])
            .exits(2)
            .err
            .contains("is not UTF-8, from line 2 on")
    );
    let text = fs::read(repository().join("routes.yaml")).unwrap();
    run_with_input(&["fmt", "--check", "-"], &text).exits(0);
    assert_eq!(
        run_with_closed_pipe(&["fmt", "--check", "crates/cli/tests/data/fmt/wild.yaml"]).code,
        1
    );
}

/// The content of a policy, apart from its form.
fn said(compiled: &Compiled) -> String {
    let document = compiled.document();
    let mut text = format!(
        "{:?} {:?}\n",
        compiled.policy().digest(),
        document.method_rule()
    );
    for scope in &document.scopes {
        let mut names: Vec<&str> = scope.name.value.split(' ').collect();
        names.sort_unstable();
        let _ = writeln!(text, "{names:?} {:?}", scope.summary);
        write_routes(&mut text, &scope.routes);
    }
    for entry in &document.implies {
        let implied: Vec<&str> = entry.implied.iter().map(|name| &*name.value).collect();
        let _ = writeln!(text, "{} {implied:?}", entry.name.value);
    }
    for routes in [&document.public, &document.any_key] {
        let _ = writeln!(text, "open");
        write_routes(&mut text, routes);
    }
    text
}

fn write_routes(text: &mut String, routes: &[RouteEntry]) {
    for route in routes {
        let _ = writeln!(
            text,
            "  {} {:?} {}",
            route.text.value,
            route.note,
            route.overlap.is_some()
        );
    }
}

/// A line of a policy with comments and space around it.
#[derive(Clone, Debug)]
struct Dressed {
    above: Vec<(usize, &'static str)>,
    blanks: usize,
    behind: &'static str,
}

fn dressed() -> impl Strategy<Value = Dressed> {
    let above = prop::collection::vec(
        (0..10usize, select(vec!["# a", "#b: {", "", "# - GET /x"])),
        0..3,
    );
    let behind = select(vec!["", "", "", " # c", "   #d \"", "\t# e"]);
    (above, 0..3usize, behind).prop_map(|(above, blanks, behind)| Dressed {
        above,
        blanks,
        behind,
    })
}

/// Texts that a careless writer would leave without quotes, or put into them.
const TEXTS: &[&str] = &[
    "plain",
    "with: colon",
    "with #hash",
    "with # comment",
    "- dash",
    "'single'",
    "\"double\"",
    "*star",
    "12",
    "true",
    "~",
    "a, b",
    "{x}",
    "trailing:",
    "\u{fc}\u{df}",
    "back\\slash",
    " ",
    "=",
    "@at",
    "%percent",
    "? why",
    "null",
    "2026-05-28",
    "0x1f",
];

/// A text as YAML in one of several ways.
fn written(text: &str, way: usize) -> String {
    match way % 2 {
        0 => format!("'{}'", text.replace('\'', "''")),
        _ => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

fn policy() -> impl Strategy<Value = String> {
    let route = (
        0..6usize,
        prop::option::of(select(TEXTS)),
        any::<bool>(),
        0..4usize,
    );
    let scope = (
        prop::option::of(select(TEXTS)),
        prop::collection::vec(route, 0..4),
        0..4usize,
    );
    (
        prop::collection::vec(scope, 1..4),
        prop::collection::vec(dressed(), 80),
        0..24usize,
        any::<bool>(),
    )
        .prop_map(|(scopes, dress, order, key)| {
            let mut lines: Vec<(usize, String)> = Vec::new();
            let mut top: Vec<Vec<(usize, String)>> = vec![
                vec![(0, "version: 1".into())],
                vec![(0, "name: 'n'".into())],
                vec![(0, "umbrella: all".into())],
            ];
            if key {
                top.push(vec![
                    (0, "key:".into()),
                    (3, "length: 40".into()),
                    (3, "prefix: \"k-\"".into()),
                    (3, "alphabet: lower-hex".into()),
                ]);
            } else {
                top.push(vec![(
                    0,
                    "paths: {case: exact, trailing_slash: exact}".into(),
                )]);
            }
            let mut listed = vec![(0, "scopes:".to_owned())];
            for (i, (summary, routes, way)) in scopes.iter().enumerate() {
                listed.push((4, format!("s{i}:read:")));
                if let (Some(summary), true) = (summary, way % 2 == 0) {
                    listed.push((7, format!("summary: {}", written(summary, *way))));
                }
                if !routes.is_empty() {
                    listed.push((7, "routes:".into()));
                }
                for (j, (path, note, overlap, way)) in routes.iter().enumerate() {
                    let route = format!(
                        "GET /{i}/{j}{}",
                        ["", "/", "/{id}", "/a:b", "/~x,y", "/{*rest}"][*path]
                    );
                    match (note, way) {
                        (Some(note), 0 | 1) => {
                            listed.push((9, format!("-  note: {}", written(note, *way))));
                            listed.push((12, format!("route: '{route}'")));
                        }
                        (Some(note), _) => {
                            listed.push((9, format!("- route: \"{route}\"")));
                            listed.push((11, format!("note: {}", written(note, *way))));
                        }
                        (None, _) if *overlap => {
                            listed.push((9, format!("- route: {route}")));
                            listed.push((11, "overlap: allow".into()));
                        }
                        (None, _) => listed.push((9, format!("-  {route}"))),
                    }
                }
                if let (Some(summary), true) = (summary, way % 2 == 1) {
                    listed.push((7, format!("summary: {}", written(summary, *way))));
                }
            }
            for line in [
                (4, "z:read a:read:"),
                (6, "routes: ['GET /both']"),
                (4, "\"z:read\":"),
                (6, "routes:"),
                (8, "- GET /z"),
            ] {
                listed.push((line.0, line.1.to_owned()));
            }
            top.push(listed);
            let fields: [&[(usize, &str)]; 3] = [
                &[
                    (0, "implies:"),
                    (2, "'w:x':"),
                    (4, "- z:read"),
                    (4, "-   \"a:read\""),
                    (2, "y:x: [a:read, 'z:read']"),
                    (2, "a-long-name-that-fills-the-line-up-to-its-end:for-itself-alone: [a:read, z:read, 'w:x', 'y:x']"),
                ],
                &[
                    (0, "public:"),
                    (1, "- GET /open"),
                    (1, "-  note: 'n: m'"),
                    (4, "route: GET /{any}/open"),
                    (1, "- 'GET /closed'"),
                ],
                &[(0, "any_key: [GET /me, {route: GET /you}]")],
            ];
            for field in &fields[..order % 4] {
                let lines = field
                    .iter()
                    .map(|(indent, line)| (*indent, (*line).to_owned()));
                top.push(lines.collect());
            }
            let turn = order % top.len();
            top.rotate_left(turn);
            lines.extend(top.into_iter().flatten());
            let mut text = String::new();
            for ((indent, line), dress) in lines.iter().zip(dress.iter().cycle()) {
                for (indent, comment) in &dress.above {
                    let _ = writeln!(text, "{:indent$}{comment}", "");
                }
                text.push_str(&"\n".repeat(dress.blanks));
                let _ = writeln!(text, "{:indent$}{line}{}", "", dress.behind);
            }
            text
        })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 150,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Formatting keeps the content and the comments of any file, and formatting again changes
    /// nothing.
    #[test]
    fn random_policies(text in policy()) {
        let before = compile("random.yaml", &text).unwrap_or_else(|report| panic!("{text}\n{report}"));
        let tame = formatted(&text);
        let after = compile("random.yaml", &tame).unwrap_or_else(|report| panic!("{text}\n{tame}\n{report}"));
        prop_assert_eq!(said(&before), said(&after), "{}", text);
        prop_assert_eq!(formatted(&tame), tame.clone());
        let comments = |text: &str| {
            let comment = |line: &str| ["# a", "#b: {", "# - GET /x", " # c", "#d \"", "# e"].iter().position(|c| line.trim_end().ends_with(c));
            let mut found: Vec<usize> = text.lines().filter_map(comment).collect();
            found.sort_unstable();
            found
        };
        prop_assert_eq!(comments(&text).len(), comments(&tame).len());
    }
}
