//! Takes the time of every engine on a workload, in turns.
//!
//! In each round every engine has one turn, and the round begins with another
//! engine each time, so that a slow second of the machine hits all of them. A
//! turn is about a millisecond of work, after passes that are not timed, so that
//! no engine pays for what the one before it left in the caches. Ratios are
//! taken within a round.

use std::time::Duration;

use crate::engine::{Asks, Entrant};
use crate::engines::REFERENCE;
use crate::mode::Mode;
use crate::request::Request;
use crate::workload::Workload;

/// The least work in a turn.
const TURN: Duration = Duration::from_millis(1);
/// A pass over the requests may take this long. A slower engine is asked a part
/// of them in each turn, another part every time.
const LONGEST_PASS: Duration = Duration::from_millis(10);
/// Passes before those that are timed. Behind a large table of another engine, the
/// second pass over ten megabytes still takes half as long again as the third.
const WARM_UP: u32 = 3;
/// Requests of a turn with cold caches, another part of them every time.
const COLD: usize = 64;
/// The answers of an engine are checked for at most this long.
pub const CHECK: Duration = Duration::from_secs(1);

/// The measurements of an engine.
pub struct Figures {
    pub engine: &'static str,
    pub asks: Asks,
    pub median: f64,
    pub min: f64,
    /// The median of the rounds' ratios to routescope.
    pub ratio: f64,
    pub checked: usize,
    pub wrong: usize,
    pub excluded: usize,
}

impl Figures {
    pub fn agrees(&self) -> bool {
        self.wrong == 0
    }

    pub fn wrong_share(&self) -> f64 {
        self.wrong as f64 / self.checked.max(1) as f64
    }
}

/// Measures all entrants; [`REFERENCE`] must be one of them.
pub fn measure(workload: &Workload<'_>, entrants: &[Entrant<'_>], rounds: usize) -> Vec<Figures> {
    let requests = workload.requests.as_slice();
    let contests: Vec<Contest<'_>> = entrants.iter().map(|e| (e, requests)).collect();
    let times = interleaved(&contests, workload.mode, rounds);
    let reference = entrants
        .iter()
        .position(|entrant| entrant.name == REFERENCE)
        .expect("the reference takes part");
    entrants
        .iter()
        .zip(&times)
        .map(|(entrant, own)| {
            let (checked, wrong) = entrant.check(requests, CHECK);
            Figures {
                engine: entrant.name,
                asks: entrant.asks,
                median: median(own),
                min: min(own),
                ratio: ratio(own, &times[reference]),
                checked,
                wrong,
                excluded: entrant.excluded,
            }
        })
        .collect()
}

/// An engine and the requests it is asked.
pub type Contest<'c> = (&'c Entrant<'c>, &'c [Request]);

/// Nanoseconds per request of each contest in each round.
pub fn interleaved(contests: &[Contest<'_>], mode: Mode, rounds: usize) -> Vec<Vec<f64>> {
    let turns: Vec<Turn> = contests
        .iter()
        .map(|(entrant, requests)| match mode {
            Mode::Cold => Turn::cold(requests),
            Mode::Overlapping | Mode::Waiting => Turn::fit(entrant, requests, mode),
        })
        .collect();
    let mut times = vec![Vec::with_capacity(rounds); contests.len()];
    for round in 0..rounds {
        for place in 0..contests.len() {
            let row = (round + place) % contests.len();
            let (entrant, requests) = contests[row];
            times[row].push(turns[row].take(entrant, requests, round));
        }
    }
    times
}

/// A turn: the number of its requests, and the number of passes over them.
struct Turn {
    mode: Mode,
    requests: usize,
    passes: u32,
    warm_up: u32,
}

impl Turn {
    /// Caches that are swept anyway need no passes before, which would teach the branch
    /// predictor the few requests of the turn.
    fn cold(requests: &[Request]) -> Self {
        Self {
            mode: Mode::Cold,
            requests: requests.len().min(COLD),
            passes: 1,
            warm_up: 0,
        }
    }

    fn fit(entrant: &Entrant<'_>, requests: &[Request], mode: Mode) -> Self {
        let mut count = requests.len().min(1);
        loop {
            // The second time, as some engines learn as they go.
            entrant.time(&requests[..count], 1, mode);
            let pass = entrant.time(&requests[..count], 1, mode);
            if count == requests.len() || pass * 2 > LONGEST_PASS {
                let passes = TURN.as_nanos() / pass.as_nanos().max(1) + 1;
                return Self {
                    mode,
                    requests: count,
                    passes: passes.try_into().unwrap_or(u32::MAX),
                    warm_up: WARM_UP,
                };
            }
            count = (count * 2).min(requests.len());
        }
    }

    /// Nanoseconds per request.
    fn take(&self, entrant: &Entrant<'_>, requests: &[Request], round: usize) -> f64 {
        let starts = requests.len() - self.requests + 1;
        let start = round * self.requests % starts;
        let part = &requests[start..start + self.requests];
        entrant.time(part, self.warm_up, self.mode);
        let time = entrant.time(part, self.passes, self.mode);
        time.as_nanos() as f64 / (f64::from(self.passes) * part.len() as f64)
    }
}

pub fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

pub fn min(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

/// The median of the ratios, round by round.
pub fn ratio(own: &[f64], other: &[f64]) -> f64 {
    let ratios: Vec<f64> = own.iter().zip(other).map(|(a, b)| a / b).collect();
    median(&ratios)
}
