//! Notations of other routers, which read like a path and would match nothing
//! that their author has in mind: what they are, and how it is written here.

use std::ops::Range;

use super::{BadTemplate, Template};
use crate::source::report::quoted;

/// A segment in another notation.
pub(super) struct Foreign {
    /// The product or standard that uses this notation.
    whose: &'static str,
    /// The meaning that it has there.
    what: &'static str,
    ours: Ours,
}

/// How it is written here.
enum Ours {
    /// This takes the same.
    Same(String),
    /// This takes any one segment, which is more.
    Wider(String),
    /// A catch-all of this name.
    CatchAll(String),
    /// One segment or all that follow: who can say.
    Either(String),
    /// Two paths, with a parameter of this name and without.
    Optional(String),
    /// The path without the segment.
    Without,
    /// Not at all; and what to do.
    Nothing(&'static str),
}

pub(super) const PARTS: &str = "a segment has one parameter at most, with text before or behind it, such as `{id}:cancel`: list the paths one by one, or put `{name}` in place of the segment, which is wider: it takes any one segment";

const PATTERN: &str = "a route has no patterns: list the paths one by one, or put `{name}` in place of a segment, which is wider: it takes any one segment";

const NOT_LAST: &str = "a catch-all stands at the end of a path: end the path there with `{*name}`, which is wider, or list the paths one by one";

/// The notation that a segment without braces is in, if it is in another one.
pub(super) fn bare(part: &str, last: bool) -> Option<Foreign> {
    let foreign = |whose, what, ours| Some(Foreign { whose, what, ours });
    if let Some(rest) = part.strip_prefix(':').filter(|rest| begins_name(rest)) {
        let (name, behind) = name_and_rest(rest);
        let ours = match behind {
            "" => Ours::Same(parameter(name)),
            "?" => Ours::Optional(name.to_owned()),
            "*" | "+" => catch_all(name, last),
            _ if behind.starts_with('(') && behind.ends_with(')') => Ours::Wider(parameter(name)),
            _ => {
                let ours = parameter(name) + behind;
                match Template::reads(&format!("/{ours}")) && !behind.contains(':') {
                    true => Ours::Same(ours),
                    false => Ours::Nothing(PARTS),
                }
            }
        };
        return foreign("Express, Gin and Rails", "a parameter", ours);
    }
    if let Some(inner) = part
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
    {
        return foreign("Flask and Django", "a parameter", in_angles(inner, last));
    }
    if let Some(inner) = part
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        let inner = inner.trim_matches(['[', ']']);
        let (whose, what) = ("Next.js", "a parameter");
        match inner.strip_prefix("...") {
            Some(name) if is_name(name) => return foreign(whose, what, catch_all(name, last)),
            None if is_name(inner) => return foreign(whose, what, Ours::Same(parameter(inner))),
            _ => {}
        }
    }
    if let Some(name) = part.strip_prefix('$').filter(|name| like_an_id(name)) {
        return foreign(
            "Remix and TanStack",
            "a parameter",
            Ours::Same(parameter(name)),
        );
    }
    if is_pattern(part) {
        let everything = [".*", "(.*)", ".+", "(.+)"].contains(&part);
        let ours = if everything && last {
            Ours::Either("name".to_owned())
        } else {
            Ours::Nothing(PATTERN)
        };
        return foreign("regular expressions", "a pattern", ours);
    }
    match part {
        "*" if last => foreign("globs", "a wildcard", Ours::Either("name".to_owned())),
        "*" => foreign("globs", "a wildcard", Ours::Same(parameter("name"))),
        "**" => foreign("globs", "any number of segments", catch_all("name", last)),
        _ => match part.strip_prefix('*') {
            Some(name) if is_name(name) && last => foreign(
                "Gin, Rails and globs",
                "a wildcard",
                Ours::CatchAll(name.to_owned()),
            ),
            _ if part.contains('*') => {
                foreign("globs", "a part of a segment", Ours::Nothing(PARTS))
            }
            _ => None,
        },
    }
}

/// The notation that text before or behind a parameter is in, if it is in another one.
pub(super) fn in_affix(prefix: &str, suffix: &str) -> Option<Foreign> {
    let (whose, what) = if is_pattern(prefix) || is_pattern(suffix) {
        ("regular expressions", "a pattern")
    } else if prefix.contains('*') || suffix.contains('*') {
        ("globs", "a part of a segment")
    } else {
        return None;
    };
    let ours = Ours::Nothing(PARTS);
    Some(Foreign { whose, what, ours })
}

/// The foreign notation of a text between `{` and `}`, if it is one.
pub(super) fn braced(inner: &str, last: bool) -> Option<Foreign> {
    let foreign = |whose, what, ours| Some(Foreign { whose, what, ours });
    if inner == "$" {
        return foreign("Go's ServeMux", "the end of a path", Ours::Without);
    }
    if let Some(name) = inner.strip_suffix("...") {
        return foreign("Go's ServeMux", "a catch-all", catch_all(name, last));
    }
    if let Some(name) = inner.strip_prefix("**") {
        let name = name_and_rest(name).0;
        return foreign("ASP.NET", "a catch-all", catch_all(name, last));
    }
    let unstarred = inner.strip_prefix('*').unwrap_or(inner);
    if let Some(name) = unstarred.strip_prefix(':').filter(|name| is_name(name)) {
        return foreign(
            "Express and RFC 6570",
            "a parameter",
            Ours::Same(parameter(name)),
        );
    }
    if let Some(name) = unstarred.strip_prefix('+').filter(|name| is_name(name)) {
        return foreign("RFC 6570", "a value with slashes", catch_all(name, last));
    }
    if unstarred.starts_with(['?', '&', '#']) {
        return foreign("RFC 6570", "a query", Ours::Without);
    }
    if unstarred.starts_with(['.', ';', '/', '|', '!', '@']) || unstarred.contains(',') {
        return foreign("RFC 6570", "a part of a segment", Ours::Nothing(PARTS));
    }
    if let Some(name) = unstarred.strip_suffix('?') {
        return foreign(
            "ASP.NET",
            "an optional segment",
            Ours::Optional(name_of(name)),
        );
    }
    if let Some(name) = unstarred.strip_suffix('+').filter(|name| is_name(name)) {
        return foreign("Amazon API Gateway", "a catch-all", catch_all(name, last));
    }
    if let Some(name) = unstarred.strip_suffix('*').filter(|name| is_name(name)) {
        return foreign("hapi", "a catch-all", catch_all(name, last));
    }
    if let Some((name, pattern)) = unstarred.split_once('=') {
        let name = name_of(name);
        let ours = match pattern {
            "*" => Ours::Same(parameter(&name)),
            "**" => catch_all(&name, last),
            _ => Ours::Wider(parameter(&name)),
        };
        return foreign("gRPC transcoding", "a parameter with a pattern", ours);
    }
    if let Some((name, pattern)) = unstarred.split_once([':', '<', '(']) {
        let name = name_of(name);
        let ours = match pattern {
            _ if unstarred.len() < inner.len() => catch_all(&name, last),
            "path" => catch_all(&name, last),
            ".*" | ".+" if last => Ours::Either(name),
            _ => Ours::Wider(parameter(&name)),
        };
        return foreign(
            "other routers",
            "a parameter with a type or a pattern",
            ours,
        );
    }
    None
}

/// The whole path `/v1/{name=projects/*/locations/*}`, whose pattern has slashes.
pub(super) fn spread(text: &str) -> Option<(Foreign, Range<usize>)> {
    let open = text.find('{')?;
    let close = open + text[open..].find('}')?;
    let (name, pattern) = text[open + 1..close].split_once('=')?;
    if !pattern.contains('/') || pattern.contains('{') {
        return None;
    }
    let name = name_of(name);
    let mut number = 0;
    let segments: Vec<String> = pattern
        .split('/')
        .map(|segment| match segment {
            "*" | "**" => {
                number += 1;
                let star = if segment == "**" { "*" } else { "" };
                match number {
                    1 => format!("{{{star}{name}}}"),
                    _ => format!("{{{star}{name}{number}}}"),
                }
            }
            _ => segment.to_owned(),
        })
        .collect();
    let ours = Ours::Same(segments.join("/"));
    let foreign = Foreign {
        whose: "gRPC transcoding",
        what: "a parameter with a pattern",
        ours,
    };
    Some((foreign, open..close + 1))
}

/// `${id}`, as a program would fill it in.
pub(super) fn interpolated(part: &str) -> Option<Foreign> {
    let name = part.strip_prefix("${")?.strip_suffix('}')?;
    is_name(name).then(|| Foreign {
        whose: "shells and JavaScript",
        what: "a parameter",
        ours: Ours::Same(parameter(name)),
    })
}

impl Foreign {
    /// The error for a part of a path in this notation; `literal` says whether the
    /// segment would be legal as a literal.
    pub(super) fn refused(self, text: &str, at: Range<usize>, literal: bool) -> BadTemplate {
        let Self { whose, what, ours } = self;
        let message = format!(
            "{} is the notation of {whose} for {what}",
            quoted(&text[at.clone()])
        );
        let with = |ours: &str| advice(text, &at, ours);
        let help = match &ours {
            Ours::Same(ours) => format!("write {}", with(ours)),
            Ours::Wider(ours) => format!(
                "write {}, which is wider: it takes any one segment there",
                with(ours)
            ),
            Ours::CatchAll(name) => format!(
                "write {}, which takes one or more segments, with or without a trailing slash",
                with(&format!("{{*{name}}}"))
            ),
            Ours::Either(name) => format!(
                "write {} for any one segment, or {} for all that follow: one or more segments",
                with(&parameter(name)),
                with(&format!("{{*{name}}}"))
            ),
            Ours::Optional(name) => {
                let without = without(text, &at);
                let with = with(&parameter(name));
                match without {
                    Some(without) => {
                        format!("no segment is optional: list both paths, {with} and `{without}`")
                    }
                    None => format!(
                        "no segment is optional: list the path with {with} and the path without"
                    ),
                }
            }
            Ours::Without => match without(text, &at) {
                Some(without) => format!("leave it out: write `{without}`"),
                None => "leave it out".to_owned(),
            },
            Ours::Nothing(help) => (*help).to_owned(),
        };
        let mut bad = BadTemplate::new(at, message, help).which(what);
        bad.literal = literal;
        bad
    }
}

/// The path with `ours` in its place, if that is one; else `ours` alone.
fn advice(text: &str, at: &Range<usize>, ours: &str) -> String {
    let whole = format!("{}{ours}{}", &text[..at.start], &text[at.end..]);
    // A catch-all also takes the slash after it.
    let trimmed = whole.strip_suffix('/').unwrap_or_default();
    [whole.as_str(), trimmed]
        .into_iter()
        .find(|path| Template::reads(path))
        .map_or_else(|| format!("`{ours}` there"), |path| format!("`{path}`"))
}

/// The path without a segment, if that is one.
fn without(text: &str, at: &Range<usize>) -> Option<String> {
    let (before, behind) = (&text[..at.start], &text[at.end..]);
    // One of the two slashes goes with it.
    let path = match (before.strip_suffix('/'), behind) {
        (Some(parent), "") if !parent.is_empty() => parent.to_owned(),
        (Some(parent), _) if !behind.is_empty() => format!("{parent}{behind}"),
        _ => format!("{before}{behind}"),
    };
    Template::reads(&path).then_some(path)
}

/// `<id>`, `<int:id>`, `<id:[0-9]+>`
fn in_angles(inner: &str, last: bool) -> Ours {
    match inner.split_once(':') {
        None if is_name(inner) => Ours::Same(parameter(inner)),
        None => Ours::Wider(parameter("name")),
        Some(("path", name)) if is_name(name) => catch_all(name, last),
        Some((_, name)) if is_name(name) => Ours::Wider(parameter(name)),
        Some((name, _)) => Ours::Wider(parameter(&name_of(name))),
    }
}

fn parameter(name: &str) -> String {
    format!("{{{name}}}")
}

fn catch_all(name: &str, last: bool) -> Ours {
    if last {
        Ours::CatchAll(name_of(name))
    } else {
        Ours::Nothing(NOT_LAST)
    }
}

/// The name, if it is one, or any.
fn name_of(name: &str) -> String {
    if is_name(name) { name } else { "name" }.to_owned()
}

fn is_name(text: &str) -> bool {
    begins_name(text) && text.bytes().all(of_name)
}

fn begins_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

fn of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn name_and_rest(text: &str) -> (&str, &str) {
    let end = text.bytes().position(|byte| !of_name(byte));
    text.split_at(end.unwrap_or(text.len()))
}

/// Whether a name after `$` is that of a parameter. `$count` and `$validate`
/// are segments of `OData` and FHIR; `$id` and `$userId` are of neither.
fn like_an_id(name: &str) -> bool {
    let ends = ["id", "Id", "ID", "slug", "uuid"];
    is_name(name)
        && ends.iter().any(|end| {
            name == *end
                || name.ends_with(&format!("_{end}"))
                || (*end == "Id" && name.ends_with(end))
        })
}

/// Whether a segment is a regular expression: what no path has, or hardly any.
fn is_pattern(part: &str) -> bool {
    let classes = ["[0-9", "[a-z", "[A-Z", "[^", "[\\", "]+", "]*", "]{", "(?"];
    let of_letters = ["\\d", "\\w", "\\S", "\\s", "\\b", "\\.", "\\/"];
    part.contains(".*")
        || part.contains(".+")
        || classes
            .iter()
            .chain(&of_letters)
            .any(|piece| part.contains(piece))
        || part.starts_with('(') && part.ends_with(')') && part.contains('|')
        || part.starts_with('^')
}
