//! Events and spans of `tracing`: what the log says, for subscribers.

use tracing::{Level, Span, enabled, span};

use crate::log::DecisionLine;
use crate::verdict::Verdict;

/// The target of the events of decisions.
const DECISION: &str = "routescope_guard::decision";
/// The target of the span and the events of reloads, and of the start.
const RELOAD: &str = "routescope_guard::reload";

/// Whether a subscriber wants the event of a decision.
#[inline]
pub(crate) fn wants(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Allow { .. } => enabled!(target: DECISION, Level::DEBUG),
        Verdict::Deny(_) => enabled!(target: DECISION, Level::INFO),
    }
}

pub(crate) fn decision(line: &DecisionLine<'_>) {
    // The level of an event is a constant.
    macro_rules! event {
        ($level:expr) => {
            tracing::event!(
                target: DECISION,
                $level,
                decision = line.decision,
                by = line.by,
                scopes = line.scopes.as_ref().map(tracing::field::display),
                reason = line.reason,
                detail = line.detail,
                key = line.key,
                subject = line.subject,
                previous_key = line.previous_key,
                method = line.method,
                route = line.route,
                template = line.template,
                path = line.path.as_ref().map(tracing::field::display),
                cut = line.cut,
                form = line.form,
                listener = line.listener,
                shadow = line.shadow,
                digest = line.digest,
            )
        };
    }
    match line.reason {
        None => event!(Level::DEBUG),
        Some(_) => event!(Level::INFO),
    }
}

/// The span in which files are read and a snapshot is replaced.
pub(crate) fn reload_span() -> Span {
    span!(target: RELOAD, Level::INFO, "reload")
}

pub(crate) fn reload(result: &str, error: Option<&str>, digest: &str, keys: usize) {
    match error {
        None => {
            tracing::info!(target: RELOAD, result, digest, keys, "policy and keys are replaced");
        }
        Some(error) => {
            tracing::error!(target: RELOAD, result, error, digest, keys, "the old policy and keys are in force");
        }
    }
}

pub(crate) fn start(policy: &str, revision: u32, digest: &str, keys: usize, warnings: usize) {
    tracing::info!(target: RELOAD, policy, revision, digest, keys, warnings, "a guard starts");
}

pub(crate) fn listener(listener: &str, shadow_mode: &str) {
    tracing::warn!(target: RELOAD, listener, shadow_mode, "shadow mode lets denials through");
}
