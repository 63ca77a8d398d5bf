//! The ways in which requests are asked, and the loops in which their time is taken.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::request::Request;

/// The condition under which the next request is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// Nothing: the processor begins a request before it has the answer to the one before.
    Overlapping,
    /// The answer: the address of the next request depends on it, so that the time is a latency.
    /// A verdict that is a branch is predicted, as for any caller who branches on it.
    Waiting,
    /// A sweep through more memory than a processor core has caches, which is not timed. The
    /// request is read again after it: whoever asks has just read it.
    Cold,
}

/// The swept memory: the second-level caches of today's servers have 0.5 to 2 MiB.
const SWEPT: usize = 4 << 20;
/// The bytes of a cache line.
const LINE: usize = 64;

impl Mode {
    /// The time that `passes` over the requests take. `ask` asks and drops the answer; `number`
    /// asks and returns a number that depends on the answer.
    #[inline(always)]
    pub fn time(
        self,
        requests: &[Request],
        passes: u32,
        ask: impl Fn(&Request),
        number: impl Fn(&Request) -> usize,
    ) -> Duration {
        match self {
            Self::Overlapping => overlapping(requests, passes, ask),
            Self::Waiting => waiting(requests, passes, number),
            Self::Cold => cold(requests, passes, ask),
        }
    }
}

#[inline(never)]
fn overlapping(requests: &[Request], passes: u32, ask: impl Fn(&Request)) -> Duration {
    let start = Instant::now();
    for _ in 0..passes {
        for request in requests {
            ask(black_box(request));
        }
    }
    start.elapsed()
}

#[inline(never)]
fn waiting(requests: &[Request], passes: u32, number: impl Fn(&Request) -> usize) -> Duration {
    // The compiler does not know that it is zero, and the processor does not know what the
    // conjunction is before it has the number.
    let zero = black_box(0);
    let mut before = 0;
    let start = Instant::now();
    for _ in 0..passes {
        for place in 0..requests.len() {
            before = number(black_box(&requests[place + (before & zero)]));
        }
    }
    let time = start.elapsed();
    black_box(before);
    time
}

#[inline(never)]
fn cold(requests: &[Request], passes: u32, ask: impl Fn(&Request)) -> Duration {
    let mut swept = vec![0_u8; SWEPT];
    let clock = clock();
    let mut time = Duration::ZERO;
    for _ in 0..passes {
        for request in requests {
            for byte in swept.iter_mut().step_by(LINE) {
                *byte = byte.wrapping_add(1);
            }
            black_box(swept.as_slice());
            black_box(request.texts().fold(0, u8::wrapping_add));
            // The code of the clock is swept too.
            black_box(Instant::now());
            let start = Instant::now();
            ask(black_box(request));
            time += start.elapsed().saturating_sub(clock);
        }
    }
    time
}

/// The time between two readings of the clock that follow each other.
fn clock() -> Duration {
    let mut least = Duration::MAX;
    for _ in 0..64 {
        least = least.min(black_box(Instant::now()).elapsed());
    }
    least
}
