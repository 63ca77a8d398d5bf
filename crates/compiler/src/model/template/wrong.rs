//! Errors of a template's text, with advice.

use std::ops::Range;

use routescope_core::path::{self, BadPath, PathRule};

use super::foreign::{PARTS, bare, interpolated, spread};
use super::spell::{canonical, spell};
use super::{BadTemplate, Part, Template};
use crate::source::report::quoted;

pub(super) fn after_catch_all(at: Range<usize>) -> BadTemplate {
    BadTemplate::new(
        at,
        "nothing may stand behind a catch-all",
        "end the path with it: it takes one or more segments, with or without a trailing slash",
    )
}

/// The path that the author of one without a leading slash probably wants.
pub(super) fn with_slash(text: &str) -> String {
    if text == "*" {
        return "write `/{*path}` for every path but `/`".to_owned();
    }
    let (advice, path) = match text.split_once("://") {
        Some((_, rest)) => (
            "leave out the scheme and the host",
            rest.find('/').map(|slash| rest[slash..].to_owned()),
        ),
        None => {
            let path = text.replace('\\', "/");
            let path = format!("/{}", path.trim_start_matches('/'));
            if Template::reads(&path) {
                return format!("write {}", quoted(&path));
            }
            ("begin the path with a `/`", None)
        }
    };
    match path.filter(|path| Template::reads(path)) {
        Some(path) => format!("{advice}: write {}", quoted(&path)),
        None => format!("{advice}, and write the path as a route has it, such as `/things/{{id}}`"),
    }
}

/// The offset of the query in a text that has one after its path.
pub(super) fn query_at(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    let mut before = ' ';
    text.char_indices().find_map(|(at, c)| {
        // `/things{?page}` has a query, `/things/{id?}` has none.
        let begins = c == '?' && (depth == 0 || before == '{');
        match c {
            '{' | '(' | '<' | '[' => depth += 1,
            '}' | ')' | '>' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let begins_at = at - usize::from(before == '{');
        before = c;
        begins.then_some(begins_at)
    })
}

/// The error for a query.
pub(super) fn query(text: &str, at: usize) -> BadTemplate {
    let segment = text[..at].rfind('/').map_or(0, |slash| slash + 1);
    let last = text[at..].find('/').map_or(text.len(), |slash| at + slash);
    if let Some(foreign) = text[segment..last]
        .starts_with(':')
        .then(|| bare(&text[segment..last], last == text.len()))
        .flatten()
    {
        return foreign.refused(text, segment..last, false);
    }
    let path = &text[..at];
    let help = if Template::reads(path) {
        format!(
            "leave it out: write `{path}`, which answers whatever the query is, and without one"
        )
    } else {
        "leave it out, from here on: a route answers whatever the query is, and without one"
            .to_owned()
    };
    let end = at + 1 + usize::from(text[at..].starts_with('{'));
    BadTemplate::new(
        at..end,
        "`?` begins a query, which is no part of a route",
        help,
    )
}

pub(super) fn bad_braces(whole: &Part<'_>) -> BadTemplate {
    let Part { part, text, .. } = *whole;
    let at = whole.at.clone();
    if let Some(foreign) = interpolated(part) {
        return foreign.refused(text, at, false);
    }
    if let Some((foreign, at)) = spread(text) {
        return foreign.refused(text, at, false);
    }
    // Advice that would be refused in turn is none.
    let write = |name: &str| {
        let ours = format!("{{{name}}}");
        if Template::reads(&format!("/{ours}")) {
            format!("write `{ours}`")
        } else {
            "a segment is one parameter, such as `{id}`, or none".to_owned()
        }
    };
    let (opened, closed) = (part.matches('{').count(), part.matches('}').count());
    if opened == closed && opened > 1 && !part.contains("{{") && !part.contains("}}") {
        return BadTemplate::new(
            at,
            format!("{} has several parameters", quoted(part)),
            PARTS,
        );
    }
    match (part.strip_prefix('{'), part.strip_suffix('}')) {
        (Some(name), _) if (opened, closed) == (1, 0) => {
            BadTemplate::new(at, format!("{} lacks its `}}`", quoted(part)), write(name))
        }
        (_, Some(name)) if (opened, closed) == (0, 1) => {
            BadTemplate::new(at, format!("{} lacks its `{{`", quoted(part)), write(name))
        }
        (Some(_), Some(_)) => BadTemplate::new(
            at,
            format!("{} has too many braces", quoted(part)),
            write(part.trim_matches(['{', '}'])),
        ),
        _ => BadTemplate::new(
            at,
            format!("the braces of {} are no pair", quoted(part)),
            PARTS,
        ),
    }
}

pub(super) fn affix_of_catch_all(whole: &Part<'_>) -> BadTemplate {
    BadTemplate::new(
        whole.at.clone(),
        format!("{} is a catch-all with text beside it", quoted(whole.part)),
        "a catch-all takes whole segments: end the path with `{*name}`, which is wider",
    )
}

pub(super) fn escape_in_affix(whole: &Part<'_>) -> BadTemplate {
    BadTemplate::new(
        whole.at.clone(),
        format!("{} has an escape beside a parameter", quoted(whole.part)),
        "write the text before and behind a parameter without escapes; or put `{name}` in place of the segment, which is wider: it takes any one segment",
    )
}

/// The error for a parameter with text beside it that breaks a path rule. `example` is the
/// segment with a value.
pub(super) fn refused_affix(whole: &Part<'_>, example: &str, refused: BadPath) -> BadTemplate {
    let part = quoted(whole.part);
    let odd = example
        .get(refused.at..)
        .and_then(|rest| rest.chars().next());
    let message = match (refused.rule, odd) {
        (PathRule::Fragment, _) => "`#` begins a fragment, which no request has".to_owned(),
        (PathRule::Byte, Some(' ')) => format!("{part} contains a space"),
        (PathRule::Byte, Some(odd)) => format!("`{odd}` may not stand in a path"),
        (PathRule::SegmentEdge, _) => format!("{part} ends with a dot"),
        (PathRule::SegmentTooLong, _) => {
            format!("a segment of more than {} bytes", path::MAX_SEGMENT)
        }
        (rule, _) => format!("{part} breaks the path rule `{rule}`"),
    };
    BadTemplate::new(whole.at.clone(), message, never(refused.rule)).which(refused.rule.as_str())
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
        PathRule::Fragment => (
            "`#` begins a fragment, which no request has".to_owned(),
            "leave it out, from the `#` on".to_owned(),
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
            match canonical(part) {
                fixed if path::check_segment(fixed.as_bytes()).is_ok() => format!("write `{fixed}`"),
                _ => never(refused.rule),
            },
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
        | PathRule::ShadowsLiteral
        | PathRule::ColonInValue => (
            format!("{} breaks the path rule `{}`", quoted(part), refused.rule),
            never(refused.rule),
        ),
    };
    // A caret under the character or the escape where the rule is about one.
    let from = at.start + refused.at;
    let at = match refused.rule {
        PathRule::Byte | PathRule::Fragment => from..from + odd.len_utf8(),
        PathRule::BadEscape | PathRule::EncodedDelimiter | PathRule::EncodedUnreserved => {
            from..from + escape.len()
        }
        PathRule::EmptySegment => {
            at.start.saturating_sub(1)..at.end + usize::from(at.end < text.len())
        }
        _ => at,
    };
    BadTemplate::new(at, message, help).which(refused.rule.as_str())
}

/// The advice for a segment that no spelling makes legal.
fn never(rule: PathRule) -> String {
    format!("leave it out: a request with it is refused (path rule `{rule}`)")
}
