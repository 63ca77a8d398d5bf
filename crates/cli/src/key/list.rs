//! `routescope key list`.

use std::io::Write;
use std::path::Path;

use routescope_compiler::unstable::printable;
use routescope_guard::keys::{KeyEntry, KeyFileText, moment_text};
use serde::Serialize;

use super::expiry::now;
use super::replaced::{Replaced, unusable};
use crate::failure::{Outcome, Result};
use crate::output::{Format, HUMAN_AND_JSON, JSON_VERSION, Output, formats};
use crate::wire::{count, cut};

/// List the keys: ids, scopes, expiry, state and notes
///
/// Exits with 0; with 2 if the file cannot be used.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// How to print the answer
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = formats(HUMAN_AND_JSON))]
    pub(super) format: Format,
}

#[derive(Serialize)]
struct Json<'f> {
    version: u32,
    file: String,
    /// The name of the policy; `null` where the file does not state it.
    policy: Option<&'f str>,
    keys: Vec<Key<'f>>,
}

#[derive(Serialize)]
struct Key<'f> {
    id: &'f str,
    state: State,
    scopes: &'f [String],
    /// `null` for a key that does not expire.
    expires: Option<String>,
    /// The end of the key that it replaces; `null` where there is none.
    previous_expires: Option<String>,
    /// `sha256` or `hmac_sha256`.
    hash: &'static str,
    note: Option<&'f str>,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Valid,
    /// Valid beside the key that it replaces.
    Rotating,
    Expired,
}

impl<'f> Key<'f> {
    fn new(entry: &'f KeyEntry, now: u64) -> Self {
        let expired = entry.expires.is_some_and(|expires| expires <= now);
        let rotating = entry
            .previous
            .is_some_and(|previous| previous.expires > now);
        Self {
            id: &entry.id,
            state: match (expired, rotating) {
                (true, _) => State::Expired,
                (false, true) => State::Rotating,
                (false, false) => State::Valid,
            },
            scopes: &entry.scopes,
            expires: entry.expires.map(moment_text),
            previous_expires: entry.previous.map(|previous| moment_text(previous.expires)),
            hash: entry.hash.field(),
            note: entry.note.as_deref(),
        }
    }
}

pub(super) fn list(arguments: &Arguments, keys: &Path, output: &mut Output) -> Result<Outcome> {
    Replaced::is_file(keys)?;
    let text = KeyFileText::read(keys).map_err(|error| unusable(&error))?;
    let file = text.file();
    let now = now();
    let list: Vec<Key<'_>> = file
        .entries
        .iter()
        .map(|entry| Key::new(entry, now))
        .collect();
    if arguments.format == Format::Json {
        output.json(&Json {
            version: JSON_VERSION,
            file: keys.display().to_string(),
            policy: file.policy.as_deref(),
            keys: list,
        })?;
        return Ok(Outcome::Yes);
    }
    for key in &list {
        writeln!(output, "{}", printable(key.id))?;
        let scopes = match key.scopes {
            [] => "none".to_owned(),
            scopes => printable(&scopes.join(" ")),
        };
        writeln!(output, "  scopes   {scopes}")?;
        let state = match (key.state, &key.previous_expires) {
            (State::Valid, _) => "valid".to_owned(),
            (State::Expired, _) => "expired".to_owned(),
            (State::Rotating, Some(end)) => format!("valid, and so is the key before, until {end}"),
            (State::Rotating, None) => "valid".to_owned(),
        };
        let expires = key.expires.as_deref().unwrap_or("never");
        writeln!(output, "  state    {state}\n  expires  {expires}")?;
        if let Some(note) = key.note {
            writeln!(output, "  note     {}", cut(note.trim_end()))?;
        }
    }
    writeln!(
        output,
        "{}: {}",
        keys.display(),
        count(list.len() as u64, "key")
    )?;
    Ok(Outcome::Yes)
}
