//! Reading the logs: each request is decided and counted.

use std::path::Path;

use routescope::{Policy, ScopeSet};

use super::log::{LogFormat, LoggedRequest, NoEntry, Unread};
use super::tally::Tally;
use crate::failure::{Failure, Result};
use crate::input;
use crate::lines::{Line, Lines};
use crate::progress::Progress;

/// A file that was read.
pub(super) struct LogFile {
    pub(super) name: String,
    /// `None` where it is empty.
    pub(super) kind: Option<LogFormat>,
    pub(super) lines: u64,
    /// The number of lines that could be read.
    pub(super) read: u64,
    /// The number of lines that say that there was no request.
    pub(super) without_request: u64,
    pub(super) unread: u64,
    /// The numbers of the first lines that could not be read, and why not.
    pub(super) first_unread: Vec<(u64, Unread)>,
}

pub(super) struct Reading<'r, 'p> {
    pub(super) policy: Policy<'p>,
    pub(super) held: &'r ScopeSet,
    /// The names of the held scopes.
    pub(super) names: &'r [&'r str],
    pub(super) only_successful: bool,
    pub(super) tally: Tally<'p>,
    pub(super) logs: Vec<LogFile>,
    pub(super) progress: Progress,
    /// The bytes of the files before.
    pub(super) bytes: u64,
}

impl Reading<'_, '_> {
    /// The numbers of at most this many unreadable lines are kept.
    const MOST_UNREAD: usize = 5;

    pub(super) fn read(&mut self, file: &Path, forced: Option<LogFormat>) -> Result<()> {
        let mut lines = Lines::open(file)?;
        let mut log = LogFile {
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
                    let kind = *log.kind.get_or_insert_with(|| LogFormat::of(bytes));
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

    pub(super) fn count(&mut self, entry: &LoggedRequest<'_>, line: u64) {
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
        let LoggedRequest { method, target, .. } = entry;
        let decision = self.policy.authorize(self.held, method, target);
        let place = (self.logs.len(), line);
        self.tally.add(&decision, entry, place, self.names);
    }
}

impl LogFile {
    fn refused(&self) -> Failure {
        let kind = self.kind.unwrap_or(LogFormat::Combined);
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
