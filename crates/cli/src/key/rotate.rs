//! `routescope key rotate`.

use std::path::Path;

use routescope_compiler::unstable::printable;
use routescope_guard::keys::{KeyEntry, PreviousKey, StoredHash, moment_text};

use super::expiry::{duration, now};
use super::replaced::{Replaced, refused, until_written};
use super::shown::{SecretArgument, is_elsewhere, new_key, show};
use crate::failure::{Failure, Outcome, Result};
use crate::policy::Source;

/// Give a key a successor; the old one stays valid for a while
///
/// The new key is the one line on standard output, and is shown this once. Both keys are valid
/// until the overlap ends, so that its owner can change over. A second rotation before that is
/// refused, because an entry holds two keys: `--force-drop-previous` ends the older one at once.
///
/// Exits with 0 if the new key is made, shown and in the file; with 2 if the file is as it was.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The id of the key
    id: String,

    /// How long the old key stays valid: `12h`, `7d` or `4w`; `0` ends it at once
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = duration)]
    overlap: u64,

    /// Rotate although the key before is still valid: that one ends now, and clients that have it
    /// are refused
    #[arg(long)]
    force_drop_previous: bool,

    #[command(flatten)]
    secret: SecretArgument,
}

pub(super) fn rotate(arguments: &Arguments, keys: &Path, source: &Source) -> Result<Outcome> {
    is_elsewhere(keys)?;
    let secret = arguments.secret.read()?;
    let asked = source.read()?;
    let policy = asked.policy();
    let (key, hash) = new_key(policy, source, secret.as_ref())?;
    let now = now();
    let old = until_written(
        || Replaced::open(keys),
        |file| {
            let checked = file.text.file().check_policy(policy);
            checked.map_err(|error| super::replaced::unusable(&error))?;
            let old = file.entry(&arguments.id)?.clone();
            may_rotate(&old, arguments, secret.is_some(), now)?;
            let changed =
                file.text
                    .replace_hash(&old.id, hash, successor_of(&old, arguments.overlap, now));
            changed.map_err(|error| refused(keys, &error))?;
            Ok(old)
        },
    )?;
    if let Err(error) = show(&key) {
        let undone = until_written(
            || Replaced::open(keys),
            |file| {
                let back = file.text.replace_hash(&old.id, old.hash, old.previous);
                back.map_err(|error| refused(keys, &error))
            },
        );
        return Err(Failure::new(
            format_args!("the new key could not be shown: {error}"),
            match undone {
                Ok(()) => "the old one is as it was",
                Err(_) => "nobody has it: rotate again, with `--force-drop-previous`",
            },
        ));
    }
    let ends = match successor_of(&old, arguments.overlap, now) {
        Some(previous) => format!(
            "the old one is valid until {}",
            moment_text(previous.expires)
        ),
        None => "the old one is no longer valid".to_owned(),
    };
    anstream::eprintln!(
        "{}: has a new key in {}; {ends}\nthe key is on standard output, this once: give it to its owner, over a channel that keeps it secret",
        printable(&old.id),
        keys.display()
    );
    Ok(Outcome::Yes)
}

/// The old key beside the new one, for as long as it would be valid anyway.
fn successor_of(old: &KeyEntry, overlap: u64, now: u64) -> Option<PreviousKey> {
    let end = now.saturating_add(overlap);
    let expires = old.expires.map_or(end, |expires| expires.min(end));
    (overlap > 0).then_some(PreviousKey {
        hash: old.hash,
        expires,
    })
}

fn may_rotate(old: &KeyEntry, arguments: &Arguments, keyed: bool, now: u64) -> Result<()> {
    if old.expires.is_some_and(|expires| expires <= now) {
        return Err(Failure::new(
            "this key has expired, and its successor would have too",
            "revoke it and make a new one, or change `expires:` in the file",
        ));
    }
    if matches!(old.hash, StoredHash::HmacSha256(_)) && !keyed {
        return Err(Failure::new(
            "this key is stored as a keyed hash",
            "name the file of the secret: `--hmac-secret FILE`",
        ));
    }
    match old.previous {
        Some(previous) if previous.expires > now && !arguments.force_drop_previous => {
            Err(Failure::new(
                format_args!(
                    "this key replaces one that is valid until {}, and an entry holds two",
                    moment_text(previous.expires)
                ),
                "wait until then, or end that one now with `--force-drop-previous`: clients that still have it are refused",
            ))
        }
        _ => Ok(()),
    }
}
