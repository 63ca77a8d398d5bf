//! The workloads, ground by ground.

mod hard;
mod keys;
mod spoil;
mod traffic;

use anyhow::Result;
use fastrand::Rng;

use crate::mode::Mode;
use crate::request::Request;
use crate::workload::{Ground, Workload};

/// A table, and what makes the workloads on it.
pub struct Set {
    /// The prefix of the names of its workloads.
    pub name: &'static str,
    pub ground: fn() -> Result<Ground>,
    pub workloads: for<'g> fn(&'g Ground) -> Vec<Workload<'g>>,
}

pub const SETS: [Set; 5] = [
    Set {
        name: "pbx",
        ground: || Ok(Ground::built_in(tables::pbx())),
        workloads: on_pbx,
    },
    // Apart, since it takes seconds to make.
    Set {
        name: "pbx-million",
        ground: || Ok(Ground::built_in(tables::pbx())),
        workloads: traffic::million,
    },
    Set {
        name: "google",
        ground: || Ground::compiled(tables::google()),
        workloads: on_google,
    },
    Set {
        name: "deep",
        ground: || Ground::compiled(tables::deep()),
        workloads: hard::on_deep,
    },
    Set {
        name: "worst",
        ground: || Ground::compiled(tables::worst()),
        workloads: hard::on_worst,
    },
];

/// Every run asks the same.
const SEED: u64 = 0x5EED;

fn on_pbx(ground: &Ground) -> Vec<Workload<'_>> {
    let mut rng = Rng::with_seed(SEED);
    let hot = ground.hot(&mut rng);
    let shuffled = ground.shuffled(&mut rng);
    let is_literal = |request: &Request| {
        let template = request.expected.template();
        template.is_some_and(|row| !ground.table.templates[row].contains('{'))
    };
    let (literal, parameter): (Vec<Request>, Vec<Request>) =
        shuffled.iter().copied().partition(is_literal);
    let unknown = spoil::each(&shuffled, |request| {
        spoil::unknown(ground, request, &mut rng)
    });
    let wrong_method = spoil::each(&shuffled, |request| {
        spoil::wrong_method(ground, request, &mut rng)
    });
    let refused = spoil::each(&shuffled, |request| spoil::refused(request, &mut rng));
    let mut pages = Rng::with_seed(SEED);
    let query = spoil::each(&shuffled, |request| with_query(request, &mut pages));
    let keys = keys::many(ground, &shuffled, &mut rng);
    let skewed = traffic::skewed(ground, &mut rng);
    let escaped = traffic::escaped(ground, &mut rng);
    let in_mode = |name, mode| Workload {
        mode,
        ..ground.workload(name, &shuffled, &shuffled)
    };
    vec![
        ground.workload("hot", &hot, &shuffled),
        ground.workload("shuffled", &shuffled, &shuffled),
        ground.workload("literal", &literal, &shuffled),
        ground.workload("parameter", &parameter, &shuffled),
        ground.workload("unknown", &unknown, &shuffled),
        ground.workload("wrong-method", &wrong_method, &shuffled),
        ground.workload("refused", &refused, &shuffled),
        ground.workload("attacks", &spoil::attacks(), &shuffled),
        ground.workload("query", &query, &shuffled),
        keys,
        in_mode("latency", Mode::Waiting),
        in_mode("cold", Mode::Cold),
        ground.workload("skewed", &skewed, &shuffled),
        ground.workload("escaped", &escaped, &shuffled),
    ]
}

/// The same request for a page of a list. A router still gets the path without its query.
fn with_query(request: &Request, rng: &mut Rng) -> Request {
    let (limit, offset) = (rng.u8(1..=100), rng.u16(0..1000));
    let target = format!("{}?limit={limit}&offset={offset}", request.path);
    Request::new(request.method, target, request.key, request.expected)
}

fn on_google(ground: &Ground) -> Vec<Workload<'_>> {
    let mut rng = Rng::with_seed(SEED);
    let shuffled = ground.shuffled(&mut rng);
    let unknown = spoil::each(&shuffled, |request| {
        spoil::unknown(ground, request, &mut rng)
    });
    vec![
        ground.workload("shuffled", &shuffled, &shuffled),
        ground.workload("unknown", &unknown, &shuffled),
    ]
}
