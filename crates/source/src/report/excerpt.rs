//! The part of a file that a message shows: never more of it than a reader
//! takes in, however long its lines are and however far apart its places.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Snippet};

use super::position::POSITION_END;
use super::{Problem, Report};

/// A line of more bytes is cut around its caret.
const LONGEST_LINE: usize = 4096;

/// Places further apart are shown one by one.
const FARTHEST: usize = 16 * 1024;

/// The characters that are kept of a line that is cut: before the caret, above it, and
/// after it.
const BEFORE: usize = 40;
const ABOVE: usize = 60;
const BEHIND: usize = 30;

impl Report {
    /// Adds what a problem points at.
    pub(super) fn excerpts<'r>(&'r self, problem: &'r Problem, message: Group<'r>) -> Group<'r> {
        let places: Vec<(Range<usize>, &str)> = problem
            .places
            .iter()
            .map(|(at, label)| (self.within(at), &**label))
            .collect();
        if let Some(whole) = self.together(&places) {
            let mut snippet = Snippet::source(&self.source[whole.clone()])
                .path(self.file.as_str())
                .line_start(self.position(whole.start).0);
            for (i, (at, label)) in places.into_iter().enumerate() {
                let at = at.start - whole.start..at.end - whole.start;
                snippet = snippet.annotation(annotation(i, at, label));
            }
            return message.element(snippet);
        }
        places
            .into_iter()
            .enumerate()
            .fold(message, |message, (i, (at, label))| {
                let (line, column) = self.position(at.start);
                let (text, at) = self.cut(&at);
                let snippet = Snippet::source(text)
                    .path(format!("{}:{line}:{column}{POSITION_END}", self.file))
                    .line_start(line)
                    .annotation(annotation(i, at, label));
                message.element(snippet)
            })
    }

    /// The lines of all places and the lines between them, if these are few enough to
    /// be shown uncut.
    fn together(&self, places: &[(Range<usize>, &str)]) -> Option<Range<usize>> {
        let first = places.iter().map(|(at, _)| at.start).min()?;
        let last = places.iter().map(|(at, _)| at.end).max()?;
        let start = self.line_of(first);
        if last - start > FARTHEST {
            return None;
        }
        // As far as the line goes, and a bit further if it is too long.
        let rest = &self.source.as_bytes()[last..];
        let rest = &rest[..rest.len().min(LONGEST_LINE + 1)];
        let end = match rest.iter().position(|byte| *byte == b'\n') {
            Some(newline) => last + newline + 1,
            None => last + rest.len(),
        };
        let whole = self.source.get(start..end)?;
        let short = whole.split('\n').all(|line| line.len() <= LONGEST_LINE);
        short.then_some(start..end)
    }

    /// The start of the line that contains a place. There is no line to show after the
    /// last newline: such a place is at the end of the last line.
    fn line_of(&self, offset: usize) -> usize {
        let start = self.lines.line_start(&self.source, offset);
        if start == self.source.len() && start > 0 {
            self.lines.line_start(&self.source, start - 1)
        } else {
            start
        }
    }

    /// The line of a place, cut around it, and the place in the cut line.
    fn cut(&self, at: &Range<usize>) -> (String, Range<usize>) {
        let start = self.line_of(at.start);
        let before = &self.source[start..at.start];
        // As far as the line goes, and a bit further if it is too long.
        let rest = &self.source[at.start..self.floor(at.start + LONGEST_LINE + 4)];
        let line = rest.split('\n').next().unwrap_or_default();
        let long = before.len() + line.len() > LONGEST_LINE;
        let from = match before.char_indices().rev().nth(BEFORE - 1) {
            Some((from, _)) if long => start + from,
            _ => start,
        };
        let up_to =
            |from: usize, characters: usize| match line[from..].char_indices().nth(characters) {
                Some((end, _)) if long => from + end,
                _ => line.len(),
            };
        let caret = (at.end - at.start).min(up_to(0, ABOVE));
        let end = up_to(caret, BEHIND);
        let (left, right) = (
            if from > start { "..." } else { "" },
            if end < line.len() { "..." } else { "" },
        );
        let text = format!(
            "{left}{}{}{right}",
            &self.source[from..at.start],
            line[..end].trim_end_matches('\r')
        );
        let caret_start = left.len() + at.start - from;
        (text, caret_start..caret_start + caret)
    }

    /// The same place, surely inside the source and on character boundaries.
    fn within(&self, at: &Range<usize>) -> Range<usize> {
        self.floor(at.start)..self.floor(at.end.max(at.start))
    }

    /// The last place up to an offset at which a character begins.
    pub(super) fn floor(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.source.len());
        while !self.source.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

fn annotation(index: usize, at: Range<usize>, label: &str) -> Annotation<'_> {
    let kind = if index == 0 {
        AnnotationKind::Primary
    } else {
        AnnotationKind::Context
    };
    let annotation = kind.span(at);
    if label.is_empty() {
        annotation
    } else {
        annotation.label(label)
    }
}
