//! Measures one decision on the PBX policy, for each kind of request.
//!
//! The requests and their right answers come from the shared vectors in
//! `tests/vectors/pbx.tsv`, which the oracle wrote. Every answer is compared
//! with them before anything is timed.
//!
//! `routescope` is `authorize` with a prepared set of scopes. Two functions
//! beside it decide nothing: `hash-map` finds a method and a whole path that it
//! has seen before, and `baseline` only fetches the request, as the others do
//! too. An iteration is one request.
//!
//! The map is std's with the hasher of `rustc-hash`, which is made for speed
//! alone: with std's own hasher it takes longer than the decision.

use std::collections::{BTreeSet, HashMap};
use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use fastrand::Rng;
use routescope::{Decision, RouteDenial, pbx};
use rustc_hash::FxBuildHasher;

const VECTORS: &str = include_str!("../tests/vectors/pbx.tsv");

/// The route that is asked for again and again.
const HOT: &str = "GET /api/v1/phonebooks/{phonebookid}/contacts/";
/// Requests in a shuffled workload: more than a branch predictor remembers.
const SHUFFLED: usize = 8192;
/// Every run asks the same.
const SEED: u64 = 0x5EED;
/// A target of the vectors at their limits is no ordinary request.
const LONGEST: usize = 512;

/// One question, and its right answer.
#[derive(Clone, Copy)]
struct Request {
    held: pbx::ScopeSet,
    method: &'static str,
    target: &'static str,
    /// `allow`, or the reason why not.
    answer: &'static str,
    /// The route or the template that the answer carries.
    route: &'static str,
}

impl Request {
    /// A line of the vectors, if it is a decision on a target that is text.
    fn read(line: &'static str) -> Option<Self> {
        let fields: Vec<&str> = line.split('\t').collect();
        let ["decide", method, target, scopes, answer, route, _] = fields[..] else {
            return None;
        };
        let is_ordinary = target.len() <= LONGEST && !line.contains('\\');
        is_ordinary.then(|| Self {
            held: pbx::scope_set(scopes.split(' ').filter(|name| !name.is_empty())),
            method,
            target,
            answer,
            route,
        })
    }

    fn decide(&self) -> Decision<'static> {
        pbx::authorize(&self.held, self.method, self.target)
    }

    /// The key of a hash map that has seen every request before: the method and the path.
    fn key(&self) -> (&'static str, &'static str) {
        let path = self.target.split_once('?').map(|(path, _)| path);
        (self.method, path.unwrap_or(self.target))
    }

    /// The target with another value wherever the vectors have their plain
    /// numbers: real values differ in length.
    fn varied(&self, rng: &mut Rng) -> String {
        let segments = self.target.split('/').map(|segment| match segment {
            "7" | "42" => value(rng),
            other => other.to_owned(),
        });
        segments.collect::<Vec<_>>().join("/")
    }

    /// Stops the run, with the request, if the policy answers something else.
    fn check(&self, workload: &str) {
        let (answer, route) = match self.decide() {
            Decision::Allow { route, .. } => ("allow", route.to_string()),
            Decision::Deny(denial) => {
                let route = match denial {
                    RouteDenial::MissingScope(route) => route.to_string(),
                    RouteDenial::MethodNotListed { template, .. } => template.to_owned(),
                    _ => String::new(),
                };
                (denial.reason().as_str(), route)
            }
        };
        assert_eq!(
            (answer, route.as_str()),
            (self.answer, self.route),
            "{workload}: {} {}",
            self.method,
            self.target
        );
    }
}

/// A number, a UUID or a name.
fn value(rng: &mut Rng) -> String {
    match rng.u8(0..3) {
        0 => rng.u16(..).to_string(),
        1 => format!("{:08x}-1f2e-4d3c-8b4a-00c0ffee4711", rng.u32(..)),
        _ => format!("user.{}", rng.u8(..)),
    }
}

struct Workload {
    name: &'static str,
    requests: Vec<Request>,
}

impl Workload {
    /// The requests again and again, each time in another order and with other
    /// values.
    fn shuffled(name: &'static str, mut round: Vec<Request>) -> Self {
        assert!(!round.is_empty(), "no vector is a request for `{name}`");
        let mut rng = Rng::with_seed(SEED);
        let mut requests = Vec::with_capacity(SHUFFLED + round.len());
        while requests.len() < SHUFFLED {
            rng.shuffle(&mut round);
            requests.extend_from_slice(&round);
        }
        // Side by side in the order in which they are asked, as whoever asks has
        // just read them: it is not memory that is measured.
        let targets: Vec<String> = requests.iter().map(|r| r.varied(&mut rng)).collect();
        let mut rest: &'static str = targets.concat().leak();
        for (request, target) in requests.iter_mut().zip(&targets) {
            (request.target, rest) = rest.split_at(target.len());
        }
        Self { name, requests }
    }
}

fn workloads() -> Vec<Workload> {
    let vectors: Vec<Request> = VECTORS.lines().filter_map(Request::read).collect();
    let answered = |answer| -> Vec<Request> {
        let with = vectors.iter().filter(|request| request.answer == answer);
        with.copied().collect()
    };

    // The first request that each route allows.
    let mut seen = BTreeSet::new();
    let mut allowed = answered("allow");
    allowed.retain(|request| seen.insert(request.route));
    let routes = pbx::POLICY.routes().len();
    assert_eq!(allowed.len(), routes, "a route has no vector");

    let has_parameter = |request: &Request| request.route.contains('{');
    let (parameter, literal): (Vec<_>, Vec<_>) = allowed.iter().copied().partition(has_parameter);
    let mut query = allowed.clone();
    for request in &mut query {
        request.target = format!("{}?limit=50&offset=100", request.target).leak();
    }
    let mut hot = allowed.clone();
    hot.retain(|request| request.route == HOT);
    assert_eq!(hot.len(), 1, "no vector is a request for `{HOT}`");
    let hot = Workload {
        name: "hot",
        requests: hot,
    };
    let shuffled = [
        ("shuffled", allowed),
        ("literal", literal),
        ("parameter", parameter),
        ("query", query),
        ("unknown", answered("unknown_route")),
        ("refused", answered("bad_path")),
        ("wrong-method", answered("method_not_listed")),
        ("missing-scope", answered("missing_scope")),
    ];
    let shuffled = shuffled.map(|(name, round)| Workload::shuffled(name, round));
    [hot].into_iter().chain(shuffled).collect()
}

fn lookup(criterion: &mut Criterion) {
    let workloads = workloads();
    for Workload { name, requests } in &workloads {
        for request in requests {
            request.check(name);
        }
    }
    for Workload { name, requests } in &workloads {
        let keys: Vec<_> = requests.iter().map(Request::key).collect();
        let known: HashMap<_, &Request, FxBuildHasher> =
            keys.iter().copied().zip(requests).collect();

        let mut group = criterion.benchmark_group(*name);
        group.bench_function("routescope", |bencher| {
            let mut next = requests.iter().cycle();
            bencher.iter(|| next.next().map(|request| black_box(request).decide()));
        });
        group.bench_function("hash-map", |bencher| {
            let mut next = keys.iter().cycle();
            bencher.iter(|| next.next().map(|key| known.get(black_box(key))));
        });
        group.bench_function("baseline", |bencher| {
            let mut next = requests.iter().cycle();
            bencher.iter(|| next.next().map(black_box));
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    // Short: everything takes some two minutes; `--measurement-time` asks for more.
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = lookup
}
criterion_main!(benches);
