//! The result of reading a source: scopes and their routes.

use std::collections::HashSet;
use std::fmt::Write;
use std::ops::Range;
use std::rc::Rc;

use routescope::Method;
use routescope_compiler::document::Key;
use routescope_compiler::template::Template;

use crate::fmt::canonical::{route, scalar};
use crate::wire::count;

/// A table of scopes and routes, and other facts of its source.
#[derive(Clone, Debug, Default)]
pub(crate) struct ImportedTable {
    /// The day the source was last updated, `YYYY-MM-DD`.
    pub(crate) updated: Option<String>,
    pub(crate) umbrella: Option<String>,
    pub(crate) key: Option<Key>,
    /// Whether the names of its scopes are opaque: some are no `resource:action`.
    pub(crate) opaque: bool,
    /// Whether some method is listed under a scope whose action does not allow for it.
    pub(crate) any_method: bool,
    /// The routes that need no key; `None` if the source does not tell.
    pub(crate) public: Option<Vec<ImportedRoute>>,
    /// The routes that any valid key opens; `None` if the source does not tell.
    pub(crate) any_key: Option<Vec<ImportedRoute>>,
    /// The scopes, in the source's order.
    pub(crate) scopes: Vec<ImportedScope>,
    /// The numbers of routes and scopes that the source states.
    pub(crate) stated: Option<Stated>,
    /// Requests that the source shows as examples.
    pub(crate) examples: Vec<Example>,
    /// Operations of the source that the table leaves out.
    pub(crate) omitted: Vec<Omitted>,
    /// Notes on the import for a person.
    pub(crate) notes: Vec<String>,
    /// Notes on what opens more than the source seems to want.
    pub(crate) warnings: Vec<String>,
}

/// An operation that the table leaves out.
#[derive(Clone, Debug)]
pub(crate) struct Omitted {
    pub(crate) method: Method,
    pub(crate) path: String,
    /// Its line and column in the source.
    pub(crate) position: String,
}

/// A heading of `scopes:` with its routes.
#[derive(Clone, Debug)]
pub(crate) struct ImportedScope {
    /// A scope; or several that are needed together, in byte order and with a space between them.
    pub(crate) name: String,
    pub(crate) summary: Option<String>,
    pub(crate) routes: Vec<ImportedRoute>,
    /// Its position in the source.
    pub(crate) at: Range<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct ImportedRoute {
    pub(crate) method: Method,
    /// The template as the policy writes it.
    pub(crate) path: String,
    pub(crate) template: Rc<Template>,
    /// Whether to say `overlap: allow`.
    pub(crate) overlap: bool,
}

/// Whether a text is a scope's name: `resource:action`, of a length that a
/// message can show.
pub(crate) fn is_scope(text: &str) -> bool {
    let fits = |part: &str| {
        let mut bytes = part.bytes();
        !part.is_empty() && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
    };
    text.len() <= LONGEST_SCOPE
        && text
            .split_once(':')
            .is_some_and(|(resource, action)| fits(resource) && (action == "*" || fits(action)))
}

/// Whether a text can be a scope where the policy says `scope_names: opaque`: a scope-token of RFC
/// 6749 without a comma.
pub(crate) fn is_token(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b',');
    (1..=LONGEST_SCOPE).contains(&text.len()) && text.bytes().all(fits)
}

/// Most bytes of a scope's name.
const LONGEST_SCOPE: usize = 255;

/// Most scopes that a policy can need together.
pub(crate) const MOST_TOGETHER: usize = 8;

/// Most headings of several scopes that a policy can list a route under.
pub(crate) const MOST_SETS: usize = 16;

/// Most routes under scopes that are imported.
pub(crate) const MOST_ROUTES: usize = 100_000;

/// Most bytes that these have, written down.
pub(crate) const MOST_BYTES: usize = 8 << 20;

/// Most scopes that a policy can have; the rules imply others besides those that it names.
pub(crate) const MOST_SCOPES: usize = 4096;

/// The source's own counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Stated {
    pub(crate) routes: usize,
    pub(crate) scopes: usize,
}

/// A request that the source shows.
#[derive(Clone, Debug)]
pub(crate) struct Example {
    pub(crate) method: String,
    /// The path, perhaps with `{id}` in it.
    pub(crate) path: String,
    /// The scope that the source says it needs.
    pub(crate) scope: Option<String>,
    pub(crate) line: usize,
}

impl ImportedRoute {
    /// `GET /a/{id}/`
    pub(crate) fn text(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

impl ImportedTable {
    /// Counts the scopes and the routes. A method on a template counts once under each heading.
    pub(crate) fn counts(&self) -> Stated {
        let names = self.scopes.iter().flat_map(|scope| scope.name.split(' '));
        let listed = self.scopes.iter().map(|scope| scope.routes.len());
        Stated {
            routes: listed.sum::<usize>() + self.open_routes().count(),
            scopes: names.collect::<HashSet<&str>>().len(),
        }
    }

    /// The routes that need no scope.
    pub(crate) fn open_routes(&self) -> impl Iterator<Item = &ImportedRoute> {
        self.public.iter().chain(&self.any_key).flatten()
    }

    /// All routes in the order in which they are written.
    pub(crate) fn routes_mut(&mut self) -> impl Iterator<Item = &mut ImportedRoute> {
        let open = self.public.iter_mut().chain(&mut self.any_key).flatten();
        open.chain(self.scopes.iter_mut().flat_map(|scope| &mut scope.routes))
    }

    /// The number that is too large for a policy, in words.
    pub(crate) fn too_much(&self) -> Option<String> {
        let Stated { routes, scopes } = self.counts();
        [
            (routes, MOST_ROUTES, "route"),
            (scopes, MOST_SCOPES, "scope"),
        ]
        .into_iter()
        .find(|(all, most, _)| all > most)
        .map(|(_, most, what)| count(most as u64, what))
    }

    /// The table as a routes.yaml in canonical form.
    pub(crate) fn to_yaml(&self, name: &str, header: &str) -> String {
        let mut text = format!("{header}version: 1\nname: {}\n", scalar(name));
        if let Some(updated) = &self.updated {
            let _ = writeln!(text, "updated: {updated}");
        }
        if self.opaque {
            text.push_str("scope_names: opaque\n");
        }
        if let Some(umbrella) = &self.umbrella {
            let _ = writeln!(text, "umbrella: {umbrella}");
        }
        if let Some(key) = &self.key {
            let _ = writeln!(
                text,
                "key: {{ prefix: {}, length: {}, alphabet: {} }}",
                scalar(&key.prefix),
                key.length,
                key.alphabet.as_str()
            );
        }
        text.push_str("paths: { trailing_slash: exact, case: exact }\n");
        if self.any_method {
            text.push_str("method_rule: none\n");
        }
        for (field, routes) in [("public", &self.public), ("any_key", &self.any_key)] {
            if let Some(routes) = routes.as_ref().filter(|routes| !routes.is_empty()) {
                write_open(&mut text, field, routes, 2);
            }
        }
        text.push_str(if self.scopes.is_empty() {
            "\nscopes: {}\n"
        } else {
            "\nscopes:\n"
        });
        for (index, scope) in self.scopes.iter().enumerate() {
            if index > 0 {
                text.push('\n');
            }
            scope.write(&mut text, [2, 4, 6]);
        }
        text
    }
}

/// Writes the routes of a field that lists those without scopes.
pub(crate) fn write_open(text: &mut String, field: &str, routes: &[ImportedRoute], indent: usize) {
    let _ = writeln!(text, "{field}:");
    for route in routes {
        route.write(text, indent);
    }
}

impl ImportedScope {
    /// Writes it as `scopes:` lists it, with the given indents of its name, its fields and its
    /// routes.
    pub(crate) fn write(&self, text: &mut String, [name, field, entry]: [usize; 3]) {
        let _ = writeln!(text, "{:name$}\"{}\":", "", self.name);
        if let Some(summary) = &self.summary {
            let _ = writeln!(text, "{:field$}summary: {}", "", scalar(summary));
        }
        let _ = writeln!(text, "{:field$}routes:", "");
        for route in &self.routes {
            route.write(text, entry);
        }
    }
}

impl ImportedRoute {
    /// Writes it as `routes:` lists it.
    pub(crate) fn write(&self, text: &mut String, indent: usize) {
        let written = route(&self.text());
        if self.overlap {
            let _ = writeln!(text, "{:indent$}- route: {written}", "");
            let _ = writeln!(text, "{:indent$}  overlap: allow", "");
        } else {
            let _ = writeln!(text, "{:indent$}- {written}", "");
        }
    }
}
