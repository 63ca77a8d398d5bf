//! The limit of lines a second for denials.

use std::sync::atomic::{AtomicU64, Ordering};

/// A clock that goes back by at most this many seconds is taken for two threads that disagree:
/// nothing is refilled, and the later time counts.
const DISAGREEMENT: i32 = 60;

/// A token bucket that holds the lines of one second, by the time of the decisions. It takes no
/// lock, and writes nothing while it is empty.
#[derive(Debug)]
pub(crate) struct Limit {
    lines: u32,
    /// The second of the last refill (its lower 32 bits, which wrap), and the lines that are left
    /// in it.
    state: AtomicU64,
}

const fn pack(second: u32, left: u32) -> u64 {
    ((second as u64) << 32) | left as u64
}

impl Limit {
    /// A limit of this many lines a second; 0 allows none.
    pub(crate) const fn new(lines: u32) -> Self {
        Self {
            lines,
            state: AtomicU64::new(pack(0, lines)),
        }
    }

    /// Takes a line, if one is left.
    pub(crate) fn take(&self, now: u64) -> bool {
        let now = now as u32;
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            let (second, left) = ((state >> 32) as u32, state as u32);
            // Differences are right over the wrap.
            let ahead = now.wrapping_sub(second).cast_signed();
            let (second, left) = if ahead > 0 {
                (now, self.lines)
            } else if ahead < -DISAGREEMENT {
                // The clock was set back. Without a new reference, nothing would be refilled
                // until it had caught up.
                (now, left)
            } else {
                (second, left)
            };
            let next = pack(second, left.saturating_sub(1));
            if next == state {
                return false;
            }
            let order = Ordering::Relaxed;
            match self.state.compare_exchange_weak(state, next, order, order) {
                Ok(_) => return left > 0,
                Err(other) => state = other,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Limit;

    /// Times at which a line is asked for, and which of them get one of two lines a second.
    #[test]
    fn lines_are_refilled_by_the_second() {
        let cases: &[(&str, &[(u64, bool)])] = &[
            (
                "within a second",
                &[(1_000, true), (1_000, true), (1_000, false), (1_000, false)],
            ),
            (
                "the next second refills, and saves nothing up",
                &[
                    (1_000, true),
                    (1_000, true),
                    (1_000, false),
                    (1_001, true),
                    (1_009, true),
                    (1_009, true),
                    (1_009, false),
                ],
            ),
            (
                "two threads that disagree get no more lines",
                &[
                    (1_000, true),
                    (1_000, true),
                    (999, false),
                    (1_000, false),
                    (999, false),
                    (1_000, false),
                    (1_001, true),
                ],
            ),
            (
                "a clock that is set back goes on from there",
                &[
                    (2_000_000, true),
                    (2_000_000, true),
                    (1_000, false),
                    (1_000, false),
                    (1_001, true),
                    (1_001, true),
                    (1_001, false),
                ],
            ),
            (
                "beyond 32 bits",
                &[
                    (u64::from(u32::MAX) - 100, true),
                    (u64::from(u32::MAX), true),
                    (u64::from(u32::MAX), true),
                    (u64::from(u32::MAX), false),
                    (u64::from(u32::MAX) + 1, true),
                    (u64::from(u32::MAX) + 2, true),
                    (u64::MAX, true),
                ],
            ),
        ];
        for (name, steps) in cases {
            let limit = Limit::new(2);
            for (place, &(now, expected)) in steps.iter().enumerate() {
                assert_eq!(limit.take(now), expected, "{name}: step {place} at {now}");
            }
        }
    }

    #[test]
    fn a_limit_of_nothing_allows_nothing() {
        let limit = Limit::new(0);
        assert!((0..100).all(|now| !limit.take(now)));
    }

    #[test]
    fn threads_share_the_lines() {
        let limit = Limit::new(1_000);
        let taken: usize = std::thread::scope(|scope| {
            let take = || (0..1_000).filter(|_| limit.take(7)).count();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(take)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .sum()
        });
        assert_eq!(taken, 1_000);
    }
}
