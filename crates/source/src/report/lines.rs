//! Where the lines of a text are: a small index, so that a place is found
//! without reading the text again.

/// The index has an entry every 1024 bytes.
const STEP: usize = 1024;

/// The newlines before an offset.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Mark {
    newlines: usize,
    characters: usize,
    /// The offset at which the line of the byte begins.
    line_start: usize,
}

/// The index of a text. Takes an entry for each [`STEP`] bytes, whatever the
/// lines; a look-up reads no more than that many.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Lines {
    marks: Vec<Mark>,
}

impl Lines {
    pub(super) fn new(source: &str) -> Self {
        let mut marks = Vec::with_capacity(source.len() / STEP + 1);
        let mut mark = Mark {
            newlines: 0,
            characters: 0,
            line_start: 0,
        };
        for (at, block) in (0..).step_by(STEP).zip(source.as_bytes().chunks(STEP)) {
            marks.push(mark);
            mark.characters += characters(block);
            mark.newlines += newlines(block);
            if let Some(newline) = last_newline(block) {
                mark.line_start = at + newline + 1;
            }
        }
        // The end of the text may begin another block.
        marks.push(mark);
        Self { marks }
    }

    /// Line and column of a byte, counted from 1, columns in characters.
    pub(super) fn position(&self, source: &str, offset: usize) -> (usize, usize) {
        let (mark, block) = self.block(source, offset);
        let column = self.characters_before(source, offset)
            - self.characters_before(source, self.line_start(source, offset));
        (mark.newlines + newlines(block) + 1, column + 1)
    }

    /// Returns the offset at which the line of a byte begins.
    pub(super) fn line_start(&self, source: &str, offset: usize) -> usize {
        let (mark, block) = self.block(source, offset);
        match last_newline(block) {
            Some(newline) => offset - block.len() + newline + 1,
            None => mark.line_start,
        }
    }

    fn characters_before(&self, source: &str, offset: usize) -> usize {
        let (mark, block) = self.block(source, offset);
        mark.characters + characters(block)
    }

    /// The last entry before a byte, and the bytes between the two.
    fn block<'s>(&self, source: &'s str, offset: usize) -> (Mark, &'s [u8]) {
        let entry = offset / STEP;
        (self.marks[entry], &source.as_bytes()[entry * STEP..offset])
    }
}

fn newlines(block: &[u8]) -> usize {
    block.iter().filter(|byte| **byte == b'\n').count()
}

/// Each character has one byte that is no continuation of another.
fn characters(block: &[u8]) -> usize {
    block.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

fn last_newline(block: &[u8]) -> Option<usize> {
    block.iter().rposition(|byte| *byte == b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As one would count by hand.
    fn counted(source: &str, offset: usize) -> (usize, usize) {
        let before = &source[..offset];
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (
            before.matches('\n').count() + 1,
            before[start..].chars().count() + 1,
        )
    }

    #[test]
    fn every_place_of_every_text() {
        for (what, source) in [
            ("empty", String::new()),
            ("one line", "abc".to_owned()),
            ("a newline at the end", "abc\n".to_owned()),
            ("only newlines", "\n".repeat(3 * STEP)),
            ("one long line", "a".repeat(3 * STEP)),
            ("characters across entries", "aé日😀".repeat(STEP)),
            ("short lines", "é\r\nab\n".repeat(STEP)),
            (
                "a line as long as an entry",
                format!("{}\nx", "a".repeat(STEP - 1)),
            ),
        ] {
            let lines = Lines::new(&source);
            let places = source.char_indices().map(|(at, _)| at);
            // The first and last of many, and around each entry.
            for at in places.chain([source.len()]) {
                if source.len() > 4 * STEP && at % STEP > 8 && at % STEP < STEP - 8 {
                    continue;
                }
                assert_eq!(
                    lines.position(&source, at),
                    counted(&source, at),
                    "{what}: {at}"
                );
            }
        }
    }
}
