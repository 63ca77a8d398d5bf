//! `routescope import --into`, end to end.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use crate::common::{TempFile, expect, repository, routescope, run};
use crate::guides::{Guide, mapping, routes_of};
use proptest::prelude::*;

fn guide_file(text: &str) -> TempFile {
    TempFile::new("guide.txt", text)
}

/// Names of generated code are the policy's own, and no source has them: they stay, also that of an
/// implied scope, which the source does not list.
#[test]
fn names_stay() {
    let guide = guide_file(&Guide::default().flat());
    let text = fs::read_to_string(repository().join("routes.yaml")).unwrap();
    let text =
        text.replace(
            "  \"trunks:read\":\n",
            "  \"trunks:read\":\n    name: SEE_TRUNKS\n",
        )
        .replace(
            "      - GET /api/v1/trunks/sip/\n",
            "      - route: GET /api/v1/trunks/sip/\n        name: ListTrunks\n",
        ) + "\n  \"callhistory:*\":\n    name: CALLS\n";
    assert_eq!(text.matches("name: ").count(), 4);
    let into = TempFile::new("routes.yaml", &text);
    run(&[
        "import",
        "--from",
        "guide",
        &guide.as_str(),
        "--into",
        &into.as_str(),
    ])
    .exits(0);
    assert_eq!(fs::read_to_string(into.path()).unwrap(), text);
    run(&["generate", &into.as_str(), "--lang", "rust"]).exits(0);
}

/// The policy changes where the source did, and nowhere else.
#[test]
fn into_a_policy() {
    let guide = Guide {
        without: vec![
            "POST /api/v1/device/resettoken/".into(),
            "GET /api/v1/pbx/callhistory/".into(),
        ],
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
    assert!(
        answer
            .out
            .contains("wider in some places and narrower in others"),
        "{}",
        answer.out
    );
    assert!(
        answer
            .err
            .contains("note: kept PUT /api/v1/device/{id}/ under `devices:*`"),
        "{}",
        answer.err
    );
    let after = fs::read_to_string(into.path()).unwrap();
    expect("data/import/into.diff", &line_difference(&before, &after));
    assert_eq!(fs::metadata(into.path()).unwrap().mode() & 0o777, 0o640);
    // Nothing else is in the folder.
    assert_eq!(
        fs::read_dir(into.path().parent().unwrap()).unwrap().count(),
        1
    );
    run(&["fmt", "--check", &policy]).exits(0);

    // Once more: nothing to do.
    let again = run(&arguments).exits(0);
    assert!(again.err.contains("is up to date"), "{}", again.err);
    run(&[&arguments[..], &["--dry-run"]].concat()).exits(0);
    assert_eq!(fs::read_to_string(into.path()).unwrap(), after);

    // The way back is a change too.
    let old = guide_file(&Guide::default().flat());
    run(&[
        "import",
        "--from",
        "guide",
        &old.as_str(),
        "--into",
        &policy,
    ])
    .exits(0);
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

/// Files in an unusual form are edited in that form, or not at all.
#[test]
fn into_files_of_other_shapes() {
    let file = guide_file(&Guide::default().flat());
    let source = fs::read_to_string(repository().join("routes.yaml")).unwrap();
    let gone = "      - GET /api/v1/pbx/version/\n";
    // Wider indents, Windows line ends, no newline at the end.
    let wide = source.replace(gone, "").replace("\n  ", "\n    ");
    let (wide, windows) = (
        wide.trim_end().to_owned(),
        source.replace(gone, "").replace('\n', "\r\n"),
    );
    for (text, line) in [
        (wide, "\n        - GET /api/v1/pbx/version/\n"),
        (windows, "\n      - GET /api/v1/pbx/version/\n"),
    ] {
        let into = TempFile::new("routes.yaml", &text);
        let answer = run(&[
            "import",
            "--from",
            "guide",
            &file.as_str(),
            "--into",
            &into.as_str(),
        ])
        .exits(0);
        assert!(
            answer.out.contains("GET /api/v1/pbx/version/  new route"),
            "{}",
            answer.out
        );
        let after = fs::read_to_string(into.path()).unwrap();
        assert!(after.contains(line), "{after}");
        run(&["diff", &into.as_str()]).exits(0);
    }
    let list = "    routes:\n      - PUT /api/v1/pbx/system/reboot/\n";
    assert!(source.contains(list));
    let flow = source.replace(
        list,
        "    routes: [PUT /api/v1/pbx/system/reboot/, PUT /api/v1/gone/]\n",
    );
    let into = TempFile::new("routes.yaml", &flow);
    let answer = run(&[
        "import",
        "--from",
        "guide",
        &file.as_str(),
        "--into",
        &into.as_str(),
    ])
    .exits(2);
    assert!(
        answer
            .err
            .contains("run `routescope fmt` on the file first"),
        "{}",
        answer.err
    );
    assert_eq!(fs::read_to_string(into.path()).unwrap(), flow);
    run(&["fmt", &into.as_str()]).exits(0);
    run(&[
        "import",
        "--from",
        "guide",
        &file.as_str(),
        "--into",
        &into.as_str(),
    ])
    .exits(0);
    run(&["diff", &into.as_str()]).exits(0);
}

#[test]
fn into_a_link_replaces_what_it_leads_to() {
    let file = guide_file(&Guide::default().flat());
    let source = fs::read_to_string(repository().join("routes.yaml")).unwrap();
    let real = TempFile::new(
        "routes.yaml",
        source.replace("      - GET /api/v1/pbx/version/\n", ""),
    );
    let link = real.path().with_file_name("link.yaml");
    std::os::unix::fs::symlink("routes.yaml", &link).unwrap();
    run(&[
        "import",
        "--from",
        "guide",
        &file.as_str(),
        "--into",
        link.to_str().unwrap(),
    ])
    .exits(0);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    run(&["diff", &real.as_str()]).exits(0);
}

/// If the folder cannot be written to, the file stays unchanged.
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
        .args([
            "import",
            "--from",
            "guide",
            &file.as_str(),
            "--into",
            &into.as_str(),
        ])
        .output()
        .unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    if refused {
        assert_eq!(answer.status.code(), Some(2));
        assert_eq!(fs::read_to_string(into.path()).unwrap(), old);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 40,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// A policy may lack routes, have too many, and have any comments: afterwards it
    /// lists the guide's routes and those with a note, and the lines that had no reason
    /// to change are there, in their order.
    #[test]
    fn into_random_policies(
        lacks in prop::collection::vec(any::<prop::sample::Index>(), 0..60),
        without in prop::collection::vec(any::<prop::sample::Index>(), 0..60),
        comments in prop::collection::vec((any::<prop::sample::Index>(), 0..8usize), 0..20),
    ) {
        let all: Vec<(String, String)> = mapping().into_iter().collect();
        let guide = Guide {
            without: without.iter().map(|index| index.get(&all).1.clone()).collect(),
            ..Guide::default()
        };
        let source = fs::read_to_string(repository().join("routes.yaml")).unwrap();
        let mut lines: Vec<String> = source.lines().map(str::to_owned).collect();
        for index in &lacks {
            let gone = format!("      - {}", index.get(&all).1);
            lines.retain(|line| *line != gone);
        }
        for (number, (index, indent)) in comments.iter().enumerate() {
            let at = index.index(lines.len());
            lines.insert(at, format!("{:indent$}# remark {number}", ""));
        }
        let into = TempFile::new("routes.yaml", lines.join("\n") + "\n");
        let file = guide_file(&guide.flat());
        let arguments = ["import", "--from", "guide", "--ignore-counts", &file.as_str(), "--into", &into.as_str()];
        run(&arguments).exits(0);
        let after = fs::read_to_string(into.path()).unwrap();
        let mut expected: BTreeSet<(String, String)> = all.iter().filter(|(_, route)| !guide.without.contains(route)).cloned().collect();
        expected.insert(("devices:*".into(), "PUT /api/v1/device/{id}/".into()));
        prop_assert_eq!(routes_of(&after), expected, "{}", after);
        let kept = |line: &&str| {
            let route = line.trim_start().strip_prefix("- ").unwrap_or("");
            line.contains("- ") && !guide.without.iter().any(|gone| gone == route)
        };
        let before = lines.join("\n");
        let mut now = after.lines();
        for line in before.lines().filter(kept) {
            prop_assert!(now.any(|other| other == line), "{}\n{}", line, after);
        }
    }
}
