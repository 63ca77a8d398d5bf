//! Completions and manual pages, for every subcommand.

use std::fs;

use crate::common::{run, run_with_closed_pipe};

/// The subcommands of `key`.
const KEY: [&str; 5] = ["check", "list", "new", "revoke", "rotate"];

/// The subcommands that the command's own help lists.
fn subcommands() -> Vec<String> {
    let help = run(&["--help"]).exits(0).out;
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let (list, _) = list.split_once("\n\n").unwrap();
    let names = list
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help");
    names.map(str::to_owned).collect()
}

#[test]
fn every_subcommand_is_listed() {
    assert_eq!(
        subcommands(),
        [
            "check",
            "compile",
            "explain",
            "routes",
            "diff",
            "import",
            "suggest",
            "test",
            "graph",
            "decide",
            "fmt",
            "generate",
            "schema",
            "key",
            "completions",
            "man"
        ]
    );
}

/// Nothing in the help is left from a skeleton, and every option says what it
/// is for.
#[test]
fn every_subcommand_explains_itself() {
    let all = subcommands().into_iter().map(|name| vec![name]);
    let keys = KEY.map(|name| vec!["key".to_owned(), name.to_owned()]);
    for names in all.chain(keys) {
        let name = names.join(" ");
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let help = run(&[&names[..], &["--help"]].concat()).exits(0).out;
        assert!(!help.contains("Not written yet"), "{name}: {help}");
        assert!(help.contains("Usage: routescope "), "{name}: {help}");
        let short = run(&[&names[..], &["-h"]].concat()).exits(0).out;
        for line in short.lines().filter(|line| line.starts_with("      --")) {
            assert!(line.split_whitespace().count() > 2, "{name}: {line}");
        }
    }
}

#[test]
fn completions_name_every_subcommand_and_option() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = run(&["completions", shell]).exits(0).out;
        for name in subcommands() {
            assert!(script.contains(&name), "{shell}: {name}");
        }
        for option in ["policy", "min-coverage", "grep", "notes"] {
            assert!(script.contains(option), "{shell}: {option}");
        }
    }
    run(&["completions", "tcsh"]).exits(2);
}

/// Bash itself takes the script, and completes with it.
#[test]
fn bash_completes() {
    let script = run(&["completions", "bash"]).exits(0).out;
    let ask = r#"COMP_WORDS=(routescope ro); COMP_CWORD=1; _routescope routescope ro routescope; echo "${COMPREPLY[@]}""#;
    let Ok(output) = std::process::Command::new("bash")
        .args(["--norc", "-c", &format!("{script}\n{ask}")])
        .output()
    else {
        return; // no bash here
    };
    assert_eq!(String::from_utf8_lossy(&output.stdout), "routes\n");
}

#[test]
fn a_page_for_every_subcommand() {
    let page = run(&["man"]).exits(0).out;
    assert!(page.contains(".TH routescope 1"), "{page}");
    for name in subcommands() {
        assert!(
            page.contains(&format!("routescope\\-{name}(1)")),
            "{name}: {page}"
        );
        let page = run(&["man", &name]).exits(0).out;
        assert!(
            page.contains(&format!(".TH routescope-{name} 1")),
            "{name}: {page}"
        );
        assert!(
            page.contains(&format!("\\fBroutescope {name}\\fR")),
            "{name}: {page}"
        );
    }
}

/// An option with its values, a command with its own formats.
#[test]
fn a_synopsis_says_what_options_take() {
    for (name, parts) in [
        (
            "graph",
            &[
                "[--format human|json|dot|mermaid|svg]",
                "[--resource RESOURCE]...",
                "[-p|--policy FILE]",
                "[--color auto|always|never]",
            ][..],
        ),
        ("decide", &["[--format human|json]", "[FILE]"]),
        ("routes", &["[--format human|json|csv|markdown|html]"]),
        ("diff", &["[--deny widening]", "[--all]", "OLD [NEW]"]),
        ("import", &["--from guide|openapi", "[--dry-run]"]),
        ("explain", &["[-s|--scope SCOPE]...", "METHOD [TARGET]"]),
        ("completions", &["bash|elvish|fish|powershell|zsh"]),
    ] {
        let page = run(&["man", name]).exits(0).out.replace("\\-", "-");
        let (_, synopsis) = page.split_once(".SH SYNOPSIS\n").unwrap();
        let (synopsis, _) = synopsis.split_once("\n.SH").unwrap();
        for part in parts {
            assert!(synopsis.contains(part), "{name}: {part}: {synopsis}");
        }
        assert!(!synopsis.contains("[--format]"), "{synopsis}");
    }
}

#[test]
fn all_pages_into_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let man1 = folder.path().join("man1");
    run(&["man", "--into", man1.to_str().unwrap()]).exits(0);
    let mut names: Vec<String> = fs::read_dir(&man1)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut wanted: Vec<String> = subcommands()
        .iter()
        .map(|name| format!("routescope-{name}.1"))
        .collect();
    wanted.extend(KEY.iter().map(|name| format!("routescope-key-{name}.1")));
    wanted.push("routescope.1".to_owned());
    wanted.sort();
    assert_eq!(names, wanted);

    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let answer = run(&["man", "--into", file.to_str().unwrap()]).exits(2);
    assert!(
        answer
            .err
            .contains("help: name a folder that you may write to"),
        "{}",
        answer.err
    );
}

#[test]
fn a_page_that_is_not_there() {
    let answer = run(&["man", "no-such"]).exits(2);
    assert!(
        answer.err.contains("there is no subcommand `no-such`"),
        "{}",
        answer.err
    );
    assert!(
        answer
            .err
            .contains("help: there are check, compile, explain, routes"),
        "{}",
        answer.err
    );
}

#[test]
fn other_formats_are_refused() {
    run(&["man", "--format", "json"]).exits(2);
    run(&["completions", "bash", "--format", "json"]).exits(2);
}

#[test]
fn a_closed_pipe() {
    assert_eq!(
        run_with_closed_pipe(&["completions", "bash"]).exits(0).err,
        ""
    );
    assert_eq!(run_with_closed_pipe(&["man"]).exits(0).err, "");
}
