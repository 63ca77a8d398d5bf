//! A `routes.yaml` as its author wrote it: every value with its place, nothing
//! judged yet.

use std::ops::Range;

use routescope_core::{Alphabet, Options};

/// A value and where its text stands in the file, without quotes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Byte offsets in the file.
    pub at: Range<usize>,
}

/// What a `routes.yaml` says.
#[derive(Clone, Debug)]
pub struct Document {
    /// `name:`
    pub name: At<String>,
    /// `updated:`, `YYYY-MM-DD`
    pub updated: Option<At<String>>,
    /// `umbrella:`, a resource
    pub umbrella: Option<At<String>>,
    /// Whether `global: "*:*"` stands there.
    pub global: bool,
    /// `key:`
    pub key: Option<Key>,
    /// `paths:`
    pub options: Options,
    /// `method_rule:`
    pub method_rule: MethodRule,
    /// `scopes:`, in the file's order
    pub scopes: Vec<ScopeEntry>,
}

/// `key:`
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Key {
    /// `prefix:`
    pub prefix: String,
    /// `length:`, of a whole key in bytes
    pub length: u16,
    /// `alphabet:`
    pub alphabet: Alphabet,
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
pub struct ScopeEntry {
    /// Its key, `resource:action`.
    pub name: At<String>,
    /// `summary:`
    pub summary: Option<String>,
    /// `routes:`, in the file's order
    pub routes: Vec<RouteEntry>,
}

/// An entry of `routes:`.
#[derive(Clone, Debug)]
pub struct RouteEntry {
    /// `METHOD /template/`
    pub text: At<String>,
    /// `note:`
    pub note: Option<String>,
    /// Where `overlap: allow` stands, if it does.
    pub overlap: Option<Range<usize>>,
    /// Where `literal: true` stands, if it does: segments such as `:id` and `*`,
    /// which other routers take for parameters, stand for themselves.
    pub literal: Option<Range<usize>>,
}
