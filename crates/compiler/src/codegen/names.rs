//! The names of a policy's scopes and routes in generated code, each used once.

use std::collections::HashMap;
use std::ops::Range;

use routescope_core::Method;

use crate::Compiled;
use crate::document::{Document, ScopeEntry};
use crate::model::code_name;
use crate::model::listed_route::read_route;
use crate::model::template::Template;
use crate::source::report::Problem;

/// The names of a policy, in the order of its tables.
pub(crate) struct Names {
    pub(crate) scopes: Vec<Named>,
    pub(crate) routes: Vec<Named>,
}

/// A scope or a route with its name.
pub(crate) struct Named {
    /// The name in the language that is generated.
    pub(crate) name: String,
    /// `orders:read`, or `GET /orders/{id}`.
    what: String,
    /// Where the file says it, or says what implies it.
    at: Range<usize>,
    /// Whether the rules imply it, so that the file has no place for a `name:`.
    implied: bool,
}

/// The language of generated code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Language {
    Rust,
    C,
}

impl Names {
    /// The names, or a problem for each that two would have.
    pub(crate) fn new(compiled: &Compiled, language: Language) -> Result<Self, Vec<Problem>> {
        let names = Self {
            scopes: scopes(compiled),
            routes: routes(compiled, language),
        };
        let mut problems = Vec::new();
        unique(&names.scopes, Named::of_scope, &mut problems);
        unique(&names.routes, Named::of_route, &mut problems);
        if problems.is_empty() {
            Ok(names)
        } else {
            Err(problems)
        }
    }
}

fn scopes(compiled: &Compiled) -> Vec<Named> {
    let document = compiled.document();
    let entries: HashMap<&str, &ScopeEntry> = document
        .scopes
        .iter()
        .map(|entry| (entry.name.value.as_str(), entry))
        .collect();
    let scopes = compiled.policy().scopes();
    let named = scopes.map(|scope| {
        let entry = entries.get(scope.name()).copied();
        let stated = entry.and_then(|entry| entry.code_name.as_ref());
        Named {
            name: match stated {
                Some(stated) => stated.value.clone(),
                None => code_name::of_scope(scope.name()),
            },
            what: scope.name().to_owned(),
            at: match (stated, entry) {
                (Some(stated), _) => stated.at.clone(),
                (None, Some(entry)) => entry.name.at.clone(),
                (None, None) => implied_by(document, scope.name()),
            },
            implied: entry.is_none(),
        }
    });
    named.collect()
}

/// The place of what implies a scope: a scope of its resource, or the umbrella.
fn implied_by(document: &Document, scope: &str) -> Range<usize> {
    let resource = scope.split(':').next().unwrap_or_default();
    if let Some(umbrella) = &document.umbrella
        && umbrella.value == resource
    {
        return umbrella.at.clone();
    }
    let is_of_resource = |entry: &&ScopeEntry| entry.name.value.split(':').next() == Some(resource);
    let entry = document.scopes.iter().find(is_of_resource);
    entry.map_or_else(|| document.name.at.clone(), |entry| entry.name.at.clone())
}

fn routes(compiled: &Compiled, language: Language) -> Vec<Named> {
    // The place of a route is that of its name, or else the first in the file.
    let mut places: HashMap<(Method, Template), (Range<usize>, Option<&str>)> = HashMap::new();
    for entry in compiled
        .document()
        .scopes
        .iter()
        .flat_map(|scope| &scope.routes)
    {
        let Ok((method, _, template)) = read_route(entry) else {
            continue;
        };
        let place = places
            .entry((method, template))
            .or_insert_with(|| (entry.text.at.clone(), None));
        if let (Some(stated), None) = (&entry.code_name, place.1) {
            *place = (stated.at.clone(), Some(&stated.value));
        }
    }
    let templates = &compiled.model().templates;
    let listed = templates.iter().flat_map(|listing| {
        listing
            .routes
            .iter()
            .map(|route| (&listing.template, route))
    });
    let named = listed.map(|(template, route)| {
        let place = places.get(&(route.method, template.clone()));
        let (at, stated) = place.cloned().unwrap_or((0..0, None));
        Named {
            name: match (language, stated) {
                (Language::Rust, Some(stated)) => stated.to_owned(),
                (Language::Rust, None) => code_name::of_route(route.method, &route.text),
                (Language::C, stated) => {
                    code_name::of_route_in_c(route.method, &route.text, stated)
                }
            },
            what: format!("{} {}", route.method, route.text),
            at,
            implied: false,
        }
    });
    named.collect()
}

/// Reports what has no name, and what has that of another.
fn unique(all: &[Named], advice: fn(&Named, &str) -> String, problems: &mut Vec<Problem>) {
    let mut seen: HashMap<&str, &Named> = HashMap::new();
    for named in all {
        let Named { name, what, at, .. } = named;
        if name.is_empty() {
            let message = format!("no name in generated code can be made of `{what}`");
            problems.push(Problem::error(at.clone(), message).help(advice(named, "A_NAME")));
            continue;
        }
        let Some(first) = seen.get(name.as_str()) else {
            seen.insert(name, named);
            continue;
        };
        // At fault is what comes later in the file, and rather what the file can name there.
        let order = |named: &Named| (!named.implied, named.at.start);
        let (other, at_fault) = match order(first) <= order(named) {
            true => (*first, named),
            false => (named, *first),
        };
        problems.push(
            Problem::error(
                at_fault.at.clone(),
                format!(
                    "`{}` and `{}` would both be `{name}` in generated code",
                    other.what, at_fault.what
                ),
            )
            .label(at_fault.label())
            .with_label(other.at.clone(), other.label())
            .help(advice(at_fault, &another(name, all))),
        );
    }
}

/// A name like this one that is not used yet.
fn another(name: &str, all: &[Named]) -> String {
    let numbered = (2..).map(|number| match name.contains('_') {
        true => format!("{name}_{number}"),
        false => format!("{name}{number}"),
    });
    let is_free = |name: &String| all.iter().all(|named| named.name != *name);
    numbered.into_iter().find(is_free).unwrap_or_default()
}

impl Named {
    fn label(&self) -> String {
        if self.implied {
            format!("`{}`, implied here", self.what)
        } else {
            format!("`{}`", self.what)
        }
    }

    fn of_scope(&self, name: &str) -> String {
        let why = if self.implied {
            "list the implied scope with a name of its own"
        } else {
            "give it a name of its own"
        };
        format!("{why}:\n\"{}\":\n  name: {name}", self.what)
    }

    fn of_route(&self, name: &str) -> String {
        format!(
            "give it a name of its own:\n- route: {}\n  name: {name}",
            self.what
        )
    }
}
