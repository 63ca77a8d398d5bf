//! Reading a template.

use routescope_core::path::{self, MAX_PATH, MAX_SEGMENTS};

use super::foreign::{bare, braced, in_affix};
use super::spell::canonical;
use super::wrong::{
    affix_of_catch_all, after_catch_all, bad_braces, escape_in_affix, query, query_at,
    refused_affix, refused_literal, with_slash,
};
use super::{BadTemplate, Part, Segment, Template};
use crate::source::report::quoted;

/// The treatment of a segment that is a literal here and something else in the notation
/// of another router: `:id`, `*`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Foreign {
    /// A mistake.
    Refused,
    /// The literal.
    Literal,
    /// A mistake, of which nothing is said: whether an advice is a template is
    /// asked so, since its mistakes would need advice in turn.
    Silent,
}

impl Foreign {
    /// The error, unless this notation is reported elsewhere.
    fn told(self, bad: impl FnOnce() -> BadTemplate) -> BadTemplate {
        match self {
            Self::Refused | Self::Literal => bad(),
            Self::Silent => BadTemplate::new(0..0, "", ""),
        }
    }
}

impl Template {
    /// Reads a template such as `/phonebooks/{id}/contacts/`, `/orders/{id}:cancel` or
    /// `/files/{*path}`.
    ///
    /// # Errors
    ///
    /// - no leading slash, an empty segment;
    /// - several parameters in a segment, or one brace without the other;
    /// - a parameter without a name, or two of the same name;
    /// - text before or behind a parameter that has an escape or breaks a path rule;
    /// - anything after a catch-all;
    /// - a segment in the notation of another router, such as `:id` or `*`;
    /// - a literal that breaks a path rule (no request could match it), or that
    ///   is not spelled the one way a template may spell it: escapes only for
    ///   bytes that need them, in upper-case hex;
    /// - more bytes or segments than a path may have.
    pub fn parse(text: &str) -> Result<Self, BadTemplate> {
        Self::read(text, Foreign::Refused)
    }

    /// As [`parse`](Self::parse), where segments such as `:id` and `*` stand for
    /// themselves: what a route with `literal: true` means, and what a policy's
    /// templates mean that have been checked.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse), but for notations of other routers.
    pub fn parse_literal(text: &str) -> Result<Self, BadTemplate> {
        Self::read(text, Foreign::Literal)
    }

    /// Whether a text is a template.
    pub(super) fn reads(text: &str) -> bool {
        Self::read(text, Foreign::Silent).is_ok()
    }

    fn read(text: &str, foreign: Foreign) -> Result<Self, BadTemplate> {
        let Some(tail) = text.strip_prefix('/') else {
            return Err(foreign.told(|| {
                BadTemplate::new(
                    0..text.len(),
                    format!("the path {} does not begin with `/`", quoted(text)),
                    with_slash(text),
                )
            }));
        };
        if text.len() > MAX_PATH {
            return Err(BadTemplate::new(
                0..text.len(),
                format!(
                    "the path is {} bytes long, over the limit of {MAX_PATH}",
                    text.len()
                ),
                "shorten it: a request as long as this is refused",
            ));
        }
        if let Some(at) = query_at(text) {
            return Err(foreign.told(|| query(text, at)));
        }
        let (body, slash) = match tail.strip_suffix('/') {
            Some(body) if !body.is_empty() => (body, true),
            _ => (tail, tail.is_empty()),
        };
        let count = body.matches('/').count() + 1;
        if count > MAX_SEGMENTS {
            return Err(BadTemplate::new(
                0..text.len(),
                format!("the path has {count} segments, over the limit of {MAX_SEGMENTS}"),
                "shorten it: a request with as many segments is refused",
            ));
        }
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
            let part = Part {
                part,
                at: at.clone(),
                text,
                last: at.end == 1 + body.len(),
            };
            segments.push(segment(&part, foreign, &mut names)?);
            start = at.end + 1;
        }
        if slash && segments.last() == Some(&Segment::CatchAll) {
            return Err(after_catch_all(text.len() - 1..text.len()));
        }
        Ok(Self { segments, slash })
    }
}

fn segment<'t>(
    whole: &Part<'t>,
    foreign: Foreign,
    names: &mut Vec<&'t str>,
) -> Result<Segment, BadTemplate> {
    let Part { part, text, .. } = *whole;
    let Some((prefix, inner, suffix)) = braces(part) else {
        if part.contains(['{', '}']) {
            return Err(foreign.told(|| bad_braces(whole)));
        }
        return literal(whole, foreign);
    };
    // The place of the parameter, without the text beside it.
    let at = whole.at.start + prefix.len()..whole.at.end - suffix.len();
    if let Some(other) = braced(inner, whole.last) {
        return Err(foreign.told(|| other.refused(text, at, false)));
    }
    let (name, kind) = match inner.strip_prefix('*') {
        Some(name) => (name, Segment::CatchAll),
        None => (inner, Segment::Parameter),
    };
    let fits =
        |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || byte == b'.';
    if name.is_empty() && kind == Segment::Parameter {
        return Err(BadTemplate::new(
            at,
            "`{}` is a parameter without a name",
            "name it, for example `{id}`",
        ));
    }
    if !name.bytes().all(fits) {
        return Err(BadTemplate::new(
            at,
            format!("{} is no name for a parameter", quoted(name)),
            "use letters, digits, `_`, `-` and `.`",
        ));
    }
    if !name.is_empty() && names.contains(&name) {
        return Err(BadTemplate::new(
            at,
            format!("the path names two parameters `{name}`"),
            "give each its own name",
        ));
    }
    names.push(name);
    if prefix.is_empty() && suffix.is_empty() {
        return Ok(kind);
    }
    if kind == Segment::CatchAll {
        return Err(foreign.told(|| affix_of_catch_all(whole)));
    }
    affix(whole, foreign, prefix, suffix)
}

/// The texts before, in and behind the only pair of braces of a segment.
fn braces(part: &str) -> Option<(&str, &str, &str)> {
    let (prefix, rest) = part.split_once('{')?;
    let (inner, suffix) = rest.split_once('}')?;
    let single = [prefix, inner, suffix]
        .iter()
        .all(|text| !text.contains(['{', '}']));
    (single && prefix != "$").then_some((prefix, inner, suffix))
}

/// A parameter with these texts before and behind it.
fn affix(
    whole: &Part<'_>,
    foreign: Foreign,
    prefix: &str,
    suffix: &str,
) -> Result<Segment, BadTemplate> {
    let at = whole.at.clone();
    // Any value will do.
    let example = format!("{prefix}x{suffix}");
    let legal = path::check_segment(example.as_bytes());
    if (foreign != Foreign::Literal || legal.is_err())
        && let Some(other) = in_affix(prefix, suffix)
    {
        return Err(foreign.told(|| other.refused(whole.text, at, legal.is_ok())));
    }
    if prefix.contains('%') || suffix.contains('%') {
        return Err(foreign.told(|| escape_in_affix(whole)));
    }
    if let Err(refused) = legal {
        return Err(foreign.told(|| refused_affix(whole, &example, refused)));
    }
    Ok(Segment::Affix {
        prefix: prefix.to_owned(),
        suffix: suffix.to_owned(),
    })
}

fn literal(whole: &Part<'_>, foreign: Foreign) -> Result<Segment, BadTemplate> {
    let Part { part, text, .. } = *whole;
    let at = whole.at.clone();
    let legal = path::check_segment(part.as_bytes());
    if (foreign != Foreign::Literal || legal.is_err())
        && let Some(other) = bare(part, whole.last)
    {
        return Err(foreign.told(|| other.refused(text, at, legal.is_ok())));
    }
    if let Err(refused) = legal {
        return Err(refused_literal(part, at, refused, text));
    }
    let canonical = canonical(part);
    if canonical != part {
        let flag = match bare(&canonical, whole.last) {
            Some(_) if foreign == Foreign::Refused => ", and say `literal: true`",
            _ => "",
        };
        return Err(BadTemplate::new(
            at,
            format!("{} is not how a template spells this segment", quoted(part)),
            format!(
                "write `{canonical}`{flag}: escapes only where they are needed, in upper-case hex"
            ),
        ));
    }
    Ok(Segment::Literal(part.to_owned()))
}
