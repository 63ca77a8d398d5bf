//! The numbers of a listener's connections.

use std::sync::atomic::{AtomicU64, Ordering};

/// The numbers of a listener's connections.
#[derive(Debug, Default)]
pub(crate) struct Gauge {
    accepted: AtomicU64,
    closed: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
}

/// A connection that is open for as long as this lives.
#[derive(Debug)]
pub(crate) struct Open<'g>(&'g Gauge);

impl Gauge {
    pub(crate) fn open(&self) -> Open<'_> {
        self.accepted.fetch_add(1, Ordering::Relaxed);
        Open(self)
    }

    /// Counts a connection that was closed because there are too many.
    pub(crate) fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a connection that could not be accepted.
    pub(crate) fn failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.closed.fetch_add(1, Ordering::Relaxed);
    }
}
