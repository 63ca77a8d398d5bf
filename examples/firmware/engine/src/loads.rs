//! The engine over a policy that is loaded from bytes.

use core::mem::MaybeUninit;

use policy::pbx;
use routescope::{Decision, LoadError, LoadedPolicy, Loader, Policy};

/// Loads a policy from bytes, if it is one of this name and at least this revision.
#[unsafe(no_mangle)]
pub extern "Rust" fn engine_load<'b>(
    bytes: &'b [u8],
    name: &str,
    min_revision: u32,
    loaded: &mut MaybeUninit<Result<LoadedPolicy<'b>, LoadError>>,
) {
    let loader = Loader::new().name(name).min_revision(min_revision);
    loaded.write(loader.load(bytes));
}

/// Decides a request by a policy that was loaded.
#[unsafe(no_mangle)]
pub extern "Rust" fn engine_authorize_loaded<'b>(
    policy: Policy<'b>,
    held: &pbx::ScopeSet,
    method: &[u8],
    target: &[u8],
    decision: &mut MaybeUninit<Decision<'b>>,
) {
    decision.write(policy.authorize(held, method, target));
}

/// Prepares the scopes of a key for a policy that was loaded.
#[unsafe(no_mangle)]
pub extern "Rust" fn engine_scope_set_loaded(policy: Policy<'_>, names: &[&str]) -> pbx::ScopeSet {
    policy.scope_set_in(names)
}
