// @generated from standard input by routescope-compiler 0.2.0. Do not edit.
// To make it again: routescope generate - --lang rust.
// SHA-256 of what it decides: b834b50cec1f77edea504f637b419b48650e076a4540d8e9301a3a9e27d28d6b

//! The policy `boards`: 7 routes under 6 scopes.
//!
//! A route accepts a key with any one of its scopes; the narrowest is the first. A route that
//! lists GET answers HEAD.
//!
//! Scopes with "and" between them are needed together: none of them suffices alone.
//!
//! | route | accepted scopes |
//! |---|---|
//! | [`GET /all/{*rest}`](Route::GetAllRest) | [`*/*`](scopes::ALL_ALL), [`boards.read`](scopes::BOARDS_READ) and [`boards.write`](scopes::BOARDS_WRITE) |
//! | [`GET /apps`](Route::GetApps) | [`apps/*:*`](scopes::APPS_ALL_ALL) |
//! | [`GET /boards`](Route::GetBoards) | [`boards.read`](scopes::BOARDS_READ), [`https://example.com/auth/boards`](scopes::HTTPS_EXAMPLE_COM_AUTH_BOARDS), [`*/*`](scopes::ALL_ALL) |
//! | [`POST /boards`](Route::PostBoards) | [`boards.read`](scopes::BOARDS_READ) and [`` what??/*\|`a` ``](scopes::WHAT_ALL_A), [`*/*`](scopes::ALL_ALL), [`boards.read`](scopes::BOARDS_READ) and [`boards.write`](scopes::BOARDS_WRITE) |
//! | [`GET /health`](Route::GetHealth) | public: no key |
//! | [`POST /login`](Route::LogIn) | public: no key |
//! | [`GET /me`](Route::GetMe) | any valid key |

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

/// The requirement of a request: nothing, any valid key, or scopes; see
/// [`Policy::required_scopes`](engine::Policy::required_scopes).
///
/// # Errors
///
/// The denial that every key gets here.
#[inline]
pub fn required_scopes(
    method: impl AsRef<[u8]>,
    target: impl AsRef<[u8]>,
) -> Result<engine::Requirement<'static>, engine::RouteDenial<'static>> {
    route(method, target).map(engine::Route::requirement)
}

/// The public route that a request calls, if it calls one: it needs no key; see
/// [`Policy::public_route`](engine::Policy::public_route).
#[must_use]
#[inline]
pub fn public_route(
    method: impl AsRef<[u8]>,
    target: impl AsRef<[u8]>,
) -> Option<engine::Route<'static>> {
    engine::find_public_route(Compiled, method.as_ref(), target.as_ref())
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

    /// `*/*`
    ///
    /// It opens
    /// - `GET /all/{*rest}`
    /// - `GET /boards`
    /// - `POST /boards`
    pub const ALL_ALL: engine::Scope<'static> = scope(0, "*/*");

    /// `apps/*:*`
    ///
    /// It opens
    /// - `GET /apps`
    pub const APPS_ALL_ALL: engine::Scope<'static> = scope(1, "apps/*:*");

    /// `boards.read`
    ///
    /// It opens
    /// - `GET /boards`
    ///
    /// Together with others, it opens
    /// - `GET /all/{*rest}`
    /// - `POST /boards`
    pub const BOARDS_READ: engine::Scope<'static> = scope(2, "boards.read");

    /// `boards.write`
    ///
    /// Together with others, it opens
    /// - `GET /all/{*rest}`
    /// - `POST /boards`
    pub const BOARDS_WRITE: engine::Scope<'static> = scope(3, "boards.write");

    /// `https://example.com/auth/boards`: Boards on the web.
    ///
    /// It opens
    /// - `GET /boards`
    pub const HTTPS_EXAMPLE_COM_AUTH_BOARDS: engine::Scope<'static> = scope(
        4,
        "https://example.com/auth/boards",
    );

    /// `` what??/*|`a` ``
    ///
    /// Together with others, it opens
    /// - `POST /boards`
    pub const WHAT_ALL_A: engine::Scope<'static> = scope(5, "what??/*|`a`");

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
    /// `GET /all/{*rest}`, for `*/*` or `boards.read` and `boards.write`.
    GetAllRest,
    /// `GET /apps`, for `apps/*:*`.
    GetApps,
    /// `GET /boards`, for `boards.read`, `https://example.com/auth/boards` or `*/*`.
    GetBoards,
    /// `POST /boards`, for `boards.read` and `` what??/*|`a` ``, `*/*` or `boards.read` and `boards.write`.
    PostBoards,
    /// `GET /health`, which is public.
    GetHealth,
    /// `POST /login`, which is public.
    LogIn,
    /// `GET /me`, for any valid key.
    GetMe,
}

impl Route {
    /// Every route, each at its [index](Self::index).
    pub const ALL: [Self; 7] = [
        Self::GetAllRest,
        Self::GetApps,
        Self::GetBoards,
        Self::PostBoards,
        Self::GetHealth,
        Self::LogIn,
        Self::GetMe,
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

    /// The requirement of a request that calls it.
    #[must_use]
    pub fn requirement(self) -> engine::Requirement<'static> {
        engine::Route::from(self).requirement()
    }

    /// The scopes of which each alone suffices, narrowest first. Without any, ask
    /// [`Self::requirement`]: the route may need several at once.
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

// 7 routes, 6 scopes, 10 states: 731 bytes. 4294967295 stands for no row.
#[allow(long_running_const_eval)]
#[allow(clippy::wildcard_imports, clippy::unreadable_literal, reason = "rows of numbers")]
const TABLES: &engine::Tables<'static> = &{
    use engine::*;
    // label, first row or key, accept, parameter, label length, seed or lengths, window offset, width and rows or count, kind
    static STATES: [[[u8; 4]; 6]; 10] = states([
        [0, 1, 0, 4294967295, 0, 70, 0, 163, 0],
        [4, 0, 2692, 4294967295, 5, 0, 0, 0, 0],
        [0, 0, 0, 4294967295, 0, 0, 0, 0, 0],
        [29, 0, 0, 9, 3, 0, 0, 0, 2],
        [10, 0, 2177, 4294967295, 6, 0, 0, 0, 0],
        [17, 0, 1157, 4294967295, 6, 0, 0, 0, 0],
        [24, 0, 641, 4294967295, 4, 0, 0, 0, 0],
        [1, 0, 3201, 4294967295, 2, 0, 0, 0, 0],
        [1, 0, 3201, 4294967295, 2, 0, 0, 0, 0],
        [0, 0, 385, 9, 0, 0, 0, 0, 2],
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
    static EXACT: [[u8; 4]; 4] = u32s([
        1029, 3073, 513, 2564,
    ]);
    static EXACT_DISPLACEMENTS: [[u8; 2]; 1] = u16s([
        0,
    ]);
    static EXACT_FILTER: [[u8; 8]; 1] = u64s([
        1125968626320000,
    ]);
    // template, accepted, template length, method
    static ROUTES: [[u8; 12]; 7] = routes([
        [28, 4, 12, 0],
        [23, 27, 5, 0],
        [16, 33, 7, 0],
        [16, 41, 7, 2],
        [9, 4294967295, 7, 0],
        [3, 4294967295, 6, 2],
        [0, 4294967294, 3, 0],
    ]);
    static ACCEPTED: [[u8; 2]; 75] = u16s([
        1, 0, 0, 0, 32769, 0, 1, 1, 2, 5, 0, 0, 0, 2, 2, 0,
        9, 0, 0, 0, 2, 3, 0, 2, 0, 0, 0, 1, 1, 21, 0, 0,
        0, 3, 2, 4, 0, 1, 0, 0, 0, 32769, 0, 2, 0, 2, 5, 0,
        0, 0, 2, 2, 0, 32, 0, 0, 0, 1, 5, 1, 2, 5, 0, 0,
        0, 2, 2, 0, 9, 0, 0, 0, 2, 3, 0,
    ]);
    // name, name length, declared
    static SCOPES: [[u8; 8]; 6] = scopes([
        [40, 3, 1],
        [43, 8, 1],
        [51, 11, 1],
        [62, 12, 1],
        [74, 31, 1],
        [105, 12, 1],
    ]);
    static SCOPE_SLOTS: [[u8; 2]; 6] = u16s([
        2, 3, 4, 0, 1, 5,
    ]);
    static SCOPE_DISPLACEMENTS: [[u8; 2]; 2] = u16s([
        15, 1,
    ]);
    static TEXT: [u8; 117] = *b"/me/login/health/boards/apps/all/{*rest}*/*apps/*:*boards.readboards.writehttps://example.com/auth/boardswhat??/*|`a`";
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
        name: "boards",
        updated: "",
        revision: 0,
        umbrella: "",
        digest: [184, 52, 181, 12, 236, 31, 119, 237, 234, 80, 79, 99, 123, 65, 155, 72, 101, 14, 7, 106, 69, 64, 216, 233, 48, 26, 58, 158, 39, 210, 141, 107],
        layout: 0xa3070f357cc6af82,
        features: features(30),
        options: PathOptions { case: Case::Exact, trailing_slash: TrailingSlash::Exact, values: Values::Any },
        key: None,
        edge_slots: 1,
        exact_hash_words: 0,
        scope_hash_words: 0,
    }
};
