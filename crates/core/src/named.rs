//! Scopes and routes by their numbers, for which the names in generated code stand.
//!
//! A number means something in one policy alone, so each function is given the tables that the
//! generated code was made from.

use core::ptr;

use crate::automaton::{RouteBytes, RouteRow, Tables, TextRange};
use crate::{Method, Route, Scope};

/// The scope with this number, which must have this name.
///
/// # Panics
///
/// If it has another one; in a constant, where generated code calls it, that is a compile error.
#[must_use]
#[allow(clippy::panic, reason = "stops the build of a constant; documented")]
pub const fn scope<'t>(tables: &'t Tables<'t>, id: u16, name: &str) -> Scope<'t> {
    if let Some(text) = tables.scope_name(id)
        && is_equal(text, name.as_bytes())
    {
        return Scope::new(tables, id);
    }
    panic!("a constant names a scope that the tables below it do not have: generate the file again")
}

/// Whether two texts are equal, in a constant.
pub(crate) const fn is_equal(mut a: &[u8], mut b: &[u8]) -> bool {
    while let ([x, more_a @ ..], [y, more_b @ ..]) = (a, b) {
        if *x != *y {
            return false;
        }
        (a, b) = (more_a, more_b);
    }
    a.is_empty() && b.is_empty()
}

/// Whether the tables have as many routes as generated code has names for.
///
/// # Panics
///
/// If not; in a constant, where generated code calls it, that is a compile error.
#[allow(clippy::panic, reason = "stops the build of a constant; documented")]
pub const fn has_routes(tables: &Tables<'_>, count: usize) {
    if tables.routes.len() != count {
        panic!(
            "the names of routes are not those of the tables below them: generate the file again"
        );
    }
}

/// The route with this number. For a number that no route has, it is one that accepts nothing.
#[must_use]
pub fn route<'t>(tables: &'t Tables<'t>, index: usize) -> Route<'t> {
    const NONE: &RouteBytes = &RouteRow {
        template: TextRange { start: 0, len: 0 },
        accepted: u32::MAX,
        method: Method::Get as u8,
    }
    .to_bytes();

    Route::new(tables, tables.routes.get(index).unwrap_or(NONE))
}

/// The number that a route has in these tables, if it is one of them: the route of a policy with
/// another digest has none.
///
/// A digest that was loaded is what its bytes say that it is. So the text is compared too, and
/// no request is ever counted as another one.
#[must_use]
pub fn index_in(tables: &Tables<'_>, found: Route<'_>) -> Option<usize> {
    let index = found.index();
    let known = route(tables, index);
    let is_alike = || {
        found.tables().digest == tables.digest
            && (found.method(), found.template()) == (known.method(), known.template())
    };
    let is_own = ptr::eq(found.tables(), tables) || is_alike();
    (is_own && index < tables.routes.len()).then_some(index)
}
