//! The tables of characters as lists, for the command and its page.

use super::ascii_form::ascii_form;
use super::confusable::is_confusable;

/// The code points beyond ASCII that no segment may contain
/// ([`PathRule::Confusable`](crate::PathRule::Confusable)), as sorted inclusive ranges that do not touch.
///
/// Cost: a look-up for every code point of Unicode, some milliseconds in all.
pub fn confusable_ranges() -> impl Iterator<Item = (u32, u32)> {
    let mut next = 0x80;
    core::iter::from_fn(move || {
        let beyond = u32::from(char::MAX).saturating_add(1);
        let first = (next..beyond).find(|&code_point| is_confusable_character(code_point))?;
        let end = (first..beyond).find(|&code_point| !is_confusable_character(code_point));
        next = end.unwrap_or(beyond);
        Some((first, next.saturating_sub(1)))
    })
}

/// Surrogates are no characters: [`PathRule::Utf8`](crate::PathRule::Utf8) refuses them.
fn is_confusable_character(code_point: u32) -> bool {
    char::from_u32(code_point).is_some() && is_confusable(code_point)
}

/// The characters beyond ASCII that become ASCII text under NFKC and full case
/// folding, in order, each with that text. [`PathRule::ShadowsLiteral`](crate::PathRule::ShadowsLiteral) compares
/// values in this form.
///
/// Cost: a binary search for every code point of Unicode, some milliseconds in all.
pub fn ascii_forms() -> impl Iterator<Item = (char, impl Iterator<Item = char>)> {
    ('\u{80}'..=char::MAX).filter_map(|character| {
        let form = ascii_form(u32::from(character))?.get().to_le_bytes();
        let text = form.into_iter().take_while(|byte| *byte != 0);
        Some((character, text.map(char::from)))
    })
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests")]
mod tests {
    extern crate std;

    use std::string::String;
    use std::vec::Vec;

    use super::*;

    #[test]
    fn ranges_and_forms_are_those_of_the_rules() {
        let ranges: Vec<(u32, u32)> = confusable_ranges().collect();
        assert!(ranges.is_sorted_by(|a, b| a.1 + 1 < b.0));
        let mut forms = ascii_forms().peekable();
        for character in '\u{80}'..=char::MAX {
            let code_point = u32::from(character);
            let at = ranges.partition_point(|range| range.1 < code_point);
            let listed = ranges.get(at).is_some_and(|range| range.0 <= code_point);
            assert_eq!(listed, is_confusable(code_point), "{code_point:04X}");

            let form = forms.next_if(|(first, _)| *first == character);
            let form = form.map(|(_, text)| text.collect::<String>());
            let expected = ascii_form(code_point).map(|form| {
                let bytes = form.get().to_le_bytes();
                let text = bytes.iter().take_while(|byte| **byte != 0);
                text.map(|byte| char::from(*byte)).collect::<String>()
            });
            assert_eq!(form, expected, "{code_point:04X}");
        }
    }
}
