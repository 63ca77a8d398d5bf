//! The tables of other APIs in `tests/data/scope-model`, through `routescope decide`: names of any
//! form, scopes that are needed together, public routes.

use std::fs;

use crate::common::{TempFile, repository, run, run_with_input};
use routescope::{KeyDenial, Policy};
use routescope_compiler::compile;
use serde_json::Value;

/// The fields of a case's request that `decide` answers with.
const ANSWERED: [&str; 7] = [
    "decision",
    "reason",
    "status",
    "route",
    "accepted",
    "by",
    "alternatives",
];

/// A policy with its text, and requests with the answers they must get.
struct Case {
    name: String,
    policy: String,
    text: String,
    requests: Vec<Value>,
}

fn cases() -> Vec<Case> {
    let folder = repository().join("tests/data/scope-model");
    let table = fs::read(folder.join("cases.json")).unwrap();
    let table: Vec<Value> = serde_json::from_slice(&table).unwrap();
    assert_eq!(table.len(), 10);
    let case = |case: &Value| {
        let path = folder.join(case["policy"].as_str().unwrap());
        Case {
            name: case["name"].as_str().unwrap().to_owned(),
            policy: path.to_str().unwrap().to_owned(),
            text: fs::read_to_string(path).unwrap(),
            requests: case["requests"].as_array().unwrap().clone(),
        }
    };
    table.iter().map(case).collect()
}

/// The lines that ask for the decisions of a case.
fn lines(case: &Case) -> String {
    let line = |request: &Value| {
        let mut line = serde_json::Map::new();
        for field in ["method", "target", "scopes", "key"] {
            if let Some(value) = request.get(field) {
                line.insert(field.to_owned(), value.clone());
            }
        }
        Value::Object(line).to_string() + "\n"
    };
    case.requests.iter().map(line).collect()
}

#[test]
fn decides_as_the_cases_say() {
    let mut asked = 0;
    for case in cases() {
        let bytes = compile("routes.yaml", &case.text).unwrap().to_bytes();
        let compiled = TempFile::new("policy.rsp", bytes);
        for policy in [case.policy.as_str(), &compiled.as_str()] {
            let answer = run_with_input(&["decide", "--policy", policy], lines(&case).as_bytes());
            let answer = answer.exits(0);
            assert_eq!(answer.out.lines().count(), case.requests.len());
            for (line, wanted) in answer.out.lines().zip(&case.requests) {
                let given: Value = serde_json::from_str(line).unwrap();
                for field in ANSWERED {
                    let name = &case.name;
                    assert_eq!(given[field], wanted[field], "{name}: {field}: {wanted:#}");
                }
                asked += 1;
            }
        }
    }
    assert!(asked >= 2 * 37, "{asked}");
}

/// The challenge that a client gets names one whole alternative.
#[test]
fn challenges_are_as_the_cases_say() {
    for case in cases() {
        let compiled = compile("routes.yaml", &case.text).unwrap();
        for request in &case.requests {
            let challenge = challenge(compiled.policy(), request);
            assert_eq!(
                challenge.as_deref(),
                request["challenge"].as_str(),
                "{}: {request:#}",
                case.name
            );
        }
    }
}

fn challenge(policy: Policy<'_>, request: &Value) -> Option<String> {
    let text = |field: &str| request[field].as_str().unwrap();
    let (method, target) = (text("method"), text("target"));
    if request.get("key").is_some() {
        let is_public = policy.public_route(method, target).is_some();
        return (!is_public).then(|| KeyDenial::Missing.challenge().to_string());
    }
    let held: Vec<&str> = request["scopes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|scope| scope.as_str().unwrap())
        .collect();
    let denial = policy.authorize(&held, method, target).denial()?;
    Some(denial.challenge()?.to_string())
}

/// A needless alternative is a warning; nothing else is to be said about these tables.
#[test]
fn the_compiler_warns_of_the_needless_alternative_alone() {
    for case in cases() {
        let value = run(&["check", &case.policy, "--format", "json"])
            .exits(0)
            .json();
        let problems = value["problems"].as_array().unwrap();
        let needless = problems.iter().filter(|problem| {
            let message = problem["message"].as_str().unwrap();
            problem["severity"] == "warning" && message.contains("makes no difference")
        });
        let wanted = usize::from(case.name == "absorbed");
        assert_eq!(needless.count(), wanted, "{}: {problems:#?}", case.name);
        assert_eq!(problems.len(), wanted, "{}: {problems:#?}", case.name);
    }
}
