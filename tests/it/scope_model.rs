//! The tables of `data/scope-model`, asked in every way: names of any form, scopes that are needed
//! together, public routes and routes for any key.

use std::path::Path;

use routescope::{
    Alternative, ApiKey, By, Decision, Guard, GuardDecision, KeyStore, Policy, Requirement, Route,
    RouteDenial, StoredKey,
};
use routescope_compiler::compile;
use serde_json::{Value, json};

use crate::implementations::load;

fn file(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/scope-model");
    std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn every_case_in_every_form() {
    let cases: Vec<Value> = serde_json::from_str(&file("cases.json")).expect("JSON");
    let mut asked = 0;
    for case in &cases {
        let name = case["name"].as_str().expect("a name");
        let policy_file = case["policy"].as_str().expect("the name of a file");
        let compiled = compile(policy_file, &file(policy_file))
            .unwrap_or_else(|report| panic!("{name}\n{report}"));
        let owned = load(&compiled);
        let bytes: &'static [u8] = compiled.to_bytes().leak();
        let in_flash = Policy::from_bytes(bytes).expect("the bytes of a policy");
        let requests = case["requests"].as_array().expect("a list of requests");
        for request in requests {
            for (form, policy) in [
                ("compiled", compiled.policy()),
                ("owned", owned.policy()),
                ("static", in_flash.policy()),
            ] {
                for (way, answer) in answers(policy, request) {
                    is_as_stated(request, &answer, &format!("{name}, {form}, {way}"));
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 300, "{asked}");
}

/// Compares each fact that the request states.
fn is_as_stated(request: &Value, answer: &Value, what: &str) {
    let facts = request.as_object().expect("a request");
    let asked = ["method", "target", "scopes", "key"];
    for (fact, stated) in facts
        .iter()
        .filter(|(fact, _)| !asked.contains(&fact.as_str()))
    {
        assert_eq!(&answer[fact], stated, "{what}: `{fact}` of {request}");
    }
}

/// The answers by each way to ask, and what it is called.
fn answers(policy: Policy<'_>, request: &Value) -> Vec<(&'static str, Value)> {
    let text = |field: &str| request[field].as_str().expect("a text");
    let (method, target) = (text("method"), text("target"));
    let scopes = request["scopes"].as_array().expect("a list of scopes");
    let held: Vec<&str> = scopes.iter().filter_map(Value::as_str).collect();
    let prepared = policy.scope_set(&held);
    let has_key = request["key"] != "none";
    let header = has_key.then_some(&b"Bearer known"[..]);
    let by_names = Guard::new(policy, Holding(&held[..])).decide(header, method, target, 0);
    let by_bits = Guard::new(policy, Holding(prepared)).decide(header, method, target, 0);
    let mut answers = vec![
        ("guard, by names", of_guard(by_names)),
        ("guard, by bits", of_guard(by_bits)),
    ];
    if has_key {
        let decisions = [
            ("names", policy.authorize(&held, method, target)),
            ("bits", policy.authorize(&prepared, method, target)),
        ];
        answers.extend(decisions.map(|(way, decision)| (way, of(decision))));
    } else if let Some(route) = policy.public_route(method, target) {
        answers.push(("public route", allowed(route, By::Public)));
    }
    answers
}

/// A store in which every key holds the same.
struct Holding<H>(H);

impl<H: routescope::HeldScopes + Clone> KeyStore for Holding<H> {
    type Scopes = H;
    type Identity = ();

    fn find(&self, _: &ApiKey<'_>) -> Option<StoredKey<H>> {
        Some(StoredKey::new(self.0.clone(), ()))
    }
}

fn of(decision: Decision<'_>) -> Value {
    match decision {
        Decision::Allow { route, by } => allowed(route, by),
        Decision::Deny(denial) => denied(denial.into()),
    }
}

fn of_guard(decision: GuardDecision<'_>) -> Value {
    match decision {
        GuardDecision::Allow { route, by, .. } => allowed(route, by),
        GuardDecision::Public { route } => allowed(route, By::Public),
        GuardDecision::Deny { denial, .. } => denied(denial),
    }
}

fn allowed(route: Route<'_>, by: By<'_>) -> Value {
    let (accepted, alternatives) = needs(route);
    json!({
        "decision": "allow", "reason": null, "status": 200, "route": route.to_string(),
        "by": by.as_str(), "accepted": accepted, "alternatives": alternatives, "challenge": null,
    })
}

fn denied(denial: routescope::Denial<'_>) -> Value {
    let route = match denial {
        routescope::Denial::Route(RouteDenial::MissingScope(route)) => Some(route),
        _ => None,
    };
    let (accepted, alternatives) = route.map(needs).unwrap_or_default();
    let challenge = denial.challenge().map(|challenge| challenge.to_string());
    json!({
        "decision": "deny", "reason": denial.reason().as_str(), "status": denial.status(),
        "route": route.map(|route| route.to_string()), "by": null,
        "accepted": accepted, "alternatives": alternatives, "challenge": challenge,
    })
}

/// The scopes that suffice alone, and all alternatives.
fn needs(route: Route<'_>) -> (Vec<String>, Vec<Vec<String>>) {
    let names = |alternative: Alternative<'_>| -> Vec<String> {
        alternative
            .scopes()
            .map(|scope| scope.to_string())
            .collect()
    };
    let accepted = route.accepted().iter().map(|scope| scope.to_string());
    let alternatives = match route.requirement() {
        Requirement::Scopes(alternatives) => alternatives.iter().map(names).collect(),
        Requirement::Public | Requirement::AnyKey => Vec::new(),
    };
    (accepted.collect(), alternatives)
}
