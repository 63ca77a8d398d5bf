//! `routescope routes`: the table, and the part of it that a key reaches.

mod data;
mod engine;
mod page;
mod render;
mod table;

use std::io::Write;

use self::table::{Filter, RouteTable};
use crate::failure::{Outcome, Result};
use crate::held::HeldArgument;
use crate::output::{Format, Output, formats};
use crate::policy::Source;

/// List the routes, or what a key with some scopes can reach
///
/// With `--format html`, a page by itself that shows the table, what a key
/// reaches and what a request needs; it works from a file and loads nothing.
///
/// Exits with 0, with 1 if the filters leave no route, with 2 if the policy
/// cannot be read.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    held: HeldArgument,

    /// How to print the answer
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = formats(&[Format::Human, Format::Json, Format::Csv, Format::Markdown, Format::Html]))]
    pub(crate) format: Format,

    #[command(flatten)]
    filter: Filter,
}

pub(crate) fn list(arguments: &Arguments, policy: &Source, output: &mut Output) -> Result<Outcome> {
    let compiled = policy.compile()?;
    let decides = compiled.policy();
    let table = RouteTable::new(&compiled, decides, &arguments.held, &arguments.filter);
    if output.format != Format::Json {
        for scope in table.unknown() {
            let hint = scope.hint.as_deref().unwrap_or_default();
            anstream::eprintln!(
                "warning: the policy does not know the scope `{}`, which grants nothing: {hint}",
                scope.scope
            );
        }
    }
    let written = match output.format {
        Format::Csv => render::csv(&table, output),
        Format::Json => render::json(&table, output),
        Format::Markdown => render::markdown(&table, output),
        Format::Html => page::html(&table, &arguments.filter, output),
        _ => {
            writeln!(output, "{}\n", policy.headline(decides))?;
            render::human(&table, output)
        }
    };
    Outcome::from(!table.rows().is_empty()).after(written)
}
