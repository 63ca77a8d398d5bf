//! `routescope key check`.

use std::io::Write;
use std::path::Path;

use clap::ValueEnum;
use routescope::{Policy, Requirement};
use routescope_compiler::model::Model;
use routescope_guard::keys::{KeyFile, KeyFileError, KeyFileText, MIN_ENTROPY_BITS, entropy_bits};
use serde::Serialize;

use super::expiry::now;
use super::replaced::Replaced;
use crate::failure::{Outcome, Result};
use crate::held::HeldScope;
use crate::output::{Format, HUMAN_AND_JSON, JSON_VERSION, Output, formats};
use crate::policy::Source;
use crate::wire::{count, to_hex};

/// Check the key file: errors for which a gateway refuses it, and probable mistakes
///
/// Warns of scopes that the policy does not know, of keys that have expired or may nothing, of a
/// format of keys that can be guessed, and of a file that everybody may read.
///
/// Exits with 0 if there is no error, 1 if there is one (or a warning, with `--deny warnings`), 2
/// if the file cannot be read.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Show notes too: keys that hold a scope over every resource, and keys without scopes where
    /// some routes are open to any key
    #[arg(long)]
    notes: bool,

    /// How to print the answer
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = formats(HUMAN_AND_JSON))]
    pub(super) format: Format,

    /// What else makes the check fail
    #[arg(long, value_name = "WHAT")]
    deny: Option<Deny>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Deny {
    /// Warnings
    Warnings,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Error,
    Warning,
    Note,
}

/// One thing to say. No part of it is from the file, where somebody may have pasted a key.
#[derive(Serialize)]
struct Finding {
    severity: Severity,
    message: String,
    help: String,
    /// `null` for the file as a whole.
    line: Option<usize>,
    column: Option<usize>,
}

#[derive(Serialize)]
struct Json<'f> {
    version: u32,
    file: String,
    /// The policy's name and digest.
    policy: &'f str,
    digest: String,
    /// Whether the check passed.
    ok: bool,
    /// The number of keys; `null` where there are errors.
    keys: Option<usize>,
    problems: Vec<Finding>,
}

pub(super) fn check(
    arguments: &Arguments,
    keys: &Path,
    source: &Source,
    output: &mut Output,
) -> Result<Outcome> {
    let asked = source.read()?;
    let policy = asked.policy();
    Replaced::is_file(keys)?;
    let (number, mut findings) = match KeyFileText::read(keys) {
        Ok(text) => (
            Some(text.file().entries.len()),
            findings(text.file(), policy, asked.model()),
        ),
        Err(error) => (None, errors(&error)),
    };
    findings.retain(|finding| arguments.notes || finding.severity != Severity::Note);
    findings.sort_by_key(|finding| (finding.severity, finding.line, finding.column));
    let failing = match arguments.deny {
        Some(Deny::Warnings) => Severity::Warning,
        None => Severity::Error,
    };
    let outcome = Outcome::from(!findings.iter().any(|finding| finding.severity <= failing));
    let file = keys.display().to_string();
    let written = match output.format {
        Format::Json => output.json(&Json {
            version: JSON_VERSION,
            file,
            policy: policy.name(),
            digest: to_hex(policy.digest()),
            ok: outcome == Outcome::Yes,
            keys: number,
            problems: findings,
        }),
        _ => {
            writeln!(output, "{}\n", source.headline(policy))?;
            human(&file, number, &findings, output)
        }
    };
    outcome.after(written)
}

fn human(file: &str, keys: Option<usize>, findings: &[Finding], output: &mut Output) -> Result<()> {
    for finding in findings {
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let position = match (finding.line, finding.column) {
            (Some(line), Some(column)) => format!(":{line}:{column}"),
            _ => String::new(),
        };
        writeln!(
            output,
            "{severity}: {file}{position}: {}\n  help: {}",
            finding.message, finding.help
        )?;
    }
    let of = |severity: Severity| {
        findings
            .iter()
            .filter(|one| one.severity == severity)
            .count()
    };
    let counts: Vec<String> = [
        (keys.unwrap_or_default(), "key"),
        (of(Severity::Error), "error"),
        (of(Severity::Warning), "warning"),
        (of(Severity::Note), "note"),
    ]
    .into_iter()
    .filter(|(number, what)| *number > 0 || (*what == "key" && keys.is_some()))
    .map(|(number, what)| count(number as u64, what))
    .collect();
    writeln!(output, "{file}: {}", counts.join(", "))?;
    Ok(())
}

fn errors(error: &KeyFileError) -> Vec<Finding> {
    let one = |problem: &routescope_guard::keys::KeyFileProblem| Finding {
        severity: Severity::Error,
        message: problem.message().to_owned(),
        help: problem.help().to_owned(),
        line: problem.position().map(|(line, _)| line),
        column: problem.position().map(|(_, column)| column),
    };
    error.problems().iter().map(one).collect()
}

fn findings(file: &KeyFile, policy: Policy<'_>, model: &Model) -> Vec<Finding> {
    let mut found = match file.check_policy(policy) {
        Ok(()) => Vec::new(),
        Err(error) => errors(&error),
    };
    let mut say = |severity, position: Option<(usize, usize)>, message: &str, help: &str| {
        found.push(Finding {
            severity,
            message: message.to_owned(),
            help: help.to_owned(),
            line: position.map(|(line, _)| line),
            column: position.map(|(_, column)| column),
        });
    };
    for warning in file.problems() {
        say(Severity::Warning, None, warning.message(), warning.help());
    }
    let bits = policy.key_format().map(|format| entropy_bits(&format));
    if let Some(bits) = bits.filter(|bits| *bits < MIN_ENTROPY_BITS) {
        say(
            Severity::Warning,
            None,
            &format!(
                "keys of the policy's format have {bits} bits of entropy: who has this file can find them by trying"
            ),
            &format!(
                "let `key:` in the policy ask for longer keys, of {MIN_ENTROPY_BITS} bits and more"
            ),
        );
    }
    let now = now();
    let wide: Vec<String> = policy
        .umbrella()
        .into_iter()
        .flat_map(|umbrella| [format!("{umbrella}:read"), format!("{umbrella}:*")])
        .chain(model.global.iter().map(ToString::to_string))
        .collect();
    let has_any_key = policy
        .routes()
        .any(|route| route.requirement() == Requirement::AnyKey);
    for (number, entry) in file.entries.iter().enumerate() {
        let position = file.position(number);
        if entry.expires.is_some_and(|expires| expires <= now) {
            say(
                Severity::Warning,
                position,
                "this key has expired",
                "remove it: `routescope key revoke`",
            );
        } else if entry
            .previous
            .is_some_and(|previous| previous.expires <= now)
        {
            say(
                Severity::Warning,
                position,
                "the key that this one replaces has expired",
                "remove it: `routescope key revoke --previous`",
            );
        }
        if entry.scopes.is_empty() && has_any_key {
            say(
                Severity::Note,
                position,
                "this key has no scopes: it opens only the routes for any key",
                "give it some if it needs more",
            );
        } else if entry.scopes.is_empty() {
            say(
                Severity::Warning,
                position,
                "this key may nothing: it has no scopes",
                "give it some, or revoke it",
            );
        }
        for (index, scope) in entry.scopes.iter().enumerate() {
            let position = file.scope_position(number, index);
            let looked_up = HeldScope::look_up(policy, scope);
            if !looked_up.known {
                say(
                    Severity::Warning,
                    position,
                    "the policy does not know this scope, which grants nothing",
                    looked_up.hint.as_deref().unwrap_or_default(),
                );
            } else if wide.contains(scope) {
                say(
                    Severity::Note,
                    position,
                    "this scope covers every resource",
                    "`routescope suggest` finds the scopes that a key needs, by the log of its requests",
                );
            }
        }
    }
    found
}
