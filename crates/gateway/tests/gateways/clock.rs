//! One order of the events that different threads of a test see.

use std::sync::atomic::{AtomicU64, Ordering};

static NOW: AtomicU64 = AtomicU64::new(0);

/// A number that is larger than every one before it.
pub(crate) fn tick() -> u64 {
    NOW.fetch_add(1, Ordering::SeqCst)
}
