//! Reading one route of the file: a method, a space and a template.

use std::fmt;
use std::ops::Range;

use routescope_core::Method;

use crate::model::ScopeList;
use crate::model::template::Template;
use crate::source::document::RouteEntry;
use crate::source::report::{Problem, quoted};
use crate::source::suggest::nearest;

/// The heading under which the file lists a route.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Heading {
    /// `public:`
    Public,
    /// `any_key:`
    AnyKey,
    /// A heading of `scopes:`.
    Scopes(ScopeList),
}

impl Heading {
    /// The field that it is or belongs to.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::AnyKey => "any_key",
            Self::Scopes(_) => "scopes",
        }
    }
}

impl fmt::Display for Heading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public | Self::AnyKey => write!(f, "`{}`", self.kind()),
            Self::Scopes(list) => write!(f, "`{list}`"),
        }
    }
}

/// A route of the file: a method and a template under a heading.
pub(crate) struct ListedRoute {
    pub(crate) heading: Heading,
    pub(crate) method: Method,
    pub(crate) template: Template,
    /// The template as written.
    pub(crate) text: String,
    /// Its byte offsets in the file.
    pub(crate) at: Range<usize>,
    /// The byte offsets of its `overlap: allow`.
    pub(crate) overlap: Option<Range<usize>>,
}

/// Reads the method, the template's text and the template.
pub(crate) fn read_route(route: &RouteEntry) -> Result<(Method, &str, Template), Box<Problem>> {
    let text = &route.text.value;
    let at = &route.text.at;
    // The place of a part of the text, if the file has the text unchanged.
    let part = |range: Range<usize>| {
        if at.len() == text.len() {
            at.start + range.start..at.start + range.end
        } else {
            at.clone()
        }
    };
    let not_a_route = || Problem::error(at.clone(), format!("{} is not a route", quoted(text)));
    if text.trim().is_empty() {
        let problem = Problem::error(at.clone(), "an empty text is not a route");
        return Err(Box::new(problem.help(format!("write {ROUTE}"))));
    }
    if text.trim() != text {
        let problem = Problem::error(
            at.clone(),
            format!("{} has a space or a line break too many", quoted(text)),
        );
        return Err(Box::new(problem.help(write(text.trim()))));
    }
    let Some((method, path)) = text.split_once(' ') else {
        return Err(Box::new(not_a_route().help(intended(text))));
    };
    let Some(known) = Method::from_bytes(method.as_bytes()) else {
        let names = Method::ALL.map(Method::as_str);
        let help = if Method::from_bytes(path.as_bytes()).is_some() {
            match format!("{path} {method}") {
                turned if reads(&turned) => format!("the method comes first: `{turned}`"),
                _ => "the method comes first".to_owned(),
            }
        } else if method.starts_with('/') {
            format!("write {ROUTE}")
        } else if method.contains([',', '|', '/', '+']) {
            "write a line for each method".to_owned()
        } else if method == "*" || method.eq_ignore_ascii_case("any") {
            format!("write a line for each method: {}", names.join(", "))
        } else if let Some(near) = nearest(method, names) {
            format!("did you mean `{near}`?")
        } else {
            format!(
                "a policy knows {}; a request with another method is denied",
                names.join(", ")
            )
        };
        return Err(Box::new(
            Problem::error(
                part(0..method.len()),
                format!("{} is not a method", quoted(method)),
            )
            .help(help),
        ));
    };
    let start = method.len() + 1;
    if path.starts_with(' ') {
        let spaces = path.len() - path.trim_start().len();
        let problem = Problem::error(
            part(start..start + spaces),
            format!("{} has a space too many", quoted(text)),
        );
        return Err(Box::new(
            problem.help(write(&format!("{method} {}", path.trim()))),
        ));
    }
    let read = match route.literal {
        Some(_) => Template::parse_literal(path),
        None => Template::parse(path),
    };
    match read {
        Ok(template) => Ok((known, path, template)),
        Err(bad) => {
            let at = part(start + bad.at.start..start + bad.at.end);
            let mut problem = Problem::error(at, bad.message)
                .kind(bad.kind)
                .help(bad.help);
            if bad.literal && Template::parse_literal(path).is_ok() {
                problem = problem.help(format!(
                    "if the segment stands for itself, say so:\n- route: {}\n  literal: true",
                    as_yaml(text)
                ));
            }
            Err(Box::new(problem))
        }
    }
}

const ROUTE: &str = "a method, a space and a path, such as `GET /things/`";

/// The advice to write this, if it is a route: what would be refused in turn is
/// no advice.
fn write(route: &str) -> String {
    match reads(route) {
        true => format!("write `{route}`"),
        false => format!("write {ROUTE}"),
    }
}

/// A route as a value in YAML. One that ends in a colon is quoted, since YAML would take it for
/// a key. Routes contain nothing else that a plain value must not.
pub(crate) fn as_yaml(route: &str) -> String {
    if route.ends_with(':') {
        format!("\"{route}\"")
    } else {
        route.to_owned()
    }
}

/// Whether a text is a route.
pub(crate) fn reads(route: &str) -> bool {
    route.split_once(' ').is_some_and(|(method, path)| {
        Method::from_bytes(method.as_bytes()).is_some() && Template::parse(path).is_ok()
    })
}

/// Advice for a route without a space: the route that its author probably wants.
fn intended(text: &str) -> String {
    let letters = text
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (method, rest) = text.split_at(letters);
    let path = rest.trim_start_matches(|c: char| c == ':' || c.is_whitespace());
    match Method::from_bytes(method.to_ascii_uppercase().as_bytes()) {
        Some(method) if reads(&format!("{method} {path}")) => {
            format!("write `{method} {path}`, with one space")
        }
        Some(_) if path.starts_with('/') => format!("write {ROUTE}"),
        Some(method) => format!("add a path: `{method} /things/`"),
        None if reads(&format!("GET {text}")) => format!("add a method: `GET {text}`"),
        None => format!("write {ROUTE}"),
    }
}
