//! The example of docs/reload.md, as a reader of it would try to break it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use routescope::{Decision, LoadError};

// The functions of the example, not its story.
#[allow(
    dead_code,
    unreachable_pub,
    reason = "its `main` and its docs are for readers"
)]
#[path = "../../examples/reload.rs"]
mod example;

use example::{FIRST, Gateway, Keys, Publisher, Refusal};

fn keys() -> Keys {
    let scopes = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Keys::from([
        ("reader".to_owned(), scopes(&["orders:read"])),
        ("owner".to_owned(), scopes(&["orders:*"])),
    ])
}

/// The first table with another revision, and without its DELETE.
fn second() -> String {
    let without = "    routes:\n      - DELETE /orders/{id}/\n";
    FIRST
        .replace("revision: 1", "revision: 2")
        .replace(without, "    routes: []\n")
}

fn may_delete(gateway: &Gateway) -> bool {
    let snapshot = gateway.snapshot();
    let decision = snapshot.authorize("owner", "DELETE", "/orders/7/");
    decision.expect("a known key").is_allow()
}

#[test]
fn a_failed_reload_keeps_the_policy_in_force() {
    let publisher = Publisher::new(FIRST).expect("a policy");
    let sound = publisher.bytes();
    let gateway = Gateway::new(sound.clone(), keys()).expect("a policy");
    let other = FIRST.replace("name: shop", "name: desk");
    let older = FIRST.replace("revision: 1\n", "");
    let of = |source: &str| Publisher::new(source).expect("a policy").bytes();
    let cases: [(&str, Vec<u8>, LoadError); 5] = [
        ("nothing", Vec::new(), LoadError::NotAPolicy),
        ("the source", FIRST.into(), LoadError::NotAPolicy),
        ("another API's", of(&other), LoadError::Name),
        (
            "an older one",
            of(&older),
            LoadError::Revision {
                found: 0,
                minimum: 1,
            },
        ),
        (
            "a damaged one",
            {
                let mut bytes = sound;
                bytes[30] ^= 1;
                bytes
            },
            LoadError::Checksum,
        ),
    ];
    for (name, bytes, expected) in cases {
        assert_eq!(gateway.reload(bytes), Err(expected), "{name}");
        assert!(may_delete(&gateway), "{name}: the old table decides on");
    }
    let snapshot = gateway.snapshot();
    assert!(snapshot.authorize("nobody", "GET", "/orders/").is_none());
}

#[test]
fn what_opens_more_is_not_published() {
    let mut publisher = Publisher::new(FIRST).expect("a policy");
    let before = publisher.bytes();
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
            FIRST.replace("revision: 1", "umbrella: shop"),
            "GET /orders/",
        ),
    ];
    for (name, source, expected) in cases {
        match publisher.publish(&source) {
            Err(Refusal::Wider { request, scopes }) => {
                assert!(
                    request.starts_with(expected) && !scopes.is_empty(),
                    "{name}: {request}"
                );
            }
            other => panic!("{name}: {other:?}"),
        }
        assert_eq!(publisher.bytes(), before, "{name}");
    }
    assert!(matches!(
        publisher.publish("version: 1\n"),
        Err(Refusal::Errors(_))
    ));
    assert_eq!(publisher.bytes(), before);
    assert!(publisher.publish(&second()).is_ok());
}

/// While the policy changes, every decision is that of one edition: the old keys' sets never
/// meet the new table.
#[test]
fn no_decision_mixes_two_editions() {
    let mut publisher = Publisher::new(FIRST).expect("a policy");
    let gateway = Gateway::new(publisher.bytes(), keys()).expect("a policy");
    let (done, decided) = (AtomicBool::new(false), AtomicUsize::new(0));
    let ask = || {
        while !done.load(Ordering::Relaxed) {
            let snapshot = gateway.snapshot();
            // Both editions allow this to this key.
            let read = snapshot.authorize("reader", "GET", "/orders/7/");
            assert!(read.is_some_and(|read: Decision<'_>| read.is_allow()));
            decided.fetch_add(1, Ordering::Relaxed);
        }
    };
    thread::scope(|scope| {
        scope.spawn(ask);
        scope.spawn(ask);
        let bytes = publisher.publish(&second()).expect("a narrower policy");
        while decided.load(Ordering::Relaxed) < 1_000 {
            thread::yield_now();
        }
        for _ in 0..100 {
            gateway.reload(bytes.clone()).expect("the second edition");
        }
        done.store(true, Ordering::Relaxed);
    });
    assert!(!may_delete(&gateway));
}
