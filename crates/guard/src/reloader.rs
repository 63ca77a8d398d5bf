//! Reads the sources of a guard again, and refuses what must not replace the policy in force.

use std::sync::Arc;

use crate::counters::Counters;
use crate::file_stamp::FileStamp;
use crate::reload_error::ReloadError;
use crate::snapshot::{PreparedPolicy, Snapshot};
use crate::sources::Sources;

/// Reads the sources.
#[derive(Debug)]
pub(crate) struct Reloader {
    pub(crate) sources: Sources,
    pub(crate) stamps: Vec<Option<FileStamp>>,
}

/// A snapshot that was read, and what somebody should look at.
pub(crate) type Loaded = (Snapshot, Vec<String>);

/// The part of the sources that a reload reads.
#[derive(Clone, Copy, Debug)]
pub(crate) enum What {
    /// The policy and the keys, both or none.
    Everything,
    /// The policy and the keys. If the policy is refused, the keys alone.
    Files {
        /// Whether a person has reviewed that the policy opens more. Without the compiler, nobody
        /// finds out whether it does.
        #[cfg_attr(not(feature = "compiler"), allow(dead_code, reason = "compares"))]
        may_open_more: bool,
    },
    /// The keys. The policy stays.
    Keys,
}

impl What {
    #[cfg(feature = "compiler")]
    const fn may_open_more(self) -> bool {
        matches!(
            self,
            Self::Files {
                may_open_more: true
            }
        )
    }
}

impl Reloader {
    pub(crate) fn new(sources: Sources) -> Self {
        Self {
            sources,
            stamps: Vec::new(),
        }
    }

    /// Reads everything for the first time.
    pub(crate) fn first(&mut self, counters: &Counters) -> Result<Loaded, ReloadError> {
        self.stamps = self.sources.stamps();
        self.sources.load(counters)
    }

    /// Reads everything again that `what` names, to replace `old`. There may be both a new snapshot
    /// and an error: a policy that is refused holds up no key that was revoked.
    pub(crate) fn again(
        &mut self,
        old: &Snapshot,
        counters: &Counters,
        what: What,
    ) -> (Option<Loaded>, Option<ReloadError>) {
        // Before the files are read: one that changes meanwhile is read again next time.
        let stamps = self.sources.stamps();
        let (policy, refused) = match what {
            What::Keys => (Arc::clone(&old.policy), None),
            What::Everything | What::Files { .. } => match self.policy(old, what) {
                Ok(policy) => (policy, None),
                Err(error) if matches!(what, What::Files { .. }) => {
                    (Arc::clone(&old.policy), Some(error))
                }
                Err(error) => return (None, Some(error)),
            },
        };
        let (loaded, error) = match self.sources.prepare(policy, counters) {
            Ok(loaded) => (Some(loaded), refused),
            Err(error) => (None, Some(refused.unwrap_or(error))),
        };
        if !error.as_ref().is_some_and(ReloadError::may_pass) {
            self.stamps = stamps;
        }
        (loaded, error)
    }

    /// The policy that replaces that of `old`, if it may.
    fn policy(
        &self,
        old: &Snapshot,
        #[cfg_attr(
            not(feature = "compiler"),
            allow(unused_variables, reason = "compares")
        )]
        what: What,
    ) -> Result<Arc<PreparedPolicy>, ReloadError> {
        let policy = self.sources.policy.load()?;
        if old.policy.held.is_same(&policy) {
            return Ok(Arc::clone(&old.policy));
        }
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
        if self.sources.refuses_wider && !what.may_open_more() {
            refuse_wider(&self.policy_name(), was, is)?;
        }
        Ok(Arc::new(PreparedPolicy::new(policy)))
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
    use routescope_compiler::compare::{Access, compare_policies};

    let comparison = compare_policies(was, is).map_err(|why| ReloadError::Incomparable {
        file: file.to_owned(),
        why: why.to_string(),
    })?;
    if !comparison.is_wider() {
        return Ok(());
    }
    let mut wider = comparison.changes.iter().filter(|change| change.is_wider());
    let request = wider.next().map(|change| {
        let with = match change.opened() {
            Some(Access::Public) => "without a key".to_owned(),
            Some(_) => "with any valid key".to_owned(),
            None => {
                let sets: Vec<String> = change.gained.iter().map(ToString::to_string).collect();
                format!("with {}", sets.join(", "))
            }
        };
        format!("{} {} {with}", change.method, change.witness.target)
    });
    Err(ReloadError::Wider {
        file: file.to_owned(),
        // The form of keys alone is wider: no request is new.
        request: request.unwrap_or_else(|| "keys of another form".to_owned()),
        more: wider.count(),
    })
}
