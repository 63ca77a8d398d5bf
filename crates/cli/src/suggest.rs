//! `routescope suggest`: the least that a log's requests need.

pub(crate) mod choose;
mod cover;
mod human;
mod json;
mod log;
mod reading;
mod suggestion;
mod tally;
mod used;

use std::io::Write;
use std::path::PathBuf;

use self::choose::{Choice, Used};
use self::log::LogFormat;
use self::reading::Reading;
use self::suggestion::Suggestion;
use self::tally::Tally;
use crate::failure::{Failure, Outcome, Result};
use crate::held::{HeldArgument, HeldScope};
use crate::input;
use crate::output::{Format, HUMAN_AND_JSON, Output, formats};
use crate::policy::Source;
use crate::progress::Progress;

/// Read an access log and suggest the narrowest scopes that cover its requests
///
/// For each scope, says which routes need it and how many requests they had. A wide scope (`r:*`
/// and those that cover all resources) is suggested only where some request needs it. Lists the
/// requests that no scope covers, and the routes that need no scope. Where a route needs several
/// scopes together, they are suggested together. With --scope, compares with what a key holds: what it lacks, and
/// what it never used.
///
/// A log is text with the request in double quotes, as nginx, Apache, HAProxy, Envoy, Traefik and
/// AWS's load balancers write it; or JSON, an object a line: the method in `method` or
/// `request_method`; the target in `target`, `request_uri`, `uri`, `path` or `url`, or both in
/// `request`, as text or as an object with `method` and `uri`; the status, if there is one, in
/// `status`, `status_code`, `response_code` or `response.status`. Which of the two a file is, its
/// first line tells. Scheme and host before a path are cut. Millions of lines take no more memory
/// than a few. A compressed log can come through a pipe:
///
///     zcat access.log.gz | routescope suggest -
///
/// Requests that were refused according to the log (401, 403 or 407) are shown apart, and are no
/// reason to suggest a scope.
///
/// Exits with 0; with 1 if there is nothing to suggest, if a tenth or more of a log could not be
/// read, or if --scope was given and the key lacks a scope for some request, refused ones included;
/// with 2 if a file is unreadable or not a log.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// The access logs; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// The format of the logs [default: by the first line of each]
    #[arg(long, value_name = "KIND")]
    log: Option<LogFormat>,

    /// Leave out requests that were answered with a status of 400 or more, or without a known one
    ///
    /// An integration often does not need the requests that failed. A request without a status is
    /// left out as well, and the number of those is reported.
    #[arg(long)]
    only_successful: bool,

    /// How to print the answer
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = formats(HUMAN_AND_JSON))]
    pub(crate) format: Format,

    #[command(flatten)]
    held: HeldArgument,
}

pub(crate) fn suggest(
    arguments: &Arguments,
    source: &Source,
    output: &mut Output,
) -> Result<Outcome> {
    let stdins = arguments.files.iter().map(PathBuf::as_path);
    let stdins = stdins
        .chain(source.file())
        .filter(|file| input::is_stdin(file));
    if stdins.count() > 1 {
        return Err(Failure::new(
            "only one file can come from standard input",
            "name the others",
        ));
    }
    let compiled = source.read()?;
    let policy = compiled.policy();
    let names = arguments.held.names();
    let held = policy.scope_set(&names);
    let mut reading = Reading {
        policy,
        held: &held,
        names: &names,
        only_successful: arguments.only_successful,
        tally: Tally::default(),
        logs: Vec::new(),
        progress: Progress::of_files(&arguments.files),
        bytes: 0,
    };
    for file in &arguments.files {
        reading.read(file, arguments.log)?;
    }
    let Reading { tally, logs, .. } = reading;
    let choices = choose::choose(policy, compiled.model(), &[], tally.used.list());
    let given = choices.iter().flat_map(|choice| choice.scopes.clone());
    let suggestion = Suggestion {
        policy,
        policy_file: source.named().map(|file| file.display().to_string()),
        given: given.collect(),
        to_allow: to_allow(&tally, |used| {
            choose::choose(policy, compiled.model(), &[], used)
        }),
        held: arguments.held.is_given().then(|| {
            names
                .iter()
                .map(|name| HeldScope::look_up(policy, name))
                .collect()
        }),
        choices,
        tally,
        logs,
    };
    match output.format {
        Format::Json => json::write(&suggestion, output)?,
        _ => {
            writeln!(output, "{}\n", source.headline(policy))?;
            human::write(&suggestion, output)?;
        }
    }
    let lacks = suggestion.held.is_some()
        && (suggestion.lacking().next().is_some() || suggestion.refused_and_lacking() > 0);
    Ok((!lacks && suggestion.doubts().is_empty()).into())
}

/// The scopes for the routes of which every request was refused.
fn to_allow<'p>(
    tally: &Tally<'p>,
    choose: impl Fn(&[Used<'p>]) -> Vec<Choice<'p>>,
) -> Vec<Choice<'p>> {
    let refused = tally.refused.list().iter();
    let only: Vec<Used<'p>> = refused
        .filter(|used| !tally.used.contains(used))
        .cloned()
        .collect();
    choose(&only)
}
