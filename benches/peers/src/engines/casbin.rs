//! casbin, in the two ways in which its users put it before an API.
//!
//! Both have a policy line for every route, under the scope that lists it, and
//! roles for the rest: a key has the role of each scope it holds, and wider
//! scopes have the roles of narrower ones.
//!
//! - `casbin` runs after a router and compares the template that was found.
//! - `casbin-keymatch` matches the path itself, with `keyMatch3`, as casbin's own
//!   REST example does. It knows no most specific template: whatever line
//!   matches, allows.
//!
//! The matchers put the cheap comparisons first. The enforcer that remembers
//! earlier answers is not used: paths with ids in them seldom come back.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use casbin::{CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi};

use super::routed::Routed;
use crate::engine::{Asks, Engine, Entrant};
use crate::request::Request;
use crate::workload::Workload;

const MODEL: &str = "
[request_definition]
r = sub, obj, act

[policy_definition]
p = sub, obj, act

[role_definition]
g = _, _

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = ";

pub fn routed<'w>(workload: &'w Workload<'w>) -> Result<Entrant<'w>> {
    let matcher = "r.act == p.act && r.obj == p.obj && g(r.sub, p.sub)";
    let engine = Behind {
        enforcer: enforcer(workload, matcher)?,
        keys: keys(workload),
        templates: Routed::new(workload.table, |_, template| template.to_owned()),
    };
    let excluded = engine.templates.excluded;
    Ok(Entrant::new("casbin", Asks::Everything, engine).without(excluded))
}

pub fn key_match<'w>(workload: &'w Workload<'w>) -> Result<Entrant<'w>> {
    let matcher = "r.act == p.act && g(r.sub, p.sub) && keyMatch3(r.obj, p.obj)";
    let engine = Alone {
        enforcer: enforcer(workload, matcher)?,
        keys: keys(workload),
    };
    Ok(Entrant::new("casbin-keymatch", Asks::Everything, engine))
}

fn keys(workload: &Workload<'_>) -> Vec<String> {
    (0..workload.keys.len())
        .map(|key| format!("key-{key}"))
        .collect()
}

fn enforcer(workload: &Workload<'_>, matcher: &str) -> Result<Enforcer> {
    let table = workload.table;
    let lines = table
        .routes
        .iter()
        .map(|route| {
            let template = table.templates[route.template].clone();
            vec![route.scope.clone(), template, route.method.to_owned()]
        })
        .collect();
    let mut roles = BTreeSet::new();
    for route in &table.routes {
        for wider in table
            .accepted(route.template, route.method)
            .unwrap_or_default()
        {
            if wider != route.scope {
                roles.insert(vec![wider, route.scope.clone()]);
            }
        }
    }
    for (key, held) in keys(workload).iter().zip(&workload.keys) {
        roles.extend(held.iter().map(|scope| vec![key.clone(), scope.clone()]));
    }
    let set_up = async {
        let model = DefaultModel::from_str(&format!("{MODEL}{matcher}")).await?;
        let mut enforcer = Enforcer::new(model, MemoryAdapter::default()).await?;
        enforcer.add_policies(lines).await?;
        enforcer
            .add_grouping_policies(roles.into_iter().collect())
            .await?;
        casbin::Result::Ok(enforcer)
    };
    pollster::block_on(set_up).context("casbin's enforcer")
}

struct Behind {
    enforcer: Enforcer,
    keys: Vec<String>,
    templates: Routed<String>,
}

impl Engine for Behind {
    type Answer<'a> = bool;

    fn ask<'a>(&'a self, request: &'a Request) -> Self::Answer<'a> {
        let Some(template) = self.templates.find(request) else {
            return false;
        };
        let key = self.keys[request.key].as_str();
        self.enforcer
            .enforce((key, template.as_str(), request.method))
            .unwrap_or(false)
    }

    fn number<'a>(&'a self, answer: Self::Answer<'a>) -> usize {
        usize::from(answer)
    }

    fn agrees<'a>(&'a self, request: &'a Request, answer: Self::Answer<'a>) -> bool {
        answer == request.expected.is_allowed()
    }
}

struct Alone {
    enforcer: Enforcer,
    keys: Vec<String>,
}

impl Engine for Alone {
    type Answer<'a> = bool;

    fn ask<'a>(&'a self, request: &'a Request) -> Self::Answer<'a> {
        let key = self.keys[request.key].as_str();
        self.enforcer
            .enforce((key, request.path, request.method))
            .unwrap_or(false)
    }

    fn number<'a>(&'a self, answer: Self::Answer<'a>) -> usize {
        usize::from(answer)
    }

    fn agrees<'a>(&'a self, request: &'a Request, answer: Self::Answer<'a>) -> bool {
        answer == request.expected.is_allowed()
    }
}
