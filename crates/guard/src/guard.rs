//! The guard: from a request's headers to the answer.

use std::fmt;
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use routescope::Policy;

use crate::answer::Answer;
use crate::builder::Builder;
use crate::clock::seconds_since_1970;
use crate::counters::{Counters, Counts};
use crate::history::History;
use crate::listener::{Listener, Listeners};
use crate::log::{Decided, DecisionLine, Log};
use crate::lookup::KeyLookup;
use crate::policy_origin::PolicyOrigin;
use crate::reason::CheckFault;
use crate::reload_error::ReloadError;
use crate::reloader::Reloader;
use crate::shadow::Shadow;
use crate::snapshot::{Credential, Snapshot, Who};
use crate::verdict::{Denied, Verdict};

/// Decides requests by a policy and keys that can be replaced while it decides.
///
/// It is a handle: a clone decides by the same policy and keys, and counts in the same counters.
/// It starts no thread, and needs no runtime.
///
/// [`routescope::Guard`] is the same without a store of keys, reload, counters and log, for
/// firmware and for programs that have their own; the two decide by the same code.
///
/// ```
/// use routescope::pbx;
/// use routescope_guard::{Guard, KeyEntry, KeyFile, KeyHash, StoredHash};
///
/// let key = format!("wsk-v1-{}", "k".repeat(93));
/// let hash = StoredHash::Sha256(KeyHash::sha256(key.as_bytes()));
/// let keys = KeyFile::new([KeyEntry::new("front-desk", hash, ["colleagues:read"])]);
/// let guard = Guard::builder(pbx::POLICY).keys(keys).build()?;
///
/// let header = format!("Bearer {key}");
/// let now = 1_780_000_000; // seconds since 1970
/// let answer = guard.decide(Some(header.as_bytes()), "GET", "/api/v1/colleagues/", now);
/// assert!(answer.admits());
/// assert_eq!(answer.key_id(), Some("front-desk"));
/// assert_eq!(answer.route_name(), Some("GET /api/v1/colleagues/"));
///
/// let answer = guard.decide(None, "GET", "/api/v1/colleagues/", now);
/// assert_eq!(answer.status(), 401);
/// assert_eq!(answer.response_headers().next(), Some(("www-authenticate", "Bearer")));
/// # Ok::<(), routescope_guard::ReloadError>(())
/// ```
#[derive(Clone)]
pub struct Guard {
    pub(crate) shared: Arc<Shared>,
    pub(crate) listener: Arc<Listener>,
}

/// The parts that all handles of a guard share.
pub(crate) struct Shared {
    pub(crate) snapshot: ArcSwap<Snapshot>,
    pub(crate) counters: Counters,
    pub(crate) reloader: Mutex<Reloader>,
    pub(crate) history: Mutex<History>,
    pub(crate) listeners: Listeners,
    pub(crate) log: Log,
}

impl Guard {
    /// A builder of a guard over a policy: a constant of generated code, an
    /// [`OwnedPolicy`](routescope::OwnedPolicy) or a file ([`PolicyOrigin::file`]).
    pub fn builder(policy: impl Into<PolicyOrigin>) -> Builder {
        Builder::new(policy.into())
    }

    pub(crate) fn new(
        snapshot: Snapshot,
        counters: Counters,
        reloader: Reloader,
        history: History,
        log: Log,
        shadow: Shadow,
    ) -> Self {
        let listeners = Listeners::default();
        let listener = listeners.add("", shadow);
        let shared = Shared {
            snapshot: ArcSwap::from_pointee(snapshot),
            counters,
            reloader: Mutex::new(reloader),
            history: Mutex::new(history),
            listeners,
            log,
        };
        Self {
            shared: Arc::new(shared),
            listener,
        }
    }

    /// Another handle of the same guard, for a listener with its own shadow mode. The name is for
    /// the log, [`Status`](crate::Status) and metrics, which show a listener for as long as a
    /// handle of it is kept.
    #[must_use]
    pub fn listener(&self, name: &str, shadow: Shadow) -> Self {
        let handle = Self {
            shared: Arc::clone(&self.shared),
            listener: self.shared.listeners.add(name, shadow),
        };
        handle.log_listener();
        handle
    }

    /// Decides a request.
    ///
    /// `authorization` is the value of every `Authorization` header of the request; `Some(value)`
    /// and `None` will do where there is one at most. `target` is the request target as it came
    /// on the wire, query included: forward exactly these bytes. `now` is in seconds since 1970.
    ///
    /// The steps and their order are those of [`routescope::Guard::decide`]. A request to a public
    /// route is allowed, and its headers are not read.
    ///
    /// Cost: one pass over the header, a SHA-256 of the key, a look-up of the hash, and that of
    /// [`Policy::authorize`](routescope::Policy::authorize). Nothing allocates and nothing blocks,
    /// unless the log writes a line, or the credential is a token.
    #[inline]
    pub fn decide<'h>(
        &self,
        authorization: impl IntoIterator<Item = &'h [u8]>,
        method: impl AsRef<[u8]>,
        target: impl AsRef<[u8]>,
        now: u64,
    ) -> Answer {
        let (method, target) = (method.as_ref(), target.as_ref());
        let snapshot = self.shared.snapshot.load();
        let (verdict, who) = snapshot.decide_public(method, target).unwrap_or_else(|| {
            let credential = snapshot.credential(authorization, false, now);
            snapshot.decide(&credential, method, target, now)
        });
        self.answer(snapshot, verdict, who, method, target, now)
    }

    /// As [`Self::decide`], and looks keys that are not in the guard's file up in a store that
    /// takes time to answer. Nothing is asked for requests that no key could help: they have none,
    /// one of another form, or they call a public route.
    ///
    /// The future holds no key: hashes alone are looked up.
    pub async fn decide_with<'h>(
        &self,
        store: &impl KeyLookup,
        authorization: impl IntoIterator<Item = &'h [u8]>,
        method: impl AsRef<[u8]>,
        target: impl AsRef<[u8]>,
        now: u64,
    ) -> Answer {
        let (method, target) = (method.as_ref(), target.as_ref());
        let snapshot = self.shared.snapshot.load_full();
        let (verdict, who) = match snapshot.decide_public(method, target) {
            Some(public) => public,
            None => {
                let credential = snapshot.credential(authorization, true, now);
                match &credential {
                    Credential::UnknownKey(Some(hash)) => match store.find(*hash).await {
                        Ok(Some(found)) => snapshot.decide_found(&found, method, target, now),
                        Ok(None) => snapshot.decide(&credential, method, target, now),
                        Err(_) => (Verdict::Deny(Denied::Unavailable), Who::Nobody),
                    },
                    _ => snapshot.decide(&credential, method, target, now),
                }
            }
        };
        let snapshot = arc_swap::Guard::from_inner(snapshot);
        self.answer(snapshot, verdict, who, method, target, now)
    }

    /// Denies a request that contradicts itself, before anything else is looked at: one with an
    /// override header, or one that a gateway asks about in a form that cannot be right.
    pub fn refuse(
        &self,
        fault: CheckFault,
        method: impl AsRef<[u8]>,
        target: impl AsRef<[u8]>,
        now: u64,
    ) -> Answer {
        let snapshot = self.shared.snapshot.load();
        let verdict = Verdict::Deny(Denied::BadCheckRequest(fault));
        let (method, target) = (method.as_ref(), target.as_ref());
        self.answer(snapshot, verdict, Who::Nobody, method, target, now)
    }

    /// Whether a CORS preflight may go on without a key: the policy lists the method that it asks
    /// for on its target, and not `OPTIONS`, which it would then protect.
    #[must_use]
    pub fn is_open_preflight(&self, method: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> bool {
        let (method, target) = (method.as_ref(), target.as_ref());
        // One snapshot answers both questions: between two, a reload could hide both routes.
        let snapshot = self.shared.snapshot.load();
        let lists = |method: &[u8]| snapshot.policy().route(method, target).is_ok();
        lists(method) && !lists(b"OPTIONS")
    }

    /// Counts, logs and wraps what was decided.
    #[inline]
    fn answer(
        &self,
        snapshot: crate::answer::Borrowed,
        verdict: Verdict,
        who: Who,
        method: &[u8],
        target: &[u8],
        now: u64,
    ) -> Answer {
        let admits = self.listener.shadow.admits(&verdict, snapshot.texts());
        let is_shadowed = admits && !matches!(verdict, Verdict::Allow { .. });
        let counters = &self.shared.counters;
        counters.record(&verdict, is_shadowed, &snapshot.slots);
        let is_logged = self.shared.log.takes(&verdict, counters, now);
        #[cfg(feature = "tracing")]
        let is_shown = is_logged || crate::trace::wants(&verdict);
        #[cfg(not(feature = "tracing"))]
        let is_shown = is_logged;
        if is_shown {
            let decided = Decided {
                snapshot: &snapshot,
                verdict,
                who: &who,
                method,
                target,
                now,
                listener: &self.listener.name,
                is_shadowed,
            };
            self.show(&decided, is_logged);
        }
        Answer::new(snapshot, verdict, who, admits)
    }

    /// Writes the line of a decision, and tells subscribers of it.
    #[cold]
    #[inline(never)]
    fn show(&self, decided: &Decided<'_>, is_logged: bool) {
        let line = DecisionLine::new(decided);
        if is_logged {
            self.shared.log.write_decision(&line, &self.shared.counters);
        }
        #[cfg(feature = "tracing")]
        if crate::trace::wants(&decided.verdict) {
            crate::trace::decision(&line);
        }
    }

    /// Reads the policy in force, for instance for a page that shows its routes. A reload that
    /// comes meanwhile does not change what `read` sees.
    ///
    /// ```
    /// use routescope::pbx;
    /// use routescope_guard::Guard;
    ///
    /// let guard = Guard::builder(pbx::POLICY).build()?;
    /// let routes: Vec<String> = guard.with_policy(|policy| policy.routes().map(|route| route.to_string()).collect());
    /// assert_eq!(routes.len(), 110);
    /// # Ok::<(), routescope_guard::ReloadError>(())
    /// ```
    pub fn with_policy<T>(&self, read: impl FnOnce(Policy<'_>) -> T) -> T {
        let snapshot = self.shared.snapshot.load_full();
        read(snapshot.policy())
    }

    /// The decisions that all handles of this guard have made.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            log_errors: self.shared.log.errors(),
            ..self.shared.counters.read()
        }
    }
}

impl Builder {
    /// Reads everything and builds the guard.
    ///
    /// # Errors
    ///
    /// As [`Guard::reload`](crate::Guard::reload). Without a policy a guard does not start: there
    /// is no table that could be right for an API that nobody has described.
    pub fn build(self) -> Result<Guard, ReloadError> {
        let counters = Counters::new(self.max_counted_routes);
        let mut reloader = Reloader::new(self.sources);
        let (snapshot, warnings) = reloader.first(&counters)?;
        let history = History::new(warnings, seconds_since_1970());
        let log = Log::new(self.log);
        let guard = Guard::new(snapshot, counters, reloader, history, log, self.shadow);
        guard.log_start();
        Ok(guard)
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("snapshot", &self.shared.snapshot.load())
            .field("listener", &self.listener.name)
            .field("shadow", &self.listener.shadow)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use routescope::pbx;

    use super::Guard;
    use crate::{KeyEntry, KeyFile, KeyHash, StoredHash};

    /// A stream may last for days, and keys are replaced meanwhile.
    #[test]
    fn an_answer_that_is_kept_keeps_no_old_keys() {
        let key = format!("wsk-v1-{}", "k".repeat(93));
        let hash = StoredHash::Sha256(KeyHash::sha256(key.as_bytes()));
        let keys = || KeyFile::new([KeyEntry::new("desk", hash, ["colleagues:read"])]);
        let guard = Guard::builder(pbx::POLICY).keys(keys()).build().unwrap();
        let header = format!("Bearer {key}");
        let answer = guard.decide(Some(header.as_bytes()), "GET", "/api/v1/colleagues/", 0);
        let old = Arc::downgrade(&guard.shared.snapshot.load_full());
        let kept = answer.clone();
        guard.set_keys(keys()).unwrap();
        assert!(old.upgrade().is_some(), "the first answer borrows it");
        drop(answer);
        assert!(old.upgrade().is_none(), "the kept one does not");
        assert_eq!(kept.key_id(), Some("desk"));
        assert_eq!(kept.route_name(), Some("GET /api/v1/colleagues/"));
        assert_eq!(kept.clone().forward_headers().count(), 3);
        // The same policy is not prepared again.
        let policy = Arc::downgrade(&guard.shared.snapshot.load().policy);
        guard.reload().unwrap();
        assert!(policy.ptr_eq(&Arc::downgrade(&guard.shared.snapshot.load().policy)));
    }
}
