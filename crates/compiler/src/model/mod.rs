//! The meaning of a policy: valid by construction, and in one order whatever the order
//! of the file. No stage after `check` can meet a bad route. Two errors need the automaton and
//! come later: see `automaton::no_tables`.

pub(crate) mod accepted_scopes;
pub(crate) mod affixes;
pub(crate) mod case_collisions;
pub(crate) mod check;
pub(crate) mod code_name;
pub(crate) mod conflict;
pub(crate) mod digest;
pub(crate) mod lint;
pub(crate) mod listed_route;
pub(crate) mod of_policy;
pub(crate) mod overlap;
pub(crate) mod source_map;
pub mod template;
pub(crate) mod trie;

use std::collections::BTreeSet;
use std::fmt;

use routescope_core::{Method, Methods, PathOptions};

use crate::model::template::Template;
use crate::source::document::Key;

/// A checked policy.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Model {
    /// `name:`
    pub name: String,
    /// `updated:`
    pub updated: Option<String>,
    /// `revision:`
    pub revision: Option<u32>,
    /// `umbrella:`
    pub umbrella: Option<String>,
    /// Whether `*:*` opens everything.
    pub global: bool,
    /// `key:`
    pub key: Option<Key>,
    /// `paths:`
    pub options: PathOptions,
    /// The scopes of the file, with and without routes, in byte order.
    pub scopes: BTreeSet<ScopeName>,
    /// The templates, in the order of [`Template`].
    pub templates: Vec<Listing>,
}

/// A template and the routes on it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Listing {
    /// The template.
    pub template: Template,
    /// At least one, in method order.
    pub routes: Vec<ModelRoute>,
}

impl Listing {
    /// The template as the file writes it for the first of its routes.
    #[must_use]
    pub fn text(&self) -> &str {
        self.routes
            .first()
            .map(|route| route.text.as_str())
            .unwrap_or_default()
    }

    /// The methods that the template answers: those of its routes, and `HEAD`
    /// where it lists `GET`.
    #[must_use]
    pub fn answers(&self) -> Methods {
        let listed = self
            .routes
            .iter()
            .fold(Methods::NONE, |methods, route| methods.with(route.method));
        if listed.contains(Method::Get) {
            listed.with(Method::Head)
        } else {
            listed
        }
    }
}

/// A method on a template.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ModelRoute {
    /// The method.
    pub method: Method,
    /// The template as the file writes it; where it writes it in several ways,
    /// the first in byte order.
    pub text: String,
    /// The scopes it is listed under: at least one.
    pub listed: BTreeSet<ScopeName>,
}

/// `resource:action`
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ScopeName {
    /// The resource that it opens.
    pub resource: String,
    /// `read`, a named operation, or `*` for all of them.
    pub action: String,
}

impl ScopeName {
    /// Most bytes of a scope's name.
    pub(crate) const MAX_LEN: usize = routescope_core::__private::MAX_SCOPE_NAME;

    /// Splits at the colon, of which there must be one.
    #[must_use]
    pub fn split(text: &str) -> Option<Self> {
        let (resource, action) = text.split_once(':')?;
        (!action.contains(':')).then(|| Self {
            resource: resource.to_owned(),
            action: action.to_owned(),
        })
    }

    /// The scope of the same resource with another action.
    #[must_use]
    pub fn with(&self, action: &str) -> Self {
        Self {
            resource: self.resource.clone(),
            action: action.to_owned(),
        }
    }

    /// Whether it covers every action of its resource.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.action == "*"
    }
}

impl fmt::Display for ScopeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.resource, self.action)
    }
}

impl Model {
    /// The scopes that a key may usefully hold: those of the file, `r:*` for each of
    /// their resources, the umbrella's two, and the global one.
    #[must_use]
    pub fn known_scopes(&self) -> BTreeSet<ScopeName> {
        let scope = |resource: &str, action: &str| ScopeName {
            resource: resource.to_owned(),
            action: action.to_owned(),
        };
        let mut known = self.scopes.clone();
        known.extend(self.scopes.iter().map(|listed| listed.with("*")));
        known.extend(
            self.umbrella
                .iter()
                .flat_map(|umbrella| [scope(umbrella, "read"), scope(umbrella, "*")]),
        );
        known.extend(self.global.then(|| scope("*", "*")));
        known
    }

    /// The number of routes: methods on templates.
    #[must_use]
    pub fn route_count(&self) -> usize {
        self.templates
            .iter()
            .map(|listing| listing.routes.len())
            .sum()
    }
}
