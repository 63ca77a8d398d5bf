//! `--from openapi`: the operations of an OpenAPI 3.0 or 3.1 description, with their security
//! scopes.
//!
//! A requirement that no policy can express is an error with its position: a route that needs
//! two scopes at once, a public one, a parameter that is part of a segment.

mod security;
mod server;
mod stand_in;
mod tree;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;
use std::rc::Rc;

use routescope::Method;
use routescope_compiler::template::Template;
use routescope_compiler::unstable::yaml::{Node, Value};
use routescope_compiler::{Problem, Report};

use super::refusals::{Refusal, Refusals, cut};
use super::table::{
    ImportedRoute, ImportedScope, ImportedTable, MOST_BYTES, MOST_ROUTES, MOST_SCOPES,
};
use crate::wire::count;
use security::{Needs, Security};
use server::Bases;
use tree::{Tree, text};

/// The facts that the user gives because the file lacks them.
pub(super) struct Options<'a> {
    /// The path that all paths begin with, instead of the servers'.
    pub(super) base: Option<&'a str>,
    /// The scope of operations without one.
    pub(super) unscoped: Option<&'a str>,
}

/// Reads a description; `file` names it in messages.
pub(super) fn read(
    file: &str,
    source: &str,
    options: &Options<'_>,
) -> Result<ImportedTable, Report> {
    let root = tree::read(source).map_err(|problem| Report::new(file, source, vec![problem]))?;
    let tree = Tree::new(&root);
    let mut refusals = Refusals::default();
    let security = Security::new(&tree).map_err(|refusal| {
        refusals.add_shared(&refusal);
        std::mem::take(&mut refusals).report(file, source)
    })?;
    let mut reader = DescriptionReader {
        tree: &tree,
        options,
        security,
        bases: Bases::default(),
        scopes: Vec::new(),
        places: HashMap::new(),
        seen: HashMap::new(),
        unscoped: 0,
        listed: 0,
        bytes: 0,
        table: ImportedTable::default(),
        refusals,
    };
    match reader.document() {
        Ok(()) => {}
        Err(Stop::Refused(refusal)) => reader.refusals.add_shared(&refusal),
        Err(Stop::Enough) => {}
    }
    let refusals = std::mem::take(&mut reader.refusals);
    if refusals.is_empty() {
        Ok(reader.finish())
    } else {
        Err(refusals.report(file, source))
    }
}

/// Why the rest of a description is not looked at.
enum Stop {
    Refused(Rc<Refusal>),
    /// It was said already.
    Enough,
}

impl From<Rc<Refusal>> for Stop {
    fn from(refusal: Rc<Refusal>) -> Self {
        Self::Refused(refusal)
    }
}

struct DescriptionReader<'t, 'n> {
    tree: &'t Tree<'n>,
    options: &'t Options<'t>,
    security: Security<'n>,
    bases: Bases,
    /// The scopes in the order in which operations name them.
    scopes: Vec<ImportedScope>,
    places: HashMap<String, usize>,
    /// The position of each route of each scope.
    seen: HashMap<(usize, Method, Rc<Template>), usize>,
    /// The number of operations without a scope that were given one.
    unscoped: u64,
    listed: usize,
    bytes: usize,
    table: ImportedTable,
    refusals: Refusals,
}

/// The fields of a path that are no operations.
const NO_OPERATION: [&str; 5] = ["$ref", "summary", "description", "servers", "parameters"];

/// A path of the description.
struct PathItem<'n> {
    path: &'n str,
    key: &'n Node,
    item: &'n Node,
    /// The route under each base of the operation's servers; `None` if that was refused.
    routes: Vec<(Rc<str>, Option<Placed>)>,
}

/// A route's path, as a policy writes it, and its template.
type Placed = (String, Rc<Template>);

impl<'n> DescriptionReader<'_, 'n> {
    fn document(&mut self) -> Result<(), Stop> {
        self.version()?;
        let root = self.tree.root;
        let paths = self.tree.field(root, "paths")?;
        let Some(paths) = paths.filter(|paths| !matches!(paths.value, Value::Null)) else {
            let (message, help) = match self.tree.field(root, "webhooks")? {
                Some(_) => (
                    "the description has webhooks and no paths",
                    "a webhook is a request that the API sends, and no route that a key calls: there is nothing to import",
                ),
                None => (
                    "`paths` is missing",
                    "a description without paths has nothing to import",
                ),
            };
            return Err(self.stop(&root.at, message, help));
        };
        if !matches!(paths.value, Value::Map(_)) {
            return Err(self.stop(
                &paths.at,
                "`paths` is no mapping",
                "write the paths below it, each with its operations",
            ));
        }
        let mut seen: HashMap<&str, &Node> = HashMap::new();
        for (key, item) in self.tree.entries(paths)? {
            let Some(path) = text(key) else {
                let message = format!("this path is {}", key.value.kind());
                self.refuse(
                    "path",
                    &key.at,
                    &message,
                    "a path is a text that begins with `/`",
                );
                continue;
            };
            if path.starts_with("x-") {
                continue;
            }
            if !path.starts_with('/') {
                let message = format!("the path `{}` does not begin with `/`", cut(path));
                self.refuse(
                    "slash",
                    &key.at,
                    &message,
                    &format!("write `/{}`", cut(path)),
                );
                continue;
            }
            if let Some(first) = seen.insert(path, key) {
                self.refusals.add(
                    "path twice",
                    Problem::error(
                        key.at.clone(),
                        format!("the path `{}` occurs here twice", cut(path)),
                    )
                    .with_label(first.at.clone(), "first here")
                    .help("put all its operations below one of them"),
                );
                continue;
            }
            match self.path(path, key, item) {
                Err(Stop::Refused(refusal)) => self.refusals.add_shared(&refusal),
                stop => stop?,
            }
        }
        Ok(())
    }

    fn version(&mut self) -> Result<(), Stop> {
        let root = self.tree.root;
        let Some(node) = self.tree.field(root, "openapi")? else {
            let (message, help) = match self.tree.field(root, "swagger")? {
                Some(_) => (
                    "this is Swagger 2.0",
                    "convert it to OpenAPI 3, for example at https://converter.swagger.io",
                ),
                None => (
                    "this is no OpenAPI description: `openapi` is missing",
                    "is it the right file?",
                ),
            };
            return Err(self.stop(&root.at, message, help));
        };
        let version = text(node).unwrap_or_default();
        if version.starts_with("3.0.") || version.starts_with("3.1.") {
            return Ok(());
        }
        let message = format!(
            "`openapi` is {}, where the versions 3.0 and 3.1 can be read",
            node.value.kind()
        );
        Err(self.stop(&node.at, &message, "write the version as a text, such as `3.1.0`; convert a file of another version to 3.1"))
    }

    fn path(&mut self, path: &'n str, key: &'n Node, item: &'n Node) -> Result<(), Stop> {
        let item = self.tree.follow(item)?;
        if !matches!(item.value, Value::Map(_)) {
            let message = format!("`{}` has no operations", cut(path));
            self.refuse(
                "path",
                &item.at,
                &message,
                "write them below it, or remove it",
            );
            return Ok(());
        }
        let mut place = PathItem {
            path,
            key,
            item,
            routes: Vec::new(),
        };
        for (name, operation) in self.tree.entries(item)? {
            let Some(field) = text(name) else { continue };
            if NO_OPERATION.contains(&field) || field.starts_with("x-") {
                continue;
            }
            let method = Method::from_bytes(field.to_ascii_uppercase().as_bytes());
            match method.filter(|_| field.to_ascii_lowercase() == field) {
                Some(method) => match self.operation(method, name, operation, &mut place) {
                    Err(Stop::Refused(refusal)) => self.refusals.add_shared(&refusal),
                    stop => stop?,
                },
                None if method.is_some() => self.refuse(
                    "case of a method",
                    &name.at,
                    &format!("`{field}` is no field of a path"),
                    &format!(
                        "write the operation in lower case, `{}`",
                        field.to_ascii_lowercase()
                    ),
                ),
                None => self.refuse(
                    "method",
                    &name.at,
                    &format!(
                        "a policy has no method for the operation `{}` of `{}`",
                        cut(field),
                        cut(path)
                    ),
                    "remove it from the file: a request with this method is denied in any case",
                ),
            }
        }
        Ok(())
    }

    fn operation(
        &mut self,
        method: Method,
        name: &'n Node,
        operation: &'n Node,
        place: &mut PathItem<'n>,
    ) -> Result<(), Stop> {
        // A name that occurs twice is found here.
        let operation = match self
            .tree
            .field(place.item, text(name).unwrap_or_default())?
        {
            Some(operation) => operation,
            None => self.tree.follow(operation)?,
        };
        if !matches!(operation.value, Value::Map(_) | Value::Null) {
            let message = format!("this operation is {}", operation.value.kind());
            self.refuse(
                "operation",
                &operation.at,
                &message,
                "write its fields below it",
            );
            return Ok(());
        }
        let base = self
            .bases
            .base(self.tree, self.options.base, operation, place.item)?;
        let Some((path, template)) = self.route(place, base) else {
            return Ok(());
        };
        let (needs, is_own) = self.security.needs(self.tree, operation)?;
        let route = |path: &str| format!("{method} {}", cut(path));
        let unscoped;
        let scopes = match (needs.as_ref(), self.options.unscoped) {
            (Ok(Needs::Scopes(scopes)), _) => scopes,
            (Ok(Needs::NoScope), Some(scope)) => {
                self.unscoped += 1;
                unscoped = vec![(scope.to_owned(), name.at.clone())];
                &unscoped
            }
            (Ok(Needs::NoScope), None) => {
                self.refusals.add_with("unscoped", name.at.start, || {
                    let message = format!("{} needs no scope: any key may use it", route(&path));
                    Problem::error(name.at.clone(), message).help("give the operation a scope in the file; or put all operations without one under a scope, with `--unscoped things:read` (GET and HEAD) or another name")
                });
                return Ok(());
            }
            (Err(fault), _) => {
                // If the global one is at fault, the operation is the position to show.
                let at = (!is_own).then(|| name.at.clone());
                self.refusals
                    .add_with(fault.kind, name.at.start, || fault.of(&route(&path), at));
                return Ok(());
            }
        };
        for (scope, at) in scopes {
            self.bytes += path.len();
            self.listed += 1;
            if self.listed > MOST_ROUTES
                || self.bytes > MOST_BYTES
                || self.scopes.len() > MOST_SCOPES
            {
                return Err(self.stop(
                    &name.at,
                    &format!(
                        "here the description comes to more than {} or {} under scopes, or more than {} MiB of these",
                        count(MOST_SCOPES as u64, "scope"),
                        count(MOST_ROUTES as u64, "route"),
                        MOST_BYTES >> 20
                    ),
                    "does it use one list of scopes, or one path, for very many others? Import a part of it",
                ));
            }
            self.list(
                scope,
                at,
                ImportedRoute {
                    method,
                    path: path.clone(),
                    template: Rc::clone(&template),
                    at: name.at.clone(),
                    overlap: false,
                },
            );
        }
        Ok(())
    }

    /// The route's path and template, unless they were refused. A fault of a path
    /// is one, however many operations it has.
    fn route(&mut self, place: &mut PathItem<'n>, base: Rc<str>) -> Option<Placed> {
        if let Some((_, known)) = place.routes.iter().find(|(known, _)| *known == base) {
            return known.clone();
        }
        let path = format!("{base}{}", place.path);
        let read = match Template::parse(&path) {
            // A policy's catch-all takes many segments; nothing in OpenAPI does.
            Ok(_) if path.contains("{*") => {
                self.refuse(
                    "catch-all",
                    &place.key.at,
                    &format!("`{}` has a parameter with a `*`", cut(&path)),
                    "OpenAPI has no parameter of several segments, and a policy's `{*name}` is one: rename the parameter; or write the route into the policy by hand, with a `note:`",
                );
                None
            }
            Ok(template) => Some((path, Rc::new(template))),
            Err(bad) => {
                let message = format!("`{}` cannot be a route: {}", cut(&path), bad.message);
                self.refusals.add(
                    "template",
                    Problem::error(place.key.at.clone(), message).help(bad.help),
                );
                None
            }
        };
        place.routes.push((base, read.clone()));
        read
    }

    fn list(&mut self, scope: &str, at: &Range<usize>, route: ImportedRoute) {
        let action = scope.split(':').nth(1).unwrap_or_default();
        self.table.any_method |= match action {
            "read" => !route.method.is_read(),
            "*" => route.method.is_read(),
            _ => false,
        };
        let place = match self.places.get(scope) {
            Some(place) => *place,
            None => {
                self.places.insert(scope.to_owned(), self.scopes.len());
                self.scopes.push(ImportedScope {
                    name: scope.to_owned(),
                    summary: self.security.summary(scope),
                    routes: Vec::new(),
                    at: at.clone(),
                });
                self.scopes.len() - 1
            }
        };
        let routes = &mut self.scopes[place].routes;
        let listing = (place, route.method, Rc::clone(&route.template));
        match self.seen.entry(listing) {
            Entry::Vacant(vacant) => {
                vacant.insert(routes.len());
                routes.push(route);
            }
            Entry::Occupied(known) => {
                let known = &routes[*known.get()];
                // One operation may name a scope in several alternatives.
                if known.at == route.at && known.path == route.path {
                    return;
                }
                let message = format!(
                    "{} and {} are the same route",
                    cut(&route.text()),
                    cut(&known.text())
                );
                let other = known.at.clone();
                self.refusals.add(
                    "same route",
                    Problem::error(route.at, message)
                        .with_label(other, "the other one")
                        .help("the names of parameters make no difference: put both into one path"),
                );
            }
        }
    }

    #[track_caller]
    fn refuse(&mut self, kind: &'static str, at: &Range<usize>, message: &str, help: &str) {
        self.refusals
            .add(kind, Problem::error(at.clone(), message).help(help));
    }

    /// Refuses the description as a whole.
    fn stop(&mut self, at: &Range<usize>, message: &str, help: &str) -> Stop {
        self.refuse("description", at, message, help);
        Stop::Enough
    }

    fn finish(mut self) -> ImportedTable {
        if self.table.any_method {
            self.table.notes.push(
                "some methods are listed under scopes whose action does not say so, such as POST under `:read`: a new policy gets `method_rule: none`, and nobody checks that `:read` only reads".to_owned(),
            );
        }
        if let Some(scope) = self.options.unscoped {
            let routes = count(self.unscoped, "route");
            self.table.notes.push(format!("{routes} are listed under `{scope}`, where operations without a scope were put: review them"));
        }
        self.table.scopes = self.scopes;
        self.table
    }
}
