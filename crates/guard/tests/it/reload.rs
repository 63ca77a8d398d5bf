//! Reloads that are refused, and what stays in force; changes of files that are noticed.

use std::fs;
use std::path::{Path, PathBuf};

#[cfg(feature = "compiler")]
use routescope::OwnedPolicy;
use routescope::{Reason, pbx};
use routescope_compiler::compile;
use routescope_guard::{Guard, KeyFile, PolicyOrigin, ReloadError};
use tempfile::TempDir;

use crate::bad_key_files::cases;
use crate::requests::{NOW, entry, key};

/// A table with one route more than the others.
const SHOP: &str = "version: 1\nname: shop\nrevision: 5\nscopes:\n  \"orders:read\":\n    routes:\n      - GET /orders/\n      - GET /orders/{id}/\n  \"orders:*\":\n    routes:\n      - DELETE /orders/{id}/\n";

/// A folder with a policy and keys, and a guard over them.
struct Shop {
    folder: TempDir,
    guard: Guard,
}

fn write(path: &Path, content: &[u8]) {
    // In place of the old one, as a careful program replaces a file.
    let new = path.with_extension("new");
    fs::write(&new, content).expect("a file");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&new, fs::Permissions::from_mode(0o600)).expect("a file");
    }
    fs::rename(&new, path).expect("a file");
}

fn bytes(source: &str) -> Vec<u8> {
    compile("shop.yaml", source).expect("a policy").to_bytes()
}

fn key_file(id: &str, key: &str, scope: &str) -> String {
    let hash = routescope_guard::KeyHash::sha256(key.as_bytes());
    let hash: String = hash
        .as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("version: 1\nkeys:\n  - id: {id}\n    sha256: {hash}\n    scopes: [\"{scope}\"]\n")
}

impl Shop {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        write(&folder.path().join("shop.rsp"), &bytes(SHOP));
        let keys = key_file("desk", "key-of-the-desk", "orders:read");
        write(&folder.path().join("keys.yaml"), keys.as_bytes());
        let builder = Guard::builder(PolicyOrigin::file(folder.path().join("shop.rsp")));
        let builder = builder.keys_file(folder.path().join("keys.yaml"));
        #[cfg(feature = "compiler")]
        let builder = builder.refuse_wider(true);
        let guard = builder.build().expect("sound files");
        Self { folder, guard }
    }

    fn policy(&self) -> PathBuf {
        self.folder.path().join("shop.rsp")
    }

    fn keys(&self) -> PathBuf {
        self.folder.path().join("keys.yaml")
    }

    /// The reason of a denial, or `allow`, for the key of the desk.
    fn ask(&self, method: &str, target: &str) -> &'static str {
        let header = Some(&b"Bearer key-of-the-desk"[..]);
        let answer = self.guard.decide(header, method, target, NOW);
        answer.reason().map_or("allow", |reason| reason.as_str())
    }

    /// The old policy and keys still decide, and the error is told until a reload succeeds.
    fn is_as_before(&self, name: &str, digest: &str, error: &ReloadError) {
        assert_eq!(self.ask("GET", "/orders/7/"), "allow", "{name}");
        assert_eq!(self.ask("DELETE", "/orders/7/"), "missing_scope", "{name}");
        let status = self.guard.status();
        assert_eq!(status.digest, digest, "{name}");
        assert_eq!((status.keys, status.revision), (1, 5), "{name}");
        assert_eq!(status.last_error, Some(error.to_string()), "{name}");
    }
}

#[test]
fn a_bad_key_file_keeps_the_old_keys() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = folder.path().join("good.yaml");
    let (old, new) = (key(1), key(2));
    write(&good, key_file("desk", &old, "colleagues:read").as_bytes());
    let path = folder.path().join("keys.yaml");
    fs::copy(&good, &path).expect("a copy");
    let guard = Guard::builder(pbx::POLICY)
        .keys_file(&path)
        .build()
        .expect("sound keys");
    let ask = |key: &str| {
        let header = format!("Bearer {key}");
        let answer = guard.decide(Some(header.as_bytes()), "GET", "/api/v1/colleagues/", NOW);
        answer.reason().map_or("allow", |reason| reason.as_str())
    };
    let mut failures = 0;
    for case in cases() {
        let _ = fs::remove_dir_all(&path);
        let _ = fs::remove_file(&path);
        case.put(&path);
        let error = guard.reload().expect_err(case.name).to_string();
        let said = error.strip_prefix(path.to_str().expect("UTF-8"));
        assert_eq!(said, Some(case.error), "{}", case.name);
        failures += 1;
        assert_eq!(
            (ask(&old), ask(&new)),
            ("allow", "unknown_key"),
            "{}",
            case.name
        );
        let status = guard.status();
        assert_eq!(status.failures, failures);
        assert_eq!(status.last_error.as_deref(), Some(&*error), "{}", case.name);
    }
    assert!(failures > 100, "only {failures} kinds");
    let _ = fs::remove_dir_all(&path);
    let _ = fs::remove_file(&path);
    write(&path, key_file("desk", &new, "colleagues:read").as_bytes());
    assert_eq!(guard.reload().expect("sound keys").keys, 1);
    assert_eq!((ask(&old), ask(&new)), ("unknown_key", "allow"));
    assert_eq!(guard.status().last_error, None);
}

/// A change of the shop's folder, and the beginning of the error.
type Change = (&'static str, fn(&Shop), &'static str);

#[test]
fn a_bad_policy_keeps_the_old_one() {
    let cases: &[Change] = &[
        (
            "a cut policy",
            |shop| write(&shop.policy(), &bytes(SHOP)[..200]),
            "a policy of 348 bytes, and there are 200",
        ),
        (
            "a flipped bit",
            |shop| {
                let mut bytes = bytes(SHOP);
                bytes[300] ^= 1;
                write(&shop.policy(), &bytes);
            },
            "the checksum is not that of the bytes",
        ),
        (
            "the policy of another API",
            |shop| {
                write(
                    &shop.policy(),
                    &bytes(&SHOP.replace("name: shop", "name: desk")),
                );
            },
            "it is for the policy `desk`",
        ),
        (
            "an older revision",
            |shop| {
                write(
                    &shop.policy(),
                    &bytes(&SHOP.replace("revision: 5", "revision: 4")),
                );
            },
            "revision 4 is older than 5",
        ),
        (
            "no file",
            |shop| fs::remove_file(shop.policy()).expect("a file"),
            "cannot be read",
        ),
        (
            "nothing",
            |shop| write(&shop.policy(), b""),
            "no compiled policy",
        ),
        (
            "keys that are gone",
            |shop| fs::remove_file(shop.keys()).expect("a file"),
            "cannot be read",
        ),
        #[cfg(unix)]
        (
            "a policy that everybody may write",
            |shop| {
                use std::os::unix::fs::PermissionsExt;
                let mode = fs::Permissions::from_mode(0o666);
                fs::set_permissions(shop.policy(), mode).expect("a file");
            },
            "others than its owner may write it",
        ),
        #[cfg(not(feature = "compiler"))]
        (
            "a text without a compiler",
            |shop| write(&shop.policy(), SHOP.as_bytes()),
            "it is a text, and this program has no compiler",
        ),
        #[cfg(feature = "compiler")]
        (
            "a route more",
            |shop| {
                let wider = SHOP.replace("GET /orders/\n", "GET /orders/\n      - GET /carts/\n");
                write(&shop.policy(), &bytes(&wider));
            },
            "it opens more than the policy in force: GET /carts/ with orders:read",
        ),
        #[cfg(feature = "compiler")]
        (
            "a route more, as text",
            |shop| {
                let wider = SHOP.replace("GET /orders/\n", "GET /orders/\n      - GET /carts/\n");
                write(&shop.policy(), wider.as_bytes());
            },
            "it opens more than the policy in force: GET /carts/ with orders:read",
        ),
        #[cfg(feature = "compiler")]
        (
            "a text with a mistake",
            |shop| write(&shop.policy(), SHOP.replace("routes:", "route:").as_bytes()),
            "error",
        ),
    ];
    for (name, change, expected) in cases {
        let shop = Shop::new();
        let digest = shop.guard.status().digest;
        assert!(
            shop.guard.reload_if_changed().is_none(),
            "{name}: nothing has changed"
        );
        change(&shop);
        let error = match shop.guard.reload_if_changed() {
            Some(Err(error)) => error,
            other => panic!("{name}: {other:?}"),
        };
        assert!(error.to_string().contains(expected), "{name}: {error}");
        shop.is_as_before(name, &digest, &error);
        // A bad file is read once, and one that was not read is tried again: what keeps it from
        // being read may pass without a trace.
        let is_unread = ["cannot be read", "others than its owner may write it"];
        let is_unread = is_unread
            .iter()
            .any(|part| error.to_string().contains(part));
        assert_eq!(
            shop.guard.reload_if_changed().is_some(),
            is_unread,
            "{name}"
        );
        write(&shop.policy(), &bytes(SHOP));
        let keys = key_file("desk", "key-of-the-desk", "orders:*");
        write(&shop.keys(), keys.as_bytes());
        let done = shop
            .guard
            .reload_if_changed()
            .expect("a change")
            .expect(name);
        assert_eq!(done.digest, digest);
        assert_eq!(shop.ask("DELETE", "/orders/7/"), "allow", "{name}");
        assert_eq!(shop.guard.status().last_error, None);
    }
}

/// A person has reviewed what opens more.
#[cfg(feature = "compiler")]
#[test]
fn what_opens_more_comes_in_on_purpose_alone() {
    let wider = SHOP
        .replace("\"orders:*\":", "\"orders:delete\":")
        .replace("revision: 5", "revision: 6");
    let shop = Shop::new();
    write(&shop.policy(), &bytes(&wider));
    let refused = |done: Result<_, ReloadError>| matches!(done, Err(ReloadError::Wider { .. }));
    assert!(refused(shop.guard.reload()));
    // No other way in leads past it.
    let loaded = || OwnedPolicy::from_bytes(bytes(&wider)).expect("a policy");
    assert!(refused(shop.guard.set_policy(loaded())));
    assert!(refused(shop.guard.replace(loaded(), KeyFile::new([]))));
    assert_eq!(shop.ask("GET", "/orders/7/"), "allow", "the old keys");
    assert_eq!(shop.guard.reload_wider().expect("reviewed").revision, 6);
    // And back is an older edition.
    write(&shop.policy(), &bytes(SHOP));
    assert!(matches!(
        shop.guard.reload(),
        Err(ReloadError::Older { .. })
    ));
    // Narrower needs nobody.
    let narrower = wider
        .replace("      - GET /orders/{id}/\n", "")
        .replace("revision: 6", "revision: 7");
    write(&shop.policy(), &bytes(&narrower));
    shop.guard.reload().expect("narrower");
    assert_eq!(shop.ask("GET", "/orders/7/"), "method_not_listed");
}

#[test]
fn a_revoked_key_is_unknown_from_the_reload_on() {
    let shop = Shop::new();
    let answer = shop
        .guard
        .decide(Some(&b"Bearer key-of-the-desk"[..]), "GET", "/orders/", NOW);
    write(&shop.keys(), b"version: 1\nkeys: []\n");
    assert_eq!(shop.ask("GET", "/orders/"), "allow", "nobody has reloaded");
    shop.guard.reload().expect("no key");
    assert_eq!(shop.ask("GET", "/orders/"), "unknown_key");
    // An answer is that of its snapshot, whatever comes after it.
    assert_eq!(answer.clone().key_id(), Some("desk"));
    assert_eq!(answer.route_name(), Some("GET /orders/"));
}

/// Two people's key would be two people's identity.
#[test]
fn one_key_belongs_to_one_id() {
    let both = [
        entry("a", &key(1), &["pbx:*"]),
        entry("b", &key(1), &["colleagues:read"]),
    ];
    let guard = Guard::builder(pbx::POLICY).keys(KeyFile::new(both)).build();
    let error = guard.expect_err("a key of two").to_string();
    assert_eq!(error, "the key `b` is another one's too; give each its own");
    let mut rotated = entry("a", &key(1), &["pbx:*"]);
    rotated.previous = Some(routescope_guard::PreviousKey {
        hash: rotated.hash,
        expires: NOW,
    });
    let guard = Guard::builder(pbx::POLICY)
        .keys(KeyFile::new([rotated]))
        .build();
    assert!(matches!(guard, Err(ReloadError::DuplicateKey { .. })));
}

#[test]
fn a_replaced_key_never_outlives_its_successor() {
    let mut rotated = entry("a", &key(1), &["colleagues:read"]);
    let old = entry("old", &key(2), &[]);
    rotated.expires = Some(NOW + 10);
    rotated.previous = Some(routescope_guard::PreviousKey {
        hash: old.hash,
        expires: NOW + 1_000,
    });
    let guard = Guard::builder(pbx::POLICY)
        .keys(KeyFile::new([rotated]))
        .build();
    let guard = guard.expect("sound keys");
    let ask = |number, now| {
        let header = format!("Bearer {}", key(number));
        let answer = guard.decide(Some(header.as_bytes()), "GET", "/api/v1/colleagues/", now);
        assert_eq!(answer.key_id(), Some("a"));
        assert_eq!(answer.is_previous_key(), number == 2);
        answer.reason()
    };
    for number in [1, 2] {
        assert_eq!(ask(number, NOW + 9), None);
        assert_eq!(ask(number, NOW + 10), Some(Reason::ExpiredKey.into()));
    }
}
