//! An explanation for a person.

use std::io::Write;

use anstyle::{AnsiColor, Style};

use super::explanation::Explanation;
use super::offence::marked;
use super::question::Question;
use crate::failure::Result;
use crate::needs::Needed;
use crate::output::Output;
use crate::wire::{Shown, beginning};

const BOLD: Style = Style::new().bold();
const YES: Style = AnsiColor::Green.on_default().bold();
const NO: Style = AnsiColor::Red.on_default().bold();

pub(super) fn write(
    explanation: &Explanation<'_>,
    question: &Question<'_>,
    output: &mut Output,
) -> Result<()> {
    let request = format!(
        "{} {}",
        beginning(question.method, 40),
        beginning(question.target, 200)
    );
    let Explanation {
        status, summary, ..
    } = explanation;
    match explanation.reason {
        None => writeln!(output, "{YES}allow{YES:#} {request}")?,
        Some(reason) => writeln!(output, "{NO}deny{NO:#} {request}\n{status} {reason}")?,
    }
    writeln!(output, "\n{summary}")?;
    refusal(explanation, question, output)?;
    matching(explanation, output)?;
    scopes(explanation, output)?;
    advice(explanation, output)?;
    nearest(explanation, output)?;
    answer(explanation, output)
}

fn heading(output: &mut Output, text: &str) -> Result<()> {
    writeln!(output, "\n{BOLD}{text}{BOLD:#}")?;
    Ok(())
}

fn refusal(
    explanation: &Explanation<'_>,
    question: &Question<'_>,
    output: &mut Output,
) -> Result<()> {
    let Some(refusal) = &explanation.refusal else {
        return Ok(());
    };
    let (line, carets) = marked(question.target, refusal.offence);
    writeln!(output, "\n  {line}")?;
    write!(output, "  {NO}{carets}{NO:#} {}", refusal.rule)?;
    match &refusal.resembles {
        Some(text) if refusal.is_wildcard => {
            let what = what(text);
            writeln!(output, ": a wildcard, where {what} `{text}` could stand")?;
        }
        Some(text) => writeln!(output, ": resembles {} `{text}`", what(text))?,
        None => writeln!(output)?,
    }
    heading(output, "The rule")?;
    writeln!(output, "  {}", refusal.says)?;
    heading(output, "The attack it stops")?;
    writeln!(output, "  {}", refusal.attack)?;
    Ok(())
}

/// The kind of a segment: no literal contains a brace.
fn what(segment: &str) -> &'static str {
    if segment.contains('{') {
        "the segment"
    } else {
        "the literal"
    }
}

fn matching(explanation: &Explanation<'_>, output: &mut Output) -> Result<()> {
    if explanation.matching.is_empty() {
        return Ok(());
    }
    heading(
        output,
        match explanation.matching.len() {
            1 => "The template that matches",
            _ => "Templates that match: the most specific decides, alone",
        },
    )?;
    for matching in &explanation.matching {
        let mark = if matching.wins { "=>" } else { "  " };
        writeln!(
            output,
            "  {mark} {}  ({})",
            matching.template,
            matching.methods.join(", ")
        )?;
        if let Some(because) = &matching.because {
            writeln!(output, "     {because}")?;
        }
    }
    Ok(())
}

fn scopes(explanation: &Explanation<'_>, output: &mut Output) -> Result<()> {
    let nothing = match explanation.needs {
        Some("public") => Some("nothing: the route is public"),
        Some("any_key") => Some("any valid key, whatever its scopes"),
        _ => None,
    };
    if let Some(nothing) = nothing {
        heading(output, "It needs")?;
        writeln!(output, "  {nothing}")?;
    }
    if !explanation.needed.is_empty() {
        heading(output, "It accepts any one of, narrowest first")?;
        for needed in &explanation.needed {
            alternative(explanation, needed, output)?;
        }
    }
    if !explanation.held.is_empty() {
        heading(output, "The key holds")?;
        for held in &explanation.held {
            match &held.hint {
                None => writeln!(output, "  {}", held.scope)?,
                Some(hint) => writeln!(
                    output,
                    "  {}  (unknown here, grants nothing: {hint})",
                    Shown(held.scope.as_bytes())
                )?,
            }
        }
    }
    Ok(())
}

/// A scope, or `a and b`, with what the key holds of it.
fn alternative(
    explanation: &Explanation<'_>,
    needed: &Needed<'_>,
    output: &mut Output,
) -> Result<()> {
    let text = needed.in_words(str::to_owned);
    if explanation.by.as_deref() == Some(needed.names().join(" ").as_str()) {
        let these = match needed.single() {
            Some(_) => "held: this one allows it",
            None => "held: these allow it",
        };
        writeln!(output, "  {YES}{text}{YES:#}  ({these})")?;
        return Ok(());
    }
    let is_held = |name: &str| explanation.held.iter().any(|held| held.scope == name);
    let lacking = needed.lacking(is_held);
    if lacking.is_empty() {
        writeln!(output, "  {text}  (held)")?;
    } else if lacking.len() < needed.scopes.len() {
        writeln!(output, "  {text}  (lacks {})", lacking.join(" and "))?;
    } else {
        writeln!(output, "  {text}")?;
    }
    Ok(())
}

fn advice(explanation: &Explanation<'_>, output: &mut Output) -> Result<()> {
    if explanation.advice.is_empty() {
        return Ok(());
    }
    heading(
        output,
        if explanation.is_allow() {
            "Worth knowing"
        } else {
            "What to do"
        },
    )?;
    for advice in &explanation.advice {
        writeln!(output, "  - {advice}")?;
    }
    Ok(())
}

fn nearest(explanation: &Explanation<'_>, output: &mut Output) -> Result<()> {
    if explanation.nearest.is_empty() {
        return Ok(());
    }
    heading(output, "Nearest templates")?;
    for near in &explanation.nearest {
        writeln!(
            output,
            "  {}  ({})\n     {}",
            near.template,
            near.methods.join(", "),
            near.change.join("; ")
        )?;
    }
    Ok(())
}

fn answer(explanation: &Explanation<'_>, output: &mut Output) -> Result<()> {
    heading(output, "What the gateway does")?;
    let Some(response) = &explanation.response else {
        writeln!(output, "  forwards the request, byte for byte as it came")?;
        return Ok(());
    };
    writeln!(output, "  answers {}", response.status_line)?;
    for (name, value) in &response.headers {
        writeln!(output, "          {name}: {value}")?;
    }
    Ok(())
}
