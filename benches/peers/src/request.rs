//! Requests and their right answers.

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
