//! A suggestion for a person.

use std::io::Write;

use anstyle::{AnsiColor, Style};
use routescope::{Requirement, RouteDenial};

use super::choose::Used;
use super::suggestion::Suggestion;
use super::tally::Example;
use crate::failure::Result;
use crate::output::Output;
use crate::reasons;
use crate::wire::{Shown, count, thousands};

const BOLD: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();

/// At most this many of the requests that no scope covers are listed.
const MOST_EXAMPLES: usize = 20;

pub(super) fn write(suggestion: &Suggestion<'_>, output: &mut Output) -> Result<()> {
    for doubt in suggestion.doubts() {
        writeln!(output, "{BAD}{doubt}{BAD:#}")?;
    }
    left_out(suggestion, output)?;
    scopes(suggestion, output)?;
    open(suggestion, output)?;
    held(suggestion, output)?;
    refused(suggestion, output)?;
    uncovered(suggestion, output)?;
    unread(suggestion, output)
}

fn left_out(suggestion: &Suggestion<'_>, output: &mut Output) -> Result<()> {
    let tally = &suggestion.tally;
    for (requests, why) in [
        (tally.left_out, "answered with 400 or more"),
        (tally.without_status, "the log has no status for them"),
    ] {
        if requests > 0 {
            writeln!(output, "{} left out: {why}", count(requests, "request"))?;
        }
    }
    Ok(())
}

fn scopes(suggestion: &Suggestion<'_>, output: &mut Output) -> Result<()> {
    let Suggestion {
        tally,
        choices,
        policy,
        ..
    } = suggestion;
    if choices.is_empty() {
        return Ok(());
    }
    writeln!(
        output,
        "{BOLD}The narrowest scopes that cover {} to {}:{BOLD:#}",
        count(suggestion.covered(), "request"),
        count(tally.used.list().len() as u64, "route")
    )?;
    for choice in choices {
        writeln!(
            output,
            "\n  {GOOD}{}{GOOD:#}  {}, opens {} ({} used)",
            choice.names(),
            count(choice.requests(), "request"),
            count(choice.opens as u64, "route"),
            choice.routes.len()
        )?;
        for used in &choice.routes {
            write!(output, "  {:>11}  {}", thousands(used.requests), used.route)?;
            if used.narrowest() != choice.names() {
                write!(output, "  (alone, {} would do)", used.narrowest())?;
            }
            writeln!(output)?;
        }
    }
    let all: Vec<&str> = suggestion.given.iter().copied().collect();
    writeln!(
        output,
        "\n{BOLD}Give the key:{BOLD:#} {}\nThat opens {} of the policy's {}.",
        all.join(" "),
        thousands(suggestion.opened(all.iter().copied()) as u64),
        count(policy.routes().len() as u64, "route")
    )?;
    Ok(())
}

/// Shows the routes for which the key needs no scope.
fn open(suggestion: &Suggestion<'_>, output: &mut Output) -> Result<()> {
    let open = suggestion.tally.open.list();
    if open.is_empty() {
        return Ok(());
    }
    writeln!(
        output,
        "\n{BOLD}No scope is needed for {} to {}:{BOLD:#}",
        count(suggestion.tally.open.requests(), "request"),
        count(open.len() as u64, "route")
    )?;
    for used in open {
        writeln!(
            output,
            "  {:>11}  {}  ({})",
            thousands(used.requests),
            used.route,
            match used.route.requirement() {
                Requirement::Public => "public",
                _ => "any valid key",
            }
        )?;
    }
    Ok(())
}

fn held(suggestion: &Suggestion<'_>, output: &mut Output) -> Result<()> {
    let Some(held) = &suggestion.held else {
        return Ok(());
    };
    writeln!(output, "\n{BOLD}The key as it is{BOLD:#}")?;
    if held.is_empty() {
        writeln!(output, "  holds no scope")?;
    }
    for held in held {
        let scope = Shown(held.scope.as_bytes());
        match (&held.hint, suggestion.requests_by(&held.scope)) {
            (Some(hint), _) => writeln!(output, "  {scope}  unknown here, grants nothing: {hint}")?,
            (None, 0) => writeln!(
                output,
                "  {BAD}{scope}{BAD:#}  allowed no request: take it away"
            )?,
            (None, requests) => {
                write!(output, "  {scope}  allowed {}", count(requests, "request"))?;
                let narrower = suggestion.narrower_than(&held.scope);
                if !narrower.is_empty() {
                    write!(output, "; {} would do", narrower.join(" "))?;
                }
                writeln!(output)?;
            }
        }
    }
    let names = held.iter().map(|held| held.scope.as_str());
    let opened = suggestion.opened(names) as u64;
    if opened > 0 {
        writeln!(output, "  It opens {}.", count(opened, "route"))?;
    }
    let lacking: Vec<&Used<'_>> = suggestion.lacking().collect();
    if lacking.is_empty() {
        match (suggestion.covered(), suggestion.refused_and_lacking()) {
            (0, _) => {}
            (_, 0) => writeln!(output, "  It lacks nothing for these requests.")?,
            _ => writeln!(
                output,
                "  It lacks nothing for these requests, but for what was refused (below)."
            )?,
        }
        return Ok(());
    }
    writeln!(output, "\n{BAD}It lacks a scope for{BAD:#}")?;
    for used in lacking {
        writeln!(output, "  {:>11}  {}", thousands(used.requests), used.route)?;
    }
    let add: Vec<&str> = suggestion.to_add().into_iter().collect();
    writeln!(output, "  Add {}.", add.join(" "))?;
    Ok(())
}

/// Shows the requests that were refused: a scope is never recommended for them without a word.
fn refused(suggestion: &Suggestion<'_>, output: &mut Output) -> Result<()> {
    let refused = &suggestion.tally.refused;
    let routes = refused.list();
    if routes.is_empty() {
        return Ok(());
    }
    writeln!(
        output,
        "\n{BOLD}Refused in the log{BOLD:#} (401, 403 or 407), and no reason for a scope: {} to {}",
        count(refused.requests(), "request"),
        count(routes.len() as u64, "route")
    )?;
    for choice in &suggestion.to_allow {
        for used in &choice.routes {
            let requests = thousands(used.requests);
            write!(output, "  {requests:>11}  {}", used.route)?;
            match suggestion.chosen_for(used) {
                Some(scopes) => writeln!(output, "  (opened by {} above)", scopes.join(" "))?,
                None => writeln!(output, "  ({})", choice.names())?,
            }
        }
    }
    let only: usize = suggestion
        .to_allow
        .iter()
        .map(|choice| choice.routes.len())
        .sum();
    if only < routes.len() {
        writeln!(
            output,
            "  {} more also had requests that were not refused",
            thousands((routes.len() - only) as u64)
        )?;
    }
    let add: Vec<&str> = suggestion.to_allow().into_iter().collect();
    if !add.is_empty() {
        writeln!(
            output,
            "  If these requests are to be allowed, add {}.",
            add.join(" ")
        )?;
    }
    Ok(())
}

fn uncovered(suggestion: &Suggestion<'_>, output: &mut Output) -> Result<()> {
    let uncovered = &suggestion.tally.uncovered;
    if uncovered.requests == 0 {
        return Ok(());
    }
    writeln!(
        output,
        "\n{BOLD}No scope covers {}:{BOLD:#}",
        count(uncovered.requests, "request")
    )?;
    for (denial, requests) in uncovered.reasons() {
        writeln!(
            output,
            "  {:>11}  {}: {}",
            thousands(requests),
            denial.reason(),
            reasons::meaning(denial.reason())
        )?;
    }
    let examples = uncovered.examples(MOST_EXAMPLES);
    let more = uncovered.distinct() > examples.len();
    writeln!(
        output,
        "\n  {}",
        match (uncovered.forgot, more) {
            (true, _) => "The most frequent, counted at least so often:",
            (false, true) => "The most frequent:",
            (false, false) => "They are:",
        }
    )?;
    for example in &examples {
        self::example(example, suggestion, output)?;
    }
    if let Some(first) = examples.first() {
        writeln!(output, "\n  To see why: {}", explain(first, suggestion))?;
    }
    Ok(())
}

fn example(example: &Example<'_>, suggestion: &Suggestion<'_>, output: &mut Output) -> Result<()> {
    let (log, line) = example.place;
    let reason = match example.denial {
        denial @ RouteDenial::BadPath(bad) => format!("{}, {}", denial.reason(), bad.rule),
        denial => denial.reason().to_string(),
    };
    write!(
        output,
        "  {:>11}  {} {}  {reason}, first in ",
        thousands(example.requests),
        Shown(&example.method),
        Shown(&example.target)
    )?;
    match suggestion.logs.get(log) {
        Some(log) if suggestion.logs.len() > 1 => writeln!(output, "{}:{line}", log.name)?,
        _ => writeln!(output, "line {line}")?,
    }
    Ok(())
}

/// The command that explains a request.
fn explain(example: &Example<'_>, suggestion: &Suggestion<'_>) -> String {
    let mut command = "routescope explain".to_owned();
    if let Some(file) = &suggestion.policy_file {
        command = format!("{command} --policy {}", in_shell(file.as_bytes()));
    }
    let is_printable = |bytes: &[u8]| {
        !bytes.is_empty()
            && !bytes.starts_with(b"-")
            && bytes.iter().all(|b| matches!(b, b' '..=b'~'))
    };
    if !is_printable(&example.method) {
        return format!("{command} METHOD TARGET");
    }
    let method = in_shell(&example.method);
    if is_printable(&example.target) {
        return format!("{command} {method} {}", in_shell(&example.target));
    }
    let target = crate::wire::to_hex(&example.target);
    format!("{command} {method} --target-hex {target}")
}

/// A word for a shell, in quotes if it needs them.
fn in_shell(word: &[u8]) -> String {
    let text = String::from_utf8_lossy(word);
    if text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "/._-%:,+=@".contains(c))
    {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

fn unread(suggestion: &Suggestion<'_>, output: &mut Output) -> Result<()> {
    for log in suggestion.logs.iter().filter(|log| log.without_request > 0) {
        writeln!(
            output,
            "\n{} of {}: connections without a request",
            count(log.without_request, "line"),
            log.name
        )?;
    }
    for log in suggestion.logs.iter().filter(|log| log.unread > 0) {
        writeln!(
            output,
            "\n{BOLD}{} of {} could not be read{BOLD:#}, so nothing here counts them:",
            count(log.unread, "line"),
            log.name
        )?;
        for (line, why) in &log.first_unread {
            writeln!(output, "  line {line}: {}", why.in_words())?;
        }
        let more = log.unread - log.first_unread.len() as u64;
        if more > 0 {
            writeln!(output, "  and {} more", thousands(more))?;
        }
    }
    Ok(())
}
