//! Standard output: the one module that knows the format, whether to colour, and what to do
//! when nobody reads any more.

use std::io::{self, BufWriter, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::Serialize;

use crate::failure::{Failure, Result};

/// How to print an answer. Each subcommand takes some of them; see [`formats`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[value(alias = "text")]
    Human,
    /// For programs; documented in docs/command.md, with a version
    Json,
    /// Comma-separated values
    Csv,
    /// For a review or a wiki
    Markdown,
    /// A page by itself
    Html,
    /// For Graphviz
    Dot,
    /// For Markdown that draws Mermaid
    Mermaid,
    /// A picture by itself
    Svg,
}

/// The formats of most subcommands.
pub(crate) const HUMAN_AND_JSON: &[Format] = &[Format::Human, Format::Json];

/// The values of a subcommand's `--format`: its own formats and no others, so that its help
/// lists exactly these.
pub(crate) fn formats(own: &[Format]) -> impl TypedValueParser<Value = Format> + use<> {
    PossibleValuesParser::new(own.iter().filter_map(Format::to_possible_value))
        .try_map(|name| Format::from_str(&name, false))
}

/// The choices of `--color`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The version of every JSON document that the command prints.
pub(crate) const JSON_VERSION: u32 = 1;

/// Standard output, buffered. Colours written to it are removed where they are
/// not wanted.
pub(crate) struct Output {
    pub(crate) format: Format,
    stream: BufWriter<AutoStream<io::Stdout>>,
}

impl Output {
    pub(crate) fn new(format: Format, color: Color) -> Self {
        let choice = match color {
            Color::Auto => AutoStream::choice(&io::stdout()),
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        choice.write_global();
        Self {
            format,
            stream: BufWriter::with_capacity(1 << 16, AutoStream::new(io::stdout(), choice)),
        }
    }

    /// Refuses formats that a subcommand knows only together with other options.
    pub(crate) fn allow(&self, known: &[Format]) -> Result<()> {
        if known.contains(&self.format) {
            return Ok(());
        }
        let name = |format: &Format| {
            format
                .to_possible_value()
                .map(|value| value.get_name().to_owned())
                .unwrap_or_default()
        };
        let list: Vec<String> = known.iter().map(name).collect();
        Err(Failure::new(
            format_args!("there is no format `{}` here", name(&self.format)),
            format_args!("use {}", list.join(" or ")),
        ))
    }

    /// One JSON document, indented.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<()> {
        serde_json::to_writer_pretty(&mut self.stream, value).map_err(io::Error::from)?;
        self.stream.write_all(b"\n")?;
        Ok(())
    }

    /// Writes the rest of the buffer.
    pub(crate) fn finish(&mut self) -> Result<()> {
        self.stream.flush()?;
        Ok(())
    }

    /// Whether a person watches, so that progress is worth showing (on
    /// standard error).
    pub(crate) fn is_watched() -> bool {
        io::stderr().is_terminal()
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
