//! Reads a model back from tables.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use routescope_core::__private::RouteRow;
use routescope_core::{Method, Policy, Route};

use crate::model::check::bad_name;
use crate::model::template::Template;
use crate::model::{Listing, Model, ModelRoute, ScopeName};
use crate::source::document::Key;

impl Model {
    /// The meaning of a policy of which only the tables are left, for tools that explain its
    /// decisions.
    ///
    /// Tables tell the accepted scopes of a route, and not under which of them the file lists it:
    /// here, it is listed under the fewest declared scopes from which the others follow. A file
    /// that lists a route under more of them has the same decisions and another
    /// [digest](Policy::digest).
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
            let parts = scope_name(scope.name())?;
            if scope.is_declared() {
                declared.insert(scope.name(), parts);
            }
        }
        let mut templates: BTreeMap<Template, BTreeMap<Method, ModelRoute>> = BTreeMap::new();
        // Many routes share a list of accepted scopes.
        let mut lists: HashMap<u32, BTreeSet<ScopeName>> = HashMap::new();
        for (route, row) in policy.routes().zip(policy.tables().routes) {
            let list = RouteRow::from_bytes(row).accepted;
            let listed = lists
                .entry(list)
                .or_insert_with(|| listed(umbrella, route, &declared));
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
            global: policy.scope("*:*").is_some(),
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

/// The parts of a scope, if a file could have it.
fn scope_name(text: &str) -> Option<ScopeName> {
    let name = ScopeName::split(text)?;
    let is_proper = |part: &str, what| part == "*" || bad_name(part, what).is_none();
    (is_proper(&name.resource, "resource") && is_proper(&name.action, "action")).then_some(name)
}

/// Those of the accepted scopes of a route that are declared and do not follow from others of
/// them.
fn listed(
    umbrella: Option<&str>,
    route: Route<'_>,
    declared: &HashMap<&str, ScopeName>,
) -> BTreeSet<ScopeName> {
    let accepted: Vec<&ScopeName> = route
        .accepted()
        .iter()
        .filter_map(|scope| declared.get(scope.name()))
        .collect();
    let is_global = |scope: &ScopeName| scope.resource == "*" && scope.is_full();
    let is_umbrella = |scope: &ScopeName| Some(scope.resource.as_str()) == umbrella;
    let not_global = accepted.iter().filter(|scope| !is_global(scope)).count();
    let is_read = |scope: &ScopeName| scope.action == "read" && !is_umbrella(scope);
    let has_read = accepted.iter().any(|scope| is_read(scope));
    let operations: HashSet<&str> = accepted
        .iter()
        .filter(|scope| !scope.is_full())
        .map(|scope| scope.resource.as_str())
        .collect();
    let follows = |scope: &ScopeName| {
        if is_global(scope) {
            not_global > 0
        } else if is_umbrella(scope) {
            scope.is_full() && not_global > 1 || scope.action == "read" && has_read
        } else {
            scope.is_full() && operations.contains(scope.resource.as_str())
        }
    };
    let listed = accepted.into_iter().filter(|scope| !follows(scope));
    listed.cloned().collect()
}
