//! A `routes.yaml` as its author wrote it: every value with its place in the file,
//! before anything is checked.
//!
//! For tools. The structs are `#[non_exhaustive]`, because a new field of the file
//! is a new field here.

use std::ops::Range;

use routescope_core::{Alphabet, PathOptions};

/// A value and the place of its text in the file, without quotes.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Byte offsets in the file.
    pub at: Range<usize>,
}

/// The content of a `routes.yaml`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Document {
    /// `name:`
    pub name: Spanned<String>,
    /// `updated:`, `YYYY-MM-DD`
    pub updated: Option<Spanned<String>>,
    /// `revision:`, the number of the edition, 1 or more
    pub revision: Option<Spanned<u32>>,
    /// `umbrella:`, a resource
    pub umbrella: Option<Spanned<String>>,
    /// Whether the file has `global: "*:*"`.
    pub global: bool,
    /// `key:`
    pub key: Option<Key>,
    /// `paths:`
    pub options: PathOptions,
    /// `method_rule:`
    pub method_rule: MethodRule,
    /// `scopes:`, in the file's order
    pub scopes: Vec<ScopeEntry>,
}

/// `key:`
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Key {
    /// `prefix:`
    pub prefix: String,
    /// `length:`, of a whole key in bytes
    pub length: u16,
    /// `alphabet:`
    pub alphabet: Alphabet,
}

impl Key {
    /// The form of keys that begin with `prefix`, are `length` bytes long and
    /// otherwise consist of `alphabet`.
    #[must_use]
    pub fn new(prefix: impl Into<String>, length: u16, alphabet: Alphabet) -> Self {
        Self {
            prefix: prefix.into(),
            length,
            alphabet,
        }
    }
}

/// `method_rule:`
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum MethodRule {
    /// `read-write`: GET and HEAD only under `:read` or a named operation,
    /// other methods never under `:read`.
    #[default]
    ReadWrite,
    /// `none`: any method under any scope.
    None,
}

/// An entry of `scopes:`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ScopeEntry {
    /// Its key, `resource:action`.
    pub name: Spanned<String>,
    /// `name:`, of its constant in generated code
    pub code_name: Option<Spanned<String>>,
    /// `summary:`
    pub summary: Option<String>,
    /// `routes:`, in the file's order
    pub routes: Vec<RouteEntry>,
}

/// An entry of `routes:`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RouteEntry {
    /// `METHOD /template/`
    pub text: Spanned<String>,
    /// `name:`, of its variant in generated code
    pub code_name: Option<Spanned<String>>,
    /// `note:`
    pub note: Option<String>,
    /// The place of `overlap: allow`, if it is there.
    pub overlap: Option<Range<usize>>,
    /// The place of `literal: true`, if it is there: segments such as `:id` and `*`,
    /// which other routers take for parameters, stand for themselves.
    pub literal: Option<Range<usize>>,
}
