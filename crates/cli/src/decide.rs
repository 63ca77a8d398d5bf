//! `routescope decide`: many decisions, one line each.

mod answer;
mod request;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use crate::authorize::authorize;
use crate::failure::{Failure, Outcome, Result};
use crate::input;
use crate::lines::{Line, Lines, MAX_LINE};
use crate::output::{Format, HUMAN_AND_JSON, formats};
use crate::policy::Source;
use crate::progress::Progress;
use crate::wire::{count, thousands};

/// Decide many requests: JSON lines in, JSON lines out
///
/// Reads one request a line and writes one decision a line, in order:
///
///     {"method":"GET","target":"/api/v1/colleagues/","scopes":["colleagues:read"]}
///
///     {"decision":"allow","reason":null,"status":200,
///      "route":"GET /api/v1/colleagues/","accepted":["colleagues:read", ...],
///      "by":"scope","alternatives":[["colleagues:read"], ...],
///      "policy":"pbx","digest":"..."}
///
/// `target` is the request target as it came on the wire, query included; where its bytes are no
/// UTF-8, give `target_hex` instead. A request without a key says "key":"none" and needs no
/// `scopes`, which then count for nothing: a public route is allowed, and everything else is
/// `missing_key`, 401.
///
/// `alternatives` is the list of lists of scopes of which the route needs any one, each with all of
/// its scopes, narrowest first. `accepted` has those of one scope: the scopes that each suffice
/// alone. It is empty for a route that needs several scopes at once, and that is no open route; both
/// are empty for a route that needs none. `by` says why a request is allowed: `scope` (one that is
/// held suffices alone), `all` (an alternative of several, all of which are held), `any_key` or
/// `public`; null if it is denied. `policy` and `digest` are those of the policy that decided.
///
/// A line that is no such request is never answered with a decision but with
/// {"error":"...","line":7,"policy":"pbx","digest":"..."}: a field that is missing, unknown or there twice, a scope that is no text, a line over 1 MiB, an
/// empty line. The lines after it are decided all the same.
///
/// Answers are handed on whenever the input pauses, so a program can ask through a pipe and
/// wait for each answer. Memory does not grow with the input.
///
/// Exits with 0 if every line was decided, whatever the decisions, and with 2 if some were no requests.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// The requests; `-` is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,

    /// How to print the answers: both are JSON lines
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = formats(HUMAN_AND_JSON))]
    pub(crate) format: Format,
}

pub(crate) fn decide(arguments: &Arguments, source: &Source) -> Result<Outcome> {
    source.leaves_standard_input_to(&arguments.file, "the requests")?;
    let compiled = source.read()?;
    let policy = compiled.policy();
    let mut lines = Lines::open(&arguments.file)?;
    let typed = input::is_stdin(&arguments.file) && io::stdin().is_terminal();
    let progress = if typed || io::stdout().is_terminal() {
        Progress::hidden()
    } else {
        Progress::of_files(std::slice::from_ref(&arguments.file))
    };
    let writer = answer::AnswerWriter::new(policy);
    let mut answers = Answers::new();
    let mut requests = request::RequestReader::new(policy);
    let mut wrong = Wrong::default();

    loop {
        let number = lines.number() + 1;
        let read = lines.bytes();
        let line = lines.next(|| {
            progress.set(read);
            answers.hand_on()
        })?;
        let request = match line {
            None => break,
            Some(Line::TooLong) => Err(format!(
                "the line is longer than {} bytes",
                thousands(MAX_LINE as u64)
            )),
            Some(Line::Bytes(bytes)) => requests.read(bytes),
        };
        match request {
            Ok(request) => {
                let request::Request {
                    method,
                    target,
                    held,
                } = request;
                let decision = authorize(policy, held, &method, &target);
                writer.decision(&mut answers.ready, &decision);
            }
            Err(error) => {
                writer.error(&mut answers.ready, &error, number);
                wrong.add(number, error);
            }
        }
        answers.line_written()?;
    }
    answers.hand_on()?;
    wrong.verdict(lines.number())
}

/// Answers on their way to standard output: not through [`Output`], which looks
/// at every byte for colours.
struct Answers {
    ready: Vec<u8>,
    stdout: io::StdoutLock<'static>,
}

impl Answers {
    /// This many bytes are written at once: about as many as a pipe holds.
    const FULL: usize = 1 << 16;

    fn new() -> Self {
        Self {
            ready: Vec::with_capacity(2 * Self::FULL),
            stdout: io::stdout().lock(),
        }
    }

    fn line_written(&mut self) -> Result<()> {
        self.ready.push(b'\n');
        if self.ready.len() < Self::FULL {
            return Ok(());
        }
        self.hand_on()
    }

    fn hand_on(&mut self) -> Result<()> {
        self.stdout.write_all(&self.ready)?;
        self.ready.clear();
        self.stdout.flush()?;
        Ok(())
    }
}

/// The lines that were no requests.
#[derive(Default)]
struct Wrong {
    count: u64,
    first: Option<(u64, String)>,
}

impl Wrong {
    fn add(&mut self, line: u64, error: String) {
        self.count += 1;
        self.first.get_or_insert((line, error));
    }

    fn verdict(self, lines: u64) -> Result<Outcome> {
        let Some((line, error)) = self.first else {
            return Ok(Outcome::Yes);
        };
        Err(Failure::new(
            format_args!(
                "{} of {} held no request and got an error instead of a decision; the first is line {line}: {error}",
                thousands(self.count),
                count(lines, "line"),
            ),
            r#"a line looks like {"method":"GET","target":"/a/","scopes":["a:read"]}"#,
        ))
    }
}
