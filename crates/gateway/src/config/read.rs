//! Reads a configuration file: whole, with the place of each mistake.

use std::path::Path;

use routescope_guard::read_trusted_file;
use routescope_source::report::{Problem, Report};
use routescope_source::yaml::{self, Limits as YamlLimits};
use serde_saphyr::DuplicateKeyPolicy;

use super::check::Check;
use super::document::Document;
use super::{Config, shape};

/// A list of mappings that hold lists, and room to spare.
pub(super) const LIMITS: YamlLimits = YamlLimits {
    depth: 8,
    values: 10_000,
    aliases: 0,
    replayed: 0,
    file: "configuration",
    quotes: true,
};

/// The largest file, of some thousands of listeners.
const LARGEST: u64 = 1 << 20;

/// Reads the configuration in a file, under the conditions of the policy and the key file that it
/// names. Paths in it are relative to its folder.
///
/// # Errors
///
/// A file that cannot be read or that others may write, is no YAML, or has fields and values that
/// mean nothing: a report of all that was found, with lines and columns.
pub(crate) fn read(file: &Path) -> Result<Config, Box<Report>> {
    let name = file.display().to_string();
    let content = read_trusted_file(file, LARGEST).map_err(|problem| {
        let message = format!("the configuration: {}", problem.message());
        Report::unreadable(&name, message, problem.help())
    })?;
    let text = str::from_utf8(&content).map_err(|_| {
        let message = "the configuration is no text in UTF-8".to_owned();
        Report::unreadable(&name, message, "save it as UTF-8")
    })?;
    let folder = file.parent().unwrap_or(Path::new(""));
    parse(&name, text, folder)
}

pub(super) fn parse(name: &str, text: &str, folder: &Path) -> Result<Config, Box<Report>> {
    let report = |problems| Box::new(Report::new(name, text, problems));
    // Text that is no YAML is told of in the words of the other files.
    let file = yaml::read_within(text, &LIMITS).map_err(|problem| report(vec![problem]))?;
    let mistakes = shape::mistakes(&file);
    if !mistakes.is_empty() {
        return Err(report(mistakes));
    }
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::Error,
        strict_booleans: true,
        with_snippet: false,
    };
    let document = serde_saphyr::from_str_with_options::<Document>(text, options);
    let document = document.map_err(|error| report(vec![unread(text, &error)]))?;
    let mut check = Check::new(folder);
    let mut config = check.config(document);
    if !check.problems.is_empty() {
        return Err(report(check.problems));
    }
    let warnings = report(check.warnings);
    let lines = warnings.problems().iter();
    config.warnings = lines.map(|warning| warnings.one_line(warning)).collect();
    Ok(config)
}

/// A value that has the right shape, and is none all the same.
fn unread(text: &str, error: &serde_saphyr::Error) -> Problem {
    let at = error.location().map_or(0..0, |location| {
        let characters = usize::try_from(location.span().offset()).unwrap_or(usize::MAX);
        let place = text.char_indices().nth(characters);
        let start = place.map_or(text.len(), |(offset, _)| offset);
        let rest = text.get(start..).unwrap_or_default();
        let word = rest.find(|c: char| c.is_whitespace() || c == ':');
        start..start + word.unwrap_or(rest.len())
    });
    let message = error.without_snippet().to_string();
    // The place is told by the report.
    let message = message.split(" at line ").next().unwrap_or(&message);
    Problem::error(at, message.to_owned()).help("write it as the example configuration does")
}
