//! Events that are always logged: the start, listeners in shadow mode, and reloads.

use serde::Serialize;

use crate::clock::seconds_since_1970;
use crate::guard::Guard;
use crate::log::{Time, cut};
use crate::reload::Reload;
use crate::reload_error::ReloadError;

#[derive(Serialize)]
struct StartLine<'a> {
    time: Time,
    event: &'static str,
    policy: &'a str,
    revision: u32,
    digest: &'a str,
    keys: usize,
    shadow_mode: String,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    warnings: &'a [String],
}

#[derive(Serialize)]
struct ListenerLine<'a> {
    time: Time,
    event: &'static str,
    listener: &'a str,
    shadow_mode: String,
}

#[derive(Serialize)]
struct ReloadLine<'a> {
    time: Time,
    event: &'static str,
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    policy: &'a str,
    revision: u32,
    digest: &'a str,
    keys: usize,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    warnings: &'a [String],
}

impl Guard {
    /// Logs what the guard begins to decide by.
    pub(crate) fn log_start(&self) {
        let status = self.status();
        let line = StartLine {
            time: Time(seconds_since_1970()),
            event: "start",
            policy: &status.policy,
            revision: status.revision,
            digest: &status.digest,
            keys: status.keys,
            shadow_mode: self.listener.shadow.to_string(),
            warnings: &status.warnings,
        };
        self.shared.log.write(&line);
        #[cfg(feature = "tracing")]
        {
            let warnings = line.warnings.len();
            crate::trace::start(line.policy, line.revision, line.digest, line.keys, warnings);
            if !self.listener.shadow.is_off() {
                crate::trace::listener("", &line.shadow_mode);
            }
        }
    }

    /// Logs that this handle's listener lets denials through, if it does.
    pub(crate) fn log_listener(&self) {
        if self.listener.shadow.is_off() {
            return;
        }
        let shadow_mode = self.listener.shadow.to_string();
        #[cfg(feature = "tracing")]
        crate::trace::listener(&self.listener.name, &shadow_mode);
        self.shared.log.write(&ListenerLine {
            time: Time(seconds_since_1970()),
            event: "listener",
            listener: &self.listener.name,
            shadow_mode,
        });
    }

    /// Logs how a reload went, and what is in force after it.
    pub(crate) fn log_reload(&self, done: &Result<Reload, ReloadError>) {
        let snapshot = self.shared.snapshot.load_full();
        let (result, error) = match done {
            Ok(_) => ("ok", None),
            Err(error @ ReloadError::Wider { .. }) => ("refused", Some(error.to_string())),
            Err(error) => ("failed", Some(error.to_string())),
        };
        let line = ReloadLine {
            time: Time(seconds_since_1970()),
            event: "reload",
            result,
            error: error.as_deref().map(cut),
            policy: snapshot.policy().name(),
            revision: snapshot.policy().revision(),
            digest: &snapshot.texts().digest,
            keys: snapshot.keys.len(),
            warnings: done.as_ref().map_or(&[], |done| &done.warnings),
        };
        #[cfg(feature = "tracing")]
        crate::trace::reload(line.result, line.error, line.digest, line.keys);
        self.shared.log.write(&line);
    }
}
