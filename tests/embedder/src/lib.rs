//! The policy of `routes.yaml`, for a program without an operating system.
#![no_std]

routescope::policy!(pub mod store = "routes");

/// Whether a request may be made by a key that holds these scopes.
#[must_use]
pub fn may(scopes: &[&str], method: &[u8], target: &[u8]) -> bool {
    store::authorize(&store::scope_set(scopes), method, target).is_allow()
}
