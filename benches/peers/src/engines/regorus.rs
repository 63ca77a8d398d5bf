//! regorus, which evaluates Rego, the language of the Open Policy Agent.
//!
//! - `regorus` has a rule for every route, which takes the split path apart, as
//!   the agent's guide to HTTP APIs does. It knows no most specific template:
//!   whatever rule holds, allows.
//! - `regorus-routed` stands behind a router, and looks the accepted scopes up
//!   in the data by template and method.
//!
//! Both are compiled to the byte code of regorus' virtual machine, which is
//! several times as fast as its interpreter. A question makes the input and
//! runs the machine.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Write;

use anyhow::{Context, Result};
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine as Rego, Value};
use serde_json::json;

use super::routed::Routed;
use crate::engine::{Asks, Engine, Entrant};
use crate::request::Request;
use crate::workload::Workload;

const ALLOW: &str = "data.api.allow";

pub fn rules<'w>(workload: &'w Workload<'w>) -> Result<Entrant<'w>> {
    let table = workload.table;
    let mut policy = String::from("package api\n\ndefault allow := false\n");
    for route in &table.routes {
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
    let engine = Rules {
        machine: RefCell::new(machine(policy, json!({}))?),
        keys: keys(workload),
    };
    Ok(Entrant::new("regorus", Asks::Everything, engine))
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
        machine: RefCell::new(machine(policy.to_owned(), json!({ "accepted": accepted }))?),
        keys: keys(workload),
        templates: Routed::new(table, |_, template| Value::from(template))?,
    };
    Ok(Entrant::new("regorus-routed", Asks::Everything, engine))
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

fn machine(policy: String, data: serde_json::Value) -> Result<RegoVM> {
    let mut engine = Rego::new();
    engine.add_policy("api.rego".to_owned(), policy)?;
    engine.add_data(Value::from(data.clone()))?;
    let compiled = engine.compile_with_entrypoint(&ALLOW.into())?;
    let program = Compiler::compile_from_policy(&compiled, &[ALLOW])
        .map_err(|error| anyhow::anyhow!("{error}"))
        .context("regorus' compiler")?;
    let mut machine = RegoVM::new();
    machine.load_program(program);
    machine
        .set_data(Value::from(data))
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(machine)
}

fn run(machine: &RefCell<RegoVM>, input: Value) -> bool {
    let mut machine = machine.borrow_mut();
    machine.set_input(input);
    matches!(machine.execute(), Ok(Value::Bool(true)))
}

struct Rules {
    machine: RefCell<RegoVM>,
    keys: Vec<Value>,
}

impl Engine for Rules {
    type Answer<'a> = bool;

    fn ask<'a>(&'a self, request: &'a Request) -> Self::Answer<'a> {
        let path: Vec<Value> = request.path.split('/').skip(1).map(Value::from).collect();
        let mut input = Value::new_object();
        let Ok(fields) = input.as_object_mut() else {
            return false;
        };
        fields.insert("method".into(), request.method.into());
        fields.insert("path".into(), path.into());
        fields.insert("scopes".into(), self.keys[request.key].clone());
        run(&self.machine, input)
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
        let mut input = Value::new_object();
        let Ok(fields) = input.as_object_mut() else {
            return false;
        };
        fields.insert("method".into(), request.method.into());
        fields.insert("route".into(), template.clone());
        fields.insert("scopes".into(), self.keys[request.key].clone());
        run(&self.machine, input)
    }

    fn agrees<'a>(&'a self, request: &'a Request, answer: Self::Answer<'a>) -> bool {
        answer == request.expected.is_allowed()
    }
}
