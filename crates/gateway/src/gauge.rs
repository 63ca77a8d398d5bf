//! The numbers of a listener: its connections and responses.

use std::sync::atomic::{AtomicU64, Ordering};

/// The statuses that are counted apart; all others are counted together.
const STATUSES: [u16; 6] = [200, 401, 403, 404, 405, 503];

/// The numbers of a listener: its connections and responses.
#[derive(Debug, Default)]
pub(crate) struct Gauge {
    accepted: AtomicU64,
    closed: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    responses: [AtomicU64; STATUSES.len() + 1],
}

/// The numbers as they were at one moment.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Numbers {
    pub(crate) open: u64,
    pub(crate) accepted: u64,
    pub(crate) refused: u64,
    pub(crate) failed: u64,
    responses: [u64; STATUSES.len() + 1],
}

impl Numbers {
    /// The responses of each status, in the text that a metric has for it. Only those that were
    /// given are there.
    pub(crate) fn responses(&self) -> impl Iterator<Item = (String, u64)> {
        let statuses = STATUSES.iter().map(u16::to_string);
        let statuses = statuses.chain(["other".to_owned()]);
        statuses.zip(self.responses).filter(|(_, count)| *count > 0)
    }
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

    /// Counts a response by its status.
    pub(crate) fn answered(&self, status: u16) {
        let place = STATUSES.iter().position(|other| *other == status);
        if let Some(count) = self.responses.get(place.unwrap_or(STATUSES.len())) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn numbers(&self) -> Numbers {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        // A connection that is closed before the other number is read is none that is open.
        let closed = read(&self.closed);
        let accepted = read(&self.accepted);
        Numbers {
            open: accepted.saturating_sub(closed),
            accepted,
            refused: read(&self.refused),
            failed: read(&self.failed),
            responses: std::array::from_fn(|place| self.responses.get(place).map_or(0, read)),
        }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.closed.fetch_add(1, Ordering::Relaxed);
    }
}
