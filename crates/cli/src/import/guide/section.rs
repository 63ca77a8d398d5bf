//! The mapping in a guide: its lines, and the kinds of lines that belong to one.

use std::ops::Range;

use routescope::Method;
use routescope_compiler::Problem;

use super::line::{Line, LineKind};
use crate::import::table::is_scope;

/// The lines of the mapping that follow its heading.
pub(super) fn section(lines: &[Line]) -> Result<Range<usize>, Problem> {
    let is_row = |line: &Line| matches!(line.kind, LineKind::Row(_)) && is_of_a_mapping(line);
    let Some(first) = lines.iter().position(is_row) else {
        return Err(Problem::error(0..0, "there is no table of routes in the file").help(
            "a guide has, for each scope, its name in a line, and a table with the columns `Method` and `Route`; is it the right file?",
        ));
    };
    let Some(heading) = lines[..first].iter().rposition(is_mapping_heading) else {
        return Err(Problem::error(
            lines[first].at.clone(),
            "a table of routes, and no heading above that begins the mapping",
        )
        .help("the heading says `Scope to routes mapping`, or other words with `scope`, `route` and `mapping`: write it above the first scope"));
    };
    let start = heading + 1;
    let end = match lines[heading].kind {
        LineKind::Heading(level) => lines[start..]
            .iter()
            .position(|line| matches!(line.kind, LineKind::Heading(next) if next <= level))
            .map_or(lines.len(), |end| start + end),
        // Without a marked heading, the mapping ends with its last table.
        _ => lines
            .iter()
            .rposition(is_of_a_mapping)
            .map_or(start, |last| last + 1),
    };
    Ok(start..end)
}

fn is_mapping_heading(line: &Line) -> bool {
    let text = line.text.to_ascii_lowercase();
    let words = text.split_whitespace().count();
    matches!(line.kind, LineKind::Heading(_) | LineKind::Text)
        && text.contains("mapping")
        && text.contains("scope")
        && text.contains("route")
        && words <= 8
        && !text.ends_with(['.', ':'])
}

/// Whether a line belongs to a mapping and to nothing else in a guide.
pub(super) fn is_of_a_mapping(line: &Line) -> bool {
    match &line.kind {
        LineKind::Row(cells) => {
            columns(cells).is_some()
                || cells
                    .iter()
                    .any(|cell| Method::from_bytes(cell.as_bytes()).is_some())
                    && cells.iter().any(|cell| cell.starts_with('/'))
        }
        LineKind::Text | LineKind::Heading(_) => is_scope(&line.text),
        _ => false,
    }
}

/// The columns of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    pub(super) method: usize,
    pub(super) route: usize,
    /// The number of columns.
    pub(super) all: usize,
}

impl Columns {
    /// A column that may say under which condition a route can be used.
    pub(super) fn unknown<'c>(&self, cells: &'c [String]) -> Option<&'c str> {
        // The purpose of a route is no condition for its use.
        let tells = |cell: &str| {
            let names = ["Description", "Summary", "Purpose"];
            names.iter().any(|name| cell.eq_ignore_ascii_case(name))
        };
        let others = cells.iter().enumerate();
        let mut others = others.filter(|(place, _)| *place != self.method && *place != self.route);
        let unknown = others.find(|(_, cell)| !tells(cell));
        unknown.map(|(_, cell)| cell.as_str())
    }
}

/// Finds the columns of the method and the route by the cells of a table's head.
pub(super) fn columns(cells: &[String]) -> Option<Columns> {
    let column = |names: &[&str]| {
        cells
            .iter()
            .position(|cell| names.iter().any(|name| cell.eq_ignore_ascii_case(name)))
    };
    Some(Columns {
        method: column(&["Method"])?,
        route: column(&["Route", "Path", "Endpoint"])?,
        all: cells.len(),
    })
}
