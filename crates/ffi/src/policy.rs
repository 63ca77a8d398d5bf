//! Functions that read a policy: its name and revision, its routes and its scopes.

use routescope::{Policy, Requirement};

use crate::code::{self, NO_POLICY, OK, OUT_OF_RANGE};
use crate::decision::counts;
use crate::handle::{Handle, policy_of};
use crate::output::{self, Output, output};
use crate::text::Text;

/// The 32 bytes of the policy's digest.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn routescope_policy_digest(policy: *const Handle) -> *const u8 {
    // SAFETY: the header's contract.
    unsafe { policy_of(policy) }.map_or(core::ptr::null(), |policy| policy.digest().as_ptr())
}

/// The policy's name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn routescope_policy_name(policy: *const Handle) -> Text {
    // SAFETY: the header's contract.
    unsafe { policy_of(policy) }.map_or(Text::EMPTY, |policy| Text::of(policy.name()))
}

/// The day its file was last updated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn routescope_policy_updated(policy: *const Handle) -> Text {
    // SAFETY: the header's contract.
    let updated = unsafe { policy_of(policy) }.and_then(Policy::updated);
    updated.map_or(Text::EMPTY, Text::of)
}

/// The number of its edition.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn routescope_policy_revision(policy: *const Handle) -> u32 {
    // SAFETY: the header's contract.
    unsafe { policy_of(policy) }.map_or(0, Policy::revision)
}

output! {
    /// A route, as C sees it.
    pub struct Route {
        /// Its bit.
        pub method: u32 = 0,
        /// The number of scopes of which each alone suffices.
        pub accepted: u32 = 0,
        /// The number of sets of scopes of which all are needed.
        pub sets: u32 = 0,
        /// Its template, as the file writes it.
        pub path_template: Text = Text::EMPTY,
        /// The requirement that is no scopes.
        pub by: u32 = code::BY_NONE,
        /// For later. 0.
        pub spare: u32 = 0,
    }
}

/// Returns the number of routes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn routescope_route_count(policy: *const Handle) -> u32 {
    // SAFETY: the header's contract.
    let policy = unsafe { policy_of(policy) };
    policy.map_or(0, |policy| count(policy.routes()))
}

/// The route with this number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn routescope_route_at(
    policy: *const Handle,
    index: u32,
    route: *mut Route,
) -> bool {
    // SAFETY: the header's contract.
    let mut found = match unsafe { policy_of(policy) } {
        None => Route::only(NO_POLICY),
        Some(policy) => match policy.routes().nth(index as usize) {
            None => Route::only(OUT_OF_RANGE),
            Some(route) => of_engine(route),
        },
    };
    // SAFETY: the header's contract.
    (unsafe { output::fill(route, &mut found) }) && found.answer == OK
}

fn of_engine(route: routescope::Route<'static>) -> Route {
    let (accepted, sets) = counts(route);
    Route {
        method: code::of_method(route.method()),
        accepted,
        sets,
        path_template: Text::of(route.template()),
        by: match route.requirement() {
            Requirement::Public => code::BY_PUBLIC,
            Requirement::AnyKey => code::BY_ANY_KEY,
            Requirement::Scopes(_) => code::BY_NONE,
        },
        ..Route::only(OK)
    }
}

/// The route with this method and template, told by where its text is: a route
/// that is none of the policy's is not found, whatever its pointer points at.
pub(crate) fn find_route(
    policy: Policy<'static>,
    method: u32,
    template: Text,
) -> Option<routescope::Route<'static>> {
    policy.routes().find(|route| {
        let own = Text::of(route.template());
        code::of_method(route.method()) == method
            && core::ptr::eq(own.data, template.data)
            && own.length == template.length
    })
}

/// The scopes of which each alone suffices for a route.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn routescope_accepted_scopes(
    policy: *const Handle,
    method: u32,
    path_template: Text,
    names: *mut Text,
    capacity: usize,
) -> usize {
    // SAFETY: the header's contract.
    let route =
        unsafe { policy_of(policy) }.and_then(|policy| find_route(policy, method, path_template));
    let Some(route) = route else { return 0 };
    // SAFETY: the header's contract.
    unsafe { write_names(route.accepted().iter(), names, capacity) }
}

/// The scopes of an alternative of a route, all of which are needed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn routescope_alternatives(
    policy: *const Handle,
    method: u32,
    path_template: Text,
    index: u32,
    names: *mut Text,
    capacity: usize,
) -> usize {
    // SAFETY: the header's contract.
    let route =
        unsafe { policy_of(policy) }.and_then(|policy| find_route(policy, method, path_template));
    let alternatives = route.and_then(|route| route.requirement().alternatives());
    let found = alternatives.and_then(|them| them.iter().nth(index as usize));
    let Some(alternative) = found else { return 0 };
    // SAFETY: the header's contract.
    unsafe { write_names(alternative.scopes(), names, capacity) }
}

/// Writes as many names as there is room for; how many there are.
///
/// # Safety
///
/// `names` must be null or misaligned, which is noticed, or valid for writes of `capacity` texts.
unsafe fn write_names(
    scopes: impl Iterator<Item = routescope::Scope<'static>>,
    names: *mut Text,
    capacity: usize,
) -> usize {
    let writable = !names.is_null() && names.is_aligned();
    let mut written = 0;
    for scope in scopes {
        if writable && written < capacity {
            // SAFETY: aligned, and the caller vouches for `capacity` of them.
            // As many as a route has do not leave memory.
            let name = unsafe { names.add(written) };
            // SAFETY: as above.
            unsafe { name.write(Text::of(scope.name())) };
        }
        written = written.saturating_add(1);
    }
    written
}

output! {
    /// A scope, as C sees it.
    pub struct Scope {
        /// 1 if the file lists it, 0 if the rules imply it.
        pub declared: u32 = 0,
        /// Its name.
        pub name: Text = Text::EMPTY,
    }
}

/// Returns the number of scopes that the policy knows, implied ones included.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn routescope_scope_count(policy: *const Handle) -> u32 {
    // SAFETY: the header's contract.
    let policy = unsafe { policy_of(policy) };
    policy.map_or(0, |policy| count(policy.scopes()))
}

/// The scope with this number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn routescope_scope_at(
    policy: *const Handle,
    index: u32,
    scope: *mut Scope,
) -> bool {
    // SAFETY: the header's contract.
    let mut found = match unsafe { policy_of(policy) } {
        None => Scope::only(NO_POLICY),
        Some(policy) => match policy.scopes().nth(index as usize) {
            None => Scope::only(OUT_OF_RANGE),
            Some(scope) => Scope {
                declared: scope.is_declared().into(),
                name: Text::of(scope.name()),
                ..Scope::only(OK)
            },
        },
    };
    // SAFETY: the header's contract.
    (unsafe { output::fill(scope, &mut found) }) && found.answer == OK
}

fn count(items: impl Iterator) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}
