//! Hints for a question that is not quite a request: a pasted template, arguments the wrong way
//! round, a slash too few or too many.
//!
//! Each hint says how the engine decides on the request that it proposes. None changes the
//! decision.

use percent_encoding::percent_decode_str;
use routescope::{Method, PathRule, Route};

use super::offence::Offence;
use super::question::{Question, split_query};
use super::remedy::remedy;
use crate::wire::beginning;

/// The longest part of a target that is repeated, in columns.
const COLUMNS: usize = 200;

impl Question<'_> {
    /// Says how to repair a target that breaks a path rule.
    pub(super) fn repair(&self, rule: PathRule, offence: Offence) -> String {
        let meant = match rule {
            PathRule::NotOriginForm => self.rooted(),
            PathRule::EmptySegment => self.with_single_slashes(),
            PathRule::Byte | PathRule::ShadowsLiteral => self.filled_in(offence),
            _ => None,
        };
        meant.unwrap_or_else(|| remedy(rule, offence.bytes(self.target)))
    }

    /// Hints that the method and the path are the wrong way round.
    pub(super) fn swapped(&self) -> Option<String> {
        let method = Method::from_bytes(&self.target.trim_ascii().to_ascii_uppercase())?;
        let written = std::str::from_utf8(self.method).ok()?;
        let path = match in_origin_form(written) {
            Some(path) => path,
            None if written.starts_with('/') => written.to_owned(),
            None => return None,
        };
        let first = "The arguments are the wrong way round";
        // A shell would act on other bytes of a path: then the person writes the command.
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~:,+=@%".contains(&byte);
        if !path.bytes().all(is_plain) {
            return Some(format!("{first}: give the method before the path."));
        }
        Some(format!(
            "{first}: ask `routescope explain {method} {}`. {}",
            beginning(path.as_bytes(), COLUMNS),
            self.then(method.as_str().as_bytes(), path.as_bytes())
        ))
    }

    /// Hints that a value is the name of a parameter: the route takes it like any other value,
    /// and hardly anybody means it.
    pub(super) fn pasted(&self, route: Route<'_>) -> Option<String> {
        let (path, _) = self.path();
        let template: Vec<&str> = route.template().split('/').skip(1).collect();
        let is_value = |index: usize| {
            let segment = template.get(index).or(template.last());
            segment.is_some_and(|segment| segment.contains('{'))
        };
        let (_, parameter) = path
            .iter()
            .enumerate()
            .find(|(index, segment)| is_value(*index) && is_parameter(segment))?;
        Some(format!(
            "`{parameter}` looks like a parameter, and is taken as a value: ask with a real one, such as `{}`.",
            beginning(fill_in(self.text()?).as_bytes(), COLUMNS)
        ))
    }

    /// Proposes values for the parameters of a target that looks like a template.
    fn filled_in(&self, offence: Offence) -> Option<String> {
        let written = self.text()?;
        let (path, _) = split_query(written);
        let start = path.get(..offence.start)?.rfind('/')? + 1;
        let parameter = path.get(start..)?.split('/').next()?;
        if !is_parameter(parameter) {
            return None;
        }
        let filled = fill_in(written);
        let templates = self.model.templates.iter();
        let is_template = templates
            .flat_map(|listing| &listing.routes)
            .any(|route| route.text == path);
        let what = if is_template {
            format!(
                "`{}` is a template of the policy, not a path: ask with values",
                beginning(path.as_bytes(), COLUMNS)
            )
        } else {
            format!(
                "`{}` looks like a parameter: ask with a value",
                beginning(parameter.as_bytes(), COLUMNS)
            )
        };
        Some(format!(
            "{what}, such as `{}`. {}",
            beginning(filled.as_bytes(), COLUMNS),
            self.then(self.method, filled.as_bytes())
        ))
    }

    /// Proposes the path of an absolute URL, or the path with the slash that it lacks.
    fn rooted(&self) -> Option<String> {
        let written = self.text()?;
        let path = in_origin_form(written)?;
        let what = match written.contains("://") {
            true => "Send the path alone:",
            false => "A path begins with `/`: send",
        };
        Some(format!(
            "{what} `{}`. {}",
            beginning(path.as_bytes(), COLUMNS),
            self.then(self.method, path.as_bytes())
        ))
    }

    fn with_single_slashes(&self) -> Option<String> {
        let (path, query) = split_query(self.text()?);
        let mut single = String::with_capacity(path.len());
        for c in path.chars() {
            if c != '/' || !single.ends_with('/') {
                single.push(c);
            }
        }
        single.push_str(query);
        Some(format!(
            "Write one `/`: `{}`. {} If a value should stand between the two, find out why it is empty.",
            beginning(single.as_bytes(), COLUMNS),
            self.then(self.method, single.as_bytes())
        ))
    }
}

/// The path of a URL, or a path that lacks its first slash with it.
fn in_origin_form(target: &str) -> Option<String> {
    if let Some((_, rest)) = target.split_once("://") {
        return Some(match rest.find('/') {
            Some(slash) => rest[slash..].to_owned(),
            None => "/".to_owned(),
        });
    }
    let (path, _) = split_query(target);
    // `host:443` is another form, and `*` a third.
    let is_path = path.contains('/') || !path.contains(':');
    (is_path && path.starts_with(|c: char| c.is_ascii_alphanumeric())).then(|| format!("/{target}"))
}

/// Whether a segment is a parameter in the notation of some router, escaped or
/// not: `{id}`, `{*rest}`, `<id>`, `:id`.
fn is_parameter(segment: &str) -> bool {
    let decoded = percent_decode_str(segment).decode_utf8_lossy();
    let inside = |open, close| decoded.strip_prefix(open)?.strip_suffix(close);
    if let Some((_, name, _)) = braces(&decoded) {
        return !name.is_empty();
    }
    if let Some(name) = inside("<", ">") {
        return !name.is_empty();
    }
    decoded
        .strip_prefix(':')
        .is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
}

/// A target with a value for each parameter.
fn fill_in(target: &str) -> String {
    let (path, query) = split_query(target);
    let value = |segment: &str| {
        if !is_parameter(segment) {
            return segment.to_owned();
        }
        let decoded = percent_decode_str(segment).decode_utf8_lossy();
        match braces(&decoded) {
            Some((before, _, behind)) => format!("{before}1{behind}"),
            None => "1".to_owned(),
        }
    };
    let segments: Vec<String> = path.split('/').map(value).collect();
    segments.join("/") + query
}

/// The texts before, in and behind the braces of a segment.
fn braces(segment: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = segment.split_once('{')?;
    let (name, behind) = rest.split_once('}')?;
    Some((before, name, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_any_notation() {
        for yes in [
            "{id}",
            "{*rest}",
            "<id>",
            ":id",
            ":_x",
            "%7Bid%7d",
            "%3Cid%3E",
            "<int:id>",
            "{id}:cancel",
            "key={k}",
        ] {
            assert!(is_parameter(yes), "{yes}");
        }
        for no in [
            "", "id", "{}", "<>", "{id", "a{}", ":", ":8080", "a:b", "::hello", "*",
        ] {
            assert!(!is_parameter(no), "{no}");
        }
    }

    #[test]
    fn paths_of_what_is_none() {
        let cases = [
            ("https://h/a?b", Some("/a?b")),
            ("https://h", Some("/")),
            ("a", Some("/a")),
            ("a/b?c=:", Some("/a/b?c=:")),
            ("host:443", None),
            ("*", None),
            ("", None),
            ("?x", None),
        ];
        for (target, wanted) in cases {
            assert_eq!(in_origin_form(target).as_deref(), wanted, "{target}");
        }
    }
}
