//! Counting requests in memory that does not grow with the log.

use std::collections::HashMap;

use routescope::{By, Decision, Method, Route, RouteDenial};

use super::choose::{Used, opened_by};
use super::log::LoggedRequest;

/// The requests of the logs, counted.
#[derive(Default)]
pub(super) struct Tally<'p> {
    pub(super) requests: u64,
    /// The requests that are not counted because of their status.
    pub(super) left_out: u64,
    /// The requests that are not counted because they have no status.
    pub(super) without_status: u64,
    /// The routes of requests that were not refused.
    pub(super) used: Routes<'p>,
    /// The routes of requests that were.
    pub(super) refused: Routes<'p>,
    /// The routes of requests that need no scope, refused or not: public ones, and those that are
    /// open to every valid key.
    pub(super) open: Routes<'p>,
    pub(super) uncovered: Uncovered<'p>,
}

/// Whether a status says that the client may not, rather than that something
/// failed.
pub(super) fn is_refusal(status: Option<u16>) -> bool {
    matches!(status, Some(401 | 403 | 407))
}

/// Routes, in the order in which they were first used.
#[derive(Default)]
pub(super) struct Routes<'p> {
    list: Vec<Used<'p>>,
    places: HashMap<(Method, &'p str), usize>,
}

impl<'p> Tally<'p> {
    /// Counts a request. `place` is the log's index and the line's number.
    pub(super) fn add(
        &mut self,
        decision: &Decision<'p>,
        entry: &LoggedRequest<'_>,
        place: (usize, u64),
        held: &[&str],
    ) {
        self.requests += 1;
        let routes = if is_refusal(entry.status) {
            &mut self.refused
        } else {
            &mut self.used
        };
        match *decision {
            Decision::Allow {
                route,
                by: By::Public | By::AnyKey,
            } => self.open.add(route, || None),
            Decision::Allow { route, .. } => {
                routes.add(route, || opened_by(route, |name| held.contains(&name)));
            }
            Decision::Deny(RouteDenial::MissingScope(route)) => routes.add(route, || None),
            Decision::Deny(denial) => {
                self.uncovered
                    .add(denial, &entry.method, &entry.target, place);
            }
        }
    }
}

impl<'p> Routes<'p> {
    pub(super) fn list(&self) -> &[Used<'p>] {
        &self.list
    }

    /// Returns the number of requests on all these routes.
    pub(super) fn requests(&self) -> u64 {
        self.list.iter().map(|used| used.requests).sum()
    }

    pub(super) fn contains(&self, used: &Used<'_>) -> bool {
        let route = (used.route.method(), used.route.template());
        self.places.contains_key(&route)
    }

    fn add(&mut self, route: Route<'p>, by: impl FnOnce() -> Option<Vec<&'p str>>) {
        let used = &mut self.list;
        let place = *self
            .places
            .entry((route.method(), route.template()))
            .or_insert_with(|| {
                used.push(Used {
                    route,
                    by: by(),
                    requests: 0,
                });
                used.len() - 1
            });
        used[place].requests += 1;
    }
}

/// Requests that no scope covers.
#[derive(Default)]
pub(super) struct Uncovered<'p> {
    pub(super) requests: u64,
    /// The first denial of each reason, and how many there were.
    reasons: Vec<(RouteDenial<'p>, u64)>,
    distinct: HashMap<RequestKey, Example<'p>>,
    /// Whether rare ones were forgotten, so that counts may be too low.
    pub(super) forgot: bool,
}

/// A method and a path, each cut where it is long.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct RequestKey {
    method: Box<[u8]>,
    path: Box<[u8]>,
}

/// A request that no scope covers, and how often there was one like it.
#[derive(Clone, Debug)]
pub(super) struct Example<'p> {
    pub(super) method: Box<[u8]>,
    /// The target of the first such request, cut where it is long.
    pub(super) target: Box<[u8]>,
    pub(super) denial: RouteDenial<'p>,
    pub(super) requests: u64,
    /// The log's number, and the line of the first.
    pub(super) place: (usize, u64),
}

impl<'p> Uncovered<'p> {
    /// At most this many different requests are kept, to bound the memory. When there are more, the
    /// rarer half is forgotten.
    const MOST: usize = 4096;
    const LONGEST: usize = 256;

    fn add(&mut self, denial: RouteDenial<'p>, method: &[u8], target: &[u8], place: (usize, u64)) {
        self.requests += 1;
        let mut reasons = self.reasons.iter_mut();
        match reasons.find(|(known, _)| known.reason() == denial.reason()) {
            Some((_, count)) => *count += 1,
            None => self.reasons.push((denial, 1)),
        }
        let cut = |bytes: &[u8]| bytes[..bytes.len().min(Self::LONGEST)].into();
        let path = match memchr::memchr(b'?', target) {
            // A query that is at fault tells requests apart.
            Some(end) if !matches!(denial, RouteDenial::BadPath(_)) => &target[..end],
            _ => target,
        };
        if self.distinct.len() == Self::MOST {
            self.forget();
        }
        let key = RequestKey {
            method: cut(method),
            path: cut(path),
        };
        self.distinct
            .entry(key)
            .or_insert_with(|| Example {
                method: cut(method),
                target: cut(target),
                denial,
                requests: 0,
                place,
            })
            .requests += 1;
    }

    fn forget(&mut self) {
        let mut counts: Vec<u64> = self.distinct.values().map(|e| e.requests).collect();
        counts.sort_unstable();
        let middle = counts[counts.len() / 2];
        let mut keep = Self::MOST / 2;
        self.distinct.retain(|_, example| {
            let kept = example.requests > middle || (example.requests == middle && keep > 0);
            keep = keep.saturating_sub(usize::from(kept));
            kept
        });
        self.forgot = true;
    }

    /// A denial of each reason and how many there were, the most frequent first.
    pub(super) fn reasons(&self) -> Vec<(RouteDenial<'p>, u64)> {
        let mut reasons = self.reasons.clone();
        reasons.sort_by_key(|(denial, count)| (std::cmp::Reverse(*count), denial.reason()));
        reasons
    }

    /// The most frequent, and of those equally frequent the first.
    pub(super) fn examples(&self, most: usize) -> Vec<&Example<'p>> {
        let mut examples: Vec<&Example<'p>> = self.distinct.values().collect();
        examples.sort_by_key(|example| (std::cmp::Reverse(example.requests), example.place));
        examples.truncate(most);
        examples
    }

    pub(super) fn distinct(&self) -> usize {
        self.distinct.len()
    }
}
