//! The questions about a request: whether it is allowed, with a key and without, and what it needs.

use core::ffi::c_char;

use routescope::path::MAX_TARGET;
use routescope::{By, Decision as EngineDecision, Policy, Route, RouteDenial};

use crate::code::{
    self, ALLOW, Answer, BAD_TEXT, MISSING_KEY, MISSING_SCOPE, NO_POLICY, OK, routescope_status,
};
use crate::handle::{Handle, policy_of};
use crate::output::{self, Output, output};
use crate::scope_set::{self, Prepared, ScopeSet};
use crate::text::Text;

output! {
    /// A decision, as C sees it.
    pub struct Decision {
        /// The HTTP status that goes with `answer`.
        pub status: u32 = 0,
        /// `BAD_PATH`: the rule that the target breaks.
        pub path_rule: u32 = 0,
        /// `BAD_PATH`: where, in bytes from the start of the target.
        pub path_offset: u32 = 0,
        /// The method of the route, a single bit.
        pub method: u32 = 0,
        /// `METHOD_NOT_LISTED`: the methods that are, a bit each.
        pub methods: u32 = 0,
        /// The number of scopes of which each alone suffices.
        pub accepted: u32 = 0,
        /// The number of sets of scopes of which all are needed.
        pub sets: u32 = 0,
        /// The template that wins.
        pub path_template: Text = Text::EMPTY,
        /// `ALLOW`: the held scope that suffices alone. `MISSING_SCOPE`: the narrowest alternative.
        /// Empty if it is not a single scope.
        pub scope: Text = Text::EMPTY,
        /// The route's place in its policy, where `has_route` says that there is one.
        pub route: u32 = 0,
        /// 1 if a route answers the request, held or not.
        pub has_route: u32 = 0,
        /// `ALLOW`: why. Of `routescope_required_scopes`, the requirement that is no scopes.
        pub by: u32 = code::BY_NONE,
        /// For later. 0.
        pub spare: u32 = 0,
    }
}

impl Decision {
    /// A decision that carries nothing but its answer.
    pub(crate) fn bare(answer: Answer) -> Self {
        Self {
            status: routescope_status(answer),
            ..Self::only(answer)
        }
    }

    fn of(decided: &Result<EngineDecision<'static>, Answer>) -> Self {
        match decided {
            Ok(EngineDecision::Allow { route, by }) => Self {
                scope: name_of(by.scope()),
                by: code::of_by(by),
                ..Self::of_route(ALLOW, *route)
            },
            Ok(EngineDecision::Deny(denial)) => Self::of_denial(denial),
            Err(answer) => Self::bare(*answer),
        }
    }

    fn of_denial(denial: &RouteDenial<'static>) -> Self {
        let answer = denial.reason() as Answer;
        match *denial {
            RouteDenial::BadPath(bad) => Self {
                path_rule: code::of_rule(bad.rule),
                path_offset: u32::try_from(bad.at).unwrap_or(u32::MAX),
                ..Self::bare(answer)
            },
            RouteDenial::MethodNotListed { template, methods } => Self {
                methods: methods.bits().into(),
                path_template: Text::of(template),
                ..Self::bare(answer)
            },
            RouteDenial::MissingScope(route) => {
                let alternatives = route.requirement().alternatives();
                let first = alternatives.and_then(routescope::Alternatives::first);
                Self {
                    scope: name_of(first.and_then(routescope::Alternative::as_scope)),
                    ..Self::of_route(answer, route)
                }
            }
            RouteDenial::BadMethod | RouteDenial::UnknownRoute => Self::bare(answer),
        }
    }

    fn of_route(answer: Answer, route: Route<'static>) -> Self {
        let (accepted, sets) = counts(route);
        Self {
            method: code::of_method(route.method()),
            accepted,
            sets,
            path_template: Text::of(route.template()),
            route: u32::try_from(route.index()).unwrap_or(u32::MAX),
            has_route: 1,
            ..Self::bare(answer)
        }
    }
}

fn name_of(scope: Option<routescope::Scope<'static>>) -> Text {
    scope.map_or(Text::EMPTY, |scope| Text::of(scope.name()))
}

/// The number of scopes of which each alone suffices for a route, and that of its sets.
pub(crate) fn counts(route: Route<'_>) -> (u32, u32) {
    let accepted = route.accepted().len();
    let alternatives = route.requirement().alternatives();
    let all = alternatives.map_or(0, routescope::Alternatives::count);
    let count = |number| u32::try_from(number).unwrap_or(u32::MAX);
    (count(accepted), count(all.saturating_sub(accepted)))
}

/// Whether a key that holds these scopes may make this request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn routescope_authorize(
    policy: *const Handle,
    held: *const ScopeSet,
    method: *const c_char,
    method_length: usize,
    target: *const c_char,
    target_length: usize,
    decision: *mut Decision,
) -> bool {
    // SAFETY: the header's contract.
    let policy = unsafe { policy_of(policy) };
    // SAFETY: the header's contract.
    let held = unsafe { scope_set::held_by(held) };
    // SAFETY: the header's contract.
    let request = unsafe { Request::of(method, method_length, target, target_length) };
    let decided = decide(policy, held, request);
    // SAFETY: the header's contract.
    (unsafe { tell(&decided, decision) }) == Some(ALLOW)
}

/// Whether a request may be made without a key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn routescope_authorize_without_key(
    policy: *const Handle,
    method: *const c_char,
    method_length: usize,
    target: *const c_char,
    target_length: usize,
    decision: *mut Decision,
) -> bool {
    // SAFETY: the header's contract.
    let policy = unsafe { policy_of(policy) };
    // SAFETY: the header's contract.
    let request = unsafe { Request::of(method, method_length, target, target_length) };
    let decided = match (policy, request) {
        (Some(policy), Some(_)) if !policy.has_public_routes() => Err(MISSING_KEY),
        _ => decide(policy, Ok(NOTHING), request),
    };
    let decided = decided.and_then(|decision| match decision {
        EngineDecision::Allow { by: By::Public, .. } => Ok(decision),
        // The same for every path: a caller without a key learns nothing of the routes.
        _ => Err(MISSING_KEY),
    });
    // SAFETY: the header's contract.
    (unsafe { tell(&decided, decision) }) == Some(ALLOW)
}

/// The requirement of the route that a request calls.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn routescope_required_scopes(
    policy: *const Handle,
    method: *const c_char,
    method_length: usize,
    target: *const c_char,
    target_length: usize,
    decision: *mut Decision,
) -> bool {
    // SAFETY: the header's contract.
    let policy = unsafe { policy_of(policy) };
    // SAFETY: the header's contract.
    let request = unsafe { Request::of(method, method_length, target, target_length) };
    // A key without scopes is told which ones it would need.
    let decided = decide(policy, Ok(NOTHING), request);
    let mut made = Decision::of(&decided);
    if made.answer == ALLOW {
        // Nobody has asked to be let in.
        made.answer = OK;
    }
    // SAFETY: the header's contract.
    let is_told = decision.is_null() || unsafe { output::fill(decision, &mut made) };
    is_told && matches!(made.answer, OK | MISSING_SCOPE)
}

/// The scopes of a key that has none.
const NOTHING: Prepared<'static> = Prepared::Small(&routescope::ScopeSet::EMPTY);

/// Writes a decision, or the answer to a mistake, into the caller's struct, if there is one.
/// Returns the answer, unless the struct is of no known size.
///
/// Not inlined, so that the struct takes no stack while the engine decides.
///
/// # Safety
///
/// `to` must be null, or as [`output::fill`] says.
#[inline(never)]
unsafe fn tell(
    decided: &Result<EngineDecision<'static>, Answer>,
    to: *mut Decision,
) -> Option<Answer> {
    let mut made = Decision::of(decided);
    // SAFETY: the caller vouches for it.
    let is_told = to.is_null() || unsafe { output::fill(to, &mut made) };
    is_told.then_some(made.answer)
}

#[derive(Clone, Copy)]
struct Request<'a> {
    method: &'a [u8],
    target: &'a [u8],
}

impl Request<'_> {
    /// The request, if both of its texts can be.
    ///
    /// # Safety
    ///
    /// As [`Text::bytes`] says, for each.
    unsafe fn of(
        method: *const c_char,
        method_length: usize,
        target: *const c_char,
        target_length: usize,
    ) -> Option<Self> {
        // A byte too long is as bad as any length above: no reason to believe
        // in a length that cannot be.
        let method = Text {
            data: method,
            length: method_length,
        }
        .at_most("OPTIONS".len().saturating_add(1));
        let target = Text {
            data: target,
            length: target_length,
        }
        .at_most(MAX_TARGET.saturating_add(1));
        // SAFETY: the caller vouches for it.
        let method = unsafe { method.bytes() }?;
        // SAFETY: the caller vouches for it.
        let target = unsafe { target.bytes() }?;
        Some(Self { method, target })
    }
}

/// Inlined, since another frame would lie below the engine on a small stack.
#[inline(always)]
fn decide(
    policy: Option<Policy<'static>>,
    held: Result<Prepared<'_>, Answer>,
    request: Option<Request<'_>>,
) -> Result<EngineDecision<'static>, Answer> {
    // In the order that the header states.
    let policy = policy.ok_or(NO_POLICY)?;
    let Request { method, target } = request.ok_or(BAD_TEXT)?;
    let held = held?;
    // The three calls share one copy of the engine.
    Ok(match held {
        Prepared::Small(set) => policy.authorize(set, method, target),
        Prepared::Middle(set) => policy.authorize(set, method, target),
        Prepared::Large(set) => policy.authorize(set, method, target),
    })
}
