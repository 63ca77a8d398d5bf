//! `routescope fmt`: the canonical form of a policy.

pub(crate) mod canonical;
mod content;
pub(crate) mod layout;

use std::io::Write;
use std::path::{Path, PathBuf};

use routescope_compiler::unstable::yaml::{self, Node};
use routescope_compiler::{Report, compile};
use serde::Serialize;

use crate::failure::{Failure, Outcome, Result};
use crate::output::{Format, HUMAN_AND_JSON, JSON_VERSION, Output, formats};
use crate::policy::{self, Source};
use crate::wire::{cut, to_hex};
use crate::{atomic, input};
use layout::Layout;

/// Write a policy in canonical form
///
/// Two spaces a level, the fields in the order of the documentation, scopes in quotes and sorted
/// where a heading has several, one empty line between headings, routes in the order they are in.
/// Comments stay. The decisions of the policy never change: a file that cannot be rewritten without
/// risk is refused, with the place.
///
/// Exits with 0 if the file is in canonical form now, 2 if it cannot be brought into it. With
/// `--check`, nothing is written, and 1 means that it is not in canonical form.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The policy; `-` reads standard input and writes standard output
    /// [default: that of --policy; else `routes.yaml` in the current folder]
    file: Option<PathBuf>,

    /// Write nothing; say whether the file is in canonical form, and where it is not
    #[arg(long)]
    check: bool,

    /// How to print the answer
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = formats(HUMAN_AND_JSON))]
    pub(crate) format: Format,
}

#[derive(Serialize)]
struct Json<'f> {
    version: u32,
    file: &'f str,
    policy: &'f str,
    digest: String,
    /// Whether it was in canonical form.
    formatted: bool,
    /// Whether it was written.
    written: bool,
    /// The first line that was not.
    first_difference: Option<Difference<'f>>,
}

#[derive(Serialize)]
struct Difference<'f> {
    /// From 1.
    line: usize,
    /// `null` where the file ends before.
    found: Option<&'f str>,
    expected: Option<&'f str>,
}

pub(crate) fn format(
    arguments: &Arguments,
    policy: &Source,
    output: &mut Output,
) -> Result<Outcome> {
    let file = file(arguments, policy)?;
    let file = file.as_path();
    let name = input::name(file);
    let piped = input::is_stdin(file);
    let writes = !arguments.check && !piped;
    if writes {
        atomic::is_replaceable(
            file,
            "fmt",
            "name a file; or `-`, to read standard input and write standard output",
        )?;
    }
    let old = input::text(file)?;
    let Canonical {
        text: new,
        name: policy,
        digest,
    } = canonical(&name, &old)?;
    let formatted = old == new;
    let write = writes && !formatted;
    if write {
        atomic::replace(file, new.as_bytes())?;
    }
    let difference = first_difference(&old, &new);
    let answered = if output.format == Format::Json {
        output.json(&Json {
            version: JSON_VERSION,
            file: &name,
            policy: &policy,
            digest: to_hex(&digest),
            formatted,
            written: write,
            first_difference: difference,
        })
    } else if piped && !arguments.check {
        output.write_all(new.as_bytes()).map_err(Failure::from)
    } else if let Some(difference) = difference {
        show(&name, &difference, arguments.check, output)
    } else {
        Ok(())
    };
    Outcome::from(formatted || !arguments.check).after(answered)
}

/// Finds the file to format. A file that only the environment names is refused: it may belong
/// to somebody else, and this command writes.
fn file(arguments: &Arguments, policy: &Source) -> Result<PathBuf> {
    let asked = policy.or_argument(arguments.file.as_deref())?;
    if let Some(file) = asked.named() {
        return Ok(file.to_owned());
    }
    match Path::new(policy::FILE).symlink_metadata() {
        Ok(_) => Ok(policy::FILE.into()),
        Err(_) => Err(Failure::new(
            format_args!("no {} in the current folder to format", policy::FILE),
            "name a routes.yaml, or `-` for standard input",
        )),
    }
}

fn show(name: &str, difference: &Difference<'_>, check: bool, output: &mut Output) -> Result<()> {
    if !check {
        writeln!(output, "{name}: written in canonical form")?;
        return Ok(());
    }
    let line = |text: Option<&str>| match text {
        Some(text) => cut(text),
        None => "(the end of the file)".to_owned(),
    };
    writeln!(
        output,
        "{name}:{}: not in canonical form\n- {}\n+ {}\n`routescope fmt {name}` writes it so",
        difference.line,
        line(difference.found),
        line(difference.expected),
    )?;
    Ok(())
}

fn first_difference<'f>(old: &'f str, new: &'f str) -> Option<Difference<'f>> {
    if old == new {
        return None;
    }
    let (mut found, mut expected) = (old.split('\n'), new.split('\n'));
    let mut line = 0;
    loop {
        line += 1;
        let pair = (found.next(), expected.next());
        if pair.0 != pair.1 || pair == (None, None) {
            return Some(Difference {
                line,
                found: pair.0,
                expected: pair.1,
            });
        }
    }
}

/// A policy in canonical form.
struct Canonical {
    text: String,
    name: String,
    digest: [u8; 32],
}

/// A policy's text in canonical form, which is checked to mean the same and to
/// have lost nothing.
fn canonical(name: &str, source: &str) -> Result<Canonical> {
    let compiled = compile(name, source)?;
    let refused = |problem| Failure::from(Report::new(name, source, vec![problem]));
    let root = yaml::read(source).map_err(refused)?;
    let layout = Layout::of(source, &root).map_err(refused)?;
    let text = canonical::write(&layout);
    let is_sound = |again: &Node| {
        content::is_same(&root, again)
            && Layout::of(&text, again).is_ok_and(|again| {
                comments(&layout) == comments(&again) && canonical::write(&again) == text
            })
    };
    if yaml::read(&text).is_ok_and(|again| is_sound(&again)) {
        return Ok(Canonical {
            name: compiled.policy().name().to_owned(),
            digest: *compiled.policy().digest(),
            text,
        });
    }
    Err(Failure::new(
        format_args!("{name} cannot be put into canonical form without changing it"),
        "this is a bug of routescope, not of the file, which is as it was. Please report it with the file",
    ))
}

/// The text of every comment, in alphabetical order, since fields may move.
fn comments(layout: &Layout) -> Vec<&str> {
    let mut all: Vec<&str> = layout
        .remarks
        .values()
        .flat_map(|remarks| {
            let alone = remarks.before.iter().chain(&remarks.after);
            let at_end = remarks.at_end.as_ref().map(|(_, text)| text.as_str());
            alone.map(|comment| comment.text.as_str()).chain(at_end)
        })
        .chain(
            layout
                .header
                .iter()
                .chain(&layout.footer)
                .map(|comment| comment.text.as_str()),
        )
        .collect();
    all.sort_unstable();
    all
}
