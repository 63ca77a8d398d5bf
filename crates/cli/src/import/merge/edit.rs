//! Edits of a text by lines.

use std::ops::Range;

use routescope_compiler::Problem;

/// A text that is edited.
#[derive(Clone, Copy)]
pub(super) struct Text<'t>(pub(super) &'t str);

/// A range of the text, and its replacement.
pub(super) type Edit = (Range<usize>, String);

impl Text<'_> {
    /// Edits replace whole lines, so a line must not have anything else.
    pub(super) fn own_lines(&self, at: Range<usize>) -> std::result::Result<(), Box<Problem>> {
        let before = &self.0[self.line(at.start).start..at.start];
        let after = &self.0[at.end..self.next_line(at.end)];
        let after = after.trim();
        let alone = before.chars().all(|c| c == ' ' || c == '-')
            && (after.is_empty()
                || after.starts_with('#')
                || after == ":"
                || after.starts_with(": #"));
        if alone {
            return Ok(());
        }
        Err(Box::new(
            Problem::error(
                at,
                "this shares a line with something else, so that it cannot be edited in place",
            )
            .help("run `routescope fmt` on the file first"),
        ))
    }

    /// The line of an offset, without its end.
    pub(super) fn line(&self, at: usize) -> Range<usize> {
        let start = self.0[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let end = self.0[at..]
            .find('\n')
            .map_or(self.0.len(), |newline| at + newline);
        start..end
    }

    /// The line where a field of the policy begins.
    pub(super) fn field(&self, name: &str) -> Option<usize> {
        let begins = |line: &str| {
            let rest = line.strip_prefix(name);
            rest.is_some_and(|rest| rest.trim_start().starts_with(':'))
        };
        let mut start = 0;
        for line in self.0.split_inclusive('\n') {
            if begins(line) {
                return Some(start);
            }
            start += line.len();
        }
        None
    }

    pub(super) fn next_line(&self, at: usize) -> usize {
        (self.line(at).end + 1).min(self.0.len())
    }

    /// The beginning of a line, the comments right above it included.
    pub(super) fn above(&self, at: usize) -> usize {
        let mut start = self.line(at).start;
        let indent = self.0[start..].len() - self.0[start..].trim_start_matches(' ').len();
        while start > 0 {
            let above = self.line(start - 1);
            let text = &self.0[above.clone()];
            let comment = text.trim_start();
            if !comment.starts_with('#') || text.len() - comment.len() != indent {
                break;
            }
            start = above.start;
        }
        start
    }

    /// The end of the line of `last` and of the comments below it that are indented deeper than
    /// `indent`.
    pub(super) fn end_of_block(&self, last: usize, indent: usize) -> usize {
        let mut end = self.next_line(last);
        while end < self.0.len() {
            let text = &self.0[self.line(end)];
            let comment = text.trim_start();
            if !comment.starts_with('#') || text.len() - comment.len() <= indent {
                break;
            }
            end = self.next_line(end);
        }
        end
    }
}

/// Applies edits that do not overlap; insertions at one position keep their order.
pub(super) fn apply(source: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|(at, _)| (at.start, at.end));
    let mut text = String::with_capacity(source.len());
    let mut done = 0;
    for (at, new) in edits {
        text.push_str(&source[done..at.start.max(done)]);
        text.push_str(&new);
        done = done.max(at.end);
    }
    text.push_str(&source[done..]);
    text
}
