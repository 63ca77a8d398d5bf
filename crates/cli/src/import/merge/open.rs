//! The fields `public` and `any_key` of a file: lists of routes without scopes.

use routescope_compiler::unstable::yaml::{Node, Value};

use crate::fmt::layout::RouteLayout;

/// A field of the file.
pub(super) fn field<'n>(root: &'n Node, name: &str) -> Option<&'n Node> {
    let Value::Map(entries) = &root.value else {
        return None;
    };
    let field = entries.iter().find(|(key, _)| text(key) == name);
    field.map(|(_, value)| value)
}

/// The routes that a field lists, with their places in the file.
pub(crate) fn routes(root: &Node, name: &str) -> Vec<RouteLayout> {
    match field(root, name).map(|node| &node.value) {
        Some(Value::List(items)) => items.iter().map(route).collect(),
        _ => Vec::new(),
    }
}

fn route(item: &Node) -> RouteLayout {
    let mut route = RouteLayout {
        text: text(item),
        code_name: None,
        note: None,
        flags: Vec::new(),
        at: item.at.start..end(item),
    };
    if let Value::Map(entries) = &item.value {
        for (field, value) in entries {
            match text(field).as_str() {
                "route" => route.text = text(value),
                "name" => route.code_name = Some(text(value)),
                "note" => route.note = Some(text(value)),
                _ => route.flags.push((text(field), value.clone())),
            }
        }
    }
    route
}

/// The end of the last value of a node.
pub(super) fn end(node: &Node) -> usize {
    match &node.value {
        Value::List(items) => items.iter().map(end).max().unwrap_or(node.at.end),
        Value::Map(entries) => {
            let ends = entries
                .iter()
                .flat_map(|(key, value)| [end(key), end(value)]);
            ends.max().unwrap_or(node.at.end)
        }
        _ => node.at.end,
    }
}

fn text(node: &Node) -> String {
    match &node.value {
        Value::Text(text) => text.clone(),
        _ => String::new(),
    }
}
