//! A description as a tree of values with their positions, and references within it.
//!
//! Every value that decides who may use a route is read through [`Tree::field`] and
//! [`Tree::follow`]: a `$ref` is followed wherever it occurs, also where the standard knows
//! none, and a name that occurs twice is refused.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use percent_encoding::percent_decode_str;
use routescope_compiler::Problem;
use routescope_compiler::unstable::yaml::{self, Limits, Node, Value};

use super::stand_in;
use crate::import::refusals::{Refusal, cut};

/// Descriptions are far larger than policies: schemas nest within schemas, and
/// some files name their parameters by thousands of aliases.
const LIMITS: Limits = Limits {
    depth: 120,
    values: 2_000_000,
    aliases: 50_000,
    replayed: 1_000_000,
    ..Limits::POLICY
};

/// Enough for reading that deep, also in a debug build.
const STACK: usize = 256 << 20;

/// Reads YAML, of which JSON is a part.
pub(super) fn read(source: &str) -> Result<Node, Problem> {
    let read = || {
        let (text, restore) = stand_in::without_controls(source);
        let mut root = yaml::read_within(&text, &LIMITS)?;
        restore.apply(&mut root);
        Ok(root)
    };
    // Reading recurses; the main thread's stack may not hold it.
    let root = std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, read)
            .map(std::thread::ScopedJoinHandle::join)
    });
    match root {
        Ok(Ok(root)) => root,
        _ => Err(
            Problem::error(0..0, "the file is too much for this machine")
                .help("remove its `components: schemas:`, which are not needed here"),
        ),
    }
}

/// The value at the end of a chain of references.
type Found<'n> = Result<&'n Node, Rc<Refusal>>;

/// A description.
pub(super) struct Tree<'n> {
    pub(super) root: &'n Node,
    /// The fields of large mappings.
    indices: RefCell<HashMap<*const Node, Rc<Index<'n>>>>,
    /// The end of each reference, so that a chain is followed once, however many begin within
    /// it.
    followed: RefCell<HashMap<*const Node, Found<'n>>>,
    /// The number of entries that may still be read before the description is refused as too large.
    left: Cell<usize>,
    exhausted: Rc<Refusal>,
}

/// Most entries that are looked at, each counted every time: values that are referred to often
/// would multiply.
const MOST_ENTRIES: usize = 2_000_000;

/// The fields of a mapping by their names; `None` where a name occurs twice.
type Index<'n> = HashMap<&'n str, Option<&'n Node>>;

/// From how many entries on a mapping gets an index.
const LARGE: usize = 16;

impl<'n> Tree<'n> {
    pub(super) fn new(root: &'n Node) -> Self {
        Self {
            root,
            indices: RefCell::default(),
            followed: RefCell::default(),
            left: Cell::new(MOST_ENTRIES),
            exhausted: Rc::new(Refusal::new(
                "description",
                &root.at,
                "the description refers to the same large values too often to be read",
                "remove the references that the import does not need; or import a part of the file",
            )),
        }
    }

    /// The entries of a mapping, of which other values have none.
    pub(super) fn entries(&self, node: &'n Node) -> Result<&'n [(Node, Node)], Rc<Refusal>> {
        let entries = entries(node);
        self.spend(entries.len())?;
        Ok(entries)
    }

    /// The items of a list, of which other values have none.
    pub(super) fn items(&self, node: &'n Node) -> Result<&'n [Node], Rc<Refusal>> {
        let items = match &node.value {
            Value::List(items) => items.as_slice(),
            _ => &[],
        };
        self.spend(items.len())?;
        Ok(items)
    }

    fn spend(&self, entries: usize) -> Result<(), Rc<Refusal>> {
        match self.left.get().checked_sub(entries) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(Rc::clone(&self.exhausted)),
        }
    }

    /// A field of a mapping, or the target of its `$ref`; `None` also where there is no
    /// mapping.
    pub(super) fn field(
        &self,
        node: &'n Node,
        name: &str,
    ) -> Result<Option<&'n Node>, Rc<Refusal>> {
        match self.own_field(node, name)? {
            Some(value) => self.follow(value).map(Some),
            None => Ok(None),
        }
    }

    /// A value, or the target of its `$ref`.
    pub(super) fn follow(&self, node: &'n Node) -> Found<'n> {
        let mut chain: Vec<&'n Node> = Vec::new();
        let mut seen: HashSet<*const Node> = HashSet::new();
        let mut at = node;
        let found = loop {
            if let Some(known) = self.followed.borrow().get(&std::ptr::from_ref(at)) {
                break known.clone();
            }
            match self.reference(at) {
                Ok(None) => break Ok(at),
                Ok(Some(next)) if seen.insert(std::ptr::from_ref(at)) => {
                    chain.push(at);
                    at = next;
                }
                Ok(Some(_)) => break Err(circle(at)),
                Err(refusal) => {
                    chain.push(at);
                    break Err(refusal);
                }
            }
        };
        let mut followed = self.followed.borrow_mut();
        for node in chain {
            followed.insert(std::ptr::from_ref(node), found.clone());
        }
        found
    }

    /// The target of the `$ref` of a value, one step away.
    fn reference(&self, node: &'n Node) -> Result<Option<&'n Node>, Rc<Refusal>> {
        let Some(reference) = self.own_field(node, "$ref")? else {
            return Ok(None);
        };
        let refuse = |kind, message: String, help: &'static str| {
            Err(Rc::new(Refusal::new(kind, &reference.at, message, help)))
        };
        let Some(name) = text(reference) else {
            return refuse(
                "reference",
                format!("this `$ref` is {}", reference.value.kind()),
                "a reference is a text, such as `#/components/pathItems/orders`",
            );
        };
        // Which of the two would hold, the standard leaves open.
        let others = entries(node).iter().map(|(key, _)| key);
        let mut others = others.filter(|key| text(key).is_none_or(decides));
        if let Some(key) = others.next() {
            return Err(Rc::new(Refusal::new(
                "next to a reference",
                &key.at,
                format!(
                    "`{}` is next to a `$ref`",
                    cut(text(key).unwrap_or_default())
                ),
                "no two readers agree which of the two holds: write all of it in one place",
            )));
        }
        let Some(pointer) = name.strip_prefix('#') else {
            return refuse(
                "reference out of the file",
                format!("`{}` leads out of the file", cut(name)),
                "bundle the description into one file first, for example with `redocly bundle`",
            );
        };
        match self.at(pointer)? {
            Some(found) => Ok(Some(found)),
            None => refuse(
                "reference to nothing",
                format!("`{}` leads nowhere", cut(name)),
                "correct the reference: nothing in the file has this name",
            ),
        }
    }

    /// RFC 6901.
    fn at(&self, pointer: &str) -> Result<Option<&'n Node>, Rc<Refusal>> {
        if pointer.is_empty() {
            return Ok(Some(self.root));
        }
        let Some(tokens) = pointer.strip_prefix('/') else {
            return Ok(None);
        };
        let mut node = self.root;
        for token in tokens.split('/') {
            let Ok(name) = percent_decode_str(token).decode_utf8() else {
                return Ok(None);
            };
            let name = name.replace("~1", "/").replace("~0", "~");
            let next = match &node.value {
                Value::List(items) => index(&name).and_then(|index| items.get(index)),
                _ => self.own_field(node, &name)?,
            };
            match next {
                Some(next) => node = next,
                None => return Ok(None),
            }
        }
        Ok(Some(node))
    }

    /// A field of a mapping, its `$ref` not followed.
    fn own_field(&self, node: &'n Node, name: &str) -> Result<Option<&'n Node>, Rc<Refusal>> {
        let entries = entries(node);
        let found = if entries.len() < LARGE {
            let mut named = entries.iter().filter(|(key, _)| text(key) == Some(name));
            match (named.next(), named.next()) {
                (Some((_, value)), None) => Some(Some(value)),
                (None, _) => None,
                _ => Some(None),
            }
        } else {
            self.index(node).get(name).copied()
        };
        match found {
            Some(None) => Err(twice(node, name)),
            Some(Some(value)) => Ok(Some(value)),
            None => Ok(None),
        }
    }

    fn index(&self, node: &'n Node) -> Rc<Index<'n>> {
        let mut indices = self.indices.borrow_mut();
        let index = indices.entry(std::ptr::from_ref(node)).or_insert_with(|| {
            let mut index = Index::new();
            for (key, value) in entries(node) {
                if let Some(name) = text(key) {
                    index
                        .entry(name)
                        .and_modify(|known| *known = None)
                        .or_insert(Some(value));
                }
            }
            Rc::new(index)
        });
        Rc::clone(index)
    }

    /// The number of values that are kept besides the tree itself.
    #[cfg(test)]
    fn kept(&self) -> usize {
        let indices = self.indices.borrow();
        self.followed.borrow().len() + indices.values().map(|index| index.len()).sum::<usize>()
    }
}

/// Whether a field next to a `$ref` could change who may use a route.
fn decides(name: &str) -> bool {
    let tells = [
        "$ref",
        "summary",
        "description",
        "parameters",
        "tags",
        "operationId",
        "deprecated",
        "externalDocs",
    ];
    !tells.contains(&name) && !name.starts_with("x-")
}

fn circle(at: &Node) -> Rc<Refusal> {
    Rc::new(Refusal::new(
        "circle",
        &at.at,
        "this reference leads back to itself",
        "write the value in place of the first reference",
    ))
}

fn twice(node: &Node, name: &str) -> Rc<Refusal> {
    let mut named = entries(node)
        .iter()
        .map(|(key, _)| key)
        .filter(|key| text(key) == Some(name));
    let first = named.next().unwrap_or(node);
    let second = named.next().unwrap_or(first);
    let refusal = Refusal::new(
        "twice",
        &second.at,
        format!("`{}` occurs here twice", cut(name)),
        "no two readers agree which of the two holds: remove one of them",
    );
    Rc::new(refusal.first_at(&first.at))
}

fn entries(node: &Node) -> &[(Node, Node)] {
    match &node.value {
        Value::Map(entries) => entries,
        _ => &[],
    }
}

pub(super) fn text(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// An index of a list, which has no sign and no leading zeros.
fn index(token: &str) -> Option<usize> {
    let is_number = token.bytes().all(|byte| byte.is_ascii_digit());
    let fits = is_number && (token == "0" || !token.starts_with('0'));
    token.parse().ok().filter(|_| fits)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    fn message(found: Found<'_>) -> String {
        match found {
            Ok(node) => node.value.kind(),
            Err(refusal) => refusal.problem().message().to_owned(),
        }
    }

    #[test]
    fn references() {
        let root = read(
            r##"
list: [{ $ref: "#/a" }, zero]
a: { $ref: "#/b~1c%7e" }
"b/c~": { $ref: "#/list/1" }
circle: { $ref: "#/back" }
back: { $ref: "#/circle" }
own: { $ref: "#/own" }
into: { $ref: "#/circle" }
nowhere: { $ref: "#/c" }
name: { $ref: "#a" }
sign: { $ref: "#/list/+1" }
zeros: { $ref: "#/list/01" }
escape: { $ref: "#/%+1" }
outside: { $ref: "b.yaml#/c" }
number: { $ref: 1 }
beside: { $ref: "#/list/1", get: {} }
harmless: { $ref: "#/list/1", summary: s, x-y: 1 }
twice: { $ref: "#/a", $ref: "#/b" }
"##,
        )
        .unwrap();
        let tree = Tree::new(&root);
        for (name, wanted) in [
            ("a", "the text `zero`"),
            ("harmless", "the text `zero`"),
            ("circle", "this reference leads back to itself"),
            ("own", "this reference leads back to itself"),
            ("into", "this reference leads back to itself"),
            ("nowhere", "`#/c` leads nowhere"),
            ("name", "`#a` leads nowhere"),
            ("sign", "`#/list/+1` leads nowhere"),
            ("zeros", "`#/list/01` leads nowhere"),
            ("escape", "`#/%+1` leads nowhere"),
            ("outside", "`b.yaml#/c` leads out of the file"),
            ("number", "this `$ref` is the number 1"),
            ("beside", "`get` is next to a `$ref`"),
            ("twice", "`$ref` occurs here twice"),
        ] {
            let found = tree.field(&root, name).map(Option::unwrap);
            assert_eq!(message(found), wanted, "{name}");
        }
        assert!(tree.field(&root, "missing").unwrap().is_none());
    }

    /// However long a chain is, no circle is seen in it, and every link of it is followed once:
    /// the memory grows with the links and not faster.
    #[test]
    fn long_chains() {
        let links = 5000;
        let mut source = String::new();
        for link in 0..links {
            let _ = writeln!(source, "a{link}: {{ $ref: \"#/a{}\" }}", link + 1);
        }
        let _ = writeln!(source, "a{links}: end");
        let root = read(&source).unwrap();
        let tree = Tree::new(&root);
        for (key, _) in entries(&root) {
            let found = tree.field(&root, text(key).unwrap()).map(Option::unwrap);
            assert_eq!(message(found), "the text `end`");
        }
        assert_eq!(tree.kept(), links + links + 1);
    }
}
