//! The oracle and the engine in each of its forms, as functions of one type.

use routescope::{Decision, OwnedPolicy, Policy, RouteDenial, pbx};
use routescope_compiler::{Compiled, compile};

use crate::oracle::{Oracle, Verdict};

/// From held scopes, method and target to a verdict.
type Decide<'p> = dyn Fn(&[&str], &[u8], &[u8]) -> Verdict + 'p;

/// Something that decides, and what it is called in a failure.
pub(crate) struct Implementation<'p> {
    pub name: &'static str,
    pub decide: Box<Decide<'p>>,
}

/// The oracle, and a policy asked in both ways, as compiled and as loaded from bytes.
pub(crate) fn of<'p>(oracle: &'p Oracle, compiled: &'p Compiled) -> Vec<Implementation<'p>> {
    let policy = compiled.policy();
    let loaded = load(compiled);
    vec![
        Implementation {
            name: "oracle",
            decide: Box::new(|held, method, target| oracle.decide(held, method, target)),
        },
        Implementation {
            name: "policy, plain names",
            decide: Box::new(move |held, method, target| {
                verdict(policy.authorize(held, method, target))
            }),
        },
        Implementation {
            name: "policy, prepared set",
            decide: Box::new(move |held, method, target| {
                let set = policy.scope_set(held);
                verdict(policy.authorize(&set, method, target))
            }),
        },
        Implementation {
            name: "loaded, prepared set",
            decide: Box::new(move |held, method, target| {
                let policy: Policy<'_> = loaded.policy();
                let set = policy.scope_set(held);
                verdict(policy.authorize(&set, method, target))
            }),
        },
    ]
}

/// The PBX policy in every form there is.
pub(crate) fn of_pbx<'p>(oracle: &'p Oracle, compiled: &'p Compiled) -> Vec<Implementation<'p>> {
    let mut all = of(oracle, compiled);
    all.push(Implementation {
        name: "static, plain names",
        decide: Box::new(move |held, method, target| {
            verdict(routescope::authorize(held, method, target))
        }),
    });
    all.push(Implementation {
        name: "static, prepared set",
        decide: Box::new(move |held, method, target| {
            verdict(pbx::authorize(&pbx::scope_set(held), method, target))
        }),
    });
    all
}

/// The policy after a way through bytes.
pub(crate) fn load(compiled: &Compiled) -> OwnedPolicy {
    OwnedPolicy::from_bytes(compiled.to_bytes()).expect("the bytes that the compiler wrote")
}

pub(crate) fn compile_pbx() -> Compiled {
    compile("routes.yaml", include_str!("../../routes.yaml")).expect("the shipped file compiles")
}

pub(crate) fn verdict(decision: Decision<'_>) -> Verdict {
    match decision {
        Decision::Allow { route, by } => Verdict::Allow {
            route: route.to_string(),
            scope: by.to_string(),
        },
        Decision::Deny(RouteDenial::BadMethod) => Verdict::BadMethod,
        Decision::Deny(RouteDenial::BadPath(_)) => Verdict::BadPath,
        Decision::Deny(RouteDenial::UnknownRoute) => Verdict::UnknownRoute,
        Decision::Deny(RouteDenial::MethodNotListed { template, methods }) => {
            Verdict::MethodNotListed {
                template: template.to_owned(),
                methods: methods.iter().map(|method| method.to_string()).collect(),
            }
        }
        Decision::Deny(RouteDenial::MissingScope(route)) => Verdict::MissingScope {
            route: route.to_string(),
            accepted: route
                .accepted()
                .iter()
                .map(|scope| scope.to_string())
                .collect(),
        },
    }
}
