//! Prints the figures, for people or for programs.

use std::io::{self, Write};

use serde::Serialize;

use crate::engine::Asks;
use crate::measure::Figures;
use crate::scale;
use crate::workload::Workload;

#[derive(Serialize)]
struct Line<'a> {
    workload: &'a str,
    engine: &'a str,
    median_ns: f64,
    min_ns: f64,
    ratio_to_routescope: f64,
    agrees: bool,
    /// The part of the question that it answers.
    answers: &'a str,
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
            answers: answers(figure.asks),
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
        write!(
            out,
            "  {:<18} {:<10} {:>11.1} {:>11.1} {:>9.3}  ",
            row.engine,
            answers(row.asks),
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

fn answers(asks: Asks) -> &'static str {
    match asks {
        Asks::Everything => "everything",
        Asks::Path => "path",
        Asks::Bound => "bound",
    }
}

fn group(figures: &Figures) -> u8 {
    match figures.asks {
        Asks::Bound => 0,
        _ if figures.agrees() => 1,
        _ => 2,
    }
}

/// Rounds to three decimals, which is all that a clock knows.
pub fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// A load takes microseconds.
fn to_nanoseconds(seconds: f64) -> f64 {
    (seconds * 1e9).round() / 1e9
}

#[derive(Serialize)]
struct ScaleLine {
    scale: bool,
    routes: usize,
    templates: usize,
    lookup_median_ns: f64,
    lookup_min_ns: f64,
    /// To the lookup in the first table.
    ratio_to_first: f64,
    /// To the lookup in the first that is not the PBX table.
    ratio_alike: f64,
    agrees: bool,
    matchit_median_ns: f64,
    matchit_min_ns: f64,
    matchit_agrees: bool,
    table_bytes: usize,
    table_bytes_per_route: f64,
    compile_s: f64,
    load_s: f64,
    /// The compile to the load.
    compile_to_load: f64,
    file_bytes: usize,
    source_bytes: usize,
    build_script_s: f64,
    build_script_peak_mib: f64,
    rustc_s: f64,
    rustc_peak_mib: f64,
}

/// One object a table.
pub fn scale_json(out: &mut impl Write, figures: &[scale::Figures]) -> io::Result<()> {
    for figure in figures {
        let line = ScaleLine {
            scale: true,
            routes: figure.routes,
            templates: figure.templates,
            lookup_median_ns: rounded(figure.lookup.median),
            lookup_min_ns: rounded(figure.lookup.min),
            ratio_to_first: rounded(figure.lookup.ratio),
            ratio_alike: rounded(figure.lookup.ratio_alike),
            agrees: figure.lookup.wrong == 0.0,
            matchit_median_ns: rounded(figure.matchit.median),
            matchit_min_ns: rounded(figure.matchit.min),
            matchit_agrees: figure.matchit.wrong == 0.0,
            table_bytes: figure.table_bytes,
            table_bytes_per_route: rounded(per_route(figure)),
            compile_s: to_nanoseconds(figure.compile),
            load_s: to_nanoseconds(figure.load),
            compile_to_load: rounded(figure.compile / figure.load),
            file_bytes: figure.file_bytes,
            source_bytes: figure.source_bytes,
            build_script_s: rounded(figure.build_script.seconds),
            build_script_peak_mib: rounded(figure.build_script.mebibytes),
            rustc_s: rounded(figure.rustc.seconds),
            rustc_peak_mib: rounded(figure.rustc.mebibytes),
        };
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)?;
    }
    Ok(())
}

pub fn scale_human(out: &mut impl Write, figures: &[scale::Figures]) -> io::Result<()> {
    writeln!(
        out,
        "{:>7} | {:>9} {:>9} {:>7} {:>7} {:>9} | {:>9} {:>7} | {:>9} {:>9} {:>7} | {:>9} {:>8} | {:>8} {:>8} | {:>10}",
        "routes",
        "median ns",
        "min ns",
        "x first",
        "x alike",
        "matchit",
        "bytes",
        "a route",
        "compile s",
        "load ms",
        "x load",
        "script s",
        "MiB",
        "rustc s",
        "MiB",
        "source kB"
    )?;
    for figure in figures {
        let wrong = if figure.matchit.wrong > 0.0 { "!" } else { " " };
        writeln!(
            out,
            "{:>7} | {:>9.1} {:>9.1} {:>7.2} {:>7.2} {:>8.1}{wrong} | {:>9} {:>7.1} | {:>9.3} {:>9.3} {:>7.0} | {:>9.2} {:>8.0} | {:>8.2} {:>8.0} | {:>10.0}",
            figure.routes,
            figure.lookup.median,
            figure.lookup.min,
            figure.lookup.ratio,
            figure.lookup.ratio_alike,
            figure.matchit.median,
            figure.table_bytes,
            per_route(figure),
            figure.compile,
            figure.load * 1000.0,
            figure.compile / figure.load,
            figure.build_script.seconds,
            figure.build_script.mebibytes,
            figure.rustc.seconds,
            figure.rustc.mebibytes,
            figure.source_bytes as f64 / 1000.0,
        )?;
    }
    if figures.iter().any(|figure| figure.matchit.wrong > 0.0) {
        writeln!(out, "! matchit answers some of these requests wrong")?;
    }
    Ok(())
}

fn per_route(figures: &scale::Figures) -> f64 {
    figures.table_bytes as f64 / figures.routes as f64
}
