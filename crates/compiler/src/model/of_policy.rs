//! Reads a model back from tables.

use std::collections::{BTreeMap, BTreeSet};

use routescope_core::{Method, Policy, Route};

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
    /// `None` if a template or a scope of the tables is none that a file could have.
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
    /// Cost: linear in the tables.
    #[must_use]
    pub fn of_policy(policy: Policy<'_>) -> Option<Self> {
        let declared: BTreeSet<ScopeName> = policy
            .scopes()
            .filter(|scope| scope.is_declared())
            .map(|scope| ScopeName::split(scope.name()))
            .collect::<Option<_>>()?;
        let mut templates: BTreeMap<Template, BTreeMap<Method, ModelRoute>> = BTreeMap::new();
        for route in policy.routes() {
            let template = Template::parse_literal(route.template()).ok()?;
            let routes = templates.entry(template).or_default();
            routes.insert(route.method(), model_route(policy, route, &declared)?);
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
            umbrella: policy.umbrella().map(str::to_owned),
            global: policy.scope("*:*").is_some(),
            key,
            options: policy.path_options(),
            scopes: declared,
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

fn model_route(
    policy: Policy<'_>,
    route: Route<'_>,
    declared: &BTreeSet<ScopeName>,
) -> Option<ModelRoute> {
    let accepted = route.accepted().iter();
    let accepted: BTreeSet<ScopeName> = accepted
        .map(|scope| ScopeName::split(scope.name()))
        .collect::<Option<_>>()?;
    Some(ModelRoute {
        method: route.method(),
        text: route.template().to_owned(),
        listed: listed(policy, &accepted, declared),
    })
}

/// Those of the accepted scopes that are declared and do not follow from others of them.
fn listed(
    policy: Policy<'_>,
    accepted: &BTreeSet<ScopeName>,
    declared: &BTreeSet<ScopeName>,
) -> BTreeSet<ScopeName> {
    let umbrella = policy.umbrella();
    let follows = |scope: &ScopeName, from: &ScopeName| {
        let is_umbrella = Some(scope.resource.as_str()) == umbrella;
        let is_read = scope.action == "read" && from.action == "read";
        scope != from
            && (scope.to_string() == "*:*"
                || scope.is_full() && (is_umbrella || scope.resource == from.resource)
                || is_umbrella && is_read)
    };
    let declared: BTreeSet<&ScopeName> = accepted.intersection(declared).collect();
    let is_listed = |scope: &&&ScopeName| !declared.iter().any(|from| follows(scope, from));
    declared
        .iter()
        .filter(is_listed)
        .map(|scope| (*scope).clone())
        .collect()
}
