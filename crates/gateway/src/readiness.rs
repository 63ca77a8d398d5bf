//! Whether the server should get requests.

use std::fmt;

use routescope_guard::Guard;
use tokio::sync::watch;

/// Tells whether the server should get requests. It is asked only once all listeners are bound.
#[derive(Clone, Debug)]
pub(crate) struct Readiness {
    pub(crate) guard: Guard,
    /// Turns true when the server stops.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// Why the server should get no requests.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NotReady {
    /// Connections that are open are answered, and no others accepted.
    Stopping,
    /// Nothing could be allowed.
    NoPolicy,
}

impl Readiness {
    pub(crate) fn check(&self) -> Result<(), NotReady> {
        if *self.stopping.borrow() {
            Err(NotReady::Stopping)
        } else if self.guard.status().is_ready() {
            Ok(())
        } else {
            Err(NotReady::NoPolicy)
        }
    }
}

impl fmt::Display for NotReady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stopping => "the server is stopping",
            Self::NoPolicy => "the policy has no route",
        })
    }
}
