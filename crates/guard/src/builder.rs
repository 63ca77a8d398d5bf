//! Builds a guard from its policy, its keys and its settings.

use std::path::PathBuf;
use std::sync::Arc;

use crate::keys::{HashSecret, KeyFile};
use crate::log::DecisionLog;
use crate::policy_origin::PolicyOrigin;
use crate::shadow::Shadow;
use crate::sources::{Secret, Sources};

/// The settings of a [`Guard`](crate::Guard), before it is built.
#[derive(Debug)]
#[must_use = "a builder decides nothing before `build`"]
pub struct Builder {
    pub(crate) sources: Sources,
    pub(crate) shadow: Shadow,
    pub(crate) log: Option<DecisionLog>,
    pub(crate) max_counted_routes: u32,
}

impl Builder {
    pub(crate) fn new(policy: PolicyOrigin) -> Self {
        Self {
            sources: Sources::new(policy),
            shadow: Shadow::OFF,
            log: None,
            max_counted_routes: 1_000,
        }
    }

    /// Keys that the program has read or made itself. [`Self::keys_file`] follows a file.
    pub fn keys(mut self, keys: KeyFile) -> Self {
        self.sources.set_keys(keys);
        self
    }

    /// The key file, which `routescope key` writes. It is read again with each reload.
    pub fn keys_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.sources.set_keys_file(path.into());
        self
    }

    /// The secret of keyed hashes, which the program has read itself. [`Self::hash_secret_file`]
    /// follows a file.
    pub fn hash_secret(mut self, secret: HashSecret) -> Self {
        self.sources.hash_secret = Secret::Given(Arc::new(secret));
        self
    }

    /// The file with the secret of keyed hashes (`hmac_sha256:`).
    pub fn hash_secret_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.sources.hash_secret = Secret::File(path.into());
        self
    }

    /// Accepts bearer tokens beside keys, by these rules and by the identity provider's keys in
    /// this file (a JWK set), which is read again with each reload.
    #[cfg(feature = "tokens")]
    pub fn tokens(mut self, rules: crate::TokenRules, keys_file: impl Into<PathBuf>) -> Self {
        self.sources.tokens = Some((rules, keys_file.into()));
        self
    }

    /// States what the identity provider leaves out of its keys: see
    /// [`TokenKeysReader`](crate::TokenKeysReader).
    #[cfg(feature = "tokens")]
    pub fn token_keys_reader(mut self, reader: crate::TokenKeysReader) -> Self {
        self.sources.token_keys = reader;
        self
    }

    /// Refuses a reload of a policy by which some key could make a request that it cannot make
    /// now. The old policy stays in force, and the error shows the request; a person then lets it
    /// in with [`Guard::reload_wider`](crate::Guard::reload_wider).
    ///
    /// The comparison takes about as long as compiling both policies.
    #[cfg(feature = "compiler")]
    pub fn refuse_wider(mut self, refuse: bool) -> Self {
        self.sources.refuses_wider = refuse;
        self
    }

    /// Sets the denials that are let through. [`Guard::listener`](crate::Guard::listener) sets another
    /// mode for one listener.
    pub fn shadow(mut self, shadow: Shadow) -> Self {
        self.shadow = shadow;
        self
    }

    /// Logs decisions and reloads. Nobody logs them otherwise.
    ///
    /// With the feature `tracing`, subscribers get events with the same fields, whether there is a
    /// log or not: of the target `routescope_guard::decision`, an allow at the level DEBUG and a
    /// denial at INFO; of the target `routescope_guard::reload`, the start and a reload at INFO,
    /// shadow mode at WARN and a failed reload at ERROR, within a span `reload`. They are neither
    /// sampled nor limited, so that whoever sends requests decides how many there are: a filter
    /// such as `info,routescope_guard::decision=off` leaves decisions to the log.
    pub fn log(mut self, log: DecisionLog) -> Self {
        self.log = Some(log);
        self
    }

    /// The number of routes that are counted each for themselves, over all reloads; 1,000 if
    /// nobody says, and 100,000 at most. It bounds the memory of the counters and the lines of metrics.
    pub fn max_counted_routes(mut self, routes: u32) -> Self {
        self.max_counted_routes = routes;
        self
    }
}
