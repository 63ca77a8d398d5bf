//! `routescope key new`.

use std::path::Path;

use routescope::Requirement;
use routescope_compiler::unstable::printable;
use routescope_guard::keys::{KeyEntry, KeyFileText, moment_text};

use super::expiry::{Expiry, expiry, now};
use super::least::ForArgument;
use super::replaced::{Replaced, refused, until_written, unusable};
use super::shown::{SecretArgument, is_elsewhere, new_key, show};
use crate::failure::{Failure, Outcome, Result};
use crate::held::{HeldArgument, HeldScope};
use crate::policy::Source;
use crate::suggest::choose::Choice;
use crate::wire::some;

/// Make a key, and add its hash to the key file
///
/// The key is the one line on standard output, and is shown this once: no file and no log has it,
/// and nobody can find it again. Everything else that is said goes to standard error. The key has
/// the format of the policy (`key:`), or without one, `rsk-` and 43 characters; its characters come
/// from the system's source of random bytes. A format of less than 128 bits is refused.
///
/// A file that is not there yet is made, for its owner only (mode 0600).
///
/// Exits with 0 if the key is made, shown and in the file; with 2 if none was made, for instance
/// because the policy does not know a scope.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The name of the key's owner, unique in the file; logs and back ends see it
    #[arg(long, value_name = "ID")]
    id: String,

    #[command(flatten)]
    held: HeldArgument,

    #[command(flatten)]
    requests: ForArgument,

    /// When it expires: a date, `2027-06-30`, a time, `2027-06-30T12:00:00Z`, or a length of time
    /// from now on, `90d`, `12h` or `4w` [default: never]
    #[arg(long, value_name = "WHEN", value_parser = expiry)]
    expires: Option<Expiry>,

    /// A remark for people
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,

    #[command(flatten)]
    secret: SecretArgument,
}

pub(super) fn make(arguments: &Arguments, keys: &Path, source: &Source) -> Result<Outcome> {
    if !arguments.held.is_given() && !arguments.requests.is_given() {
        return Err(Failure::new(
            "a key without scopes may nothing",
            "give it some with `--scope orders:read`, or say what it is for: `--for 'GET /orders/7'`; `--scope ''` means none",
        ));
    }
    if let Some(file) = &arguments.requests.routes {
        source.leaves_standard_input_to(file, "the routes")?;
    }
    is_elsewhere(keys)?;
    let now = now();
    let expires = arguments.expires.map(|expires| expires.seconds(now));
    if expires.is_some_and(|expires| expires <= now) {
        return Err(Failure::new(
            "the key would have expired already",
            "give a time to come, or a length of time: `--expires 90d`",
        ));
    }
    let secret = arguments.secret.read()?;
    let asked = source.read()?;
    let policy = asked.policy();
    let stated = arguments.held.names();
    known(policy, &stated)?;
    let least = arguments.requests.choose(policy, asked.model(), &stated)?;
    let scopes: Vec<&str> = stated.iter().copied().chain(least.scopes()).collect();

    let (key, hash) = new_key(policy, source, secret.as_ref())?;
    let mut entry = KeyEntry::new(&arguments.id, hash, scopes.iter().copied());
    entry.expires = expires;
    entry.note = arguments.note.clone();
    let open = || Replaced::open_or_new(keys, policy.name());
    until_written(open, |file| {
        let checked = file.text.file().check_policy(policy);
        checked.map_err(|error| unusable(&error))?;
        file.text
            .add(&entry)
            .map_err(|error| refused(keys, &error))?;
        // The new id or note may be a key, which only the policy's format tells.
        let checked = file.text.file().check_policy(policy);
        checked.map_err(|error| unusable(&error))
    })?;
    if let Err(error) = show(&key) {
        let undone = until_written(
            || Replaced::open(keys),
            |file| {
                let removed = file.text.remove(&entry.id);
                removed.map_err(|error| refused(keys, &error))
            },
        );
        return Err(Failure::new(
            format_args!("the key could not be shown: {error}"),
            match undone {
                Ok(()) => "it is not in the file either",
                Err(_) => {
                    "it is in the file, and nobody has it: `routescope key revoke` removes it"
                }
            },
        ));
    }
    for Choice { scopes, routes, .. } in &least.choices {
        let are = if scopes.len() == 1 { "is" } else { "are" };
        let routes = some(routes, 3, |used| used.route.to_string());
        anstream::eprintln!("{} {are} the least for {routes}", scopes.join(" and "));
    }
    for requirement in [Requirement::Public, Requirement::AnyKey] {
        let mut open = least
            .open
            .iter()
            .filter(|one| one.requirement() == requirement);
        let why = match requirement {
            Requirement::Public => "no key",
            _ => "no scope, but a key",
        };
        if open.clone().next().is_some() {
            let routes = some(open.by_ref(), 3, ToString::to_string);
            anstream::eprintln!("{why} is needed for {routes}");
        }
    }
    let until = expires.map_or("it does not expire".to_owned(), |expires| {
        format!("valid until {}", moment_text(expires))
    });
    let what = match scopes.is_empty() {
        true => "no scopes".to_owned(),
        false => scopes.join(" "),
    };
    anstream::eprintln!(
        "{}: added to {}, with {what}; {until}\nthe key is on standard output, this once: give it to its owner, over a channel that keeps it secret",
        printable(&arguments.id),
        keys.display()
    );
    if let Err(error) = KeyFileText::read(keys) {
        anstream::eprintln!("warning: a gateway refuses the file: {error}");
    }
    Ok(Outcome::Yes)
}

/// Refuses scopes that the policy does not know.
fn known(policy: routescope::Policy<'_>, names: &[&str]) -> Result<()> {
    let looked_up = names.iter().map(|name| HeldScope::look_up(policy, name));
    let unknown: Vec<HeldScope<'_>> = looked_up.filter(|scope| !scope.known).collect();
    let Some(first) = unknown.first() else {
        return Ok(());
    };
    let names: Vec<String> = unknown
        .iter()
        .map(|scope| format!("`{}`", printable(&scope.scope)))
        .collect();
    let hint = first.hint.as_deref().unwrap_or_default();
    Err(Failure::new(
        format_args!(
            "the policy {} does not know {}",
            printable(policy.name()),
            names.join(", ")
        ),
        match unknown.len() {
            1 => hint.to_owned(),
            _ => format!("of the first: {hint}"),
        },
    ))
}
