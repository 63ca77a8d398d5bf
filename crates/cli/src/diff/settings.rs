//! The settings of a policy that a change touches, and their effect.

use routescope_compiler::Compiled;
use routescope_compiler::compare::KeyChange;
use routescope_compiler::document::{MethodRule, ScopeNames};
use serde::Serialize;

use crate::wire::some;

/// A field of routes.yaml that is not the same in both.
#[derive(Debug, Serialize)]
pub(super) struct Setting {
    pub(super) field: &'static str,
    pub(super) old: String,
    pub(super) new: String,
    /// The effect of the change, for a person.
    pub(super) means: &'static str,
    /// Whether it opens something by itself, apart from the changes of routes
    /// that it brings about, which are listed as such.
    pub(super) wider: bool,
    pub(super) narrower: bool,
}

/// The settings that changed, in the order of the file.
pub(super) fn changed(old: &Compiled, new: &Compiled, key: Option<KeyChange>) -> Vec<Setting> {
    let both = |of: &dyn Fn(&Compiled) -> String| (of(old), of(new));
    let (had_umbrella, has_umbrella) = (old.policy().umbrella(), new.policy().umbrella());
    let key = key.unwrap_or(KeyChange {
        wider: false,
        narrower: false,
    });
    let setting = |field, (old, new): (String, String), means| Setting {
        field,
        old,
        new,
        means,
        wider: false,
        narrower: false,
    };
    let options = |compiled: &Compiled| compiled.policy().path_options();
    let mut settings = vec![
        setting(
            "name",
            both(&|compiled| compiled.policy().name().to_owned()),
            "decides nothing",
        ),
        setting(
            "updated",
            both(&|compiled| compiled.policy().updated().unwrap_or("not set").to_owned()),
            "decides nothing",
        ),
        setting(
            "revision",
            both(&|compiled| match compiled.policy().revision() {
                0 => "not set".to_owned(),
                revision => revision.to_string(),
            }),
            if new.policy().revision() < old.policy().revision() {
                "decides nothing; a loader that demands the old one refuses the new file"
            } else {
                "decides nothing"
            },
        ),
        setting(
            "scope_names",
            both(&|compiled| match compiled.model().scope_names {
                ScopeNames::ResourceAction => "resource-action".to_owned(),
                ScopeNames::Opaque => "opaque".to_owned(),
            }),
            match new.model().scope_names {
                ScopeNames::Opaque => {
                    "no name implies another one by its form any more: `*` is a letter"
                }
                ScopeNames::ResourceAction => {
                    "names imply others by their form now: `r:*` every scope of `r`"
                }
            },
        ),
        setting(
            "umbrella",
            both(&|compiled| compiled.policy().umbrella().unwrap_or("none").to_owned()),
            match (had_umbrella, has_umbrella) {
                (None, _) => "its two scopes now cover every resource",
                (_, None) => "its two scopes no longer cover every resource",
                _ => "the scopes of another resource now cover every resource",
            },
        ),
        setting(
            "global",
            both(&|compiled| {
                let global = compiled.model().global.as_ref();
                global.map_or("none", |global| global.as_str()).to_owned()
            }),
            match (&old.model().global, &new.model().global) {
                (Some(_), Some(_)) => {
                    "a key that holds the new scope may now make every request that needs scopes; one that holds the old scope no longer may by that alone"
                }
                (_, Some(_)) => {
                    "a key that holds this scope may now make every request that needs scopes"
                }
                (_, None) => {
                    "a key that holds this scope no longer may make every request by that alone"
                }
            },
        ),
        setting(
            "implies",
            (implied(old, new), implied(new, old)),
            "scopes imply others than before; the routes that keys gain or lose by that are among the changes",
        ),
        Setting {
            wider: key.wider,
            narrower: key.narrower,
            ..setting(
                "key",
                both(&key_format),
                match (key.wider, key.narrower) {
                    (true, false) => {
                        "keys of more forms are looked at; those of the old form still are"
                    }
                    (false, true) => {
                        "some keys of the old form are now refused as malformed, whatever they hold"
                    }
                    _ => {
                        "keys of the old form are refused as malformed, and keys of another form are looked at"
                    }
                },
            )
        },
        setting(
            "paths.trailing_slash",
            both(&|compiled| {
                if options(compiled).slash_is_optional() {
                    "optional"
                } else {
                    "exact"
                }
                .to_owned()
            }),
            if options(new).slash_is_optional() {
                "every path now answers with and without its trailing slash"
            } else {
                "a path now answers only as it is written, with its trailing slash or without"
            },
        ),
        setting(
            "paths.case",
            both(&|compiled| {
                if options(compiled).ignores_case() {
                    "insensitive"
                } else {
                    "exact"
                }
                .to_owned()
            }),
            if options(new).ignores_case() {
                "every path now answers in any ASCII case"
            } else {
                "a path now answers only in the case in which it is written"
            },
        ),
        setting(
            "method_rule",
            both(&|compiled| {
                match compiled.document().method_rule() {
                    MethodRule::ReadWrite => "read-write",
                    MethodRule::None => "none",
                }
                .to_owned()
            }),
            match new.document().method_rule() {
                MethodRule::ReadWrite => {
                    "decides nothing; methods are now checked against their scope's action when the file is compiled"
                }
                MethodRule::None => {
                    "decides nothing by itself; but from now on nobody checks that `:read` only reads"
                }
            },
        ),
    ];
    settings.retain(|setting| setting.old != setting.new);
    settings
}

/// Most implications that are shown.
const MOST_IMPLIED: usize = 10;

/// The implications that one policy states and the other does not.
fn implied(of: &Compiled, other: &Compiled) -> String {
    let stated = of.model().implies.iter();
    let edges = stated.flat_map(|(scope, implied)| implied.iter().map(move |one| (scope, one)));
    let more: Vec<String> = edges
        .filter(|(scope, one)| {
            let known = other.model().implies.get(*scope);
            known.is_none_or(|implied| !implied.contains(*one))
        })
        .map(|(scope, one)| format!("`{scope}` implies `{one}`"))
        .collect();
    match more.is_empty() {
        true => "none of these".to_owned(),
        false => some(more, MOST_IMPLIED, |edge| edge),
    }
}

fn key_format(compiled: &Compiled) -> String {
    match compiled.policy().key_format() {
        None => "any".to_owned(),
        Some(key) => format!(
            "{} bytes, `{}` and then {}",
            key.length,
            key.prefix,
            key.alphabet.as_str()
        ),
    }
}
