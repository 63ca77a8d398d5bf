//! Tables and paths that are hard on matchers.

use fastrand::Rng;

use super::SEED;
use crate::request::Request;
use crate::workload::{Ground, Workload};
use tables::{LAST, LEVELS, LITERALS, SEGMENT, SEGMENTS, long_literal, value};

/// Requests of each of these workloads.
const REQUESTS: usize = 1024;

/// Paths of mostly literals that only the template with eight parameters matches;
/// and paths like them that none matches.
pub fn on_deep(ground: &Ground) -> Vec<Workload<'_>> {
    let mut rng = Rng::with_seed(SEED);
    let mut requests = |last: &str| -> Vec<Request> {
        let paths = (0..REQUESTS).map(|_| {
            let segments = LEVELS.iter().map(|literal| {
                if rng.u8(0..8) == 0 {
                    value(&mut rng)
                } else {
                    (*literal).to_owned()
                }
            });
            let path: Vec<String> = segments.collect();
            ground.request("GET", format!("/{}/{last}", path.join("/")))
        });
        paths.collect()
    };
    let (found, unknown) = (requests(LAST), requests("volumes"));
    vec![
        ground.workload("found", &found, &found),
        ground.workload("unknown", &unknown, &found),
    ]
}

/// An ordinary path on the worst table, the longest paths of several kinds, and
/// one of the shortest segments: what counts is the time per byte.
pub fn on_worst(ground: &Ground) -> Vec<Workload<'_>> {
    let mut rng = Rng::with_seed(SEED);
    let mut requests = |segment: &mut dyn FnMut(usize, &mut Rng) -> Option<String>| {
        let paths = (0..REQUESTS).map(|_| {
            let segments = (0..SEGMENTS).map_while(|level| segment(level, &mut rng));
            let segments: Vec<String> = segments.collect();
            ground.request("GET", format!("/{}", segments.join("/")))
        });
        paths.collect::<Vec<Request>>()
    };
    let ordinary = requests(&mut |level, rng| match level {
        0..4 => Some(value(rng)),
        4 => Some(long_literal(level, rng.usize(0..LITERALS))),
        _ => None,
    });
    let plain = requests(&mut |_, rng| Some((0..SEGMENT).map(|_| rng.lowercase()).collect()));
    let near = requests(&mut |level, rng| {
        let mut literal = long_literal(level, rng.usize(0..LITERALS));
        literal.pop();
        literal.push(rng.lowercase());
        Some(literal)
    });
    let escaped = requests(&mut |_, rng| {
        let letters = (0..SEGMENT / 6).map(|_| *rng.choice(ESCAPED).unwrap_or(&ESCAPED[0]));
        let mut value: String = letters.collect();
        while value.len() < SEGMENT {
            value.push(rng.lowercase());
        }
        Some(value)
    });
    let short = requests(&mut |_, rng| Some(rng.lowercase().to_string()));
    let lists = [
        ("plain", plain),
        ("near-literals", near),
        ("escaped", escaped),
        ("short-segments", short),
    ];
    let mut workloads = vec![ground.workload("ordinary", &ordinary, &ordinary)];
    for (name, requests) in lists {
        workloads.push(ground.workload(name, &requests, &ordinary));
    }
    workloads
}

/// Letters beyond ASCII, each of two bytes.
const ESCAPED: &[&str] = &["%C3%A4", "%C3%B6", "%C3%BC", "%C3%9F", "%C3%A9", "%C3%A7"];
