//! Reads the sources of a guard again, and refuses what must not replace the policy in force.

use crate::counters::Counters;
use crate::reload_error::ReloadError;
use crate::snapshot::Snapshot;
use crate::sources::{Sources, Stamp};

/// Reads the sources.
#[derive(Debug)]
pub(crate) struct Reloader {
    pub(crate) sources: Sources,
    pub(crate) stamps: Vec<Option<Stamp>>,
    pub(crate) warnings: Vec<String>,
}

impl Reloader {
    pub(crate) fn new(sources: Sources) -> Self {
        Self {
            sources,
            stamps: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Reads everything for the first time.
    pub(crate) fn first(&mut self, counters: &Counters) -> Result<Snapshot, ReloadError> {
        self.stamps = self.sources.stamps();
        let (snapshot, warnings) = self.sources.load(counters)?;
        self.warnings = warnings;
        Ok(snapshot)
    }

    /// Reads everything again, to replace `old`.
    pub(crate) fn again(
        &mut self,
        old: &Snapshot,
        counters: &Counters,
        #[cfg_attr(
            not(feature = "compiler"),
            allow(unused_variables, reason = "compares")
        )]
        may_open_more: bool,
    ) -> Result<Snapshot, ReloadError> {
        // Before the files are read: one that changes meanwhile is read again next time.
        self.stamps = self.sources.stamps();
        let policy = self.sources.policy.load()?;
        let (was, is) = (old.policy(), policy.policy());
        if was.name() != is.name() {
            return Err(ReloadError::OtherApi {
                file: self.policy_name(),
                found: is.name().to_owned(),
                policy: was.name().to_owned(),
            });
        }
        if is.revision() < was.revision() {
            return Err(ReloadError::Older {
                file: self.policy_name(),
                found: is.revision(),
                in_force: was.revision(),
            });
        }
        #[cfg(feature = "compiler")]
        if self.sources.refuses_wider && !may_open_more && !old.policy.is_same(&policy) {
            refuse_wider(&self.policy_name(), was, is)?;
        }
        let (snapshot, warnings) = self.sources.prepare(policy, counters)?;
        self.warnings = warnings;
        Ok(snapshot)
    }

    fn policy_name(&self) -> String {
        let path = self.sources.policy.path();
        path.map_or_else(
            || "the policy".to_owned(),
            |path| path.display().to_string(),
        )
    }
}

/// Refuses a policy by which some key could make a request that it cannot make now.
#[cfg(feature = "compiler")]
fn refuse_wider(
    file: &str,
    was: routescope::Policy<'_>,
    is: routescope::Policy<'_>,
) -> Result<(), ReloadError> {
    use routescope_compiler::compare::compare_policies;

    let comparison = compare_policies(was, is).map_err(|why| ReloadError::Incomparable {
        file: file.to_owned(),
        why: why.to_string(),
    })?;
    if !comparison.is_wider() {
        return Ok(());
    }
    let mut wider = comparison
        .changes
        .iter()
        .filter(|change| !change.gained.is_empty());
    let request = wider.next().map(|change| {
        let scopes = change.gained.join(", ");
        format!("{} {} with {scopes}", change.method, change.witness.target)
    });
    Err(ReloadError::Wider {
        file: file.to_owned(),
        // The form of keys alone is wider: no request is new.
        request: request.unwrap_or_else(|| "keys of another form".to_owned()),
        more: wider.count(),
    })
}
