//! Logs, descriptions and guides that were made to be expensive end in an
//! answer or in a few clear sentences, in memory that is bounded.
//!
//! The tests next to the code count that each thing is looked at once; here,
//! the command runs with little memory.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use crate::common::{Answer, TempFile, repository, run_with_input};

/// Bytes of an input; the largest that is promised has 8 MiB.
const SIZE: usize = 1 << 18;

/// The memory that may be reserved at once, in KiB: the stack of 256 MiB on which
/// YAML is read, the allocator's arenas, the program, and 64 MiB for structures that
/// grow with the input, of the 512 that are promised for one of 32 times the size.
const MEMORY: usize = (256 + 3 * 64 + 64 + 64) << 10;

/// Runs the command within this much memory, on systems that can limit it.
fn run(arguments: &[&str], file: &Path) -> Answer {
    let program = env!("CARGO_BIN_EXE_routescope");
    let mut command = if cfg!(target_os = "linux") {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "ulimit -v \"$1\"; shift; exec \"$@\"", "sh"])
            .arg(MEMORY.to_string())
            .arg(program);
        shell
    } else {
        Command::new(program)
    };
    let output = command
        .args(arguments)
        .arg(file)
        .current_dir(repository())
        .output()
        .unwrap();
    Answer::from(output)
}

struct Case {
    name: &'static str,
    text: String,
    code: i32,
    /// A text that the answer contains.
    says: &'static str,
}

fn check(arguments: &[&str], cases: impl IntoIterator<Item = Case>) {
    for Case {
        name,
        text,
        code,
        says,
    } in cases
    {
        assert!(text.len() > SIZE / 4, "{name} has {} bytes", text.len());
        let file = TempFile::new("source", text);
        let answer = run(arguments, &file.path());
        let err: String = answer.err.chars().take(2000).collect();
        assert_eq!(answer.code, code, "{name}: {err}");
        assert!(answer.err.contains(says), "{name}: {err}");
        assert!(answer.err.lines().count() < 100, "{name}: {err}");
    }
}

/// Pieces until the input has its size.
fn many(head: &str, piece: impl Fn(usize) -> String, tail: &str) -> String {
    let mut text = head.to_owned();
    for i in 0.. {
        let piece = piece(i);
        if text.len() + piece.len() + tail.len() > SIZE {
            break;
        }
        text += &piece;
    }
    text + tail
}

fn list(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(",")
}

#[test]
fn descriptions() {
    let head = "openapi: 3.0.0\ncomponents: { securitySchemes: { o: {}, k: {} } }\n";
    let one = format!("{head}security: [{{ o: [\"a:b\"] }}]\n");
    let cases = [
        Case {
            name: "a chain of references",
            text: many(
                &format!("{head}paths:\n"),
                |i| format!("  /p{i}: {{ $ref: \"#/paths/~1p{}\" }}\n", i + 1),
                "",
            ),
            code: 2,
            says: "source: 1 error",
        },
        Case {
            name: "a circle of references",
            text: many(
                &format!("{head}paths:\n"),
                |i| {
                    format!(
                        "  /p{i}: {{ $ref: \"#/paths/~1p{}\" }}\n",
                        i.saturating_sub(1)
                    )
                },
                "",
            ),
            code: 2,
            says: "leads back to itself",
        },
        Case {
            name: "a path that all refer to",
            text: many(
                &format!(
                    "{head}security: [{}]\nx: {{ get: , put: , post: , delete: }}\npaths:\n",
                    list(9, |i| format!("{{ o: [\"a:s{i}\"] }}"))
                ),
                |i| format!("  /p{i}: {{ $ref: \"#/x\" }}\n"),
                "",
            ),
            code: 2,
            says: "100,000 routes",
        },
        Case {
            name: "many scopes for many operations",
            text: many(
                &format!(
                    "{head}security: [{}]\npaths:\n",
                    list(6000, |i| format!("{{ o: [\"a:s{i}\"] }}"))
                ),
                |i| format!("  /p{i}: {{ get: }}\n"),
                "",
            ),
            code: 2,
            says: "4,096 scopes",
        },
        Case {
            name: "a requirement that all refer to",
            text: many(
                &format!(
                    "{}x: {{ {} }}\npaths: {{ /a: {{ get: {{ security: [",
                    "openapi: 3.0.0\ncomponents: { $ref: \"#/y\" }\ny: { securitySchemes: { $ref: \"#/x\" } }\n",
                    list(5000, |i| format!("k{i}: []"))
                ),
                |_| "{ $ref: \"#/x\" },".to_owned(),
                "] } } }\n",
            ),
            code: 2,
            says: "refers to the same large values too often",
        },
        Case {
            name: "operations without a scope",
            text: many(
                &format!("{head}paths:\n"),
                |i| format!("  /{i}: {{ get: , put: , post: , delete: }}\n"),
                "",
            ),
            code: 2,
            says: "needs no scope",
        },
        Case {
            name: "a scope for each operation",
            text: many(
                &format!("{head}paths:\n"),
                |i| format!("  /{i}: {{ get: {{ security: [{{ o: [\"a{i}:b\"] }}] }} }}\n"),
                "",
            ),
            code: 2,
            says: "4,096 scopes",
        },
        Case {
            name: "a server's variable that grows",
            text: format!(
                "{one}servers: [{{ url: \"/{}\", variables: {{ v: {{ default: \"{}\" }} }} }}]\npaths: {{ /a: {{ get: }} }}\n",
                "{v}".repeat(2700),
                "b".repeat(SIZE / 2)
            ),
            code: 2,
            says: "cannot be told",
        },
        Case {
            name: "a server's path before many",
            text: many(
                &format!(
                    "{one}servers: [{{ url: \"/{}\" }}]\npaths:\n",
                    ("b".repeat(200) + "/").repeat(9)
                ),
                |i| format!("  /p{i}: {{ get: }}\n"),
                "",
            ),
            code: 2,
            says: "8 MiB",
        },
        Case {
            name: "aliases of a long text",
            text: format!(
                "{head}x: &a \"{}\"\ny: [{}]\npaths: {{}}\n",
                "a".repeat(SIZE / 2),
                list(9000, |_| "*a".to_owned())
            ),
            code: 2,
            says: "come to more than 64 MiB",
        },
        Case {
            name: "nothing but values",
            text: format!(
                "{head}x: [{}]\npaths: {{}}\n",
                list(SIZE / 2, |_| "1".to_owned())
            ),
            code: 2,
            says: "no routes to import",
        },
        Case {
            name: "control characters",
            text: format!(
                "{{\"openapi\":\"3.0.0\",\"x\":\"{}\",\"paths\":{{}}}}",
                "\u{80}".repeat(SIZE / 2)
            ),
            code: 2,
            says: "no routes to import",
        },
    ];
    check(&["import", "--from", "openapi"], cases);
}

#[test]
fn guides() {
    let markdown = "## Scope to routes mapping\n\n### a:read\n\nSee\n\n| Method | Route |\n|---|---|\n| GET | /a |\n\n";
    let html = "<h2>Scope to routes mapping</h2><h3>a:read</h3><table><tr><th>Method</th><th>Route</th></tr><tr><td>GET</td><td>/a</td></tr></table><h2>Rest</h2>";
    let in_markdown = |name, piece: &str, code, says| Case {
        name,
        text: format!("# x\n{}\n\n{markdown}", piece.repeat(SIZE / piece.len())),
        code,
        says,
    };
    let in_html = |name, piece: &str, code, says| Case {
        name,
        text: html.to_owned() + &piece.repeat(SIZE / piece.len()),
        code,
        says,
    };
    let below = |name, piece: fn(usize) -> String, code, says| Case {
        name,
        text: many(markdown, piece, ""),
        code,
        says,
    };
    let cases = [
        in_markdown("entities", "&", 0, ""),
        in_markdown("links", "[", 0, ""),
        in_markdown("labels", "[](", 0, ""),
        in_markdown("tags", "<a", 0, ""),
        in_markdown("cells", "|", 0, ""),
        in_markdown("empty lines", "\n", 0, ""),
        Case {
            name: "short lines",
            text: format!("# x\n{}{markdown}", "a\n".repeat(500_001)),
            code: 2,
            says: "more than 500,000 lines",
        },
        in_html("entities in HTML", "&", 0, ""),
        in_html("tables", "<table>", 0, ""),
        in_html("paragraphs", "<p>", 0, ""),
        in_html("rows", "<tr>", 0, ""),
        in_html("what is not shown", "<style>", 0, ""),
        in_html("what is not shown and ends", "<script></script>", 0, ""),
        in_html("comments", "<!--", 0, ""),
        below(
            "scopes",
            |i| format!("### a{i}:read\n\n"),
            2,
            "no routes were found",
        ),
        below(
            "examples",
            |i| format!("## x\ncurl x://h/{i}\n"),
            0,
            "examples more that its mapping lacks",
        ),
        below(
            "one example",
            |_| "curl x://h/ \\\n".to_owned(),
            2,
            "this was not understood",
        ),
        below(
            "rows of many cells",
            |_| "|a".repeat(40) + "|\n",
            2,
            "a row of 16 cells or more, in a table of 2",
        ),
    ];
    check(&["import", "--from", "guide"], cases);
}

#[test]
fn logs() {
    let line = "h \"GET /api/v1/colleagues/ HTTP/1.1\" 200\n";
    let cases = [
        Case {
            name: "quotes",
            text: line.repeat(10) + &"\"".repeat(SIZE),
            code: 0,
            says: "",
        },
        Case {
            name: "backslashes in quotes",
            text: line.repeat(10) + &"\"\\\\\" ".repeat(SIZE / 5),
            code: 0,
            says: "",
        },
        Case {
            name: "other requests",
            text: many(line, |i| format!("h \"GET /{i} HTTP/1.1\" 404\n"), ""),
            code: 0,
            says: "",
        },
        Case {
            name: "brackets",
            text: format!(
                "{}{{\"method\":{}\n",
                "{\"method\":\"GET\",\"path\":\"/api/v1/colleagues/\"}\n".repeat(10),
                "[".repeat(SIZE)
            ),
            code: 0,
            says: "",
        },
    ];
    check(&["suggest"], cases);
}

/// Many routes, each under a scope that no other has and one that all share: choosing looks at
/// a scope together with its own routes only.
#[test]
fn many_scopes_to_choose_from() {
    let mut policy = String::from("version: 1\nname: many\nscopes:\n");
    let mut log = String::new();
    for i in 0..2000 {
        writeln!(
            policy,
            "  \"a{i}:read\": {{ routes: [GET /r{i}, GET /r{}] }}",
            i + 1
        )
        .unwrap();
        writeln!(log, "h \"GET /r{i} HTTP/1.1\" 200").unwrap();
    }
    let policy = TempFile::new("many.yaml", policy);
    let arguments = ["suggest", "-", "--format", "json", "-p", &policy.as_str()];
    let json = run_with_input(&arguments, log.as_bytes()).exits(0).json();
    assert_eq!(json["uncovered"]["requests"], 0);
    // Only the first is under one scope alone.
    assert_eq!(json["scopes"].as_array().unwrap().len(), 1000);
}

#[test]
fn memory_is_bounded_and_frequent_requests_are_kept() {
    let mut log = String::new();
    for i in 0..20_000 {
        writeln!(log, "h - - [t] \"GET /scan/{i} HTTP/1.1\" 404 0").unwrap();
        if i % 4 == 3 {
            writeln!(log, "h - - [t] \"GET /often HTTP/1.1\" 404 0").unwrap();
        }
        if i == 7000 {
            // These requests come after the memory was full.
            log += &"h - - [t] \"GET /later HTTP/1.1\" 404 0\n".repeat(700);
        }
    }
    log += "x".repeat(1 << 20).as_str();
    log += "yy\nh - - [t] \"GET /api/v1/colleagues/ HTTP/1.1\" 200 0";
    let json = run_with_input(&["suggest", "-", "--format", "json"], log.as_bytes())
        .exits(0)
        .json();
    let uncovered = &json["uncovered"];
    assert_eq!(uncovered["requests"], 25_700);
    assert_eq!(uncovered["forgot"], true);
    assert_eq!(uncovered["examples"].as_array().unwrap().len(), 50);
    assert_eq!(uncovered["examples"][0]["target"], "/often");
    assert_eq!(uncovered["examples"][0]["requests"], 5000);
    assert_eq!(uncovered["examples"][1]["target"], "/later");
    assert_eq!(uncovered["examples"][1]["requests"], 700);
    assert_eq!(json["scopes"][0]["scope"], "colleagues:read");
    assert_eq!(
        json["logs"][0]["first_unread"][0]["why"],
        "it is longer than 1,048,576 bytes"
    );
    let human = run_with_input(&["suggest", "-"], log.as_bytes()).exits(0);
    assert!(
        human
            .out
            .contains("The most frequent, counted at least so often:"),
        "{}",
        human.out
    );
}
