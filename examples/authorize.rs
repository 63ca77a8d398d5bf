//! Asks the PBX policy: `authorize --scope colleagues:read GET /api/v1/colleagues/`
//!
//! Exits with 0 for allow, 1 for deny, 2 if the question was not one.

#![allow(clippy::print_stdout, reason = "the answer")]

use std::process::ExitCode;

use routescope::{Decision, RouteDenial, Scope, pbx};

fn main() -> ExitCode {
    let mut scopes = Vec::new();
    let mut request = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match (argument.as_str(), request.len()) {
            ("--scope", _) => match arguments.next() {
                Some(scope) => scopes.push(scope),
                None => return usage("--scope needs a scope"),
            },
            (option, _) if option.starts_with("--") => {
                return usage(&format!("there is no {option}"));
            }
            (_, 2) => return usage("one method and one path, please"),
            _ => request.push(argument),
        }
    }
    let [method, target] = request.as_slice() else {
        return usage("a method and a path are missing");
    };

    let held = pbx::scope_set(&scopes);
    let decision = routescope::authorize(&held, method, target);
    for scope in pbx::POLICY.unknown_scopes(&scopes) {
        println!("note: {scope} means nothing to this policy");
    }
    answer(&decision);
    if decision.is_allow() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn answer(decision: &Decision<'_>) {
    match decision {
        Decision::Allow { route, by } => {
            println!("allow\n  route: {route}\n  by: {by}");
        }
        Decision::Deny(denial) => {
            println!("deny: {}, status {}", denial.reason(), denial.status());
            match denial {
                RouteDenial::MissingScope(route) => {
                    let narrowest = route
                        .accepted()
                        .first()
                        .map(Scope::name)
                        .unwrap_or_default();
                    println!(
                        "  route: {route}\n  needs any one of: {}\n  narrowest: {narrowest}",
                        route.accepted()
                    );
                }
                RouteDenial::MethodNotListed { template, methods } => {
                    println!("  path: {template}\n  lists: {methods}");
                }
                RouteDenial::BadPath(bad) => println!("  rule: {} at byte {}", bad.rule, bad.at),
                RouteDenial::BadMethod | RouteDenial::UnknownRoute => {}
            }
        }
    }
}

fn usage(problem: &str) -> ExitCode {
    eprintln!("{problem}\nusage: authorize [--scope SCOPE]... METHOD PATH");
    ExitCode::from(2)
}
