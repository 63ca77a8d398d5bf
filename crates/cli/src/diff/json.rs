//! A difference for programs.

use routescope_compiler::compare::{Access, Answers, Change, Held, Kind};
use serde::Serialize;

use super::difference::{Diff, Side};
use super::settings::Setting;
use crate::output::JSON_VERSION;
use crate::wire::to_hex;

#[derive(Serialize)]
pub(super) struct Json<'d> {
    version: u32,
    /// The name and digest of the new policy.
    policy: String,
    digest: String,
    old: PolicyJson<'d>,
    new: PolicyJson<'d>,
    /// Whether they decide everything alike.
    same: bool,
    /// Whether some key can make a request that it could not make before.
    wider: bool,
    /// Whether some key can no longer make a request that it could make before.
    narrower: bool,
    counts: Counts,
    changes: Vec<ChangeJson<'d>>,
    settings: &'d [Setting],
    /// Routes that one of them lists, which make no difference by themselves.
    idle: Vec<Idle<'d>>,
}

#[derive(Serialize)]
struct PolicyJson<'d> {
    file: &'d str,
    name: String,
    updated: Option<String>,
    digest: String,
    routes: usize,
}

#[derive(Serialize)]
struct Counts {
    added: usize,
    removed: usize,
    moved: usize,
    public: Both,
    any_key: Both,
}

/// A number of routes of each policy.
#[derive(Serialize)]
struct Both {
    old: usize,
    new: usize,
}

#[derive(Serialize)]
struct ChangeJson<'d> {
    kind: &'static str,
    method: &'static str,
    old: Option<&'d str>,
    new: Option<&'d str>,
    /// `public` or `any_key`, if the requests are open to everybody or to every key now.
    opened: Option<&'static str>,
    /// The same, if they were and are not.
    closed: Option<&'static str>,
    /// Sets of scopes: a key needs all scopes of one of them.
    gained: Vec<&'d [String]>,
    lost: Vec<&'d [String]>,
    witness: Witness<'d>,
}

#[derive(Serialize)]
struct Witness<'d> {
    method: &'static str,
    target: &'d str,
    wider: Option<AnswersJson<'d>>,
    narrower: Option<AnswersJson<'d>>,
}

#[derive(Serialize)]
struct AnswersJson<'d> {
    /// The scopes that the key holds; `null` for a request without a key.
    scopes: Option<&'d [String]>,
    old: &'d str,
    new: &'d str,
}

#[derive(Serialize)]
struct Idle<'d> {
    route: &'d str,
    only_in: &'static str,
}

impl<'d> Json<'d> {
    pub(super) fn new(diff: &'d Diff<'_>) -> Self {
        let comparison = &diff.comparison;
        let counts = comparison.counts;
        let new = policy(&diff.new);
        Self {
            version: JSON_VERSION,
            policy: new.name.clone(),
            digest: new.digest.clone(),
            old: policy(&diff.old),
            new,
            same: comparison.is_same(),
            wider: comparison.is_wider(),
            narrower: comparison.is_narrower(),
            counts: Counts {
                added: counts.added,
                removed: counts.removed,
                moved: counts.moved,
                public: both(counts.public),
                any_key: both(counts.any_key),
            },
            changes: comparison.changes.iter().map(change).collect(),
            settings: &diff.settings,
            idle: comparison
                .idle
                .iter()
                .map(|idle| Idle {
                    route: &idle.route,
                    only_in: if idle.added { "new" } else { "old" },
                })
                .collect(),
        }
    }
}

fn policy<'d>(side: &'d Side<'_>) -> PolicyJson<'d> {
    let policy = side.compiled.policy();
    PolicyJson {
        file: &side.name,
        name: policy.name().to_owned(),
        updated: policy.updated().map(str::to_owned),
        digest: to_hex(policy.digest()),
        routes: policy.routes().len(),
    }
}

const fn both((old, new): (usize, usize)) -> Both {
    Both { old, new }
}

const fn access(access: Access) -> Option<&'static str> {
    match access {
        Access::Public => Some("public"),
        Access::AnyKey => Some("any_key"),
        Access::Denied | Access::Scopes => None,
    }
}

fn change(change: &Change) -> ChangeJson<'_> {
    let method = change.method.as_str();
    ChangeJson {
        kind: match change.kind {
            Kind::Added => "added",
            Kind::Removed => "removed",
            Kind::Replaced => "replaced",
            Kind::Moved => "moved",
            Kind::OptionReaches => "option_reaches",
            Kind::OptionLeaves => "option_leaves",
            Kind::Uncovered => "uncovered",
            Kind::Covered => "covered",
        },
        method,
        old: change.old.as_deref(),
        new: change.new.as_deref(),
        opened: change.opened().and_then(access),
        closed: change.closed().and_then(access),
        gained: change.gained.iter().map(Held::scopes).collect(),
        lost: change.lost.iter().map(Held::scopes).collect(),
        witness: Witness {
            method,
            target: &change.witness.target,
            wider: change.witness.wider.as_ref().map(answers),
            narrower: change.witness.narrower.as_ref().map(answers),
        },
    }
}

fn answers(answers: &Answers) -> AnswersJson<'_> {
    AnswersJson {
        scopes: answers.held.as_ref().map(Held::scopes),
        old: &answers.old,
        new: &answers.new,
    }
}
