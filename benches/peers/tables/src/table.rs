//! Tables of routes, as every engine gets them.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

/// Routes, the templates they share, and the scopes they accept.
///
/// Read from the lists of routes, not from compiled policies: the engine under
/// measurement must not supply the expected answers.
pub struct Table {
    pub name: String,
    /// Each once; parameters are named by their place (`{p4}`), so that engines
    /// which want one name in one place take them all.
    pub templates: Vec<String>,
    pub routes: Vec<Listed>,
    /// `pbx:read` and `pbx:*` cover every resource.
    umbrella: bool,
    by_template: HashMap<String, usize>,
    /// The templates that begin with each segment.
    by_first: HashMap<String, Vec<usize>>,
    by_route: HashMap<(usize, &'static str), usize>,
}

/// A method on a template.
pub struct Listed {
    pub method: &'static str,
    pub template: usize,
    /// The scope under which it is listed.
    pub scope: String,
    /// Its template overlaps others, and the policy says that this is meant.
    pub overlaps: bool,
}

impl Table {
    /// A table of (method, template, scope, overlaps).
    pub fn new<T: AsRef<str>, S: Into<String>>(
        name: impl Into<String>,
        umbrella: bool,
        routes: impl IntoIterator<Item = (&'static str, T, S, bool)>,
    ) -> Self {
        let mut table = Self {
            name: name.into(),
            templates: Vec::new(),
            routes: Vec::new(),
            umbrella,
            by_template: HashMap::new(),
            by_first: HashMap::new(),
            by_route: HashMap::new(),
        };
        for (method, template, scope, overlaps) in routes {
            let template = table.row(renamed(template.as_ref()));
            let route = table.routes.len();
            let earlier = table.by_route.insert((template, method), route);
            assert!(
                earlier.is_none(),
                "listed twice: {}",
                table.templates[template]
            );
            table.routes.push(Listed {
                method,
                template,
                scope: scope.into(),
                overlaps,
            });
        }
        table
    }

    fn row(&mut self, template: String) -> usize {
        if let Some(&row) = self.by_template.get(&template) {
            return row;
        }
        let row = self.templates.len();
        let first = self.by_first.entry(first(&template).to_owned());
        first.or_default().push(row);
        self.by_template.insert(template.clone(), row);
        self.templates.push(template);
        row
    }

    /// The rows of the templates that can match a path: those that begin with
    /// its first segment, and those that begin with a parameter.
    pub fn candidates(&self, path: &str) -> impl Iterator<Item = usize> {
        let with = |segment| self.by_first.get(segment).into_iter().flatten().copied();
        with(first(path)).chain(with(FIRST_PARAMETER))
    }

    /// The row of a template, whatever its parameters are called.
    pub fn template(&self, template: &str) -> Option<usize> {
        self.by_template.get(&renamed(template)).copied()
    }

    /// The scopes of which a caller needs one, or `None` where the template
    /// does not list the method.
    pub fn accepted(&self, template: usize, method: &str) -> Option<Vec<String>> {
        // As a map of shorter-lived texts, so that any text can be looked up.
        let by_route: &HashMap<(usize, &str), usize> = &self.by_route;
        let row = by_route.get(&(template, method))?;
        Some(self.routes[*row].accepted(self.umbrella))
    }

    /// The rows of the templates, the narrower of two that one path matches
    /// first: for engines that take the first match.
    pub fn narrowest_first(&self) -> Vec<usize> {
        let parameters = |row: &usize| {
            let segments = self.templates[*row].split('/');
            segments.map(|s| s.starts_with('{')).collect::<Vec<bool>>()
        };
        let mut rows: Vec<usize> = (0..self.templates.len()).collect();
        rows.sort_by_cached_key(parameters);
        rows
    }

    /// Returns the number of parameters of a template.
    pub fn parameters(template: &str) -> usize {
        template.matches('{').count()
    }

    /// The table as a `routes.yaml`.
    pub fn yaml(&self) -> String {
        let mut scopes: BTreeMap<&str, Vec<&Listed>> = BTreeMap::new();
        for route in &self.routes {
            scopes.entry(&route.scope).or_default().push(route);
        }
        let mut text = format!("version: 1\nname: {}\n", self.name);
        if self.umbrella {
            text.push_str("umbrella: pbx\n");
        }
        text.push_str("scopes:\n");
        for (scope, routes) in scopes {
            let _ = writeln!(text, "  \"{scope}\":\n    routes:");
            for route in routes {
                let Listed { method, .. } = route;
                let template = &self.templates[route.template];
                let _ = if route.overlaps {
                    writeln!(
                        text,
                        "      - route: {method} {template}\n        overlap: allow"
                    )
                } else {
                    writeln!(text, "      - {method} {template}")
                };
            }
        }
        text
    }
}

impl Listed {
    fn accepted(&self, umbrella: bool) -> Vec<String> {
        let (resource, action) = self.scope.split_once(':').unwrap_or((&self.scope, "*"));
        let mut accepted = vec![self.scope.clone(), format!("{resource}:*")];
        if umbrella {
            accepted.push("pbx:*".to_owned());
            if action == "read" {
                accepted.push("pbx:read".to_owned());
            }
        }
        accepted.sort_unstable();
        accepted.dedup();
        accepted
    }
}

/// How a parameter in the first place is called.
const FIRST_PARAMETER: &str = "{p1}";

fn first(path: &str) -> &str {
    path.split('/').nth(1).unwrap_or_default()
}

/// The template with its parameters named by their place.
fn renamed(template: &str) -> String {
    let segments: Vec<String> = template
        .split('/')
        .enumerate()
        .map(|(place, segment)| {
            if segment.starts_with('{') {
                format!("{{p{place}}}")
            } else {
                segment.to_owned()
            }
        })
        .collect();
    segments.join("/")
}
