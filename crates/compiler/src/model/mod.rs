//! The meaning of a policy: valid by construction, and in one order whatever the order
//! of the file. No stage after `check` can meet a bad route. Two errors need the automaton and
//! come later: see `automaton::no_tables`.

pub(crate) mod affixes;
pub(crate) mod case_collisions;
pub(crate) mod check;
pub(crate) mod code_name;
pub(crate) mod conflict;
pub(crate) mod digest;
pub(crate) mod implications;
pub(crate) mod implied;
pub(crate) mod lint;
pub(crate) mod listed_route;
pub(crate) mod of_policy;
pub(crate) mod overlap;
pub(crate) mod requirements;
mod scope_name;
pub(crate) mod scopes;
pub(crate) mod source_map;
pub mod template;
pub(crate) mod trie;

use std::collections::{BTreeMap, BTreeSet};

use routescope_core::{Method, Methods, PathOptions};

pub use crate::model::scope_name::{ScopeList, ScopeName};
use crate::model::template::Template;
use crate::source::document::{Key, ScopeNames};

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
    /// `scope_names:`
    pub scope_names: ScopeNames,
    /// `global:`, the scope that opens every route that needs scopes
    pub global: Option<ScopeName>,
    /// `implies:`, as the file states it
    pub implies: BTreeMap<ScopeName, BTreeSet<ScopeName>>,
    /// `key:`
    pub key: Option<Key>,
    /// `paths:`
    pub options: PathOptions,
    /// The scopes that the file names under `scopes` and `implies`, with and without routes.
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
    /// The headings under which the file lists it.
    pub listed: Listed,
}

/// The headings under which the file lists a route.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Listed {
    /// Under `public`.
    Public,
    /// Under `any_key`.
    AnyKey,
    /// Under these headings of `scopes`, of which there is at least one. Each is an alternative.
    Scopes(BTreeSet<ScopeList>),
}

impl Listed {
    /// The headings of `scopes`: none if it is listed elsewhere, where it needs no scope.
    pub fn lists(&self) -> impl Iterator<Item = &ScopeList> {
        let lists = match self {
            Self::Scopes(lists) => Some(lists),
            Self::Public | Self::AnyKey => None,
        };
        lists.into_iter().flatten()
    }
}

impl Model {
    /// The scopes that a key may usefully hold: those that the file names, `r:*` for each of their
    /// resources, the umbrella's two, and the global one.
    #[must_use]
    pub fn known_scopes(&self) -> BTreeSet<ScopeName> {
        let mut known = self.scopes.clone();
        known.extend(self.scopes.iter().filter_map(|named| named.with("*")));
        known.extend(
            self.umbrella
                .iter()
                .flat_map(|umbrella| ["read", "*"].map(|action| ScopeName::of(umbrella, action))),
        );
        known.extend(self.global.clone());
        known
    }

    /// The routes, in the order of templates and then of methods.
    pub fn routes(&self) -> impl Iterator<Item = &ModelRoute> {
        self.templates.iter().flat_map(|listing| &listing.routes)
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
