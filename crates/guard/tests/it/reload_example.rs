//! The example of docs/reload.md, as a reader of it would try to break it.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use routescope::{OwnedPolicy, Reason};
use routescope_guard::{Guard, ReloadError};

// The functions of the example, not its `main`.
#[allow(
    dead_code,
    unreachable_pub,
    reason = "its `main` and its docs are for readers"
)]
#[path = "../../examples/reload.rs"]
mod example;

use example::{FIRST, FRONT_DESK, Files, SCREEN, ask, compiled, second, story};

fn may_delete(guard: &Guard) -> bool {
    ask(guard, FRONT_DESK, "DELETE", "/orders/7/").is_allow()
}

fn bytes(source: &str) -> Vec<u8> {
    compiled(source).expect("a policy")
}

fn digest(source: &str) -> String {
    let policy = OwnedPolicy::from_bytes(bytes(source)).expect("a policy");
    let digest = policy.policy().digest().iter();
    digest.map(|byte| format!("{byte:02x}")).collect()
}

/// The page shows these lines.
#[test]
fn the_story_is_told_as_the_page_shows_it() {
    let mut told = Vec::new();
    story(&mut told).expect("sound files");
    let told = String::from_utf8(told).expect("UTF-8");
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reload.md");
    let page = fs::read_to_string(page).expect("the page");
    assert!(page.contains(&format!("```text\n{told}```\n")), "{told}");
}

#[test]
fn a_failed_reload_keeps_policy_and_keys() {
    let files = Files::new().expect("files");
    let guard = files.guard().expect("sound files");
    let (sound_policy, sound_keys) = (bytes(FIRST), fs::read(files.keys()).expect("keys"));
    let keys = String::from_utf8(sound_keys.clone()).expect("UTF-8");
    let damaged = {
        let mut damaged = sound_policy.clone();
        damaged[30] ^= 1;
        damaged
    };
    let other = FIRST.replace("name: shop", "name: desk");
    let older = FIRST.replace("revision: 1\n", "");
    let (policy_path, keys_path) = (files.policy(), files.keys());
    let cases: [(&str, &PathBuf, Vec<u8>, &str); 8] = [
        ("nothing", &policy_path, Vec::new(), "shop.rsp: "),
        (
            "a text with an error",
            &policy_path,
            b"version: 1\n".to_vec(),
            "shop.rsp:1:1",
        ),
        (
            "another API's",
            &policy_path,
            bytes(&other),
            "it is for the policy `desk`",
        ),
        (
            "an older one",
            &policy_path,
            bytes(&older),
            "revision 0 is older than 1",
        ),
        ("a damaged one", &policy_path, damaged, "checksum"),
        ("no keys", &keys_path, Vec::new(), "keys.yaml:"),
        (
            "a key without a hash",
            &keys_path,
            keys.replace("sha256:", "note:").into_bytes(),
            "keys.yaml:4:5",
        ),
        (
            "keys of another API",
            &keys_path,
            keys.replace("policy: shop", "policy: desk").into_bytes(),
            "for another policy",
        ),
    ];
    for (failures, (name, path, bytes, expected)) in (1..).zip(cases) {
        files.replace(path, &bytes).expect("written");
        let error = guard
            .reload_if_changed()
            .expect("a change")
            .expect_err(name);
        let error = error.to_string();
        assert!(error.contains(expected), "{name}: {error}");
        assert!(may_delete(&guard), "{name}: the old table decides on");
        let status = guard.status();
        assert_eq!(status.last_error, Some(error), "{name}");
        assert_eq!(status.failures, failures, "{name}");
        assert_eq!((&status.policy[..], status.keys), ("shop", 2), "{name}");
        files.replace(&policy_path, &sound_policy).expect("written");
        files.replace(&keys_path, &sound_keys).expect("written");
    }
    fs::remove_file(&policy_path).expect("removed");
    let error = guard.reload_if_changed().expect("a change");
    assert!(matches!(error, Err(ReloadError::File(_))));
    assert!(may_delete(&guard));
    files.replace(&policy_path, &sound_policy).expect("written");
    assert!(guard.reload_if_changed().expect("a change").is_ok());
    assert_eq!(guard.status().last_error, None);
    assert!(guard.reload_if_changed().is_none(), "nothing has changed");
    let nobody = SCREEN.replace("02", "03");
    let answer = ask(&guard, &nobody, "GET", "/orders/");
    assert_eq!(answer.reason(), Some(Reason::UnknownKey.into()));
}

#[test]
fn what_opens_more_waits_for_a_person() {
    let cases = [
        (
            "a route",
            FIRST.replace(
                "GET /orders/\n",
                "GET /orders/\n      - GET /orders/{id}/items/\n",
            ),
            "GET /orders/",
        ),
        (
            "a scope on a route",
            FIRST.replace("\"orders:*\":", "\"orders:delete\":"),
            "DELETE /orders/",
        ),
        (
            "an umbrella",
            FIRST.replace("revision: 1", "revision: 1\numbrella: shop"),
            "GET /orders/",
        ),
        (
            "keys of another form",
            FIRST.replace("alphabet: lower-hex", "alphabet: alphanumeric"),
            "keys of another form",
        ),
    ];
    for (name, source, expected) in cases {
        let files = Files::new().expect("files");
        let guard = files.guard().expect("sound files");
        files
            .replace(&files.policy(), &bytes(&source))
            .expect("written");
        match guard.reload() {
            Err(ReloadError::Wider { request, .. }) => {
                assert!(request.starts_with(expected), "{name}: {request}");
            }
            other => panic!("{name}: {other:?}"),
        }
        assert_eq!(guard.status().digest, digest(FIRST), "{name}");
        let done = guard.reload_wider().expect(name);
        assert_eq!(done.digest, digest(&source), "{name}");
    }
    let files = Files::new().expect("files");
    let guard = files.guard().expect("sound files");
    files
        .replace(&files.policy(), &bytes(&second()))
        .expect("written");
    assert_eq!(guard.reload().expect("it opens less").revision, 2);
}

#[test]
fn a_revoked_key_is_unknown_after_the_next_reload() {
    let files = Files::new().expect("files");
    let guard = files.guard().expect("sound files");
    files.revoke("front-desk").expect("revoked");
    assert!(may_delete(&guard), "nothing was read again yet");
    let done = guard.reload_if_changed().expect("a change");
    assert_eq!(done.expect("sound files").keys, 1);
    let answer = ask(&guard, FRONT_DESK, "DELETE", "/orders/7/");
    assert_eq!(answer.reason(), Some(Reason::UnknownKey.into()));
    assert!(ask(&guard, SCREEN, "GET", "/orders/").is_allow());
}

/// While the policy changes, every decision is that of the edition whose digest it has.
#[test]
fn no_decision_mixes_two_editions() {
    let files = Files::new().expect("files");
    let guard = files.guard().expect("sound files");
    let may_delete_by = HashMap::from([(digest(FIRST), true), (digest(&second()), false)]);
    let (done, decided) = (AtomicBool::new(false), AtomicUsize::new(0));
    let decide = || {
        while !done.load(Ordering::Relaxed) {
            // Both editions allow this to this key.
            assert!(ask(&guard, SCREEN, "GET", "/orders/7/").is_allow());
            let answer = ask(&guard, FRONT_DESK, "DELETE", "/orders/7/");
            assert_eq!(answer.is_allow(), may_delete_by[answer.digest()]);
            decided.fetch_add(1, Ordering::Relaxed);
        }
    };
    let second = bytes(&second());
    thread::scope(|scope| {
        let threads = [scope.spawn(decide), scope.spawn(decide)];
        let is_over = || {
            threads
                .iter()
                .any(std::thread::ScopedJoinHandle::is_finished)
        };
        while decided.load(Ordering::Relaxed) < 1_000 && !is_over() {
            thread::yield_now();
        }
        for _ in 0..100 {
            files.replace(&files.policy(), &second).expect("written");
            guard.reload().expect("the second edition");
        }
        done.store(true, Ordering::Relaxed);
    });
    assert!(!may_delete(&guard));
}
