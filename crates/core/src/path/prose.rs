//! The path rules in sentences, for the command and its page.
//!
//! No decision reads this file. A program that does not ask for a text does not contain it.

use super::rule::PathRule;

impl PathRule {
    /// Returns the demand of the rule, in one or two sentences.
    ///
    /// ```
    /// use routescope_core::PathRule;
    ///
    /// assert_eq!(PathRule::DotSegment.summary(), "No segment consists of dots only.");
    /// ```
    #[must_use]
    pub const fn summary(self) -> &'static str {
        match self {
            Self::TooLong => {
                "A target has at most 8,192 bytes, and its path, up to the `?`, at most 2,048."
            }
            Self::NotOriginForm => "A target begins with `/`.",
            Self::Fragment => "A target has no `#`: fragments stay in the browser.",
            Self::QueryBytes => {
                "A query, which follows the `?`, consists of visible ASCII characters (bytes 0x21 to 0x7E)."
            }
            Self::TooManySegments => "A path has at most 32 segments.",
            Self::SegmentTooLong => "A segment has at most 255 bytes, each escape counted as one.",
            Self::Byte => {
                "A path is made of letters, digits, - . _ ~ ! $ & ' ( ) * + , = : @ and %HH escapes."
            }
            Self::BadEscape => "`%` begins an escape, and two hex digits follow it.",
            Self::EncodedDelimiter => {
                r"An escape never stands for a control character or for / \ % ; ? #."
            }
            Self::EncodedUnreserved => "Letters, digits, `-`, `.` and `_` are never escaped.",
            Self::Utf8 => "Escapes from %80 up are UTF-8 in its shortest form.",
            Self::Confusable => {
                "No escape stands for a character that shows nothing, looks like a delimiter, or may become one in a back end."
            }
            Self::EmptySegment => "No segment is empty: `//` does not occur in a path.",
            Self::DotSegment => "No segment consists of dots only.",
            Self::SegmentEdge => "No segment ends in a dot or a space, or begins with a space.",
            Self::ShadowsLiteral => {
                "A value is refused if some system reads it as a literal that could stand in its place, or as a segment with the literals of one such as `{id}:cancel`. Systems ignore case, decode escapes, turn Unicode look-alikes into ASCII, read `+` as a space, drop spaces around a name and + * : \" < > . or a stream such as `::$DATA` after it, and take \" < > for wildcards."
            }
            Self::ColonInValue => {
                "No value contains a colon, raw or escaped. It is a rule of policies with `values: no-colon`."
            }
        }
    }

    /// The attack that the rule stops, in a sentence.
    ///
    /// ```
    /// use routescope_core::PathRule;
    ///
    /// assert!(PathRule::Utf8.attack().contains("overlong"));
    /// ```
    #[must_use]
    pub const fn attack(self) -> &'static str {
        match self {
            Self::TooLong => {
                "A back end may cut a target that is too long for it, and serve a shorter path than the one that was checked."
            }
            Self::NotOriginForm => {
                "Given a whole URL, one server goes by the host and path in it and another by its own, so that the request ends where nobody checked."
            }
            Self::Fragment => {
                "One server cuts the path at `#`, the next reads on: `/public#/../admin` is two different paths."
            }
            Self::QueryBytes => {
                "A space or line break in the query ends the request line early for some servers, which take the rest for a second request that passed no gate."
            }
            Self::TooManySegments => {
                "Servers give up on very deep paths at different depths, and one that drops the rest serves another path than was checked."
            }
            Self::SegmentTooLong => {
                "File systems and servers cut long names, so that a long one can denote another, shorter one."
            }
            Self::Byte => {
                r"Servers disagree on such bytes: Java cuts a segment at `;`, Windows reads `\` as `/`, C cuts at a zero byte, and a line break starts a header of the attacker's."
            }
            Self::BadEscape => {
                "One decoder keeps a broken escape, another drops its `%`: `%%32e` is harmless to the first, and to one that decodes again it is `%2e`, a dot."
            }
            Self::EncodedDelimiter => {
                "A server that decodes before it routes sees other segments: `..%2fadmin` climbs out of the path, and `%252f` does so at the second decoding."
            }
            Self::EncodedUnreserved => {
                "`%2e%2e` is `..` and `%61dmin` is `admin` to every server that decodes; a gate that compares bytes sees neither."
            }
            Self::Utf8 => {
                "`%C0%AF` is a slash in an overlong form: a careless decoder makes a `/` of it, after the check."
            }
            Self::Confusable => {
                "A server that normalises Unicode, or converts it to a Windows code page, turns a full-width slash or a fraction's stroke into a real slash, and people cannot see the difference in a log."
            }
            Self::EmptySegment => {
                "Many servers merge `//` into `/` and serve a path that the gate did not compare."
            }
            Self::DotSegment => {
                "`..` climbs out of the path that was checked, into one that was not."
            }
            Self::SegmentEdge => {
                "Windows and some frameworks drop dots and spaces at the end of a name, and serve `admin.` as `admin`."
            }
            Self::ShadowsLiteral => {
                "A server that takes the value for the literal serves the literal's route, for which other scopes may be needed."
            }
            Self::ColonInValue => {
                "An API with verbs such as `{id}:cancel` serves the verb for a value that contains it, although the policy lists no such route."
            }
        }
    }

    /// Returns a sentence that tells the client what to send instead.
    ///
    /// ```
    /// use routescope_core::PathRule;
    ///
    /// assert_eq!(PathRule::SegmentTooLong.remedy(), "Use a shorter value.");
    /// ```
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::TooLong => {
                "Shorten it; much data belongs into the body of a request, not into its target."
            }
            Self::NotOriginForm => {
                "Send a path: a `/` and the part of the URL that follows the host."
            }
            Self::Fragment => {
                "Leave out the `#` and everything after it; in a query, write it as `%23`."
            }
            Self::QueryBytes => "Escape it.",
            Self::TooManySegments => {
                "No policy has a route this deep: see how the path is put together."
            }
            Self::SegmentTooLong => "Use a shorter value.",
            Self::Byte => "Escape it, as UTF-8.",
            Self::BadEscape => {
                "Complete the escape. A literal `%` cannot be in a path, not even as `%25`."
            }
            Self::EncodedDelimiter => {
                "A value cannot contain this character: use another one, and let the client send the `/` between segments unescaped."
            }
            Self::EncodedUnreserved => "Write the character itself.",
            Self::Utf8 => "Encode text as UTF-8 before escaping it: `ü` is `%C3%BC`, not `%FC`.",
            Self::Confusable => "Use the plain character, or leave it out.",
            Self::EmptySegment => {
                "Write one `/`; or, if a value should stand between the two, find out why it is empty."
            }
            Self::DotSegment => "Write the path that is meant, without dots.",
            Self::SegmentEdge => "Leave it out, or use another value.",
            Self::ShadowsLiteral => {
                "Use another value: one without \" < >, and that no system reads as a literal which could stand there. If the literal's route is meant, write the literal as the policy does."
            }
            Self::ColonInValue => {
                "Use a value without a colon. If it names a verb of the API, the policy must list the verb, as in `{id}:cancel`."
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests")]
mod tests {
    extern crate std;

    use std::string::{String, ToString};
    use std::vec::Vec;

    use super::*;
    use crate::path::{MAX_PATH, MAX_SEGMENT, MAX_SEGMENTS, MAX_TARGET};

    /// `8,192`
    fn thousands(number: usize) -> String {
        match number / 1000 {
            0 => number.to_string(),
            most => std::format!("{most},{:03}", number % 1000),
        }
    }

    #[test]
    fn summaries_name_the_limits() {
        for (rule, limits) in [
            (PathRule::TooLong, &[MAX_TARGET, MAX_PATH][..]),
            (PathRule::TooManySegments, &[MAX_SEGMENTS]),
            (PathRule::SegmentTooLong, &[MAX_SEGMENT]),
        ] {
            for &limit in limits {
                let text = rule.summary();
                assert!(text.contains(&thousands(limit)), "{limit}: {text}");
            }
        }
    }

    #[test]
    fn every_text_of_every_rule_is_a_sentence_that_no_other_has() {
        let texts: [fn(PathRule) -> &'static str; 3] =
            [PathRule::summary, PathRule::attack, PathRule::remedy];
        let mut all: Vec<&str> = texts
            .iter()
            .flat_map(|text| PathRule::ALL.map(text))
            .collect();
        for text in &all {
            assert!(text.ends_with('.'), "{text}");
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
