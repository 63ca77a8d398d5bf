//! The results of a file of tests, for a person.

use std::io::Write;

use anstyle::{AnsiColor, Style};

use super::file::Case;
use super::judge::{MOST_SCOPES, Verdict};
use super::results::Results;
use crate::failure::Result;
use crate::output::Output;
use crate::wire::{beginning, count, cut, some, thousands};

/// At most this many failures are shown in full.
const MOST_FAILURES: usize = 100;

const RED: Style = AnsiColor::Red.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();

pub(super) fn write(results: &Results<'_>, output: &mut Output) -> Result<()> {
    let failures = results
        .results
        .iter()
        .filter(|(_, verdict)| !verdict.passed);
    for (case, verdict) in failures.take(MOST_FAILURES) {
        failure(results, case, verdict, output)?;
    }
    if results.failed() > 0 {
        let more = results.failed().saturating_sub(MOST_FAILURES);
        if more > 0 {
            writeln!(
                output,
                "and {} more; `--format json` has them all\n",
                thousands(more as u64)
            )?;
        }
        writeln!(
            output,
            "`routescope explain` says more about why a request gets its answer\n"
        )?;
    }
    let unknown = results.unknown_scopes();
    if !unknown.is_empty() {
        let one = |(scope, lines): (&&str, &Vec<usize>)| {
            let lines = some(lines, MOST_SCOPES, usize::to_string);
            format!("`{}` (line {lines})", cut(scope))
        };
        writeln!(
            output,
            "note: the policy does not know these scopes, so they grant nothing: {}",
            some(&unknown, MOST_SCOPES, one)
        )?;
    }
    let coverage = &results.coverage;
    if results.lists_coverage || results.least_coverage.is_some() {
        writeln!(
            output,
            "coverage: {} of {}, {} %",
            coverage.touched,
            count(coverage.routes as u64, "route"),
            coverage.percent
        )?;
    }
    if results.lists_coverage && !coverage.untouched.is_empty() {
        writeln!(output, "no case touches")?;
        for route in &coverage.untouched {
            writeln!(output, "  {route}")?;
        }
    }
    if let (Some(least), false) = (results.least_coverage, results.is_covered()) {
        writeln!(
            output,
            "{RED}FAIL{RED:#} the coverage is below {least} %\n  help: {}",
            if results.lists_coverage {
                "add a case for each of the routes above"
            } else {
                "add cases; `--coverage` lists the routes that none touches"
            }
        )?;
    }
    let failed = results.failed();
    let style = if failed == 0 { GREEN } else { RED };
    writeln!(
        output,
        "{style}{} passed, {failed} failed{style:#}",
        results.results.len() - failed
    )?;
    Ok(())
}

fn failure(
    results: &Results<'_>,
    case: &Case,
    verdict: &Verdict<'_>,
    output: &mut Output,
) -> Result<()> {
    let key = match case.scopes.as_slice() {
        _ if !case.has_key => "without a key".to_owned(),
        [] => "without scopes".to_owned(),
        scopes => format!("with {}", some(scopes, MOST_SCOPES, |scope| cut(scope))),
    };
    writeln!(
        output,
        "{RED}FAIL{RED:#} {}:{}: {} {key}",
        results.file,
        case.line,
        beginning(case.request().as_bytes(), 200),
    )?;
    if let Some(name) = &case.name {
        writeln!(output, "  case  {}", cut(name))?;
    }
    writeln!(output, "  want  {}", cut(&case.want()))?;
    writeln!(output, "  got   {}", verdict.sentence())?;
    for help in &verdict.help {
        writeln!(output, "  help: {help}")?;
    }
    writeln!(output)?;
    Ok(())
}
