//! `--from openapi`: the operations of an OpenAPI description with their security scopes.
//!
//! A part that no policy can express is an error with its position, or is left out if the user
//! says so; and nothing is opened to more keys than scopes open it to, unless the user says so.

mod edition;
mod lister;
mod needs;
mod options;
mod schemes;
mod security;
mod server;
mod stand_in;
mod tree;

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use routescope::Method;
use routescope_compiler::template::Template;
use routescope_compiler::unstable::yaml::{Node, Value};
use routescope_compiler::{Problem, Report};

use super::refusals::{Refusal, Refusals, cut};
use super::table::ImportedTable;
use edition::Edition;
use lister::{Lister, Operation, TooMuch};
use needs::Needs;
pub(super) use options::{Lists, Options};
use security::Security;
use server::Bases;
use tree::{Tree, text};

/// Reads a description; `file` names it in messages.
pub(super) fn read(
    file: &str,
    source: &str,
    options: &Options<'_>,
) -> Result<ImportedTable, Report> {
    let root = tree::read(source).map_err(|problem| Report::new(file, source, vec![problem]))?;
    let tree = Tree::new(&root);
    let refused = |refusal: Rc<Refusal>| {
        let mut refusals = Refusals::default();
        refusals.add_shared(&refusal);
        refusals.report(file, source)
    };
    let edition = Edition::of(&tree).map_err(refused)?;
    let mut reader = DescriptionReader {
        tree: &tree,
        options,
        security: Security::new(&tree, edition, options).map_err(refused)?,
        bases: Bases::new(edition),
        lister: Lister::new(options, Refusals::default()),
    };
    match reader.document() {
        Ok(()) | Err(Stop::Enough) => {}
        Err(Stop::Refused(refusal)) => reader.lister.refuse_shared(&refusal),
    }
    let DescriptionReader {
        lister, security, ..
    } = reader;
    lister.finish(file, source, &security.schemes)
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

impl From<TooMuch> for Stop {
    fn from(TooMuch: TooMuch) -> Self {
        Self::Enough
    }
}

struct DescriptionReader<'t, 'n> {
    tree: &'t Tree<'n>,
    options: &'t Options<'t>,
    security: Security<'n>,
    bases: Bases,
    lister: Lister<'t>,
}

/// The fields of a path that are no operations.
const NO_OPERATION: [&str; 5] = ["$ref", "summary", "description", "servers", "parameters"];

/// A path of the description.
struct PathItem<'n> {
    path: &'n str,
    key: &'n Node,
    item: &'n Node,
    /// The route under each base of the operation's servers.
    routes: Vec<PlacedPath>,
}

/// A path below a base.
struct PlacedPath {
    base: Rc<str>,
    /// As a policy writes it.
    path: Rc<str>,
    template: Result<Rc<Template>, Rc<PathFault>>,
    /// Whether its fault has been reported: it is one, however many operations the path has.
    told: bool,
}

/// Why a path cannot be a route.
struct PathFault {
    kind: &'static str,
    message: String,
    help: String,
}

impl<'n> DescriptionReader<'_, 'n> {
    fn document(&mut self) -> Result<(), Stop> {
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
                self.lister.refuse(
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
                self.lister.refuse(
                    "slash",
                    &key.at,
                    &message,
                    &format!("write `/{}`", cut(path)),
                );
                continue;
            }
            if let Some(first) = seen.insert(path, key) {
                self.lister.refusals.add(
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
                Err(Stop::Refused(refusal)) => self.lister.refuse_shared(&refusal),
                stop => stop?,
            }
        }
        Ok(())
    }

    fn path(&mut self, path: &'n str, key: &'n Node, item: &'n Node) -> Result<(), Stop> {
        let item = self.tree.follow(item)?;
        if !matches!(item.value, Value::Map(_)) {
            let message = format!("`{}` has no operations", cut(path));
            self.lister.refuse(
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
                    Err(Stop::Refused(refusal)) => self.lister.refuse_shared(&refusal),
                    stop => stop?,
                },
                None if method.is_some() => self.lister.refuse(
                    "case of a method",
                    &name.at,
                    &format!("`{field}` is no field of a path"),
                    &format!(
                        "write the operation in lower case, `{}`",
                        field.to_ascii_lowercase()
                    ),
                ),
                None if field == "additionalOperations" => {
                    for (name, _) in self.tree.entries(self.tree.follow(operation)?)? {
                        self.other_method(name, path);
                    }
                }
                None => self.other_method(name, path),
            }
        }
        Ok(())
    }

    /// An operation with a method that no policy has.
    fn other_method(&mut self, name: &Node, path: &str) {
        let field = cut(text(name).unwrap_or_default());
        let path = cut(path);
        self.lister.refuse_or_skip(
            "method",
            &name.at,
            || format!("`{field}` of `{path}`"),
            || {
                let message =
                    format!("a policy has no method for the operation `{field}` of `{path}`");
                Problem::error(name.at.clone(), message).help(
                    "remove it from the file: a request with this method is denied in any case",
                )
            },
        );
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
            self.lister.refuse(
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
        let (requirements, is_own) = self.security.requirements(self.tree, operation)?;
        let key = &place.key.at;
        let placed = placed(&mut place.routes, place.path, &base);
        let operation = Operation {
            method,
            path: &placed.path,
            at: &name.at,
        };
        if matches!(requirements.needs, Ok(Needs::Elsewhere)) {
            return Ok(self.lister.leave_out(&operation)?);
        }
        match &placed.template {
            Ok(template) => {
                let schemes = &self.security.schemes;
                self.lister
                    .list(&operation, template, &requirements, is_own, schemes)?;
            }
            Err(fault) => {
                if !self.lister.skips(fault.kind, &operation)? && !placed.told {
                    self.lister
                        .refuse_path(fault.kind, key, &fault.message, &fault.help);
                    placed.told = true;
                }
            }
        }
        Ok(())
    }

    /// Refuses the description as a whole.
    fn stop(&mut self, at: &Range<usize>, message: &str, help: &str) -> Stop {
        self.lister.refuse("description", at, message, help);
        Stop::Enough
    }
}

/// A path below a base, read once.
fn placed<'r>(routes: &'r mut Vec<PlacedPath>, path: &str, base: &Rc<str>) -> &'r mut PlacedPath {
    let known = routes.iter().position(|known| known.base == *base);
    let index = known.unwrap_or_else(|| {
        let path: Rc<str> = format!("{base}{path}").into();
        routes.push(PlacedPath {
            base: Rc::clone(base),
            template: template(&path).map(Rc::new).map_err(Rc::new),
            path,
            told: false,
        });
        routes.len() - 1
    });
    &mut routes[index]
}

/// The template of a path, unless no policy can express it.
fn template(path: &str) -> Result<Template, PathFault> {
    match Template::parse(path) {
        // A policy's catch-all takes many segments; nothing in OpenAPI does.
        Ok(_) if path.contains("{*") => Err(PathFault {
            kind: "catch-all",
            message: format!("`{}` has a parameter with a `*`", cut(path)),
            help: "OpenAPI has no parameter of several segments, and a policy's `{*name}` is one: rename the parameter; or write the route into the policy by hand, with a `note:`".to_owned(),
        }),
        Ok(template) => Ok(template),
        Err(bad) => {
            let mut segments = path.split('/');
            let kind = if path.contains(['?', '#']) {
                "query"
            } else if segments.any(|segment| segment.matches('{').count() > 1) {
                "several parameters"
            } else {
                "template"
            };
            Err(PathFault {
                kind,
                message: format!("`{}` cannot be a route: {}", cut(path), bad.message),
                help: bad.help,
            })
        }
    }
}
