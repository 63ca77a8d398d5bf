//! Takes the time of every engine on a workload, in turns.
//!
//! In each round every engine has one turn, and the round begins with another
//! engine each time, so that a slow second of the machine hits all of them. A
//! turn is about a millisecond of work after a pass that is not timed, so that
//! no engine pays for what the one before it left in the caches. Ratios are
//! taken within a round.

use std::time::Duration;

use crate::engine::{Asks, Entrant};
use crate::engines::REFERENCE;
use crate::request::Request;
use crate::workload::Workload;

/// The least work in a turn.
const TURN: Duration = Duration::from_millis(1);
/// What a pass over the requests may take; an engine that is slower than that
/// is asked a part of them in each turn, another part every time.
const LONGEST_PASS: Duration = Duration::from_millis(10);
/// How long an engine's answers are checked.
const CHECK: Duration = Duration::from_secs(2);

/// What was found out about an engine.
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
    let requests = &workload.requests;
    let turns: Vec<Turn> = entrants.iter().map(|e| Turn::fit(e, requests)).collect();
    let mut times = vec![Vec::with_capacity(rounds); entrants.len()];
    for round in 0..rounds {
        for place in 0..entrants.len() {
            let row = (round + place) % entrants.len();
            times[row].push(turns[row].take(&entrants[row], requests, round));
        }
    }
    let reference = entrants
        .iter()
        .position(|entrant| entrant.name == REFERENCE)
        .expect("the reference takes part");
    entrants
        .iter()
        .zip(&times)
        .map(|(entrant, own)| {
            let (checked, wrong) = entrant.check(requests, CHECK);
            let ratios = own.iter().zip(&times[reference]).map(|(a, b)| a / b);
            Figures {
                engine: entrant.name,
                asks: entrant.asks,
                median: median(own.clone()),
                min: own.iter().copied().fold(f64::INFINITY, f64::min),
                ratio: median(ratios.collect()),
                checked,
                wrong,
                excluded: entrant.excluded,
            }
        })
        .collect()
}

/// How many requests a turn has, and how often it goes through them.
struct Turn {
    requests: usize,
    passes: u32,
}

impl Turn {
    fn fit(entrant: &Entrant<'_>, requests: &[Request]) -> Self {
        let mut count = requests.len().min(4);
        loop {
            let pass = entrant.time(&requests[..count], 1);
            if count == requests.len() || pass * 2 > LONGEST_PASS {
                let passes = TURN.as_nanos() / pass.as_nanos().max(1) + 1;
                return Self {
                    requests: count,
                    passes: passes.try_into().unwrap_or(u32::MAX),
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
        entrant.time(part, 1);
        let time = entrant.time(part, self.passes);
        time.as_nanos() as f64 / (f64::from(self.passes) * part.len() as f64)
    }
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
