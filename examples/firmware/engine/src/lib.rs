//! The engine over the PBX policy as a few plain symbols, so that the
//! linker can say what each of them brings along. Not an interface: that is the
//! C ABI of `crates/ffi`.
//!
//! A panic that the optimiser cannot rule out would call a function that does
//! not exist, and nothing here would link.
#![no_std]

#[cfg(feature = "loads")]
mod loads;

use core::mem::MaybeUninit;
use core::panic::PanicInfo;

use policy::pbx;
use routescope::{ApiKey, Decision, KeyDenial};

unsafe extern "C" {
    /// Nobody defines it.
    safe fn a_panic_is_linked() -> !;
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    a_panic_is_linked()
}

/// Decides a request: the whole decision, with what a denial says.
#[unsafe(no_mangle)]
pub extern "Rust" fn engine_authorize(
    held: &pbx::ScopeSet,
    method: &[u8],
    target: &[u8],
    decision: &mut MaybeUninit<Decision<'static>>,
) {
    decision.write(pbx::authorize(held, method, target));
}

/// Prepares the scopes of a key.
#[unsafe(no_mangle)]
pub extern "Rust" fn engine_scope_set(names: &[&str]) -> pbx::ScopeSet {
    pbx::scope_set(names)
}

/// Reads the key of an `Authorization` header.
#[unsafe(no_mangle)]
pub extern "Rust" fn engine_key<'h>(
    value: &'h [u8],
    key: &mut MaybeUninit<Result<ApiKey<'h>, KeyDenial>>,
) {
    key.write(ApiKey::from_headers(
        Some(value),
        pbx::POLICY.key_format().as_ref(),
    ));
}

/// Compares a key with a stored one.
#[unsafe(no_mangle)]
pub extern "Rust" fn engine_key_matches(key: &ApiKey<'_>, stored: &[u8]) -> bool {
    key.matches(stored)
}

/// Panics, unless the caller knows better.
#[cfg(feature = "panics")]
#[unsafe(no_mangle)]
pub extern "Rust" fn engine_panics(bytes: &[u8], at: usize) -> u8 {
    bytes[at]
}
