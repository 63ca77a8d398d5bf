//! Lines of access logs.

mod combined;
mod entry;
mod json;
mod target;

use clap::ValueEnum;

pub(super) use entry::{LoggedRequest, NoEntry, Unread};

/// The format of a log.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Text with the request in double quotes: the combined (or common) log format of nginx and Apache, and those of
    /// HAProxy, Envoy, Traefik and AWS load balancers
    Combined,
    /// A JSON object a line
    Json,
}

impl LogFormat {
    /// The format of a file, by its first line.
    pub(super) fn of(line: &[u8]) -> Self {
        match line.trim_ascii_start().first() {
            Some(b'{') => Self::Json,
            _ => Self::Combined,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Combined => "combined",
            Self::Json => "json",
        }
    }

    pub(super) const fn in_words(self) -> &'static str {
        match self {
            Self::Combined => "the combined log format",
            Self::Json => "JSON lines",
        }
    }

    pub(super) const fn help(self) -> &'static str {
        match self {
            Self::Combined => {
                "a line looks like: 192.0.2.1 - - [28/May/2026:10:00:00 +0000] \"GET /a/ HTTP/1.1\" 200 2; for JSON lines, say --log json"
            }
            Self::Json => {
                "a line looks like: {\"method\":\"GET\",\"target\":\"/a/\",\"status\":200}; for the combined format, say --log combined"
            }
        }
    }

    pub(super) fn read(self, line: &[u8]) -> Result<LoggedRequest<'_>, NoEntry> {
        match self {
            Self::Combined => combined::read(line),
            Self::Json => json::read(line),
        }
    }
}
