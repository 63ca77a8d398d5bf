//! `routescope diff`: the requests that a change of a policy opens to keys, and those that it
//! closes.

mod difference;
mod human;
mod json;
mod markdown;
mod settings;
mod view;

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::failure::{Failure, Outcome, Result};
use crate::input;
use crate::output::{Format, Output, formats};
use crate::policy::Source;
pub(crate) use difference::{Diff, Side};

/// Compare what two policies decide, exactly
///
/// Compares meaning, not text: order, comments, summaries, notes and the names of parameters make
/// no difference. For each route that some keys can use otherwise than before, it says which
/// scopes gain or lose it, with a request that shows it; `a b` are scopes that it takes together.
/// Routes that need no scope or no key any more are told apart. WIDER is what some key could not do
/// and now can: read that first.
///
/// Exits with 0 if the policies decide alike, 1 if they differ, 2 if one cannot be read. With
/// `--deny widening`, 1 means that the new policy is wider, and 0 that it is not.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The old policy and the new one; `-` is standard input. With one file: it is the new policy,
    /// and the old one is that of --policy, and so on
    #[arg(required = true, num_args = 1..=2, value_names = ["OLD", "NEW"])]
    files: Vec<PathBuf>,

    /// How to print the answer
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = formats(&[Format::Human, Format::Json, Format::Markdown]))]
    pub(crate) format: Format,

    /// What to refuse with exit code 1
    #[arg(long, value_name = "WHAT")]
    deny: Option<Deny>,

    /// Show every route, however many there are
    #[arg(long)]
    all: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Deny {
    /// Anything that some key could not do and now can
    Widening,
}

pub(crate) fn compare(
    arguments: &Arguments,
    policy: &Source,
    output: &mut Output,
) -> Result<Outcome> {
    let (old, new) = sources(&arguments.files, policy)?;
    let (before, after) = (old.compile()?, new.compile()?);
    let diff = Diff::new(
        Side {
            name: old.name(),
            compiled: &before,
        },
        Side {
            name: new.name(),
            compiled: &after,
        },
        arguments.all,
    )?;
    let outcome = match arguments.deny {
        Some(Deny::Widening) => Outcome::from(!diff.comparison.is_wider()),
        None => Outcome::from(diff.comparison.is_same()),
    };
    outcome.after(write(&diff, output))
}

fn sources(files: &[PathBuf], policy: &Source) -> Result<(Source, Source)> {
    let source = |file: &Path| Source::Named(file.to_owned());
    let (old, new) = match files {
        [old, new] => {
            if let Some(third) = policy.named() {
                return Err(Failure::new(
                    format_args!(
                        "three policies to compare: {}, {} and {}",
                        third.display(),
                        old.display(),
                        new.display()
                    ),
                    "leave out --policy, or one of the files",
                ));
            }
            (source(old), source(new))
        }
        [new] => {
            let same = policy.file().is_some_and(|old| is_same_file(old, new));
            if same && policy.named().is_none() {
                return Err(Failure::new(
                    format_args!("{} is the old policy and the new one", policy.name()),
                    "name the old one too, such as what `git show HEAD:routes.yaml` printed into a file",
                ));
            }
            (policy.clone(), source(new))
        }
        _ => return Err(Failure::new("no policy to compare", "name a file")),
    };
    if [&old, &new]
        .iter()
        .all(|source| source.file().is_some_and(input::is_stdin))
    {
        return Err(Failure::new(
            "both policies cannot come from standard input",
            "name a file for one of them",
        ));
    }
    Ok((old, new))
}

/// Whether two names lead to one file. Standard input is none.
fn is_same_file(one: &Path, other: &Path) -> bool {
    let real = |file: &Path| (!input::is_stdin(file)).then(|| file.canonicalize().ok())?;
    real(one).is_some_and(|one| real(other).is_some_and(|other| one == other))
}

/// Writes a difference in the output's format.
pub(crate) fn write(diff: &Diff<'_>, output: &mut Output) -> Result<()> {
    match output.format {
        Format::Json => output.json(&json::Json::new(diff)),
        Format::Markdown => markdown::write(diff, output),
        _ => human::write(diff, output),
    }
}
