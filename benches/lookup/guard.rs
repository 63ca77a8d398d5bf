//! The whole way from the `Authorization` header to the decision.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::hint::black_box;

use criterion::Criterion;
use fastrand::Rng;
use routescope::{ApiKey, Guard, KeyStore, StoredKey, pbx};
use rustc_hash::FxBuildHasher;

use crate::request::Request;
use crate::times::Times;
use crate::workload::{SEED, Workload};

/// Seconds since 1970.
const NOW: u64 = 1_780_000_000;
/// Keys beside those that ask.
const OTHERS: usize = 1000;

/// Keys by a hash of their text that whoever sends one cannot compute, so that the time of a
/// look-up says nothing about the text.
struct Keys {
    hasher: RandomState,
    stored: HashMap<u64, (String, pbx::ScopeSet), FxBuildHasher>,
}

impl Keys {
    fn insert(&mut self, key: String, held: pbx::ScopeSet) {
        let hash = self.hasher.hash_one(key.as_bytes());
        self.stored.insert(hash, (key, held));
    }
}

impl KeyStore for Keys {
    type Scopes = pbx::ScopeSet;
    type Identity = ();

    fn find(&self, key: &ApiKey<'_>) -> Option<StoredKey<pbx::ScopeSet>> {
        let (text, held) = self.stored.get(&self.hasher.hash_one(key.as_bytes()))?;
        let stored = StoredKey::new(*held, ()).valid_until(NOW + 1);
        key.matches(text.as_bytes()).then_some(stored)
    }
}

/// The requests of `shuffled`, each with the header of a key that has its scopes. `key` reads the
/// header and finds the key; `routescope` decides as well.
pub(crate) fn measure(criterion: &mut Criterion, times: &mut Times, workloads: &[Workload]) {
    let shuffled = workloads
        .iter()
        .find(|workload| workload.name == "shuffled");
    let requests = &shuffled.expect("there is such a workload").requests;
    let mut rng = Rng::with_seed(SEED);
    let mut keys = Keys {
        hasher: RandomState::new(),
        stored: HashMap::default(),
    };
    for _ in 0..OTHERS {
        keys.insert(text(&mut rng), pbx::scope_set(["colleagues:read"]));
    }
    let mut headers: HashMap<&str, &'static str> = HashMap::new();
    let questions: Vec<(&[u8], &Request)> = requests
        .iter()
        .map(|request| {
            let header = headers.entry(request.scopes).or_insert_with(|| {
                let key = text(&mut rng);
                let header = format!("Bearer {key}").leak();
                keys.insert(key, pbx::scope_set(request.names()));
                header
            });
            (header.as_bytes(), request)
        })
        .collect();
    let guard = Guard::new(pbx::Compiled, &keys);
    let decide = |(header, request): &(&[u8], &Request)| {
        guard.decide(Some(*header), request.method, request.target, NOW)
    };
    for question @ (_, request) in &questions {
        assert!(decide(question).is_allow(), "guard: {request:?}");
    }

    let mut group = times.group(criterion, "guard");
    let mut next = questions.iter().cycle();
    group.time("routescope", || {
        next.next().map(|question| decide(black_box(question)))
    });
    let mut next = questions.iter().cycle();
    group.time("key", || {
        let key = next
            .next()
            .map(|(header, _)| guard.key(Some(black_box(*header))));
        key.map(|key| key.ok().and_then(|key| keys.find(&key)))
    });
}

/// A key of the form that the policy declares.
fn text(rng: &mut Rng) -> String {
    let format = pbx::POLICY
        .key_format()
        .expect("the policy declares a form");
    let letters = format.prefix.len()..usize::from(format.length);
    let letters: String = letters.map(|_| rng.alphanumeric()).collect();
    format!("{}{letters}", format.prefix)
}
