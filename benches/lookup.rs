//! What one decision costs on the PBX policy, beside a loop that decides
//! nothing and, as the bound, a hash map that has seen every path before.
//!
//! Every answer is checked once before it is timed.

use std::collections::HashMap;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use routescope::{Route, pbx};

struct Request {
    method: &'static str,
    target: String,
}

/// A request for each route; `seed` varies the values of its parameters.
fn requests(seed: &mut u64) -> Vec<Request> {
    pbx::POLICY
        .routes()
        .map(|route| {
            let fill = |segment: &str| {
                if segment.starts_with('{') {
                    value(seed)
                } else {
                    segment.to_owned()
                }
            };
            let target: Vec<String> = route.template().split('/').map(fill).collect();
            Request {
                method: route.method().as_str(),
                target: target.join("/"),
            }
        })
        .collect()
}

/// A plain id, a UUID or a name, as real parameters are.
fn value(seed: &mut u64) -> String {
    let number = next(seed);
    match number % 3 {
        0 => (number % 10_000).to_string(),
        1 => format!("{:08x}-1f2e-4d3c-8b4a-{:012x}", number as u32, number >> 16),
        _ => format!("user.{}", number % 1000),
    }
}

/// Xorshift: the same requests in every run.
fn next(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

fn shuffled(count: usize) -> Vec<Request> {
    let mut seed = 0x5EED;
    let mut requests = Vec::with_capacity(count);
    while requests.len() < count {
        let mut round = self::requests(&mut seed);
        for i in (1..round.len()).rev() {
            round.swap(i, (next(&mut seed) % (i as u64 + 1)) as usize);
        }
        requests.append(&mut round);
    }
    requests.truncate(count);
    requests
}

fn only(requests: Vec<Request>, keep: impl Fn(&str) -> bool) -> Vec<Request> {
    requests
        .into_iter()
        .filter(|request| keep(&request.target))
        .collect()
}

fn lookup(criterion: &mut Criterion) {
    let literals: Vec<&str> = pbx::POLICY
        .routes()
        .map(Route::template)
        .filter(|template| !template.contains('{'))
        .collect();
    let is_literal = |target: &str| literals.contains(&target);
    let fixed = |method, target: &str| {
        vec![Request {
            method,
            target: target.to_owned(),
        }]
    };
    let mut seed = 1;
    let deepest = "/api/v1/pbx/settings/callqueues/support/members/dynamic/4711/";
    let all = pbx::scope_set(["pbx:*"]);
    let none = pbx::scope_set(["calendar:read"]);
    let workloads: [(&str, Vec<Request>, &pbx::ScopeSet, &str); 8] = [
        ("hot", requests(&mut seed), &all, "allow"),
        ("shuffled", shuffled(8192), &all, "allow"),
        (
            "static only",
            only(shuffled(8192), is_literal),
            &all,
            "allow",
        ),
        (
            "parameters only",
            only(shuffled(8192), |target| !is_literal(target)),
            &all,
            "allow",
        ),
        ("deepest", fixed("DELETE", deepest), &all, "allow"),
        (
            "unknown route",
            fixed("GET", "/api/v1/pbx/colleges/"),
            &all,
            "unknown_route",
        ),
        (
            "refused path",
            fixed("GET", "/api/v1/sounds/../pbx/version/"),
            &all,
            "bad_path",
        ),
        ("missing scope", shuffled(8192), &none, "missing_scope"),
    ];
    for (name, requests, held, want) in workloads {
        for Request { method, target } in &requests {
            let decision = pbx::authorize(held, method, target);
            let got = decision.denial().map_or("allow", |denial| denial.reason());
            assert_eq!(got, want, "{name}: {method} {target}");
        }
        let known: HashMap<(&[u8], &[u8]), usize> = requests
            .iter()
            .enumerate()
            .map(|(i, r)| ((r.method.as_bytes(), r.target.as_bytes()), i))
            .collect();

        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(requests.len() as u64));
        group.bench_function("baseline", |bencher| {
            bencher.iter(|| {
                for Request { method, target } in &requests {
                    black_box((black_box(method).len(), black_box(target).len()));
                }
            });
        });
        group.bench_function("bound", |bencher| {
            bencher.iter(|| {
                for Request { method, target } in &requests {
                    black_box(
                        known.get(&(black_box(method).as_bytes(), black_box(target).as_bytes())),
                    );
                }
            });
        });
        group.bench_function("required_scopes", |bencher| {
            bencher.iter(|| {
                for Request { method, target } in &requests {
                    let _ = black_box(pbx::required_scopes(black_box(method), black_box(target)));
                }
            });
        });
        group.bench_function("authorize", |bencher| {
            bencher.iter(|| {
                for Request { method, target } in &requests {
                    let _ = black_box(pbx::authorize(held, black_box(method), black_box(target)));
                }
            });
        });
        group.finish();
    }
}

criterion_group!(benches, lookup);
criterion_main!(benches);
