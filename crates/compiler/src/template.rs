//! Path templates: reading one, and how two relate.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Range;

use routescope_core::path::{self, BadPath, MAX_PATH, MAX_SEGMENTS, PathRule};

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
                message: format!("the path `{text}` does not begin with `/`"),
                help: format!("write `/{text}`"),
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

    /// Whether every path of `other` is one of `self`.
    fn covers(&self, other: &Self) -> bool {
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
            return bad(
                format!("`{part}` has a brace in the wrong place"),
                "a parameter is a whole segment, `{name}`; a part of one cannot be a parameter"
                    .into(),
            );
        }
        return literal(part, at, text);
    };
    let (name, kind) = match inner.strip_prefix('*') {
        Some(name) => (name, Segment::CatchAll),
        None => (inner, Segment::Parameter),
    };
    let fits =
        |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || byte == b'.';
    if name.is_empty() && kind == Segment::Parameter {
        return bad(
            "a parameter without a name".into(),
            "name it, for example `{id}`".into(),
        );
    }
    if !name.bytes().all(fits) {
        return bad(
            format!("`{name}` is no name for a parameter"),
            "use letters, digits, `_`, `-` and `.`".into(),
        );
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
            message: format!("`{part}` is not how a template spells this segment"),
            help: format!(
                "write `{canonical}`: escapes only where they are needed, in upper-case hex"
            ),
        });
    }
    Ok(Segment::Literal(part.to_owned()))
}

fn refused_literal(part: &str, at: Range<usize>, refused: BadPath, text: &str) -> BadTemplate {
    let shown = |at: usize| {
        part.get(at..)
            .and_then(|rest| rest.chars().next())
            .unwrap_or(' ')
    };
    let message = match refused.rule {
        PathRule::EmptySegment => format!("the path `{text}` has an empty segment"),
        PathRule::Byte | PathRule::Fragment
            if part
                .get(refused.at..)
                .is_some_and(|rest| rest.starts_with(' ')) =>
        {
            format!("the path `{text}` contains a space")
        }
        PathRule::Byte | PathRule::Fragment => {
            format!(
                "`{}` may not stand in a path",
                shown(refused.at).escape_default()
            )
        }
        PathRule::DotSegment => format!("`{part}` is a dot segment"),
        PathRule::SegmentEdge => {
            format!("`{part}` begins or ends with a space, or ends with a dot")
        }
        PathRule::SegmentTooLong => format!(
            "a segment of {} bytes, over the limit of {}",
            part.len(),
            path::MAX_SEGMENT
        ),
        PathRule::BadEscape => format!("`{part}` has a `%` without two hex digits"),
        PathRule::EncodedDelimiter => {
            format!("`{part}` escapes a delimiter or a control character")
        }
        PathRule::EncodedUnreserved => format!("`{part}` escapes a character that needs no escape"),
        PathRule::Utf8 => format!("the escapes of `{part}` are not UTF-8"),
        PathRule::Confusable => format!("`{part}` escapes a look-alike or invisible character"),
        PathRule::TooLong
        | PathRule::NotOriginForm
        | PathRule::QueryBytes
        | PathRule::TooManySegments
        | PathRule::ShadowsLiteral => format!("`{part}` breaks the path rule {}", refused.rule),
    };
    let help = match refused.rule {
        PathRule::EmptySegment => "write one slash".to_owned(),
        PathRule::Byte if !part.is_ascii() => {
            let escaped: String = part.bytes().map(spell).collect();
            format!("write it percent-encoded, `{escaped}`, as it comes on the wire")
        }
        _ => format!(
            "every request with this path is refused (rule {}): leave it out or correct it",
            refused.rule
        ),
    };
    // A caret under the byte where the rule is about one.
    let at = match refused.rule {
        PathRule::Byte | PathRule::Fragment => {
            at.start + refused.at..at.start + refused.at + shown(refused.at).len_utf8()
        }
        PathRule::EmptySegment => {
            at.start.saturating_sub(1)..at.end + usize::from(at.end < text.len())
        }
        _ => at,
    };
    BadTemplate { at, message, help }
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
