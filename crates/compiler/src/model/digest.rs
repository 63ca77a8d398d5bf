//! The digest of a policy: the SHA-256 of its decisions in canonical form.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::model::{Listed, Model};
use crate::source::document::ScopeNames;

/// The digest that names a policy. Two files with the same digest decide and
/// report the same; summaries, notes, order, comments, `revision` and `updated`
/// are not part of it.
pub(crate) fn digest(model: &Model) -> [u8; 32] {
    Sha256::digest(canonical(model)).into()
}

/// Lines of `field value`; no value can contain a newline.
fn canonical(model: &Model) -> String {
    // No `..`: the author of a new field must say whether it changes decisions.
    let Model {
        name,
        updated: _,
        revision: _,
        umbrella,
        scope_names,
        global,
        implies,
        key,
        options,
        scopes,
        templates,
    } = model;
    let mut text = String::from("routescope policy 1\n");
    let mut line = |field: &str, value: &dyn std::fmt::Display| {
        let _ = writeln!(text, "{field} {value}");
    };
    line("name", name);
    line("umbrella", &umbrella.as_deref().unwrap_or_default());
    line("global", &global.is_some());
    if let Some(key) = key {
        line(
            "key",
            &format_args!("{} {} {}", key.length, key.alphabet.as_str(), key.prefix),
        );
    }
    line("case_insensitive", &options.ignores_case());
    line("trailing_slash_optional", &options.slash_is_optional());
    // The lines from here to the scopes stand only where they are used, so that a policy without
    // them keeps the digest that it had before they existed.
    if *scope_names == ScopeNames::Opaque {
        line("names", &scope_names.as_str());
    }
    if let Some(global) = global
        && global.as_str() != "*:*"
    {
        line("global_scope", global);
    }
    for (scope, implied) in implies {
        for implied in implied {
            line("implies", &format_args!("{scope} {implied}"));
        }
    }
    if options.forbids_colons() {
        line("values", &options.values.as_str());
    }
    for scope in scopes {
        line("scope", scope);
    }
    for route in templates.iter().flat_map(|listing| &listing.routes) {
        line("route", &format_args!("{} {}", route.method, route.text));
        match &route.listed {
            Listed::Public => line("public", &true),
            Listed::AnyKey => line("any_key", &true),
            Listed::Scopes(lists) => {
                for list in lists {
                    let field = match list.single() {
                        Some(_) => "listed",
                        None => "all",
                    };
                    line(field, list);
                }
            }
        }
    }
    text
}
