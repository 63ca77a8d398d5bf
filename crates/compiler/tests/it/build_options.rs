//! The options of a build: its name, its directory, and whether warnings fail it.

use std::fs;
use std::path::{Path, PathBuf};

use routescope_compiler::{Build, Report};

const GOOD: &str = "version: 1\nname: t\nscopes:\n  \"a:read\":\n    routes:\n      - GET /a\n";
/// A scope without routes is a warning.
const WARNS: &str = "version: 1\nname: t\nscopes:\n  \"a:read\":\n    routes: []\n";

/// Two routes that would have one name in generated code.
const TWINS: &str =
    "version: 1\nname: t\nscopes:\n  \"a:read\":\n    routes: [GET /a-b, GET /a_b]\n";

/// An empty directory with a policy in it.
fn directory(name: &str, policy: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("routes.yaml"), policy).unwrap();
    directory
}

/// A build in the directory.
fn build(directory: &Path) -> Build {
    Build::new(directory.join("routes.yaml")).out_dir(directory)
}

fn written(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name != "routes.yaml").collect();
    names.sort_unstable();
    names
}

#[test]
fn options() {
    type Run = fn(&Path) -> Result<(), Report>;
    #[rustfmt::skip]
    let cases: [(&str, &str, Run, &[&str]); 7] = [
        ("by-the-file", GOOD, |at| build(at).run(), &["routes.md", "routes.rs"]),
        ("by-a-name", GOOD, |at| build(at).name("api").run(), &["api.md", "api.rs"]),
        ("a-warning-passes", WARNS, |at| build(at).run(), &["routes.md", "routes.rs"]),
        ("without-warnings", GOOD, |at| build(at).deny_warnings(true).run(), &["routes.md", "routes.rs"]),
        ("one-name-for-two", TWINS, |at| build(at).run(), &[]),
        ("no-names", TWINS, |at| build(at).names(false).run(), &["routes.md", "routes.rs"]),
        ("a-warning-fails", WARNS, |at| build(at).deny_warnings(true).run(), &[]),
    ];
    for (name, policy, run, expected) in cases {
        let directory = directory(name, policy);
        let result = run(&directory);
        assert_eq!(result.is_ok(), !expected.is_empty(), "{name}");
        assert_eq!(written(&directory), expected, "{name}");
    }
}

#[test]
fn a_denied_warning_is_reported() {
    let directory = directory("reported", WARNS);
    let report = build(&directory).deny_warnings(true).run().unwrap_err();
    assert_eq!(report.problems().len(), 1);
    assert!(!report.has_errors());
}

#[test]
fn one_name_for_two_files_is_refused() {
    let (first, second) = (directory("first", GOOD), directory("second", GOOD));
    build(&first).name("same").run().unwrap();
    let report = build(&second).out_dir(&first).name("same").run();
    let report = report.unwrap_err().to_string();
    assert!(report.contains("would both become `same.rs`"), "{report}");
    assert_eq!(written(&first), ["same.md", "same.rs"]);
}
