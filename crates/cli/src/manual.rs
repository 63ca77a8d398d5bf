//! Shell completions and manual pages, generated from the arguments.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, Str};
use clap::{Arg, ArgAction, Command};
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
/// To read one: `routescope man explain | man -l -`, `routescope man key-new | man -l -`
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

/// Prints the completions of the whole `command`.
pub(crate) fn completions(
    arguments: &Completions,
    mut command: Command,
    output: &mut Output,
) -> Result<Outcome> {
    // Into memory first: the generator knows no answer to a closed pipe but to
    // panic.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, NAME, &mut script);
    output.write_all(&script)?;
    Ok(Outcome::Yes)
}

const NAME: &str = "routescope";

/// Prints or writes the manual of the whole `command`.
pub(crate) fn man(arguments: &Man, command: Command, output: &mut Output) -> Result<Outcome> {
    let pages = pages(command.disable_help_subcommand(true));
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

/// Each page with its name: the command's, then those of its subcommands and of theirs.
fn pages(mut command: Command) -> Vec<(String, Page)> {
    command.build();
    let mut pages = Vec::new();
    add_pages(NAME, command, &mut pages);
    pages
}

fn add_pages(name: &str, command: Command, pages: &mut Vec<(String, Page)>) {
    let subcommands: Vec<Command> = command.get_subcommands().cloned().collect();
    let usage = synopsis(&command);
    let page = Page::new(command.override_usage(usage))
        .title(name.to_owned())
        .source(format!("{NAME} {}", env!("CARGO_PKG_VERSION")))
        .manual(NAME.to_owned());
    pages.push((name.to_owned(), page));
    for subcommand in subcommands {
        // The pages of subcommands would all have one for `help`.
        if subcommand.get_name() != "help" {
            let name = format!("{name}-{}", subcommand.get_name());
            add_pages(&name, subcommand, pages);
        }
    }
}

/// The synopsis with the values of options, which the generator leaves out.
fn synopsis(command: &Command) -> String {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let mut parts = vec![name.to_owned()];
    let shown = |argument: &&Arg| !argument.is_hide_set();
    parts.extend(
        command
            .get_opts()
            .chain(flags(command))
            .filter(shown)
            .map(option),
    );
    parts.extend(command.get_positionals().filter(shown).map(|argument| {
        let (values, several) = values(argument);
        let values = match values.split_once(' ') {
            Some((first, rest)) => format!("{first} [{rest}]"),
            None => values,
        };
        bracketed(argument, &values) + several
    }));
    if command.has_subcommands() {
        parts.push("SUBCOMMAND".to_owned());
    }
    parts.join(" ")
}

fn flags(command: &Command) -> impl Iterator<Item = &Arg> {
    let is_flag = |argument: &&Arg| !argument.is_positional() && !takes_values(argument);
    command.get_arguments().filter(is_flag)
}

fn takes_values(argument: &Arg) -> bool {
    argument.get_action().takes_values()
}

/// `[-s|--scope SCOPE]...`
fn option(argument: &Arg) -> String {
    let short = argument.get_short().map(|short| format!("-{short}"));
    let long = argument.get_long().map(|long| format!("--{long}"));
    let mut text: String = short.into_iter().chain(long).collect::<Vec<_>>().join("|");
    let mut several = "";
    if takes_values(argument) {
        let (values, more) = values(argument);
        text = format!("{text} {values}");
        several = more;
    }
    bracketed(argument, &text) + several
}

/// The values of an argument, or their name; and the dots if it may be repeated.
fn values(argument: &Arg) -> (String, &'static str) {
    let possible = argument.get_possible_values();
    let names: Vec<&str> = match argument.get_value_names() {
        _ if !possible.is_empty() => {
            let names: Vec<&str> = possible.iter().map(PossibleValue::get_name).collect();
            return (names.join("|"), "");
        }
        Some(names) => names.iter().map(Str::as_str).collect(),
        None => vec![argument.get_id().as_str()],
    };
    let several = match argument.get_action() {
        ArgAction::Append if names.len() < 2 => "...",
        _ => "",
    };
    (names.join(" "), several)
}

fn bracketed(argument: &Arg, text: &str) -> String {
    match argument.is_required_set() {
        true => text.to_owned(),
        false => format!("[{text}]"),
    }
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
