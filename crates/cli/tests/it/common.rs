//! The parts that the end-to-end tests share: the command, files to give it, and texts to
//! compare its answers with.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test program uses a part of it"
)]

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The command, without the settings of the environment for colours and for the policy.
pub fn routescope() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_routescope"));
    command
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .env_remove("CLICOLOR")
        .env_remove("ROUTESCOPE_POLICY")
        .current_dir(repository());
    command
}

/// The folder of the workspace, where `routes.yaml` is.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// Runs the command to its end.
pub(crate) fn run(arguments: &[&str]) -> Answer {
    Answer::from(routescope().args(arguments).output().unwrap())
}

/// Runs the command with something on its standard input.
pub(crate) fn run_with_input(arguments: &[&str], input: &[u8]) -> Answer {
    let mut child = routescope()
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A thread writes while this one reads, lest both sides wait for each other. The command
    // may well not read everything.
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let answer = Answer::from(child.wait_with_output().unwrap());
    let _ = writer.join().unwrap();
    answer
}

/// Runs the command with a standard output that nobody reads.
pub(crate) fn run_with_closed_pipe(arguments: &[&str]) -> Answer {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let child = routescope()
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    Answer::from(child.wait_with_output().unwrap())
}

/// The output and the exit code of a command that has ended.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("ended by a signal"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Answer {
    /// Panics with everything that was printed unless the exit code is `code`.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        self
    }

    /// The standard output as JSON, which must say its version.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        let value: serde_json::Value = serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.err));
        assert_eq!(value["version"], 1);
        value
    }
}

/// Compares a text with `tests/NAME`. `ROUTESCOPE_BLESS=1` writes the file
/// anew: read the difference before committing it.
#[track_caller]
pub(crate) fn expect(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name);
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if expected == actual {
        return;
    }
    if env::var_os("ROUTESCOPE_BLESS").is_some_and(|value| value == "1") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, actual).unwrap();
        return;
    }
    let (expected, shown): (Vec<&str>, Vec<&str>) =
        (expected.lines().collect(), actual.lines().collect());
    let first = expected
        .iter()
        .zip(&shown)
        .position(|(a, b)| a != b)
        .unwrap_or(expected.len().min(shown.len()));
    panic!(
        "not as in tests/{name}, from line {} on:\n- {}\n+ {}\nif the new text is right, ROUTESCOPE_BLESS=1 writes it down; all of it:\n{actual}",
        first + 1,
        expected.get(first).unwrap_or(&"(the end)"),
        shown.get(first).unwrap_or(&"(the end)"),
    );
}

/// A policy of real size: the 5,203 routes of Google's public APIs, under more
/// than a thousand scopes.
pub(crate) fn google_yaml() -> String {
    let list = fs::read_to_string(repository().join("tests/data/google-api-routes.txt")).unwrap();
    let mut scopes: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for line in list.lines() {
        let (method, template) = line.trim_start_matches('#').split_once(' ').unwrap();
        let words: Vec<&str> = template
            .split('/')
            .filter(|segment| !segment.is_empty() && !segment.starts_with('{'))
            .take(4)
            .collect();
        let resource = words.join(".").replace('@', "-");
        let read = matches!(method, "GET" | "HEAD");
        let scope = format!("{resource}:{}", if read { "read" } else { "*" });
        scopes.entry(scope).or_default().push(line);
    }
    let mut text = String::from("version: 1\nname: google\nscopes:\n");
    for (scope, lines) in scopes {
        writeln!(text, "  \"{scope}\":\n    routes:").unwrap();
        for line in lines {
            match line.strip_prefix('#') {
                // Marked in the list: its template overlaps others.
                Some(route) => {
                    writeln!(text, "      - route: {route}\n        overlap: allow").unwrap();
                }
                None => writeln!(text, "      - {line}").unwrap(),
            }
        }
    }
    text
}

/// A file in a folder that is removed when this is dropped.
pub(crate) struct TempFile {
    folder: tempfile::TempDir,
    name: &'static str,
}

impl TempFile {
    pub(crate) fn new(name: &'static str, content: impl AsRef<[u8]>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), content).unwrap();
        Self { folder, name }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join(self.name)
    }

    pub(crate) fn as_str(&self) -> String {
        self.path().to_str().unwrap().to_owned()
    }
}
