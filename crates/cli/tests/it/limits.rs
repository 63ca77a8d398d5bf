//! Large and hostile files end in an answer or a clear error, of a bounded size
//! and in bounded memory.
//!
//! A fortieth of the 8 MB that the command is made for, since tests run without
//! optimisation.

use std::fmt::Write;
use std::process::Command;

use crate::common::{Answer, TempFile};

const SIZE: usize = 200_000;

/// The memory for the program and its libraries, and a fortieth of 512 MiB.
const KILOBYTES: usize = 128 * 1024 + 13 * 1024;

/// Runs the command within the memory.
fn within_memory(arguments: &[&str]) -> Answer {
    let output = Command::new("sh")
        .args([
            "-c",
            &format!("ulimit -v {KILOBYTES} && exec \"$0\" \"$@\""),
        ])
        .arg(env!("CARGO_BIN_EXE_routescope"))
        .args(arguments)
        .env_remove("ROUTESCOPE_POLICY")
        .env_remove("CLICOLOR_FORCE")
        .env("NO_COLOR", "1")
        .current_dir(std::env::temp_dir())
        .output()
        .unwrap();
    output.into()
}

/// `before`, as many of the parts as make [`SIZE`], and `after`.
fn repeated(before: &str, part: impl Fn(usize) -> String, after: &str) -> String {
    let mut text = before.to_owned();
    for number in 0.. {
        if text.len() + after.len() >= SIZE {
            break;
        }
        text += &part(number);
    }
    text + after
}

/// The same part all the time.
fn same(part: &str) -> impl Fn(usize) -> String {
    move |_| part.to_owned()
}

struct Case {
    name: &'static str,
    text: String,
    code: i32,
    says: &'static str,
}

/// Each answer fits a screen or ten, however large the file is.
#[track_caller]
fn answers(command: &[&str], cases: &[Case]) {
    for Case {
        name,
        text,
        code,
        says,
    } in cases
    {
        let file = TempFile::new("file", text);
        let answer = within_memory(&[command, &[&file.as_str()]].concat());
        let shown: String = (answer.out.clone() + &answer.err)
            .chars()
            .take(2000)
            .collect();
        assert_eq!(answer.code, *code, "{name}: {shown}");
        assert!(
            (answer.out.clone() + &answer.err).contains(says),
            "{name}: {shown}"
        );
        let size = answer.out.len() + answer.err.len();
        assert!(size < 80_000, "{name}: an answer of {size} bytes: {shown}");
    }
}

#[test]
fn files_of_tests() {
    let head = "version: 1\ntests:\n";
    let tests = |name, code, says, part: &str| Case {
        name,
        text: repeated(head, same(part), ""),
        code,
        says,
    };
    let flow = |name, code, says, before: &str, part: &str, after: &str| Case {
        name,
        text: repeated(
            &format!("{head}{before}"),
            same(part),
            &format!("{after}\n"),
        ),
        code,
        says,
    };
    let numbered = |name, code, says, part: fn(usize) -> String, before: &str, after: &str| Case {
        name,
        text: repeated(&format!("{head}{before}"), part, &format!("{after}\n")),
        code,
        says,
    };
    answers(
        &["test"],
        &[
            tests(
                "many cases",
                0,
                " passed, 0 failed",
                "- {request: GET /, scopes: [], expect: deny}\n",
            ),
            tests(
                "many failures",
                1,
                " more; `--format json` has them all",
                "- {request: GET /, scopes: [], expect: allow}\n",
            ),
            tests(
                "many mistakes",
                2,
                "there are more mistakes, and nothing was read from here on",
                "- {request: GET /, scopes: [], expect: deny, x: 1}\n",
            ),
            tests("many empty cases", 2, "there are more mistakes", "- {}\n"),
            tests("many numbers", 2, "there are more mistakes", "- 1\n"),
            numbered(
                "many fields",
                2,
                "there are more mistakes",
                |i| format!("k{i}: 1, "),
                "- {",
                "}",
            ),
            flow(
                "a list of no scopes",
                2,
                "there are more mistakes",
                "- {request: GET /, expect: deny, scopes: [",
                "1,",
                "]}",
            ),
            flow(
                "one scope many times",
                0,
                "1 passed",
                "- {request: GET /, expect: deny, scopes: [",
                "a:b,",
                "a:b]}",
            ),
            numbered(
                "many scopes of one case",
                0,
                " more\n1 passed",
                |i| format!("a{i}:b,"),
                "- {request: GET /, expect: deny, scopes: [",
                "]}",
            ),
            numbered(
                "many unknown scopes",
                0,
                " more\n",
                |i| format!("- {{request: GET /, scopes: [\"u{i}:x\"], expect: deny}}\n"),
                "",
                "",
            ),
            flow(
                "a long path",
                1,
                "got   deny bad_path",
                "- {scopes: [], expect: allow, request: \"GET /",
                "a",
                "\"}",
            ),
            flow(
                "a long reason",
                2,
                "`expect` is the text",
                "- {request: GET /, scopes: [], expect: \"",
                "allo",
                "\"}",
            ),
            tests("comments", 2, "`tests` is empty", "# c\n"),
        ],
    );
}

/// A case is known by its line in a file of one line and of many.
#[test]
fn lines_of_tests() {
    let text = repeated(
        "version: 1\ntests:\n",
        same("- {request: GET /, scopes: [],\n   expect: deny}\n"),
        "- {request: GET /, scopes: [], expect: allow}\n",
    );
    let line = text.matches('\n').count();
    let file = TempFile::new("file", &text);
    let answer = within_memory(&["test", &file.as_str()]).exits(1);
    assert!(
        answer.out.contains(&format!("file:{line}: GET /")),
        "{}",
        answer.out
    );
}

/// A file in canonical form, but for a route in the old way.
#[test]
fn files_to_format() {
    let policy = "version: 1\nname: t\n\nscopes:\n  \"a:read\":\n    routes:\n";
    // The unit tests of the formatter count the bytes that it reads of such a file; here it only has
    // to come to an end.
    let spaces = " ".repeat(SIZE / 10);
    let comments = "# c\n".repeat(SIZE / 40);
    let cases = [
        (
            "a line of spaces",
            format!("version: 1\nname: t\nscopes:\n  \"a:read\": {{routes: [{spaces}GET /a]}}\n"),
        ),
        (
            "a line of commas and braces",
            format!(
                "version: 1\nname: t\nscopes: {{{}}}\n",
                (0..500).fold(String::new(), |mut text, i| {
                    let _ = write!(text, "\"r{i}:read\": {{routes: [GET /{i}]}}, ");
                    text
                })
            ),
        ),
        (
            "comments below the last route",
            format!("{policy}      - GET /a\n{}", comments.replace('#', " #")),
        ),
        (
            "comments above a line that is indented far",
            format!(
                "version: 1\nname: t\nscopes:\n{comments}  {{{spaces}\"a:read\": {{routes: [GET /a]}}}}\n"
            ),
        ),
        (
            "comments on top",
            format!("{}{policy}      - GET /a\n", comments.replace('#', " #")),
        ),
        (
            "a comment at each route",
            (0..500).fold(policy.to_owned(), |mut text, i| {
                let _ = write!(
                    text,
                    "       # above\n      - route: GET /r{i} # behind\n        note: \"n: {i} #\"\n      # below\n"
                );
                text
            }),
        ),
        (
            "a long summary",
            format!(
                "version: 1\nname: t\nscopes:\n  \"a:read\":\n    summary: \"{}\"\n    routes: [GET /a]\n",
                "x: #".repeat(SIZE / 10)
            ),
        ),
    ];
    for (name, text) in cases {
        let file = TempFile::new("routes.yaml", &text);
        let file = file.as_str();
        let check = within_memory(&["fmt", "--check", &file]);
        let shown: String = check.err.chars().take(2000).collect();
        assert_eq!(check.code, 1, "{name}: {shown}");
        assert!(check.out.len() < 2000, "{name}: {} bytes", check.out.len());
        within_memory(&["fmt", &file]).exits(0);
        // Nothing is lost.
        let formatted = std::fs::read_to_string(&file).unwrap();
        assert_eq!(
            formatted.matches('#').count(),
            text.matches('#').count(),
            "{name}"
        );
    }
}

#[test]
fn lines_of_requests() {
    let unknown = format!("{{\"{}\":1}}\n", "x".repeat(SIZE / 2));
    let request = |scopes: &str| {
        format!("{{\"method\":\"GET\",\"target\":\"/api/v1/colleagues/\",\"scopes\":{scopes}}}\n")
    };
    let case = |name, code, says, text| Case {
        name,
        code,
        says,
        text,
    };
    answers(
        &["decide"],
        &[
            case("a long name", 2, "unknown field `xxx", unknown.repeat(2)),
            case(
                "one long line",
                2,
                "longer than 1,048,576 bytes",
                "x".repeat(1 << 21),
            ),
            case(
                "deep lists",
                2,
                "\"error\":",
                request(&"[".repeat(SIZE / 2)).repeat(2),
            ),
            case(
                "many scopes",
                0,
                "missing_scope",
                request(&format!("[{}\"x\"]", "\"\\u0061:b\",".repeat(SIZE / 12))),
            ),
        ],
    );
}

/// A parameter that each route calls otherwise is one node, with a few names.
#[test]
fn names_of_parameters() {
    let policy = (0..8000).fold(
        "version: 1\nname: t\nscopes:\n  \"a:read\":\n    routes:\n".to_owned(),
        |mut text, i| {
            let _ = writeln!(text, "      - GET /u/{{p{i}}}/l{i}");
            text
        },
    );
    let file = TempFile::new("routes.yaml", &policy);
    let answer = within_memory(&["graph", "--policy", &file.as_str()]).exits(0);
    let longest = answer.out.lines().map(str::len).max();
    assert!(longest < Some(200), "{longest:?}");
    assert!(answer.out.contains("|7,995 more}"));
}
