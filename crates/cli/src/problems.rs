//! The problems of a file, for people and for programs.

use std::io::Write;
use std::ops::Range;

use annotate_snippets::Renderer;
use routescope_compiler::{Problem, Report, Severity};
use serde::Serialize;

use crate::failure::Result;
use crate::output::Output;

/// The first problems of each kind with source line and caret, and where the
/// others are.
pub(crate) fn show(report: &Report, output: &mut Output) -> Result<()> {
    // The output takes the colours out again where they are not wanted.
    let renderer = Renderer::styled();
    for paragraph in report.paragraphs(&renderer) {
        writeln!(output, "{paragraph}\n")?;
    }
    Ok(())
}

/// A problem in JSON.
#[derive(Debug, Serialize)]
pub(crate) struct ProblemJson<'r> {
    severity: &'static str,
    message: &'r str,
    #[serde(flatten)]
    span: Span,
    help: Vec<&'r str>,
    others: Vec<Other<'r>>,
}

#[derive(Debug, Serialize)]
struct Other<'r> {
    label: &'r str,
    #[serde(flatten)]
    span: Span,
}

/// Lines and columns count from 1, columns in characters; the end is the position after the
/// last character.
#[derive(Debug, Serialize)]
struct Span {
    line: usize,
    column: usize,
    end: Position,
}

#[derive(Debug, Serialize)]
struct Position {
    line: usize,
    column: usize,
}

impl Span {
    fn new(report: &Report, at: &Range<usize>) -> Self {
        let (line, column) = report.position(at.start);
        let (end_line, end_column) = report.position(at.end);
        Self {
            line,
            column,
            end: Position {
                line: end_line,
                column: end_column,
            },
        }
    }
}

/// The problems of a report in JSON, in its order.
pub(crate) fn json(report: &Report) -> Vec<ProblemJson<'_>> {
    let one = |problem| ProblemJson {
        severity: severity(problem),
        message: problem.message(),
        span: Span::new(report, &problem.at()),
        help: problem.advice().collect(),
        others: problem
            .others()
            .map(|(at, label)| Other {
                label,
                span: Span::new(report, &at),
            })
            .collect(),
    };
    report.problems().iter().map(one).collect()
}

fn severity(problem: &Problem) -> &'static str {
    match problem.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
