//! The path that a server puts before all of its paths.

use routescope_compiler::Problem;
use routescope_compiler::yaml::{Node, Value};

use super::tree::{Tree, text};

/// The path that the servers of an operation put before its own.
pub(super) fn base(
    tree: &Tree,
    own: Option<&str>,
    operation: &Node,
    item: &Node,
) -> Result<String, Box<Problem>> {
    if let Some(base) = own {
        return Ok(base.trim_end_matches('/').to_owned());
    }
    let servers = [operation, item, &tree.root]
        .into_iter()
        .find_map(|node| tree.field(node, "servers"));
    let first = servers.and_then(|servers| match &servers.value {
        Value::List(servers) => servers.first(),
        _ => None,
    });
    let Some(url) = first.and_then(|server| tree.field(server, "url")) else {
        return Ok(String::new());
    };
    let mut path = text(url).unwrap_or_default().to_owned();
    let variables = first.and_then(|server| tree.field(server, "variables"));
    if let Some(Node {
        value: Value::Map(variables),
        ..
    }) = variables
    {
        for (name, variable) in variables {
            let default = tree.field(variable, "default").and_then(text);
            if let (Some(name), Some(default)) = (text(name), default) {
                path = path.replace(&format!("{{{name}}}"), default);
            }
        }
    }
    if let Some((_, rest)) = path.split_once("://") {
        path = rest
            .find('/')
            .map_or(String::new(), |slash| rest[slash..].to_owned());
    }
    let path = path.trim_end_matches('/');
    if path.is_empty() || path.starts_with('/') && !path.contains(['?', '#', '{']) {
        return Ok(path.to_owned());
    }
    let problem = Problem::error(
        url.at.clone(),
        format!("what the path of the server `{path}` is, cannot be told"),
    );
    Err(Box::new(problem.help(
        "say it with `--base /path`, or `--base /` if there is none",
    )))
}
