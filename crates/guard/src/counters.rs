//! Counters of decisions, by reason and by route.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread::available_parallelism;

use routescope::Reason;

use crate::reason::DenyReason;
use crate::sync::lock;
use crate::texts::Texts;
use crate::verdict::{AllowedBy, Denied, Verdict};

/// The most routes that are counted each for themselves: the counters of as many take some
/// megabytes for each processor.
const MAX_ROUTES: u32 = 100_000;

/// Counts decisions without a lock, and without a cache line that all threads write: each thread
/// counts in its own part.
pub(crate) struct Counters {
    parts: Box<[Part]>,
    /// The slots of all routes that were ever counted, so that their counts go on after a reload.
    slots: Mutex<HashMap<Box<str>, u32>>,
    max_routes: u32,
}

/// The counter of each route of one policy.
pub(crate) struct Slots(Box<[u32]>);

/// Alone on its cache lines. (Processors fetch them in pairs.)
#[repr(align(128))]
struct Part {
    /// Without what is counted by route.
    denied: [AtomicU64; DenyReason::COUNT],
    shadowed: AtomicU64,
    suppressed: AtomicU64,
    /// One for each slot, and the last for all routes without a slot.
    routes: Box<[RouteCells]>,
}

/// An allow is counted here alone, so that it costs one addition.
#[derive(Default)]
struct RouteCells {
    /// Without those that are counted as `public`.
    allowed: AtomicU64,
    public: AtomicU64,
    missing_scope: AtomicU64,
}

/// The decisions that a guard has made since it was built.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Counts {
    /// Requests that were allowed.
    pub allowed: u64,
    /// Those of them that called a public route, so that nobody has looked at their key.
    pub public: u64,
    /// Requests that were denied, by [`DenyReason::index`].
    pub denied: [u64; DenyReason::COUNT],
    /// Requests that were denied and let through all the same, in shadow mode. They are counted
    /// as denied too.
    pub shadowed: u64,
    /// Denials that got no line in the log, because there were too many in their second.
    pub suppressed_lines: u64,
    /// Lines that the log's sink did not take.
    pub log_errors: u64,
    /// The routes that were called, in the order of their names. Routes beyond the limit of
    /// [`Builder::max_counted_routes`](crate::Builder::max_counted_routes) are together in the
    /// last one, without a name.
    pub routes: Vec<RouteCounts>,
}

/// The decisions about one route.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RouteCounts {
    /// `GET /api/v1/colleagues/{id}/`, or empty for all routes beyond the limit.
    pub route: String,
    /// Calls that were allowed.
    pub allowed: u64,
    /// Those of them that were made while the route was public.
    pub public: u64,
    /// Calls of keys that do not hold the scopes of any alternative.
    pub missing_scope: u64,
}

impl Counts {
    /// The requests that were denied for one reason.
    #[must_use]
    pub fn denied_for(&self, reason: impl Into<DenyReason>) -> u64 {
        let place = reason.into().index();
        self.denied.get(place).copied().unwrap_or_default()
    }

    /// All decisions.
    #[must_use]
    pub fn total(&self) -> u64 {
        let denied: u64 = self.denied.iter().sum();
        self.allowed.saturating_add(denied)
    }
}

impl Counters {
    /// Counters of at most this many routes.
    pub(crate) fn new(max_routes: u32) -> Self {
        let max_routes = max_routes.min(MAX_ROUTES);
        let threads = available_parallelism().map_or(1, usize::from);
        let parts = threads.next_power_of_two().min(64);
        Self {
            parts: (0..parts).map(|_| Part::new(max_routes)).collect(),
            slots: Mutex::default(),
            max_routes,
        }
    }

    /// Slots for the routes of a policy: those that they had before, where they were counted
    /// before.
    pub(crate) fn slots(&self, texts: &Texts) -> Slots {
        let mut slots = lock(&self.slots);
        let slot = |route: &str| match slots.get(route) {
            Some(&slot) => slot,
            None => {
                let next = u32::try_from(slots.len()).unwrap_or(u32::MAX);
                if next >= self.max_routes {
                    return self.max_routes;
                }
                slots.insert(route.into(), next);
                next
            }
        };
        Slots(texts.routes().map(slot).collect())
    }

    #[inline]
    pub(crate) fn record(&self, verdict: &Verdict, is_shadowed: bool, slots: &Slots) {
        let Some(part) = self.part() else { return };
        let cells = |route: u32| {
            let slot = slots.0.get(route as usize);
            let slot = slot.map_or(self.max_routes, |slot| *slot);
            part.routes.get(slot as usize)
        };
        let cell = match verdict {
            Verdict::Allow {
                route,
                by: AllowedBy::Public,
            } => cells(*route).map(|cells| &cells.public),
            Verdict::Allow { route, .. } => cells(*route).map(|cells| &cells.allowed),
            Verdict::Deny(Denied::MissingScope { route }) => {
                cells(*route).map(|cells| &cells.missing_scope)
            }
            Verdict::Deny(denied) => part.denied.get(denied.reason().index()),
        };
        if let Some(cell) = cell {
            cell.fetch_add(1, Ordering::Relaxed);
        }
        if is_shadowed {
            part.shadowed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts a denial that gets no line in the log.
    pub(crate) fn suppress(&self) {
        if let Some(part) = self.part() {
            part.suppressed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The number of denials that got no line.
    pub(crate) fn suppressed(&self) -> u64 {
        let of = |part: &Part| part.suppressed.load(Ordering::Relaxed);
        self.parts.iter().map(of).sum()
    }

    /// Adds up what all threads have counted. A decision that is made meanwhile may be counted in
    /// one number and not yet in another.
    pub(crate) fn read(&self) -> Counts {
        let sum = |cell: &dyn Fn(&Part) -> Option<&AtomicU64>| -> u64 {
            let cells = self.parts.iter().filter_map(cell);
            cells.map(|cell| cell.load(Ordering::Relaxed)).sum()
        };
        let route = |name: &str, slot: u32| {
            let public = sum(&|part| Some(&part.routes.get(slot as usize)?.public));
            let by_key = sum(&|part| Some(&part.routes.get(slot as usize)?.allowed));
            RouteCounts {
                route: name.to_owned(),
                allowed: by_key.saturating_add(public),
                public,
                missing_scope: sum(&|part| Some(&part.routes.get(slot as usize)?.missing_scope)),
            }
        };
        let is_called = |counts: &RouteCounts| counts.allowed > 0 || counts.missing_scope > 0;
        let slots = lock(&self.slots);
        let named = slots.iter().map(|(name, &slot)| route(name, slot));
        let mut routes: Vec<RouteCounts> = named.filter(is_called).collect();
        routes.sort_by(|a, b| a.route.cmp(&b.route));
        routes.extend(Some(route("", self.max_routes)).filter(is_called));
        let mut denied = [0; DenyReason::COUNT];
        for (place, count) in denied.iter_mut().enumerate() {
            *count = sum(&|part| part.denied.get(place));
        }
        let missing_scope = DenyReason::from(Reason::MissingScope).index();
        if let Some(count) = denied.get_mut(missing_scope) {
            *count = routes.iter().map(|route| route.missing_scope).sum();
        }
        Counts {
            allowed: routes.iter().map(|route| route.allowed).sum(),
            public: routes.iter().map(|route| route.public).sum(),
            denied,
            shadowed: sum(&|part| Some(&part.shadowed)),
            suppressed_lines: self.suppressed(),
            log_errors: 0,
            routes,
        }
    }

    #[inline]
    fn part(&self) -> Option<&Part> {
        let thread = thread_number();
        // A power of two.
        self.parts.get(thread & self.parts.len().wrapping_sub(1))
    }
}

impl Part {
    fn new(max_routes: u32) -> Self {
        let cells = max_routes as usize + 1;
        Self {
            denied: Default::default(),
            shadowed: AtomicU64::new(0),
            suppressed: AtomicU64::new(0),
            routes: (0..cells).map(|_| RouteCells::default()).collect(),
        }
    }
}

/// A number for each thread that counts, in the order in which they begin to.
#[inline]
fn thread_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static NUMBER: Cell<usize> = const { Cell::new(usize::MAX) };
    }
    // A thread that ends counts in the first part.
    let number = NUMBER.try_with(|number| {
        if number.get() == usize::MAX {
            number.set(NEXT.fetch_add(1, Ordering::Relaxed));
        }
        number.get()
    });
    number.unwrap_or_default()
}
