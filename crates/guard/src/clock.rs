//! The clock of the system.

use std::time::SystemTime;

/// The second since 1970, for [`Guard::decide`](crate::Guard::decide).
///
/// A clock that stands before 1970 tells a time after all, by which every key that expires has
/// expired.
///
/// ```
/// assert!(routescope_guard::seconds_since_1970() > 1_700_000_000);
/// ```
#[must_use]
pub fn seconds_since_1970() -> u64 {
    let since = SystemTime::UNIX_EPOCH.elapsed();
    since.map_or(u64::MAX, |since| since.as_secs())
}
