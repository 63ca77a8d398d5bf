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
    /// `scope_names:`
    pub scope_names: ScopeNames,
    /// `global:`, a scope that opens every route that needs scopes
    pub global: Option<Spanned<String>>,
    /// `key:`
    pub key: Option<Key>,
    /// `paths:`
    pub options: PathOptions,
    /// `method_rule:`, where the file states it
    pub stated_method_rule: Option<Spanned<MethodRule>>,
    /// `implies:`, in the file's order
    pub implies: Vec<ImpliesEntry>,
    /// `public:`, in the file's order
    pub public: Vec<RouteEntry>,
    /// `any_key:`, in the file's order
    pub any_key: Vec<RouteEntry>,
    /// `scopes:`, in the file's order
    pub scopes: Vec<ScopeEntry>,
}

impl Document {
    /// The method rule in force: the one that the file states, or that of its kind of names.
    #[must_use]
    pub fn method_rule(&self) -> MethodRule {
        match (&self.stated_method_rule, self.scope_names) {
            (Some(stated), _) => stated.value,
            (None, ScopeNames::ResourceAction) => MethodRule::ReadWrite,
            (None, ScopeNames::Opaque) => MethodRule::None,
        }
    }

    /// Every entry of a route: the public ones, those for any key, and those under scopes.
    pub fn routes(&self) -> impl Iterator<Item = &RouteEntry> {
        let open = self.public.iter().chain(&self.any_key);
        open.chain(self.scopes.iter().flat_map(|scope| &scope.routes))
    }
}

/// `scope_names:`
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ScopeNames {
    /// `resource-action`: names are `resource:action`, and `resource:*` implies the others of its
    /// resource.
    #[default]
    ResourceAction,
    /// `opaque`: names are any scope-token of RFC 6749 section 3.3 without a comma, and imply
    /// nothing by themselves.
    Opaque,
}

impl ScopeNames {
    /// Its name in `routes.yaml`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ResourceAction => "resource-action",
            Self::Opaque => "opaque",
        }
    }
}

/// An entry of `implies:`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ImpliesEntry {
    /// The scope that is as good as each of the others.
    pub name: Spanned<String>,
    /// The scopes that it implies.
    pub implied: Vec<Spanned<String>>,
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
    /// Its key: a scope, or several with a space between them, all of which are needed.
    pub name: Spanned<String>,
    /// `name:`, of its constant in generated code
    pub code_name: Option<Spanned<String>>,
    /// `summary:`
    pub summary: Option<String>,
    /// `routes:`, in the file's order
    pub routes: Vec<RouteEntry>,
}

impl ScopeEntry {
    /// The scopes that the key names, each with its place.
    pub fn names(&self) -> impl Iterator<Item = Spanned<&str>> {
        let Spanned { value, at } = &self.name;
        // The file may write the key with escapes.
        let is_verbatim = at.len() == value.len();
        let mut start = 0;
        value.split(' ').map(move |name| {
            let begins = start;
            start += name.len() + 1;
            Spanned {
                value: name,
                at: match is_verbatim {
                    true => at.start + begins..at.start + begins + name.len(),
                    false => at.clone(),
                },
            }
        })
    }

    /// The only scope that the key names, if it names one.
    #[must_use]
    pub fn single(&self) -> Option<&str> {
        (!self.name.value.contains(' ')).then_some(self.name.value.as_str())
    }
}

/// An entry of `routes:`, `public:` or `any_key:`.
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
