//! cedar-policy, as its own integrations with web frameworks use it: the
//! framework's router finds the route, and method and template together are the
//! action. Cedar has no path templates (`like` takes a `*` for any
//! number of segments).
//!
//! - A scope is an entity, and wider scopes stand in narrower ones: `pbx:*` in
//!   `colleagues:*` in `colleagues:read`. A key stands in the scopes it holds.
//! - Actions stand in an action group for each scope that lists them.
//! - One policy a scope: `permit(principal in Scope::"…", action in Action::"…",
//!   resource)`. Groups and `in` rather than lists and `when` clauses is what
//!   its manual recommends for speed.
//!
//! Policies, entities and the action of every route are made beforehand; a
//! question makes the request and asks.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;
use std::str::FromStr;

use anyhow::{Context, Result};
use cedar_policy::{
    Authorizer, Context as CedarContext, Decision, Entities, Entity, EntityId, EntityTypeName,
    EntityUid, PolicySet, Request as CedarRequest,
};

use super::routed::Routed;
use crate::engine::{Asks, Engine, Entrant};
use crate::request::Request;
use crate::workload::Workload;
use tables::Table;

pub fn set_up<'w>(workload: &'w Workload<'w>) -> Result<Entrant<'w>> {
    let names = Names::new()?;
    let table = workload.table;
    let engine = Cedar {
        authorizer: Authorizer::new(),
        policies: policies(table)?,
        entities: entities(workload, &names)?,
        keys: (0..workload.keys.len()).map(|key| names.key(key)).collect(),
        resource: names.uid(&names.service, "api"),
        actions: Routed::new(table, |method, template| {
            names.uid(&names.action, &format!("{method} {template}"))
        }),
    };
    let excluded = engine.actions.excluded;
    Ok(Entrant::new("cedar", Asks::Everything, engine).without(excluded))
}

/// The types of entities.
struct Names {
    key: EntityTypeName,
    scope: EntityTypeName,
    action: EntityTypeName,
    service: EntityTypeName,
}

impl Names {
    fn new() -> Result<Self> {
        Ok(Self {
            key: EntityTypeName::from_str("Key")?,
            scope: EntityTypeName::from_str("Scope")?,
            action: EntityTypeName::from_str("Action")?,
            service: EntityTypeName::from_str("Service")?,
        })
    }

    fn uid(&self, of: &EntityTypeName, name: &str) -> EntityUid {
        EntityUid::from_type_name_and_id(of.clone(), EntityId::new(name))
    }

    fn key(&self, number: usize) -> EntityUid {
        self.uid(&self.key, &format!("key-{number}"))
    }
}

fn policies(table: &Table) -> Result<PolicySet> {
    let mut text = String::new();
    let scopes: HashSet<&String> = table.routes.iter().map(|route| &route.scope).collect();
    for scope in scopes {
        writeln!(
            text,
            "permit(principal in Scope::\"{scope}\", action in Action::\"{scope}\", resource);"
        )?;
    }
    PolicySet::from_str(&text).context("cedar's policies")
}

fn entities(workload: &Workload<'_>, names: &Names) -> Result<Entities> {
    // The parents of each entity.
    let mut parents: BTreeMap<EntityUid, HashSet<EntityUid>> = BTreeMap::new();
    let table = workload.table;
    for route in &table.routes {
        let template = &table.templates[route.template];
        let action = names.uid(&names.action, &format!("{} {template}", route.method));
        let group = names.uid(&names.action, &route.scope);
        parents.entry(group.clone()).or_default();
        parents.entry(action).or_default().insert(group);

        let scope = names.uid(&names.scope, &route.scope);
        for wider in table
            .accepted(route.template, route.method)
            .unwrap_or_default()
        {
            let wider = names.uid(&names.scope, &wider);
            if wider != scope {
                parents.entry(wider).or_default().insert(scope.clone());
            }
        }
        parents.entry(scope).or_default();
    }
    for (number, held) in workload.keys.iter().enumerate() {
        let held = held.iter().map(|scope| names.uid(&names.scope, scope));
        parents.entry(names.key(number)).or_default().extend(held);
    }
    let entities = parents
        .into_iter()
        .map(|(uid, parents)| Entity::new_no_attrs(uid, parents));
    Entities::from_entities(entities, None).context("cedar's entities")
}

struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    keys: Vec<EntityUid>,
    resource: EntityUid,
    actions: Routed<EntityUid>,
}

impl Engine for Cedar {
    type Answer<'a> = Decision;

    fn ask<'a>(&'a self, request: &'a Request) -> Self::Answer<'a> {
        let Some(action) = self.actions.find(request) else {
            return Decision::Deny;
        };
        let request = CedarRequest::new(
            self.keys[request.key].clone(),
            action.clone(),
            self.resource.clone(),
            CedarContext::empty(),
            None,
        );
        match request {
            Ok(request) => self
                .authorizer
                .is_authorized(&request, &self.policies, &self.entities)
                .decision(),
            Err(_) => Decision::Deny,
        }
    }

    fn number<'a>(&'a self, answer: Self::Answer<'a>) -> usize {
        usize::from(answer == Decision::Allow)
    }

    fn agrees<'a>(&'a self, request: &'a Request, answer: Self::Answer<'a>) -> bool {
        (answer == Decision::Allow) == request.expected.is_allowed()
    }
}
