//! The C interface of routescope.
//!
//! `include/routescope.h` describes each function to C programmers, and a test
//! compares it with this crate. These conventions matter to a programmer who
//! changes the crate:
//!
//! - "The header's contract", where a SAFETY comment says so, is: a pointer that
//!   is neither null nor misaligned is valid for the length that goes with it,
//!   or for the `size` in the struct that it points at, during the call; a
//!   handle comes from a function made by [`export_policy!`], or from
//!   `routescope_loaded_policy_handle` of a policy that has neither moved nor been loaded anew.
//! - `unsafe(no_mangle)` asks that no other function has the name: all begin
//!   with `routescope_`.
//! - Every pointer that comes in is checked for null and alignment before it
//!   is used, and every length for what an address space can hold. The header
//!   asks the caller for the rest, which cannot be checked.
//! - Every output is a struct of the caller's that begins with its own size,
//!   see the module `output`.
//! - No function allocates, locks, keeps state or panics.
//!
//! A crate with its own table exports it with [`export_policy!`] and
//! becomes a C library with all the functions here.
#![no_std]
#![deny(
    unsafe_op_in_unsafe_fn,
    clippy::undocumented_unsafe_blocks,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects
)]
#![allow(
    clippy::missing_safety_doc,
    reason = "one contract for all functions, in the header: pointers are valid for the lengths that go with them"
)]

// In a Rust program, std is there and handles panics. The C library has neither.
#[cfg(not(any(target_os = "none", all(feature = "panic-handler", panic = "abort"))))]
extern crate std;

pub mod code;
mod decision;
mod export;
mod handle;
mod key;
mod loaded;
mod output;
mod policy;
mod response;
mod scope_set;
mod text;

pub use decision::{
    Decision, routescope_authorize, routescope_authorize_without_key, routescope_required_scopes,
};
pub use handle::Handle;
pub use key::{
    routescope_bearer_key, routescope_key_length, routescope_key_matches, routescope_same_key,
};
pub use loaded::{LoadedPolicy, routescope_loaded_policy_handle, routescope_policy_load};
pub use policy::{
    Route, Scope, routescope_accepted_scopes, routescope_alternatives, routescope_policy_digest,
    routescope_policy_name, routescope_policy_revision, routescope_policy_updated,
    routescope_route_at, routescope_route_count, routescope_scope_at, routescope_scope_count,
};
pub use response::{routescope_accepted_header, routescope_challenge};
pub use scope_set::{
    ScopeSet, routescope_scope_set_held, routescope_scope_set_prepare, routescope_scope_set_unknown,
};
pub use text::Text;

/// The macros of this crate name it, in crates that may not depend on it.
#[doc(hidden)]
pub use routescope;

/// The version of this interface: of its functions, structs and numbers. Larger
/// where something was added, and a new header's caller should ask
/// [`routescope_abi_version`] whether the library has it.
pub const ABI_VERSION: u32 = 3;

/// The version of the library that is linked.
#[unsafe(no_mangle)]
pub extern "C" fn routescope_abi_version() -> u32 {
    ABI_VERSION
}

#[cfg(feature = "pbx")]
export_policy!(
    /// The PBX API's policy.
    routescope_policy_pbx = routescope::pbx::POLICY
);

/// Nothing leads here, which `crates/ffi/check` verifies. If something ever
/// did, standing still denies, and a watchdog notices.
#[cfg(all(feature = "panic-handler", panic = "abort"))]
#[panic_handler]
fn stand_still(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
