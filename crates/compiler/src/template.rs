//! Path templates: reading one, and how two relate.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Range;

use routescope_core::path::{self, BadPath, MAX_PATH, MAX_SEGMENTS, PathRule};

use crate::report::quoted;

/// What a template's segment takes.
///
/// Ordered from narrow to wide, which is the order of precedence.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Segment {
    /// Itself, byte for byte.
    Literal(String),
    /// One segment of any value.
    Parameter,
    /// One or more segments, with or without a trailing slash; always last.
    CatchAll,
}

/// A path template without its parameters' names, which mean nothing to
/// matching. `/` has no segments and a trailing slash.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Template {
    /// The segments, from the left.
    pub segments: Vec<Segment>,
    /// Whether it ends in a slash. `false` for one that ends in a catch-all.
    pub slash: bool,
}

/// How the paths of one template relate to those of another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Relation {
    /// The same paths.
    Equivalent,
    /// The first matches only what the second matches, and less.
    MoreSpecific,
    /// The other way round.
    MoreGeneral,
    /// Some path matches both, and each matches one that the other does not.
    Overlaps,
    /// No path matches both.
    Disjoint,
}

/// What is wrong with a template's text, and where in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BadTemplate {
    /// Offsets in the text.
    pub at: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What would fix it.
    pub help: String,
}

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

    /// How the paths of `self` relate to those of `other`.
    #[must_use]
    pub fn relation(&self, other: &Self) -> Relation {
        match (self.covers(other), other.covers(self)) {
            (true, true) => Relation::Equivalent,
            (false, true) => Relation::MoreSpecific,
            (true, false) => Relation::MoreGeneral,
            (false, false) if self.meets(other) => Relation::Overlaps,
            (false, false) => Relation::Disjoint,
        }
    }

    /// The template of the same paths with the other last slash; none for the
    /// root and for a catch-all, which takes both.
    pub(crate) fn with_other_slash(&self) -> Option<Self> {
        let either = matches!(self.segments.last(), None | Some(Segment::CatchAll));
        (!either).then(|| Self {
            segments: self.segments.clone(),
            slash: !self.slash,
        })
    }

    /// Whether every path of `other` is one of `self`.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let mut theirs = other.segments.iter();
        for ours in &self.segments {
            match (ours, theirs.next()) {
                (Segment::CatchAll, Some(_)) => return true,
                (Segment::Parameter, Some(Segment::Literal(_) | Segment::Parameter)) => {}
                (Segment::Literal(a), Some(Segment::Literal(b))) if a == b => {}
                _ => return false,
            }
        }
        theirs.next().is_none() && self.slash == other.slash
    }

    /// Whether some path is one of both.
    fn meets(&self, other: &Self) -> bool {
        for pair in self.segments.iter().zip(&other.segments) {
            match pair {
                (Segment::CatchAll, _) | (_, Segment::CatchAll) => return true,
                (Segment::Literal(a), Segment::Literal(b)) if a != b => return false,
                _ => {}
            }
        }
        self.segments.len() == other.segments.len() && self.slash == other.slash
    }

    /// Whether the path of these segments is one of the template's.
    #[must_use]
    pub fn matches(&self, path: &[&str], slash: bool) -> bool {
        let mut rest = path.iter();
        for segment in &self.segments {
            match (segment, rest.next()) {
                (Segment::CatchAll, Some(_)) => return true,
                (Segment::Parameter, Some(_)) => {}
                (Segment::Literal(literal), Some(value)) if literal == value => {}
                _ => return false,
            }
        }
        rest.next().is_none() && self.slash == slash
    }

    /// Which of two templates that match the same path wins: the lesser.
    #[must_use]
    pub fn precedence(&self, other: &Self) -> Ordering {
        let kind = |segment: &Segment| match segment {
            Segment::Literal(_) => 0,
            Segment::Parameter => 1,
            Segment::CatchAll => 2,
        };
        self.segments
            .iter()
            .map(kind)
            .cmp(other.segments.iter().map(kind))
    }

    /// The template with its literals in lower case, which is what two
    /// templates have in common where case does not matter.
    #[must_use]
    pub fn to_lowercase(&self) -> Self {
        let fold = |segment: &Segment| match segment {
            Segment::Literal(text) => Segment::Literal(text.to_ascii_lowercase()),
            other => other.clone(),
        };
        Self {
            segments: self.segments.iter().map(fold).collect(),
            slash: self.slash,
        }
    }
}

/// `/a/{}/{*}`: the shape, without names.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.segments {
            match segment {
                Segment::Literal(text) => write!(f, "/{text}")?,
                Segment::Parameter => f.write_str("/{}")?,
                Segment::CatchAll => f.write_str("/{*}")?,
            }
        }
        if self.slash { f.write_str("/") } else { Ok(()) }
    }
}

fn after_catch_all(at: Range<usize>) -> BadTemplate {
    BadTemplate {
        at,
        message: "nothing may stand behind a catch-all".into(),
        help:
            "end the path with it: it takes one or more segments, with or without a trailing slash"
                .into(),
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

/// The path that one without a leading slash is probably meant to be.
fn with_slash(text: &str) -> String {
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

fn bad_braces(part: &str, at: Range<usize>) -> Result<Segment, BadTemplate> {
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

fn refused_literal(part: &str, at: Range<usize>, refused: BadPath, text: &str) -> BadTemplate {
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

/// The one spelling of a segment that keeps the path rules.
fn canonical(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    let mut bytes = part.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(char::from(byte));
            continue;
        }
        let digit = |digit: Option<u8>| {
            digit
                .and_then(|d| char::from(d).to_digit(16))
                .unwrap_or_default()
        };
        let value = digit(bytes.next()) << 4 | digit(bytes.next());
        out.push_str(&spell(u8::try_from(value).unwrap_or_default()));
    }
    out
}

/// A decoded byte as a canonical segment writes it.
fn spell(byte: u8) -> String {
    let raw = [byte];
    // A lone dot is refused as a segment, not as a byte; templates keep it raw.
    if byte == b'.' || path::check_segment(&raw).is_ok() {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_and_slashes() {
        for (text, segments, slash) in [
            ("/", 0, true),
            ("/a", 1, false),
            ("/a/", 1, true),
            ("/{*rest}", 1, false),
        ] {
            let template = Template::parse(text).unwrap();
            assert_eq!(
                (template.segments.len(), template.slash),
                (segments, slash),
                "{text}"
            );
        }
    }

    #[test]
    fn spelled_one_way() {
        assert!(Template::parse("/caf%C3%A9/").is_ok());
        for (text, fix) in [
            ("/caf%c3%a9/", "caf%C3%A9"),
            ("/a%3Ab", "a:b"),
            ("/%7Ejo", "~jo"),
        ] {
            assert!(
                Template::parse(text).unwrap_err().help.contains(fix),
                "{text}"
            );
        }
    }
}
