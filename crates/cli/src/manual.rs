//! Shell completions and manual pages, generated from the arguments.

use std::io::Write;

use clap::CommandFactory;

use crate::failure::{Outcome, Result};
use crate::output::Output;

/// Print completions for a shell
///
/// For bash: routescope completions bash > /etc/bash_completion.d/routescope
#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell
    shell: clap_complete::Shell,
}

/// Print the manual page of the command or of a subcommand, as roff
///
/// To read one: routescope man explain | man -l -
#[derive(Debug, clap::Args)]
pub(crate) struct Man {
    /// The subcommand [default: the command itself]
    subcommand: Option<String>,
}

pub(crate) fn completions(arguments: &Completions, output: &mut Output) -> Result<Outcome> {
    clap_complete::generate(
        arguments.shell,
        &mut crate::Arguments::command(),
        "routescope",
        output,
    );
    Ok(Outcome::Yes)
}

pub(crate) fn man(arguments: &Man, output: &mut Output) -> Result<Outcome> {
    let mut command = crate::Arguments::command();
    command.build();
    let page = match &arguments.subcommand {
        None => command,
        Some(name) => match command.find_subcommand(name) {
            Some(found) => found.clone(),
            None => {
                let known: Vec<&str> = command
                    .get_subcommands()
                    .map(clap::Command::get_name)
                    .collect();
                return Err(crate::failure::Failure::new(
                    format_args!("there is no subcommand `{name}`"),
                    format_args!("there are {}", known.join(", ")),
                ));
            }
        },
    };
    let mut roff = Vec::new();
    clap_mangen::Man::new(page).render(&mut roff)?;
    output.write_all(&roff)?;
    Ok(Outcome::Yes)
}
