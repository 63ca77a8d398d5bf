//! A guide's Markdown, or its flat text, as lines.

use std::ops::Range;

use super::inline::clean;
use super::line::{Line, LineKind, MOST_CELLS, MOST_LINES};

/// Reads Markdown, or text in which nothing marks headings; `None` if it has too many lines.
pub(super) fn lines(source: &str) -> Option<Vec<Line>> {
    let mut lines: Vec<Line> = Vec::new();
    let mut start = 0;
    let mut skip: Option<Skip> = None;
    for (number, whole) in source.split_inclusive('\n').enumerate() {
        let text = whole.trim_end_matches(['\n', '\r']);
        let at = start..start + text.len();
        start += whole.len();
        let trimmed = text.trim().trim_start_matches('\u{feff}');
        match skip {
            Some(Skip::Front) => {
                if matches!(trimmed, "---" | "...") {
                    skip = None;
                }
                continue;
            }
            Some(Skip::Comment) => {
                if trimmed.contains("-->") {
                    skip = None;
                }
                continue;
            }
            Some(Skip::Code) if !trimmed.starts_with("```") => {
                lines.push(Line {
                    at,
                    text: trimmed.to_owned(),
                    kind: LineKind::Text,
                });
                continue;
            }
            _ => {}
        }
        if number == 0 && trimmed == "---" {
            skip = Some(Skip::Front);
            continue;
        }
        if trimmed.starts_with("```") {
            skip = (skip != Some(Skip::Code)).then_some(Skip::Code);
            continue;
        }
        if trimmed.starts_with("<!--") {
            if !trimmed.contains("-->") {
                skip = Some(Skip::Comment);
            }
            continue;
        }
        let line = line(at, trimmed);
        let is_blank = line.kind == LineKind::Blank;
        if !is_blank || lines.last().is_none_or(|last| last.kind != LineKind::Blank) {
            lines.push(line);
        }
        if lines.len() > MOST_LINES {
            return None;
        }
    }
    Some(lines)
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Skip {
    /// The front matter, between `---` and `---`.
    Front,
    Comment,
    /// Code between backticks, which has no markup.
    Code,
}

fn line(at: Range<usize>, text: &str) -> Line {
    let hashes = text.len() - text.trim_start_matches('#').len();
    if (1..=6).contains(&hashes) && text[hashes..].starts_with(' ') {
        let heading = text[hashes..].trim().trim_end_matches('#').trim_end();
        // `{#name}` names the heading for links.
        let heading = match heading.rfind("{#") {
            Some(id) if heading.ends_with('}') => heading[..id].trim_end(),
            _ => heading,
        };
        return Line {
            at,
            text: clean(heading),
            kind: LineKind::Heading(hashes),
        };
    }
    if let Some(row) = text.strip_prefix('|') {
        let cells = cells(row);
        let is_separator = cells
            .iter()
            .all(|cell| !cell.is_empty() && cell.chars().all(|c| c == '-' || c == ':'));
        return Line {
            at,
            text: text.to_owned(),
            kind: if is_separator {
                LineKind::Separator
            } else {
                LineKind::Row(cells.iter().map(|cell| clean(cell)).collect())
            },
        };
    }
    let rule = text.len() >= 3 && text.chars().all(|c| "-=*_".contains(c));
    let bullet = ["- ", "* ", "+ "]
        .iter()
        .find_map(|mark| text.strip_prefix(mark));
    let cleaned = clean(bullet.unwrap_or(text));
    let kind = if cleaned.is_empty() || rule {
        LineKind::Blank
    } else if bullet.is_some() {
        LineKind::Bullet
    } else {
        LineKind::Text
    };
    Line {
        at,
        text: cleaned,
        kind,
    }
}

/// The cells of a row, without the first `|`; `\|` is none.
fn cells(row: &str) -> Vec<String> {
    let row = row.trim_end();
    let row = match row.strip_suffix('|') {
        Some(inner) if !inner.ends_with('\\') => inner,
        _ => row,
    };
    let mut cells = vec![String::new()];
    let mut escaped = false;
    for c in row.chars() {
        if c == '|' && !escaped && cells.len() < MOST_CELLS {
            cells.push(String::new());
        } else if let Some(cell) = cells.last_mut() {
            cell.push(c);
        }
        escaped = c == '\\' && !escaped;
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}
