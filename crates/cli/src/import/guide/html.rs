//! A guide's HTML as lines: headings, rows of tables, paragraphs. No more of
//! HTML than that.

use std::ops::Range;

use super::inline::entity;
use super::lines::{Kind, Line};

/// Whether a text is HTML: it has a table or a heading of it.
pub(super) fn is_html(source: &str) -> bool {
    let lower = source.to_ascii_lowercase();
    ["<table", "<html", "<!doctype html"]
        .iter()
        .any(|tag| lower.contains(tag))
}

/// What is not shown.
const HIDDEN: [&str; 4] = ["script", "style", "head", "template"];

pub(super) fn lines(source: &str) -> Vec<Line> {
    let mut reader = Reader {
        source,
        at: 0,
        lines: Vec::new(),
        kind: Kind::Text,
        text: String::new(),
        start: None,
        cells: None,
        literal: false,
    };
    while reader.next() {}
    reader.close();
    reader.lines
}

struct Reader<'s> {
    source: &'s str,
    at: usize,
    lines: Vec<Line>,
    /// What the text that is being read is.
    kind: Kind,
    text: String,
    start: Option<usize>,
    /// The row that is being read.
    cells: Option<(Vec<String>, Option<usize>)>,
    /// Within `<pre>`, where line breaks count.
    literal: bool,
}

impl Reader<'_> {
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
                Some(behind) => {
                    self.text.push_str(&decoded);
                    self.at = self.source.len() - behind.len();
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
                    Kind::Text
                } else {
                    Kind::Heading(level)
                };
            }
            "li" => {
                self.close();
                self.kind = if closing { Kind::Text } else { Kind::Bullet };
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
            hidden if HIDDEN.contains(&hidden) && !closing => self.skip(hidden),
            _ => {}
        }
    }

    /// Moves to the end tag of what is not shown.
    fn skip(&mut self, name: &str) {
        let rest = self.source[self.at..].to_ascii_lowercase();
        self.at += rest.find(&format!("</{name}")).unwrap_or(0);
    }

    fn cell(&mut self, closing: bool) {
        let text = std::mem::take(&mut self.text);
        let start = self.start.take();
        if let Some((cells, first)) = &mut self.cells
            && closing
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
                kind: Kind::Row(cells),
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
        let kind = if text.is_empty() {
            Kind::Blank
        } else {
            self.kind.clone()
        };
        self.lines.push(Line {
            at: self.line_of(start),
            text,
            kind,
        });
    }

    /// From the first character that shows to the end of its line.
    fn line_of(&self, start: usize) -> Range<usize> {
        let rest = &self.source[start..];
        let start = start + (rest.len() - rest.trim_start().len());
        let rest = &self.source[start..];
        start..start + rest.find('\n').unwrap_or(rest.len())
    }
}
