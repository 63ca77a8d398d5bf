//! `routescope schema`: a description of `routes.yaml` by which editors complete and check.

use std::io::Write;

use crate::failure::{Outcome, Result};
use crate::output::Output;

/// Print the JSON Schema of routes.yaml, for editors
///
/// Editors complete fields and underline mistakes while a policy is written:
/// `routescope schema > routes.schema.json`, and as the first line of routes.yaml
/// `# yaml-language-server: $schema=routes.schema.json`
///
/// The schema knows the form of a policy: fields, values, the shape of routes and of scopes. A
/// policy may have that form and still not compile: two routes may overlap, or a path break a
/// rule. `routescope check` finds everything.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}

/// The schema of draft 2020-12. `routes.schema.json` of the repository is the same text, for
/// editors there.
const SCHEMA: &str = include_str!("routes.schema.json");

pub(crate) fn print(_: &Arguments, output: &mut Output) -> Result<Outcome> {
    output.write_all(SCHEMA.as_bytes())?;
    Ok(Outcome::Yes)
}
