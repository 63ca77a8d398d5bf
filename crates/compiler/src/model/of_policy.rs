//! Reads a model back from tables.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use routescope_core::{Method, Policy, Requirement, Route, Scope};

use crate::model::scopes::{Implies, bad_name};
use crate::model::template::Template;
use crate::model::{Listed, Listing, Model, ModelRoute, ScopeList, ScopeName};
use crate::source::document::{Key, ScopeNames};

impl Model {
    /// The meaning of a policy of which only the tables are left, for tools that explain its
    /// decisions.
    ///
    /// Tables tell the accepted scopes of a route, and not under which of them the file lists it:
    /// here, it is listed under the fewest declared scopes from which the others follow. A file
    /// that lists a route under more of them has the same decisions and another
    /// [digest](Policy::digest). Neither do they tell `implies` and an opaque `global`: a scope that
    /// implies another one is listed beside it.
    ///
    /// `None` if a name, a template or a scope of the tables is none that a file could have.
    ///
    /// ```
    /// use routescope_compiler::compile;
    /// use routescope_compiler::model::Model;
    ///
    /// let source = "version: 1\nname: shop\nscopes:\n  \"orders:read\":\n    routes:\n      - GET /orders/{id}\n";
    /// let compiled = compile("shop.yaml", source)?;
    /// let model = Model::of_policy(compiled.policy()).unwrap();
    /// assert_eq!(model.templates, compiled.model().templates);
    /// # Ok::<(), routescope_compiler::Report>(())
    /// ```
    ///
    /// Cost: linear in the tables and in the model.
    #[must_use]
    pub fn of_policy(policy: Policy<'_>) -> Option<Self> {
        let umbrella = policy.umbrella();
        let scope_names = match policy.has_opaque_scopes() {
            true => ScopeNames::Opaque,
            false => ScopeNames::ResourceAction,
        };
        let names = [Some(policy.name()), umbrella];
        if names
            .into_iter()
            .flatten()
            .any(|name| bad_name(name, "name").is_some())
        {
            return None;
        }
        let mut declared = HashMap::new();
        for scope in policy.scopes() {
            let name = scope_name(scope_names, scope.name())?;
            // Nothing follows from the form of an opaque name: its policy names all that there are.
            if scope.is_declared() || scope_names == ScopeNames::Opaque {
                declared.insert(scope.name(), name);
            }
        }
        let mut templates: BTreeMap<Template, BTreeMap<Method, ModelRoute>> = BTreeMap::new();
        // Many routes share a list of accepted scopes.
        let mut lists: HashMap<u32, Listed> = HashMap::new();
        let mut implies = Implies::new();
        for route in policy.routes() {
            let listed = lists
                .entry(route.requirement_number())
                .or_insert_with(|| listed(umbrella, route, &declared, &mut implies));
            let template = Template::parse_literal(route.template()).ok()?;
            let model_route = ModelRoute {
                method: route.method(),
                text: route.template().to_owned(),
                listed: listed.clone(),
            };
            let routes = templates.entry(template).or_default();
            routes.insert(route.method(), model_route);
        }
        let key = policy.key_format().map(|format| Key {
            prefix: format.prefix.to_owned(),
            length: format.length,
            alphabet: format.alphabet,
        });
        Some(Self {
            name: policy.name().to_owned(),
            updated: policy.updated().map(str::to_owned),
            revision: Some(policy.revision()).filter(|revision| *revision > 0),
            umbrella: umbrella.map(str::to_owned),
            scope_names,
            // Of opaque names, the tables do not say which one is global. It is listed like others.
            global: match scope_names {
                ScopeNames::ResourceAction => {
                    policy.scope("*:*").and_then(|_| ScopeName::split("*:*"))
                }
                ScopeNames::Opaque => None,
            },
            implies,
            key,
            options: policy.path_options(),
            scopes: declared.into_values().collect(),
            templates: templates
                .into_iter()
                .map(|(template, routes)| Listing {
                    template,
                    routes: routes.into_values().collect(),
                })
                .collect(),
        })
    }
}

/// The name of a scope, if a file could have it.
fn scope_name(scope_names: ScopeNames, text: &str) -> Option<ScopeName> {
    if scope_names == ScopeNames::Opaque {
        // Validation has checked the bytes.
        return Some(ScopeName::opaque(text));
    }
    let name = ScopeName::split(text)?;
    let (resource, action) = name.parts()?;
    let is_proper = |part: &str, what| part == "*" || bad_name(part, what).is_none();
    (is_proper(resource, "resource") && is_proper(action, "action")).then_some(name)
}

/// Where the file could list a route: of the accepted scopes that are declared, those that do not
/// follow from others of them by the rules for names, and its sets. Scopes that imply one of a set,
/// and not by the rules, are added to `implies`.
fn listed(
    umbrella: Option<&str>,
    route: Route<'_>,
    declared: &HashMap<&str, ScopeName>,
    implies: &mut Implies,
) -> Listed {
    let alternatives = match route.requirement() {
        Requirement::Public => return Listed::Public,
        Requirement::AnyKey => return Listed::AnyKey,
        Requirement::Scopes(alternatives) => alternatives,
    };
    let mut lists: BTreeSet<ScopeList> = singles(umbrella, route, declared)
        .map(|scope| ScopeList::new([scope.clone()]))
        .collect();
    let name = |scope: Scope<'_>| declared.get(scope.name());
    for set in alternatives.iter().filter(|one| one.as_scope().is_none()) {
        lists.insert(ScopeList::new(set.scopes().filter_map(name).cloned()));
        for clause in set.clauses() {
            let mut scopes = clause.filter_map(name);
            let Some(wanted) = scopes.next() else {
                continue;
            };
            for scope in scopes.filter(|scope| !follows_by_name(umbrella, scope, wanted)) {
                let implied = implies.entry(scope.clone()).or_default();
                implied.insert(wanted.clone());
            }
        }
    }
    Listed::Scopes(lists)
}

/// Whether a scope implies another one by the rules for names alone.
fn follows_by_name(umbrella: Option<&str>, scope: &ScopeName, wanted: &ScopeName) -> bool {
    let Some((resource, action)) = scope.parts() else {
        return false;
    };
    let is_umbrella = Some(resource) == umbrella;
    scope.is_full() && (is_umbrella || wanted.resource() == Some(resource) || resource == "*")
        || is_umbrella && action == "read" && wanted.action() == Some("read")
}

/// The declared scopes of which each alone suffices and that do not follow from others of them.
fn singles<'d>(
    umbrella: Option<&str>,
    route: Route<'_>,
    declared: &'d HashMap<&str, ScopeName>,
) -> impl Iterator<Item = &'d ScopeName> {
    let accepted: Vec<&ScopeName> = route
        .accepted()
        .iter()
        .filter_map(|scope| declared.get(scope.name()))
        .collect();
    let is_global = |scope: &ScopeName| scope.resource() == Some("*") && scope.is_full();
    let is_umbrella = |scope: &ScopeName| umbrella.is_some() && scope.resource() == umbrella;
    let not_global = accepted.iter().filter(|scope| !is_global(scope)).count();
    let is_read = |scope: &ScopeName| scope.action() == Some("read") && !is_umbrella(scope);
    let has_read = accepted.iter().any(|scope| is_read(scope));
    let operations: HashSet<&str> = accepted
        .iter()
        .filter(|scope| !scope.is_full())
        .filter_map(|scope| scope.resource())
        .collect();
    let follows = |scope: &ScopeName| {
        let Some((resource, action)) = scope.parts() else {
            return false;
        };
        if is_global(scope) {
            not_global > 0
        } else if is_umbrella(scope) {
            scope.is_full() && not_global > 1 || action == "read" && has_read
        } else {
            scope.is_full() && operations.contains(resource)
        }
    };
    let listed: Vec<&ScopeName> = accepted
        .into_iter()
        .filter(|scope| !follows(scope))
        .collect();
    listed.into_iter()
}
