//! Prints the figures, for people or for programs.

use std::io::{self, Write};

use serde::Serialize;

use crate::engine::Asks;
use crate::measure::Figures;
use crate::workload::Workload;

#[derive(Serialize)]
struct Line<'a> {
    workload: &'a str,
    engine: &'a str,
    median_ns: f64,
    min_ns: f64,
    ratio_to_routescope: f64,
    agrees: bool,
    /// The share of the answers that were wrong.
    wrong_share: f64,
    /// Of how many requests the answers were checked.
    checked: usize,
    /// Templates that the engine could not take.
    excluded_templates: usize,
    /// The median by the mean length of the targets.
    ns_per_byte: f64,
}

/// One object a line.
pub fn json(out: &mut impl Write, workload: &Workload<'_>, figures: &[Figures]) -> io::Result<()> {
    for figure in figures {
        let line = Line {
            workload: &workload.name,
            engine: figure.engine,
            median_ns: rounded(figure.median),
            min_ns: rounded(figure.min),
            ratio_to_routescope: rounded(figure.ratio),
            agrees: figure.agrees(),
            wrong_share: rounded(figure.wrong_share()),
            checked: figure.checked,
            excluded_templates: figure.excluded,
            ns_per_byte: rounded(figure.median / workload.mean_length()),
        };
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)?;
    }
    Ok(())
}

/// A table a workload: who answers right, fastest first; then who does not.
pub fn human(out: &mut impl Write, workload: &Workload<'_>, figures: &[Figures]) -> io::Result<()> {
    writeln!(
        out,
        "\n{}: {} requests of {:.0} bytes on {} routes",
        workload.name,
        workload.requests.len(),
        workload.mean_length(),
        workload.table.routes.len(),
    )?;
    writeln!(
        out,
        "  {:<18} {:<10} {:>11} {:>11} {:>9}  {:>9}",
        "engine", "answers", "median ns", "min ns", "ns/byte", "x"
    )?;
    let mut rows: Vec<&Figures> = figures.iter().collect();
    rows.sort_by(|a, b| {
        (group(a), a.median)
            .partial_cmp(&(group(b), b.median))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    for row in rows {
        let answers = match row.asks {
            Asks::Everything => "everything",
            Asks::Path => "path",
            Asks::Bound => "(bound)",
        };
        write!(
            out,
            "  {:<18} {answers:<10} {:>11.1} {:>11.1} {:>9.3}  ",
            row.engine,
            row.median,
            row.min,
            row.median / workload.mean_length()
        )?;
        if row.agrees() || row.asks == Asks::Bound {
            write!(out, "{:>9.2}", row.ratio)?;
        } else {
            write!(
                out,
                "WRONG: {:.1} % of the answers",
                100.0 * row.wrong_share()
            )?;
        }
        if row.excluded > 0 {
            write!(out, ", cannot take {} templates", row.excluded)?;
        }
        if row.checked < workload.requests.len() {
            write!(out, ", checked {}", row.checked)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn group(figures: &Figures) -> u8 {
    match figures.asks {
        Asks::Bound => 0,
        _ if figures.agrees() => 1,
        _ => 2,
    }
}

/// Three digits behind the point say all that a clock knows.
pub fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
