//! Requests that differ from an even draw of ordinary ones as real traffic does.

use std::collections::HashSet;

use fastrand::Rng;

use super::SEED;
use crate::request::Request;
use crate::workload::{Ground, SHUFFLED, Workload};

/// Requests of which none is asked twice.
const DISTINCT: usize = 1_000_000;

/// Requests for routes of unequal popularity: the n-th most popular one is asked for n times less
/// often than the first (Zipf's law with exponent 1). Which ones are popular is drawn, and has
/// nothing to do with the order of the table.
pub fn skewed(ground: &Ground, rng: &mut Rng) -> Vec<Request> {
    let mut popular: Vec<usize> = (0..ground.table.routes.len()).collect();
    rng.shuffle(&mut popular);
    let mut sum = 0.0;
    let sums: Vec<f64> = (1..=popular.len())
        .map(|rank| {
            sum += 1.0 / rank as f64;
            sum
        })
        .collect();
    let requests = (0..SHUFFLED).map(|_| {
        let drawn = rng.f64() * sum;
        let rank = sums.partition_point(|sum| *sum <= drawn);
        ground.request_for(popular[rank.min(popular.len() - 1)], rng)
    });
    requests.collect()
}

/// Requests with names of people and addresses as values: an escaped space, or an `@`. Both stop
/// the scan.
pub fn escaped(ground: &Ground, rng: &mut Rng) -> Vec<Request> {
    let rows = ground.with_parameters();
    let requests = (0..SHUFFLED).map(|_| {
        let row = rows[rng.usize(0..rows.len())];
        ground.request_with(row, || name(rng))
    });
    requests.collect()
}

fn name(rng: &mut Rng) -> String {
    let mut word = |letters: usize| -> String { (0..letters).map(|_| rng.lowercase()).collect() };
    let (first, last) = (word(5), word(7));
    match rng.u8(0..2) {
        0 => format!("{first}%20{last}"),
        _ => format!("{first}.{last}@example.com"),
    }
}

/// A million requests, no two of which are alike, so that a branch predictor learns nothing of
/// their bytes. A route without parameters has one path, so these are for the others.
pub fn million(ground: &Ground) -> Vec<Workload<'_>> {
    let mut rng = Rng::with_seed(SEED);
    let rows = ground.with_parameters();
    let mut seen = HashSet::new();
    let mut requests = Vec::with_capacity(DISTINCT);
    while requests.len() < DISTINCT {
        let row = rows[rng.usize(0..rows.len())];
        let request = ground.request_with(row, || any_of_many(&mut rng));
        if seen.insert((request.method, request.target)) {
            requests.push(request);
        }
    }
    vec![ground.workload("million", &requests, &[])]
}

/// A number, a UUID or a name, as `tables::value` makes them, of billions instead of thousands.
fn any_of_many(rng: &mut Rng) -> String {
    match rng.u8(0..3) {
        0 => rng.u32(..).to_string(),
        1 => format!(
            "{:08x}-1f2e-4d3c-8b4a-{:012x}",
            rng.u32(..),
            rng.u64(..) >> 16
        ),
        _ => format!("user.{}", rng.u32(..)),
    }
}
