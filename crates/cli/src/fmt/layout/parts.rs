//! The parts of a routes.yaml: its fields and scopes, and the comments that belong to each.

use std::collections::BTreeMap;
use std::ops::Range;

use routescope_compiler::unstable::yaml::{Node, Value};

/// A line of the canonical file, which comments can belong to.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Slot {
    /// A field of the policy.
    Field(String),
    /// A field of `key` or `paths`, where these take several lines.
    Sub(String, String),
    /// A scope, by its number in the file.
    Scope(usize),
    /// `name`, `summary` or `routes` of a scope.
    ScopeField(usize, String),
    /// `route`, `name`, `note` or another field of a route, by its number in its list.
    Route(RouteList, usize, String),
    /// An entry of `implies`, by its number in the file.
    Implies(usize),
    /// A scope that an entry of `implies` names, where these take several lines.
    Implied(usize, usize),
}

/// A list of routes.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum RouteList {
    /// `public` or `any_key`.
    Field(String),
    /// `routes` of a scope.
    Scope(usize),
}

impl Slot {
    /// How deep the line is indented in canonical form.
    pub(crate) fn level(&self) -> usize {
        match self {
            Self::Field(_) => 0,
            Self::Sub(..) | Self::Scope(_) | Self::Implies(_) => 2,
            Self::ScopeField(..) | Self::Implied(..) => 4,
            Self::Route(list, _, field) => {
                let list = match list {
                    RouteList::Field(_) => 2,
                    RouteList::Scope(_) => 6,
                };
                list + if field == "route" { 0 } else { 2 }
            }
        }
    }

    /// The indentation of comments below the line that belong to it.
    pub(crate) fn inner(&self) -> usize {
        let opens = match self {
            Self::Field(name) => {
                matches!(name.as_str(), "scopes" | "implies" | "public" | "any_key")
            }
            Self::Scope(_) => true,
            Self::ScopeField(_, name) => name == "routes",
            Self::Sub(..) | Self::Route(..) | Self::Implies(_) | Self::Implied(..) => false,
        };
        self.level() + if opens { 2 } else { 0 }
    }
}

/// The comments that belong to a line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Remarks {
    /// Comments above.
    pub(crate) before: Vec<Comment>,
    /// Whether an empty line follows these.
    pub(crate) apart: bool,
    /// The comment at the end of the line, with the number of spaces before it.
    pub(crate) at_end: Option<(usize, String)>,
    /// Comments below that belong to this line rather than to the next: they
    /// are indented deeper than that one.
    pub(crate) after: Vec<Comment>,
}

/// A comment that has a whole line, with its `#`.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Comment {
    /// Whether an empty line precedes it.
    pub(crate) blank: bool,
    pub(crate) text: String,
}

/// A file, taken apart.
#[derive(Debug)]
pub(crate) struct Layout {
    /// The fields of the policy in the file's order, but for those below.
    pub(crate) fields: Vec<(String, Node)>,
    /// `implies`, if the file has it.
    pub(crate) implies: Option<Vec<ImpliesLayout>>,
    /// `public` and `any_key`, those that the file has, in its order.
    pub(crate) open: Vec<(String, Vec<RouteLayout>)>,
    /// Whether the file has `scopes`.
    pub(crate) has_scopes: bool,
    pub(crate) scopes: Vec<ScopeLayout>,
    pub(crate) remarks: BTreeMap<Slot, Remarks>,
    /// Comments on top that belong to the file.
    pub(crate) header: Vec<Comment>,
    /// Comments at the end.
    pub(crate) footer: Vec<Comment>,
}

/// A scope and the scopes that it implies.
#[derive(Debug)]
pub(crate) struct ImpliesLayout {
    pub(crate) name: String,
    pub(crate) implied: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct ScopeLayout {
    pub(crate) name: String,
    /// From the beginning of its name, quotes included, to the end of its last value.
    pub(crate) at: Range<usize>,
    pub(crate) code_name: Option<String>,
    pub(crate) summary: Option<String>,
    /// Whether it has a field `routes`.
    pub(crate) lists: bool,
    pub(crate) routes: Vec<RouteLayout>,
}

#[derive(Debug)]
pub(crate) struct RouteLayout {
    /// `METHOD /template/`
    pub(crate) text: String,
    pub(crate) code_name: Option<String>,
    pub(crate) note: Option<String>,
    /// Its other fields, in the file's order: `overlap: allow`.
    pub(crate) flags: Vec<(String, Node)>,
    /// From its first name or value to the end of its last value.
    pub(crate) at: Range<usize>,
}

pub(super) fn map(node: &Node) -> &[(Node, Node)] {
    match &node.value {
        Value::Map(entries) => entries,
        _ => &[],
    }
}

pub(super) fn list(node: &Node) -> &[Node] {
    match &node.value {
        Value::List(items) => items,
        _ => &[],
    }
}

/// The text of a scalar, empty for any other value.
pub(super) fn text(node: &Node) -> String {
    match &node.value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        _ => String::new(),
    }
}
