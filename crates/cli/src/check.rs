//! `routescope check`: the problems of a policy, and a summary of it.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use routescope::{Alternative, Requirement};
use routescope_compiler::{Compiled, Compiler, Report, Severity};
use serde::Serialize;

use crate::failure::{Outcome, Result};
use crate::output::{Format, HUMAN_AND_JSON, JSON_VERSION, Output, formats};
use crate::policy::Source;
use crate::problems::{self, ProblemJson};
use crate::wire::{count, thousands, to_hex};

/// Check a policy: every error and warning with its line, and a summary
///
/// The summary counts and shows the routes that need no scope: the public ones, for which no key is
/// looked at, and those that are open to every valid key.
///
/// Exits with 0 if there is no error, 1 if there is one (or a warning, with
/// `--deny warnings`), 2 if the file cannot be read.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The policy, a routes.yaml; `-` reads it from standard input
    /// [default: that of --policy, and so on]
    file: Option<PathBuf>,

    /// Show notes too: what a reviewer may want to know, such as methods that a narrower route
    /// hides
    #[arg(long)]
    notes: bool,

    /// How to print the answer
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = formats(HUMAN_AND_JSON))]
    pub(crate) format: Format,

    /// What else makes the check fail
    #[arg(long, value_name = "WHAT")]
    deny: Option<Deny>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Deny {
    /// Warnings
    Warnings,
}

pub(crate) fn check(
    arguments: &Arguments,
    policy: &Source,
    output: &mut Output,
) -> Result<Outcome> {
    let source = policy.or_argument(arguments.file.as_deref())?;
    let name = source.file_name();
    let text = source.text()?;

    let start = Instant::now();
    let compiled = Compiler::new().notes(arguments.notes).compile(&name, &text);
    let time = start.elapsed();

    let (report, summary, headline) = match &compiled {
        Ok(compiled) => (
            compiled.warnings(),
            Some(Summary::new(compiled, time)),
            source.headline(compiled.policy()),
        ),
        Err(report) => (report, None, format!("policy: {}", source.origin())),
    };
    let denied = arguments.deny == Some(Deny::Warnings)
        && report.by_severity(Severity::Warning).next().is_some();
    let outcome = Outcome::from(!report.has_errors() && !denied);
    let written = match output.format {
        Format::Json => output.json(&Json {
            version: JSON_VERSION,
            file: &name,
            policy: summary.as_ref().map(|summary| summary.policy.clone()),
            digest: summary.as_ref().map(|summary| summary.digest.clone()),
            ok: outcome == Outcome::Yes,
            problems: problems::json(report),
            summary,
        }),
        _ => {
            writeln!(output, "{headline}\n")?;
            human(report, summary.as_ref(), denied, output)
        }
    };
    outcome.after(written)
}

fn human(
    report: &Report,
    summary: Option<&Summary>,
    denied: bool,
    output: &mut Output,
) -> Result<()> {
    problems::show(report, output)?;
    writeln!(output, "{}", report.headline())?;
    if denied {
        writeln!(
            output,
            "  warnings fail the check here: follow the help of each, or leave out `--deny warnings`"
        )?;
    }
    if let Some(summary) = summary {
        write!(output, "{summary}")?;
    }
    Ok(())
}

#[derive(Debug, Serialize)]
struct Json<'r> {
    version: u32,
    file: &'r str,
    /// Its name and digest; `null` where there are errors.
    policy: Option<String>,
    digest: Option<String>,
    /// Whether the check passed.
    ok: bool,
    problems: Vec<ProblemJson<'r>>,
    /// `null` where there are errors.
    summary: Option<Summary>,
}

#[derive(Debug, Serialize)]
struct Summary {
    policy: String,
    updated: Option<String>,
    /// Methods on templates.
    routes: usize,
    templates: usize,
    /// The routes for which no key is looked at.
    public: Vec<String>,
    /// The routes that are open to every valid key.
    any_key: Vec<String>,
    scopes: Scopes,
    states: usize,
    bytes: usize,
    digest: String,
    proof: Proof,
    build_seconds: f64,
}

#[derive(Debug, Serialize)]
struct Scopes {
    /// The scopes that the file lists.
    declared: usize,
    /// The scopes that the file lists and those that the rules imply.
    known: usize,
    /// Whether their names are opaque.
    opaque: bool,
    /// The sets of scopes that some route needs together.
    sets: usize,
    /// The pairs that the file states under `implies`.
    implies: usize,
}

impl Scopes {
    fn new(compiled: &Compiled) -> Self {
        let policy = compiled.policy();
        let routes = policy.routes();
        let alternatives = routes.filter_map(|route| route.requirement().alternatives());
        let sets: HashSet<Alternative<'_>> = alternatives
            .flatten()
            .filter(|alternative| alternative.as_scope().is_none())
            .collect();
        let implies = compiled.model().implies.values();
        Self {
            declared: policy.scopes().filter(|scope| scope.is_declared()).count(),
            known: policy.scopes().count(),
            opaque: policy.has_opaque_scopes(),
            sets: sets.len(),
            implies: implies.map(BTreeSet::len).sum(),
        }
    }
}

#[derive(Debug, Serialize)]
struct Proof {
    pairs: usize,
    steps: usize,
}

impl Summary {
    fn new(compiled: &Compiled, time: Duration) -> Self {
        let policy = compiled.policy();
        let proved = compiled.proved();
        let open = |requirement| {
            let routes = policy.routes();
            let open = routes.filter(|route| route.requirement() == requirement);
            open.map(|route| route.to_string()).collect()
        };
        Self {
            policy: policy.name().to_owned(),
            updated: policy.updated().map(str::to_owned),
            routes: policy.routes().len(),
            templates: compiled.model().templates.len(),
            public: open(Requirement::Public),
            any_key: open(Requirement::AnyKey),
            scopes: Scopes::new(compiled),
            states: policy.tables().states.len(),
            bytes: policy.tables().size(),
            digest: to_hex(policy.digest()),
            proof: Proof {
                pairs: proved.pairs,
                steps: proved.steps,
            },
            build_seconds: time.as_secs_f64(),
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            policy,
            updated,
            routes,
            templates,
            public,
            any_key,
            scopes:
                Scopes {
                    declared,
                    known,
                    opaque,
                    sets,
                    implies,
                },
            states,
            bytes,
            digest,
            proof: Proof { pairs, steps },
            build_seconds,
        } = self;
        write!(f, "  policy   {policy}")?;
        if let Some(updated) = updated {
            write!(f, ", updated {updated}")?;
        }
        let implied = known - declared;
        writeln!(f)?;
        writeln!(
            f,
            "  routes   {routes}, on {}",
            count(*templates as u64, "path")
        )?;
        open_routes(f, "public", "no key is looked at", public)?;
        open_routes(f, "any key", "open to every valid key", any_key)?;
        if *opaque {
            writeln!(f, "  scopes   {}, with opaque names", known)?;
        } else {
            writeln!(
                f,
                "  scopes   {declared} in the file, and {implied} that the rules imply"
            )?;
        }
        if *sets > 0 {
            let of = if *sets == 1 { "set" } else { "sets" };
            writeln!(
                f,
                "  sets     {sets} {of} of scopes that are needed together"
            )?;
        }
        if *implies > 0 {
            let pairs = count(*implies as u64, "pair");
            writeln!(
                f,
                "  implies  {pairs} of scopes, of which one implies the other"
            )?;
        }
        writeln!(f, "  tables   {states} states, {bytes} bytes")?;
        writeln!(
            f,
            "  proof    the tables say what the file says: {pairs} pairs, {steps} steps compared"
        )?;
        writeln!(f, "  digest   {digest}")?;
        writeln!(f, "  time     {:.1} ms to build", build_seconds * 1000.0)
    }
}

/// The routes that need no scope, if there are any.
fn open_routes(
    f: &mut fmt::Formatter<'_>,
    word: &str,
    meaning: &str,
    routes: &[String],
) -> fmt::Result {
    const MOST: usize = 10;
    if routes.is_empty() {
        return Ok(());
    }
    let number = count(routes.len() as u64, "route");
    writeln!(f, "  {word:8} {number}: {meaning}")?;
    for route in routes.iter().take(MOST) {
        writeln!(f, "    {route}")?;
    }
    let more = routes.len().saturating_sub(MOST);
    if more > 0 {
        let more = thousands(more as u64);
        writeln!(f, "    and {more} more, which `--format json` has")?;
    }
    Ok(())
}
