//! `routescope suggest`: the least that a log's requests need.

mod choose;
mod human;
mod json;
mod log;
mod tally;

use std::collections::{BTreeSet, HashSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use routescope::{Policy, Route, Scope, ScopeSet};

use self::choose::{Choice, Used};
use self::log::{Entry, Kind, NoEntry, Unread};
use self::tally::Tally;
use crate::failure::{Failure, Outcome, Result};
use crate::held::{Held, HeldScope};
use crate::input;
use crate::lines::{Line, Lines, MAX_LINE};
use crate::output::{Format, HUMAN_AND_JSON, Output, formats};
use crate::policy::Source;
use crate::progress::Progress;
use crate::wire::{count, thousands};

/// Read an access log and suggest the narrowest scopes that cover its requests
///
/// For each scope, says which routes need it and how many requests they had. A wide scope (`r:*`
/// and those that cover all resources) is suggested only where some request needs it. Lists the
/// requests that no scope covers. With --scope, compares with what a key holds: what it lacks, and
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
/// What the log says was refused (401, 403 or 407) is shown apart, and is no reason to suggest a
/// scope.
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
    log: Option<Kind>,

    /// Leave out requests that were answered with a status of 400 or more, or without a known one
    ///
    /// What failed is often no part of what an integration needs. No status is no success; how many
    /// requests had none is said.
    #[arg(long)]
    only_successful: bool,

    /// How to print the answer
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = formats(HUMAN_AND_JSON))]
    pub(crate) format: Format,

    #[command(flatten)]
    held: Held,
}

pub(crate) fn run(arguments: &Arguments, source: &Source, output: &mut Output) -> Result<Outcome> {
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
    let compiled = source.compile()?;
    let policy = compiled.policy();
    let names = arguments.held.names();
    let held: ScopeSet = policy.scope_set(&names);
    let mut reading = Reading {
        policy: &policy,
        held: &held,
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
    let suggestion = Suggestion {
        policy: &policy,
        policy_file: source.named().map(|file| file.display().to_string()),
        choices: choose::choose(&policy, compiled.model(), tally.used.list()),
        to_allow: to_allow(&tally, |used| {
            choose::choose(&policy, compiled.model(), used)
        }),
        held: arguments.held.is_given().then(|| {
            names
                .iter()
                .map(|name| HeldScope::look_up(&policy, name))
                .collect()
        }),
        tally,
        logs,
    };
    match output.format {
        Format::Json => json::write(&suggestion, output)?,
        _ => {
            writeln!(output, "{}\n", source.headline(&policy))?;
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
        .copied()
        .collect();
    choose(&only)
}

/// Everything that is known in the end.
struct Suggestion<'p> {
    policy: &'p Policy<'p>,
    /// Where the command line names it.
    policy_file: Option<String>,
    tally: Tally<'p>,
    logs: Vec<Log>,
    choices: Vec<Choice<'p>>,
    /// The scopes that would open what was only ever refused.
    to_allow: Vec<Choice<'p>>,
    /// With `--scope`.
    held: Option<Vec<HeldScope<'p>>>,
}

impl<'p> Suggestion<'p> {
    /// Why the suggestion may be worth nothing: to be said first.
    fn doubts(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        if self.choices.is_empty() {
            doubts.push(self.nothing());
        }
        for log in &self.logs {
            // A tenth of a log is more than a few garbled lines.
            if log.unread > 0 && log.unread >= (log.read + log.unread).div_ceil(10) {
                doubts.push(format!(
                    "{} of {} in {} could not be read; what they ask for is missing here",
                    thousands(log.unread),
                    count(log.read + log.unread, "line"),
                    log.name
                ));
            }
        }
        doubts
    }

    /// Why there is no scope to suggest.
    fn nothing(&self) -> String {
        let Tally {
            requests,
            left_out,
            without_status,
            refused,
            ..
        } = &self.tally;
        let why = match (requests, left_out + without_status) {
            (0, 0) => "There are no requests in the log".to_owned(),
            (0, 1) => "The only request was left out".to_owned(),
            (0, all) => format!("All {} were left out", count(all, "request")),
            (some, _) if refused.requests() == *some => "Every request was refused".to_owned(),
            (some, _) if refused.requests() > 0 => format!(
                "Each of the {} was refused or is to no route of the policy",
                count(*some, "request")
            ),
            (1, _) => "The only request is to no route of the policy".to_owned(),
            (some, _) => format!(
                "None of the {} is to a route of the policy",
                count(*some, "request")
            ),
        };
        format!("{why}, so there is no scope to suggest")
    }

    /// The routes that were used and that the held scopes do not open.
    fn lacking(&self) -> impl Iterator<Item = &Used<'p>> {
        let used = self.tally.used.list().iter();
        used.filter(|used| used.by.is_none())
    }

    /// How many routes were only ever refused, and the held scopes do not open.
    fn refused_and_lacking(&self) -> usize {
        let refused = self.to_allow.iter().flat_map(|choice| &choice.routes);
        refused.filter(|used| used.by.is_none()).count()
    }

    /// The chosen scope that a route is covered by.
    fn chosen_for(&self, used: &Used<'p>) -> Option<&'p str> {
        let chosen = |scope: &&str| {
            let place = self
                .choices
                .binary_search_by(|choice| choice.scope.cmp(scope));
            place.is_ok()
        };
        let mut accepted = used.route.accepted().map(Scope::name);
        accepted.find(chosen)
    }

    /// The chosen scopes that would make up for what is lacking.
    fn to_add(&self) -> BTreeSet<&'p str> {
        let chosen = |used| self.chosen_for(used);
        self.lacking().filter_map(chosen).collect()
    }

    /// The scopes that would have to be added for what was only ever refused.
    fn to_allow(&self) -> Vec<&'p str> {
        let not_chosen = |choice: &&Choice<'p>| {
            let covered = |used| self.chosen_for(used).is_some();
            !choice.routes.iter().all(covered)
        };
        let choices = self.to_allow.iter().filter(not_chosen);
        choices.map(|choice| choice.scope).collect()
    }

    /// How many requests a held scope allowed, it being the narrowest.
    fn requests_by(&self, scope: &str) -> u64 {
        let used = self.tally.used.list().iter();
        used.filter(|used| used.by == Some(scope))
            .map(|used| used.requests)
            .sum()
    }

    /// The chosen scopes that cover what a held one allowed, if they open less.
    fn narrower_than(&self, scope: &str) -> Vec<&'p str> {
        let allowed = |used: &Used<'_>| used.by == Some(scope);
        let instead: Vec<&'p str> = self
            .choices
            .iter()
            .filter(|choice| choice.routes.iter().any(allowed))
            .map(|choice| choice.scope)
            .collect();
        if self.opened(instead.iter().copied()) < self.opened(std::iter::once(scope)) {
            instead
        } else {
            Vec::new()
        }
    }

    /// How many requests the chosen scopes are for.
    fn covered(&self) -> u64 {
        self.tally.used.requests()
    }

    /// How many routes a key with these scopes can call.
    fn opened<'s>(&self, scopes: impl Iterator<Item = &'s str>) -> usize {
        let scopes: HashSet<&str> = scopes.collect();
        let opens = |route: &Route<'_>| route.accepted().any(|scope| scopes.contains(scope.name()));
        self.policy.routes().filter(opens).count()
    }
}

/// A file that was read.
struct Log {
    name: String,
    /// `None` where it is empty.
    kind: Option<Kind>,
    lines: u64,
    /// How many lines could be read.
    read: u64,
    /// How many lines say that there was no request.
    without_request: u64,
    unread: u64,
    /// The numbers of the first lines that could not be read, and why not.
    first_unread: Vec<(u64, Unread)>,
}

struct Reading<'r, 'p> {
    policy: &'p Policy<'p>,
    held: &'r ScopeSet,
    only_successful: bool,
    tally: Tally<'p>,
    logs: Vec<Log>,
    progress: Progress,
    /// Of the files before.
    bytes: u64,
}

impl Reading<'_, '_> {
    /// How many numbers of unreadable lines are kept.
    const MOST_UNREAD: usize = 5;

    fn read(&mut self, file: &Path, forced: Option<Kind>) -> Result<()> {
        let mut lines = Lines::open(file)?;
        let mut log = Log {
            name: input::name(file),
            kind: forced,
            lines: 0,
            read: 0,
            without_request: 0,
            unread: 0,
            first_unread: Vec::new(),
        };
        loop {
            let done = self.bytes + lines.bytes();
            let progress = &self.progress;
            let number = lines.number() + 1;
            let line = lines.next(|| {
                progress.set(done);
                Ok(())
            })?;
            let read = match line {
                None => break,
                Some(Line::TooLong) => Err(Unread::TooLong.into()),
                Some(Line::Bytes(bytes)) if bytes.trim_ascii().is_empty() => continue,
                Some(Line::Bytes(bytes)) => {
                    let kind = *log.kind.get_or_insert_with(|| Kind::of(bytes));
                    kind.read(bytes)
                }
            };
            match read {
                Ok(entry) => {
                    log.read += 1;
                    self.count(&entry, number);
                }
                Err(NoEntry::NoRequest) => {
                    log.read += 1;
                    log.without_request += 1;
                }
                Err(NoEntry::Unread(why)) => {
                    log.unread += 1;
                    if log.first_unread.len() < Self::MOST_UNREAD {
                        log.first_unread.push((number, why));
                    }
                }
            }
        }
        log.lines = lines.number();
        self.bytes += lines.bytes();
        if log.read == 0 && log.unread > 0 {
            return Err(log.refused());
        }
        self.logs.push(log);
        Ok(())
    }

    fn count(&mut self, entry: &Entry<'_>, line: u64) {
        if self.only_successful {
            match entry.status {
                None => {
                    self.tally.without_status += 1;
                    return;
                }
                Some(400..) => {
                    self.tally.left_out += 1;
                    return;
                }
                Some(_) => {}
            }
        }
        let Entry { method, target, .. } = entry;
        let decision = self.policy.authorize(self.held, method, target);
        let place = (self.logs.len(), line);
        self.tally.add(&decision, entry, place);
    }
}

impl Log {
    fn refused(&self) -> Failure {
        let kind = self.kind.unwrap_or(Kind::Combined);
        let first = match self.first_unread.first() {
            Some((line, why)) => format!("; line {line}: {}", why.in_words()),
            None => String::new(),
        };
        Failure::new(
            format_args!(
                "no line of {} could be read as {}{first}",
                self.name,
                kind.in_words()
            ),
            kind.help(),
        )
    }
}

/// The longest line, in words.
fn longest_line() -> String {
    format!("{} bytes", thousands(MAX_LINE as u64))
}
