//! A million requests on eight threads while policy and keys are replaced each ten milliseconds.
//! Each edition has its own route and its own name for the one key, so that an answer that mixed
//! two editions would show it.

use std::collections::HashMap;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use routescope::{OwnedPolicy, Reason};
use routescope_compiler::compile;
use routescope_guard::{Guard, KeyEntry, KeyFile, KeyHash, StoredHash};

const EDITIONS: usize = 16;
const THREADS: u64 = 8;
const REQUESTS: u64 = 1_000_000;
const NOW: u64 = 1_780_000_000;
const KEY: &str = "k-0123456789abcdef0123456789abcdef";

/// The bytes of an edition's policy: one route that no other edition has, and one that all have.
fn policy(edition: usize) -> Vec<u8> {
    let source = format!(
        "version: 1\nname: shop\nkey: {{ prefix: k-, length: 34, alphabet: lower-hex }}\nscopes:\n  \"orders:read\":\n    routes:\n      - GET /editions/{edition}/\n      - GET /orders/{{id}}/\n"
    );
    let compiled = compile("shop.yaml", &source).expect("a policy");
    compiled.to_bytes()
}

fn loaded(edition: usize) -> OwnedPolicy {
    OwnedPolicy::from_bytes(policy(edition)).expect("a policy")
}

/// An edition's keys: the id of the one key names the edition, and half of the editions have the
/// scope.
fn keys(edition: usize) -> KeyFile {
    let hash = StoredHash::Sha256(KeyHash::sha256(KEY.as_bytes()));
    let scope = if edition.is_multiple_of(2) {
        "orders:read"
    } else {
        "nothing:read"
    };
    KeyFile::new([KeyEntry::new(format!("edition-{edition}"), hash, [scope])])
}

fn digest(policy: &OwnedPolicy) -> String {
    let digest = policy.policy().digest().iter();
    digest.map(|byte| format!("{byte:02x}")).collect()
}

/// One request, and what its answer must say by the edition that it names.
fn ask(guard: &Guard, editions: &HashMap<String, usize>, number: u64) {
    let asked = number as usize % EDITIONS;
    let target = match number % 3 {
        0 => format!("/orders/{number}/"),
        _ => format!("/editions/{asked}/"),
    };
    let header = format!("Bearer {KEY}");
    let answer = guard.decide(Some(header.as_bytes()), "GET", &target, NOW);
    let edition = editions[answer.digest()];
    assert_eq!(answer.key_id(), Some(&*format!("edition-{edition}")));
    let is_listed = number.is_multiple_of(3) || asked == edition;
    let expected = match (is_listed, edition.is_multiple_of(2)) {
        (false, _) => Some(Reason::UnknownRoute.into()),
        (true, false) => Some(Reason::MissingScope.into()),
        (true, true) => None,
    };
    assert_eq!(answer.reason(), expected, "{target} by edition {edition}");
    if let Some(route) = answer.route_name() {
        assert!(number.is_multiple_of(3) || route == format!("GET /editions/{edition}/"));
    }
}

/// The memory that the process has, in bytes.
fn resident() -> u64 {
    let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    pages.map_or(0, |pages: u64| pages * 4096)
}

#[test]
fn every_answer_is_right_for_the_snapshot_that_it_names() {
    let editions: HashMap<String, usize> = (0..EDITIONS)
        .map(|edition| (digest(&loaded(edition)), edition))
        .collect();
    assert_eq!(editions.len(), EDITIONS);
    let guard = Guard::builder(loaded(0))
        .keys(keys(0))
        .build()
        .expect("sound");
    let next = AtomicU64::new(0);
    let done = AtomicBool::new(false);
    let memory = AtomicU64::new(0);
    let reloads = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= REQUESTS {
                            return;
                        }
                        ask(&guard, &editions, number);
                        if number == REQUESTS / 4 {
                            memory.store(resident(), Ordering::Relaxed);
                        }
                    }
                })
            })
            .collect();
        let reloader = scope.spawn(|| {
            let mut reloads = 0;
            while !done.load(Ordering::Relaxed) {
                reloads += 1;
                let edition = reloads % EDITIONS;
                let done = guard
                    .replace(loaded(edition), keys(edition))
                    .expect("sound");
                assert_eq!(editions[&done.digest], edition);
                thread::sleep(Duration::from_millis(10));
            }
            reloads
        });
        threads
            .into_iter()
            .for_each(|thread| thread.join().expect("right answers"));
        done.store(true, Ordering::Relaxed);
        reloader.join().expect("reloads")
    });
    let counts = guard.counts();
    assert_eq!(counts.total(), REQUESTS, "nothing is lost");
    assert!(counts.allowed > 0 && counts.denied_for(Reason::MissingScope) > 0);
    assert!(reloads > 10, "{reloads} reloads are no test");
    let (before, after) = (memory.into_inner(), resident());
    assert!(
        after < before + 16_000_000,
        "memory grew from {before} to {after}"
    );
}
