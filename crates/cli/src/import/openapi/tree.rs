//! A description as a tree of values with their places, and references within
//! it.

use routescope_compiler::Problem;
use routescope_compiler::yaml::{self, Node, Value};

/// A description.
pub(super) struct Tree {
    pub(super) root: Node,
}

/// Deepest nesting: schemas within schemas.
const MAX_DEPTH: usize = 120;

/// Enough for reading that deep, also in a debug build.
const STACK: usize = 256 << 20;

/// Most references that lead from one to the next.
const MAX_REFERENCES: usize = 32;

/// Reads YAML, of which JSON is a part.
pub(super) fn read(source: &str) -> Result<Tree, Problem> {
    let read = || yaml::read_within(source, MAX_DEPTH);
    // Reading recurses; the main thread's stack may not hold it.
    let root = std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, read)
            .map(std::thread::ScopedJoinHandle::join)
    });
    match root {
        Ok(Ok(root)) => Ok(Tree { root: root? }),
        _ => Err(
            Problem::error(0..0, "the file is too much for this machine")
                .help("remove its `components: schemas:`, which are not needed here"),
        ),
    }
}

impl Tree {
    pub(super) fn field<'n>(&self, node: &'n Node, name: &str) -> Option<&'n Node> {
        field(node, name)
    }

    /// A value, or what its `$ref` leads to.
    pub(super) fn follow<'n>(&'n self, node: &'n Node) -> Result<&'n Node, Box<Problem>> {
        let mut node = node;
        for _ in 0..MAX_REFERENCES {
            let Some(reference) = field(node, "$ref") else {
                return Ok(node);
            };
            let name = text(reference).unwrap_or_default();
            let refuse = |message: String, help: &str| {
                Err(Box::new(
                    Problem::error(reference.at.clone(), message).help(help),
                ))
            };
            let Some(pointer) = name.strip_prefix('#') else {
                return refuse(
                    format!("`{name}` leads out of the file"),
                    "bundle the description into one file first, for example with `redocly bundle`",
                );
            };
            match self.at(pointer) {
                Some(found) => node = found,
                None => {
                    return refuse(
                        format!("`{name}` leads nowhere"),
                        "correct the reference: nothing in the file has this name",
                    );
                }
            }
        }
        Err(Box::new(
            Problem::error(node.at.clone(), "this reference leads back to itself")
                .help("write the value where the first reference stands"),
        ))
    }

    /// RFC 6901.
    fn at(&self, pointer: &str) -> Option<&Node> {
        pointer
            .split('/')
            .skip(1)
            .try_fold(&self.root, |node, token| {
                let name = percent_decoded(token)?
                    .replace("~1", "/")
                    .replace("~0", "~");
                match &node.value {
                    Value::List(items) => items.get(name.parse::<usize>().ok()?),
                    _ => field(node, &name),
                }
            })
    }
}

fn field<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    match &node.value {
        Value::Map(entries) => entries
            .iter()
            .find(|(key, _)| text(key) == Some(name))
            .map(|(_, value)| value),
        _ => None,
    }
}

pub(super) fn text(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// `#/paths/~1a~1%7Bid%7D`
fn percent_decoded(token: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(token.len());
    let mut rest = token.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let escaped = (byte == b'%')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).ok()
}
