//! The times of a run once more, as ratios.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode};

/// The functions that were timed, group by group, in the order of the run.
#[derive(Default)]
pub(crate) struct Times {
    groups: Vec<(String, Vec<Timed>)>,
}

/// A function, and how long its iterations took whenever criterion asked for some.
struct Timed {
    name: &'static str,
    turns: Vec<(u64, Duration)>,
}

/// A group of functions of which the first is the one that the others are compared with.
pub(crate) struct Group<'t> {
    criterion: BenchmarkGroup<'t, WallTime>,
    timed: &'t mut Vec<Timed>,
}

impl Times {
    pub(crate) fn group<'t>(&'t mut self, criterion: &'t mut Criterion, name: &str) -> Group<'t> {
        self.groups.push((name.to_owned(), Vec::new()));
        let (_, timed) = self.groups.last_mut().expect("the group was pushed");
        Group {
            criterion: criterion.benchmark_group(name),
            timed,
        }
    }
}

impl Group<'_> {
    pub(crate) fn sample_size(&mut self, samples: usize) -> &mut Self {
        self.criterion.sample_size(samples);
        self
    }

    pub(crate) fn sampling_mode(&mut self, mode: SamplingMode) -> &mut Self {
        self.criterion.sampling_mode(mode);
        self
    }

    /// Hands the function to criterion, and remembers the times.
    pub(crate) fn time<A>(&mut self, name: &'static str, mut function: impl FnMut() -> A) {
        let mut turns = Vec::new();
        self.criterion.bench_function(name, |bencher| {
            bencher.iter_custom(|iterations| {
                let start = Instant::now();
                for _ in 0..iterations {
                    black_box(function());
                }
                let time = start.elapsed();
                turns.push((iterations, time));
                time
            });
        });
        self.timed.push(Timed { name, turns });
    }
}

impl Timed {
    /// The median of the nanoseconds of an iteration, without the short turns in which criterion
    /// finds out how many it needs. `None` if there was one turn or none: a test, or left out.
    fn median(&self) -> Option<f64> {
        let most = self.turns.iter().map(|(iterations, _)| *iterations).max()?;
        let long = self.turns.iter().filter(|turn| turn.0 * 2 >= most);
        let mut times: Vec<f64> = long
            .map(|(iterations, time)| time.as_nanos() as f64 / *iterations as f64)
            .collect();
        times.sort_by(f64::total_cmp);
        let is_measured = self.turns.len() > 1;
        is_measured.then(|| times[times.len() / 2])
    }
}

/// A line a group: the medians, and the ratio of each to the first.
impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (group, timed) in &self.groups {
            let medians = timed
                .iter()
                .filter_map(|one| Some((one.name, one.median()?)));
            let medians: Vec<(&str, f64)> = medians.collect();
            let Some(((first, reference), others)) = medians.split_first() else {
                continue;
            };
            write!(f, "{group:<14} {first} {}", Nanoseconds(*reference))?;
            for (name, median) in others {
                let ratio = Ratio(median / reference);
                write!(f, ", {name} {} ({ratio})", Nanoseconds(*median))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

struct Nanoseconds(f64);

impl fmt::Display for Nanoseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ns if ns < 1e4 => write!(f, "{ns:.1} ns"),
            ns if ns < 1e7 => write!(f, "{:.1} µs", ns / 1e3),
            ns => write!(f, "{:.1} ms", ns / 1e6),
        }
    }
}

struct Ratio(f64);

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ratio if ratio < 20.0 => write!(f, "x {ratio:.2}"),
            ratio => write!(f, "x {ratio:.0}"),
        }
    }
}
