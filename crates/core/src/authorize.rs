//! From a request to a decision: method, path, route, method on the route, requirement, in this
//! order. Every caller takes this way.
//!
//! Prepared scopes go through `authorize_prepared`; names go through `route` and then
//! `Route::authorize`. Both look at the same things in the same order: the first is one function
//! because each call costs a request with prepared scopes more than its look-ups.

use crate::automaton::matcher::match_target;
use crate::automaton::{Accept, Features, RouteRow, Tables};
use crate::prepared::PreparedScopes;
use crate::{
    By, Decision, HeldScopes, Method, Policy, PolicySource, Requirement, Route, RouteDenial,
};

impl<'t> Policy<'t> {
    /// Whether a key that holds `held` may call `method` on `target`.
    ///
    /// `held` is a [`ScopeSet`](crate::ScopeSet) prepared with [`Policy::scope_set`], which is
    /// fast, or the names of the scopes. `target` is the request target as it came on the wire,
    /// query included; forward exactly the bytes that were decided on.
    ///
    /// The method is checked first, then the path, the route, the method on the route and the
    /// scopes. Everything that the file does not list is denied.
    ///
    /// The caller has found the key valid. A request without a valid key is asked about with
    /// [`Policy::public_route`].
    ///
    /// Cost: that of [`Policy::required_scopes`], and a bit test for each accepted scope if `held`
    /// is prepared; for names, a comparison of each with each accepted scope.
    ///
    /// ```
    /// # use routescope_core::Policy;
    /// fn may_reboot(policy: Policy<'_>, key_scopes: &[&str]) -> bool {
    ///     policy.authorize(key_scopes, "PUT", "/api/v1/pbx/system/reboot/").is_allow()
    /// }
    /// ```
    #[inline]
    pub fn authorize(
        self,
        held: &(impl HeldScopes + ?Sized),
        method: impl AsRef<[u8]>,
        target: impl AsRef<[u8]>,
    ) -> Decision<'t> {
        authorize(self, held, method.as_ref(), target.as_ref())
    }

    /// The requirement of a request of `method` on `target`: nothing, any valid key, or the scopes of
    /// one of several alternatives.
    ///
    /// # Errors
    ///
    /// The denial that every key gets here: `BadMethod`, `BadPath`, `UnknownRoute` or
    /// `MethodNotListed`, in this order.
    ///
    /// Cost: linear in the target, without allocation. One hash look-up for a path that equals a
    /// template without parameters. For any other path, a scan of the target, at most five table
    /// look-ups for each run of static segments, and one for each parameter; where literals are
    /// alternatives of a parameter, or with `case: insensitive`, one hash look-up for each
    /// segment or at most eight comparisons. A query adds a second hash look-up and a scan of the
    /// query, and a second scan of a path of over 64 bytes.
    #[inline]
    pub fn required_scopes(
        self,
        method: impl AsRef<[u8]>,
        target: impl AsRef<[u8]>,
    ) -> Result<Requirement<'t>, RouteDenial<'t>> {
        self.route(method, target).map(Route::requirement)
    }

    /// The public route that a request calls, whoever makes it, if it calls one. Ask it before
    /// the key is looked at: a request to a public route needs none. Every other request needs a
    /// valid key, whatever its path.
    ///
    /// Cost: that of [`Policy::route`] where the policy has a public route, and nothing elsewhere.
    ///
    /// ```
    /// # use routescope_core::Policy;
    /// fn needs_a_key(policy: Policy<'_>, method: &str, target: &str) -> bool {
    ///     policy.public_route(method, target).is_none()
    /// }
    /// ```
    #[must_use]
    #[inline]
    pub fn public_route(
        self,
        method: impl AsRef<[u8]>,
        target: impl AsRef<[u8]>,
    ) -> Option<Route<'t>> {
        public_route(self, method.as_ref(), target.as_ref())
    }

    /// The route that a request calls, whoever makes it.
    ///
    /// # Errors
    ///
    /// As [`Policy::required_scopes`], at the same cost.
    #[inline]
    pub fn route(
        self,
        method: impl AsRef<[u8]>,
        target: impl AsRef<[u8]>,
    ) -> Result<Route<'t>, RouteDenial<'t>> {
        route(self, method.as_ref(), target.as_ref())
    }
}

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

/// Never inlined: there is one copy for each `Compiled`, whose tables are constants, which saves
/// a sixth of the instructions of a literal path, and one that all [`Policy`] values share.
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
    match answering_route(tables, accept, method) {
        Some(route) => match held.first_accepted(tables, route) {
            Some(scope) => {
                let by = By::Scope(scope);
                Decision::Allow { route, by }
            }
            None if tables.features.has(Features::MORE) => held.authorize_by_more(route),
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
    answering_route(tables, accept, method).ok_or_else(|| method_not_listed(tables, accept))
}

/// The public route that the request calls, if it calls one.
#[inline]
pub fn public_route<'t>(
    source: impl PolicySource<'t>,
    method: &[u8],
    target: &[u8],
) -> Option<Route<'t>> {
    if !source.policy().has_public_routes() {
        return None;
    }
    let route = route(source, method, target).ok()?;
    matches!(route.requirement(), Requirement::Public).then_some(route)
}

/// The route of the winning template that answers a method.
#[inline(always)]
fn answering_route<'t>(
    tables: &'t Tables<'t>,
    accept: Accept,
    method: Method,
) -> Option<Route<'t>> {
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

impl<'t> Route<'t> {
    /// Whether a key that holds `held` may call this route.
    ///
    /// Cost: a bit test for each accepted scope if `held` is a
    /// [`ScopeSet`](crate::ScopeSet), a string comparison for each pair of names otherwise.
    ///
    /// ```
    /// # use routescope_core::{Policy, RouteDenial};
    /// fn may_list(policy: Policy<'_>, held: &[String]) -> bool {
    ///     policy.route("GET", "/orders/").is_ok_and(|route| route.authorize(held).is_allow())
    /// }
    /// ```
    #[inline]
    pub fn authorize(self, held: &(impl HeldScopes + ?Sized)) -> Decision<'t> {
        match held.allowed_by(self) {
            Some(by) => Decision::Allow { route: self, by },
            None => Decision::Deny(RouteDenial::MissingScope(self)),
        }
    }
}
