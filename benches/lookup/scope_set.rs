//! A key's scopes, prepared from their names.

use std::collections::HashMap;
use std::hint::black_box;

use criterion::Criterion;
use fastrand::Rng;
use routescope::{Scope, pbx};
use rustc_hash::FxBuildHasher;

use crate::times::Times;
use crate::workload::SEED;

/// The scopes of this many keys, in turn.
const KEYS: usize = 1024;

/// `hash-map` makes a mask of the same names by a map from names to bits.
pub(crate) fn measure(criterion: &mut Criterion, times: &mut Times) {
    sets::<1>(criterion, times);
    sets::<4>(criterion, times);
    sets::<16>(criterion, times);
}

fn sets<const NAMES: usize>(criterion: &mut Criterion, times: &mut Times) {
    let mut rng = Rng::with_seed(SEED);
    let known: Vec<&str> = pbx::POLICY.scopes().map(Scope::name).collect();
    let keys: Vec<[&str; NAMES]> = (0..KEYS)
        .map(|_| {
            let names = rng.choose_multiple(known.iter().copied(), NAMES);
            names.try_into().expect("there are more scopes than names")
        })
        .collect();
    let places: HashMap<&str, usize, FxBuildHasher> = known.iter().copied().zip(0..).collect();
    let mask = |names: &[&str; NAMES]| {
        let places = names.iter().filter_map(|name| places.get(name));
        places.fold(0_u64, |mask, place| mask | 1 << place)
    };
    for names in &keys {
        let is_named = |scope: &Scope<'_>| names.contains(&scope.name());
        let expected: pbx::ScopeSet = pbx::POLICY.scopes().filter(is_named).collect();
        assert_eq!(pbx::scope_set(names), expected, "{names:?}");
        assert_eq!(expected.len(), NAMES, "{names:?}");
        for (place, name) in known.iter().enumerate() {
            let is_held = mask(names) >> place & 1 == 1;
            assert_eq!(is_held, names.contains(name), "{name} of {names:?}");
        }
    }

    let mut group = times.group(criterion, &format!("scope-set-{NAMES}"));
    let mut next = keys.iter().cycle();
    group.time("routescope", || {
        next.next().map(|names| pbx::scope_set(black_box(names)))
    });
    let mut next = keys.iter().cycle();
    group.time("hash-map", || {
        next.next().map(|names| mask(black_box(names)))
    });
}
