//! However many mistakes a file has, its report is no more than a
//! person reads: a few problems of each kind in full, and of the rest how many
//! there are and where. Nothing is lost to programs.

use std::fmt::Write;

use routescope_compiler::{Report, Severity, compile};

const HEAD: &str = "version: 1\nname: t\nmethod_rule: none\nscopes:\n";

/// A policy with these routes under one scope, one a line.
fn routes(routes: impl Iterator<Item = String>) -> String {
    let mut source = format!("{HEAD}  \"things:read\":\n    routes:\n");
    for route in routes {
        writeln!(source, "      - {route}").unwrap();
    }
    source
}

fn report(source: &str) -> Report {
    match compile("t.yaml", source) {
        Ok(compiled) => compiled.warnings().clone(),
        Err(report) => report,
    }
}

/// A file, how many problems it has of which severity, and what must be said.
struct Case {
    name: &'static str,
    source: String,
    severity: Severity,
    problems: usize,
    said: &'static [&'static str],
}

fn cases() -> Vec<Case> {
    let one_line = |entries: String| format!("{HEAD}  \"a:read\": {{ routes: [{entries}] }}\n");
    vec![
        Case {
            name: "errors on a long line",
            source: one_line(format!(
                "{}GET /{}",
                "get /a, ".repeat(400),
                "a".repeat(1_000_000)
            )),
            severity: Severity::Error,
            problems: 401,
            said: &[
                "error: 390 more like \"`get` is not a method\"",
                "the path is 1000001 bytes long",
                "t.yaml:5:3228",
            ],
        },
        Case {
            name: "errors, one a line",
            source: routes((0..16_000).map(|_| "get /a".to_owned())),
            severity: Severity::Error,
            problems: 16_000,
            said: &[
                "error: 15990 more like \"`get` is not a method\"",
                "at 17:9, 18:9, 19:9, 20:9, 21:9, 22:9, 23:9, 24:9, 25:9, 26:9 and 15980 more places",
                "t.yaml: 16000 errors",
            ],
        },
        Case {
            name: "two kinds, one after the other",
            source: routes((0..600).map(|i| match i % 2 {
                0 => format!("get /a{i}"),
                _ => format!("GET a{i}"),
            })),
            severity: Severity::Error,
            problems: 600,
            said: &[
                "error: 290 more like \"`get` is not a method\"",
                "error: 290 more like \"the path `a1` does not begin with `/`\"",
            ],
        },
        Case {
            name: "warnings",
            source: routes(
                (0..10_000)
                    .flat_map(|i| [format!("GET /{{p}}/a{i}/"), format!("GET /{{p}}/A{i}/x/")]),
            ),
            severity: Severity::Warning,
            problems: 10_000,
            said: &["warning: 9990 more like \"`a", "t.yaml: 10000 warnings"],
        },
    ]
}

#[test]
fn no_more_is_said_than_a_person_reads() {
    for Case {
        name,
        source,
        severity,
        problems,
        said,
    } in cases()
    {
        let report = report(&source);
        assert_eq!(report.by_severity(severity).count(), problems, "{name}");
        let text = report.to_string();
        assert!(text.len() < 20_000, "{name}: {} bytes", text.len());
        assert!(text.lines().all(|line| line.len() < 400), "{name}: {text}");
        for said in said {
            assert!(text.contains(said), "{name}: no `{said}` in\n{text}");
        }
    }
}

/// The order is the file's, and the rest of each kind comes after.
#[test]
fn a_few_of_each_kind_stand_in_the_order_of_the_file() {
    let text = report(&routes((0..40).map(|i| match i % 2 {
        0 => format!("get /a{i}"),
        _ => format!("GET a{i}"),
    })))
    .to_string();
    let headlines: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("error: "))
        .collect();
    assert_eq!(headlines.len(), 22, "{text}");
    let in_full: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("--> t.yaml:"))
        .collect();
    let expected: Vec<String> = (7..27)
        .map(|line| match line % 2 {
            1 => format!("{line}:9"),
            _ => format!("{line}:13"),
        })
        .collect();
    assert_eq!(in_full[..20], expected, "{text}");
    assert!(
        headlines[20..]
            .iter()
            .all(|line| line.contains(": 10 more like "))
    );
}

/// A long line is cut around its caret, which stays under the right text, and
/// the place is that of the file.
#[test]
fn a_long_line_is_cut_around_the_caret() {
    for (name, filler) in [
        ("ascii", "a"),
        ("two bytes", "é"),
        ("wide", "日"),
        ("four bytes", "😀"),
    ] {
        for (what, before, behind) in [
            ("end", 9_000, 0),
            ("middle", 9_000, 9_000),
            ("start", 0, 9_000),
        ] {
            let note = |length: usize| {
                format!("{{ route: GET /n, note: \"{}\" }}, ", filler.repeat(length))
            };
            let head = format!("{HEAD}  \"a:read\": {{ routes: [{}", note(before));
            let source = format!("{head}get /wrong, {}GET /z] }}\n", note(behind));
            let report = report(&source);
            let (line, column) = report.position(head.len());
            let text = report.to_string();
            assert_eq!(line, 5);
            assert!(
                text.contains(&format!("--> t.yaml:5:{column}\n")),
                "{name} {what}: {text}"
            );
            let mut lines = text.lines().skip_while(|line| !line.starts_with("5 |"));
            let (shown, carets) = (lines.next().unwrap(), lines.next().unwrap());
            assert!(shown.len() < 700, "{name} {what}: {text}");
            let at = carets.find('^').unwrap();
            // Wide characters take two columns of a terminal.
            let mut columns = 0;
            let under: String = shown
                .chars()
                .filter(|c| {
                    let here = columns;
                    columns += if matches!(c, '日' | '😀') { 2 } else { 1 };
                    (at..at + 3).contains(&here)
                })
                .collect();
            assert_eq!(under, "get", "{name} {what}: {text}");
            assert_eq!(carets.matches('^').count(), 3, "{name} {what}: {text}");
        }
    }
}

/// Places that are far apart are both shown, without the lines between.
#[test]
fn places_far_apart_are_shown_one_by_one() {
    let source = routes((0..3_000).map(|i| format!("GET /a{}", i % 2_999)));
    let text = report(&source).to_string();
    for said in [
        "--> t.yaml:3006:9",
        "3006 |       - GET /a0",
        "^^^^^^^ again",
        "::: t.yaml:7:9",
        "------- first here",
    ] {
        assert!(text.contains(said), "no `{said}` in\n{text}");
    }
    assert!(text.len() < 1_000, "{text}");
}
