//! regorus, which evaluates Rego, the language of the Open Policy Agent.
//!
//! - `regorus` has a rule for every route, which takes the split path apart, as
//!   the agent's guide to HTTP APIs does, and is asked as regorus' README asks:
//!   an engine that is given the input and evaluates a rule. It knows no most
//!   specific template: whatever rule holds, allows.
//! - `regorus-vm` is the same policy, compiled to the byte code of regorus'
//!   virtual machine.
//! - `regorus-routed` runs after a router, and looks the accepted scopes up
//!   in the data by template and method, on the virtual machine. The path is
//!   then the router's business, and nothing of it is decided by Rego.
//!
//! A question makes the input and evaluates.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use anyhow::{Context, Result, anyhow};
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine as Rego, Value};
use serde_json::json;

use super::routed::Routed;
use crate::engine::{Asks, Engine, Entrant};
use crate::request::Request;
use crate::workload::Workload;
use tables::{Listed, Table};

const ALLOW: &str = "data.api.allow";

pub fn engine<'w>(workload: &'w Workload<'w>) -> Result<Entrant<'w>> {
    let engine = Interpreted {
        rego: RefCell::new(loaded(rules(workload), &json!({}))?),
        keys: keys(workload),
    };
    Ok(Entrant::new("regorus", Asks::Everything, engine))
}

pub fn compiled<'w>(workload: &'w Workload<'w>) -> Result<Entrant<'w>> {
    let engine = OnMachine {
        machine: RefCell::new(machine(rules(workload), &json!({}))?),
        keys: keys(workload),
    };
    Ok(Entrant::new("regorus-vm", Asks::Everything, engine))
}

/// A rule for each route.
fn rules(workload: &Workload<'_>) -> Vec<String> {
    let mut files = vec![String::from("package api\n\ndefault allow := false\n")];
    for routes in workload.table.routes.chunks(RULES) {
        files.push(rules_for(workload.table, routes));
    }
    files
}

/// A file must not be larger than a mebibyte, so it gets at most this many rules.
const RULES: usize = 1000;

fn rules_for(table: &Table, routes: &[Listed]) -> String {
    let mut policy = String::from("package api\n");
    for route in routes {
        let accepted = table
            .accepted(route.template, route.method)
            .unwrap_or_default();
        let (mut pattern, mut values) = (Vec::new(), String::new());
        for segment in table.templates[route.template].split('/').skip(1) {
            match segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
                Some(name) => {
                    pattern.push(name.to_owned());
                    let _ = writeln!(values, "  {name} != \"\"");
                }
                None => pattern.push(json!(segment).to_string()),
            }
        }
        let accepted: Vec<String> = accepted.iter().map(|s| json!(s).to_string()).collect();
        let _ = write!(
            policy,
            "\nallow if {{\n  input.method == \"{}\"\n  [{}] = input.path\n{values}  some scope in {{{}}}\n  scope in input.scopes\n}}\n",
            route.method,
            pattern.join(", "),
            accepted.join(", ")
        );
    }
    policy
}

pub fn routed<'w>(workload: &'w Workload<'w>) -> Result<Entrant<'w>> {
    let policy = "package api

default allow := false

allow if {
  some scope in data.accepted[input.route][input.method]
  scope in input.scopes
}
";
    let table = workload.table;
    let mut accepted = json!({});
    for route in &table.routes {
        let scopes = table
            .accepted(route.template, route.method)
            .unwrap_or_default();
        accepted[&table.templates[route.template]][route.method] = json!(scopes);
    }
    let engine = Behind {
        machine: RefCell::new(machine(
            vec![policy.to_owned()],
            &json!({ "accepted": accepted }),
        )?),
        keys: keys(workload),
        templates: Routed::new(table, |_, template| Value::from(template)),
    };
    let excluded = engine.templates.excluded;
    Ok(Entrant::new("regorus-routed", Asks::Everything, engine).without(excluded))
}

/// The held scopes of each key, as a set.
fn keys(workload: &Workload<'_>) -> Vec<Value> {
    let keys = workload.keys.iter();
    keys.map(|held| {
        let held: BTreeSet<Value> = held
            .iter()
            .map(|scope| Value::from(scope.as_str()))
            .collect();
        Value::from(held)
    })
    .collect()
}

fn loaded(files: Vec<String>, data: &serde_json::Value) -> Result<Rego> {
    let mut rego = Rego::new();
    for (number, policy) in files.into_iter().enumerate() {
        rego.add_policy(format!("api-{number}.rego"), policy)?;
    }
    rego.add_data(Value::from(data.clone()))?;
    Ok(rego)
}

fn machine(files: Vec<String>, data: &serde_json::Value) -> Result<RegoVM> {
    let compiled = loaded(files, data)?.compile_with_entrypoint(&ALLOW.into())?;
    let program = Compiler::compile_from_policy(&compiled, &[ALLOW])
        .map_err(|error| anyhow!("{error}"))
        .context("regorus' compiler")?;
    let mut machine = RegoVM::new();
    machine.load_program(program);
    machine
        .set_data(Value::from(data.clone()))
        .map_err(|error| anyhow!("{error}"))?;
    Ok(machine)
}

fn run(machine: &RefCell<RegoVM>, input: Value) -> bool {
    let mut machine = machine.borrow_mut();
    machine.set_input(input);
    matches!(machine.execute(), Ok(Value::Bool(true)))
}

/// The input document of a request.
fn input(request: &Request, scopes: &Value) -> Value {
    let path: Vec<Value> = request.path.split('/').skip(1).map(Value::from).collect();
    Value::from(BTreeMap::from([
        ("method".into(), request.method.into()),
        ("path".into(), path.into()),
        ("scopes".into(), scopes.clone()),
    ]))
}

struct Interpreted {
    rego: RefCell<Rego>,
    keys: Vec<Value>,
}

impl Engine for Interpreted {
    type Answer<'a> = bool;

    fn ask<'a>(&'a self, request: &'a Request) -> Self::Answer<'a> {
        let mut rego = self.rego.borrow_mut();
        rego.set_input(input(request, &self.keys[request.key]));
        matches!(rego.eval_rule(ALLOW.to_owned()), Ok(Value::Bool(true)))
    }

    fn number<'a>(&'a self, answer: Self::Answer<'a>) -> usize {
        usize::from(answer)
    }

    fn agrees<'a>(&'a self, request: &'a Request, answer: Self::Answer<'a>) -> bool {
        answer == request.expected.is_allowed()
    }
}

struct OnMachine {
    machine: RefCell<RegoVM>,
    keys: Vec<Value>,
}

impl Engine for OnMachine {
    type Answer<'a> = bool;

    fn ask<'a>(&'a self, request: &'a Request) -> Self::Answer<'a> {
        run(&self.machine, input(request, &self.keys[request.key]))
    }

    fn number<'a>(&'a self, answer: Self::Answer<'a>) -> usize {
        usize::from(answer)
    }

    fn agrees<'a>(&'a self, request: &'a Request, answer: Self::Answer<'a>) -> bool {
        answer == request.expected.is_allowed()
    }
}

struct Behind {
    machine: RefCell<RegoVM>,
    keys: Vec<Value>,
    templates: Routed<Value>,
}

impl Engine for Behind {
    type Answer<'a> = bool;

    fn ask<'a>(&'a self, request: &'a Request) -> Self::Answer<'a> {
        let Some(template) = self.templates.find(request) else {
            return false;
        };
        let input = Value::from(BTreeMap::from([
            ("method".into(), request.method.into()),
            ("route".into(), template.clone()),
            ("scopes".into(), self.keys[request.key].clone()),
        ]));
        run(&self.machine, input)
    }

    fn number<'a>(&'a self, answer: Self::Answer<'a>) -> usize {
        usize::from(answer)
    }

    fn agrees<'a>(&'a self, request: &'a Request, answer: Self::Answer<'a>) -> bool {
        answer == request.expected.is_allowed()
    }
}
