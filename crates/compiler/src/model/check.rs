//! Checks a [`Document`] and makes a [`Model`] of it. It reports
//! every problem, not the first one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use routescope_core::__private::MAX_SCOPES;
use routescope_core::Method;

use crate::model::code_name;
use crate::model::conflict::overlaps;
use crate::model::lint;
use crate::model::listed_route::{ListedRoute, read_route};
use crate::model::source_map::SourceMap;
use crate::model::template::Template;
use crate::model::trie::Trie;
use crate::model::{Listing, Model, ModelRoute, ScopeName};
use crate::source::document::{Document, MethodRule, RouteEntry, ScopeEntry, Spanned};
use crate::source::report::{Problem, quoted};
use crate::source::suggest::one_edit_apart;

/// Most bytes of an umbrella: `umbrella:read` is a scope.
const MAX_UMBRELLA: usize = ScopeName::MAX_LEN - ":read".len();

/// Checks a document. `notes` asks for notes too.
pub(crate) fn check(document: &Document, notes: bool) -> (Option<Model>, Vec<Problem>) {
    let mut checker = Checker {
        document,
        problems: Vec::new(),
    };
    checker.umbrella();
    let scopes = checker.scopes();
    let routes = checker.routes(&scopes);
    checker.duplicates(&routes);
    checker.equal_under_options(&routes);
    let mut problems = checker.problems;
    code_name::check(document, &mut problems);
    lint::of_names(document, &mut problems);
    if problems.iter().any(Problem::is_error) {
        return (None, problems);
    }
    let model = model(document, scopes.into_values().collect(), &routes);
    limits(&model, document, &mut problems);
    let trie = Trie::new(
        model.templates.iter().map(|listing| &listing.template),
        document.options,
    );
    let sources = SourceMap::new(&model, &routes);
    overlaps(&model, &trie, &sources, &mut problems);
    lint::warnings(document, &model, &trie, &sources, &mut problems);
    if notes {
        lint::notes(&model, &trie, &sources, &mut problems);
    }
    let sound = !problems.iter().any(Problem::is_error);
    (sound.then_some(model), problems)
}

struct Checker<'d> {
    document: &'d Document,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    fn umbrella(&mut self) {
        let Some(umbrella) = &self.document.umbrella else {
            return;
        };
        if umbrella.value.len() > MAX_UMBRELLA {
            let message = format!(
                "an umbrella of {} bytes, over the limit of {MAX_UMBRELLA}",
                umbrella.value.len()
            );
            self.problems
                .push(Problem::error(umbrella.at.clone(), message).help("shorten it"));
        } else if let Some(problem) = bad_name(&umbrella.value, "resource") {
            self.problems.push(
                Problem::error(
                    umbrella.at.clone(),
                    format!("`umbrella` is {}: {problem}", quoted(&umbrella.value)),
                )
                .help(match umbrella.value.split_once(':') {
                    Some((resource, _)) if bad_name(resource, "resource").is_none() => {
                        format!("write the resource alone: `umbrella: {resource}`")
                    }
                    _ => "name a resource, such as `pbx`: its scopes then cover every resource"
                        .into(),
                }),
            );
        }
    }

    /// The scopes of the file by the index of their entry.
    fn scopes(&mut self) -> BTreeMap<usize, ScopeName> {
        let mut scopes = BTreeMap::new();
        for (index, entry) in self.document.scopes.iter().enumerate() {
            match self.scope_name(&entry.name) {
                Ok(scope) => {
                    scopes.insert(index, scope);
                }
                Err(problem) => self.problems.push(*problem),
            }
        }
        scopes
    }

    fn scope_name(&self, name: &Spanned<String>) -> Result<ScopeName, Box<Problem>> {
        let text = &name.value;
        if text.is_empty() {
            return Err(Box::new(
                Problem::error(name.at.clone(), "an empty text is not a scope").help(SCOPE),
            ));
        }
        let Some(scope) = ScopeName::split(text) else {
            return Err(Box::new(
                Problem::error(name.at.clone(), format!("{} is not a scope", quoted(text)))
                    .help(SCOPE),
            ));
        };
        for (part, what) in [(&scope.resource, "resource"), (&scope.action, "action")] {
            if what == "action" && part == "*" {
                continue;
            }
            if let Some(problem) = bad_name(part, what) {
                let help = if text == "*:*" {
                    "a scope that opens everything is the field `global: \"*:*\"`, at the top of the file"
                } else if part.contains('*') {
                    "`*` stands for a whole action, never for a part of a name and never for a resource"
                } else {
                    SCOPE
                };
                let message = format!("{} is not a scope: {problem}", quoted(text));
                return Err(Box::new(
                    Problem::error(name.at.clone(), message).help(help),
                ));
            }
        }
        if text.len() > ScopeName::MAX_LEN {
            return Err(Box::new(
                Problem::error(
                    name.at.clone(),
                    format!(
                        "a scope of {} bytes, over the limit of {}",
                        text.len(),
                        ScopeName::MAX_LEN
                    ),
                )
                .help("shorten it"),
            ));
        }
        if self.document.method_rule == MethodRule::ReadWrite
            && one_edit_apart(&scope.action.to_lowercase(), "read")
            || scope.action != "read" && scope.action.eq_ignore_ascii_case("read")
        {
            let problem = Problem::error(
                name.at.clone(),
                format!("`{text}` looks like a slip of the pen"),
            )
            .help(format!("did you mean `{}:read`?", scope.resource));
            return Err(Box::new(if scope.action.eq_ignore_ascii_case("read") {
                problem
            } else {
                problem.help("if the API really has an operation of this name, add `method_rule: none` at the top of the file")
            }));
        }
        Ok(scope)
    }

    fn routes(&mut self, scopes: &BTreeMap<usize, ScopeName>) -> Vec<ListedRoute> {
        let mut routes = Vec::new();
        for (index, entry) in self.document.scopes.iter().enumerate() {
            for route in &entry.routes {
                match read_route(route) {
                    Err(problem) => self.problems.push(*problem),
                    Ok((method, text, template)) => {
                        let Some(scope) = scopes.get(&index) else {
                            continue;
                        };
                        self.method_rule(entry, scope, method, route);
                        routes.push(ListedRoute {
                            scope: scope.clone(),
                            method,
                            template,
                            text: text.to_owned(),
                            at: route.text.at.clone(),
                            overlap: route.overlap.clone(),
                        });
                    }
                }
            }
        }
        routes
    }

    fn method_rule(
        &mut self,
        entry: &ScopeEntry,
        scope: &ScopeName,
        method: Method,
        route: &RouteEntry,
    ) {
        if self.document.method_rule == MethodRule::None {
            return;
        }
        let explained = |problem: Problem, instead: String| {
            problem
                .with_label(entry.name.at.clone(), "under this scope")
                .help(format!("list it under {instead}, or under a named operation such as `{}:export`", scope.resource))
                .help("to let any method stand under any scope, add `method_rule: none` at the top of the file")
        };
        if method.is_read() && scope.is_full() {
            let message =
                format!("{method} only reads, and `{scope}` is for what does more than read");
            let instead = format!("`{}`, which `{scope}` covers", scope.with("read"));
            let problem = Problem::error(route.text.at.clone(), message);
            self.problems.push(explained(problem, instead));
        }
        if !method.is_read() && scope.action == "read" {
            let message =
                format!("{method} does more than read, and `{scope}` is for reading only");
            let problem = Problem::error(route.text.at.clone(), message);
            self.problems
                .push(explained(problem, format!("`{}`", scope.with("*"))));
        }
    }

    fn duplicates(&mut self, routes: &[ListedRoute]) {
        let mut seen: HashMap<(&ScopeName, Method, &Template), &ListedRoute> = HashMap::new();
        for route in routes {
            if let Some(first) = seen.get(&(&route.scope, route.method, &route.template)) {
                let names = if first.text == route.text {
                    ""
                } else {
                    "; the names of parameters make no difference"
                };
                self.problems.push(
                    Problem::error(
                        route.at.clone(),
                        format!(
                            "`{} {}` is listed twice under `{}`{names}",
                            route.method, route.text, route.scope
                        ),
                    )
                    .label("again")
                    .with_label(first.at.clone(), "first here")
                    .help("remove one of them"),
                );
                continue;
            }
            seen.insert((&route.scope, route.method, &route.template), route);
        }
    }

    /// Templates that are spelled differently and are the same under the path options.
    fn equal_under_options(&mut self, routes: &[ListedRoute]) {
        let options = self.document.options;
        if !options.ignores_case() && !options.slash_is_optional() {
            return;
        }
        let mut seen: HashMap<Template, &ListedRoute> = HashMap::new();
        let mut told = BTreeSet::new();
        for route in routes {
            let mut same = if options.ignores_case() {
                route.template.to_lowercase()
            } else {
                route.template.clone()
            };
            same.slash |= options.slash_is_optional();
            let first = *seen.entry(same).or_insert(route);
            if first.template == route.template || !told.insert((&first.template, &route.template))
            {
                continue;
            }
            let folds = first.template.segments != route.template.segments;
            let option = match (folds, first.template.slash != route.template.slash) {
                (true, true) => "`trailing_slash: optional` and `case: insensitive`",
                (true, false) => "`case: insensitive`",
                (false, _) => "`trailing_slash: optional`",
            };
            self.problems.push(
                Problem::error(
                    route.at.clone(),
                    format!(
                        "`{}` and `{}` are the same path under {option}",
                        route.text, first.text
                    ),
                )
                .label("this path")
                .with_label(first.at.clone(), "is this one")
                .help(
                    "spell the path one way in all its routes, or set the option back to `exact`",
                ),
            );
        }
    }
}

/// Why `text` cannot name a resource or an action.
pub(crate) fn bad_name(text: &str, what: &str) -> Option<String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if text.is_empty() {
        return Some(format!("the {what} is missing"));
    }
    let outside = text
        .chars()
        .find(|c| !c.is_ascii() || !u8::try_from(*c).is_ok_and(fits))?;
    let outside = match outside {
        ' ' => "space".to_owned(),
        other => format!("`{other}`"),
    };
    Some(format!(
        "a{} {what} has letters, digits, `_`, `-` and `.`, and no {outside}",
        if what == "action" { "n" } else { "" },
    ))
}

const SCOPE: &str =
    "write `resource:action` with one colon, such as `colleagues:read` or `colleagues:*`";

fn model(document: &Document, scopes: BTreeSet<ScopeName>, routes: &[ListedRoute]) -> Model {
    let mut templates: BTreeMap<&Template, BTreeMap<Method, ModelRoute>> = BTreeMap::new();
    for listed in routes {
        let route = templates
            .entry(&listed.template)
            .or_default()
            .entry(listed.method)
            .or_insert_with(|| ModelRoute {
                method: listed.method,
                text: listed.text.clone(),
                listed: BTreeSet::new(),
            });
        if listed.text < route.text {
            route.text.clone_from(&listed.text);
        }
        route.listed.insert(listed.scope.clone());
    }
    let listing = |(template, routes): (&Template, BTreeMap<Method, ModelRoute>)| Listing {
        template: template.clone(),
        routes: routes.into_values().collect(),
    };
    Model {
        name: document.name.value.clone(),
        revision: document.revision.as_ref().map(|revision| revision.value),
        updated: document.updated.as_ref().map(|date| date.value.clone()),
        umbrella: document
            .umbrella
            .as_ref()
            .map(|umbrella| umbrella.value.clone()),
        global: document.global,
        key: document.key.clone(),
        options: document.options,
        scopes,
        templates: templates.into_iter().map(listing).collect(),
    }
}

fn limits(model: &Model, document: &Document, problems: &mut Vec<Problem>) {
    let known = model.known_scopes().len();
    if known > MAX_SCOPES {
        let at = document
            .scopes
            .last()
            .map_or(0..0, |entry| entry.name.at.clone());
        problems.push(
            Problem::error(
                at,
                format!("the policy has {known} scopes, over the limit of {MAX_SCOPES}"),
            )
            .help("the implied ones count: `resource:*` for each resource, and the umbrella's two")
            .help("split the policy by API"),
        );
    }
}
