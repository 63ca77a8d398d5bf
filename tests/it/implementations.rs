//! The oracle and the engine in each of its forms, as functions of one type.

use routescope::{
    Alternative, ApiKey, Decision, Denial, Guard, GuardDecision, KeyStore, OwnedPolicy, Policy,
    Requirement, Route, RouteDenial, Scope, StoredKey, pbx,
};
use routescope_compiler::{Compiled, compile};

use crate::oracle::{By, Oracle, Verdict};

/// From held scopes, method and target to a verdict.
type Decide<'p> = dyn Fn(&[&str], &[u8], &[u8]) -> Verdict + 'p;

/// From method and target to the verdicts for requests without a valid key.
type DecideWithoutKey<'p> = dyn Fn(&[u8], &[u8]) -> Vec<Verdict> + 'p;

/// Something that decides, and what it is called in a failure.
pub(crate) struct Implementation<'p> {
    pub name: &'static str,
    pub decide: Box<Decide<'p>>,
    pub decide_without_key: Box<DecideWithoutKey<'p>>,
}

/// The oracle, and a policy asked in every way, as compiled and as loaded from bytes.
pub(crate) fn of<'p>(oracle: &'p Oracle, compiled: &'p Compiled) -> Vec<Implementation<'p>> {
    let policy = compiled.policy();
    let (owned, by_owned_guard) = (load(compiled), load(compiled));
    // Bytes in flash live as long.
    let bytes: &'static [u8] = compiled.to_bytes().leak();
    let in_flash = Policy::from_bytes(bytes).expect("the bytes of a policy");
    vec![
        Implementation {
            name: "oracle",
            decide: Box::new(|held, method, target| oracle.decide(held, method, target)),
            decide_without_key: Box::new(|method, target| {
                vec![oracle.decide_without_key(method, target)]
            }),
        },
        Implementation {
            name: "policy, plain names",
            decide: Box::new(move |held, method, target| {
                verdict(policy.authorize(held, method, target))
            }),
            decide_without_key: Box::new(move |method, target| {
                vec![public(policy, method, target)]
            }),
        },
        Implementation {
            name: "policy, prepared set",
            decide: Box::new(move |held, method, target| {
                let set = policy.scope_set(held);
                verdict(policy.authorize(&set, method, target))
            }),
            decide_without_key: Box::new(move |method, target| {
                let guard = Guard::without_store(policy);
                let route = guard.public_route(method, target);
                vec![route.map_or(Verdict::NoValidKey, called)]
            }),
        },
        Implementation {
            name: "policy, route by route",
            decide: Box::new(
                move |held, method, target| match policy.route(method, target) {
                    Ok(route) => verdict(route.authorize(&policy.scope_set(held))),
                    Err(denial) => denied(denial),
                },
            ),
            decide_without_key: Box::new(move |method, target| {
                let public = match policy.required_scopes(method, target) {
                    Ok(Requirement::Public) => policy.route(method, target).ok(),
                    _ => None,
                };
                vec![public.map_or(Verdict::NoValidKey, called)]
            }),
        },
        Implementation {
            name: "owned, prepared set",
            decide: Box::new(move |held, method, target| {
                let policy: Policy<'_> = owned.policy();
                let set = policy.scope_set(held);
                verdict(policy.authorize(&set, method, target))
            }),
            decide_without_key: Box::new(move |method, target| {
                guards_without_a_key(by_owned_guard.policy(), method, target)
            }),
        },
        Implementation {
            name: "bytes in flash, guard",
            decide: Box::new(move |held, method, target| {
                let (key, expires) = (key_of(in_flash.policy(), "a"), Some(2));
                let header = format!("Bearer {key}");
                let guard = Guard::new(in_flash.policy(), OneKey { key, held, expires });
                guarded(&guard.decide(Some(header.as_bytes()), method, target, 1))
            }),
            decide_without_key: Box::new(move |method, target| {
                guards_without_a_key(policy, method, target)
            }),
        },
    ]
}

fn public(policy: Policy<'_>, method: &[u8], target: &[u8]) -> Verdict {
    let route = policy.public_route(method, target);
    route.map_or(Verdict::NoValidKey, called)
}

/// The verdict for a request to a public route.
fn called(route: Route<'_>) -> Verdict {
    Verdict::Allow {
        route: route.to_string(),
        by: By::Public,
    }
}

/// The PBX policy in every form there is.
pub(crate) fn of_pbx<'p>(oracle: &'p Oracle, compiled: &'p Compiled) -> Vec<Implementation<'p>> {
    let mut all = of(oracle, compiled);
    all.push(Implementation {
        name: "static, plain names",
        decide: Box::new(move |held, method, target| {
            verdict(routescope::authorize(held, method, target))
        }),
        decide_without_key: Box::new(|method, target| vec![public(pbx::POLICY, method, target)]),
    });
    all.push(Implementation {
        name: "static, prepared set",
        decide: Box::new(move |held, method, target| {
            verdict(pbx::authorize(&pbx::scope_set(held), method, target))
        }),
        decide_without_key: Box::new(|method, target| {
            let guard = Guard::without_store(pbx::Compiled);
            let route = guard.public_route(method, target);
            vec![route.map_or(Verdict::NoValidKey, called)]
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

/// The verdict that a decision is, for a request with a valid key.
pub(crate) fn verdict(decision: Decision<'_>) -> Verdict {
    match decision {
        Decision::Allow { route, by } => Verdict::Allow {
            route: route.to_string(),
            by: met(by),
        },
        Decision::Deny(denial) => denied(denial),
    }
}

fn met(by: routescope::By<'_>) -> By {
    match by {
        routescope::By::Scope(scope) => By::Scope(scope.to_string()),
        routescope::By::All(alternative) => By::All(names(alternative)),
        routescope::By::AnyKey => By::AnyKey,
        routescope::By::Public => By::Public,
    }
}

fn names(alternative: Alternative<'_>) -> Vec<String> {
    alternative
        .scopes()
        .map(|scope| scope.to_string())
        .collect()
}

fn denied(denial: RouteDenial<'_>) -> Verdict {
    match denial {
        RouteDenial::BadMethod => Verdict::BadMethod,
        RouteDenial::BadPath(_) => Verdict::BadPath,
        RouteDenial::UnknownRoute => Verdict::UnknownRoute,
        RouteDenial::MethodNotListed { template, methods } => Verdict::MethodNotListed {
            template: template.to_owned(),
            methods: methods.iter().map(|method| method.to_string()).collect(),
        },
        RouteDenial::MissingScope(route) => Verdict::MissingScope {
            route: route.to_string(),
            accepted: route
                .accepted()
                .iter()
                .map(|scope| scope.to_string())
                .collect(),
            alternatives: match route.requirement() {
                Requirement::Scopes(alternatives) => alternatives.iter().map(names).collect(),
                Requirement::Public | Requirement::AnyKey => Vec::new(),
            },
        },
    }
}

/// The verdict that the answer of a guard is.
fn guarded<I>(decision: &GuardDecision<'_, I>) -> Verdict {
    match *decision {
        GuardDecision::Allow { route, by, .. } => {
            // Nobody is to be taken for the caller of a public route.
            assert_ne!(by, routescope::By::Public);
            Verdict::Allow {
                route: route.to_string(),
                by: met(by),
            }
        }
        GuardDecision::Public { route } => Verdict::Allow {
            route: route.to_string(),
            by: met(routescope::By::Public),
        },
        GuardDecision::Deny { denial, .. } => match denial {
            Denial::Key(_) => Verdict::NoValidKey,
            Denial::Route(denial) => denied(denial),
        },
    }
}

/// A store that knows one key, which holds some names.
struct OneKey<'k> {
    key: String,
    held: &'k [&'k str],
    expires: Option<u64>,
}

/// A key of the form that a policy declares, made of one letter.
fn key_of(policy: Policy<'_>, letter: &str) -> String {
    match policy.key_format() {
        Some(form) => {
            let rest = usize::from(form.length) - form.prefix.len();
            format!("{}{}", form.prefix, letter.repeat(rest))
        }
        None => letter.to_owned(),
    }
}

impl<'k> KeyStore for OneKey<'k> {
    type Scopes = &'k [&'k str];
    type Identity = &'static str;

    fn find(&self, key: &ApiKey<'_>) -> Option<StoredKey<Self::Scopes, Self::Identity>> {
        let stored = StoredKey::new(self.held, "somebody");
        let stored = match self.expires {
            Some(expires) => stored.valid_until(expires),
            None => stored,
        };
        key.matches(self.key.as_bytes()).then_some(stored)
    }
}

/// The answers of guards to requests whose key is missing, malformed, unknown or expired.
fn guards_without_a_key(policy: Policy<'_>, method: &[u8], target: &[u8]) -> Vec<Verdict> {
    let everything: Vec<&str> = policy.scopes().map(Scope::name).collect();
    let [key, other] = ["a", "b"].map(|letter| key_of(policy, letter));
    let headers = [
        (None, None),
        (Some("Bearer a b".to_owned()), None),
        (Some(format!("Bearer {other}")), None),
        (Some(format!("Bearer {key}")), Some(1)),
    ];
    let answers = headers.map(|(header, expires)| {
        let (key, held) = (key.clone(), &everything[..]);
        let guard = Guard::new(policy, OneKey { key, held, expires });
        guarded(&guard.decide(header.as_ref().map(String::as_bytes), method, target, 1))
    });
    answers.into_iter().collect()
}
