//! Shell completions and manual pages, generated from the arguments.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory};
use clap_mangen::Man as Page;

use crate::failure::{Failure, Outcome, Result};
use crate::output::Output;

/// Print completions for a shell
///
/// For bash: `routescope completions bash > /etc/bash_completion.d/routescope`
///
/// For fish: `routescope completions fish > ~/.config/fish/completions/routescope.fish`
///
/// For zsh: `routescope completions zsh > _routescope`, in a folder of `$fpath`
#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell
    shell: clap_complete::Shell,
}

/// Print the manual page of the command or of a subcommand, as roff
///
/// To read one: `routescope man explain | man -l -`
///
/// To install all: `routescope man --into /usr/local/share/man/man1`
#[derive(Debug, clap::Args)]
pub(crate) struct Man {
    /// The subcommand [default: the command itself]
    subcommand: Option<String>,

    /// Write every page into this folder instead
    #[arg(long, value_name = "FOLDER", conflicts_with = "subcommand")]
    into: Option<PathBuf>,
}

pub(crate) fn completions(arguments: &Completions, output: &mut Output) -> Result<Outcome> {
    // Into memory first: the generator knows no answer to a closed pipe but to
    // panic.
    let mut script = Vec::new();
    let mut command = crate::Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, NAME, &mut script);
    output.write_all(&script)?;
    Ok(Outcome::Yes)
}

const NAME: &str = "routescope";

pub(crate) fn man(arguments: &Man, output: &mut Output) -> Result<Outcome> {
    let command = crate::Arguments::command().disable_help_subcommand(true);
    let pages = pages(command);
    if let Some(folder) = &arguments.into {
        for (name, page) in &pages {
            write(folder, name, page)?;
        }
        return Ok(Outcome::Yes);
    }
    let wanted = match &arguments.subcommand {
        None => NAME.to_owned(),
        Some(subcommand) => format!("{NAME}-{subcommand}"),
    };
    let Some((_, page)) = pages.iter().find(|(name, _)| *name == wanted) else {
        let known: Vec<&str> = pages
            .iter()
            .filter_map(|(name, _)| name.strip_prefix(NAME)?.strip_prefix('-'))
            .collect();
        return Err(Failure::new(
            format_args!(
                "there is no subcommand `{}`",
                arguments.subcommand.as_deref().unwrap_or_default()
            ),
            format_args!("there are {}", known.join(", ")),
        ));
    };
    let mut roff = Vec::new();
    page.render(&mut roff)?;
    output.write_all(&roff)?;
    Ok(Outcome::Yes)
}

/// Each page with its name: the command's, then those of its subcommands.
fn pages(mut command: Command) -> Vec<(String, Page)> {
    command.build();
    let subcommands: Vec<Command> = command.get_subcommands().cloned().collect();
    let page = |name: &str, command: Command| {
        let page = Page::new(command)
            .title(name.to_owned())
            .source(format!("{NAME} {}", env!("CARGO_PKG_VERSION")))
            .manual(NAME.to_owned());
        (name.to_owned(), page)
    };
    let mut pages = vec![page(NAME, command)];
    for subcommand in subcommands {
        let name = format!("{NAME}-{}", subcommand.get_name());
        pages.push(page(&name, subcommand));
    }
    pages
}

fn write(folder: &Path, name: &str, page: &Page) -> Result<()> {
    let mut roff = Vec::new();
    page.render(&mut roff)?;
    let path = folder.join(format!("{name}.1"));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&path, roff))
        .map_err(|error| {
            Failure::new(
                format_args!("cannot write {}: {error}", path.display()),
                "name a folder that you may write to",
            )
        })
}
