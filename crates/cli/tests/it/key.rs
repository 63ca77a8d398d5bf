//! `routescope key`, end to end.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use routescope_guard::keys::{KeyFile, StoredHash};
use routescope_guard::{HashSecret, KeyHash};

use crate::common::{Answer, expect, repository, routescope};

const POLICY: &str = "\
version: 1
name: shop
umbrella: shop
key: { prefix: shop-, length: 45, alphabet: alphanumeric }
scopes:
  \"orders:read\": { routes: [GET /orders/, \"GET /orders/{id}/\"] }
  \"orders:*\": { routes: [POST /orders/] }
  \"carts:read\": { routes: [\"GET /carts/{id}/\"] }
  \"carts:*\": { routes: [\"DELETE /carts/{id}/\"] }
";

/// A folder with a policy, and a key file in it.
struct Shop {
    folder: tempfile::TempDir,
}

impl Shop {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("routes.yaml"), POLICY).unwrap();
        Self { folder }
    }

    /// With some keys already.
    fn with(keys: &str) -> Self {
        let shop = Self::new();
        shop.write("keys.yaml", keys);
        shop
    }

    /// Writes a file that nobody else may read or write.
    fn write(&self, name: &str, content: &str) {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        set_mode(&path, 0o600);
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn keys(&self) -> String {
        fs::read_to_string(self.path("keys.yaml")).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Answer {
        let command = &mut routescope();
        command
            .arg("key")
            .args(arguments)
            .current_dir(self.folder.path());
        Answer::from(command.output().unwrap())
    }

    /// Runs a command of the shell, in which `$R` is this command.
    fn shell(&self, script: &str) -> std::process::Output {
        let mut command = std::process::Command::new("sh");
        command
            .args(["-c", script])
            .env("R", env!("CARGO_BIN_EXE_routescope"))
            .env_remove("ROUTESCOPE_POLICY")
            .current_dir(self.folder.path());
        command.output().unwrap()
    }

    /// The one key, made by a command.
    fn made(&self, arguments: &[&str]) -> String {
        let answer = self.run(arguments).exits(0);
        let key = answer.out.strip_suffix('\n').unwrap();
        assert!(!key.contains('\n') && key.len() > 20, "{}", answer.out);
        assert!(!answer.err.contains(key), "{}", answer.err);
        key.to_owned()
    }

    fn entries(&self) -> Vec<routescope_guard::KeyEntry> {
        KeyFile::read(&self.path("keys.yaml")).unwrap().entries
    }
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) {}

/// The text of a key file without what differs each time.
fn without_hashes(text: &str) -> String {
    let is_hash =
        |word: &str| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut out = String::new();
    for word in text.split_inclusive([' ', '\n', ',']) {
        let bare = word.trim_end_matches([' ', '\n', ',']);
        match is_hash(bare) {
            true => out.extend(["HASH", &word[64..]]),
            false => out.push_str(word),
        }
    }
    out
}

fn sha256(key: &str) -> StoredHash {
    StoredHash::Sha256(KeyHash::sha256(key.as_bytes()))
}

#[test]
fn the_life_of_a_key() {
    let shop = Shop::new();
    let first = shop.made(&[
        "new",
        "--id",
        "till",
        "--scope",
        "orders:read",
        "--expires",
        "2127-01-01",
        "--note",
        "the till",
    ]);
    assert!(first.starts_with("shop-") && first.len() == 45, "{first}");
    assert_eq!(
        without_hashes(&shop.keys()),
        "version: 1\npolicy: shop\nkeys:\n  - id: till\n    sha256: HASH\n    scopes: [\"orders:read\"]\n    expires: 2127-01-01T00:00:00Z\n    note: \"the till\"\n"
    );
    assert_eq!(shop.entries()[0].hash, sha256(&first));

    let second = shop.made(&["new", "--id", "kiosk", "--scope", ""]);
    let third = shop.made(&["rotate", "till"]);
    let entries = shop.entries();
    assert_eq!(entries[0].hash, sha256(&third));
    assert_eq!(entries[0].previous.unwrap().hash, sha256(&first));
    assert_eq!(entries[1].hash, sha256(&second));

    // A third key has no place beside the two.
    let refused = shop.run(&["rotate", "till"]).exits(2);
    assert!(
        refused.err.contains("an entry holds two") && refused.out.is_empty(),
        "{}",
        refused.err
    );
    assert_eq!(shop.entries(), entries);
    let fourth = shop.made(&[
        "rotate",
        "till",
        "--force-drop-previous",
        "--overlap",
        "12h",
    ]);
    assert_eq!(shop.entries()[0].previous.unwrap().hash, sha256(&third));
    let listed = shop.run(&["list"]).exits(0).out;
    assert!(
        listed.contains(
            "till\n  scopes   orders:read\n  state    valid, and so is the key before, until 20"
        ),
        "{listed}"
    );
    assert!(listed.ends_with("\nkeys.yaml: 2 keys\n"), "{listed}");

    shop.run(&["revoke", "till", "--previous"]).exits(0);
    assert_eq!(shop.entries()[0].previous, None);
    assert_eq!(shop.entries()[0].hash, sha256(&fourth));
    shop.run(&["rotate", "till", "--overlap", "0"]).exits(0);
    assert_eq!(shop.entries()[0].previous, None);
    shop.run(&["revoke", "till"]).exits(0);
    shop.run(&["revoke", "kiosk"]).exits(0);
    assert_eq!(shop.keys(), "version: 1\npolicy: shop\nkeys: []\n");
}

/// The key is in one line of one output, and in no other output and no file.
#[test]
fn a_key_is_shown_once() {
    let shop = Shop::new();
    let mut shown = Vec::new();
    let mut said = String::new();
    for arguments in [
        &["new", "--id", "till", "--scope", "orders:read"][..],
        &[
            "new",
            "--id",
            "kiosk",
            "--for",
            "GET /carts/7/",
            "--note",
            "n",
        ],
        &["rotate", "till"],
    ] {
        let answer = shop.run(arguments).exits(0);
        shown.push(answer.out.trim_end().to_owned());
        said += &answer.err;
    }
    for arguments in [
        &["list"][..],
        &["list", "--format", "json"],
        &["check"],
        &["check", "--format", "json"],
        &["rotate", "till"],
        &["new", "--id", "till", "--scope", "orders:read"],
        &["revoke", "nobody"],
        &["revoke", "till"],
    ] {
        let Answer { out, err, .. } = shop.run(arguments);
        said += &out;
        said += &err;
    }
    for file in fs::read_dir(shop.folder.path()).unwrap() {
        said += &fs::read_to_string(file.unwrap().path()).unwrap();
    }
    for key in &shown {
        assert!(!said.contains(&key["shop-".len()..]), "{key}: {said}");
    }
    assert_eq!(shown.len(), 3);
}

/// The file that the documentation shows, and the one of the library.
#[test]
fn the_documented_file() {
    let text = fs::read_to_string(repository().join("docs/command.md")).unwrap();
    let (_, section) = text.split_once("\n## `key`\n").unwrap();
    let (_, file) = section.split_once("```yaml\n").unwrap();
    let (file, _) = file.split_once("```").unwrap();
    let file = KeyFile::parse("keys.yaml", file).unwrap();
    assert_eq!(file.entries.len(), 1);
    file.check_policy(routescope::pbx::POLICY).unwrap();
}

/// Comments and layout of a file stay.
#[test]
fn what_people_wrote_stays() {
    let text = "# Of the shop\nversion: 1\nkeys:\n\n- id: till # old\n  scopes: [\"orders:read\"] # least\n  sha256: 4f8b42c22dd3729b519ba6f68d2da7cc5b2d606d05daed5ad5128cc03e6c6358\n# End\n";
    let shop = Shop::with(text);
    shop.made(&["new", "--id", "new", "--scope", "carts:read"]);
    let added = "- id: new\n  sha256: HASH\n  scopes: [\"carts:read\"]\n";
    let expected = without_hashes(text).replace("# End\n", &format!("{added}# End\n"));
    assert_eq!(without_hashes(&shop.keys()), expected);
    shop.run(&["revoke", "new"]).exits(0);
    assert_eq!(shop.keys(), text);

    let json = "{\"version\": 1, \"keys\": []}\n";
    shop.write("keys.yaml", json);
    let refused = shop
        .run(&["new", "--id", "a", "--scope", "orders:read"])
        .exits(2);
    assert!(
        refused
            .err
            .contains("keys.yaml:1: this cannot be changed without risk"),
        "{}",
        refused.err
    );
    assert_eq!((shop.keys().as_str(), refused.out.as_str()), (json, ""));
}

#[test]
fn the_least_scopes() {
    let shop = Shop::new();
    shop.write(
        "routes.txt",
        "# What the app calls\n\nGET /orders/7/\nPOST /orders/\n",
    );
    for (id, arguments, scopes) in [
        ("a", &["--for", "GET /orders/"][..], &["orders:read"][..]),
        ("b", &["--for", "GET /orders/{id}/"], &["orders:read"]),
        (
            "c",
            &["--for", "HEAD /orders/", "--for", "GET /carts/9/"],
            &["carts:read", "orders:read"],
        ),
        ("d", &["--routes", "routes.txt"], &["orders:*"]),
        (
            "e",
            &["--scope", "shop:read", "--for", "GET /orders/"],
            &["shop:read"],
        ),
        (
            "f",
            &["--scope", "carts:read", "--routes", "routes.txt"],
            &["carts:read", "orders:*"],
        ),
    ] {
        shop.made(&[&["new", "--id", id][..], arguments].concat());
        assert_eq!(shop.entries().last().unwrap().scopes, scopes, "{id}");
    }
    let answer = shop
        .run(&["new", "--id", "g", "--routes", "routes.txt"])
        .exits(0);
    assert!(answer.err.starts_with("orders:* is the least for GET /orders/{id}/, POST /orders/\ng: added to keys.yaml, with orders:*; it does not expire\n"), "{}", answer.err);
}

/// A policy with sets, implied scopes, and routes that need no scope.
const BOARDS: &str = "\
version: 1
name: boards
scope_names: opaque
implies: { admin: [boards.write, pins.write] }
public: [GET /health]
any_key: [GET /me]
scopes:
  boards.read: { routes: [GET /boards, \"GET /boards/{id}\"] }
  boards.read boards.write: { routes: [POST /boards] }
  boards.read pins.write: { routes: [POST /pins] }
  audit boards.read: { routes: [GET /export] }
  export: { routes: [GET /export, GET /export/a, GET /export/b, GET /export/c] }
";

/// A route that needs several scopes brings all that the key has not; of several alternatives, the
/// one that opens the least. Routes that need no scope bring none.
#[test]
fn the_least_sets_of_scopes() {
    let shop = Shop::new();
    shop.write("routes.yaml", BOARDS);
    shop.write(
        "all.txt",
        "GET /export/a\nGET /export\nPOST /boards\nPOST /pins\n",
    );
    for (id, arguments, scopes, said) in [
        (
            "a",
            &["--for", "POST /boards"][..],
            &["boards.read", "boards.write"][..],
            "boards.read and boards.write are the least for POST /boards\n",
        ),
        (
            "b",
            &["--scope", "boards.read", "--for", "POST /boards"],
            &["boards.read", "boards.write"],
            "boards.write is the least for POST /boards\n",
        ),
        (
            "c",
            &[
                "--scope",
                "admin",
                "--for",
                "POST /boards",
                "--for",
                "POST /pins",
            ],
            &["admin", "boards.read"],
            "boards.read is the least for POST /boards, POST /pins\n",
        ),
        (
            "d",
            &["--for", "GET /health", "--for", "GET /me"],
            &[],
            "no key is needed for GET /health\nno scope, but a key is needed for GET /me\n",
        ),
        (
            "e",
            &["--for", "GET /export"],
            &["audit", "boards.read"],
            "audit and boards.read are the least for GET /export\n",
        ),
        (
            "f",
            &["--scope", "boards.read", "--for", "GET /export"],
            &["boards.read", "audit"],
            "audit is the least for GET /export\n",
        ),
        (
            "g",
            &["--for", "GET /export", "--for", "GET /export/a"],
            &["export"],
            "export is the least for GET /export, GET /export/a\n",
        ),
        (
            "h",
            &["--routes", "all.txt"],
            &["boards.read", "boards.write", "export", "pins.write"],
            "boards.read and boards.write are the least for POST /boards\n\
             boards.read and pins.write are the least for POST /pins\n\
             export is the least for GET /export, GET /export/a\n",
        ),
    ] {
        let arguments = [&["new", "--id", id][..], arguments].concat();
        let answer = shop.run(&arguments).exits(0);
        assert_eq!(shop.entries().last().unwrap().scopes, scopes, "{id}");
        let wanted = format!("{said}{id}: added to keys.yaml");
        assert!(answer.err.starts_with(&wanted), "{id}: {}", answer.err);
    }
}

/// In opaque names, no part means anything, and a key without scopes may call the routes for any key.
#[test]
fn opaque_scopes_of_keys() {
    let shop = Shop::new();
    shop.write("routes.yaml", BOARDS);
    shop.run(&["new", "--id", "a", "--scope", ""]).exits(0);
    let answer = shop.run(&["check", "--deny", "warnings"]).exits(0);
    assert!(answer.out.ends_with("keys.yaml: 1 key\n"), "{}", answer.out);
    let answer = shop.run(&["check", "--notes"]).exits(0);
    let note = "this key has no scopes: it opens only the routes for any key";
    assert!(answer.out.contains(note), "{}", answer.out);
    for (scope, hint) in [
        (
            "boards.Read",
            "did you mean `boards.read`? Upper and lower case differ.",
        ),
        (
            "*:*",
            "the names of this policy are opaque, so that `*` is a letter and no pattern",
        ),
        (
            "users:read",
            "no scope of this policy is like it; it may belong to another API",
        ),
    ] {
        let answer = shop.run(&["new", "--id", "b", "--scope", scope]).exits(2);
        assert!(answer.err.contains(hint), "{scope}: {}", answer.err);
    }
}

#[test]
fn refused() {
    let shop = Shop::with(
        "version: 1\nkeys:\n  - id: till\n    hmac_sha256: 4f8b42c22dd3729b519ba6f68d2da7cc5b2d606d05daed5ad5128cc03e6c6358\n    scopes: []\n    expires: 2001-01-01T00:00:00Z\n  - id: kiosk\n    hmac_sha256: 2bd806c97f0e00af1a1fc3328fa763a9269723c8db8fac4f93af71db186d6e90\n    scopes: []\n",
    );
    let before = shop.keys();
    shop.write("short.secret", "secret\n");
    shop.write("weak.yaml", &POLICY.replace("length: 45", "length: 26"));
    shop.write("other.yaml", "version: 1\npolicy: pbx\nkeys: []\n");
    shop.write("bad.yaml", "version: 1\nkeys: {}\n");
    let mut answers = String::new();
    for arguments in [
        &["new", "--id", "a"][..],
        &["new", "--id", "a", "--scope", "order:read"],
        &["new", "--id", "a", "--scope", "orders:write,read:orders"],
        &["new", "--id", "a", "--for", "GET /order/"],
        &["new", "--id", "a", "--for", "/orders/"],
        &["new", "--id", "a", "--for", "DELETE /orders/"],
        &["new", "--id", "a", "--routes", "none.txt"],
        &["new", "--id", "till", "--scope", "orders:read"],
        &["new", "--id", "", "--scope", "orders:read"],
        &["new", "--id", "a\u{202e}b", "--scope", "orders:read"],
        &[
            "new",
            "--id",
            "shop-0123456789abcdefghijABCDEFGHIJ0123456789",
            "--scope",
            "orders:read",
        ],
        &[
            "new",
            "--id",
            "a",
            "--scope",
            "orders:read",
            "--expires",
            "2001-01-01",
        ],
        &[
            "new",
            "--id",
            "a",
            "--scope",
            "orders:read",
            "--expires",
            "soon",
        ],
        &[
            "new",
            "--id",
            "a",
            "--scope",
            "orders:read",
            "--hmac-secret",
            "short.secret",
        ],
        &[
            "new",
            "--id",
            "a",
            "--scope",
            "orders:read",
            "--hmac-secret",
            "none.secret",
        ],
        &[
            "new",
            "--id",
            "a",
            "--scope",
            "orders:read",
            "--policy",
            "weak.yaml",
        ],
        &[
            "new",
            "--id",
            "a",
            "--scope",
            "orders:read",
            "--keys",
            "other.yaml",
        ],
        &[
            "new",
            "--id",
            "a",
            "--scope",
            "orders:read",
            "--keys",
            "bad.yaml",
        ],
        &["new", "--id", "a", "--scope", "orders:read", "--keys", "."],
        &["rotate", "till"],
        &["rotate", "kiosk"],
        &["rotate", "nobody"],
        &["rotate", "kiosk", "--overlap", "7"],
        &["revoke", "kios"],
        &["revoke", "kiosk", "--previous"],
        &["revoke", "kiosk", "--keys", "none.yaml"],
        &["list", "--keys", "none.yaml"],
        &["list", "--keys", "bad.yaml"],
        &["check", "--keys", "none.yaml"],
    ] {
        let answer = shop.run(arguments).exits(2);
        assert_eq!(answer.out, "", "{arguments:?}");
        let shown = arguments.join(" ").replace('\u{202e}', "\\u{202e}");
        answers += &format!("$ routescope key {shown}\n{}\n", answer.err);
        assert_eq!(shop.keys(), before, "{arguments:?}");
    }
    expect("key/refused.txt", &answers);
    let nowhere = [
        "new",
        "--id",
        "a",
        "--scope",
        "orders:read",
        "--keys",
        "none/keys.yaml",
    ];
    let nowhere = shop.run(&nowhere).exits(2);
    assert!(
        nowhere.err.contains("the folder does not exist"),
        "{}",
        nowhere.err
    );
}

#[test]
fn checked() {
    let pasted = "shop-0123456789abcdefghijABCDEFGHIJ0123456789";
    let shop = Shop::with(&format!(
        "version: 1\npolicy: shop\nkeys:\n  - id: till\n    sha256: 4f8b42c22dd3729b519ba6f68d2da7cc5b2d606d05daed5ad5128cc03e6c6358\n    scopes: [\"orders:read\", \"order:read\", \"shop:*\"]\n    expires: 2001-01-01T00:00:00Z\n  - id: kiosk\n    sha256: 2bd806c97f0e00af1a1fc3328fa763a9269723c8db8fac4f93af71db186d6e90\n    scopes: []\n    previous: {{ sha256: {}, expires: 2001-01-01T00:00:00Z }}\n",
        "ab".repeat(32)
    ));
    set_mode(&shop.path("keys.yaml"), 0o644);
    shop.write("weak.yaml", &POLICY.replace("length: 45", "length: 26"));
    shop.write("good.yaml", "version: 1\nkeys: []\n");
    shop.write("other.yaml", "version: 1\npolicy: pbx\nkeys: []\n");
    shop.write(
        "key.yaml",
        &format!(
            "version: 1\nkeys:\n  - id: till\n    sha256: {pasted}\n    scopes: []\n  - {pasted}\n"
        ),
    );
    shop.write("shown.yaml", &shop.keys().replace("kiosk", pasted));
    shop.write("open.yaml", "version: 1\nkeys: []\n");
    set_mode(&shop.path("open.yaml"), 0o666);
    let mut answers = String::new();
    for (arguments, code) in [
        (&["check"][..], 0),
        (&["check", "--notes", "--deny", "warnings"], 1),
        (&["check", "--keys", "good.yaml", "--deny", "warnings"], 0),
        (
            &["check", "--keys", "good.yaml", "--policy", "weak.yaml"],
            0,
        ),
        (&["check", "--keys", "other.yaml"], 1),
        (&["check", "--keys", "key.yaml"], 1),
        (&["check", "--keys", "shown.yaml"], 1),
        (&["check", "--keys", "open.yaml"], 1),
    ] {
        let answer = shop.run(arguments).exits(code);
        assert_eq!(answer.err, "", "{arguments:?}");
        assert!(
            !answer.out.contains(&pasted[5..]),
            "{arguments:?}: {}",
            answer.out
        );
        answers += &format!("$ routescope key {}\n{}\n", arguments.join(" "), answer.out);
        let json = shop
            .run(&[arguments, &["--format", "json"]].concat())
            .exits(code)
            .json();
        assert_eq!(json["ok"], code == 0, "{arguments:?}");
        assert_eq!(
            json["problems"].as_array().unwrap().is_empty(),
            !answer.out.contains("help: "),
            "{arguments:?}"
        );
    }
    expect("key/check.txt", &answers);
}

#[test]
fn a_keyed_hash() {
    let shop = Shop::new();
    shop.write(
        "secret",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
    );
    let secret = HashSecret::read(&shop.path("secret")).unwrap();
    let new = shop.made(&[
        "new",
        "--id",
        "a",
        "--scope",
        "orders:read",
        "--hmac-secret",
        "secret",
    ]);
    let keyed = |key: &str| StoredHash::HmacSha256(secret.hash(key.as_bytes()));
    assert_eq!(shop.entries()[0].hash, keyed(&new));
    let next = shop.made(&["rotate", "a", "--hmac-secret", "secret"]);
    assert_eq!(shop.entries()[0].hash, keyed(&next));
    assert_eq!(shop.entries()[0].previous.unwrap().hash, keyed(&new));
}

#[cfg(unix)]
#[test]
fn modes_owners_and_links_stay() {
    use std::os::unix::fs::{MetadataExt, symlink};

    let mode = |path: PathBuf| fs::metadata(path).unwrap().mode() & 0o777;
    let shop = Shop::new();
    let made = shop.shell("umask 0; \"$R\" key new --id a --scope orders:read");
    assert!(made.status.success());
    assert_eq!(mode(shop.path("keys.yaml")), 0o600);
    set_mode(&shop.path("keys.yaml"), 0o640);
    shop.made(&["new", "--id", "b", "--scope", "orders:read"]);
    assert_eq!(mode(shop.path("keys.yaml")), 0o640);
    symlink("keys.yaml", shop.path("link.yaml")).unwrap();
    shop.made(&[
        "new",
        "--id",
        "c",
        "--scope",
        "orders:read",
        "--keys",
        "link.yaml",
    ]);
    assert_eq!(shop.entries().len(), 3);
    assert!(
        shop.path("link.yaml")
            .symlink_metadata()
            .unwrap()
            .is_symlink()
    );
}

/// A key that nobody sees is not made, and a file that cannot be written is as it was.
#[cfg(unix)]
#[test]
fn failures_leave_the_file() {
    let shop = Shop::new();
    shop.made(&["new", "--id", "a", "--scope", "orders:read"]);
    let before = shop.keys();
    for (name, script, said) in [
        (
            "a full device",
            "\"$R\" key new --id b --scope orders:read > /dev/full",
            "it is not in the file either",
        ),
        (
            "a full device for a rotation",
            "\"$R\" key rotate a > /dev/full",
            "the old one is as it was",
        ),
        (
            "nowhere",
            "\"$R\" key new --id b --scope orders:read > /dev/null",
            "the key would be lost",
        ),
        (
            "closed",
            "\"$R\" key new --id b --scope orders:read >&-",
            "the key would be lost",
        ),
        (
            "the file itself",
            "\"$R\" key new --id b --scope orders:read >> keys.yaml",
            "the key file",
        ),
        (
            "a write that fails",
            "trap '' XFSZ; ulimit -f 0; \"$R\" key new --id b --scope orders:read",
            "cannot write keys.yaml",
        ),
        (
            "a process that is killed as it writes",
            "ulimit -c 0; ulimit -f 0; exec \"$R\" key new --id b --scope orders:read",
            "",
        ),
        (
            "a rotation that is killed as it writes",
            "ulimit -c 0; ulimit -f 0; exec \"$R\" key rotate a",
            "",
        ),
    ] {
        if name.starts_with("a full") && !Path::new("/dev/full").exists() {
            continue; // not on this system
        }
        let output = shop.shell(script);
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && err.contains(said),
            "{name}: {err}"
        );
        let killed = std::os::unix::process::ExitStatusExt::signal(&output.status);
        assert_eq!(killed.is_some(), name.contains("killed"), "{name}: {err}");
        assert_eq!(output.stdout, b"", "{name}");
        assert_eq!(shop.keys(), before, "{name}");
    }
}

/// Commands at the same time lose no key, the first of all included.
#[test]
fn at_the_same_time() {
    let shop = Shop::new();
    let ids: Vec<String> = (0..12).map(|number| format!("key-{number}")).collect();
    let children: Vec<_> = ids
        .iter()
        .map(|id| {
            routescope()
                .args(["key", "new", "--scope", "orders:read", "--id", id])
                .current_dir(shop.folder.path())
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let mut hashes = Vec::new();
    for child in children {
        let answer = Answer::from(child.wait_with_output().unwrap()).exits(0);
        hashes.push(sha256(answer.out.trim_end()));
    }
    let entries = shop.entries();
    assert_eq!(entries.len(), ids.len());
    for (id, hash) in ids.iter().zip(hashes) {
        let entry = entries.iter().find(|entry| entry.id == *id).unwrap();
        assert_eq!(entry.hash, hash, "{id}");
    }
    // No temporary file is left.
    assert_eq!(fs::read_dir(shop.folder.path()).unwrap().count(), 2);
}

#[test]
fn a_policy_without_a_format() {
    let shop = Shop::new();
    let policy = POLICY.replace(
        "key: { prefix: shop-, length: 45, alphabet: alphanumeric }\n",
        "",
    );
    shop.write("routes.yaml", &policy);
    let key = shop.made(&["new", "--id", "a", "--scope", "orders:read"]);
    assert!(key.starts_with("rsk-") && key.len() == 47, "{key}");
    let help = shop.run(&["new", "--help"]).exits(0).out;
    assert!(help.contains("shown this once"), "{help}");
}
