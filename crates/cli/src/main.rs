//! The command `routescope`, for the people who own a table of routes: write it, review it,
//! explain a 403, see what a key can reach, and regenerate it when the API changes.
//!
//! It is thin over the compiler and the core: every decision that it shows is the engine's.
//! Each subcommand is a module with its arguments and one function that `main` calls.

mod atomic;
mod authorize;
mod check;
mod compile;
mod decide;
mod diff;
mod explain;
mod failure;
mod fmt;
mod generate;
mod graph;
mod held;
mod import;
mod input;
mod key;
mod lacking;
mod lines;
mod manual;
mod needs;
mod output;
mod policy;
mod problems;
mod progress;
mod reasons;
mod routes;
mod schema;
mod suggest;
mod test;
mod wire;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::failure::{Failure, Outcome};
use crate::output::{Format, Output};

/// May a key that holds these scopes call this method on this path?
///
/// Reads and checks policies (`routes.yaml`), explains decisions, compares
/// policies by what they decide, imports them from guides and OpenAPI, and
/// looks after the keys of a gateway.
///
/// Exits with 0 for yes, 1 for no (denied, problems found, policies differ),
/// 2 if the command was wrong or a file unreadable.
#[derive(Debug, Parser)]
#[command(name = "routescope", version, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// The arguments of every subcommand.
#[derive(Debug, clap::Args)]
struct Global {
    /// The policy to ask, a routes.yaml or a file that `routescope compile` wrote; `-` reads it
    /// from standard input [default: the file that
    /// the environment's `ROUTESCOPE_POLICY` names; else `routes.yaml` in the current folder; else
    /// the built-in policy of the PBX API]
    #[arg(long, short, global = true, value_name = "FILE")]
    policy: Option<std::path::PathBuf>,

    /// When to colour [also: the environment's `NO_COLOR` and `CLICOLOR_FORCE`]
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: output::Color,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Arguments),
    Compile(compile::Arguments),
    Explain(explain::Arguments),
    Routes(routes::Arguments),
    Diff(diff::Arguments),
    Import(import::Arguments),
    Suggest(suggest::Arguments),
    Test(test::Arguments),
    Graph(graph::Arguments),
    Decide(decide::Arguments),
    Fmt(fmt::Arguments),
    Generate(generate::Arguments),
    Schema(schema::Arguments),
    Key(key::Arguments),
    Completions(manual::Completions),
    Man(manual::Man),
}

impl Command {
    /// How to print its answer.
    fn format(&self) -> Format {
        match self {
            Self::Check(arguments) => arguments.format,
            Self::Compile(arguments) => arguments.format,
            Self::Explain(arguments) => arguments.format,
            Self::Routes(arguments) => arguments.format,
            Self::Diff(arguments) => arguments.format,
            Self::Import(arguments) => arguments.format,
            Self::Suggest(arguments) => arguments.format,
            Self::Test(arguments) => arguments.format,
            Self::Graph(arguments) => arguments.format,
            Self::Decide(arguments) => arguments.format,
            Self::Fmt(arguments) => arguments.format,
            Self::Key(arguments) => arguments.format(),
            Self::Generate(_) | Self::Schema(_) | Self::Completions(_) | Self::Man(_) => {
                Format::Human
            }
        }
    }
}

fn main() -> ExitCode {
    let Arguments { global, command } = Arguments::parse();
    let mut output = Output::new(command.format(), global.color);
    let policy = policy::Source::find(global.policy);
    let outcome = match command {
        Command::Check(arguments) => check::check(&arguments, &policy, &mut output),
        Command::Compile(arguments) => compile::compile(&arguments, &policy, &mut output),
        Command::Explain(arguments) => explain::explain(&arguments, &policy, &mut output),
        Command::Routes(arguments) => routes::list(&arguments, &policy, &mut output),
        Command::Diff(arguments) => diff::compare(&arguments, &policy, &mut output),
        Command::Import(arguments) => import::import(&arguments, &mut output),
        Command::Suggest(arguments) => suggest::suggest(&arguments, &policy, &mut output),
        Command::Test(arguments) => test::test(&arguments, &policy, &mut output),
        Command::Graph(arguments) => graph::draw(&arguments, &policy, &mut output),
        Command::Decide(arguments) => decide::decide(&arguments, &policy),
        Command::Fmt(arguments) => fmt::format(&arguments, &policy, &mut output),
        Command::Generate(arguments) => generate::generate(&arguments, &policy, &mut output),
        Command::Schema(arguments) => schema::print(&arguments, &mut output),
        Command::Key(arguments) => key::key(&arguments, &policy, &mut output),
        Command::Completions(arguments) => {
            manual::completions(&arguments, Arguments::command(), &mut output)
        }
        Command::Man(arguments) => manual::man(&arguments, Arguments::command(), &mut output),
    };
    let outcome = outcome.and_then(|outcome| match output.finish() {
        // The answer was found, and its exit code still says it: a denial must
        // not look like an allow because nobody read the reasons.
        Ok(()) | Err(Failure::ClosedPipe) => Ok(outcome),
        Err(failure) => Err(failure),
    });
    match outcome {
        Ok(Outcome::Yes) => ExitCode::SUCCESS,
        Ok(Outcome::No) => ExitCode::from(1),
        Err(failure) => failure.report(),
    }
}
