//! The policy of `routes.yaml`, for a program without an operating system.
#![no_std]

#[rustfmt::skip]
pub mod committed;

routescope::policy!(pub mod store = "routes");

/// The scopes of the nightly job. One that the policy does not have would not build.
pub const NIGHTLY: store::ScopeSet = store::scope_set![DOCUMENTS_SEARCH, FILES_READ];

/// Counts requests by route, without an allocation and without a look-up of a name.
#[derive(Clone, Debug)]
pub struct Calls {
    by_route: [u32; store::Route::ALL.len()],
    unknown: u32,
}

impl Calls {
    /// No calls yet.
    pub const NONE: Self = Self {
        by_route: [0; store::Route::ALL.len()],
        unknown: 0,
    };

    /// Counts a request, whether it is allowed or not.
    pub fn count(&mut self, method: &[u8], target: &[u8]) {
        let route = store::route(method, target);
        match route.ok().and_then(store::Route::of) {
            Some(route) => self.by_route[route.index()] += 1,
            None => self.unknown += 1,
        }
    }

    /// The calls of each route, and those of none.
    pub fn all(&self) -> impl Iterator<Item = (Option<store::Route>, u32)> {
        let known = store::Route::ALL.map(Some).into_iter().zip(self.by_route);
        known.chain([(None, self.unknown)])
    }
}

/// Whether a request may be made by a key that holds these scopes.
#[must_use]
pub fn may(scopes: &[&str], method: &[u8], target: &[u8]) -> bool {
    store::authorize(&store::scope_set(scopes), method, target).is_allow()
}
