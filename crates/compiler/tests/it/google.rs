//! A table of real size: the 5,203 routes of Google's public APIs under 1,692
//! scopes. The tests check the compiled policy and its decisions, and print how
//! long compiling takes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

use routescope_compiler::{Compiler, Problem, Severity, compile};
use routescope_core::{Decision, Method, RouteDenial};

/// A line of the list.
struct Listed {
    method: String,
    template: String,
    scope: String,
    /// Marked in the list with `#`: its template overlaps others.
    overlaps: bool,
}

impl Listed {
    /// The request with every parameter filled.
    fn target(&self) -> String {
        let filled: Vec<&str> = self
            .template
            .split('/')
            .map(|segment| {
                if segment.starts_with('{') {
                    "7f3a"
                } else {
                    segment
                }
            })
            .collect();
        filled.join("/")
    }
}

fn list() -> Vec<Listed> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/google-api-routes.txt");
    std::fs::read_to_string(file)
        .unwrap()
        .lines()
        .map(|line| {
            let route = line.trim_start_matches('#');
            let (method, template) = route.split_once(' ').unwrap();
            // API, version, and up to two resources: fine enough for more than
            // a thousand scopes.
            let words: Vec<&str> = template
                .split('/')
                .filter(|segment| !segment.is_empty() && !segment.starts_with('{'))
                .take(4)
                .collect();
            let resource = words.join(".").replace('@', "-");
            let read = matches!(method, "GET" | "HEAD");
            Listed {
                method: method.to_owned(),
                template: template.to_owned(),
                scope: format!("{resource}:{}", if read { "read" } else { "*" }),
                overlaps: line.starts_with('#'),
            }
        })
        .collect()
}

fn routes_yaml(list: &[Listed], allow: bool) -> String {
    let mut scopes: BTreeMap<&str, Vec<&Listed>> = BTreeMap::new();
    for listed in list {
        scopes.entry(&listed.scope).or_default().push(listed);
    }
    let mut text = String::from("version: 1\nname: google\nscopes:\n");
    for (scope, routes) in scopes {
        writeln!(text, "  \"{scope}\":\n    routes:").unwrap();
        for Listed {
            method,
            template,
            overlaps,
            ..
        } in routes
        {
            if *overlaps && allow {
                writeln!(
                    text,
                    "      - route: {method} {template}\n        overlap: allow"
                )
                .unwrap();
            } else {
                writeln!(text, "      - {method} {template}").unwrap();
            }
        }
    }
    text
}

#[test]
#[allow(
    clippy::print_stdout,
    reason = "the time is for whoever looks, not for a verdict"
)]
fn compiles_and_decides_every_route() {
    let list = list();
    let source = routes_yaml(&list, true);
    let start = Instant::now();
    let compiled = compile("google.yaml", &source).unwrap();
    println!("compile: {:?}", start.elapsed());

    let policy = compiled.policy();
    let declared = policy.scopes().filter(|scope| scope.is_declared()).count();
    assert_eq!(policy.routes().len(), 5203);
    assert!(declared >= 1000, "{declared} scopes");
    // Every trie node is at least one pair, and there are more nodes than
    // templates: the proof did look.
    assert!(
        compiled.proved().pairs > compiled.model().templates.len(),
        "{:?}",
        compiled.proved()
    );

    let foreign = policy.scope_set(["accessapproval.v1.folders:*"]);
    for listed in &list {
        let target = listed.target();
        let held = policy.scope_set([&listed.scope]);
        let decision = policy.authorize(&held, &listed.method, &target);
        let Decision::Allow { route, by } = decision else {
            panic!("{} {target}: {decision}", listed.method);
        };
        assert_eq!(
            route.to_string(),
            format!("{} {}", listed.method, listed.template)
        );
        assert_eq!(by.to_string(), listed.scope);

        if listed.scope.starts_with("accessapproval.v1.folders:") {
            continue;
        }
        let decision = policy.authorize(&foreign, &listed.method, &target);
        assert_eq!(
            decision,
            Decision::Deny(RouteDenial::MissingScope(route)),
            "{} {target}",
            listed.method
        );
    }
}

/// A method that no line of a template lists is denied with the methods that
/// are.
#[test]
fn denies_what_is_not_listed() {
    let list = list();
    let compiled = compile("google.yaml", &routes_yaml(&list, true)).unwrap();
    let policy = compiled.policy();
    let mut listed: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for line in &list {
        let methods = listed.entry(line.target()).or_default();
        methods.insert(&line.method);
        if line.method == "GET" {
            methods.insert("HEAD");
        }
    }
    // Where templates overlap, one request stands for routes of several.
    let shared: BTreeSet<String> = list
        .iter()
        .filter(|line| line.overlaps)
        .map(Listed::target)
        .collect();
    for (target, methods) in listed
        .iter()
        .filter(|(target, _)| !shared.contains(*target))
    {
        for method in Method::ALL {
            let answer = policy.required_scopes(method, target);
            if methods.contains(method.as_str()) {
                assert!(answer.is_ok(), "{method} {target}");
            } else {
                assert!(
                    matches!(answer, Err(RouteDenial::MethodNotListed { .. })),
                    "{method} {target}"
                );
            }
        }
        let beyond = format!("{target}/nothing-here/at-all/and/no/more/of/it");
        assert_eq!(
            policy.required_scopes("GET", beyond).err(),
            Some(RouteDenial::UnknownRoute)
        );
    }
}

#[test]
fn reports_the_fifteen_conflicts() {
    let report = compile("google.yaml", &routes_yaml(&list(), false)).unwrap_err();
    let errors: Vec<&str> = report
        .by_severity(Severity::Error)
        .map(Problem::message)
        .collect();
    assert_eq!(errors.len(), 15, "{errors:#?}");
    for message in errors {
        assert!(
            message.contains("overlap, and neither is narrower"),
            "{message}"
        );
        assert!(
            message.contains("/global/images/family/{family}"),
            "{message}"
        );
    }
}

#[test]
fn notes_hidden_methods() {
    let compiled = Compiler::new()
        .notes(true)
        .compile("google.yaml", &routes_yaml(&list(), true))
        .unwrap();
    let notes: Vec<&str> = compiled
        .warnings()
        .by_severity(Severity::Note)
        .map(Problem::message)
        .collect();
    assert_eq!(notes.len(), 112);
    assert!(notes.iter().all(|note| note.contains(" hides ")));
}
