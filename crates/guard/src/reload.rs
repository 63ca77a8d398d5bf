//! Replaces the policy and the keys while the guard decides.

use std::sync::Arc;

use crate::clock::seconds_since_1970;
use crate::guard::Guard;
use crate::keys::KeyFile;
use crate::policy_origin::PolicyOrigin;
use crate::reload_error::ReloadError;
use crate::reloader::{Reloader, What};
use crate::sources::Sources;
use crate::sync::lock;

/// A reload that was done.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Reload {
    /// The digest of the policy that is in force now, in hexadecimal.
    pub digest: String,
    /// The revision of that policy.
    pub revision: u32,
    /// The number of keys that are known now.
    pub keys: usize,
    /// Things that somebody should look at: keys with scopes that the policy does not know, a file
    /// that others can read. Each begins with the file, if it is about one.
    pub warnings: Vec<String>,
}

impl Guard {
    /// Reads policy, keys, secret and token keys again, and puts them in force as one. Decisions
    /// go on meanwhile, and none mixes old and new.
    ///
    /// If the policy is refused, the old one stays in force, with the keys that are
    /// in the files now: a mistake in a table holds up no revocation. If keys, secret or token keys are refused, nothing
    /// changes. Either is an error, which is also kept for [`Guard::status`] until a reload
    /// succeeds: **say so loudly**, because a gateway that quietly keeps last month's keys lets in
    /// whom somebody has revoked.
    ///
    /// It blocks: call it on a thread that may read files.
    ///
    /// # Errors
    ///
    /// - a file that cannot be read, or is no regular file;
    /// - a policy that is damaged, of another name, of an older revision, or, if
    ///   [`Builder::refuse_wider`](crate::Builder) says so, one that opens more;
    /// - a key file with a mistake, of another policy, or that others may write;
    /// - keyed hashes without a secret, or a secret that others may read;
    /// - token keys with a mistake.
    ///
    /// Cost: reading and preparing all keys; some milliseconds for ten thousand, apart from
    /// reading their file.
    pub fn reload(&self) -> Result<Reload, ReloadError> {
        self.reload_with(false)
    }

    /// As [`Guard::reload`], for a policy that a person has reviewed and that opens more.
    ///
    /// # Errors
    ///
    /// As [`Guard::reload`], but for a policy that opens more.
    pub fn reload_wider(&self) -> Result<Reload, ReloadError> {
        self.reload_with(true)
    }

    /// As [`Guard::reload`] if one of the files has changed since it was read last, or could not be
    /// read for a reason that may pass (it was missing, or others could write it); `None`
    /// otherwise. A change is noticed by the file's time, length and identity.
    ///
    /// Call it every second or so, from a timer of the program. It costs a call of `stat` for each
    /// file.
    #[must_use = "it may be an error"]
    pub fn reload_if_changed(&self) -> Option<Result<Reload, ReloadError>> {
        let is_same = {
            let reloader = lock(&self.shared.reloader);
            reloader.stamps == reloader.sources.stamps()
        };
        (!is_same).then(|| self.reload())
    }

    /// Puts a policy and keys in force, as one, that the program has read itself, in place of
    /// those of files. Later reloads keep them.
    ///
    /// # Errors
    ///
    /// As [`Guard::reload`]. Nothing has changed then, the keys neither.
    pub fn replace(
        &self,
        policy: impl Into<PolicyOrigin>,
        keys: KeyFile,
    ) -> Result<Reload, ReloadError> {
        let policy = policy.into();
        self.change(What::Everything, |sources| {
            sources.policy = policy;
            sources.set_keys(keys);
        })
    }

    /// Puts another policy in force, which the program has loaded itself, with the keys that are
    /// where they were.
    ///
    /// # Errors
    ///
    /// As [`Guard::reload`]. Nothing has changed then, the keys neither.
    pub fn set_policy(&self, policy: impl Into<PolicyOrigin>) -> Result<Reload, ReloadError> {
        let policy = policy.into();
        self.change(What::Everything, |sources| sources.policy = policy)
    }

    /// Puts other keys in force, which the program has read itself, in place of those of a file.
    /// The policy stays: it is not read again, so that no mistake in it holds up a revocation.
    ///
    /// # Errors
    ///
    /// As [`Guard::reload`], but for those of a policy.
    pub fn set_keys(&self, keys: KeyFile) -> Result<Reload, ReloadError> {
        self.change(What::Keys, |sources| sources.set_keys(keys))
    }

    /// Reloads from other sources, and keeps the old ones if that fails.
    fn change(&self, what: What, change: impl FnOnce(&mut Sources)) -> Result<Reload, ReloadError> {
        let mut reloader = lock(&self.shared.reloader);
        let mut sources = reloader.sources.clone();
        change(&mut sources);
        let old = std::mem::replace(&mut reloader.sources, sources);
        let stamps = std::mem::take(&mut reloader.stamps);
        let done = self.reload_locked(&mut reloader, what);
        if done.is_err() {
            reloader.sources = old;
            // Those of the files as they were read: one that has changed since is still unread.
            reloader.stamps = stamps;
        } else if matches!(what, What::Keys) {
            // The policy's file was not read.
            reloader.stamps.clear();
        }
        drop(reloader);
        self.log_reload(&done);
        done
    }

    fn reload_with(&self, may_open_more: bool) -> Result<Reload, ReloadError> {
        let mut reloader = lock(&self.shared.reloader);
        let done = self.reload_locked(&mut reloader, What::Files { may_open_more });
        // A sink of the log may be slow, and may itself reload.
        drop(reloader);
        self.log_reload(&done);
        done
    }

    /// One reload at a time, so that the older of two never comes last.
    fn reload_locked(&self, reloader: &mut Reloader, what: What) -> Result<Reload, ReloadError> {
        #[cfg(feature = "tracing")]
        let _span = crate::trace::reload_span().entered();
        let old = self.shared.snapshot.load_full();
        let (loaded, error) = reloader.again(&old, &self.shared.counters, what);
        let (snapshot, warnings) = match loaded {
            Some((snapshot, warnings)) => (Arc::new(snapshot), warnings),
            None => (old, lock(&self.shared.history).warnings.clone()),
        };
        let now_in_force = Reload {
            digest: snapshot.texts().digest.as_ref().to_owned(),
            revision: snapshot.policy().revision(),
            keys: snapshot.keys.len(),
            warnings,
        };
        {
            let mut history = lock(&self.shared.history);
            self.shared.snapshot.store(snapshot);
            let warnings = now_in_force.warnings.clone();
            match &error {
                None => history.succeed(warnings, seconds_since_1970()),
                Some(error) => history.fail(error.to_string(), warnings),
            }
        }
        error.map_or(Ok(now_in_force), Err)
    }
}
