//! The oracle and the engine in each of its forms, as functions of one type.

use routescope::{Decision, Denial, Policy, ScopeSet, pbx};
use routescope_compiler::{Compiled, compile};

use crate::oracle::{Oracle, Verdict};

/// From held scopes, method and target to a verdict.
type Decide<'p> = dyn Fn(&[&str], &[u8], &[u8]) -> Verdict + 'p;

/// Something that decides, and what it is called in a failure.
pub(crate) struct Implementation<'p> {
    pub name: &'static str,
    pub decide: Box<Decide<'p>>,
}

/// The oracle, and a policy asked in both ways.
pub(crate) fn of<'p>(oracle: &'p Oracle, policy: &'p Policy<'p>) -> Vec<Implementation<'p>> {
    vec![
        Implementation {
            name: "oracle",
            decide: Box::new(|held, method, target| oracle.decide(held, method, target)),
        },
        Implementation {
            name: "policy, plain names",
            decide: Box::new(|held, method, target| {
                verdict(policy.authorize(held, method, target))
            }),
        },
        Implementation {
            name: "policy, prepared set",
            decide: Box::new(|held, method, target| {
                let set: ScopeSet = policy.scope_set(held);
                verdict(policy.authorize(&set, method, target))
            }),
        },
    ]
}

/// The PBX policy in every form there is.
pub(crate) fn of_pbx<'p>(oracle: &'p Oracle, owned: &'p Policy<'p>) -> Vec<Implementation<'p>> {
    let mut all = of(oracle, owned);
    all.push(Implementation {
        name: "static, plain names",
        decide: Box::new(|held, method, target| {
            verdict(routescope::authorize(held, method, target))
        }),
    });
    all.push(Implementation {
        name: "static, prepared set",
        decide: Box::new(|held, method, target| {
            verdict(pbx::authorize(&pbx::scope_set(held), method, target))
        }),
    });
    all
}

pub(crate) fn compile_pbx() -> Compiled {
    compile("routes.yaml", include_str!("../../routes.yaml")).expect("the shipped file compiles")
}

pub(crate) fn verdict(decision: Decision<'_>) -> Verdict {
    match decision {
        Decision::Allow { route, scope } => Verdict::Allow {
            route: route.to_string(),
            scope: scope.to_string(),
        },
        Decision::Deny(Denial::BadMethod) => Verdict::BadMethod,
        Decision::Deny(Denial::BadPath(_)) => Verdict::BadPath,
        Decision::Deny(Denial::UnknownRoute) => Verdict::UnknownRoute,
        Decision::Deny(Denial::MethodNotListed { template, methods }) => Verdict::MethodNotListed {
            template: template.to_owned(),
            methods: methods.iter().map(|method| method.to_string()).collect(),
        },
        Decision::Deny(Denial::MissingScope(route)) => Verdict::MissingScope {
            route: route.to_string(),
            accepted: route.accepted().map(|scope| scope.to_string()).collect(),
        },
        Decision::Deny(
            key @ (Denial::MissingKey
            | Denial::MalformedKey
            | Denial::UnknownKey
            | Denial::ExpiredKey),
        ) => {
            panic!("a policy knows nothing of keys, and says {key}")
        }
    }
}
