//! Changes of files that a reload must not miss.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use routescope::{OwnedPolicy, Reason, pbx};
use routescope_guard::{Guard, KeyHash};
use tempfile::TempDir;

const NOW: u64 = 1_780_000_000;

fn key() -> String {
    format!("wsk-v1-{}", "k".repeat(93))
}

/// Writes a file of keys as `routescope key` does: another file, renamed.
fn write(path: &Path, entries: &str) {
    let new = path.with_extension("new");
    fs::write(&new, format!("version: 1\nkeys:{entries}\n")).unwrap();
    fs::set_permissions(&new, fs::Permissions::from_mode(0o600)).unwrap();
    fs::rename(&new, path).unwrap();
}

fn one_key() -> String {
    let hash = KeyHash::sha256(key().as_bytes());
    let hash: String = hash.as_bytes().iter().map(|b| format!("{b:02x}")).collect();
    format!("\n  - id: desk\n    sha256: {hash}\n    scopes: [\"colleagues:read\"]")
}

/// A guard that follows a file with one key.
fn guard() -> (TempDir, PathBuf, Guard) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.yaml");
    write(&path, &one_key());
    let guard = Guard::builder(pbx::POLICY).keys_file(&path).build();
    (folder, path, guard.unwrap())
}

fn reason(guard: &Guard) -> Option<Reason> {
    let header = format!("Bearer {}", key());
    let answer = guard.decide(Some(header.as_bytes()), "GET", "/api/v1/colleagues/", NOW);
    match answer.reason() {
        Some(routescope_guard::DenyReason::Decision(reason)) => Some(reason),
        _ => None,
    }
}

fn of_another_api() -> OwnedPolicy {
    let text = "version: 1\nname: shop\nscopes:\n  \"a:read\":\n    routes:\n      - GET /a\n";
    let compiled = routescope_compiler::compile("shop.yaml", text).unwrap();
    OwnedPolicy::from_bytes(compiled.to_bytes()).unwrap()
}

/// A key is revoked in the file, and before the next look at it the program offers a policy that
/// is refused. The file has still to be read.
#[test]
fn a_policy_that_is_refused_hides_no_change_of_the_keys() {
    let (_folder, path, guard) = guard();
    assert_eq!(reason(&guard), None);
    write(&path, " []");
    assert!(guard.set_policy(of_another_api()).is_err());
    assert!(guard.reload_if_changed().is_some(), "the file has changed");
    assert_eq!(reason(&guard), Some(Reason::UnknownKey));
}

/// A key is revoked in the file, which cannot be read for a moment for a reason that leaves no
/// trace on the file: its folder's mode, too many open files, a disk that does not answer.
#[test]
fn a_reload_that_failed_is_tried_again() {
    let (folder, path, guard) = guard();
    write(&path, " []");
    let mode = |mode| fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
    mode(0o777);
    assert!(guard.reload_if_changed().is_some_and(|done| done.is_err()));
    mode(0o700);
    assert!(guard.reload_if_changed().is_some(), "nothing was read");
    assert_eq!(reason(&guard), Some(Reason::UnknownKey));
}

/// The file of the policy has a mistake that somebody is still working on. A key that is revoked
/// meanwhile does not wait for that.
#[test]
fn a_bad_policy_keeps_no_revoked_key_alive() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pbx.rsp");
    let (bytes, keys) = (
        of_another_api().as_bytes().to_vec(),
        folder.path().join("keys.yaml"),
    );
    fs::write(&path, &bytes).unwrap();
    write(&keys, &one_key().replace("colleagues:read", "a:read"));
    let file = routescope_guard::PolicyOrigin::file(&path);
    let guard = Guard::builder(file).keys_file(&keys).build().unwrap();
    fs::write(&path, &bytes[..100]).unwrap();
    let done = guard.set_keys(routescope_guard::KeyFile::new([]));
    let header = format!("Bearer {}", key());
    let answer = guard.decide(Some(header.as_bytes()), "GET", "/a", NOW);
    assert!(!answer.admits(), "{done:?}");
}
