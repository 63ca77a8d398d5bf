//! A policy in documentation comments: what opens what.

use std::collections::HashMap;
use std::fmt::Write;

use routescope_core::{Alternative, Alternatives, Policy, Requirement, Route, Scope};

use super::names::Names;
use crate::Compiled;
use crate::source::report::printable;

/// The most routes that the comment of a scope lists. The umbrella's scopes open nearly all of
/// them, which the table of the module shows.
const MAX_LISTED: usize = 16;

/// The documentation of the module, in Markdown: a table of the routes with the scopes that each
/// accepts. Without names or routes, only a sentence.
pub(super) fn of_module(compiled: &Compiled, names: Option<&Names>) -> String {
    let policy = compiled.policy();
    let updated = match policy.updated() {
        Some(updated) => format!(", updated {updated}"),
        None => String::new(),
    };
    let declared = policy.scopes().filter(|scope| scope.is_declared()).count();
    let mut text = format!(
        "The policy `{}`{updated}: {} under {}.\n",
        policy.name(),
        count(policy.routes().len(), "route"),
        count(declared, "scope"),
    );
    let Some(names) = names else {
        return text;
    };
    if names.routes.is_empty() {
        return text;
    }
    text += "\nA route accepts a key with any one of its scopes; the narrowest is the first. A route that\n\
        lists GET answers HEAD.\n\n";
    if policy.routes().any(has_sets) {
        text += "Scopes with \"and\" between them are needed together: none of them suffices alone.\n\n";
    }
    text += "| route | accepted scopes |\n|---|---|\n";
    let constants: HashMap<&str, &str> = policy
        .scopes()
        .zip(&names.scopes)
        .map(|(scope, named)| (scope.name(), named.name.as_str()))
        .collect();
    for (route, named) in policy.routes().zip(&names.routes) {
        let scope = |scope: Scope<'_>| {
            let name = scope.name();
            let constant = constants.get(name).copied().unwrap_or_default();
            let name = code(name).replace('|', "\\|");
            format!("[{name}](scopes::{constant})")
        };
        let needs = match route.requirement() {
            Requirement::Public => "public: no key".to_owned(),
            Requirement::AnyKey => "any valid key".to_owned(),
            Requirement::Scopes(alternatives) => {
                let alternatives = alternatives.iter().map(|alternative| {
                    let scopes: Vec<String> = alternative.scopes().map(scope).collect();
                    scopes.join(" and ")
                });
                alternatives.collect::<Vec<String>>().join(", ")
            }
        };
        let _ = writeln!(text, "| [`{route}`](Route::{}) | {needs} |", named.name);
    }
    text
}

/// The lines of a scope's comment.
pub(super) fn of_scope(policy: Policy<'_>, scope: Scope<'_>, summary: Option<&str>) -> Vec<String> {
    let name = scope.name();
    let mut first = code(name);
    if let Some(summary) = summary {
        let _ = write!(first, ": {}", prose(summary));
    } else if !scope.is_declared() {
        let resource = name.split(':').next();
        first += match resource {
            _ if policy.has_opaque_scopes() => ", the global scope.",
            Some("*") => ", the global scope.",
            _ if resource == policy.umbrella() => ", of the umbrella.",
            _ => ", implied by the others of its resource.",
        };
    }
    let alone: Vec<Route<'_>> = scope.routes().collect();
    let together: Vec<Route<'_>> = match policy.routes().any(has_sets) {
        true => policy
            .routes()
            .filter(|route| needs(*route, scope))
            .collect(),
        false => Vec::new(),
    };
    let mut lines = vec![first, String::new()];
    if alone.is_empty() && together.is_empty() {
        lines.push("It opens no route.".to_owned());
    }
    opened(&mut lines, "It opens", &alone);
    if !alone.is_empty() && !together.is_empty() {
        lines.push(String::new());
    }
    opened(&mut lines, "Together with others, it opens", &together);
    lines
}

/// The routes that a scope opens, if there are any.
fn opened(lines: &mut Vec<String>, how: &str, routes: &[Route<'_>]) {
    match routes.len() {
        0 => {}
        1..=MAX_LISTED => {
            lines.push(how.to_owned());
            lines.extend(routes.iter().map(|route| format!("- `{route}`")));
        }
        many => lines.push(format!("{how} {many} routes: see the table of the module.")),
    }
}

/// The alternatives of a route that have several scopes.
pub(super) fn sets(route: Route<'_>) -> impl Iterator<Item = Alternative<'_>> {
    let alternatives = route.requirement().alternatives();
    let alternatives = alternatives.into_iter().flatten();
    alternatives.filter(|alternative| alternative.as_scope().is_none())
}

fn has_sets(route: Route<'_>) -> bool {
    sets(route).next().is_some()
}

/// Whether a scope is part of a set that opens a route, and does not open it alone.
fn needs(route: Route<'_>, scope: Scope<'_>) -> bool {
    let of_scope = |other: Scope<'_>| other.name() == scope.name();
    sets(route).any(|set| set.scopes().any(of_scope)) && !route.accepted().iter().any(of_scope)
}

/// The line of a route's comment.
pub(super) fn of_route(route: Route<'_>) -> String {
    match route.requirement() {
        Requirement::Public => format!("`{route}`, which is public."),
        Requirement::AnyKey => format!("`{route}`, for any valid key."),
        Requirement::Scopes(alternatives) => format!("`{route}`, for {}.", any_of(alternatives)),
    }
}

/// `a:read`, `a:*` or `b:* and c:*`
fn any_of(alternatives: Alternatives<'_>) -> String {
    let mut names: Vec<String> = alternatives
        .iter()
        .map(|alternative| {
            let scopes = alternative.scopes();
            let scopes: Vec<String> = scopes.map(|scope| code(scope.name())).collect();
            scopes.join(" and ")
        })
        .collect();
    match names.pop() {
        Some(last) if names.is_empty() => last,
        Some(last) => format!("{} or {last}", names.join(", ")),
        None => "no scope".to_owned(),
    }
}

/// A name as code in Markdown: `` `orders:read` ``. An opaque name may hold backticks.
fn code(name: &str) -> String {
    let longest = name
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    match longest {
        0 => format!("`{name}`"),
        len => {
            let fence = "`".repeat(len + 1);
            format!("{fence} {name} {fence}")
        }
    }
}

/// The text of a person in one line of Markdown, with the characters of links and tags escaped.
/// Invisible characters are escaped too: rustc refuses a file with marks that reorder its text.
fn prose(text: &str) -> String {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        for c in printable(word).chars() {
            if "\\`*_[]<>&~|".contains(c) {
                line.push('\\');
            }
            line.push(c);
        }
    }
    if !line.ends_with(['.', '!', '?']) {
        line.push('.');
    }
    line
}

fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
