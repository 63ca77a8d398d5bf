//! The result of reading a source: scopes and their routes.

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
    /// Whether some method is listed under a scope whose action does not allow for it.
    pub(crate) any_method: bool,
    /// The scopes, in the source's order.
    pub(crate) scopes: Vec<ImportedScope>,
    /// The numbers of routes and scopes that the source states.
    pub(crate) stated: Option<Stated>,
    /// Requests that the source shows as examples.
    pub(crate) examples: Vec<Example>,
    /// Notes on the import for a person.
    pub(crate) notes: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct ImportedScope {
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
    pub(crate) at: Range<usize>,
    /// Whether to say `overlap: allow`.
    pub(crate) overlap: bool,
}

/// Whether a text is a scope's name: `resource:action`, of a length that a
/// message can show.
pub(crate) fn is_scope(text: &str) -> bool {
    const LONGEST: usize = 255;
    let fits = |part: &str| {
        let mut bytes = part.bytes();
        !part.is_empty() && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
    };
    text.len() <= LONGEST
        && text
            .split_once(':')
            .is_some_and(|(resource, action)| fits(resource) && (action == "*" || fits(action)))
}

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
    /// Counts the scopes and the routes. A method on a template counts once under each scope.
    pub(crate) fn counts(&self) -> Stated {
        Stated {
            routes: self.scopes.iter().map(|scope| scope.routes.len()).sum(),
            scopes: self.scopes.len(),
        }
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
