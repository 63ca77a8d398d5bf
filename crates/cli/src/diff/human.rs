//! A difference for a person at a terminal.

use std::io::Write;

use anstyle::{AnsiColor, Style};

use super::difference::Diff;
use super::view::{Group, Way, groups};
use crate::failure::Result;
use crate::output::Output;

/// Most routes of a group, and most idle ones, that are shown unasked.
const MOST: usize = 20;

const WIDER: Style = AnsiColor::Red.on_default().bold();
const NARROWER: Style = AnsiColor::Green.on_default().bold();
const BOLD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

pub(super) fn write(diff: &Diff<'_>, output: &mut Output) -> Result<()> {
    writeln!(output, "old: {}\nnew: {}", diff.old.name, diff.new.name)?;
    writeln!(output, "{}\n", diff.counts())?;
    writeln!(output, "{BOLD}{}{BOLD:#}", diff.verdict())?;
    let comparison = &diff.comparison;
    section(
        diff,
        output,
        WIDER,
        "WIDER: what some key could not do and now can",
        &groups(comparison, Way::Wider),
    )?;
    section(
        diff,
        output,
        NARROWER,
        "NARROWER: what some key could do and now cannot",
        &groups(comparison, Way::Narrower),
    )?;
    settings(diff, output)?;
    idle(diff, output)
}

fn section(
    diff: &Diff<'_>,
    output: &mut Output,
    style: Style,
    title: &str,
    groups: &[Group<'_>],
) -> Result<()> {
    if groups.is_empty() {
        return Ok(());
    }
    writeln!(output, "\n{style}{title}{style:#}")?;
    for group in groups {
        let title = group.title(|scope| format!("{BOLD}{scope}{BOLD:#}"));
        writeln!(output, "\n  {title}")?;
        let shown = if diff.all { usize::MAX } else { MOST };
        for entry in group.entries.iter().take(shown) {
            writeln!(output, "    {BOLD}{}{BOLD:#}  {}", entry.route, entry.why)?;
            writeln!(
                output,
                "      {FAINT}{} {} {}: was {}, is {}{FAINT:#}",
                entry.change.method,
                entry.change.witness.target,
                entry.asks(str::to_owned),
                answer(&entry.answers.old),
                answer(&entry.answers.new),
            )?;
        }
        more(output, group.entries.len().saturating_sub(shown))?;
    }
    Ok(())
}

/// `allowed`, or `denied (unknown_route)`.
fn answer(decision: &str) -> String {
    match decision.strip_prefix("deny ") {
        Some(reason) => {
            let reason = reason.split(':').next().unwrap_or(reason);
            format!("denied ({reason})")
        }
        None => "allowed".to_owned(),
    }
}

fn settings(diff: &Diff<'_>, output: &mut Output) -> Result<()> {
    if diff.settings.is_empty() {
        return Ok(());
    }
    writeln!(output, "\n{BOLD}SETTINGS{BOLD:#}\n")?;
    for setting in &diff.settings {
        let (style, way) = match (setting.wider, setting.narrower) {
            (true, true) => (WIDER, "wider and narrower: "),
            (true, false) => (WIDER, "wider: "),
            (false, true) => (NARROWER, "narrower: "),
            (false, false) => (Style::new(), ""),
        };
        writeln!(
            output,
            "  {}: {} -> {}\n      {style}{way}{style:#}{}",
            setting.field, setting.old, setting.new, setting.means
        )?;
    }
    Ok(())
}

fn idle(diff: &Diff<'_>, output: &mut Output) -> Result<()> {
    let idle = &diff.comparison.idle;
    if idle.is_empty() {
        return Ok(());
    }
    writeln!(
        output,
        "\n{BOLD}LISTED DIFFERENTLY, DECIDED ALIKE{BOLD:#}\n"
    )?;
    let shown = if diff.all { usize::MAX } else { MOST };
    for route in idle.iter().take(shown) {
        let what = if route.added {
            "only in the new policy"
        } else {
            "only in the old policy"
        };
        writeln!(output, "    {}  {what}", route.route)?;
    }
    more(output, idle.len().saturating_sub(shown))
}

fn more(output: &mut Output, left: usize) -> Result<()> {
    if left > 0 {
        writeln!(output, "    ... and {left} more; --all shows them")?;
    }
    Ok(())
}
