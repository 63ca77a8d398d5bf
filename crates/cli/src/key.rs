//! `routescope key`: the keys of a gateway, in the file that it reads.

mod check;
mod expiry;
mod least;
mod list;
mod new;
mod replaced;
mod revoke;
mod rotate;
mod shown;

use std::path::PathBuf;

use clap::Subcommand;

use crate::failure::{Outcome, Result};
use crate::output::{Format, Output};
use crate::policy::Source;

/// Make, list, replace, revoke and check the API keys of a gateway
///
/// They are in a file, `keys.yaml`, which holds a hash of each key, never the key. A key is shown
/// once, when it is made. Comments and layout of the file stay; the file is replaced as a whole, so
/// that a gateway reads the old one or the new one.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The key file
    #[arg(long, global = true, value_name = "FILE", default_value = "keys.yaml")]
    keys: PathBuf,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    New(new::Arguments),
    List(list::Arguments),
    Revoke(revoke::Arguments),
    Rotate(rotate::Arguments),
    Check(check::Arguments),
}

impl Arguments {
    /// How to print the answer.
    pub(crate) fn format(&self) -> Format {
        match &self.command {
            Command::List(arguments) => arguments.format,
            Command::Check(arguments) => arguments.format,
            Command::New(_) | Command::Revoke(_) | Command::Rotate(_) => Format::Human,
        }
    }
}

pub(crate) fn key(arguments: &Arguments, policy: &Source, output: &mut Output) -> Result<Outcome> {
    let keys = arguments.keys.as_path();
    match &arguments.command {
        Command::New(arguments) => new::make(arguments, keys, policy),
        Command::List(arguments) => list::list(arguments, keys, output),
        Command::Revoke(arguments) => revoke::revoke(arguments, keys),
        Command::Rotate(arguments) => rotate::rotate(arguments, keys, policy),
        Command::Check(arguments) => check::check(arguments, keys, policy, output),
    }
}
