//! Replaces the policy and the keys while the guard decides.

use std::sync::Arc;

use crate::guard::Guard;
use crate::keys::KeyFile;
use crate::log::system_time;
use crate::policy_origin::PolicyOrigin;
use crate::reload_error::ReloadError;
use crate::reloader::Reloader;
use crate::sources::{Keys, Sources};
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
    /// What somebody should look at: keys with scopes that the policy does not know, a file that
    /// others can read. Each begins with the file, if it is about one.
    pub warnings: Vec<String>,
}

impl Guard {
    /// Reads policy, keys, secret and token keys again, and puts them in force as one. Decisions
    /// go on meanwhile, and none mixes old and new.
    ///
    /// On an error everything stays as it is. The error is also kept for [`Guard::status`] until a
    /// reload succeeds: **say so loudly**, because a gateway that quietly keeps last month's keys
    /// lets in whom somebody has revoked.
    ///
    /// It blocks: call it on a thread that may read files.
    ///
    /// # Errors
    ///
    /// - a file that cannot be read, or is no regular file;
    /// - a policy that is damaged, of another name, of an older revision, or, if
    ///   [`Builder::refuse_wider`](crate::Builder) says so, one that opens more;
    /// - a file of keys with a mistake, of another policy, or that others may write;
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

    /// As [`Guard::reload`] if one of the files has changed since it was read last; `None` if none
    /// has. A change is noticed by the file's time, length and identity.
    ///
    /// Call it every second or so, from a timer of the program. It costs a call of `stat` for each
    /// file.
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
    /// As [`Guard::reload`].
    pub fn replace(
        &self,
        policy: impl Into<PolicyOrigin>,
        keys: KeyFile,
    ) -> Result<Reload, ReloadError> {
        self.change(|sources| {
            sources.policy = policy.into();
            sources.keys = Keys::Given(Arc::new(keys));
        })
    }

    /// Puts another policy in force, which the program has loaded itself, with the keys that are
    /// where they were.
    ///
    /// # Errors
    ///
    /// As [`Guard::reload`].
    pub fn set_policy(&self, policy: impl Into<PolicyOrigin>) -> Result<Reload, ReloadError> {
        self.change(|sources| sources.policy = policy.into())
    }

    /// Puts other keys in force, which the program has read itself, in place of those of a file.
    ///
    /// # Errors
    ///
    /// As [`Guard::reload`].
    pub fn set_keys(&self, keys: KeyFile) -> Result<Reload, ReloadError> {
        self.change(|sources| sources.keys = Keys::Given(Arc::new(keys)))
    }

    /// Reloads from other sources, and keeps the old ones if that fails.
    fn change(&self, change: impl FnOnce(&mut Sources)) -> Result<Reload, ReloadError> {
        let mut reloader = lock(&self.shared.reloader);
        let mut sources = reloader.sources.clone();
        change(&mut sources);
        let old = std::mem::replace(&mut reloader.sources, sources);
        let stamps = std::mem::take(&mut reloader.stamps);
        let done = self.reload_locked(&mut reloader, false);
        if done.is_err() {
            reloader.sources = old;
            // Those of the files as they were read: one that has changed since is still unread.
            reloader.stamps = stamps;
        }
        done
    }

    fn reload_with(&self, may_open_more: bool) -> Result<Reload, ReloadError> {
        let mut reloader = lock(&self.shared.reloader);
        self.reload_locked(&mut reloader, may_open_more)
    }

    /// One reload at a time, so that the older of two never comes last.
    fn reload_locked(
        &self,
        reloader: &mut Reloader,
        may_open_more: bool,
    ) -> Result<Reload, ReloadError> {
        #[cfg(feature = "tracing")]
        let _span = crate::trace::reload_span().entered();
        let old = self.shared.snapshot.load_full();
        let done = match reloader.again(&old, &self.shared.counters, may_open_more) {
            Ok(snapshot) => {
                let done = Reload {
                    digest: snapshot.texts.digest.as_ref().to_owned(),
                    revision: snapshot.policy().revision(),
                    keys: snapshot.keys.len(),
                    warnings: reloader.warnings.clone(),
                };
                let mut history = lock(&self.shared.history);
                self.shared.snapshot.store(Arc::new(snapshot));
                history.succeed(done.warnings.clone(), system_time());
                Ok(done)
            }
            Err(error) => {
                lock(&self.shared.history).fail(error.to_string());
                Err(error)
            }
        };
        self.log_reload(&done);
        done
    }
}
