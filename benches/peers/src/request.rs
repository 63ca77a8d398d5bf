//! Requests, and the values that stand for parameters in them.

use fastrand::Rng;

use crate::oracle::Expected;

/// One question, and its right answer.
///
/// The texts live as long as the program: a run makes them once, and a
/// `&'static str` is the least that stands between an engine and the bytes.
#[derive(Clone, Copy)]
pub struct Request {
    pub method: &'static str,
    /// The request target as on the wire.
    pub target: &'static str,
    /// The target up to `?`: what is handed to engines that only match paths,
    /// at no cost to them.
    pub path: &'static str,
    /// Which of the workload's keys asks.
    pub key: usize,
    pub expected: Expected,
}

impl Request {
    pub fn new(method: &'static str, target: String, key: usize, expected: Expected) -> Self {
        let target: &'static str = target.leak();
        let path = target.split_once('?').map_or(target, |(path, _)| path);
        Self {
            method,
            target,
            path,
            key,
            expected,
        }
    }
}

/// The template with a value in place of every parameter.
pub fn fill(template: &str, rng: &mut Rng) -> String {
    let filled: Vec<String> = template
        .split('/')
        .map(|segment| {
            if segment.starts_with('{') {
                value(rng)
            } else {
                segment.to_owned()
            }
        })
        .collect();
    filled.join("/")
}

/// A plain number, a UUID or a name, as real parameters are.
pub fn value(rng: &mut Rng) -> String {
    match rng.u8(0..3) {
        0 => rng.u32(0..10_000).to_string(),
        1 => format!(
            "{:08x}-1f2e-4d3c-8b4a-{:012x}",
            rng.u32(..),
            rng.u64(..) >> 16
        ),
        _ => format!("user.{}", rng.u32(0..1000)),
    }
}
