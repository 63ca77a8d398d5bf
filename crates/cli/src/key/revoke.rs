//! `routescope key revoke`.

use std::path::Path;

use routescope_compiler::unstable::printable;

use super::replaced::{Replaced, refused, until_written};
use crate::failure::{Outcome, Result};

/// Remove a key from the file, and the key that it replaces with it
///
/// A gateway refuses it as soon as it has read the file again. Comments in the lines of the entry
/// go with it; those above and below stay.
///
/// Exits with 0 if the key is gone; with 2 if the file is as it was.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The id of the key
    id: String,

    /// Remove only the key that this one replaces
    #[arg(long)]
    previous: bool,
}

pub(super) fn revoke(arguments: &Arguments, keys: &Path) -> Result<Outcome> {
    until_written(
        || Replaced::open(keys),
        |file| {
            file.entry(&arguments.id)?;
            let removed = match arguments.previous {
                true => file.text.remove_previous(&arguments.id),
                false => file.text.remove(&arguments.id),
            };
            removed.map_err(|error| refused(keys, &error))
        },
    )?;
    let what = match arguments.previous {
        true => "the key that it replaces is",
        false => "its keys are",
    };
    anstream::eprintln!(
        "{}: {what} no longer in {}; a gateway refuses them once it has read the file again",
        printable(&arguments.id),
        keys.display()
    );
    Ok(Outcome::Yes)
}
