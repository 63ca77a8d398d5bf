//! Reads policy, keys and certificates again: when a file has changed, and on SIGHUP.

use std::time::Duration;

use routescope_guard::{Guard, Reload, ReloadError};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{MissedTickBehavior, interval};

use crate::certificates::Certificates;
use crate::message::say;

/// The time for which a change may go unnoticed.
const EVERY: Duration = Duration::from_secs(1);

/// Takes the signal SIGHUP, which would otherwise end the program.
pub(crate) fn hangup() -> std::io::Result<Signal> {
    signal(SignalKind::hangup())
}

/// Reloads for as long as the server runs.
pub(crate) async fn follow(guard: Guard, certificates: Certificates, mut hangup: Signal) {
    let mut timer = interval(EVERY);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last_error = None;
    loop {
        let is_asked = tokio::select! {
            _ = timer.tick() => false,
            Some(()) = hangup.recv() => true,
        };
        let (guard, certificates) = (guard.clone(), certificates.clone());
        let reload = move || {
            certificates.reload(is_asked);
            match is_asked {
                true => Some(guard.reload()),
                false => guard.reload_if_changed(),
            }
        };
        // Reading ten thousand keys takes a while, in which others are answered.
        if let Ok(Some(done)) = tokio::task::spawn_blocking(reload).await {
            tell(&done, is_asked, &mut last_error);
        }
    }
}

/// Tells of a reload; of an error that stays, once.
fn tell(done: &Result<Reload, ReloadError>, is_asked: bool, last_error: &mut Option<String>) {
    match done {
        Ok(reload) => {
            say(format_args!(
                "reloaded: revision {}, digest {}, {} keys",
                reload.revision, reload.digest, reload.keys
            ));
            for warning in &reload.warnings {
                say(format_args!("warning: {warning}"));
            }
            *last_error = None;
        }
        Err(error) => {
            let text = error.to_string();
            if is_asked || last_error.as_ref() != Some(&text) {
                say(format_args!(
                    "error: the reload failed, and what could not be read stays in force as it was: {text}"
                ));
            }
            *last_error = Some(text);
        }
    }
}
