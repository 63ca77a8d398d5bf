//! Measures the guard, from the `Authorization` header to the decision, with 10,000 keys, beside
//! the sum of its parts in the same run: `cargo bench -p routescope-guard`
//!
//! The parts are what a gateway cannot do without: reading the header, SHA-256 of the key, and
//! `authorize` with a prepared set of scopes. The guard adds the look-up of the hash, the snapshot,
//! the counters and the answer. All take turns, a few thousand requests each, so that a
//! disturbed machine disturbs all of them; the figures are medians of the turns.

#![allow(clippy::print_stdout, reason = "its results")]

use std::hint::black_box;
use std::time::Instant;

use fastrand::Rng;
use routescope::{ApiKey, pbx};
use routescope_guard::{Guard, KeyEntry, KeyFile, KeyHash, StoredHash};

/// Seconds since 1970.
const NOW: u64 = 1_780_000_000;
const KEYS: usize = 10_000;
/// Requests in a turn.
const REQUESTS: usize = 4_096;
const TURNS: usize = 400;

const SCOPES: [&[&str]; 4] = [
    &["colleagues:read"],
    &["colleagues:*", "phonebooks:read"],
    &["pbx:read"],
    &["calendar:read", "colleagues:read", "devices:read"],
];
const TARGETS: [&str; 4] = [
    "/api/v1/colleagues/",
    "/api/v1/colleagues/4711/",
    "/api/v1/colleagues/5f3c2a10-1f2e-4d3c-8b4a-00c0ffee4711/",
    "/api/v1/colleagues/?limit=50&offset=100",
];

/// A name and what is timed.
type Part<'p> = (&'static str, &'p dyn Fn(&Request));

struct Request {
    header: String,
    key: String,
    held: pbx::ScopeSet,
    target: &'static str,
}

fn main() {
    let is_test = std::env::args().any(|argument| argument == "--test");
    let (guard, requests) = prepare();
    for request in &requests {
        let answer = decide(&guard, request);
        assert!(answer.admits(), "{answer}");
    }
    if is_test {
        return;
    }
    let parts: [Part<'_>; 4] = [
        ("guard", &|request| {
            let _ = black_box(decide(&guard, request));
        }),
        ("header", &|request| {
            let header = Some(black_box(request.header.as_bytes()));
            let _ = black_box(ApiKey::from_headers(
                header,
                pbx::POLICY.key_format().as_ref(),
            ));
        }),
        ("sha256", &|request| {
            black_box(KeyHash::sha256(black_box(request.key.as_bytes())));
        }),
        ("authorize", &|request| {
            let decision = pbx::POLICY.authorize(
                black_box(&request.held),
                black_box("GET"),
                black_box(request.target),
            );
            let _ = black_box(decision);
        }),
    ];
    let mut turns: [Vec<f64>; 4] = Default::default();
    for _ in 0..TURNS {
        for ((_, part), turns) in parts.iter().zip(&mut turns) {
            let start = Instant::now();
            requests.iter().for_each(part);
            turns.push(start.elapsed().as_nanos() as f64 / REQUESTS as f64);
        }
    }
    let medians = turns.map(|mut turns| {
        turns.sort_by(f64::total_cmp);
        turns[turns.len() / 2]
    });
    for ((name, _), median) in parts.iter().zip(medians) {
        println!("{name:<10} {median:6.1} ns");
    }
    let [guard, parts @ ..] = medians;
    let sum: f64 = parts.iter().sum();
    println!("guard / (header + sha256 + authorize) = {:.2}", guard / sum);
}

fn decide(guard: &Guard, request: &Request) -> routescope_guard::Answer {
    guard.decide(
        Some(black_box(request.header.as_bytes())),
        black_box("GET"),
        black_box(request.target),
        black_box(NOW),
    )
}

/// A guard with its keys, and requests of keys at random.
fn prepare() -> (Guard, Vec<Request>) {
    let mut rng = Rng::with_seed(17);
    let mut keys = Vec::with_capacity(KEYS);
    let entries = (0..KEYS).map(|number| {
        let letters: String = (0..93).map(|_| rng.alphanumeric()).collect();
        let key = format!("wsk-v1-{letters}");
        let scopes = SCOPES[number % SCOPES.len()];
        let hash = StoredHash::Sha256(KeyHash::sha256(key.as_bytes()));
        keys.push((key, scopes));
        KeyEntry::new(format!("customer-{number}"), hash, scopes.iter().copied())
    });
    let file = KeyFile::new(entries);
    let guard = Guard::builder(pbx::POLICY).keys(file).build();
    let requests = (0..REQUESTS).map(|_| {
        let (key, scopes) = rng.choice(&keys).expect("there are keys");
        Request {
            header: format!("Bearer {key}"),
            key: key.clone(),
            held: pbx::scope_set(*scopes),
            target: TARGETS[rng.usize(..TARGETS.len())],
        }
    });
    let requests = requests.collect();
    (guard.expect("sound keys"), requests)
}
