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
    /// The target up to `?`, for engines that only match paths,
    /// at no cost to them.
    pub path: &'static str,
    /// The index of the asking key among the keys of the workload.
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

    /// The bytes of the method and of the target.
    pub fn texts(&self) -> impl Iterator<Item = u8> {
        self.method.bytes().chain(self.target.bytes())
    }
}

/// The same requests with their texts side by side, in the order in which they are
/// asked: whoever asks has just read them, so the processor need not look for them.
pub fn side_by_side(requests: &[Request]) -> Vec<Request> {
    let texts: String = requests.iter().map(|request| request.target).collect();
    let mut rest: &'static str = texts.leak();
    let moved = requests.iter().map(|request| {
        let (target, after) = rest.split_at(request.target.len());
        rest = after;
        Request {
            target,
            path: &target[..request.path.len()],
            ..*request
        }
    });
    moved.collect()
}
