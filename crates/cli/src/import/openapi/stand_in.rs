//! JSON may hold the control characters U+0080 to U+009F, and YAML may not.
//!
//! While such a file is read as YAML, characters of the same length that do not occur in it
//! stand in for them, so that every position stays the same.

use std::borrow::Cow;

use routescope_compiler::unstable::yaml::{Node, Value};
use serde::de::IgnoredAny;

/// The characters that were put in, each with the one that it stands in for.
#[derive(Default)]
pub(super) struct StandIns(Vec<(char, char)>);

/// A text without such characters, if it is JSON and has any.
pub(super) fn without_controls(source: &str) -> (Cow<'_, str>, StandIns) {
    // The only one of them that YAML takes too is U+0085.
    let is_refused = |c: &char| matches!(c, '\u{80}'..='\u{9f}') && *c != '\u{85}';
    let mut present = vec![false; 0x800];
    let mut refused: Vec<char> = Vec::new();
    for c in source.chars().filter(|c| !c.is_ascii()) {
        if let Some(known) = present.get_mut(c as usize)
            && !std::mem::replace(known, true)
            && is_refused(&c)
        {
            refused.push(c);
        }
    }
    let as_is = (Cow::Borrowed(source), StandIns::default());
    if refused.is_empty() || serde_json::from_str::<IgnoredAny>(source).is_err() {
        return as_is;
    }
    let free = ('\u{100}'..'\u{800}').filter(|c| !present[*c as usize]);
    let pairs: Vec<(char, char)> = refused.iter().copied().zip(free).collect();
    if pairs.len() < refused.len() {
        return as_is;
    }
    let put = |c| {
        let pair = pairs.iter().find(|(refused, _)| *refused == c);
        pair.map_or(c, |(_, stand_in)| *stand_in)
    };
    let text = source.chars().map(put).collect();
    (Cow::Owned(text), StandIns(pairs))
}

impl StandIns {
    /// Puts the characters back into the texts of a tree.
    pub(super) fn apply(&self, node: &mut Node) {
        if self.0.is_empty() {
            return;
        }
        match &mut node.value {
            Value::Text(text) => {
                let back = |c| {
                    let pair = self.0.iter().find(|(_, stand_in)| *stand_in == c);
                    pair.map_or(c, |(refused, _)| *refused)
                };
                if !text.is_ascii() {
                    *text = text.chars().map(back).collect();
                }
            }
            Value::List(items) => items.iter_mut().for_each(|item| self.apply(item)),
            Value::Map(entries) => entries.iter_mut().for_each(|(key, value)| {
                self.apply(key);
                self.apply(value);
            }),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_texts_stay() {
        let all: String = ('\u{80}'..='\u{120}').collect();
        let source = format!("{{\"a\": \"{all}\", \"b\": 1}}");
        let (text, stand_ins) = without_controls(&source);
        assert_eq!(text.len(), source.len());
        assert!(!text.contains(['\u{80}', '\u{9f}']) && text.contains('\u{85}'));
        let mut root = routescope_compiler::unstable::yaml::read(&text).unwrap();
        stand_ins.apply(&mut root);
        let Value::Map(entries) = &root.value else {
            panic!("it is a mapping");
        };
        assert!(matches!(&entries[0].1.value, Value::Text(text) if *text == all));
        assert_eq!(&source[entries[1].1.at.clone()], "1");
    }

    /// A text that is no JSON is left unchanged: YAML has no such characters.
    #[test]
    fn only_in_json() {
        for source in [
            "a: \"\u{80}\"",
            "{\"a\": \"\u{e9}\u{2028}\"}",
            "{\"a\": \"\u{80}\"",
        ] {
            assert!(matches!(without_controls(source).0, Cow::Borrowed(_)));
        }
    }
}
