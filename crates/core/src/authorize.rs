//! From a request to a decision: method, path, route, method on the route, scope, in this
//! order. Every caller takes this way.

use crate::automaton::matcher::match_target;
use crate::automaton::{Accept, RouteRow, Tables};
use crate::scope_set::PreparedScopes;
use crate::{Decision, HeldScopes, Method, PolicySource, Route, RouteDenial};

/// Whether a key that holds `held` may make the request.
#[inline]
pub fn authorize<'t>(
    source: impl PolicySource<'t>,
    held: &(impl HeldScopes + ?Sized),
    method: &[u8],
    target: &[u8],
) -> Decision<'t> {
    match held.prepared() {
        Some(held) => authorize_prepared(source, held, method, target),
        None => match route(source, method, target) {
            Ok(route) => route.authorize(held),
            Err(denial) => Decision::Deny(denial),
        },
    }
}

/// Compiled once for each policy that is a constant, where that takes a quarter fewer
/// instructions, and once for all policies that are not.
#[inline(never)]
fn authorize_prepared<'t>(
    source: impl PolicySource<'t>,
    held: PreparedScopes<'_>,
    method: &[u8],
    target: &[u8],
) -> Decision<'t> {
    let Some(method) = Method::from_bytes(method) else {
        return Decision::Deny(RouteDenial::BadMethod);
    };
    let accept = match match_target(source, target) {
        Ok(accept) => accept,
        Err(no_match) => return Decision::Deny(no_match.into()),
    };
    let tables = source.policy().tables();
    match answering(tables, accept, method) {
        Some(route) => match held.first_accepted(tables, route) {
            Some(scope) => Decision::Allow { route, scope },
            None => Decision::Deny(RouteDenial::MissingScope(route)),
        },
        None => Decision::Deny(method_not_listed(tables, accept)),
    }
}

/// The route that the request calls, whoever makes it.
///
/// # Errors
///
/// The denial that every key gets.
#[inline(never)]
pub fn route<'t>(
    source: impl PolicySource<'t>,
    method: &[u8],
    target: &[u8],
) -> Result<Route<'t>, RouteDenial<'t>> {
    let method = Method::from_bytes(method).ok_or(RouteDenial::BadMethod)?;
    let accept = match_target(source, target)?;
    let tables = source.policy().tables();
    answering(tables, accept, method).ok_or_else(|| method_not_listed(tables, accept))
}

/// The route of the winning template that answers a method.
#[inline(always)]
fn answering<'t>(tables: &'t Tables<'t>, accept: Accept, method: Method) -> Option<Route<'t>> {
    let methods = accept.methods();
    let listed = methods.answering(method)?;
    let row = accept.first_route().wrapping_add(methods.rank(listed));
    let row = tables.routes.get(row as usize)?;
    Some(Route::new(tables, row))
}

#[cold]
fn method_not_listed<'t>(tables: &'t Tables<'t>, accept: Accept) -> RouteDenial<'t> {
    match tables.routes.get(accept.first_route() as usize) {
        Some(row) => RouteDenial::MethodNotListed {
            template: tables.text(RouteRow::from_bytes(row).template),
            methods: accept.methods().answered(),
        },
        None => RouteDenial::UnknownRoute,
    }
}
