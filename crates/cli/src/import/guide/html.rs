//! A guide's HTML as lines: headings, rows of tables, paragraphs. No more of
//! HTML than that.

use std::ops::Range;

use super::inline::entity;
use super::line::{Line, LineKind, MOST_CELLS, MOST_LINES};

/// Whether a text is HTML: it has a table or a heading of it.
pub(super) fn is_html(source: &str) -> bool {
    let lower = source.to_ascii_lowercase();
    ["<table", "<html", "<!doctype html"]
        .iter()
        .any(|tag| lower.contains(tag))
}

/// The elements that a browser does not show.
const HIDDEN: [&str; 4] = ["script", "style", "head", "template"];

/// Reads HTML; `None` if it has too many lines.
pub(super) fn lines(source: &str) -> Option<Vec<Line>> {
    let mut reader = HtmlReader {
        source,
        lower: source.to_ascii_lowercase(),
        unclosed: Vec::new(),
        at: 0,
        lines: Vec::new(),
        kind: LineKind::Text,
        text: String::new(),
        start: None,
        cells: None,
        literal: false,
    };
    while reader.next() {
        if reader.lines.len() > MOST_LINES {
            return None;
        }
    }
    reader.close();
    Some(reader.lines)
}

struct HtmlReader<'s> {
    source: &'s str,
    /// The same in lower case, with every position unchanged.
    lower: String,
    /// The hidden elements that have no end tag further on.
    unclosed: Vec<&'static str>,
    at: usize,
    lines: Vec<Line>,
    /// The kind of the text that is being read.
    kind: LineKind,
    text: String,
    start: Option<usize>,
    /// The row that is being read.
    cells: Option<(Vec<String>, Option<usize>)>,
    /// Whether the reader is within `<pre>`, where line breaks count.
    literal: bool,
}

impl HtmlReader<'_> {
    fn next(&mut self) -> bool {
        let rest = &self.source[self.at..];
        let Some(c) = rest.chars().next() else {
            return false;
        };
        if rest.starts_with("<!--") {
            self.at += rest.find("-->").map_or(rest.len(), |end| end + 3);
        } else if c == '<'
            && rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!".contains(c))
        {
            let end = rest.find('>').unwrap_or(rest.len());
            let tag = &rest[1..end];
            self.at += (end + 1).min(rest.len());
            self.tag(tag);
        } else if c == '\n' && self.literal {
            self.close();
            self.at += 1;
        } else {
            self.start.get_or_insert(self.at);
            let mut decoded = String::new();
            match entity(rest, &mut decoded) {
                Some(after) => {
                    self.text.push_str(&decoded);
                    self.at = self.source.len() - after.len();
                }
                None => {
                    let space = c.is_whitespace() && !self.literal;
                    self.text.push(if space { ' ' } else { c });
                    self.at += c.len_utf8();
                }
            }
        }
        true
    }

    fn tag(&mut self, tag: &str) {
        let closing = tag.starts_with('/');
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase();
        match name.as_str() {
            "td" | "th" => self.cell(closing),
            "tr" => {
                self.close();
                self.row();
                if !closing {
                    self.cells = Some((Vec::new(), None));
                }
            }
            "table" => {
                self.close();
                self.row();
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.close();
                let level = name[1..].parse().unwrap_or(6);
                self.kind = if closing {
                    LineKind::Text
                } else {
                    LineKind::Heading(level)
                };
            }
            "li" => {
                self.close();
                self.kind = if closing {
                    LineKind::Text
                } else {
                    LineKind::Bullet
                };
            }
            "pre" => {
                self.close();
                self.literal = !closing;
            }
            "p" | "div" | "section" | "article" | "ul" | "ol" | "br" | "hr" | "body" | "html"
            | "thead" | "tbody" | "nav" | "header" | "footer" | "main" | "blockquote" | "dl"
            | "dt" | "dd" | "details" | "summary"
                if self.cells.is_none() =>
            {
                self.close();
            }
            name if !closing => {
                if let Some(hidden) = HIDDEN.iter().find(|hidden| **hidden == name) {
                    self.skip(hidden);
                }
            }
            _ => {}
        }
    }

    /// Moves to the end tag of a hidden element.
    fn skip(&mut self, name: &'static str) {
        if self.unclosed.contains(&name) {
            return;
        }
        match self.lower[self.at..].find(&format!("</{name}")) {
            Some(end) => self.at += end,
            None => self.unclosed.push(name),
        }
    }

    fn cell(&mut self, closing: bool) {
        let text = std::mem::take(&mut self.text);
        let start = self.start.take();
        if let Some((cells, first)) = &mut self.cells
            && closing
            && cells.len() < MOST_CELLS
        {
            cells.push(text.split_whitespace().collect::<Vec<_>>().join(" "));
            *first = first.or(start);
        }
    }

    fn row(&mut self) {
        if let Some((cells, start)) = self.cells.take().filter(|(cells, _)| !cells.is_empty()) {
            let start = start.unwrap_or(self.at);
            self.lines.push(Line {
                at: self.line_of(start),
                text: cells.join(" | "),
                kind: LineKind::Row(cells),
            });
        }
    }

    /// Ends the line that is being read.
    fn close(&mut self) {
        let text = std::mem::take(&mut self.text);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let start = self.start.take().unwrap_or(self.at);
        if self.cells.is_some() && text.is_empty() {
            return;
        }
        let after_blank = self
            .lines
            .last()
            .is_none_or(|line| line.kind == LineKind::Blank);
        if text.is_empty() && after_blank {
            return;
        }
        let kind = if text.is_empty() {
            LineKind::Blank
        } else {
            self.kind.clone()
        };
        self.lines.push(Line {
            at: self.line_of(start),
            text,
            kind,
        });
    }

    /// From the first character that shows to the end of its line, or to where
    /// it has become too long to be shown.
    fn line_of(&self, start: usize) -> Range<usize> {
        const LONGEST: usize = 400;
        let mut end = (start + LONGEST).min(self.source.len());
        while !self.source.is_char_boundary(end) {
            end -= 1;
        }
        let line = &self.source[start..end];
        let shown = line.trim_start();
        let start = start + (line.len() - shown.len());
        start..start + shown.find('\n').unwrap_or(shown.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tags without a text leave no lines, and no position is longer than can be shown: the
    /// work for each does not grow with the file.
    #[test]
    fn little_is_kept() {
        for tag in ["<table>", "<p>", "<tr>", "<style>", "<h1>", "<br>"] {
            let kept = lines(&tag.repeat(1000)).unwrap();
            assert!(kept.is_empty(), "{tag}: {kept:?}");
        }
        let text = format!("<p>{}</p>", "\u{e9}a ".repeat(1000)).repeat(3);
        let kept = lines(&text).unwrap();
        assert_eq!(kept.len(), 6, "three texts, each with a blank line below");
        assert!(kept.iter().all(|line| line.at.len() <= 400));
        assert!(lines(&"a<br>".repeat(MOST_LINES + 1)).is_none());
    }

    #[test]
    fn what_is_not_shown() {
        let shown = |source| {
            let lines = lines(source).unwrap();
            let texts: Vec<String> = lines.into_iter().map(|line| line.text).collect();
            texts.join("/")
        };
        assert_eq!(shown("a<STYLE>b</Style>c<script>d</script>e"), "ace");
        assert_eq!(shown("<style>a<style>b<script>c</script>d"), "abd");
    }
}
