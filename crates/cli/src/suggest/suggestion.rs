//! A suggestion: the scopes for a log's requests, and the reasons to doubt them.

use std::collections::{BTreeSet, HashSet};

use routescope::Policy;

use super::choose::{Choice, Used, opened_by, opens};
use super::reading::LogFile;
use super::tally::Tally;
use crate::held::HeldScope;
use crate::wire::{count, thousands};

/// Everything that is known in the end.
pub(super) struct Suggestion<'p> {
    pub(super) policy: Policy<'p>,
    /// The policy's file, if the command line names it.
    pub(super) policy_file: Option<String>,
    pub(super) tally: Tally<'p>,
    pub(super) logs: Vec<LogFile>,
    pub(super) choices: Vec<Choice<'p>>,
    /// The scopes of all choices.
    pub(super) given: BTreeSet<&'p str>,
    /// The scopes that would open the routes of which every request was refused.
    pub(super) to_allow: Vec<Choice<'p>>,
    /// The scopes of the key, if `--scope` was given.
    pub(super) held: Option<Vec<HeldScope<'p>>>,
}

impl<'p> Suggestion<'p> {
    /// Why the suggestion may be worth nothing: to be said first.
    pub(super) fn doubts(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        if self.choices.is_empty() {
            doubts.push(self.nothing());
        }
        for log in &self.logs {
            // A tenth of a log is more than a few garbled lines.
            if log.unread > 0 && log.unread >= (log.read + log.unread).div_ceil(10) {
                doubts.push(format!(
                    "{} of {} in {} could not be read; what they ask for is missing here",
                    thousands(log.unread),
                    count(log.read + log.unread, "line"),
                    log.name
                ));
            }
        }
        doubts
    }

    /// Why there is no scope to suggest.
    pub(super) fn nothing(&self) -> String {
        let Tally {
            requests,
            left_out,
            without_status,
            refused,
            open,
            ..
        } = &self.tally;
        let why = match (requests, left_out + without_status) {
            (0, 0) => "There are no requests in the log".to_owned(),
            (0, 1) => "The only request was left out".to_owned(),
            (0, all) => format!("All {} were left out", count(all, "request")),
            (some, _) if open.requests() == *some => {
                "Every request is to a route that needs no scope".to_owned()
            }
            (some, _) if refused.requests() == *some => "Every request was refused".to_owned(),
            (some, _) if open.requests() > 0 => format!(
                "Each of the {} is to a route that needs no scope, was refused or is to no route of the policy",
                count(*some, "request")
            ),
            (some, _) if refused.requests() > 0 => format!(
                "Each of the {} was refused or is to no route of the policy",
                count(*some, "request")
            ),
            (1, _) => "The only request is to no route of the policy".to_owned(),
            (some, _) => format!(
                "None of the {} is to a route of the policy",
                count(*some, "request")
            ),
        };
        format!("{why}, so there is no scope to suggest")
    }

    /// The routes that were used and that the held scopes do not open.
    pub(super) fn lacking(&self) -> impl Iterator<Item = &Used<'p>> {
        let used = self.tally.used.list().iter();
        used.filter(|used| used.by.is_none())
    }

    /// Returns the number of routes that were only ever refused and that no held scope opens.
    pub(super) fn refused_and_lacking(&self) -> usize {
        let refused = self.to_allow.iter().flat_map(|choice| &choice.routes);
        refused.filter(|used| used.by.is_none()).count()
    }

    /// The chosen scopes that a route is covered by.
    pub(super) fn chosen_for(&self, used: &Used<'p>) -> Option<Vec<&'p str>> {
        opened_by(used.route, |name| self.given.contains(name))
    }

    /// The chosen scopes that the key would need besides those that it holds.
    pub(super) fn to_add(&self) -> BTreeSet<&'p str> {
        let chosen = |used| self.chosen_for(used);
        let held = self.held.iter().flatten();
        let held: HashSet<&str> = held.map(|held| held.scope.as_str()).collect();
        self.lacking()
            .filter_map(chosen)
            .flatten()
            .filter(|scope| !held.contains(scope))
            .collect()
    }

    /// The scopes that would have to be added for the routes of which every request was
    /// refused.
    pub(super) fn to_allow(&self) -> BTreeSet<&'p str> {
        let not_chosen = |choice: &&Choice<'p>| {
            let covered = |used| self.chosen_for(used).is_some();
            !choice.routes.iter().all(covered)
        };
        let choices = self.to_allow.iter().filter(not_chosen);
        choices
            .flat_map(|choice| choice.scopes.clone())
            .filter(|scope| !self.given.contains(scope))
            .collect()
    }

    /// Returns the number of requests that a held scope allowed as the first accepted one, or as
    /// one of a set.
    pub(super) fn requests_by(&self, scope: &str) -> u64 {
        let used = self.tally.used.list().iter();
        used.filter(|used| is_by(used, scope))
            .map(|used| used.requests)
            .sum()
    }

    /// The chosen scopes for the requests that a held one allowed alone, if they open less than it.
    pub(super) fn narrower_than(&self, scope: &str) -> Vec<&'p str> {
        let allowed = |used: &&Used<'_>| is_by(used, scope);
        let is_alone = |used: &Used<'_>| used.by.as_ref().is_some_and(|by| by.len() == 1);
        if !self.tally.used.list().iter().filter(allowed).all(is_alone) {
            return Vec::new();
        }
        let instead: BTreeSet<&'p str> = self
            .choices
            .iter()
            .filter(|choice| choice.routes.iter().any(|used| allowed(&used)))
            .flat_map(|choice| choice.scopes.clone())
            .collect();
        if self.opened(instead.iter().copied()) < self.opened(std::iter::once(scope)) {
            instead.into_iter().collect()
        } else {
            Vec::new()
        }
    }

    /// Returns the number of requests that the chosen scopes cover.
    pub(super) fn covered(&self) -> u64 {
        self.tally.used.requests()
    }

    /// Returns the number of routes that a key with these scopes can call and one without any
    /// cannot.
    pub(super) fn opened<'s>(&self, scopes: impl Iterator<Item = &'s str>) -> usize {
        opens(self.policy, scopes)
    }
}

/// Whether a held scope allowed the requests of a route, alone or with others.
fn is_by(used: &Used<'_>, scope: &str) -> bool {
    let by = used.by.as_ref();
    by.is_some_and(|by| by.contains(&scope))
}
