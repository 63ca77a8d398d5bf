//! A difference as a comment for a review.

use std::io::Write;

use super::difference::Diff;
use super::view::{Group, Way, groups};
use crate::failure::Result;
use crate::output::Output;

/// Most rows of a table that are shown unasked: a comment has a limit.
const MOST: usize = 100;

pub(super) fn write(diff: &Diff<'_>, output: &mut Output) -> Result<()> {
    writeln!(output, "### Routes and scopes: {}\n", diff.verdict())?;
    writeln!(
        output,
        "{} to {}: {}.",
        code(&diff.old.name),
        code(&diff.new.name),
        diff.counts()
    )?;
    let comparison = &diff.comparison;
    table(
        diff,
        output,
        "#### :warning: Wider: what some key could not do and now can",
        "Gained by",
        &groups(comparison, Way::Wider),
    )?;
    table(
        diff,
        output,
        "#### Narrower: what some key could do and now cannot",
        "Lost by",
        &groups(comparison, Way::Narrower),
    )?;
    settings(diff, output)?;
    idle(diff, output)
}

fn table(
    diff: &Diff<'_>,
    output: &mut Output,
    title: &str,
    by: &str,
    groups: &[Group<'_>],
) -> Result<()> {
    if groups.is_empty() {
        return Ok(());
    }
    writeln!(output, "\n{title}\n")?;
    for group in groups {
        writeln!(output, "- {}", group.title(code))?;
    }
    writeln!(
        output,
        "\n| Route | {by} | Why | A request that shows it |\n|---|---|---|---|"
    )?;
    let rows: Vec<_> = groups.iter().flat_map(|group| &group.entries).collect();
    let shown = if diff.all { usize::MAX } else { MOST };
    for entry in rows.iter().take(shown) {
        let scopes: Vec<String> = match entry.open {
            Some(open) => vec![open.who().to_owned()],
            None => entry
                .scopes
                .iter()
                .map(|held| code(&held.to_string()))
                .collect(),
        };
        writeln!(
            output,
            "| {} | {} | {} | {} {} |",
            code(&entry.route),
            scopes.join(", "),
            entry.why,
            code(&format!(
                "{} {}",
                entry.change.method, entry.change.witness.target
            )),
            entry.asks(code),
        )?;
    }
    if rows.len() > shown {
        writeln!(output, "\nand {} more", rows.len() - shown)?;
    }
    Ok(())
}

fn settings(diff: &Diff<'_>, output: &mut Output) -> Result<()> {
    if diff.settings.is_empty() {
        return Ok(());
    }
    writeln!(
        output,
        "\n#### Settings\n\n| Setting | Before | Now | What it means |\n|---|---|---|---|"
    )?;
    for setting in &diff.settings {
        let way = match (setting.wider, setting.narrower) {
            (true, _) => "**wider**: ",
            (false, true) => "narrower: ",
            (false, false) => "",
        };
        writeln!(
            output,
            "| {} | {} | {} | {way}{} |",
            code(setting.field),
            cell(&setting.old),
            cell(&setting.new),
            setting.means
        )?;
    }
    Ok(())
}

fn idle(diff: &Diff<'_>, output: &mut Output) -> Result<()> {
    let idle = &diff.comparison.idle;
    if idle.is_empty() {
        return Ok(());
    }
    writeln!(output, "\n#### Listed differently, decided alike\n")?;
    for route in idle.iter().take(if diff.all { usize::MAX } else { MOST }) {
        let only = if route.added { "new" } else { "old" };
        writeln!(
            output,
            "- {}: only in the {only} policy",
            code(&route.route)
        )?;
    }
    Ok(())
}

/// Writes any text as code.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'").replace('|', "\\|"))
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
