//! The table as text: for people, programs, spreadsheets and reviews.

use std::io::Write;

use anstyle::{AnsiColor, Style};
use routescope_compiler::unstable::printable;
use serde::Serialize;

use super::table::{RouteTable, Row, ScopeRow, by_resource};
use crate::failure::{Failure, Result};
use crate::held::HeldScope;
use crate::needs::joined;
use crate::output::{JSON_VERSION, Output};
use crate::wire::{count, to_hex};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// A line for each route; with a key, those it reaches before the others.
pub(super) fn human(table: &RouteTable<'_>, output: &mut Output) -> Result<()> {
    let rows = table.rows();
    if rows.is_empty() {
        match table.all.is_empty() {
            true => writeln!(output, "the policy has no routes: it denies every request")?,
            false => writeln!(
                output,
                "none of {} fits\n  help: leave out --method or --grep, or give a shorter text",
                total(table)
            )?,
        }
        return Ok(());
    }
    let Some(held) = &table.held else {
        lines(&rows, |row| row.requirement(", ", str::to_owned), output)?;
        writeln!(
            output,
            "\n{BOLD}{}{BOLD:#} under {}{}; a key needs any one of the scopes next to a route{}",
            some(table, &rows, rows.len()),
            count(table.declared() as u64, "scope"),
            table.open(),
            match table.has_sets() {
                true => ", or all of those with `and` between them",
                false => "",
            },
        )?;
        return Ok(());
    };
    let (open, shut): (Vec<&Row<'_>>, Vec<&Row<'_>>) =
        rows.iter().partition(|row| row.reached == Some(true));
    writeln!(
        output,
        "{BOLD}{} reaches {}{BOLD:#}",
        key(held),
        some(table, &rows, open.len())
    )?;
    if !open.is_empty() {
        writeln!(output)?;
        lines(
            &open,
            |row| match (row.open(), &row.by) {
                (Some(open), _) => open.to_owned(),
                (None, by) => {
                    let names: Vec<&str> = by.iter().flat_map(|by| by.split(' ')).collect();
                    format!("by {}", joined(&names, "and", str::to_owned))
                }
            },
            output,
        )?;
    }
    if !shut.is_empty() {
        writeln!(output, "\n{BOLD}It does not reach {}{BOLD:#}\n", shut.len())?;
        lines(
            &shut,
            |row| format!("needs {}", row.requirement(" or ", str::to_owned)),
            output,
        )?;
    }
    Ok(())
}

/// The longest path that still pushes the scopes to the right.
const WIDEST: usize = 70;

fn lines(rows: &[&Row<'_>], tail: impl Fn(&Row<'_>) -> String, output: &mut Output) -> Result<()> {
    let widths = rows
        .iter()
        .map(|row| row.path.len())
        .filter(|width| *width <= WIDEST);
    let width = widths.max().unwrap_or_default();
    for row in rows {
        let style = style(row.method);
        write!(
            output,
            "{style}{:7}{style:#} {:width$}  {}",
            row.method,
            row.path,
            tail(row)
        )?;
        if let Some(note) = row.note {
            write!(output, "  {DIM}({}){DIM:#}", printable(note))?;
        }
        writeln!(output)?;
    }
    Ok(())
}

/// Reading, writing and removing, as far as colours can tell.
fn style(method: &str) -> Style {
    let color = match method {
        "GET" | "HEAD" | "OPTIONS" => AnsiColor::Green,
        "DELETE" => AnsiColor::Red,
        _ => AnsiColor::Yellow,
    };
    color.on_default()
}

/// `A key with a:read and b:*`
fn key(held: &[HeldScope<'_>]) -> String {
    let names: Vec<String> = held.iter().map(|scope| printable(&scope.scope)).collect();
    match names.split_last() {
        None => "A key without scopes".to_owned(),
        Some((last, [])) => format!("A key with {last}"),
        Some((last, rest)) => format!("A key with {} and {last}", rest.join(", ")),
    }
}

fn total(table: &RouteTable<'_>) -> String {
    count(table.all.len() as u64, "route")
}

/// `4 of 110 routes`, or of those that the filters leave.
fn some(table: &RouteTable<'_>, rows: &[&Row<'_>], number: usize) -> String {
    let filtered = rows.len() < table.all.len();
    match &table.held {
        None if !filtered => total(table),
        Some(_) if filtered => {
            let shown = count(rows.len() as u64, "route");
            format!("{number} of {shown} shown, of {} in all", table.all.len())
        }
        _ => format!("{number} of {}", total(table)),
    }
}

/// Returns the number of rows that the key reaches.
fn reached(rows: &[&Row<'_>]) -> usize {
    rows.iter().filter(|row| row.reached == Some(true)).count()
}

#[derive(Debug, Serialize)]
struct Json<'t> {
    version: u32,
    policy: &'t str,
    digest: String,
    /// The number of routes of the policy, whatever the filters.
    total: usize,
    scopes: &'t [ScopeRow<'t>],
    /// `null` where no key was asked about.
    key: Option<KeyJson<'t>>,
    routes: &'t [&'t Row<'t>],
}

#[derive(Debug, Serialize)]
struct KeyJson<'t> {
    scopes: &'t [HeldScope<'t>],
    reached: usize,
    unreached: usize,
}

pub(super) fn json(table: &RouteTable<'_>, output: &mut Output) -> Result<()> {
    let rows = table.rows();
    let reached = reached(&rows);
    output.json(&Json {
        version: JSON_VERSION,
        policy: table.policy.name(),
        digest: to_hex(table.policy.digest()),
        total: table.all.len(),
        scopes: &table.scopes,
        key: table.held.as_ref().map(|held| KeyJson {
            scopes: held,
            reached,
            unreached: rows.len() - reached,
        }),
        routes: &rows,
    })
}

/// Lists within a field are separated by spaces, which no scope contains; headings of several
/// scopes, and sets, by commas. The columns for sets and for routes that need no scope are there
/// where the policy has such routes.
pub(super) fn csv(table: &RouteTable<'_>, output: &mut Output) -> Result<()> {
    let mut writer = csv::Writer::from_writer(output);
    let mut header = vec!["method", "path", "listed", "accepted", "note"];
    if table.needs_more_than_scopes() {
        header.extend(["needs", "sets"]);
    }
    if table.held.is_some() {
        header.extend(["reached", "by"]);
    }
    writer.write_record(&header).map_err(unwritten)?;
    for row in table.rows() {
        let is_list = row.listed.iter().any(|heading| heading.contains(' '));
        let listed = row.listed.join(if is_list { "," } else { " " });
        let accepted = row.accepted.join(" ");
        let sets = row.sets().join(",");
        let mut fields = vec![
            row.method,
            row.path,
            &listed,
            &accepted,
            row.note.unwrap_or(""),
        ];
        if table.needs_more_than_scopes() {
            fields.extend([row.needs, sets.as_str()]);
        }
        if let Some(reached) = row.reached {
            let by = row.by.as_deref().unwrap_or("");
            fields.extend([if reached { "yes" } else { "no" }, by]);
        }
        writer.write_record(&fields).map_err(unwritten)?;
    }
    writer.flush()?;
    Ok(())
}

fn unwritten(error: csv::Error) -> Failure {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error.into(),
        other => Failure::new(format_args!("cannot write the table: {other:?}"), ""),
    }
}

/// A table for each resource.
pub(super) fn markdown(table: &RouteTable<'_>, output: &mut Output) -> Result<()> {
    writeln!(output, "# {}\n", plain(table.policy.name()))?;
    let updated = match table.policy.updated() {
        Some(updated) => format!(", updated {updated}"),
        None => String::new(),
    };
    let scopes = count(table.declared() as u64, "scope");
    let rows = table.rows();
    writeln!(
        output,
        "{} under {scopes}{}{updated}.",
        some(table, &rows, rows.len()),
        table.open()
    )?;
    if let Some(held) = &table.held {
        writeln!(
            output,
            "\n{} reaches {}.",
            plain(&key(held)),
            some(table, &rows, reached(&rows))
        )?;
    }
    let scopes_by_resource = table.scopes_by_resource();
    for (resource, rows) in by_resource(rows) {
        writeln!(output, "\n## {}\n", plain(resource))?;
        let mut summarised = false;
        for scope in scopes_by_resource.get(resource).into_iter().flatten() {
            if let Some(summary) = scope.summary {
                writeln!(output, "- `{}`: {}", scope.scope, plain(summary))?;
                summarised = true;
            }
        }
        if summarised {
            writeln!(output)?;
        }
        let (title, rule) = match table.held {
            Some(_) => (" reached |", " --- |"),
            None => ("", ""),
        };
        writeln!(
            output,
            "| method | path | any one of |{title}\n| --- | --- | --- |{rule}"
        )?;
        for row in rows {
            let needs = match row.open() {
                Some(open) => format!("**{open}**"),
                None => row.requirement(", ", code),
            };
            let note = row
                .note
                .map(|note| format!("<br>{}", plain(note)))
                .unwrap_or_default();
            let reached = match (row.reached, &row.by) {
                (None, _) => String::new(),
                (Some(_), Some(_)) if row.open().is_some() => " yes |".to_owned(),
                (Some(_), Some(by)) => {
                    let names: Vec<&str> = by.split(' ').collect();
                    format!(" yes, by {} |", joined(&names, "and", code))
                }
                (Some(_), None) => " no |".to_owned(),
            };
            writeln!(
                output,
                "| {} | `{}`{note} | {} |{reached}",
                row.method, row.path, needs,
            )?;
        }
    }
    Ok(())
}

/// Writes a scope as code in a table.
fn code(scope: &str) -> String {
    // A token may have these two; a code span has the first in it if its marks are longer.
    let scope = scope.replace('|', "\\|");
    match scope.contains('`') {
        true => format!("`` {scope} ``"),
        false => format!("`{scope}`"),
    }
}

/// Escapes a text of the policy for Markdown, so that it is one line without markup.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' | '$' | '@' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}
