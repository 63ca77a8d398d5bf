//! Names of scopes that are probably mistakes: typing errors, and names with the
//! action before the resource.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::model::ScopeName;
use crate::model::scopes::bad_name;
use crate::source::document::{Document, MethodRule, ScopeEntry, ScopeNames};
use crate::source::report::Problem;
use crate::source::slips::slips;

/// Warns of each resource that is one letter away from an earlier one.
pub(super) fn close_resources(document: &Document, problems: &mut Vec<Problem>) {
    if document.scope_names == ScopeNames::Opaque {
        return;
    }
    let mut first: BTreeMap<&str, Range<usize>> = BTreeMap::new();
    for name in document.scopes.iter().flat_map(ScopeEntry::names) {
        let resource = name.value.split(':').next().unwrap_or_default();
        first.entry(resource).or_insert(name.at);
    }
    if let Some(umbrella) = &document.umbrella {
        first
            .entry(umbrella.value.as_str())
            .or_insert_with(|| umbrella.at.clone());
    }
    // Others are errors, whatever they are close to.
    first
        .retain(|name, _| name.len() <= ScopeName::MAX_LEN && bad_name(name, "resource").is_none());
    let mut names: Vec<(&str, Range<usize>)> = first.into_iter().collect();
    names.sort_by_key(|(_, at)| at.start);
    let texts: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
    for (later, earlier) in slips(&texts).pairs {
        let ((later, at), (earlier, other)) = (&names[later], &names[earlier]);
        problems.push(
            Problem::warning(at.clone(), format!("resource `{later}` is one letter away from `{earlier}`"))
                .with_label(other.clone(), "the other one")
                .help(format!("if it is a slip, write `{earlier}`; a key that holds the one does not hold the other")),
        );
    }
}

/// The verbs that scopes begin with if they name the action first, and the action
/// that their author probably wants.
const VERBS: [(&str, &str); 7] = [
    ("read", "read"),
    ("view", "read"),
    ("list", "read"),
    ("write", "*"),
    ("manage", "*"),
    ("admin", "*"),
    ("delete", "delete"),
];

/// Warns of resources that read like actions: of `read:pets`, which no method
/// rule takes for reading, and of the `read:*` that comes with it.
pub(super) fn verbs_first(document: &Document, problems: &mut Vec<Problem>) {
    if document.scope_names == ScopeNames::Opaque {
        return;
    }
    for (verb, action) in VERBS {
        let mut scopes = document.scopes.iter().filter_map(|entry| {
            let scope = ScopeName::split(&entry.name.value)?;
            (scope.resource() == Some(verb) && !is_action(&scope)).then_some((entry, scope))
        });
        let Some((entry, scope)) = scopes.next() else {
            continue;
        };
        problems.push(verb_first(document, entry, &scope, action, scopes.count()));
    }
}

/// Whether the action of a scope is one, and its resource then may well be one
/// too: `admin:read`, `list:*`. But `read:*` is never meant to be about reads.
fn is_action(scope: &ScopeName) -> bool {
    let (resource, action) = scope.parts().unwrap_or_default();
    match action {
        "*" => ["admin", "list", "view"].contains(&resource),
        "create" | "update" | "edit" => true,
        action => VERBS.iter().any(|(verb, _)| *verb == action),
    }
}

fn verb_first(
    document: &Document,
    entry: &ScopeEntry,
    scope: &ScopeName,
    action: &str,
    more: usize,
) -> Problem {
    let (verb, name) = scope.parts().unwrap_or_default();
    let others = match more {
        0 => String::new(),
        1 => " and of one more scope".to_owned(),
        more => format!(" and of {more} more scopes"),
    };
    let mut problem = Problem::warning(
        entry.name.at.clone(),
        format!("`{verb}` is the resource of `{scope}`{others}, and reads like an action"),
    );
    if !scope.is_full() {
        problem = problem.help(format!(
            "a scope is `resource:action`: write `{name}:{action}`"
        ));
    }
    if document.method_rule() == MethodRule::ReadWrite && action == "read" {
        problem = problem.help(format!(
            "the method rule goes by the action, so that `DELETE` may stand under `{scope}`"
        ));
    }
    problem.help(format!(
        "the policy also has a scope `{verb}:*`, which opens every route under a scope of `{verb}`: give no key that one"
    ))
    .help("if that is how the API names its scopes, say `scope_names: opaque` at the top of the file: names imply nothing there")
}
