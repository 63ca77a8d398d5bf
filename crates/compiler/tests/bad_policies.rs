//! What the compiler says about files that are wrong, word for word.
//!
//! `bad/NAME.yaml` must fail with the report in `bad/NAME.expected`;
//! `warnings/NAME.yaml` must compile with the warnings and notes in
//! `warnings/NAME.expected`. `ROUTESCOPE_BLESS=1` writes the expected files
//! anew: read the difference before committing it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use routescope_compiler::{Report, compile, compile_with_notes};

#[test]
fn bad_policies() {
    let checked = each("bad", |file, source| match compile(file, source) {
        Err(report) if report.has_errors() => Ok(report),
        Err(_) => Err("fails without an error".to_owned()),
        Ok(_) => Err("compiles, and should not".to_owned()),
    });
    assert!(checked >= 150, "only {checked} files in tests/bad");
}

#[test]
fn warnings() {
    let checked = each("warnings", |file, source| {
        match compile_with_notes(file, source) {
            Ok(compiled) => Ok(compiled.warnings().clone()),
            Err(report) => Err(format!("does not compile:\n{report}")),
        }
    });
    assert!(checked >= 12, "only {checked} files in tests/warnings");
}

/// Compares the report of every file of a folder with the expected one.
fn each(folder: &str, run: impl Fn(&str, &str) -> Result<Report, String>) -> usize {
    let bless = env::var_os("ROUTESCOPE_BLESS").is_some_and(|value| value == "1");
    let mut wrong = Vec::new();
    let files = policies(folder);
    for path in &files {
        let name = path.file_name().unwrap().to_str().unwrap();
        let source = fs::read_to_string(path).unwrap();
        let report = match run(name, &source) {
            Ok(report) => report,
            Err(why) => {
                wrong.push(format!("{folder}/{name} {why}\n"));
                continue;
            }
        };
        in_the_file(name, &source, &report);
        let actual = format!("{report}\n");
        let expected_path = path.with_extension("expected");
        let expected = fs::read_to_string(&expected_path).unwrap_or_default();
        if actual == expected {
            continue;
        }
        if bless {
            fs::write(&expected_path, &actual).unwrap();
        } else {
            wrong.push(format!(
                "{folder}/{name} says\n{}\n",
                difference(&expected, &actual)
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\n{} of {} files differ; if the new text is right, ROUTESCOPE_BLESS=1 writes it down",
        wrong.join("\n"),
        wrong.len(),
        files.len()
    );
    files.len()
}

fn policies(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    for path in &files {
        let of = path.with_extension("yaml");
        assert!(of.exists(), "{} belongs to no file", path.display());
    }
    files.retain(|path| path.extension().is_some_and(|kind| kind == "yaml"));
    files.sort();
    files
}

/// Every place of a report is one of its file.
fn in_the_file(name: &str, source: &str, report: &Report) {
    for problem in report.problems() {
        let places = problem.others().map(|(at, _)| at);
        for at in places.chain([problem.at()]) {
            assert!(
                at.start <= at.end && source.get(at.clone()).is_some(),
                "{name}: {at:?} is no place of it: {}",
                problem.message()
            );
            let (line, column) = report.position(at.start);
            let text = source.split('\n').nth(line - 1);
            assert!(
                text.is_some_and(|text| column <= text.chars().count() + 1),
                "{name}: there is no {line}:{column}: {}",
                problem.message()
            );
        }
        assert!(!problem.message().is_empty());
    }
}

/// Both texts, with the lines in which they differ marked.
fn difference(expected: &str, actual: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), actual.lines().collect());
    let same = |a: &mut dyn Iterator<Item = (&&str, &&str)>| a.take_while(|(x, y)| x == y).count();
    let before = same(&mut old.iter().zip(&new));
    let most = old.len().min(new.len()) - before;
    let behind = same(&mut old.iter().rev().zip(new.iter().rev())).min(most);
    let mut out = String::new();
    let mut show = |mark: &str, lines: &[&str]| {
        for line in lines {
            out += &format!("{mark} {line}\n");
        }
    };
    show(" ", &old[..before]);
    show("-", &old[before..old.len() - behind]);
    show("+", &new[before..new.len() - behind]);
    show(" ", &old[old.len() - behind..]);
    out
}
