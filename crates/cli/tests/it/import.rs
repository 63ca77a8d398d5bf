//! `routescope import --from guide`, end to end.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;

use crate::common::{TempFile, expect, repository, run, run_with_closed_pipe, run_with_input};
use crate::guides::{Guide, mapping, routes_of};
use proptest::prelude::*;

fn guide_file(text: &str) -> TempFile {
    TempFile::new("guide.txt", text)
}

fn import(file: &TempFile) -> crate::common::Answer {
    run(&["import", "--from", "guide", &file.as_str()])
}

/// The 109 routes under 25 scopes of a guide in any notation are those of the table, with the
/// facts around it.
#[test]
fn every_shape_of_the_guide() {
    for (shape, text) in Guide::default().shapes() {
        let file = guide_file(&text);
        let answer = import(&file).exits(0);
        assert_eq!(routes_of(&answer.out), mapping(), "{shape}");
        assert_eq!(mapping().len(), 109);
        let scopes: BTreeSet<String> = mapping().into_iter().map(|(scope, _)| scope).collect();
        assert_eq!(scopes.len(), 25);
        for line in [
            "name: pbx",
            "updated: 2026-05-28",
            "umbrella: pbx",
            "key: { prefix: wsk-v1-, length: 100, alphabet: alphanumeric }",
            "    summary: Everything about devices:* (own words)",
        ] {
            assert!(
                answer.out.contains(&format!("{line}\n")),
                "{shape}: {line}\n{}",
                answer.out
            );
        }
        assert!(
            answer
                .err
                .contains("the guide shows PUT /api/v1/device/{id}/ (line ")
                && answer.err.contains(", for devices:*)"),
            "{shape}: {}",
            answer.err
        );
        // The policy is in canonical form.
        let policy = TempFile::new("routes.yaml", &answer.out);
        run(&["fmt", "--check", &policy.as_str()]).exits(0);
        // It lacks the route that the built-in table takes from the guide's example.
        let diff = run(&["diff", "--format", "json", &policy.as_str()])
            .exits(1)
            .json();
        assert_eq!(diff["wider"], false, "{shape}");
        assert_eq!(diff["changes"][0]["old"], "PUT /api/v1/device/{id}/");
        assert_eq!(diff["changes"].as_array().unwrap().len(), 1);
    }
}

/// The vendor's own edition, where it is at hand: it is not ours to ship.
#[test]
fn the_guide_itself() {
    let Some(file) = std::env::var_os("ROUTESCOPE_GUIDE")
        .map(std::path::PathBuf::from)
        .or_else(|| Some(repository().join("../shared/spec/pbx-api-keys.txt")))
        .filter(|file| file.is_file())
    else {
        // The standard macro would not do: a test keeps its output to itself.
        let note = "the guide is not there: set ROUTESCOPE_GUIDE to its text to import it here\n";
        std::io::stderr().write_all(note.as_bytes()).unwrap();
        return;
    };
    let answer = run(&["import", "--from", "guide", file.to_str().unwrap()]).exits(0);
    assert_eq!(routes_of(&answer.out), mapping());
    let into = TempFile::new(
        "routes.yaml",
        fs::read(repository().join("routes.yaml")).unwrap(),
    );
    let arguments = [
        "import",
        "--from",
        "guide",
        file.to_str().unwrap(),
        "--into",
        &into.as_str(),
    ];
    let answer = run(&arguments).exits(0);
    assert!(answer.err.contains("is up to date"), "{}", answer.err);
}

#[test]
fn counts_that_differ_are_said() {
    let guide = Guide {
        stated: (110, 25),
        ..Guide::default()
    };
    let file = guide_file(&guide.flat());
    let answer = import(&file).exits(1);
    assert!(
        answer.err.contains(
            "the guide says 110 routes across 25 scopes, and 109 routes across 25 scopes were read"
        ),
        "{}",
        answer.err
    );
    assert_eq!(routes_of(&answer.out).len(), 109);

    let into = TempFile::new(
        "routes.yaml",
        fs::read(repository().join("routes.yaml")).unwrap(),
    );
    let before = fs::read(into.path()).unwrap();
    let (file, policy) = (file.as_str(), into.as_str());
    let arguments = ["import", "--from", "guide", &file, "--into", &policy];
    run(&arguments).exits(1);
    assert_eq!(fs::read(into.path()).unwrap(), before);
    run(&[&arguments[..], &["--ignore-counts"]].concat()).exits(0);
    run(&["import", "--from", "guide", &file, "--ignore-counts"]).exits(0);
}

/// A line that is not understood is refused at its position, in every notation.
#[test]
fn nothing_is_dropped() {
    let flat = Guide::default().flat();
    let devices = "| POST | /api/v1/devices/scan/ |\n";
    let cases = [
        (
            "prose",
            devices,
            "| POST | /api/v1/devices/scan/ |\nPUT is allowed for admins, too.\n",
        ),
        (
            "method",
            "| POST | /api/v1/devices/scan/ |",
            "| POSt | /api/v1/devices/scan/ |",
        ),
        (
            "two-methods",
            "| POST | /api/v1/devices/scan/ |",
            "| POST, PUT | /api/v1/devices/scan/ |",
        ),
        (
            "partial",
            "/api/v1/devices/scan/ |",
            "/api/v1/devices/{id}.{format} |",
        ),
        (
            "relative",
            "/api/v1/devices/scan/ |",
            "api/v1/devices/scan/ |",
        ),
        (
            "angle",
            "/api/v1/devices/scan/ |",
            "/api/v1/devices/<id>/ |",
        ),
        (
            "third-cell",
            "| POST | /api/v1/devices/scan/ |",
            "| POST | /api/v1/devices/scan/ | beta |",
        ),
        (
            "third-column",
            "pbxpower:*\nEverything about pbxpower:* (own words)\n| Method | Route |",
            "pbxpower:*\nEverything about pbxpower:* (own words)\n| Method | Route | Unless |",
        ),
        ("scope-name", "pbxpower:*\n", "pbxpower\n"),
        (
            "no-table",
            "pbxpower:*\n",
            "power:*\nOnly for partners\npbxpower:*\n",
        ),
        ("scope-twice", "pbxpower:*\n", "smtp:read\n"),
        (
            "route-twice",
            devices,
            "| POST | /api/v1/devices/scan/ |\n| POST | /api/v1/devices/scan/ |\n",
        ),
        (
            "against-the-rule",
            "| POST | /api/v1/devices/scan/ |",
            "| GET | /api/v1/devices/scan/ |",
        ),
        (
            "behind-the-end",
            "Examples\n",
            "Examples\nbeta:read\nOnly for partners\n",
        ),
        ("no-heading", "Scope to routes mapping\n", "\n"),
    ];
    let mut all = String::new();
    for (name, old, new) in cases {
        assert!(flat.contains(old), "{name}");
        let file = guide_file(&flat.replacen(old, new, 1));
        let answer = import(&file).exits(2);
        assert_eq!(answer.out, "", "{name}");
        let folder = file.path().parent().unwrap().to_str().unwrap().to_owned();
        all += &format!("## {name}\n{}\n", answer.err.replace(&(folder + "/"), ""));
    }
    expect("data/import/refused.txt", &all);

    let guide = Guide::default();
    for (shape, text, old, new) in [
        (
            "markdown",
            guide.markdown(),
            "### `pbxpower:*`",
            "### Power",
        ),
        (
            "markdown",
            guide.markdown(),
            "| `POST` | `/api/v1/devices/scan/` |",
            "- `POST /api/v1/devices/scan/`",
        ),
        (
            "html",
            guide.html(),
            "<h3><code>pbxpower:*</code></h3>",
            "<h3>Power</h3>",
        ),
        (
            "html",
            guide.html(),
            "<td><code>POST</code></td><td><code>/api/v1/devices/scan/",
            "<td><code>SCAN</code></td><td><code>/api/v1/devices/scan/",
        ),
    ] {
        assert!(text.contains(old), "{shape} {old}");
        let answer = import(&guide_file(&text.replacen(old, new, 1))).exits(2);
        let line = text[..text.find(old).unwrap()].matches('\n').count() + 1;
        assert!(
            answer.err.contains(&format!("guide.txt:{line}:")),
            "{shape} {line}: {}",
            answer.err
        );
    }
}

#[test]
fn a_new_file() {
    let file = guide_file(&Guide::default().flat());
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("new.yaml");
    let arguments = [
        "import",
        "--from",
        "guide",
        &file.as_str(),
        "--output",
        new.to_str().unwrap(),
    ];
    let answer = run(&arguments).exits(0);
    assert!(
        answer
            .out
            .ends_with("new.yaml: 109 routes under 25 scopes\n"),
        "{}",
        answer.out
    );
    assert_eq!(routes_of(&fs::read_to_string(&new).unwrap()), mapping());
    let answer = run(&arguments).exits(2);
    assert!(
        answer.err.contains("`--into` updates a file that exists"),
        "{}",
        answer.err
    );
    let json = run(&[
        "import",
        "--from",
        "guide",
        &file.as_str(),
        "--format",
        "json",
    ])
    .exits(0)
    .json();
    assert_eq!(
        (&json["routes"], &json["scopes"]),
        (&109.into(), &25.into())
    );
    assert_eq!(routes_of(json["policy"].as_str().unwrap()), mapping());
}

/// Options that decide nothing in a guide are refused, not ignored.
#[test]
fn options_of_descriptions() {
    for option in [
        "--base=/a",
        "--scheme=a",
        "--lists=any",
        "--public",
        "--any-key",
        "--skip",
    ] {
        let answer = run_with_input(&["import", "--from", "guide", option, "-"], b"a").exits(2);
        assert!(answer.err.contains("is for descriptions"), "{}", answer.err);
    }
}

#[test]
fn what_cannot_be_read() {
    let import = |file: &str| run(&["import", "--from", "guide", file]).exits(2);
    assert!(
        import("missing.txt")
            .err
            .contains("cannot read missing.txt")
    );
    assert!(import(&guide_file(" \n").as_str()).err.contains("is empty"));
    assert!(
        import(&guide_file("Hello\n").as_str())
            .err
            .contains("there is no table of routes")
    );
    let latin = TempFile::new("latin.txt", b"a\nb\xE9\n");
    assert!(
        import(&latin.as_str())
            .err
            .contains("is not UTF-8, from line 2 on")
    );
    let guide = guide_file(&Guide::default().flat());
    let into =
        |file: &str| run(&["import", "--from", "guide", &guide.as_str(), "--into", file]).exits(2);
    assert!(
        into("missing.yaml")
            .err
            .contains("cannot read missing.yaml")
    );
    assert!(into("-").err.contains("standard input cannot be updated"));
    run(&["import", &guide.as_str()]).exits(2);
}

#[test]
fn pipes() {
    let text = Guide::default().flat();
    let answer = run_with_input(&["import", "--from", "guide", "-"], text.as_bytes()).exits(0);
    assert!(
        answer.out.starts_with("# Imported; `routescope import"),
        "{}",
        answer.out
    );
    let file = guide_file(&text);
    let answer = run_with_closed_pipe(&["import", "--from", "guide", &file.as_str()]);
    assert_eq!(answer.code, 0, "{}", answer.err);
}

/// Pieces of guides, whole and broken.
const PIECES: &[&str] = &[
    "Scope to routes mapping\n",
    "## Scope to routes mapping\n",
    "a:read\n",
    "### `a:*`\n",
    "| Method | Route |\n",
    "|---|---|\n",
    "| GET | /a/{id}/ |\n",
    "| GET | \\",
    "|",
    "\n",
    "```",
    "<!--",
    "-->",
    "<table><tr><td>",
    "</td></tr>",
    "<h3>a:read</h3>",
    "<script>",
    "<",
    "&#123;",
    "&#xD800;",
    "&",
    "---\n",
    "curl -X PUT \"https://h/\u{fc}\" \\",
    "curl http://",
    "Key format: 9 characters, prefix \u{fc} followed by 8 alphanumeric",
    "Read routes accept :read",
    "Write routes accept :*",
    "Last updated: 20\u{fc}6-05-28",
    "1 routes across 1 scopes",
    "[x](",
    "**",
    "openapi: 3.1.0\n",
    "paths:\n",
    "  /a:\n    get: {}\n",
    "security: [{}]\n",
    "{\u{2028}",
];

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 150,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Nothing that is read makes the command stumble.
    #[test]
    fn any_text(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..14)) {
        let text: String = pieces.concat();
        for kind in ["guide", "openapi"] {
            let answer = run_with_input(&["import", "--from", kind, "-"], text.as_bytes());
            prop_assert!([0, 1, 2].contains(&answer.code), "{}: {}", text, answer.err);
            prop_assert_eq!(answer.out.is_empty(), answer.code == 2);
        }
    }
}
