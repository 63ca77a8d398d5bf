// @generated from routes.yaml by routescope-compiler 0.2.0. Do not edit.
// To make it again: routescope generate routes.yaml --lang rust.
// SHA-256 of what it decides: e7eb29fb35122181af35bed7a04783e987b67af167785c5fe879d916ee874bdf

//! The policy `store`: 7 routes under 5 scopes.
//!
//! A route accepts a key with any one of its scopes; the narrowest is the first. A route that
//! lists GET answers HEAD.
//!
//! | route | accepted scopes |
//! |---|---|
//! | [`GET /documents/`](Route::GetDocuments) | [`documents:read`](scopes::DOCUMENTS_READ), [`documents:*`](scopes::DOCUMENTS_ALL), [`everything:read`](scopes::EVERYTHING_READ), [`everything:*`](scopes::EVERYTHING_ALL) |
//! | [`POST /documents/`](Route::PostDocuments) | [`documents:*`](scopes::DOCUMENTS_ALL), [`everything:*`](scopes::EVERYTHING_ALL) |
//! | [`GET /documents/search`](Route::GetDocumentsSearch) | [`documents:Search`](scopes::DOCUMENTS_SEARCH), [`documents:*`](scopes::DOCUMENTS_ALL), [`everything:*`](scopes::EVERYTHING_ALL) |
//! | [`GET /documents/{id}`](Route::GetDocumentsId) | [`documents:read`](scopes::DOCUMENTS_READ), [`documents:*`](scopes::DOCUMENTS_ALL), [`everything:read`](scopes::EVERYTHING_READ), [`everything:*`](scopes::EVERYTHING_ALL) |
//! | [`DELETE /documents/{id}`](Route::DeleteDocumentsId) | [`documents:*`](scopes::DOCUMENTS_ALL), [`everything:*`](scopes::EVERYTHING_ALL) |
//! | [`GET /files/{root}/{*path}`](Route::GetFilesRootPath) | [`files:read`](scopes::FILES_READ), [`files:*`](scopes::FILES_ALL), [`everything:read`](scopes::EVERYTHING_READ), [`everything:*`](scopes::EVERYTHING_ALL) |
//! | [`PUT /files/{root}/{*path}`](Route::PutFilesRootPath) | [`files:*`](scopes::FILES_ALL), [`everything:*`](scopes::EVERYTHING_ALL) |

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

    /// `documents:*`: Change documents.
    ///
    /// It opens
    /// - `GET /documents/`
    /// - `POST /documents/`
    /// - `GET /documents/search`
    /// - `GET /documents/{id}`
    /// - `DELETE /documents/{id}`
    pub const DOCUMENTS_ALL: engine::Scope<'static> = scope(0, "documents:*");

    /// `documents:Search`: Search, which is a GET that costs.
    ///
    /// It opens
    /// - `GET /documents/search`
    pub const DOCUMENTS_SEARCH: engine::Scope<'static> = scope(1, "documents:Search");

    /// `documents:read`: Look at documents.
    ///
    /// It opens
    /// - `GET /documents/`
    /// - `GET /documents/{id}`
    pub const DOCUMENTS_READ: engine::Scope<'static> = scope(2, "documents:read");

    /// `everything:*`, of the umbrella.
    ///
    /// It opens
    /// - `GET /documents/`
    /// - `POST /documents/`
    /// - `GET /documents/search`
    /// - `GET /documents/{id}`
    /// - `DELETE /documents/{id}`
    /// - `GET /files/{root}/{*path}`
    /// - `PUT /files/{root}/{*path}`
    pub const EVERYTHING_ALL: engine::Scope<'static> = scope(3, "everything:*");

    /// `everything:read`, of the umbrella.
    ///
    /// It opens
    /// - `GET /documents/`
    /// - `GET /documents/{id}`
    /// - `GET /files/{root}/{*path}`
    pub const EVERYTHING_READ: engine::Scope<'static> = scope(4, "everything:read");

    /// `files:*`: Replace any file.
    ///
    /// It opens
    /// - `GET /files/{root}/{*path}`
    /// - `PUT /files/{root}/{*path}`
    pub const FILES_ALL: engine::Scope<'static> = scope(5, "files:*");

    /// `files:read`: Fetch any file below a root.
    ///
    /// It opens
    /// - `GET /files/{root}/{*path}`
    pub const FILES_READ: engine::Scope<'static> = scope(6, "files:read");

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
    /// `GET /documents/`, for `documents:read`, `documents:*`, `everything:read` or `everything:*`.
    GetDocuments,
    /// `POST /documents/`, for `documents:*` or `everything:*`.
    PostDocuments,
    /// `GET /documents/search`, for `documents:Search`, `documents:*` or `everything:*`.
    GetDocumentsSearch,
    /// `GET /documents/{id}`, for `documents:read`, `documents:*`, `everything:read` or `everything:*`.
    GetDocumentsId,
    /// `DELETE /documents/{id}`, for `documents:*` or `everything:*`.
    DeleteDocumentsId,
    /// `GET /files/{root}/{*path}`, for `files:read`, `files:*`, `everything:read` or `everything:*`.
    GetFilesRootPath,
    /// `PUT /files/{root}/{*path}`, for `files:*` or `everything:*`.
    PutFilesRootPath,
}

impl Route {
    /// Every route, each at its [index](Self::index).
    pub const ALL: [Self; 7] = [
        Self::GetDocuments,
        Self::PostDocuments,
        Self::GetDocumentsSearch,
        Self::GetDocumentsId,
        Self::DeleteDocumentsId,
        Self::GetFilesRootPath,
        Self::PutFilesRootPath,
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
        crate::committed::ScopeSet::of(crate::committed::POLICY, &[$(crate::committed::scopes::$scope),*])
    };
}

/// The set of these `scopes`, by their names, in a constant:
/// `const SERVICE: ScopeSet = scope_set![...];`
pub(crate) use scope_set_of_names as scope_set;

// 7 routes, 7 scopes, 7 states: 644 bytes. 4294967295 stands for no row.
#[allow(long_running_const_eval)]
#[allow(clippy::wildcard_imports, clippy::unreadable_literal, reason = "rows of numbers")]
const TABLES: &engine::Tables<'static> = &{
    use engine::*;
    // label, first row or key, accept, parameter, label length, seed or lengths, window offset, width and rows or count, kind
    static STATES: [[[u8; 4]; 6]; 7] = states([
        [0, 0, 0, 4294967295, 0, 544, 0, 0, 4],
        [0, 1, 389, 3, 0, 64, 0, 0, 4],
        [0, 0, 1409, 4294967295, 0, 0, 0, 0, 0],
        [0, 0, 1953, 4294967295, 0, 0, 0, 0, 0],
        [0, 0, 0, 5, 0, 0, 0, 0, 2],
        [0, 0, 0, 6, 0, 0, 0, 0, 2],
        [0, 0, 2953, 6, 0, 0, 0, 0, 2],
    ]);
    // without a slash, with a slash
    static SLASH_PAIRS: [[u8; 8]; 0] = slash_pairs([
    ]);
    // key, target, label, label length, next collision
    static EDGES: [[u8; 16]; 3] = edges([
        [1, 2, 47, 6, 0],
        [0, 4, 1, 5, 0],
        [0, 1, 37, 9, 0],
    ]);
    static EDGE_DISPLACEMENTS: [[u8; 2]; 1] = u16s([
        2,
    ]);
    static EXACT: [[u8; 4]; 2] = u32s([
        1025, 5,
    ]);
    static EXACT_DISPLACEMENTS: [[u8; 2]; 1] = u16s([
        0,
    ]);
    static EXACT_FILTER: [[u8; 8]; 1] = u64s([
        2050,
    ]);
    // template, accepted, template length, method
    static ROUTES: [[u8; 12]; 7] = routes([
        [36, 4, 11, 0],
        [36, 13, 11, 2],
        [36, 20, 17, 0],
        [21, 4, 15, 0],
        [21, 13, 15, 5],
        [0, 28, 21, 0],
        [0, 37, 21, 3],
    ]);
    static ACCEPTED: [[u8; 2]; 40] = u16s([
        29, 0, 0, 0, 4, 2, 0, 4, 3, 9, 0, 0, 0, 2, 0, 3,
        11, 0, 0, 0, 3, 1, 0, 3, 120, 0, 0, 0, 4, 6, 5, 4,
        3, 40, 0, 0, 0, 2, 5, 3,
    ]);
    // name, name length, declared
    static SCOPES: [[u8; 8]; 7] = scopes([
        [53, 11, 1],
        [64, 16, 1],
        [80, 14, 1],
        [94, 12, 0],
        [106, 15, 0],
        [121, 7, 1],
        [128, 10, 1],
    ]);
    static SCOPE_SLOTS: [[u8; 2]; 7] = u16s([
        6, 2, 0, 4, 5, 3, 1,
    ]);
    static SCOPE_DISPLACEMENTS: [[u8; 2]; 2] = u16s([
        14, 36,
    ]);
    static TEXT: [u8; 138] = *b"/files/{root}/{*path}/documents/{id}/documents/searchdocuments:*documents:Searchdocuments:readeverything:*everything:readfiles:*files:read";
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
        name: "store",
        updated: "",
        revision: 0,
        umbrella: "everything",
        digest: [231, 235, 41, 251, 53, 18, 33, 129, 175, 53, 190, 215, 160, 71, 131, 233, 135, 182, 122, 241, 103, 120, 92, 95, 232, 121, 217, 22, 238, 135, 75, 223],
        layout: 0xa3070f357cc6af82,
        features: features(0),
        options: PathOptions { case: Case::Insensitive, trailing_slash: TrailingSlash::Optional, values: Values::Any },
        key: Some(KeyFormat { prefix: "st_", length: 43, alphabet: Alphabet::Base64Url }),
        edge_slots: 3,
        exact_hash_words: 0,
        scope_hash_words: 0,
    }
};
