//! The difference between two policies.

use routescope_compiler::Compiled;
use routescope_compiler::compare::{Comparison, Incomparable, compare};

use super::settings::{self, Setting};
use crate::failure::{Failure, Result};

/// Two policies and the difference between their decisions.
pub(crate) struct Diff<'c> {
    pub(crate) old: Side<'c>,
    pub(crate) new: Side<'c>,
    pub(crate) comparison: Comparison,
    pub(super) settings: Vec<Setting>,
    /// Whether to show every route.
    pub(super) all: bool,
}

/// A policy, and its name in messages.
pub(crate) struct Side<'c> {
    pub(crate) name: String,
    pub(crate) compiled: &'c Compiled,
}

impl<'c> Diff<'c> {
    pub(crate) fn new(old: Side<'c>, new: Side<'c>, all: bool) -> Result<Self> {
        let comparison = compare(old.compiled, new.compiled).map_err(|error| {
            let help = match error {
                Incomparable::Unconfirmed(_) => "this is a bug of routescope, not of the files; nothing it says of them can be relied on. Please report it with both files",
                Incomparable::TooDifferent => "compare versions of one policy; `routescope routes` lists what each has",
                Incomparable::Unreadable => "compile the policy again with this version",
            };
            Failure::new(error, help)
        })?;
        Ok(Self {
            settings: settings::changed(old.compiled, new.compiled, comparison.key),
            old,
            new,
            comparison,
            all,
        })
    }

    /// The difference in one sentence.
    pub(super) fn verdict(&self) -> &'static str {
        let comparison = &self.comparison;
        match (comparison.is_wider(), comparison.is_narrower()) {
            (true, true) => "wider in some places and narrower in others",
            (true, false) => "wider",
            (false, true) => "narrower",
            (false, false)
                if self.old.compiled.policy().digest() == self.new.compiled.policy().digest() =>
            {
                "no difference: the policies are the same"
            }
            (false, false) => "no difference in what they decide",
        }
    }

    /// `110 routes before, 111 now: 2 added, 1 removed, 3 open to other keys; 1 public before, 2 now`
    pub(super) fn counts(&self) -> String {
        let counts = &self.comparison.counts;
        let parts: Vec<String> = [
            (counts.added, "added"),
            (counts.removed, "removed"),
            (counts.moved, "open to other keys"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
        let colon = if parts.is_empty() { "" } else { ": " };
        let open: String = [
            (counts.public, "public"),
            (counts.any_key, "open to every valid key"),
        ]
        .into_iter()
        .filter(|(counts, _)| *counts != (0, 0))
        .map(|((before, now), what)| format!("; {before} {what} before, {now} now"))
        .collect();
        format!(
            "{} before, {} now{colon}{}{open}",
            crate::wire::count(counts.old as u64, "route"),
            counts.new,
            parts.join(", ")
        )
    }
}
