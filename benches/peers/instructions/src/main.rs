//! Counts the instructions of single lookups under callgrind, and fails if one
//! takes over 3 % more than the committed baseline says.
//!
//! ```sh
//! cargo run --release --manifest-path benches/peers/Cargo.toml --package instructions
//! cargo run --release --manifest-path benches/peers/Cargo.toml --package instructions -- --bless
//! ```
//!
//! The second accepts the counts of now. Time on a shared machine wavers by a
//! tenth; the same compiler and flags always make the same instructions. A count does
//! not see how well they run: mispredicted branches, loads that wait. For that
//! there are the benchmarks beside it.
//!
//! The program runs itself under valgrind once a lookup and number of
//! repetitions. Callgrind counts in one function only; the count of a few
//! repetitions is taken from that of many, so that nothing but the lookup, and
//! two or three instructions of the loop around it, is left.

mod baseline;
mod callgrind;
mod lookups;

use std::io::{Write, stderr, stdout};
use std::process::ExitCode;

use anyhow::{Result, ensure};
use clap::Parser;

use crate::baseline::Baseline;
use crate::lookups::LOOKUPS;

/// Counts the instructions of single lookups, and fails if one has grown by
/// more than 3 %.
#[derive(Parser)]
struct Options {
    /// Accept the counts of now as the baseline.
    #[arg(long)]
    bless: bool,
    /// The look-up that callgrind runs.
    #[arg(long, hide = true, requires = "times")]
    lookup: Option<String>,
    #[arg(long, hide = true)]
    times: Option<u32>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let result = match (&options.lookup, options.times) {
        (Some(name), Some(times)) => lookups::run(name, times).map(|()| true),
        _ => compare(options.bless),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(stderr(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Whether no lookup has grown.
fn compare(bless: bool) -> Result<bool> {
    ensure!(
        !cfg!(debug_assertions),
        "only the counts of an optimised build mean anything: add `--release`"
    );
    let mut now = Baseline::of_this_build();
    for name in LOOKUPS {
        now.set(name, callgrind::count(name)?);
    }
    if bless {
        now.save()?;
        writeln!(stdout(), "{now}")?;
        return Ok(true);
    }
    let before = Baseline::load()?;
    let comparison = before.compare(&now);
    write!(stdout(), "{comparison}")?;
    Ok(comparison.passes())
}
