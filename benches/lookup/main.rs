//! Measures routescope on the PBX policy, beside what else its users would write.
//!
//! - Ten workloads, decided with a prepared set of scopes; `hot` and `deepest` are parts
//!   of `shuffled`. Beside routescope, `matchit-scopes` is a router with the same decision behind
//!   it (`matchit_scopes.rs`), without path rules. Two others decide nothing: `hash-map` finds a
//!   method and a whole path that it has seen before, and `baseline` only fetches the request, as
//!   the others do too. An iteration is one request.
//! - `scope-set`: a key's scopes prepared from 1, 4 and 16 names.
//! - `guard`: the whole way from the `Authorization` header, with a store of keys.
//! - `load`: a policy of 110 or 5,203 routes loaded from its bytes, and compiled from its text.
//!
//! Every answer is compared with the right one before anything is timed. An engine that
//! answers a workload wrong is left out of it, and a line says so. The last lines give the ratios:
//! criterion times one function after the other, so on a machine that others use they are rough.
//! `benches/peers` takes turns.
//!
//! The maps are std's with the hasher of `rustc-hash`, which is made for speed alone: with std's
//! own hasher a look-up takes longer than the decision.

mod guard;
mod load;
mod matchit_scopes;
mod request;
mod scope_set;
mod times;
mod workload;

use std::collections::HashMap;
use std::hint::black_box;
use std::io::{Write, stdout};
use std::time::Duration;

use criterion::Criterion;
use rustc_hash::FxBuildHasher;

use matchit_scopes::MatchitScopes;
use request::Request;
use times::Times;
use workload::Workload;

fn main() -> std::io::Result<()> {
    // Short: everything takes some three minutes; `--measurement-time` asks for more.
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let workloads = workload::workloads();
    let mut times = Times::default();
    for workload in &workloads {
        decide(&mut criterion, &mut times, workload)?;
    }
    scope_set::measure(&mut criterion, &mut times);
    guard::measure(&mut criterion, &mut times, &workloads);
    load::measure(&mut criterion, &mut times);
    criterion.final_summary();
    write!(stdout(), "{times}")
}

fn decide(
    criterion: &mut Criterion,
    times: &mut Times,
    Workload { name, requests }: &Workload,
) -> std::io::Result<()> {
    for request in requests {
        request.check(name);
    }
    let router = MatchitScopes::new();
    let is_wrong = |request: &&Request| !router.is_right(request);
    let wrong: Vec<&Request> = requests.iter().filter(is_wrong).collect();

    let questions: Vec<_> = requests.iter().map(Request::question).collect();
    let routed: Vec<_> = requests
        .iter()
        .map(|request| router.question(request))
        .collect();
    let keys: Vec<_> = requests.iter().map(Request::key).collect();
    let known: HashMap<_, _, FxBuildHasher> = requests.iter().map(|r| (r.key(), r.route)).collect();
    let forgotten = requests
        .iter()
        .find(|r| known.get(&r.key()) != Some(&r.route));
    assert!(forgotten.is_none(), "{name}: {forgotten:?}");

    let mut group = times.group(criterion, name);
    let mut next = questions.iter().cycle();
    group.time("routescope", || {
        next.next().map(|question| black_box(question).decide())
    });
    if let [first, ..] = &wrong[..] {
        writeln!(
            stdout(),
            "{name}: matchit-scopes answers {} of {} requests wrong, and is left out: {} {}",
            wrong.len(),
            requests.len(),
            first.method,
            first.target
        )?;
    } else {
        let mut next = routed.iter().cycle();
        group.time("matchit-scopes", || {
            next.next()
                .map(|question| router.decide(black_box(question)))
        });
    }
    let mut next = keys.iter().cycle();
    group.time("hash-map", || {
        next.next().map(|key| known.get(black_box(key)))
    });
    let mut next = questions.iter().cycle();
    group.time("baseline", || next.next().map(black_box));
    Ok(())
}
