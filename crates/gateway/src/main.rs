//! The authorization server: gateways ask it whether a request may go on.

mod admin;
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
mod healthcheck;
mod http1;
mod listener;
mod log;
mod message;
mod metrics;
mod open_files;
mod peer;
mod policy_page;
mod preset;
mod readiness;
mod reload;
mod response;
mod server;
mod socket_file;
#[cfg(feature = "tls")]
mod tls;
mod trial;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Config;
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
    /// Asks a running server whether it is ready: 0 if it is, 1 if it is not or not there
    ///
    /// The server is found by `--config FILE`, by `--admin ADDRESS`, or without either where a
    /// trial is.
    Healthcheck {
        /// The admin listener, `127.0.0.1:9181` or `unix:/run/routescope/admin.sock`
        #[arg(long, value_name = "ADDRESS", conflicts_with = "config")]
        admin: Option<String>,
    },
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => code,
        Err(failure) => {
            message::say(&failure);
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    match (&arguments.command, &arguments.config) {
        (None, Some(file)) => server::run(configured(file)?)?,
        (None, None) => trial::run()?,
        (Some(Command::Check), Some(file)) => server::check(&configured(file)?)?,
        (Some(Command::Check), None) => {
            return Err(Failure::new(
                "no configuration to check",
                "name it with `--config FILE`",
            ));
        }
        (Some(Command::Healthcheck { admin }), config) => {
            return healthcheck::run(config.as_deref(), admin.as_deref());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The configuration in a file, after what is dangerous about it is said.
fn configured(file: &Path) -> Result<Config, Failure> {
    let config = config::read(file)?;
    for warning in &config.warnings {
        message::say(format_args!("warning: {warning}"));
    }
    Ok(config)
}
