//! The scopes that a key holds, as people write them after `--scope`.

use std::collections::BTreeSet;

use routescope::{Policy, Scope};
use routescope_compiler::unstable::nearest;
use serde::Serialize;

/// `--scope`, for every subcommand that asks about a key.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct HeldArgument {
    /// A scope the key holds; repeat it, or give several separated by commas or spaces
    #[arg(long = "scope", short = 's', value_name = "SCOPE")]
    values: Vec<String>,
}

impl HeldArgument {
    /// Whether `--scope` was given at all; an empty value is a key without
    /// scopes.
    pub(crate) fn is_given(&self) -> bool {
        !self.values.is_empty()
    }

    /// The names, each once, in the order given.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut seen = BTreeSet::new();
        self.values
            .iter()
            .flat_map(|value| value.split(|c: char| c == ',' || c.is_whitespace()))
            .filter(|name| !name.is_empty() && seen.insert(*name))
            .collect()
    }
}

/// A held scope, and whether the policy knows it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct HeldScope<'p> {
    pub(crate) scope: String,
    /// Whether the policy knows it. One that it does not know grants nothing.
    pub(crate) known: bool,
    /// The known scope that is probably meant.
    pub(crate) nearest: Option<&'p str>,
    /// The reason why it is not known, and advice.
    pub(crate) hint: Option<String>,
}

impl<'p> HeldScope<'p> {
    pub(crate) fn look_up(policy: Policy<'p>, name: &str) -> Self {
        let known = policy.scope_set([name]).unknown_count() == 0;
        let (nearest, hint) = if known {
            (None, None)
        } else {
            let (nearest, hint) = doubt(policy, name);
            (nearest, Some(hint))
        };
        Self {
            scope: name.to_owned(),
            known,
            nearest,
            hint,
        }
    }
}

/// Why a policy may not know a scope, in the order of how sure that is.
fn doubt<'p>(policy: Policy<'p>, name: &str) -> (Option<&'p str>, String) {
    let names = || policy.scopes().map(Scope::name);
    if policy.has_opaque_scopes() {
        return doubt_opaque(name, names());
    }
    let of_resource = |resource: &str| -> Vec<&'p str> {
        names()
            .filter(|known| {
                known
                    .split_once(':')
                    .is_some_and(|(known, _)| known.eq_ignore_ascii_case(resource))
            })
            .collect()
    };
    let Some((resource, action)) = name.split_once(':') else {
        let known = of_resource(name);
        let hint = match known.as_slice() {
            [] => "a scope is a resource and an action, as in `orders:read`".to_owned(),
            some => format!("a scope is a resource and an action: {}", either(some)),
        };
        return (known.first().copied(), hint);
    };
    if name == "*:*" {
        let hint = "`*:*` means something only where the policy says `global: \"*:*\"`".to_owned();
        return (None, hint);
    }
    if resource.contains('*') || (action.contains('*') && action != "*") {
        let hint = format!(
            "it looks like a pattern, and scopes are none: `*` is only ever the whole action{}",
            match policy.umbrella() {
                Some(umbrella) =>
                    format!("; every resource is `{umbrella}:read` or `{umbrella}:*`"),
                None => String::new(),
            }
        );
        return (None, hint);
    }
    let turned = format!("{action}:{resource}");
    if let Some(turned) = names().find(|known| *known == turned) {
        let hint = format!("it is the other way round here: `{turned}`");
        return (Some(turned), hint);
    }
    if let Some(nearest) = nearest(name, names()) {
        return (Some(nearest), meant(name, nearest));
    }
    let known = of_resource(resource);
    if known.is_empty() {
        return (None, FOREIGN.to_owned());
    }
    let hint = format!("of `{resource}` this policy has {}", either(&known));
    (None, hint)
}

const FOREIGN: &str = "no scope of this policy is like it; it may belong to another API";

/// As [`doubt`], where no part of a name has a meaning.
fn doubt_opaque<'p>(name: &str, names: impl Iterator<Item = &'p str>) -> (Option<&'p str>, String) {
    if let Some(nearest) = nearest(name, names) {
        return (Some(nearest), meant(name, nearest));
    }
    let hint = if name.contains('*') {
        "the names of this policy are opaque, so that `*` is a letter and no pattern; give each scope by its name"
    } else {
        FOREIGN
    };
    (None, hint.to_owned())
}

/// The question whether another name is meant.
fn meant(name: &str, nearest: &str) -> String {
    let case = if nearest.eq_ignore_ascii_case(name) {
        " Upper and lower case differ."
    } else {
        ""
    };
    format!("did you mean `{nearest}`?{case}")
}

/// `` `a:read` or `a:*` ``
fn either(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
