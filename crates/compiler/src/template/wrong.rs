//! What is wrong with a template's text, in words that say what to do.

use std::ops::Range;

use routescope_core::path::{self, BadPath, PathRule};

use super::spell::{canonical, spell};
use super::{BadTemplate, Segment};
use crate::report::quoted;

pub(super) fn after_catch_all(at: Range<usize>) -> BadTemplate {
    BadTemplate {
        at,
        message: "nothing may stand behind a catch-all".into(),
        help:
            "end the path with it: it takes one or more segments, with or without a trailing slash"
                .into(),
    }
}

/// The path that one without a leading slash is probably meant to be.
pub(super) fn with_slash(text: &str) -> String {
    if text == "*" {
        return "write `/{*path}` for every path but `/`".to_owned();
    }
    match text.split_once("://") {
        Some((_, rest)) => match rest.find('/') {
            Some(slash) => format!(
                "leave out the scheme and the host: write {}",
                quoted(&rest[slash..])
            ),
            None => "leave out the scheme and the host, and write the path".to_owned(),
        },
        None => {
            let path = text.replace('\\', "/");
            format!(
                "write {}",
                quoted(&format!("/{}", path.trim_start_matches('/')))
            )
        }
    }
}

pub(super) fn bad_braces(part: &str, at: Range<usize>) -> Result<Segment, BadTemplate> {
    let (opened, closed) = (part.matches('{').count(), part.matches('}').count());
    let (message, help) = match (part.strip_prefix('{'), part.strip_suffix('}')) {
        (Some(name), _) if (opened, closed) == (1, 0) => (
            format!("{} lacks its `}}`", quoted(part)),
            format!("write `{{{name}}}`"),
        ),
        (_, Some(name)) if (opened, closed) == (0, 1) => (
            format!("{} lacks its `{{`", quoted(part)),
            format!("write `{{{name}}}`"),
        ),
        (Some(_), Some(_)) => {
            let name = part.trim_matches(['{', '}']);
            let help = if name.contains(['{', '}']) {
                "a segment is one parameter, such as `{id}`, or none".to_owned()
            } else {
                format!("write `{{{name}}}`")
            };
            (format!("{} has too many braces", quoted(part)), help)
        }
        _ => (
            format!("{} is a parameter and more", quoted(part)),
            "a parameter is a whole segment: write `{name}`, which takes any one segment"
                .to_owned(),
        ),
    };
    Err(BadTemplate { at, message, help })
}

pub(super) fn refused_literal(
    part: &str,
    at: Range<usize>,
    refused: BadPath,
    text: &str,
) -> BadTemplate {
    let odd = part
        .get(refused.at..)
        .and_then(|rest| rest.chars().next())
        .unwrap_or(' ');
    let escape = part
        .get(refused.at..part.len().min(refused.at + 3))
        .unwrap_or(part);
    let (message, help) = match refused.rule {
        PathRule::EmptySegment => (
            format!("the path {} has an empty segment", quoted(text)),
            "write one slash".to_owned(),
        ),
        PathRule::Byte if odd == ' ' => (
            format!("the path {} contains a space", quoted(text)),
            "write one route a line, a method and a path; a space within a path is `%20`".to_owned(),
        ),
        PathRule::Byte if odd == '?' => (
            "`?` begins a query, which is no part of a path".to_owned(),
            "leave it out, from the `?` on: a route answers with and without a query".to_owned(),
        ),
        PathRule::Fragment => (
            "`#` begins a fragment, which no request has".to_owned(),
            "leave it out, from the `#` on".to_owned(),
        ),
        PathRule::Byte if part.starts_with('<') && part.ends_with('>') => (
            format!("{} is no parameter", quoted(part)),
            format!("write `{{{}}}`", part.trim_matches(['<', '>'])),
        ),
        PathRule::Byte => {
            let escaped: String = part.bytes().map(spell).collect();
            let help = if path::check_segment(escaped.as_bytes()).is_ok() {
                format!("write the segment percent-encoded, `{escaped}`, as it comes on the wire")
            } else {
                never(refused.rule)
            };
            (format!("`{odd}` may not stand in a path"), help)
        }
        PathRule::DotSegment => (
            format!("`{part}` is a dot segment"),
            "write the path that it leads to, without dot segments: a request with one is refused".to_owned(),
        ),
        PathRule::SegmentEdge => (
            format!("{} begins or ends with a space, or ends with a dot", quoted(part)),
            never(refused.rule),
        ),
        PathRule::SegmentTooLong => (
            format!("a segment of more than {} bytes", path::MAX_SEGMENT),
            "shorten it: a request with such a segment is refused".to_owned(),
        ),
        PathRule::BadEscape => (
            "a `%` without two hex digits".to_owned(),
            "write `%` and two hex digits, such as `%20` for a space; a `%` itself cannot stand in a path".to_owned(),
        ),
        PathRule::EncodedDelimiter => (
            format!("`{escape}` stands for a delimiter or a control character"),
            never(refused.rule),
        ),
        PathRule::EncodedUnreserved => (
            format!("`{escape}` stands for a character that needs no escape"),
            format!("write `{}`", canonical(part)),
        ),
        PathRule::Utf8 => (
            format!("the escapes of {} are not UTF-8", quoted(part)),
            never(refused.rule),
        ),
        PathRule::Confusable => (
            format!("{} has an escape of a look-alike or invisible character", quoted(part)),
            never(refused.rule),
        ),
        PathRule::TooLong
        | PathRule::NotOriginForm
        | PathRule::QueryBytes
        | PathRule::TooManySegments
        | PathRule::ShadowsLiteral => (
            format!("{} breaks the path rule `{}`", quoted(part), refused.rule),
            never(refused.rule),
        ),
    };
    // A caret under the character or the escape where the rule is about one.
    let from = at.start + refused.at;
    let at = match refused.rule {
        PathRule::Byte if part.starts_with('<') && part.ends_with('>') => at,
        PathRule::Byte | PathRule::Fragment => from..from + odd.len_utf8(),
        PathRule::BadEscape | PathRule::EncodedDelimiter | PathRule::EncodedUnreserved => {
            from..from + escape.len()
        }
        PathRule::EmptySegment => {
            at.start.saturating_sub(1)..at.end + usize::from(at.end < text.len())
        }
        _ => at,
    };
    BadTemplate { at, message, help }
}

/// What is left to say where no spelling would do.
fn never(rule: PathRule) -> String {
    format!("leave it out: a request with it is refused (path rule `{rule}`)")
}
