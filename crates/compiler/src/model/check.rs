//! Checks a [`Document`] and makes a [`Model`] of it. It reports
//! every problem, not the first one.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use routescope_core::__private::{MAX_SCOPES, MAX_SETS};
use routescope_core::Method;

use crate::model::code_name;
use crate::model::conflict::overlaps;
use crate::model::implied;
use crate::model::lint;
use crate::model::listed_route::{Heading, ListedRoute, read_route};
use crate::model::scopes::{self, Implies};
use crate::model::source_map::SourceMap;
use crate::model::template::Template;
use crate::model::trie::Trie;
use crate::model::{Listed, Listing, Model, ModelRoute, ScopeList, ScopeName};
use crate::source::document::{Document, MethodRule, RouteEntry, ScopeEntry};
use crate::source::report::Problem;

/// The most distinct sets of scopes in one policy.
const MAX_DISTINCT_SETS: usize = 1024;

/// Checks a document. `notes` asks for notes too.
pub(crate) fn check(document: &Document, notes: bool) -> (Option<Model>, Vec<Problem>) {
    let mut checker = Checker {
        document,
        problems: Vec::new(),
    };
    scopes::settings(document, &mut checker.problems);
    let global = scopes::global(document, &mut checker.problems);
    let lists = scopes::headings(document, &mut checker.problems);
    let implies = scopes::implies(document, &mut checker.problems);
    let routes = checker.routes(&lists);
    checker.duplicates(&routes);
    checker.equal_under_options(&routes);
    let mut problems = checker.problems;
    code_name::check(document, &mut problems);
    lint::of_names(document, &mut problems);
    if problems.iter().any(Problem::is_error) {
        return (None, problems);
    }
    let model = model(document, global, &lists, implies, &routes);
    limits(&model, document, &routes, &mut problems);
    if let Some(implications) = implied::check(document, &model, &mut problems) {
        lint::needless_alternatives(&model, &implications, &routes, &mut problems);
    }
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
    fn routes(&mut self, lists: &BTreeMap<usize, ScopeList>) -> Vec<ListedRoute> {
        let mut routes = Vec::new();
        let document = self.document;
        for route in &document.public {
            routes.extend(self.route(route, Heading::Public));
        }
        for route in &document.any_key {
            routes.extend(self.route(route, Heading::AnyKey));
        }
        for (index, entry) in document.scopes.iter().enumerate() {
            let list = lists.get(&index);
            for route in &entry.routes {
                let Some(list) = list else {
                    // The heading has been reported; its routes may be wrong too.
                    if let Err(problem) = read_route(route) {
                        self.problems.push(*problem);
                    }
                    continue;
                };
                let read = self.route(route, Heading::Scopes(list.clone()));
                if let Some(read) = &read {
                    self.method_rule(entry, list, read.method, route);
                    self.bound_scopes(entry, read);
                }
                routes.extend(read);
            }
        }
        routes
    }

    fn route(&mut self, route: &RouteEntry, heading: Heading) -> Option<ListedRoute> {
        match read_route(route) {
            Ok((method, text, template)) => Some(ListedRoute {
                heading,
                method,
                template,
                text: text.to_owned(),
                at: route.text.at.clone(),
                overlap: route.overlap.clone(),
            }),
            Err(problem) => {
                self.problems.push(*problem);
                None
            }
        }
    }

    fn method_rule(
        &mut self,
        entry: &ScopeEntry,
        list: &ScopeList,
        method: Method,
        route: &RouteEntry,
    ) {
        if self.document.method_rule() == MethodRule::None {
            return;
        }
        let Some(scope) = list.iter().next() else {
            return;
        };
        let instead = |action: &str| {
            scope
                .with(action)
                .map(|scope| format!("`{scope}`"))
                .unwrap_or_default()
        };
        let resource = scope.resource().unwrap_or_default();
        let explained = |problem: Problem, instead: String| {
            problem
                .with_label(
                    entry.name.at.clone(),
                    match list.single() {
                        Some(_) => "under this scope",
                        None => "under these scopes",
                    },
                )
                .help(format!("list it under {instead}, or under a named operation such as `{resource}:export`"))
                .help("to let any method stand under any scope, add `method_rule: none` at the top of the file")
        };
        if method.is_read() && list.iter().all(ScopeName::is_full) {
            let message =
                format!("{method} only reads, and `{list}` is for what does more than read");
            let instead = format!("{}, which `{scope}` covers", instead("read"));
            let problem = Problem::error(route.text.at.clone(), message);
            self.problems.push(explained(problem, instead));
        }
        if !method.is_read() && list.iter().all(|scope| scope.action() == Some("read")) {
            let message = format!("{method} does more than read, and `{list}` is for reading only");
            let problem = Problem::error(route.text.at.clone(), message);
            self.problems.push(explained(problem, instead("*")));
        }
    }

    /// A scope such as `view:{project}` over a path with `{project}`: its author means that the
    /// scope goes with the value, which a table cannot compare.
    fn bound_scopes(&mut self, entry: &ScopeEntry, route: &ListedRoute) {
        if !entry.name.value.contains('{') {
            return;
        }
        let parameters = route.text.split('/').filter_map(|segment| {
            let (_, rest) = segment.split_once('{')?;
            let (name, _) = rest.split_once('}')?;
            Some(format!("{{{}}}", name.trim_start_matches('*')))
        });
        for parameter in parameters {
            if entry.name.value.contains(&parameter) {
                self.problems.push(
                    Problem::error(
                        entry.name.at.clone(),
                        format!(
                            "`{}` names the parameter `{parameter}` of `{} {}`, and a scope cannot depend on a value of the path",
                            entry.name.value, route.method, route.text
                        ),
                    )
                    .with_label(route.at.clone(), "the route")
                    .help("name a scope without the value here, and have the back end compare the value with what the key is for"),
                );
                return;
            }
        }
    }

    fn duplicates(&mut self, routes: &[ListedRoute]) {
        let mut seen: HashMap<(&Heading, Method, &Template), &ListedRoute> = HashMap::new();
        let mut kinds: HashMap<(Method, &Template), &ListedRoute> = HashMap::new();
        for route in routes {
            let first = *kinds
                .entry((route.method, &route.template))
                .or_insert(route);
            if first.heading.kind() != route.heading.kind() {
                self.problems.push(
                    Problem::error(
                        route.at.clone(),
                        format!(
                            "`{} {}` is listed under {} and under {}",
                            route.method, route.text, first.heading, route.heading
                        ),
                    )
                    .label("here")
                    .with_label(first.at.clone(), "and here")
                    .help("a route is public, or open to any key, or needs scopes: remove it from all but one"),
                );
                continue;
            }
            if let Some(first) = seen.get(&(&route.heading, route.method, &route.template)) {
                let names = if first.text == route.text {
                    ""
                } else {
                    "; the names of parameters make no difference"
                };
                self.problems.push(
                    Problem::error(
                        route.at.clone(),
                        format!(
                            "`{} {}` is listed twice under {}{names}",
                            route.method, route.text, route.heading
                        ),
                    )
                    .label("again")
                    .with_label(first.at.clone(), "first here")
                    .help("remove one of them"),
                );
                continue;
            }
            seen.insert((&route.heading, route.method, &route.template), route);
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

fn model(
    document: &Document,
    global: Option<ScopeName>,
    lists: &BTreeMap<usize, ScopeList>,
    implies: Implies,
    routes: &[ListedRoute],
) -> Model {
    let mut templates: BTreeMap<&Template, BTreeMap<Method, ModelRoute>> = BTreeMap::new();
    for listed in routes {
        let route = templates
            .entry(&listed.template)
            .or_default()
            .entry(listed.method)
            .or_insert_with(|| ModelRoute {
                method: listed.method,
                text: listed.text.clone(),
                listed: match &listed.heading {
                    Heading::Public => Listed::Public,
                    Heading::AnyKey => Listed::AnyKey,
                    Heading::Scopes(_) => Listed::Scopes(BTreeSet::new()),
                },
            });
        if listed.text < route.text {
            route.text.clone_from(&listed.text);
        }
        if let (Listed::Scopes(lists), Heading::Scopes(list)) = (&mut route.listed, &listed.heading)
        {
            lists.insert(list.clone());
        }
    }
    let listing = |(template, routes): (&Template, BTreeMap<Method, ModelRoute>)| Listing {
        template: template.clone(),
        routes: routes.into_values().collect(),
    };
    let mut scopes: BTreeSet<ScopeName> =
        lists.values().flat_map(ScopeList::iter).cloned().collect();
    scopes.extend(implies.keys().cloned());
    scopes.extend(implies.values().flatten().cloned());
    Model {
        name: document.name.value.clone(),
        revision: document.revision.as_ref().map(|revision| revision.value),
        updated: document.updated.as_ref().map(|date| date.value.clone()),
        umbrella: document
            .umbrella
            .as_ref()
            .map(|umbrella| umbrella.value.clone()),
        scope_names: document.scope_names,
        global,
        implies,
        key: document.key.clone(),
        options: document.options,
        scopes,
        templates: templates.into_iter().map(listing).collect(),
    }
}

fn limits(model: &Model, document: &Document, routes: &[ListedRoute], problems: &mut Vec<Problem>) {
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
    // The first location of each route under a heading of several scopes.
    let locations = LazyCell::new(|| {
        let mut locations = HashMap::new();
        for route in routes {
            if matches!(&route.heading, Heading::Scopes(list) if list.single().is_none()) {
                let at = || route.at.clone();
                locations
                    .entry((&route.template, route.method))
                    .or_insert_with(at);
            }
        }
        locations
    });
    let mut distinct: HashSet<&ScopeList> = HashSet::new();
    let listings = model.templates.iter();
    let all = listings.flat_map(|listing| listing.routes.iter().map(move |route| (listing, route)));
    for (listing, route) in all {
        let lists = route.listed.lists();
        let sets: Vec<&ScopeList> = lists.filter(|list| list.single().is_none()).collect();
        let location = || {
            let location = locations.get(&(&listing.template, route.method));
            location.cloned().unwrap_or_default()
        };
        if sets.len() > MAX_SETS {
            let message = format!(
                "`{} {}` is listed under {} headings of several scopes, over the limit of {MAX_SETS}",
                route.method,
                route.text,
                sets.len()
            );
            problems.push(Problem::error(location(), message).help(
                "state with `implies` which scopes are as good as several others, and list the route under fewer headings",
            ));
        }
        let before = distinct.len();
        distinct.extend(sets);
        if before <= MAX_DISTINCT_SETS && distinct.len() > MAX_DISTINCT_SETS {
            let message = format!(
                "the policy has more than {MAX_DISTINCT_SETS} headings of several scopes, the limit"
            );
            problems.push(
                Problem::error(location(), message)
                    .label("with this route")
                    .help("split the policy by API"),
            );
        }
    }
}
