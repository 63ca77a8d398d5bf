//! The compiler's messages about files that are wrong, word for word.
//!
//! `bad/NAME.yaml` must fail with the report in `bad/NAME.expected`;
//! `warnings/NAME.yaml` must compile with the warnings and notes in
//! `warnings/NAME.expected`. `ROUTESCOPE_BLESS=1` writes the expected files
//! anew: read the difference before committing it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use routescope_compiler::{Compiler, Report, compile};

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
        match Compiler::new().notes(true).compile(file, source) {
            Ok(compiled) => Ok(compiled.warnings().clone()),
            Err(report) => Err(format!("does not compile:\n{report}")),
        }
    });
    assert!(checked >= 12, "only {checked} files in tests/warnings");
}

/// Names that two scopes or routes would have in generated code. Such a file compiles, and a
/// program that loads it at run time has no use for names.
#[test]
fn names_that_collide() {
    let checked = each("names", |file, source| {
        let compiled =
            compile(file, source).map_err(|report| format!("does not compile:\n{report}"))?;
        match compiled.to_rust(file) {
            Err(report) => Ok(report),
            Ok(_) => Err("has names for all, and should not".to_owned()),
        }
    });
    assert!(checked >= 8, "only {checked} files in tests/names");
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

/// Files from other systems compile to the same policy.
#[test]
fn line_endings_and_a_byte_order_mark_change_nothing() {
    let source = pbx();
    let rust = |source: &str| compile("routes.yaml", source).unwrap().to_rust("").unwrap();
    let plain = rust(&source);
    for other in [
        source.replace('\n', "\r\n"),
        format!("\u{feff}{source}"),
        format!("\u{feff}{}", source.replace('\n', "\r\n")),
        format!("---\n{source}...\n"),
        source.trim_end().to_owned(),
    ] {
        assert!(rust(&other) == plain);
    }
}

#[test]
fn too_many_scopes() {
    let mut source = "version: 1\nname: demo\nscopes:\n".to_owned();
    for i in 0..2049 {
        source += &format!("  \"r{i}:read\":\n    routes:\n      - GET /r{i}/\n");
    }
    let report = compile("routes.yaml", &source).unwrap_err();
    assert_eq!(report.problems().len(), 1);
    let problem = &report.problems()[0];
    assert_eq!(
        problem.message(),
        "the policy has 4098 scopes, over the limit of 4096"
    );
    assert_eq!(report.position(problem.at().start), (3 + 2048 * 3 + 1, 4));
    assert!(problem.advice().any(|advice| advice.contains("implied")));
}

#[test]
fn conflicts_without_end_are_not_all_shown() {
    let mut source =
        "version: 1\nname: demo\nscopes:\n  \"things:read\":\n    routes:\n".to_owned();
    for i in 0..20 {
        source += &format!("      - GET /a{i}/{{id}}/\n      - GET /{{id}}/b{i}/\n");
    }
    let report = compile("routes.yaml", &source).unwrap_err();
    assert_eq!(report.problems().len(), 50);
    let said = report
        .problems()
        .iter()
        .flat_map(routescope_compiler::Problem::advice)
        .filter(|advice| advice.contains("only the first 50 conflicts are shown"));
    assert_eq!(said.count(), 1);
}

/// However a file is mangled, there is a report, and it points into the file.
#[test]
fn mangled_files_are_reported_and_never_panic() {
    let whole = pbx();
    // Short enough for thousands of rounds, with one of everything in it.
    let short = "\u{feff}# größe\nversion: 1\nname: demo\nupdated: 2026-05-28\numbrella: all\n\
        global: \"*:*\"\nkey: { prefix: wsk-v1-, length: 100, alphabet: alphanumeric }\n\
        paths: { trailing_slash: exact, case: insensitive }\nmethod_rule: read-write\nscopes:\n  \
        \"things:read\": &things\n    summary: \"größe 日本語 😀 \\u00e9\"\n    routes:\n      \
        - GET /things/{id}/\r\n      - 'GET /gr%C3%B6%C3%9Fe/'\n      - GET /files/{*path}\n  \
        others:*:\n    routes:\n      - route: PUT /others/{id}/x/\n        note: |\n          \
        twice\n        overlap: allow\n      - POST /others/new/{id}/\n  \"more:read\": *things\n";
    // A fixed seed: a failure comes again.
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    let mut refused = 0;
    for round in 0..4000 {
        let base = if round % 30 == 0 { &whole } else { short };
        let source = mangled(base, &mut random);
        let report = match Compiler::new().notes(true).compile("routes.yaml", &source) {
            Ok(compiled) => compiled.warnings().clone(),
            Err(report) => {
                assert!(report.has_errors(), "{source}");
                refused += 1;
                report
            }
        };
        in_the_file("routes.yaml", &source, &report);
        let text = report.to_string();
        assert!(!text.contains('\u{1b}'), "{text}");
        for problem in report.problems() {
            assert!(!report.one_line(problem).contains(['\n', '\r']), "{text}");
        }
    }
    assert!(refused > 1000, "only {refused} files were refused");
}

fn pbx() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../routes.yaml");
    fs::read_to_string(path).unwrap()
}

/// Xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }
}

fn mangled(source: &str, random: &mut Random) -> String {
    const PIECES: &[&str] = &[
        "\t",
        " ",
        "\n",
        "\r\n",
        "\r",
        "\0",
        "\u{7}",
        "\u{1b}[0m",
        "\u{feff}",
        "\u{202e}",
        "\u{85}",
        "\u{2028}",
        "ö",
        "😀",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "'",
        "*",
        "&a ",
        "*a",
        ":",
        ": ",
        "- ",
        "#",
        " #",
        "%",
        "%2",
        "%2F",
        "%FF",
        "\\",
        "\\x",
        "/",
        "//",
        "/..",
        ",",
        "? ",
        "| ",
        "> ",
        "!x ",
        "!!int ",
        "!!binary ",
        "<<: ",
        "---\n",
        "...\n",
        "@",
        "`",
        "~",
        "null",
        "1",
        "1e9",
        ".inf",
        ".nan",
        "0x",
        "true",
        "GET ",
        "get",
        "{*p}",
        "{}",
        "overlap: allow",
        "routes:",
    ];
    let mut bytes = source.as_bytes().to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len() + 1);
        let end = (at + 1 + random.below(8)).min(bytes.len());
        let piece = PIECES[random.below(PIECES.len())].as_bytes();
        match random.below(6) {
            0 => drop(bytes.drain(at..end)),
            1 => drop(bytes.splice(at..at, piece.iter().copied())),
            2 => drop(bytes.splice(at..end, piece.iter().copied())),
            3 => bytes.truncate(at),
            kind => {
                let mut lines: Vec<Vec<u8>> = bytes
                    .split(|byte| *byte == b'\n')
                    .map(<[u8]>::to_vec)
                    .collect();
                let (from, to) = (random.below(lines.len()), random.below(lines.len()));
                if kind == 4 {
                    let line = lines[from].clone();
                    lines.insert(to, line);
                } else {
                    lines.remove(from);
                }
                bytes = lines.join(&b'\n');
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
