//! The path that a server, or the `basePath` of Swagger 2.0, puts before all paths.

use std::collections::HashMap;
use std::rc::Rc;

use routescope_compiler::unstable::yaml::{Node, Value};

use super::edition::Edition;
use super::tree::{Tree, text};
use crate::import::refusals::{Refusal, cut};

/// The longest URL that is looked at; a path may have 2,048 bytes.
const MOST_BYTES: usize = 8192;

/// The paths that servers put before others, each list of servers read once.
pub(super) struct Bases {
    edition: Edition,
    known: HashMap<*const Node, Result<Rc<str>, Rc<Refusal>>>,
}

impl Bases {
    pub(super) fn new(edition: Edition) -> Self {
        let known = HashMap::new();
        Self { edition, known }
    }

    /// The path that the servers of an operation put before its own.
    pub(super) fn base<'n>(
        &mut self,
        tree: &Tree<'n>,
        own: Option<&str>,
        operation: &'n Node,
        item: &'n Node,
    ) -> Result<Rc<str>, Rc<Refusal>> {
        if let Some(base) = own {
            return Ok(base.trim_end_matches('/').into());
        }
        if self.edition == Edition::Swagger {
            return match tree.field(tree.root, "basePath")? {
                Some(path) => base_path(path),
                None => Ok("".into()),
            };
        }
        for node in [operation, item, tree.root] {
            if let Some(servers) = tree.field(node, "servers")? {
                let known = self.known.entry(std::ptr::from_ref(servers));
                return known.or_insert_with(|| first(tree, servers)).clone();
            }
        }
        Ok("".into())
    }
}

fn refuse<T>(at: &Node, message: String, help: &'static str) -> Result<T, Rc<Refusal>> {
    Err(Rc::new(Refusal::new("server", &at.at, message, help)))
}

/// The path that `basePath` states.
fn base_path(node: &Node) -> Result<Rc<str>, Rc<Refusal>> {
    let path = text(node).map(|path| path.trim_end_matches('/'));
    match path.filter(|path| path.is_empty() || path.starts_with('/')) {
        Some(path) if !path.contains(['{', '}', '?', '#']) && path.len() <= MOST_BYTES => {
            Ok(path.into())
        }
        _ => {
            let message = "`basePath` is no path that begins with `/`".to_owned();
            refuse(node, message, SAY_BASE)
        }
    }
}

/// The path of the first server of a list.
fn first<'n>(tree: &Tree<'n>, servers: &'n Node) -> Result<Rc<str>, Rc<Refusal>> {
    let list = match &servers.value {
        Value::List(list) => list,
        Value::Null => return Ok("".into()),
        other => {
            let message = format!("`servers` is {}, and not a list", other.kind());
            return refuse(servers, message, SAY_BASE);
        }
    };
    let Some(server) = list.first() else {
        return Ok("".into());
    };
    let server = tree.follow(server)?;
    let url = tree.field(server, "url")?;
    let Some((url, written)) = url.and_then(|url| Some((url, text(url)?))) else {
        return refuse(server, "this server has no `url`".into(), SAY_BASE);
    };
    let filled = fill(tree, server, written)?;
    let path = match filled.as_deref() {
        Some(filled) => path(filled),
        None => None,
    };
    match path {
        Some(path) => Ok(path.into()),
        None => {
            let message = format!(
                "what the path of the server `{}` is, cannot be told",
                cut(filled.as_deref().unwrap_or(written))
            );
            refuse(url, message, SAY_BASE)
        }
    }
}

const SAY_BASE: &str = "say it with `--base /path`, or `--base /` if there is none";

/// A URL with the default values of its variables; `None` if it is too long.
fn fill<'n>(tree: &Tree<'n>, server: &'n Node, url: &str) -> Result<Option<String>, Rc<Refusal>> {
    if url.len() > MOST_BYTES {
        return Ok(None);
    }
    let variables = tree.field(server, "variables")?;
    let mut filled = String::new();
    let mut rest = url;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let variable = match variables {
            Some(variables) => tree.field(variables, name)?,
            None => None,
        };
        let default = match variable {
            Some(variable) => tree.field(variable, "default")?,
            None => None,
        };
        match default.map(|default| &default.value) {
            Some(Value::Text(text)) => filled.push_str(text),
            Some(Value::Integer(number)) => filled.push_str(&number.to_string()),
            _ => {
                filled.push('{');
                filled.push_str(name);
                filled.push('}');
            }
        }
        rest = after;
        if filled.len() > MOST_BYTES {
            return Ok(None);
        }
    }
    filled.push_str(rest);
    Ok(Some(filled))
}

/// The path of a URL, without its last slash.
fn path(url: &str) -> Option<&str> {
    let after = url.split_once("://").map(|(_, rest)| rest);
    let path = match after.or_else(|| url.strip_prefix("//")) {
        Some(rest) => rest.find('/').map_or("", |slash| &rest[slash..]),
        None => url,
    };
    let path = path.trim_end_matches('/');
    let is_path = path.is_empty() || path.starts_with('/');
    (is_path && !url.contains(['?', '#']) && !path.contains(['{', '}'])).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn paths_of_urls() {
        for (url, wanted) in [
            ("https://a.example/v1/", Some("/v1")),
            ("https://a.example", Some("")),
            ("//a.example/v1", Some("/v1")),
            ("/v1", Some("/v1")),
            ("/", Some("")),
            ("", Some("")),
            ("v1", None),
            ("https://a.example?x", None),
            ("https://{a}/v1", Some("/v1")),
            ("https://a.example/{b}", None),
            ("https://{a/b}/c", None),
            ("https://a.example?x=/y", None),
        ] {
            assert_eq!(path(url), wanted, "{url}");
        }
    }
}
