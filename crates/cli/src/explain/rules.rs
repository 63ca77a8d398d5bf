//! The path rules for people: what each says, and which attack it stops.

use routescope::PathRule;
use routescope::path::{MAX_PATH, MAX_SEGMENT, MAX_SEGMENTS, MAX_TARGET};

use crate::wire::thousands;

/// What a rule says, in a sentence.
pub(super) fn says(rule: PathRule) -> String {
    let max = |bytes: usize| thousands(bytes as u64);
    match rule {
        PathRule::TooLong => format!(
            "A target has at most {} bytes, and its path, up to the `?`, at most {}.",
            max(MAX_TARGET),
            max(MAX_PATH)
        ),
        PathRule::NotOriginForm => "A target begins with `/`.".into(),
        PathRule::Fragment => "A target has no `#`: fragments stay in the browser.".into(),
        PathRule::QueryBytes => {
            "Behind the `?` stand only visible ASCII characters (bytes 0x21 to 0x7E).".into()
        }
        PathRule::TooManySegments => format!("A path has at most {MAX_SEGMENTS} segments."),
        PathRule::SegmentTooLong => {
            format!("A segment has at most {MAX_SEGMENT} bytes, each escape counted as one.")
        }
        PathRule::Byte => {
            "A path is made of letters, digits, - . _ ~ ! $ & ' ( ) * + , = : @ and %HH escapes."
                .into()
        }
        PathRule::BadEscape => "`%` begins an escape, and two hex digits follow it.".into(),
        PathRule::EncodedDelimiter => {
            r"An escape never stands for a control character or for / \ % ; ? #.".into()
        }
        PathRule::EncodedUnreserved => {
            "Letters, digits, `-`, `.` and `_` are written as they are, never escaped.".into()
        }
        PathRule::Utf8 => "Escapes from %80 up are UTF-8 in its shortest form.".into(),
        PathRule::Confusable => {
            "No escape stands for a character that shows nothing, looks like a delimiter, or may become one behind the gateway."
                .into()
        }
        PathRule::EmptySegment => "No segment is empty: `//` does not occur in a path.".into(),
        PathRule::DotSegment => "No segment consists of dots only.".into(),
        PathRule::SegmentEdge => {
            "No segment ends in a dot or a space, or begins with a space.".into()
        }
        PathRule::ShadowsLiteral => {
            "A value is refused if some system reads it as a literal that could stand in its place. Systems ignore case, decode escapes, turn Unicode look-alikes into ASCII, read `+` as a space, drop spaces around a name and + * : \" < > . or a stream such as `::$DATA` behind it, and take \" < > for wildcards."
                .into()
        }
    }
}

/// The attack that a rule stops, in a sentence.
pub(super) const fn attack(rule: PathRule) -> &'static str {
    match rule {
        PathRule::TooLong => {
            "A server behind the gateway may cut what is too long for it, and serve a shorter path than the one that was checked."
        }
        PathRule::NotOriginForm => {
            "Given `http://host/path`, one server goes by the host and path inside it and another by its own, so that the request ends where nobody checked."
        }
        PathRule::Fragment => {
            "One server cuts the path at `#`, the next reads on: `/public#/../admin` is two different paths."
        }
        PathRule::QueryBytes => {
            "A space or line break in the query ends the request line early for some servers, and what follows is a second request that passed no gate."
        }
        PathRule::TooManySegments => {
            "Servers give up on very deep paths at different depths, and one that drops the rest serves another path than was checked."
        }
        PathRule::SegmentTooLong => {
            "File systems and servers cut long names, so that a long one can denote another, shorter one."
        }
        PathRule::Byte => {
            r"Servers disagree on such bytes: Java cuts a segment at `;`, Windows reads `\` as `/`, C cuts at a zero byte, and a line break starts a header of the attacker's."
        }
        PathRule::BadEscape => {
            "One decoder keeps a broken escape, another drops its `%`: `%%32e` is harmless to the first and `%2e`, a dot, to who decodes again."
        }
        PathRule::EncodedDelimiter => {
            "Whoever decodes before routing sees other segments: `..%2fadmin` climbs out of the path, and `%252f` does so at the second decoding."
        }
        PathRule::EncodedUnreserved => {
            "`%2e%2e` is `..` and `%61dmin` is `admin` to every server that decodes; a gate that compares bytes sees neither."
        }
        PathRule::Utf8 => {
            "`%C0%AF` is a slash in an overlong form: a careless decoder makes a `/` of it, after the check."
        }
        PathRule::Confusable => {
            "A server that normalises Unicode, or converts it to a Windows code page, turns a full-width slash or a fraction's stroke into a real slash, and people cannot see the difference in a log."
        }
        PathRule::EmptySegment => {
            "Many servers merge `//` into `/` and serve a path that the gate did not compare."
        }
        PathRule::DotSegment => {
            "`..` climbs out of the path that was checked, into one that was not."
        }
        PathRule::SegmentEdge => {
            "Windows and some frameworks drop dots and spaces at the end of a name, and serve `admin.` as `admin`."
        }
        PathRule::ShadowsLiteral => {
            "A server that takes the value for the literal serves the literal's route, for which other scopes may be needed."
        }
    }
}

/// What to do about it. `bytes` are those that break the rule.
pub(super) fn advice(rule: PathRule, bytes: &[u8]) -> String {
    match rule {
        PathRule::TooLong => {
            "Shorten it; much data belongs into the body of a request, not into its target.".into()
        }
        PathRule::NotOriginForm => {
            "Send a path, such as `/` and what follows the host in the URL.".into()
        }
        PathRule::Fragment => {
            "Leave out the `#` and what follows; in a query, write it as `%23`.".into()
        }
        PathRule::QueryBytes => match bytes {
            [byte] => format!("Escape it: write `%{byte:02X}`."),
            _ => "Escape it.".into(),
        },
        PathRule::TooManySegments => {
            "No policy has a route this deep: see how the path is put together.".into()
        }
        PathRule::SegmentTooLong => "Use a shorter value.".into(),
        PathRule::Byte => match bytes {
            [b';' | b'\\' | 0..=0x1F | 0x7F] => {
                "A value cannot contain it, escaped or not: use another one.".into()
            }
            _ => match std::str::from_utf8(bytes) {
                Ok(_) => {
                    let escaped: String =
                        bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
                    format!("Escape it: write `{escaped}`.")
                }
                Err(_) => "Escape it, as UTF-8.".into(),
            },
        },
        PathRule::BadEscape => {
            "Complete the escape. A `%` that is meant itself cannot be in a path, not even as `%25`."
                .into()
        }
        PathRule::EncodedDelimiter => {
            "A value cannot contain this character: use another one, and let the client send a `/` between segments as it is."
                .into()
        }
        PathRule::EncodedUnreserved => match decoded(bytes) {
            Some(c) => format!("Write `{c}` for `{}`.", String::from_utf8_lossy(bytes)),
            None => "Write the character itself.".into(),
        },
        PathRule::Utf8 => {
            "Encode text as UTF-8 before escaping it: `ü` is `%C3%BC`, not `%FC`.".into()
        }
        PathRule::Confusable => "Use the plain character, or leave it out.".into(),
        PathRule::EmptySegment => {
            "Write one `/`; or, if a value should stand between the two, find out why it is empty."
                .into()
        }
        PathRule::DotSegment => "Write the path that is meant, without dots.".into(),
        PathRule::SegmentEdge => "Leave it out, or use another value.".into(),
        PathRule::ShadowsLiteral => {
            "Use another value: one without \" < >, and that no system reads as a literal which could stand there. If the literal's route is meant, write the literal as the policy does."
                .into()
        }
    }
}

/// The ASCII character that an escape stands for.
fn decoded(escape: &[u8]) -> Option<char> {
    let digits = std::str::from_utf8(escape.strip_prefix(b"%")?).ok()?;
    u8::from_str_radix(digits, 16).ok().map(char::from)
}
