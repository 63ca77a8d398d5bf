//! The operations that a person should know of: of each kind the first ones with their places, and
//! the number of all.

use std::collections::HashMap;

use super::refusals::position;
use crate::wire::count;

/// This many of a kind are named.
const MOST_NAMED: usize = 3;

/// Operations by kind, in memory that does not grow with their number.
#[derive(Default)]
pub(super) struct Mentions(HashMap<&'static str, Mention>);

#[derive(Default)]
struct Mention {
    count: u64,
    /// The first ones, each with its offset in the source.
    first: Vec<(String, usize)>,
}

impl Mentions {
    /// Counts an operation, whose text is only asked for if it is named.
    pub(super) fn add(&mut self, kind: &'static str, at: usize, text: impl FnOnce() -> String) {
        let mention = self.0.entry(kind).or_default();
        mention.count += 1;
        if mention.first.len() < MOST_NAMED {
            mention.first.push((text(), at));
        }
    }

    /// A line about the operations of a kind, of which `says` tells what was done with them; `None`
    /// if there are none.
    pub(super) fn line(&self, kind: &str, says: &str, source: &str) -> Option<String> {
        let mention = self.0.get(kind)?;
        let named = mention.first.iter();
        let named: Vec<String> = named
            .map(|(text, at)| format!("{text} ({})", position(source, *at)))
            .collect();
        let more = match mention.count - named.len() as u64 {
            0 => String::new(),
            more => format!(" and {}", count(more, "other")),
        };
        let all = count(mention.count, "operation");
        Some(format!("{says}: {all}: {}{more}", named.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_ones_and_the_count() {
        let mut mentions = Mentions::default();
        for at in 0..5 {
            mentions.add("skip", at, || format!("GET /{at}"));
        }
        mentions.add("public", 3, || "GET /".into());
        let line = |kind| mentions.line(kind, "left out", "ab\ncdef");
        assert_eq!(
            line("skip").as_deref(),
            Some("left out: 5 operations: GET /0 (1:1), GET /1 (1:2), GET /2 (1:3) and 2 others")
        );
        assert_eq!(
            line("public").as_deref(),
            Some("left out: 1 operation: GET / (2:1)")
        );
        assert_eq!(line("other"), None);
    }
}
