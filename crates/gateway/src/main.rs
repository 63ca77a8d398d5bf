//! The authorization server: gateways ask it whether a request may go on.

mod certificates;
#[cfg(feature = "grpc")]
mod check_message;
mod check_request;
mod config;
mod connections;
mod gauge;
#[cfg(feature = "grpc")]
mod grpc;
mod heads;
mod http1;
mod listener;
mod log;
mod message;
mod peer;
mod preset;
mod reload;
mod response;
mod server;
mod socket_file;
#[cfg(feature = "tls")]
mod tls;
mod trial;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::message::Failure;

/// Answers the gateways that ask whether an API key may make a request
///
/// Without a configuration it is a trial: the PBX API's policy, on loopback, with a key that is
/// made at the start and shown in two lines for curl.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The configuration, a YAML file
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Reads the configuration, the policy and the keys, and says what is wrong with them
    Check,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match (&arguments.command, &arguments.config) {
        (None, Some(file)) => config::read(file)
            .map_err(Failure::from)
            .and_then(server::run),
        (None, None) => trial::run(),
        (Some(Command::Check), Some(file)) => config::read(file)
            .map_err(Failure::from)
            .and_then(|config| server::check(&config)),
        (Some(Command::Check), None) => Err(Failure::new(
            "no configuration to check",
            "name it with `--config FILE`",
        )),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            message::say(&failure);
            ExitCode::from(2)
        }
    }
}
