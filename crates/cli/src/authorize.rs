//! The decision on a request that may come without a key.

use routescope::{Allowed, By, Denial, HeldScopes, KeyDenial, Policy};

/// Decides a request whose key holds these scopes; with `None`, one that comes without a key.
///
/// Without a key, only a public route is open. Every other request is a `missing_key`, whatever its
/// method and its path, so that it learns nothing about them.
pub(crate) fn authorize<'p>(
    policy: Policy<'p>,
    held: Option<&(impl HeldScopes + ?Sized)>,
    method: &str,
    target: &[u8],
) -> Result<Allowed<'p>, Denial<'p>> {
    match held {
        Some(held) => {
            let decision = policy.authorize(held, method, target);
            decision.into_result().map_err(Denial::from)
        }
        None => match policy.public_route(method, target) {
            Some(route) => Ok(Allowed {
                route,
                by: By::Public,
            }),
            None => Err(KeyDenial::Missing.into()),
        },
    }
}
