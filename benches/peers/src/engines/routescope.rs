//! routescope, asked for the whole decision with prepared scope sets, and for
//! the accepted scopes alone.
//!
//! The PBX table is the built-in constant, as its users call it. The others are
//! compiled at run time and walked by the same code.

use anyhow::Result;
use routescope::{Decision, Policy, Requirement, RouteDenial, Scope, ScopeSet, pbx};

use crate::engine::{Asks, Engine, Entrant};
use crate::oracle::Expected;
use crate::request::Request;
use crate::workload::Workload;
use tables::Table;

const AUTHORIZE: &str = super::REFERENCE;
const SCOPES: &str = "routescope-scopes";

pub fn authorize<'w>(workload: &'w Workload<'w>) -> Result<Entrant<'w>> {
    let table = workload.table;
    Ok(match workload.policy {
        None => {
            let keys = workload.keys.iter().map(pbx::scope_set).collect();
            Entrant::new(AUTHORIZE, Asks::Everything, BuiltIn { table, keys })
        }
        Some(policy) => {
            let keys = workload.keys.iter().map(|key| policy.scope_set(key));
            let keys = keys.collect();
            let engine = Loaded {
                table,
                policy,
                keys,
            };
            Entrant::new(AUTHORIZE, Asks::Everything, engine)
        }
    })
}

struct BuiltIn<'w> {
    table: &'w Table,
    keys: Vec<pbx::ScopeSet>,
}

impl Engine for BuiltIn<'_> {
    type Answer<'a>
        = Decision<'static>
    where
        Self: 'a;

    fn ask<'a>(&'a self, request: &'a Request) -> Self::Answer<'a> {
        pbx::authorize(&self.keys[request.key], request.method, request.target)
    }

    fn number<'a>(&'a self, answer: Self::Answer<'a>) -> usize {
        decided(&answer)
    }

    fn agrees<'a>(&'a self, request: &'a Request, answer: Self::Answer<'a>) -> bool {
        understood(self.table, &answer) == Some(request.expected)
    }
}

struct Loaded<'w> {
    table: &'w Table,
    policy: Policy<'w>,
    keys: Vec<ScopeSet>,
}

impl Engine for Loaded<'_> {
    type Answer<'a>
        = Decision<'a>
    where
        Self: 'a;

    fn ask<'a>(&'a self, request: &'a Request) -> Self::Answer<'a> {
        self.policy
            .authorize(&self.keys[request.key], request.method, request.target)
    }

    fn number<'a>(&'a self, answer: Self::Answer<'a>) -> usize {
        decided(&answer)
    }

    fn agrees<'a>(&'a self, request: &'a Request, answer: Self::Answer<'a>) -> bool {
        understood(self.table, &answer) == Some(request.expected)
    }
}

/// The row of the route; a denial without one is known by its reason.
fn decided(decision: &Decision<'_>) -> usize {
    match decision {
        Decision::Allow { route, .. } | Decision::Deny(RouteDenial::MissingScope(route)) => {
            route.index()
        }
        Decision::Deny(denial) => denial.reason() as usize,
    }
}

/// The decision in the oracle's terms; `None` for one that no request here
/// may get.
fn understood(table: &Table, decision: &Decision<'_>) -> Option<Expected> {
    Some(match decision {
        Decision::Allow { route, .. } => Expected::Allowed(table.template(route.template())?),
        Decision::Deny(denial) => denied(table, denial)?,
    })
}

fn denied(table: &Table, denial: &RouteDenial<'_>) -> Option<Expected> {
    Some(match denial {
        RouteDenial::BadPath(_) => Expected::Refused,
        RouteDenial::UnknownRoute => Expected::Unknown,
        RouteDenial::MethodNotListed { template, .. } => {
            Expected::MethodNotListed(table.template(template)?)
        }
        RouteDenial::MissingScope(route) => {
            Expected::MissingScope(table.template(route.template())?)
        }
        RouteDenial::BadMethod => return None,
    })
}

pub fn required_scopes<'w>(workload: &'w Workload<'w>) -> Result<Entrant<'w>> {
    let table = workload.table;
    Ok(match workload.policy {
        None => Entrant::new(SCOPES, Asks::Everything, BuiltInScopes { table }),
        Some(policy) => Entrant::new(SCOPES, Asks::Everything, LoadedScopes { table, policy }),
    })
}

struct BuiltInScopes<'w> {
    table: &'w Table,
}

type Scopes<'a> = Result<Requirement<'a>, RouteDenial<'a>>;

impl Engine for BuiltInScopes<'_> {
    type Answer<'a>
        = Scopes<'static>
    where
        Self: 'a;

    fn ask<'a>(&'a self, request: &'a Request) -> Self::Answer<'a> {
        pbx::required_scopes(request.method, request.target)
    }

    fn number<'a>(&'a self, answer: Self::Answer<'a>) -> usize {
        opened(answer)
    }

    fn agrees<'a>(&'a self, request: &'a Request, answer: Self::Answer<'a>) -> bool {
        same_scopes(self.table, request, answer)
    }
}

struct LoadedScopes<'w> {
    table: &'w Table,
    policy: Policy<'w>,
}

impl Engine for LoadedScopes<'_> {
    type Answer<'a>
        = Scopes<'a>
    where
        Self: 'a;

    fn ask<'a>(&'a self, request: &'a Request) -> Self::Answer<'a> {
        self.policy.required_scopes(request.method, request.target)
    }

    fn number<'a>(&'a self, answer: Self::Answer<'a>) -> usize {
        opened(answer)
    }

    fn agrees<'a>(&'a self, request: &'a Request, answer: Self::Answer<'a>) -> bool {
        same_scopes(self.table, request, answer)
    }
}

/// The row of the route whose scopes they are.
fn opened(answer: Scopes<'_>) -> usize {
    match answer {
        Ok(Requirement::Scopes(alternatives)) => alternatives.route().index(),
        // No table of the comparison has open routes.
        Ok(Requirement::Public | Requirement::AnyKey) => usize::MAX,
        Err(denial) => denial.reason() as usize,
    }
}

/// Whether the accepted scopes, or the reason that there are none, are right.
fn same_scopes(table: &Table, request: &Request, answer: Scopes<'_>) -> bool {
    let (Expected::Allowed(template) | Expected::MissingScope(template)) = request.expected else {
        return answer.is_err_and(|denial| denied(table, &denial) == Some(request.expected));
    };
    let alternatives = answer.ok().and_then(Requirement::alternatives);
    alternatives.is_some_and(|alternatives| {
        let accepted = alternatives.route().accepted();
        let mut names: Vec<&str> = accepted.iter().map(Scope::name).collect();
        names.sort_unstable();
        table
            .accepted(template, request.method)
            .is_some_and(|wanted| wanted == names)
    })
}
