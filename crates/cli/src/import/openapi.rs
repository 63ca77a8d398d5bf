//! `--from openapi`: the operations of an OpenAPI 3.0 or 3.1 description, with
//! their security scopes.
//!
//! What a policy cannot say is an error with its place: a route that needs two
//! scopes at once, a public one, a parameter that is part of a segment.

mod security;
mod server;
mod tree;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use routescope::Method;
use routescope_compiler::template::Template;
use routescope_compiler::yaml::{Node, Value};
use routescope_compiler::{Problem, Report};

use super::table::{Route, Scope, Table};
use security::Security;
use tree::{Tree, text};

/// What the user says that the file does not.
pub(super) struct Options<'a> {
    /// The path that all paths begin with, instead of the servers'.
    pub(super) base: Option<&'a str>,
    /// The scope of operations without one.
    pub(super) unscoped: Option<&'a str>,
}

/// Reads a description; `file` names it in messages.
pub(super) fn read(file: &str, source: &str, options: &Options<'_>) -> Result<Table, Report> {
    let refused = |problems| Report::new(file, source, problems);
    let tree = tree::read(source).map_err(|problem| refused(vec![problem]))?;
    let mut reader = Reader {
        security: Security::new(&tree),
        tree: &tree,
        options,
        scopes: BTreeMap::new(),
        order: Vec::new(),
        seen: HashMap::new(),
        table: Table::default(),
        problems: Vec::new(),
    };
    reader.document();
    let problems = std::mem::take(&mut reader.problems);
    if problems.is_empty() {
        Ok(reader.finish())
    } else {
        Err(refused(problems))
    }
}

struct Reader<'t> {
    tree: &'t Tree,
    options: &'t Options<'t>,
    security: Security<'t>,
    scopes: BTreeMap<String, Scope>,
    /// The scopes in the order in which operations name them.
    order: Vec<String>,
    /// Where each route of each scope stands, and how it is written.
    seen: HashMap<(String, Method, Template), (Range<usize>, String)>,
    table: Table,
    problems: Vec<Problem>,
}

/// The fields of a path that are no operations.
const NO_OPERATION: [&str; 5] = ["$ref", "summary", "description", "servers", "parameters"];

impl Reader<'_> {
    fn document(&mut self) {
        let root = &self.tree.root;
        let version = self.tree.field(root, "openapi");
        match version.map(|node| (node, text(node).unwrap_or_default())) {
            Some((_, version)) if version.starts_with("3.0.") || version.starts_with("3.1.") => {}
            Some((node, _)) => {
                let message = format!(
                    "`openapi` is {}, where the versions 3.0 and 3.1 can be read",
                    node.value.kind()
                );
                self.refuse(&node.at, &message, "write the version as a text, such as `3.1.0`; convert a file of another version to 3.1");
                return;
            }
            None if self.tree.field(root, "swagger").is_some() => {
                self.refuse(
                    &root.at,
                    "this is Swagger 2.0",
                    "convert it to OpenAPI 3, for example at https://converter.swagger.io",
                );
                return;
            }
            None => {
                self.refuse(
                    &root.at,
                    "this is no OpenAPI description: `openapi` is missing",
                    "is it the right file?",
                );
                return;
            }
        }
        let Some(paths) = self.tree.field(root, "paths") else {
            self.refuse(
                &root.at,
                "`paths` is missing",
                "a description without paths has nothing to import",
            );
            return;
        };
        let Value::Map(entries) = &paths.value else {
            self.refuse(
                &paths.at,
                "`paths` is no mapping",
                "write the paths below it, each with its operations",
            );
            return;
        };
        let mut seen: HashMap<&str, &Node> = HashMap::new();
        for (key, item) in entries {
            let Some(path) = text(key).filter(|path| !path.starts_with("x-")) else {
                continue;
            };
            if !path.starts_with('/') {
                let message = format!("the path `{path}` does not begin with `/`");
                self.refuse(&key.at, &message, &format!("write `/{path}`"));
                continue;
            }
            if let Some(first) = seen.insert(path, key) {
                self.problems.push(
                    Problem::error(
                        key.at.clone(),
                        format!("the path `{path}` stands here twice"),
                    )
                    .and(first.at.clone(), "first here")
                    .help("put all its operations below one of them"),
                );
                continue;
            }
            self.path(path, key, item);
        }
    }

    fn path(&mut self, path: &str, key: &Node, item: &Node) {
        let item = match self.tree.follow(item) {
            Ok(item) => item,
            Err(problem) => {
                self.problems.push(*problem);
                return;
            }
        };
        let Value::Map(fields) = &item.value else {
            self.refuse(
                &item.at,
                &format!("`{path}` has no operations"),
                "write them below it, or remove it",
            );
            return;
        };
        for (name, operation) in fields {
            let Some(field) = text(name) else { continue };
            if NO_OPERATION.contains(&field) || field.starts_with("x-") {
                continue;
            }
            let method = Method::from_bytes(field.to_ascii_uppercase().as_bytes());
            match method.filter(|_| field.to_ascii_lowercase() == field) {
                Some(method) => self.operation(method, path, [key, name, operation], item),
                None if method.is_some() => self.refuse(
                    &name.at,
                    &format!("`{field}` is no field of a path"),
                    &format!(
                        "write the operation in lower case, `{}`",
                        field.to_ascii_lowercase()
                    ),
                ),
                None => self.refuse(
                    &name.at,
                    &format!("a policy has no method for the operation `{field}` of `{path}`"),
                    "remove it from the file: a request with this method is denied in any case",
                ),
            }
        }
    }

    fn operation(
        &mut self,
        method: Method,
        path: &str,
        [key, name, operation]: [&Node; 3],
        item: &Node,
    ) {
        let base = match server::base(self.tree, self.options.base, operation, item) {
            Ok(base) => base,
            Err(problem) => {
                self.problems.push(*problem);
                return;
            }
        };
        let path = format!("{base}{path}");
        let template = match Template::parse(&path) {
            Ok(template) => template,
            Err(bad) => {
                let problem = Problem::error(
                    key.at.clone(),
                    format!("`{path}` cannot be a route: {}", bad.message),
                );
                self.push_once(problem.help(bad.help));
                return;
            }
        };
        let scopes =
            match self
                .security
                .scopes(self.tree, operation, &format!("{method} {path}"), &name.at)
            {
                Ok(scopes) => scopes,
                Err(problem) => {
                    self.problems.push(*problem);
                    return;
                }
            };
        let scopes = match (scopes, self.options.unscoped) {
            (Some(scopes), _) => scopes,
            (None, Some(scope)) => vec![(scope.to_owned(), name.at.clone())],
            (None, None) => {
                self.refuse(
                    &name.at,
                    &format!("{method} {path} needs no scope: any key may use it"),
                    "give the operation a scope in the file; or put all operations without one under a scope, with `--unscoped things:read` (GET and HEAD) or another name",
                );
                return;
            }
        };
        for (scope, at) in scopes {
            self.list(
                &scope,
                &at,
                Route {
                    method,
                    path: path.clone(),
                    template: template.clone(),
                    at: name.at.clone(),
                    overlap: false,
                },
            );
        }
    }

    fn list(&mut self, scope: &str, at: &Range<usize>, route: Route) {
        let fits = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
        };
        let parts = scope.split_once(':');
        let Some((_, action)) =
            parts.filter(|(resource, action)| fits(resource) && (*action == "*" || fits(action)))
        else {
            self.refuse(
                at,
                &format!("`{scope}` is no scope of a policy"),
                "a scope is `resource:action`, with letters, digits, `_`, `-` and `.`, such as `things:read`: rename it in the file",
            );
            return;
        };
        self.table.any_method |= match action {
            "read" => !route.method.is_read(),
            "*" => route.method.is_read(),
            _ => false,
        };
        if !self.scopes.contains_key(scope) {
            self.order.push(scope.to_owned());
        }
        let summary = self.security.summary(scope);
        let entry = self
            .scopes
            .entry(scope.to_owned())
            .or_insert_with(|| Scope {
                name: scope.to_owned(),
                summary,
                routes: Vec::new(),
                at: at.clone(),
            });
        let listing = (scope.to_owned(), route.method, route.template.clone());
        let here = (route.at.clone(), route.text());
        match self.seen.entry(listing) {
            Entry::Vacant(vacant) => {
                vacant.insert(here);
                entry.routes.push(route);
            }
            // One operation may name a scope in several alternatives.
            Entry::Occupied(known) if known.get() == &here => {}
            Entry::Occupied(known) => {
                let (at, known) = known.get().clone();
                let message = format!("{} and {known} are the same route", here.1);
                self.problems.push(
                    Problem::error(here.0, message)
                        .and(at, "the other one")
                        .help("the names of parameters make no difference: put both into one path"),
                );
            }
        }
    }

    #[track_caller]
    fn refuse(&mut self, at: &Range<usize>, message: &str, help: &str) {
        self.problems
            .push(Problem::error(at.clone(), message).help(help));
    }

    /// A problem of a path is one, however many operations it has.
    fn push_once(&mut self, problem: Problem) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn finish(mut self) -> Table {
        if self.table.any_method {
            self.table.notes.push(
                "some methods stand under scopes whose action does not say so, such as POST under `:read`: a new policy gets `method_rule: none`, and nobody checks that `:read` only reads".to_owned(),
            );
        }
        if let Some(scope) = self.options.unscoped {
            let count = self.scopes.get(scope).map_or(0, |scope| scope.routes.len());
            let routes = crate::wire::count(count as u64, "route");
            self.table.notes.push(format!("{routes} stand under `{scope}`, where operations without a scope were put: review them"));
        }
        let mut scopes = self.scopes;
        self.table.scopes = self
            .order
            .iter()
            .filter_map(|name| scopes.remove(name))
            .collect();
        self.table
    }
}
