//! Reading a template.

use std::ops::Range;

use routescope_core::path::{self, MAX_PATH, MAX_SEGMENTS};

use super::spell::canonical;
use super::wrong::{after_catch_all, bad_braces, refused_literal, with_slash};
use super::{BadTemplate, Segment, Template};
use crate::report::quoted;

impl Template {
    /// Reads a template such as `/phonebooks/{id}/contacts/` or `/files/{*path}`.
    ///
    /// # Errors
    ///
    /// - no leading slash, an empty segment;
    /// - a brace that is not the first or last byte of its segment, a parameter
    ///   without a name, or two of the same name;
    /// - anything behind a catch-all;
    /// - a literal that breaks a path rule (no request could match it), or that
    ///   is not spelled the one way a template may spell it: escapes only for
    ///   bytes that need them, in upper-case hex;
    /// - more bytes or segments than a path may have.
    pub fn parse(text: &str) -> Result<Self, BadTemplate> {
        let Some(tail) = text.strip_prefix('/') else {
            return Err(BadTemplate {
                at: 0..text.len(),
                message: format!("the path {} does not begin with `/`", quoted(text)),
                help: with_slash(text),
            });
        };
        if text.len() > MAX_PATH {
            return Err(BadTemplate {
                at: 0..text.len(),
                message: format!(
                    "the path is {} bytes long, over the limit of {MAX_PATH}",
                    text.len()
                ),
                help: "shorten it: a request as long as this is refused".into(),
            });
        }
        let (body, slash) = match tail.strip_suffix('/') {
            Some(body) if !body.is_empty() => (body, true),
            _ => (tail, tail.is_empty()),
        };
        let mut segments = Vec::new();
        let mut names: Vec<&str> = Vec::new();
        let mut start = 1;
        for part in body
            .split('/')
            .take(if body.is_empty() { 0 } else { usize::MAX })
        {
            let at = start..start + part.len();
            if segments.last() == Some(&Segment::CatchAll) {
                return Err(after_catch_all(at.start - 1..text.len()));
            }
            segments.push(segment(part, at.clone(), text, &mut names)?);
            start = at.end + 1;
        }
        if segments.len() > MAX_SEGMENTS {
            return Err(BadTemplate {
                at: 0..text.len(),
                message: format!(
                    "the path has {} segments, over the limit of {MAX_SEGMENTS}",
                    segments.len()
                ),
                help: "shorten it: a request with as many segments is refused".into(),
            });
        }
        if slash && segments.last() == Some(&Segment::CatchAll) {
            return Err(after_catch_all(text.len() - 1..text.len()));
        }
        Ok(Self { segments, slash })
    }
}

fn segment<'t>(
    part: &'t str,
    at: Range<usize>,
    text: &str,
    names: &mut Vec<&'t str>,
) -> Result<Segment, BadTemplate> {
    let bad = |message: String, help: String| {
        Err(BadTemplate {
            at: at.clone(),
            message,
            help,
        })
    };
    let Some(inner) = part
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
    else {
        if part.contains(['{', '}']) {
            return bad_braces(part, at);
        }
        return literal(part, at, text);
    };
    if inner.contains(['{', '}']) {
        return bad_braces(part, at);
    }
    let (name, kind) = match inner.strip_prefix('*') {
        Some(name) => (name, Segment::CatchAll),
        None => (inner, Segment::Parameter),
    };
    let fits =
        |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || byte == b'.';
    if name.is_empty() && kind == Segment::Parameter {
        return bad(
            "`{}` is a parameter without a name".into(),
            "name it, for example `{id}`".into(),
        );
    }
    if !name.bytes().all(fits) {
        let help = if let Some(name) = name.strip_suffix('*') {
            format!("a catch-all has its `*` in front: `{{*{name}}}`")
        } else if let Some(name) = name.strip_suffix('?') {
            format!("no segment is optional: list the path with `{{{name}}}` and the path without")
        } else if let Some((name, _)) = name.split_once(':') {
            format!("a parameter has no type or pattern, it takes any one segment: `{{{name}}}`")
        } else {
            "use letters, digits, `_`, `-` and `.`".to_owned()
        };
        return bad(format!("{} is no name for a parameter", quoted(name)), help);
    }
    if !name.is_empty() && names.contains(&name) {
        return bad(
            format!("the path names two parameters `{name}`"),
            "give each its own name".into(),
        );
    }
    names.push(name);
    Ok(kind)
}

fn literal(part: &str, at: Range<usize>, text: &str) -> Result<Segment, BadTemplate> {
    if let Err(refused) = path::check_segment(part.as_bytes()) {
        return Err(refused_literal(part, at, refused, text));
    }
    let canonical = canonical(part);
    if canonical != part {
        return Err(BadTemplate {
            at,
            message: format!("{} is not how a template spells this segment", quoted(part)),
            help: format!(
                "write `{canonical}`: escapes only where they are needed, in upper-case hex"
            ),
        });
    }
    Ok(Segment::Literal(part.to_owned()))
}
