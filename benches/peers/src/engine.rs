//! The trait of engines, and one that is set up for a workload.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::mode::Mode;
use crate::request::Request;

/// Something that answers requests.
pub trait Engine {
    /// The complete answer as its caller gets it, so that no work is left out of its time.
    type Answer<'a>
    where
        Self: 'a;

    fn ask<'a>(&'a self, request: &'a Request) -> Self::Answer<'a>;

    /// A number that depends on the answer, so that something can wait for it. Where the answer
    /// has a row of a table, it is that row, which costs nothing to read.
    fn number<'a>(&'a self, answer: Self::Answer<'a>) -> usize;

    /// Whether the answer is right. Not timed.
    fn agrees<'a>(&'a self, request: &'a Request, answer: Self::Answer<'a>) -> bool;
}

/// The part of the question that an engine answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Asks {
    /// Path, method, rules and scopes.
    Everything,
    /// Only the template that matches the path.
    Path,
    /// A bound, or the cost of asking: no engine that anyone would use.
    Bound,
}

/// An engine that has been set up for a workload.
pub struct Entrant<'t> {
    pub name: &'static str,
    pub asks: Asks,
    /// Templates that it could not take.
    pub excluded: usize,
    engine: Box<dyn Contestant + 't>,
}

impl<'t> Entrant<'t> {
    pub fn new(name: &'static str, asks: Asks, engine: impl Engine + 't) -> Self {
        Self {
            name,
            asks,
            excluded: 0,
            engine: Box::new(engine),
        }
    }

    pub fn without(self, excluded: usize) -> Self {
        Self { excluded, ..self }
    }

    /// The time that `passes` over the requests take.
    pub fn time(&self, requests: &[Request], passes: u32, mode: Mode) -> Duration {
        self.engine.time(requests, passes, mode)
    }

    /// Asks each request once: how many were asked, and how many of the answers
    /// were wrong. Stops when `budget` is used up, but not before 32 requests.
    pub fn check(&self, requests: &[Request], budget: Duration) -> (usize, usize) {
        let start = Instant::now();
        let mut wrong = 0;
        for (asked, request) in requests.iter().enumerate() {
            if asked >= 32 && start.elapsed() > budget {
                return (asked, wrong);
            }
            wrong += usize::from(!self.engine.is_right(request));
        }
        (requests.len(), wrong)
    }
}

/// An [`Engine`] whose answers nobody needs to name.
trait Contestant {
    fn time(&self, requests: &[Request], passes: u32, mode: Mode) -> Duration;
    fn is_right(&self, request: &Request) -> bool;
}

impl<E: Engine> Contestant for E {
    fn time(&self, requests: &[Request], passes: u32, mode: Mode) -> Duration {
        let ask = |request: &Request| {
            black_box(self.ask(request));
        };
        mode.time(requests, passes, ask, |request| {
            self.number(self.ask(request))
        })
    }

    fn is_right(&self, request: &Request) -> bool {
        self.agrees(request, self.ask(request))
    }
}
