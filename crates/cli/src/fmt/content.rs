//! The content of a policy's text apart from its form: formatting must not change it.
//!
//! The content is compared as trees of YAML, and the compiler sees nothing else of a file: two
//! texts that are alike here are the same policy, with the same notes. Compiling the new text
//! as well would take as long again, and a policy may be large.

use std::cmp::Ordering;

use routescope_compiler::unstable::yaml::{Node, Value};

/// Whether two policies, of which one compiles, say the same.
pub(super) fn is_same(old: &Node, new: &Node) -> bool {
    fields(old, new, |name, old, new| match name {
        "scopes" => scopes(old, new),
        "public" | "any_key" => routes(old, new),
        _ => value(old, new),
    })
}

/// The order of the scopes in a heading means nothing.
fn heading(node: &Node) -> Option<Vec<&str>> {
    let mut names: Vec<&str> = key(node)?.split(' ').collect();
    names.sort_unstable();
    Some(names)
}

/// Scope by scope: their order is the file's, and stays.
fn scopes(old: &Node, new: &Node) -> bool {
    let (old, new) = (map(old), map(new));
    old.len() == new.len()
        && old.iter().zip(new).all(|((name, old), (new_name, new))| {
            heading(name).is_some_and(|old| heading(new_name) == Some(old))
                && fields(old, new, |name, old, new| match name {
                    "routes" => routes(old, new),
                    _ => value(old, new),
                })
        })
}

fn routes(old: &Node, new: &Node) -> bool {
    let (old, new) = (list(old), list(new));
    old.len() == new.len() && old.iter().zip(new).all(|(old, new)| route(old, new))
}

/// A route with nothing but its text may be written as a mapping or as the text.
fn route(old: &Node, new: &Node) -> bool {
    match (alone(old), alone(new)) {
        (Some(old), Some(new)) => value(old, new),
        _ => fields(old, new, |_, old, new| value(old, new)),
    }
}

fn alone(route: &Node) -> Option<&Node> {
    match &route.value {
        Value::Text(_) => Some(route),
        Value::Map(_) => match sorted(route)?.as_slice() {
            [("route", text)] => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// Compares two mappings, whatever the order of their fields. Empty fields count as missing.
fn fields(old: &Node, new: &Node, same: impl Fn(&str, &Node, &Node) -> bool) -> bool {
    let (Some(old), Some(new)) = (sorted(old), sorted(new)) else {
        return false;
    };
    old.len() == new.len()
        && old
            .iter()
            .zip(&new)
            .all(|((name, old), (new_name, new))| name == new_name && same(name, old, new))
}

/// The fields of a mapping that say something, by name.
fn sorted(node: &Node) -> Option<Vec<(&str, &Node)>> {
    let mut fields = Vec::new();
    for (name, value) in map(node) {
        let name = key(name)?;
        if name == "scopes" || !is_empty(value) {
            fields.push((name, value));
        }
    }
    fields.sort_by(|a, b| a.0.cmp(b.0));
    let is_mapping = matches!(node.value, Value::Map(_) | Value::Null);
    is_mapping.then_some(fields)
}

fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::List(items) => items.is_empty(),
        Value::Map(entries) => entries.is_empty(),
        _ => false,
    }
}

fn value(old: &Node, new: &Node) -> bool {
    match (&old.value, &new.value) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(old), Value::Bool(new)) => old == new,
        (Value::Integer(old), Value::Integer(new)) => old == new,
        (Value::Float(old), Value::Float(new)) => old.total_cmp(new) == Ordering::Equal,
        (Value::Text(old), Value::Text(new)) => old == new,
        (Value::List(old), Value::List(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| value(old, new))
        }
        (Value::Map(_), Value::Map(_)) => fields(old, new, |_, old, new| value(old, new)),
        _ => false,
    }
}

fn key(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn map(node: &Node) -> &[(Node, Node)] {
    match &node.value {
        Value::Map(entries) => entries,
        _ => &[],
    }
}

fn list(node: &Node) -> &[Node] {
    match &node.value {
        Value::List(items) => items,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use routescope_compiler::unstable::yaml;

    use super::*;

    const POLICY: &str = "version: 1\nname: t\nkey: { prefix: k-, length: 40 }\nimplies: { \"c:x\": [\"a:read\", \"b:read\"] }\npublic:\n  - GET /p\n  - GET /q\nscopes:\n  \"a:read\":\n    summary: s\n    routes:\n      - GET /a\n      - route: GET /b\n        note: n\n  \"b:read\": {}\n  \"a:read b:read\": {}\n";

    /// Every kind of difference in form alone, and every kind of other difference.
    #[test]
    fn form_is_no_content() {
        let read = |text: &str| yaml::read(text).unwrap();
        let compare = |from: &str, to: &str| {
            assert!(POLICY.contains(from), "{from}");
            is_same(&read(POLICY), &read(&POLICY.replace(from, to)))
        };
        for (from, to) in [
            ("name: t", "name: \"t\""),
            ("version: 1\nname: t", "name: t\nversion: 1"),
            ("prefix: k-, length: 40", "length: 40, prefix: k-"),
            ("- GET /a", "- route: GET /a"),
            (
                "route: GET /b\n        note: n",
                "note: n\n        route: GET /b",
            ),
            ("\"b:read\": {}", "\"b:read\":"),
            ("\"b:read\": {}", "\"b:read\": { routes: [] }"),
            ("summary: s", "summary: s # s"),
            ("\"a:read b:read\"", "\"b:read a:read\""),
            ("- GET /p", "- route: GET /p"),
        ] {
            assert!(compare(from, to), "{to}");
        }
        for (from, to) in [
            ("name: t", "name: u"),
            ("name: t\n", "name: t\numbrella: a\n"),
            ("key: { prefix: k-, length: 40 }\n", ""),
            ("length: 40", "length: 41"),
            ("length: 40", "length: \"40\""),
            ("a:read", "a:Read"),
            ("    summary: s\n", ""),
            ("summary: s", "summary: S"),
            ("      - GET /a\n", ""),
            ("      - GET /a\n", "      - GET /a\n      - GET /a\n"),
            ("- GET /a", "- { route: GET /a, overlap: allow }"),
            ("note: n", "note: m"),
            ("note: n", "overlap: n"),
            ("\n        note: n", ""),
            ("  \"b:read\": {}\n", ""),
            ("\"b:read\": {}", "\"b:read\": { summary: s }"),
            ("\"a:read b:read\"", "\"a:read b:reads\""),
            ("\"a:read b:read\"", "\"a:read\""),
            ("[\"a:read\", \"b:read\"]", "[\"a:read\"]"),
            ("\"c:x\"", "\"c:y\""),
            ("  - GET /q\n", ""),
            ("public:", "any_key:"),
            ("- GET /p\n  - GET /q", "- GET /q\n  - GET /p"),
        ] {
            assert!(!compare(from, to), "{to}");
        }
        let turned = "version: 1\nscopes: { \"a:read\": {}, \"b:read\": {} }\n";
        let other = "version: 1\nscopes: { \"b:read\": {}, \"a:read\": {} }\n";
        assert!(!is_same(&read(turned), &read(other)));
    }
}
