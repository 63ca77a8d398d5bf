//! `routescope import --from guide`, end to end.

mod common;
mod guides;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use common::{TempFile, expect, repository, routescope, run, run_with_closed_pipe, run_with_input};
use guides::{Guide, mapping, routes_of};

fn guide_file(text: &str) -> TempFile {
    TempFile::new("guide.txt", text)
}

fn import(file: &TempFile) -> common::Answer {
    run(&["import", "--from", "guide", &file.as_str()])
}

/// Whatever a guide is written in, its 109 routes under 25 scopes are those of
/// the table, with the facts around it.
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
            assert!(answer.out.contains(&format!("{line}\n")), "{shape}: {line}\n{}", answer.out);
        }
        assert!(
            answer.err.contains("the guide shows PUT /api/v1/device/{id}/ (line ")
                && answer.err.contains(", for devices:*)"),
            "{shape}: {}",
            answer.err
        );
        // And it is in canonical form.
        let policy = TempFile::new("routes.yaml", &answer.out);
        run(&["fmt", "--check", &policy.as_str()]).exits(0);
        // It lacks what the built-in table takes from the guide's example.
        let diff = run(&["diff", "--format", "json", &policy.as_str()]).exits(1).json();
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
        // Not by a macro, whose output a test keeps to itself.
        let note = "the guide is not there: set ROUTESCOPE_GUIDE to its text to import it here\n";
        std::io::stderr().write_all(note.as_bytes()).unwrap();
        return;
    };
    let answer = run(&["import", "--from", "guide", file.to_str().unwrap()]).exits(0);
    assert_eq!(routes_of(&answer.out), mapping());
    let into = TempFile::new("routes.yaml", fs::read(repository().join("routes.yaml")).unwrap());
    let arguments = ["import", "--from", "guide", file.to_str().unwrap(), "--into", &into.as_str()];
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
        answer.err.contains("the guide says 110 routes across 25 scopes, and 109 routes across 25 scopes were read"),
        "{}",
        answer.err
    );
    assert_eq!(routes_of(&answer.out).len(), 109);

    let into = TempFile::new("routes.yaml", fs::read(repository().join("routes.yaml")).unwrap());
    let before = fs::read(into.path()).unwrap();
    let (file, policy) = (file.as_str(), into.as_str());
    let arguments = ["import", "--from", "guide", &file, "--into", &policy];
    run(&arguments).exits(1);
    assert_eq!(fs::read(into.path()).unwrap(), before);
    run(&[&arguments[..], &["--ignore-counts"]].concat()).exits(0);
    run(&["import", "--from", "guide", &file, "--ignore-counts"]).exits(0);
}

/// What is not understood is refused where it stands, in every shape.
#[test]
fn nothing_is_dropped() {
    let flat = Guide::default().flat();
    let devices = "| POST | /api/v1/devices/scan/ |\n";
    let cases = [
        ("prose", devices, "| POST | /api/v1/devices/scan/ |\nPUT is allowed for admins, too.\n"),
        ("method", "| POST | /api/v1/devices/scan/ |", "| POSt | /api/v1/devices/scan/ |"),
        ("two-methods", "| POST | /api/v1/devices/scan/ |", "| POST, PUT | /api/v1/devices/scan/ |"),
        ("partial", "/api/v1/devices/scan/ |", "/api/v1/devices/{id}.json |"),
        ("relative", "/api/v1/devices/scan/ |", "api/v1/devices/scan/ |"),
        ("angle", "/api/v1/devices/scan/ |", "/api/v1/devices/<id>/ |"),
        ("third-cell", "| POST | /api/v1/devices/scan/ |", "| POST | /api/v1/devices/scan/ | beta |"),
        ("third-column", "pbxpower:*\nEverything about pbxpower:* (own words)\n| Method | Route |", "pbxpower:*\nEverything about pbxpower:* (own words)\n| Method | Route | Unless |"),
        ("scope-name", "pbxpower:*\n", "pbxpower\n"),
        ("no-table", "pbxpower:*\n", "power:*\nOnly for partners\npbxpower:*\n"),
        ("scope-twice", "pbxpower:*\n", "smtp:read\n"),
        ("route-twice", devices, "| POST | /api/v1/devices/scan/ |\n| POST | /api/v1/devices/scan/ |\n"),
        ("against-the-rule", "| POST | /api/v1/devices/scan/ |", "| GET | /api/v1/devices/scan/ |"),
        ("behind-the-end", "Examples\n", "Examples\nbeta:read\nOnly for partners\n"),
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
        ("markdown", guide.markdown(), "### `pbxpower:*`", "### Power"),
        ("markdown", guide.markdown(), "| `POST` | `/api/v1/devices/scan/` |", "- `POST /api/v1/devices/scan/`"),
        ("html", guide.html(), "<h3><code>pbxpower:*</code></h3>", "<h3>Power</h3>"),
        ("html", guide.html(), "<td><code>POST</code></td><td><code>/api/v1/devices/scan/", "<td><code>SCAN</code></td><td><code>/api/v1/devices/scan/"),
    ] {
        assert!(text.contains(old), "{shape} {old}");
        let answer = import(&guide_file(&text.replacen(old, new, 1))).exits(2);
        let line = text[..text.find(old).unwrap()].matches('\n').count() + 1;
        assert!(answer.err.contains(&format!("guide.txt:{line}:")), "{shape} {line}: {}", answer.err);
    }
}

/// The policy changes where the source did, and nowhere else.
#[test]
fn into_a_policy() {
    let guide = Guide {
        without: &["POST /api/v1/device/resettoken/", "GET /api/v1/pbx/callhistory/"],
        with: &[
            ("devices:read", "GET /api/v1/devices/{id}/"),
            ("queues:read", "GET /api/v1/queues/"),
            ("queues:read", "GET /api/v1/queues/{id}/"),
        ],
        updated: "2026-08-01",
        stated: (110, 25),
    };
    let file = guide_file(&guide.flat());
    let before = fs::read_to_string(repository().join("routes.yaml")).unwrap();
    let into = TempFile::new("routes.yaml", &before);
    fs::set_permissions(into.path(), fs::Permissions::from_mode(0o640)).unwrap();
    let (file, policy) = (file.as_str(), into.as_str());
    let arguments = ["import", "--from", "guide", &file, "--into", &policy];

    let dry = run(&[&arguments[..], &["--dry-run"]].concat()).exits(1);
    assert_eq!(fs::read_to_string(into.path()).unwrap(), before);

    let answer = run(&arguments).exits(0);
    assert_eq!(answer.out, dry.out);
    assert!(answer.out.contains("wider in some places and narrower in others"), "{}", answer.out);
    assert!(answer.err.contains("note: kept PUT /api/v1/device/{id}/ under `devices:*`"), "{}", answer.err);
    let after = fs::read_to_string(into.path()).unwrap();
    expect("data/import/into.diff", &line_difference(&before, &after));
    assert_eq!(fs::metadata(into.path()).unwrap().mode() & 0o777, 0o640);
    // Nothing else is in the folder.
    assert_eq!(fs::read_dir(into.path().parent().unwrap()).unwrap().count(), 1);
    run(&["fmt", "--check", &policy]).exits(0);

    // Once more: nothing to do.
    let again = run(&arguments).exits(0);
    assert!(again.err.contains("is up to date"), "{}", again.err);
    run(&[&arguments[..], &["--dry-run"]].concat()).exits(0);
    assert_eq!(fs::read_to_string(into.path()).unwrap(), after);

    // And back.
    let old = guide_file(&Guide::default().flat());
    run(&["import", "--from", "guide", &old.as_str(), "--into", &policy]).exits(0);
    run(&["diff", &policy]).exits(0);
}

/// The lines that changed, and one around each.
fn line_difference(before: &str, after: &str) -> String {
    let (a, b) = (TempFile::new("a", before), TempFile::new("b", after));
    let output = std::process::Command::new("diff")
        .args(["-U1", "--label", "before", "--label", "after"])
        .args([a.path(), b.path()])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Files that are not written the usual way are edited as they are, or not.
#[test]
fn into_files_of_other_shapes() {
    let file = guide_file(&Guide::default().flat());
    let source = fs::read_to_string(repository().join("routes.yaml")).unwrap();
    let gone = "      - GET /api/v1/pbx/version/\n";
    // Wider indents, Windows line ends, no newline at the end.
    let wide = source.replace(gone, "").replace("\n  ", "\n    ");
    let (wide, windows) = (wide.trim_end().to_owned(), source.replace(gone, "").replace('\n', "\r\n"));
    for (text, line) in [
        (wide, "\n        - GET /api/v1/pbx/version/\n"),
        (windows, "\n      - GET /api/v1/pbx/version/\n"),
    ] {
        let into = TempFile::new("routes.yaml", &text);
        let answer = run(&["import", "--from", "guide", &file.as_str(), "--into", &into.as_str()]).exits(0);
        assert!(answer.out.contains("GET /api/v1/pbx/version/  new route"), "{}", answer.out);
        let after = fs::read_to_string(into.path()).unwrap();
        assert!(after.contains(line), "{after}");
        run(&["diff", &into.as_str()]).exits(0);
    }
    let list = "    routes:\n      - PUT /api/v1/pbx/system/reboot/\n";
    assert!(source.contains(list));
    let flow = source.replace(list, "    routes: [PUT /api/v1/pbx/system/reboot/, PUT /api/v1/gone/]\n");
    let into = TempFile::new("routes.yaml", &flow);
    let answer = run(&["import", "--from", "guide", &file.as_str(), "--into", &into.as_str()]).exits(2);
    assert!(answer.err.contains("run `routescope fmt` on the file first"), "{}", answer.err);
    assert_eq!(fs::read_to_string(into.path()).unwrap(), flow);
    run(&["fmt", &into.as_str()]).exits(0);
    run(&["import", "--from", "guide", &file.as_str(), "--into", &into.as_str()]).exits(0);
    run(&["diff", &into.as_str()]).exits(0);
}

#[test]
fn into_a_link_replaces_what_it_leads_to() {
    let file = guide_file(&Guide::default().flat());
    let source = fs::read_to_string(repository().join("routes.yaml")).unwrap();
    let real = TempFile::new("routes.yaml", source.replace("      - GET /api/v1/pbx/version/\n", ""));
    let link = real.path().with_file_name("link.yaml");
    std::os::unix::fs::symlink("routes.yaml", &link).unwrap();
    run(&["import", "--from", "guide", &file.as_str(), "--into", link.to_str().unwrap()]).exits(0);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    run(&["diff", &real.as_str()]).exits(0);
}

#[test]
fn a_new_file() {
    let file = guide_file(&Guide::default().flat());
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("new.yaml");
    let arguments = ["import", "--from", "guide", &file.as_str(), "--output", new.to_str().unwrap()];
    let answer = run(&arguments).exits(0);
    assert!(answer.out.ends_with("new.yaml: 109 routes under 25 scopes\n"), "{}", answer.out);
    assert_eq!(routes_of(&fs::read_to_string(&new).unwrap()), mapping());
    let answer = run(&arguments).exits(2);
    assert!(answer.err.contains("`--into` updates a file that exists"), "{}", answer.err);
    let json = run(&["import", "--from", "guide", &file.as_str(), "--format", "json"]).exits(0).json();
    assert_eq!((&json["routes"], &json["scopes"]), (&109.into(), &25.into()));
    assert_eq!(routes_of(json["policy"].as_str().unwrap()), mapping());
}

#[test]
fn what_cannot_be_read() {
    let import = |file: &str| run(&["import", "--from", "guide", file]).exits(2);
    assert!(import("missing.txt").err.contains("cannot read missing.txt"));
    assert!(import(&guide_file(" \n").as_str()).err.contains("is empty"));
    assert!(import(&guide_file("Hello\n").as_str()).err.contains("there is no table of routes"));
    let latin = TempFile::new("latin.txt", b"a\nb\xE9\n");
    assert!(import(&latin.as_str()).err.contains("is not UTF-8, from line 2 on"));
    let guide = guide_file(&Guide::default().flat());
    let into = |file: &str| run(&["import", "--from", "guide", &guide.as_str(), "--into", file]).exits(2);
    assert!(into("missing.yaml").err.contains("cannot read missing.yaml"));
    assert!(into("-").err.contains("standard input cannot be updated"));
    run(&["import", &guide.as_str()]).exits(2);
}

#[test]
fn pipes() {
    let text = Guide::default().flat();
    let answer = run_with_input(&["import", "--from", "guide", "-"], text.as_bytes()).exits(0);
    assert!(answer.out.starts_with("# Imported; `routescope import"), "{}", answer.out);
    let file = guide_file(&text);
    let answer = run_with_closed_pipe(&["import", "--from", "guide", &file.as_str()]);
    assert_eq!(answer.code, 0, "{}", answer.err);
}

/// Where the folder cannot be written to, the file stays as it was.
#[test]
fn a_folder_that_cannot_be_written() {
    let file = guide_file(&Guide::default().flat());
    let source = fs::read_to_string(repository().join("routes.yaml")).unwrap();
    let old = source.replace("      - GET /api/v1/pbx/version/\n", "");
    let into = TempFile::new("routes.yaml", &old);
    let folder = into.path().parent().unwrap().to_owned();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    // A superuser may write anywhere.
    let refused = tempfile::tempfile_in(&folder).is_err();
    let answer = routescope()
        .args(["import", "--from", "guide", &file.as_str(), "--into", &into.as_str()])
        .output()
        .unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    if refused {
        assert_eq!(answer.status.code(), Some(2));
        assert_eq!(fs::read_to_string(into.path()).unwrap(), old);
    }
}
