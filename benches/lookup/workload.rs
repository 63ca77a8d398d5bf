//! The workloads: for each kind of request, those of the vectors.

use std::collections::BTreeSet;

use fastrand::Rng;
use routescope::pbx;

use crate::request::{Request, vectors};

/// The route that is asked for again and again.
const HOT: &str = "GET /api/v1/phonebooks/{phonebookid}/contacts/";
/// Requests in a shuffled workload: more than a branch predictor remembers.
const SHUFFLED: usize = 8192;
/// Every run asks the same.
pub(crate) const SEED: u64 = 0x5EED;

pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) requests: Vec<Request>,
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

pub(crate) fn workloads() -> Vec<Workload> {
    let vectors = vectors();
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
    let segments = |request: &Request| request.route.matches('/').count();
    let most = allowed.iter().map(segments).max();
    let mut deepest = allowed.clone();
    deepest.retain(|request| Some(segments(request)) == most);
    let shuffled = [
        ("shuffled", allowed),
        ("literal", literal),
        ("parameter", parameter),
        ("deepest", deepest),
        ("query", query),
        ("unknown", answered("unknown_route")),
        ("refused", answered("bad_path")),
        ("wrong-method", answered("method_not_listed")),
        ("missing-scope", answered("missing_scope")),
    ];
    let shuffled = shuffled.map(|(name, round)| Workload::shuffled(name, round));
    [hot].into_iter().chain(shuffled).collect()
}
