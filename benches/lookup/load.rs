//! A policy that is loaded from its bytes, and one that is compiled from its text: what a program
//! can do when its table changes.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::hint::black_box;

use criterion::{Criterion, SamplingMode};
use routescope::{Policy, Scope};
use routescope_compiler::compile;

use crate::times::Times;

const GOOGLE: &str = include_str!("../../tests/data/google-api-routes.txt");

pub(crate) fn measure(criterion: &mut Criterion, times: &mut Times) {
    policy(criterion, times, 110, routescope::PBX_ROUTES_YAML);
    policy(criterion, times, 5203, &google());
}

fn policy(criterion: &mut Criterion, times: &mut Times, routes: usize, yaml: &str) {
    let name = format!("load-{routes}");
    let compiled = compile("routes.yaml", yaml).expect("the policy compiles");
    let bytes = compiled.to_bytes();
    check(&name, routes, compiled.policy(), &bytes);

    let mut group = times.group(criterion, &name);
    // Ten compiles of the larger policy take a second or two.
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.time("from_bytes", || Policy::from_bytes(black_box(&bytes)));
    group.time("compile", || compile("routes.yaml", black_box(yaml)));
}

/// Stops the run if the loaded policy decides any route otherwise than the compiled one, for a
/// key with every scope or one with none.
fn check(name: &str, routes: usize, compiled: Policy<'_>, bytes: &[u8]) {
    let loaded = Policy::from_bytes(bytes).expect("the compiler wrote these bytes");
    let loaded = loaded.policy();
    assert_eq!(loaded.digest(), compiled.digest(), "{name}");
    assert_eq!(loaded.routes().len(), routes, "{name}");
    for names in [compiled.scopes().map(Scope::name).collect(), Vec::new()] {
        let (expected, held) = (compiled.scope_set(&names), loaded.scope_set(&names));
        for route in compiled.routes() {
            let method = route.method().as_str();
            let segments = route.template().split('/');
            let segments = segments.map(|s| if s.starts_with('{') { "7f3a" } else { s });
            let target = segments.collect::<Vec<_>>().join("/");
            let expected = compiled.authorize(&expected, method, &target);
            assert_eq!(expected.is_allow(), !names.is_empty(), "{name}: {expected}");
            let decision = loaded.authorize(&held, method, &target);
            assert_eq!(decision.to_string(), expected.to_string(), "{name}");
        }
    }
}

/// The 5,203 routes of Google's public APIs as a policy: one scope for each API, version and
/// first two resources. Templates that are marked with `#` in the list overlap others.
fn google() -> String {
    let mut scopes: BTreeMap<String, String> = BTreeMap::new();
    for line in GOOGLE.lines() {
        let route = line.trim_start_matches('#');
        let (method, template) = route.split_once(' ').expect("a method and a template");
        let is_word = |segment: &&str| !segment.is_empty() && !segment.starts_with('{');
        let words: Vec<&str> = template.split('/').filter(is_word).take(4).collect();
        let resource = words.join(".").replace('@', "-");
        let action = if method == "GET" { "read" } else { "*" };
        let routes = scopes.entry(format!("{resource}:{action}")).or_default();
        let _ = match line.starts_with('#') {
            true => writeln!(routes, "      - route: {route}\n        overlap: allow"),
            false => writeln!(routes, "      - {route}"),
        };
    }
    let mut yaml = String::from("version: 1\nname: google\nscopes:\n");
    for (scope, routes) in scopes {
        let _ = write!(yaml, "  \"{scope}\":\n    routes:\n{routes}");
    }
    yaml
}
