// @generated from standard input by routescope-compiler 0.2.0. Do not edit.
// To make it again: routescope generate - --lang rust.
// SHA-256 of what it decides: 38d75cad4cf93afef1da64aebb19cbb85625a7ddedda46dcdfaec5800d2c6366

//! The policy `my-shop`: 4 routes under 3 scopes.
//!
//! A route accepts a key with any one of its scopes; the narrowest is the first. A route that
//! lists GET answers HEAD.
//!
//! | route | accepted scopes |
//! |---|---|
//! | [`GET /orders/`](Route::GetOrders) | [`orders:read`](scopes::ORDERS_READ), [`orders:*`](scopes::ORDERS), [`shop:read`](scopes::SHOP_READ), [`shop:*`](scopes::SHOP_ALL) |
//! | [`GET /orders/{id}/`](Route::GetOrdersId) | [`orders:read`](scopes::ORDERS_READ), [`orders:*`](scopes::ORDERS), [`shop:read`](scopes::SHOP_READ), [`shop:*`](scopes::SHOP_ALL) |
//! | [`DELETE /orders/{id}/`](Route::CancelOrder) | [`orders:*`](scopes::ORDERS), [`shop:*`](scopes::SHOP_ALL) |
//! | [`POST /self/2fa/{*way}`](Route::PostSelf2faWay) | [`2fa:Reset`](scopes::_2FA_RESET), [`2fa:*`](scopes::_2FA_ALL), [`shop:*`](scopes::SHOP_ALL) |

#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    unused_macros,
    reason = "a program uses a part of it"
)]

use ::routescope::__private::generated as engine;

/// The compiled policy.
#[allow(long_running_const_eval)]
pub static POLICY: engine::Policy<'static> = engine::Policy::new(TABLES);

/// The compiled policy with its tables as constants, for code that is generic over
/// policies.
#[derive(Clone, Copy, Debug)]
pub struct Compiled;

impl engine::ConstantSource for Compiled {}

impl engine::PolicySource<'static> for Compiled {
    #[allow(clippy::inline_always, reason = "the caller is compiled for these tables")]
    #[inline(always)]
    fn policy(self) -> engine::Policy<'static> {
        engine::Policy::from_validated(TABLES)
    }
}

/// A key's scopes, prepared for this policy.
pub type ScopeSet = engine::ScopeSet<{ POLICY.scope_words() }>;

/// Prepares a key's scopes; see [`Policy::scope_set`](engine::Policy::scope_set).
#[must_use]
pub fn scope_set(names: impl IntoIterator<Item = impl AsRef<str>>) -> ScopeSet {
    POLICY.scope_set_in(names)
}

/// Whether a key that holds `held` may make the request; see
/// [`Policy::authorize`](engine::Policy::authorize).
#[inline]
pub fn authorize(
    held: &(impl engine::HeldScopes + ?Sized),
    method: impl AsRef<[u8]>,
    target: impl AsRef<[u8]>,
) -> engine::Decision<'static> {
    engine::authorize(Compiled, held, method.as_ref(), target.as_ref())
}

/// The scopes of which a caller needs any one; see
/// [`Policy::required_scopes`](engine::Policy::required_scopes).
///
/// # Errors
///
/// The denial that every key gets here.
#[inline]
pub fn required_scopes(
    method: impl AsRef<[u8]>,
    target: impl AsRef<[u8]>,
) -> Result<engine::AcceptedScopes<'static>, engine::RouteDenial<'static>> {
    route(method, target).map(engine::Route::accepted)
}

/// The route that a request calls, whoever makes it; see
/// [`Policy::route`](engine::Policy::route).
///
/// # Errors
///
/// The denial that every key gets here.
#[inline]
pub fn route(
    method: impl AsRef<[u8]>,
    target: impl AsRef<[u8]>,
) -> Result<engine::Route<'static>, engine::RouteDenial<'static>> {
    engine::find_route(Compiled, method.as_ref(), target.as_ref())
}

/// The scopes that the policy knows, the implied ones included.
pub mod scopes {
    use super::engine;

    /// `2fa:*`, implied by the others of its resource.
    ///
    /// It opens
    /// - `POST /self/2fa/{*way}`
    pub const _2FA_ALL: engine::Scope<'static> = scope(0, "2fa:*");

    /// `2fa:Reset`: Reset a second factor, \<b\>once\</b\>.
    ///
    /// It opens
    /// - `POST /self/2fa/{*way}`
    pub const _2FA_RESET: engine::Scope<'static> = scope(1, "2fa:Reset");

    /// `orders:*`
    ///
    /// It opens
    /// - `GET /orders/`
    /// - `GET /orders/{id}/`
    /// - `DELETE /orders/{id}/`
    pub const ORDERS: engine::Scope<'static> = scope(2, "orders:*");

    /// `orders:read`: See orders.
    ///
    /// It opens
    /// - `GET /orders/`
    /// - `GET /orders/{id}/`
    pub const ORDERS_READ: engine::Scope<'static> = scope(3, "orders:read");

    /// `shop:*`, of the umbrella.
    ///
    /// It opens
    /// - `GET /orders/`
    /// - `GET /orders/{id}/`
    /// - `DELETE /orders/{id}/`
    /// - `POST /self/2fa/{*way}`
    pub const SHOP_ALL: engine::Scope<'static> = scope(4, "shop:*");

    /// `shop:read`, of the umbrella.
    ///
    /// It opens
    /// - `GET /orders/`
    /// - `GET /orders/{id}/`
    pub const SHOP_READ: engine::Scope<'static> = scope(5, "shop:read");

    /// Each constant is checked against the tables.
    const fn scope(id: u16, name: &str) -> engine::Scope<'static> {
        engine::scope(super::TABLES, id, name)
    }
}

/// The routes of the policy, in the order of [`POLICY.routes()`](engine::Policy::routes).
#[allow(
    clippy::enum_variant_names,
    clippy::upper_case_acronyms,
    reason = "a rule makes the names of what the policy lists"
)]
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(u16)]
pub enum Route {
    /// `GET /orders/`, for `orders:read`, `orders:*`, `shop:read` or `shop:*`.
    GetOrders,
    /// `GET /orders/{id}/`, for `orders:read`, `orders:*`, `shop:read` or `shop:*`.
    GetOrdersId,
    /// `DELETE /orders/{id}/`, for `orders:*` or `shop:*`.
    CancelOrder,
    /// `POST /self/2fa/{*way}`, for `2fa:Reset`, `2fa:*` or `shop:*`.
    PostSelf2faWay,
}

impl Route {
    /// Every route, each at its [index](Self::index).
    pub const ALL: [Self; 4] = [
        Self::GetOrders,
        Self::GetOrdersId,
        Self::CancelOrder,
        Self::PostSelf2faWay,
    ];

    /// The name of a route that this policy found. A request with HEAD has that of GET.
    ///
    /// `None` for a route of any other policy, such as one that was loaded at run time:
    /// the name of another route is never given.
    #[must_use]
    pub fn of(route: engine::Route<'_>) -> Option<Self> {
        let index = engine::index_in(TABLES, route)?;
        Self::ALL.get(index).copied()
    }

    /// Its place in [`Self::ALL`], from 0: an index for an array of counters.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The method that it lists.
    #[must_use]
    pub fn method(self) -> engine::Method {
        engine::Route::from(self).method()
    }

    /// The path template as the file writes it.
    #[must_use]
    pub fn template(self) -> &'static str {
        engine::Route::from(self).template()
    }

    /// The scopes of which a caller needs any one, narrowest first.
    #[must_use]
    pub fn accepted(self) -> engine::AcceptedScopes<'static> {
        engine::Route::from(self).accepted()
    }
}

impl From<Route> for engine::Route<'static> {
    fn from(route: Route) -> Self {
        engine::route(TABLES, route.index())
    }
}

/// `GET /things/{id}`
impl core::fmt::Display for Route {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(&engine::Route::from(*self), f)
    }
}

const _: () = engine::has_routes(TABLES, Route::ALL.len());

macro_rules! scope_set_of_names {
    ($($scope:ident),* $(,)?) => {
        crate::api::ScopeSet::of(crate::api::POLICY, &[$(crate::api::scopes::$scope),*])
    };
}

/// The set of these `scopes`, by their names, in a constant:
/// `const SERVICE: ScopeSet = scope_set![...];`
pub(crate) use scope_set_of_names as scope_set;

// 4 routes, 6 scopes, 6 states: 445 bytes. 4294967295 stands for no row.
#[allow(long_running_const_eval)]
#[allow(clippy::wildcard_imports, clippy::unreadable_literal, reason = "rows of numbers")]
const TABLES: &engine::Tables<'static> = &{
    use engine::*;
    // label, first row or key, accept, parameter, label length, seed or lengths, window offset, width and rows or count, kind
    static STATES: [[[u8; 4]; 6]; 6] = states([
        [0, 1, 0, 4294967295, 0, 0, 0, 34, 0],
        [1, 0, 0, 5, 8, 0, 0, 0, 2],
        [0, 0, 0, 4294967295, 0, 0, 0, 0, 0],
        [17, 0, 257, 801, 6, 0, 0, 0, 1],
        [17, 0, 257, 801, 6, 0, 0, 0, 1],
        [0, 0, 1924, 5, 0, 0, 0, 0, 2],
    ]);
    // without a slash, with a slash
    static SLASH_PAIRS: [[u8; 8]; 0] = slash_pairs([
    ]);
    // key, target, label, label length, next collision
    static EDGES: [[u8; 16]; 1] = edges([
        [4294967295, 0, 0, 0, 0],
    ]);
    static EDGE_DISPLACEMENTS: [[u8; 2]; 1] = u16s([
        0,
    ]);
    static EXACT: [[u8; 4]; 1] = u32s([
        1,
    ]);
    static EXACT_DISPLACEMENTS: [[u8; 2]; 1] = u16s([
        0,
    ]);
    static EXACT_FILTER: [[u8; 8]; 1] = u64s([
        17179869184,
    ]);
    // template, accepted, template length, method
    static ROUTES: [[u8; 12]; 4] = routes([
        [16, 4, 8, 0],
        [16, 4, 13, 0],
        [16, 13, 13, 5],
        [0, 20, 16, 2],
    ]);
    static ACCEPTED: [[u8; 2]; 24] = u16s([
        60, 0, 0, 0, 4, 3, 2, 5, 4, 20, 0, 0, 0, 2, 2, 4,
        19, 0, 0, 0, 3, 1, 0, 4,
    ]);
    // name, name length, declared
    static SCOPES: [[u8; 8]; 6] = scopes([
        [29, 5, 0],
        [34, 9, 1],
        [43, 8, 1],
        [51, 11, 1],
        [62, 6, 0],
        [68, 9, 0],
    ]);
    static SCOPE_SLOTS: [[u8; 2]; 6] = u16s([
        1, 0, 3, 5, 2, 4,
    ]);
    static SCOPE_DISPLACEMENTS: [[u8; 2]; 2] = u16s([
        1, 19,
    ]);
    static TEXT: [u8; 77] = *b"/self/2fa/{*way}/orders/{id}/2fa:*2fa:Resetorders:*orders:readshop:*shop:read";
    Tables {
        states: &STATES,
        slash_pairs: &SLASH_PAIRS,
        edges: &EDGES,
        edge_displacements: &EDGE_DISPLACEMENTS,
        exact: &EXACT,
        exact_displacements: &EXACT_DISPLACEMENTS,
        exact_filter: &EXACT_FILTER,
        routes: &ROUTES,
        accepted: &ACCEPTED,
        scopes: &SCOPES,
        scope_slots: &SCOPE_SLOTS,
        scope_displacements: &SCOPE_DISPLACEMENTS,
        text: text(&TEXT),
        name: "my-shop",
        updated: "",
        revision: 0,
        umbrella: "shop",
        digest: [56, 215, 92, 173, 76, 249, 58, 254, 241, 218, 100, 174, 187, 25, 203, 184, 86, 37, 167, 221, 237, 218, 70, 220, 223, 174, 197, 128, 13, 44, 99, 102],
        layout: 0xa3070f357cc6af82,
        features: features(0),
        options: PathOptions { case: Case::Exact, trailing_slash: TrailingSlash::Exact, values: Values::Any },
        key: None,
        edge_slots: 1,
        exact_hash_words: 0,
        scope_hash_words: 0,
    }
};
