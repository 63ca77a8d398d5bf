//! routescope beside its peers: routers, policy engines, and what nothing can
//! beat, in one process and one run.
//!
//! For every workload it prints each engine's median and least time per lookup
//! over interleaved rounds, the ratio to routescope, and whether its answers
//! were right. An engine that answers wrong is shown as wrong, not as fast.
//!
//! ```sh
//! cargo run --release --manifest-path benches/peers/Cargo.toml -- --workload pbx
//! ```

mod engine;
mod engines;
mod measure;
mod mode;
mod oracle;
mod request;
mod scale;
mod show;
mod workload;
mod workloads;

use std::io::{Write, stderr, stdout};
use std::process::ExitCode;

use anyhow::{Result, bail, ensure};
use clap::{Parser, ValueEnum};

use crate::engines::{ENGINES, REFERENCE};
use crate::workload::Workload;
use crate::workloads::SETS;

/// Measures routescope beside routers and policy engines.
#[derive(Parser)]
struct Options {
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Only workloads whose name begins with this; may be repeated.
    #[arg(long, value_name = "NAME")]
    workload: Vec<String>,
    /// Only these engines, and routescope.
    #[arg(long, value_name = "NAME")]
    engine: Vec<String>,
    /// How often every engine has its turn.
    #[arg(long, value_name = "N", default_value_t = 51, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// The PBX table and others of 120 to 100,000 routes instead of the workloads.
    #[arg(long, conflicts_with_all = ["workload", "engine"])]
    scale: bool,
    /// Other sizes than 110 (the PBX table), 120, 1000, 5203, 20000 and 100000.
    #[arg(long, value_name = "N", value_delimiter = ',', requires = "scale", default_values_t = scale::SIZES)]
    routes: Vec<usize>,
    /// Five rounds: enough to see that it works.
    #[arg(long, conflicts_with = "rounds")]
    quick: bool,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    Human,
    Json,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(stderr(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> Result<()> {
    if options.scale {
        return grow(options);
    }
    for name in &options.engine {
        if !ENGINES.iter().any(|(known, _)| known == name) {
            let known: Vec<&str> = ENGINES.iter().map(|(name, _)| *name).collect();
            bail!("no engine `{name}`; there are {}", known.join(", "));
        }
    }
    let mut measured = false;
    for set in SETS.iter().filter(|set| options.may_want(set.name)) {
        let ground = (set.ground)()?;
        for workload in (set.workloads)(&ground) {
            if options.wants(&workload.name) {
                one(options, &workload)?;
                measured = true;
            }
        }
    }
    if !measured {
        let known: Vec<&str> = SETS.iter().map(|set| set.name).collect();
        bail!(
            "no such workload; their names begin with {}",
            known.join(", ")
        );
    }
    Ok(())
}

fn one(options: &Options, workload: &Workload<'_>) -> Result<()> {
    let mut entrants = Vec::new();
    for (name, set_up) in ENGINES {
        let asked = options.engine.is_empty() || options.engine.iter().any(|e| e == name);
        if !asked && name != REFERENCE {
            continue;
        }
        match set_up(workload) {
            Ok(entrant) => entrants.push(entrant),
            Err(error) if name == REFERENCE => return Err(error),
            // Some have limits that a table exceeds.
            Err(error) => writeln!(
                stderr(),
                "{}: {name} does not take the table: {error:#}",
                workload.name
            )?,
        }
    }
    let figures = measure::measure(workload, &entrants, options.rounds());
    let mut out = stdout().lock();
    match options.format {
        Format::Human => show::human(&mut out, workload, &figures)?,
        Format::Json => show::json(&mut out, workload, &figures)?,
    }
    out.flush()?;
    Ok(())
}

fn grow(options: &Options) -> Result<()> {
    for size in &options.routes {
        ensure!(
            (100..=100_000).contains(size),
            "{size} routes: tables are made of 100 to 100,000 routes, the most that a policy lists"
        );
    }
    let figures = scale::measure(&options.routes, options.rounds(), |doing| {
        let _ = writeln!(stderr(), "{doing}");
    })?;
    let mut out = stdout().lock();
    match options.format {
        Format::Human => show::scale_human(&mut out, &figures)?,
        Format::Json => show::scale_json(&mut out, &figures)?,
    }
    Ok(())
}

impl Options {
    fn rounds(&self) -> usize {
        if self.quick { 5 } else { self.rounds as usize }
    }

    /// Whether a workload whose name begins like this may be wanted.
    fn may_want(&self, set: &str) -> bool {
        let wanted = |name: &String| name.starts_with(set) || set.starts_with(name.as_str());
        self.workload.is_empty() || self.workload.iter().any(wanted)
    }

    fn wants(&self, workload: &str) -> bool {
        self.workload.is_empty() || self.workload.iter().any(|name| workload.starts_with(name))
    }
}
