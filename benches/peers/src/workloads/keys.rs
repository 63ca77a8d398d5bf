//! Many keys, of which each may do a little.

use fastrand::Rng;

use crate::oracle;
use crate::request::Request;
use crate::workload::{Ground, Workload};

const KEYS: usize = 64;
/// Scopes of a key.
const HELD: usize = 4;

/// The shuffled requests, each with one of many keys; about half of them with a
/// key that may.
pub fn many<'g>(ground: &'g Ground, shuffled: &[Request], rng: &mut Rng) -> Workload<'g> {
    let table = &ground.table;
    let keys: Vec<Vec<String>> = (0..KEYS)
        .map(|_| {
            let scopes = (0..HELD).map(|_| {
                let route = &table.routes[rng.usize(0..table.routes.len())];
                let accepted = table
                    .accepted(route.template, route.method)
                    .unwrap_or_default();
                // Not the umbrellas, which would allow nearly everything.
                let narrow: Vec<&String> =
                    accepted.iter().filter(|s| !s.starts_with("pbx:")).collect();
                narrow[rng.usize(0..narrow.len())].clone()
            });
            scopes.collect()
        })
        .collect();
    let requests: Vec<Request> = shuffled
        .iter()
        .map(|request| {
            let ask = |key: usize| {
                let expected = oracle::decide(table, &keys[key], request.method, request.path);
                Request {
                    key,
                    expected,
                    ..*request
                }
            };
            let any = ask(rng.usize(0..KEYS));
            if rng.bool() || any.expected.is_allowed() {
                return any;
            }
            let start = rng.usize(0..KEYS);
            let allowed = (start..start + KEYS)
                .map(|key| ask(key % KEYS))
                .find(|request| request.expected.is_allowed());
            allowed.unwrap_or(any)
        })
        .collect();
    Workload {
        keys: keys.clone(),
        ..ground.workload("keys", &requests, shuffled)
    }
}
