//! `routescope compile`: a policy as bytes, for programs and devices that load it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use routescope_compiler::Severity;
use serde::Serialize;

use crate::atomic;
use crate::failure::{Failure, Outcome, Result};
use crate::input;
use crate::output::{Format, HUMAN_AND_JSON, JSON_VERSION, Output, formats};
use crate::policy::Source;
use crate::problems;
use crate::wire::{count, thousands, to_hex};

/// Compile a policy into a file that programs and devices load
///
/// The file holds the tables alone, proved to say what the policy says. A gateway loads it with
/// `OwnedPolicy::from_bytes`, a device with `routescope_policy_load` of the C interface or with
/// `Policy::from_bytes`, and this command with `--policy`. Loading takes no compiler and checks
/// every byte.
///
/// The checksum in it finds accidents and no attacker: whoever can replace the file decides who
/// gets in. Send it over a channel that you would send a program over, or sign it.
///
/// Raise `revision:` in the policy with each edition, and let the loader demand at least the
/// revision in force: then nobody can bring back an edition that allowed more.
///
/// Exits with 0 if the file was written, 2 if the policy does not compile or a file cannot be
/// read or written.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The policy, a routes.yaml; `-` reads it from standard input
    /// [default: that of --policy, and so on]
    file: Option<PathBuf>,

    /// The file to write, for instance pbx.rsp. An older compiled policy is replaced, whole or
    /// not at all; no other file is
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,

    /// How to print the summary
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = formats(HUMAN_AND_JSON))]
    pub(crate) format: Format,
}

#[derive(Debug, Serialize)]
struct Json<'c> {
    version: u32,
    output: String,
    policy: &'c str,
    digest: String,
    /// 0 if the file has none.
    revision: u32,
    routes: usize,
    bytes: usize,
}

pub(crate) fn compile(
    arguments: &Arguments,
    policy: &Source,
    output: &mut Output,
) -> Result<Outcome> {
    let source = policy.or_argument(arguments.file.as_deref())?;
    is_ours_to_replace(&arguments.output)?;
    let compiled = source.compile()?;
    let bytes = compiled.to_bytes();
    atomic::write(&arguments.output, &bytes)?;

    let policy = compiled.policy();
    let to = arguments.output.display();
    let digest = to_hex(policy.digest());
    let written = match output.format {
        Format::Json => output.json(&Json {
            version: JSON_VERSION,
            output: to.to_string(),
            policy: policy.name(),
            digest,
            revision: policy.revision(),
            routes: policy.routes().len(),
            bytes: bytes.len(),
        }),
        _ => human(&compiled, &source, output).and_then(|()| {
            let routes = count(policy.routes().len() as u64, "route");
            let size = thousands(bytes.len() as u64);
            writeln!(output, "{to}: {routes}, {size} bytes, digest {digest}")?;
            if policy.revision() == 0 {
                writeln!(
                    output,
                    "  it has no `revision:`, so that a loader cannot tell it from an older edition"
                )?;
            }
            Ok(())
        }),
    };
    Outcome::Yes.after(written)
}

/// Refuses to write over a file that is no compiled policy: most likely the policy's source.
fn is_ours_to_replace(file: &Path) -> Result<()> {
    if input::is_stdin(file) {
        return Err(Failure::new(
            "a compiled policy is not written to standard output",
            "name a file, for instance `-o pbx.rsp`",
        ));
    }
    // A pipe would be waited for, and a device read without an end.
    atomic::is_replaceable(file, "compile", "name a file, for instance `-o pbx.rsp`")?;
    // A file that is not there, or cannot be read, gives its error when it is written.
    let Ok(old) = fs::read(file) else {
        return Ok(());
    };
    if old.is_empty() || input::is_compiled(&old) {
        return Ok(());
    }
    Err(Failure::new(
        format_args!("{} is there, and is no compiled policy", file.display()),
        "name another file, or remove this one first",
    ))
}

fn human(
    compiled: &routescope_compiler::Compiled,
    source: &Source,
    output: &mut Output,
) -> Result<()> {
    writeln!(output, "{}", source.headline(compiled.policy()))?;
    let warnings = compiled.warnings();
    if warnings.by_severity(Severity::Warning).next().is_some() {
        problems::show(warnings, output)?;
    }
    Ok(())
}
