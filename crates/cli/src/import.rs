//! `routescope import`

use crate::failure::{Outcome, Result};
use crate::output::Output;
use crate::policy::Source;

/// Not written yet
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(_: &Arguments, policy: &Source, _: &mut Output) -> Result<Outcome> {
    policy.compile()?;
    Ok(Outcome::Yes)
}
