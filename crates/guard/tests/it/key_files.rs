//! Key files: the good ones, and the bad ones with their errors.

use std::fs;
use std::path::Path;

use routescope_guard::HashSecret;
use routescope_guard::keys::{KeyFile, StoredHash, moment};

use crate::bad_key_files::{GOOD, PASTED, cases};

#[test]
fn bad_files() {
    let folder = tempfile::tempdir().unwrap();
    let cases = cases();
    assert!(cases.len() > 100, "only {}", cases.len());
    let mut different = String::new();
    for (number, case) in cases.iter().enumerate() {
        let path = folder.path().join(format!("{number}.yaml"));
        case.put(&path);
        let Err(error) = KeyFile::read(&path) else {
            different += &format!("{}\n\tis good\n", case.name);
            continue;
        };
        let text = error.to_string();
        let Some(said) = text.strip_prefix(path.to_str().unwrap()) else {
            panic!("{}: {text}", case.name);
        };
        if said != case.error {
            different += &format!("{}\n\t{said}\n", case.name);
        }
        assert_eq!(format!("{error:?}"), text);
        assert!(!error.problems().is_empty());
        for pasted in [
            &PASTED[..12],
            "colleagues",
            "0123456789abcdef",
            "4f8b42c2",
            "softphone",
        ] {
            assert!(
                !text.contains(pasted),
                "{}: shows {pasted}: {text}",
                case.name
            );
        }
        // Without a file, the same text has the same error.
        if let Some(text) = case.text() {
            let error = KeyFile::parse("keys.yaml", text).unwrap_err().to_string();
            assert_eq!(
                error,
                format!("keys.yaml{said}").replace(&format!("\n{}", path.display()), "\nkeys.yaml"),
                "{}",
                case.name
            );
        }
    }
    assert!(different.is_empty(), "other errors:\n{different}");
}

#[test]
fn a_good_file() {
    let file = KeyFile::parse("keys.yaml", GOOD).unwrap();
    assert_eq!(file.policy.as_deref(), Some("pbx"));
    let [entry] = file.entries.as_slice() else {
        panic!()
    };
    assert_eq!(entry.id, "front-desk");
    assert_eq!(entry.scopes, ["colleagues:read", "phonebooks:*"]);
    assert_eq!(entry.expires, moment("2027-06-30T00:00:00Z"));
    assert_eq!(entry.note.as_deref(), Some("the receptionist's softphone"));
    let previous = entry.previous.unwrap();
    assert_eq!(Some(previous.expires), moment("2026-12-08T00:00:00Z"));
    let StoredHash::Sha256(hash) = entry.hash else {
        panic!()
    };
    assert_eq!(hash.as_bytes()[..3], [0x4f, 0x8b, 0x42]);
    assert_eq!(file.position(0), Some((4, 5)));
    assert_eq!(file.scope_position(0, 1), Some((6, 33)));
    assert!(file.warnings().next().is_none());
}

/// Other spellings of the same, and files that are as good.
#[test]
fn other_good_files() {
    let hash = "ab".repeat(32);
    for (name, text, entries) in [
        ("no keys yet", "version: 1\nkeys: []\n".to_owned(), 0),
        ("line breaks of Windows", GOOD.replace('\n', "\r\n"), 1),
        (
            "JSON",
            format!(
                "{{\"version\": 1, \"keys\": [{{\"id\": \"a\", \"sha256\": \"{hash}\", \"scopes\": []}}]}}"
            ),
            1,
        ),
        (
            "fields in another order",
            format!("keys:\n- scopes: []\n  hmac_sha256: {hash}\n  id: a\nversion: 1\n"),
            1,
        ),
        (
            "other letters",
            format!("version: 1\nkeys:\n- id: Empfang Köln 日本\n  sha256: {hash}\n  scopes: []\n"),
            1,
        ),
        (
            "an identifier of a machine",
            format!(
                "version: 1\nkeys:\n- id: 123e4567-e89b-12d3-a456-426614174000\n  sha256: {hash}\n  scopes: []\n"
            ),
            1,
        ),
        (
            "digits in quotes",
            format!(
                "version: 1\nkeys:\n- id: \"7\"\n  sha256: \"{}\"\n  scopes: []\n",
                "1234567890123456".repeat(4)
            ),
            1,
        ),
        (
            "a note of two lines",
            format!(
                "version: 1\nkeys:\n- id: a\n  sha256: {hash}\n  scopes: []\n  note: |\n    one\n    two\n"
            ),
            1,
        ),
    ] {
        let file =
            KeyFile::parse("keys.yaml", &text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(file.entries.as_slice().len(), entries, "{name}");
    }
}

/// Each wrong entry is told, up to a number that people read.
#[test]
fn all_errors_are_told() {
    let entry = |id: usize| format!("  - id: key-{id}\n    sha256: none\n    scopes: []\n");
    let entries: String = (0..30).map(entry).collect();
    let error = KeyFile::parse("keys.yaml", &format!("version: 1\nkeys:\n{entries}")).unwrap_err();
    assert_eq!(error.problems().len(), 30);
    let text = error.to_string();
    assert_eq!(text.lines().count(), 11);
    assert!(text.ends_with("\nand 20 more errors"), "{text}");
    assert_eq!(error.problems()[2].position(), Some((10, 13)));
}

#[cfg(unix)]
fn mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
#[test]
fn owners_and_modes() {
    use std::os::unix::fs::{chown, symlink};

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.yaml");
    fs::write(&path, GOOD).unwrap();
    for (bits, warned) in [
        (0o600, false),
        (0o400, false),
        (0o640, false),
        (0o644, true),
        (0o604, true),
    ] {
        mode(&path, bits);
        let file = KeyFile::read(&path).unwrap();
        assert_eq!(file.warnings().count(), usize::from(warned), "{bits:o}");
    }
    let warning = KeyFile::read(&path)
        .unwrap()
        .warnings()
        .next()
        .unwrap()
        .to_owned();
    assert!(
        warning.ends_with(": every user may read it (mode 0604); take that from them (chmod o-r)"),
        "{warning}"
    );
    // As Kubernetes mounts a secret: links, in a folder that is sticky.
    let mounted = folder.path().join("mounted");
    fs::create_dir_all(mounted.join("..2026")).unwrap();
    fs::copy(&path, mounted.join("..2026/keys.yaml")).unwrap();
    symlink("..2026", mounted.join("..data")).unwrap();
    symlink("..data/keys.yaml", mounted.join("keys.yaml")).unwrap();
    mode(&mounted, 0o1777);
    assert!(KeyFile::read(&mounted.join("keys.yaml")).is_ok());
    mode(&mounted, 0o777);
    let error = KeyFile::read(&mounted.join("keys.yaml"))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("others may replace it: its folder has the mode 0777"),
        "{error}"
    );
    // Only root can give files away.
    if rustix::process::geteuid().is_root() {
        chown(&path, Some(12345), None).unwrap();
        let error = KeyFile::read(&path).unwrap_err().to_string();
        assert!(
            error.contains("belongs to the user 12345, and the process runs as 0"),
            "{error}"
        );
    }
}

#[cfg(unix)]
#[test]
fn files_of_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    let hash = |secret: &[u8]| HashSecret::new(secret).unwrap().hash(b"key");
    for (number, (name, content, bits, said)) in [
        ("hexadecimal with its line break", format!("{hex}\n"), 0o600, None),
        ("and of Windows", format!("{hex}\r\n"), 0o640, None),
        ("alone", hex.to_owned(), 0o400, None),
        ("for everybody", hex.to_owned(), 0o644, Some(": every user may read it (mode 0644), and it is a secret; take that from them (chmod o-r)")),
        ("writable", hex.to_owned(), 0o620, Some(": others than its owner may write it (mode 0620); take that from them (chmod go-w)")),
        ("empty", String::new(), 0o600, Some(": a secret of less than 32 bytes; make it of random bytes: `openssl rand -hex 32`")),
        ("short", format!("{}\n", &hex[..31]), 0o600, Some(": a secret of less than 32 bytes; make it of random bytes: `openssl rand -hex 32`")),
        ("repeated", "password".repeat(8), 0o600, Some(": a secret of a few bytes, repeated; make it of random bytes: `openssl rand -hex 32`")),
        ("long", hex.repeat(65), 0o600, Some(": larger than 4096 bytes, the limit; name another file")),
    ]
    .into_iter()
    .enumerate()
    {
        let path = folder.path().join(number.to_string());
        fs::write(&path, content).unwrap();
        mode(&path, bits);
        match (HashSecret::read(&path), said) {
            (Ok(secret), None) => assert_eq!(secret.hash(b"key"), hash(hex.as_bytes()), "{name}"),
            (Err(error), Some(said)) => assert_eq!(error.to_string(), format!("{}{said}", path.display()), "{name}"),
            (read, _) => panic!("{name}: {read:?}"),
        }
    }
}

/// An id, a scope or a note of the form of the policy's keys, and the keys of another API.
#[test]
fn the_policy_knows_more() {
    let policy = routescope_compiler::compile("routes.yaml", "version: 1\nname: pbx\nkey: { prefix: t-, length: 30, alphabet: alphanumeric }\nscopes:\n  \"a:read\": { routes: [GET /a] }\n").unwrap();
    let check = |text: &str| {
        let file = KeyFile::parse("keys.yaml", text).unwrap();
        file.check_policy(policy.policy())
            .map_err(|error| error.to_string())
    };
    assert_eq!(check(GOOD), Ok(()));
    assert_eq!(check(&GOOD.replace("policy: pbx\n", "")), Ok(()));
    assert_eq!(
        check(&GOOD.replace("policy: pbx", "policy: shop")).unwrap_err(),
        "keys.yaml:2:9: these keys are for another policy than the one that decides; give the policy its own key file, or correct `policy:`"
    );
    let key = "t-0123456789abcdefghijABCDEFGH";
    for (old, new) in [
        ("front-desk", key.to_owned()),
        ("\"phonebooks:*\"", key.to_owned()),
        ("the receptionist's", format!("given {key} at the")),
    ] {
        let error = check(&GOOD.replace(old, &new)).unwrap_err();
        assert!(
            error.starts_with("keys.yaml:4:5: a text of this entry has the form of a key"),
            "{error}"
        );
        assert!(!error.contains("t-0123"), "{error}");
    }
}
