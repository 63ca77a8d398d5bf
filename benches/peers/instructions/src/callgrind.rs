//! Runs a lookup under callgrind.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// Repetitions: enough for what happens on the first time only (a function of a
/// shared library is found) to be over.
const FEW: u32 = 8;
const MANY: u32 = FEW + 64;

/// The instructions of one repetition.
pub fn count(lookup: &str) -> Result<u64> {
    let few = total(lookup, FEW)?;
    let many = total(lookup, MANY)?;
    let repetitions = u64::from(MANY - FEW);
    let all = many
        .checked_sub(few)
        .with_context(|| format!("{lookup}: more repetitions took less instructions"))?;
    ensure!(
        all > 0,
        "{lookup}: callgrind has not seen the function that it should count in"
    );
    // Not every repetition need take the same way through the allocator.
    Ok(all.div_ceil(repetitions))
}

/// The instructions of `times` repetitions, and of the set-up that happens once.
fn total(lookup: &str, times: u32) -> Result<u64> {
    let file = tempfile::NamedTempFile::new().context("a file for callgrind")?;
    let output = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", file.path().display()))
        .arg(format!("--toggle-collect=*{}*", crate::lookups::COUNTED))
        .arg(std::env::current_exe()?)
        .args(["--lookup", lookup, "--times", &times.to_string()])
        // The environment lies on the stack, and moves everything below it.
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .stdin(Stdio::null())
        .output()
        .context("valgrind does not run; Debian's package is `valgrind`")?;
    if !output.status.success() {
        bail!(
            "{lookup} fails under valgrind:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let profile = fs::read_to_string(file.path())?;
    profile
        .lines()
        .find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok())
        .with_context(|| format!("{lookup}: callgrind has written no total"))
}
