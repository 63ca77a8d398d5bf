//! Measures how costs grow with the table: the time of a lookup, the bytes of the
//! tables, and the time and memory of the build, from 110 routes to 100,000. Beside the compile
//! stands the load of the same policy from its bytes.
//!
//! All lookups are taken in one set of interleaved rounds, on shuffled requests
//! for every route about as often, with a key that holds every scope, and beside
//! matchit on the same table. Every table is walked as it was compiled at run
//! time, the PBX table too. The PBX table is another kind than the others, of
//! shorter paths and more literals; what size alone does shows beside the smallest
//! of the others.

mod embedder;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use fastrand::Rng;
use routescope::Policy;
use routescope_compiler::Generator;

use crate::engine::Entrant;
use crate::engines;
use crate::measure::{interleaved, median, min, ratio};
use crate::mode::Mode;
use crate::workload::{Ground, Workload, compiled};
use embedder::{Cost, Embedder};

/// The sizes that are measured unless others are asked for.
pub const SIZES: [usize; 6] = [110, 120, 1000, 5203, 20_000, 100_000];

/// A compile and a load are timed this often, unless that takes longer than the time below.
const MOST_RUNS: usize = 51;
const LONGEST_RUNS: Duration = Duration::from_secs(2);

/// The measurements of a table.
pub struct Figures {
    pub routes: usize,
    pub templates: usize,
    pub lookup: Lookup,
    pub matchit: Lookup,
    /// The bytes of the tables, text and all.
    pub table_bytes: usize,
    /// The compile alone, in this process, from the text of the file.
    pub compile: f64,
    /// The same policy loaded from its bytes, every check among it.
    pub load: f64,
    /// The bytes that are loaded.
    pub file_bytes: usize,
    /// The bytes of the Rust source.
    pub source_bytes: usize,
    pub build_script: Cost,
    pub rustc: Cost,
}

pub struct Lookup {
    pub median: f64,
    pub min: f64,
    /// The median of the rounds' ratios to the first table.
    pub ratio: f64,
    /// The same, to the first that is not the PBX table.
    pub ratio_alike: f64,
    /// The share of the answers that were wrong.
    pub wrong: f64,
}

/// A table with the cost of making it.
struct Grown {
    ground: Ground,
    compile: f64,
    load: f64,
    file_bytes: usize,
    source_bytes: usize,
    build_script: Cost,
    rustc: Cost,
}

/// Measures tables of these sizes; `progress` is told each step.
pub fn measure(
    sizes: &[usize],
    rounds: usize,
    mut progress: impl FnMut(&str),
) -> Result<Vec<Figures>> {
    progress("building what an embedding crate depends on");
    let embedder = Embedder::new()?;
    // All builds before the first compile: the system counts what this process
    // once had as the least peak of the processes that it starts.
    let mut costs = Vec::new();
    for &size in sizes {
        progress(&format!("{size} routes: building"));
        costs.push(embedder.costs(&tables::grown(size).yaml())?);
    }
    let mut grown = Vec::new();
    for (&size, costs) in sizes.iter().zip(costs) {
        progress(&format!("{size} routes: compiling"));
        grown.push(Grown::new(size, costs)?);
    }
    progress("looking up");
    let workloads: Vec<Workload<'_>> = grown.iter().map(|g| shuffled(&g.ground)).collect();
    let mut entrants: Vec<(Entrant<'_>, &Workload<'_>)> = Vec::new();
    for workload in &workloads {
        entrants.push((engines::reference(workload)?, workload));
        entrants.push((engines::matchit(workload)?, workload));
    }
    let contests: Vec<_> = entrants
        .iter()
        .map(|(entrant, workload)| (entrant, workload.requests.as_slice()))
        .collect();
    let times = interleaved(&contests, Mode::Overlapping, rounds);
    let alike = grown
        .iter()
        .position(|made| made.ground.table.name != "pbx");
    let alike = 2 * alike.unwrap_or_default();
    let lookup = |row: usize, engine: usize| {
        let (entrant, workload) = &entrants[row];
        let (checked, wrong) = entrant.check(&workload.requests, crate::measure::CHECK);
        Lookup {
            median: median(&times[row]),
            min: min(&times[row]),
            ratio: ratio(&times[row], &times[engine]),
            ratio_alike: ratio(&times[row], &times[alike + engine]),
            wrong: wrong as f64 / checked as f64,
        }
    };
    grown
        .iter()
        .enumerate()
        .map(|(row, made)| {
            let policy = made.ground.policy().context("the table was compiled")?;
            let figures = Figures {
                routes: made.ground.table.routes.len(),
                templates: made.ground.table.templates.len(),
                lookup: lookup(2 * row, 0),
                matchit: lookup(2 * row + 1, 1),
                table_bytes: policy.tables().size(),
                compile: made.compile,
                load: made.load,
                file_bytes: made.file_bytes,
                source_bytes: made.source_bytes,
                build_script: made.build_script,
                rustc: made.rustc,
            };
            ensure!(
                figures.lookup.wrong == 0.0,
                "routescope answers wrong on {} routes",
                figures.routes
            );
            Ok(figures)
        })
        .collect()
}

impl Grown {
    fn new(size: usize, (build_script, rustc): (Cost, Cost)) -> Result<Self> {
        let table = tables::grown(size);
        let yaml = table.yaml();
        let (compiled, compile) = timed(|| compiled(&table, &yaml))?;
        let bytes = compiled.to_bytes();
        let (digest, load) = timed(|| {
            let loaded = Policy::from_bytes(&bytes)?;
            Ok(*loaded.policy().digest())
        })?;
        ensure!(
            digest == *compiled.policy().digest(),
            "the bytes of {size} routes are another policy"
        );
        // As in the crate that is built below.
        let generated = Generator::new().names(false).rust(&compiled, "routes.yaml");
        let source_bytes = generated?.source.len();
        Ok(Self {
            ground: Ground::with(table, compiled),
            compile,
            load,
            file_bytes: bytes.len(),
            source_bytes,
            build_script,
            rustc,
        })
    }
}

/// The result, and the median of the seconds that it took: of one run, if that takes long.
fn timed<T>(make: impl Fn() -> Result<T>) -> Result<(T, f64)> {
    let begun = Instant::now();
    let mut seconds = Vec::new();
    loop {
        let start = Instant::now();
        let made = make()?;
        seconds.push(start.elapsed().as_secs_f64());
        if seconds.len() == MOST_RUNS || begun.elapsed() > LONGEST_RUNS {
            return Ok((made, median(&seconds)));
        }
    }
}

fn shuffled(ground: &Ground) -> Workload<'_> {
    let requests = ground.shuffled(&mut Rng::with_seed(0x5CA1E));
    ground.workload("scale", &requests, &[])
}
