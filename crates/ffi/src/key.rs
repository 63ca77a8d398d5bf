//! Keys: their form, the header that carries them, and comparing them.

use core::ffi::c_char;

use routescope::ApiKey;
use subtle::ConstantTimeEq;

use crate::code::{Answer, BAD_TEXT, NO_POLICY, UNKNOWN_KEY};
use crate::decision::Decision;
use crate::handle::{Handle, policy_of};
use crate::output;
use crate::text::Text;

/// The key in a request's `Authorization` headers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn routescope_bearer_key(
    policy: *const Handle,
    values: *const Text,
    count: usize,
    key: *mut Text,
    decision: *mut Decision,
) -> bool {
    // SAFETY: the header's contract.
    let policy = unsafe { policy_of(policy) };
    // SAFETY: the header's contract.
    let first = unsafe { first_of(values, count) };
    let (made, found) = match (policy, first) {
        (None, _) => (NO_POLICY, None),
        (_, None) => (BAD_TEXT, None),
        (Some(policy), Some(first)) => {
            // A second value is refused unread.
            let values = core::iter::repeat_n(first, count.min(2));
            match ApiKey::from_headers(values, policy.key_format().as_ref()) {
                // Unknown, until the caller has found it.
                Ok(key) => (UNKNOWN_KEY, Some(key)),
                Err(denial) => (denial.reason() as Answer, None),
            }
        }
    };
    if key.is_null() || !key.is_aligned() {
        // SAFETY: the header's contract.
        let _ = unsafe { output::fill(decision, &mut Decision::bare(BAD_TEXT)) };
        return false;
    }
    let text = found.map_or(Text::EMPTY, |key| Text::of_bytes(key.as_bytes()));
    // SAFETY: not null and aligned; the caller vouches for the rest.
    unsafe { key.write(text) };
    // SAFETY: the header's contract.
    let told = decision.is_null() || unsafe { output::fill(decision, &mut Decision::bare(made)) };
    told && found.is_some()
}

/// The first value, empty if there is none; `None` if it cannot be.
///
/// # Safety
///
/// `values` must be null or misaligned, which is noticed, or valid for reads of
/// `count` texts, and the first as [`Text::bytes`] says.
unsafe fn first_of<'a>(values: *const Text, count: usize) -> Option<&'a [u8]> {
    if count == 0 {
        return Some(&[]);
    }
    if values.is_null() || !values.is_aligned() {
        return None;
    }
    // SAFETY: not null, aligned, and the caller vouches for at least one.
    let first = unsafe { values.read() };
    // SAFETY: the caller vouches for it.
    unsafe { first.bytes() }
}

/// Whether these bytes have the form of the policy's keys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn routescope_key_matches(
    policy: *const Handle,
    key: *const c_char,
    key_length: usize,
) -> bool {
    let key = Text {
        data: key,
        length: key_length,
    };
    // SAFETY: the header's contract.
    let format = unsafe { policy_of(policy) }.and_then(routescope::Policy::key_format);
    // No key of any format is longer than 65,535 bytes.
    let key = key.at_most(usize::from(u16::MAX).saturating_add(1));
    // SAFETY: the header's contract.
    match (format, unsafe { key.bytes() }) {
        (Some(format), Some(key)) => format.matches(key),
        _ => false,
    }
}

/// The length of the policy's keys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn routescope_key_length(policy: *const Handle) -> u32 {
    // SAFETY: the header's contract.
    let format = unsafe { policy_of(policy) }.and_then(routescope::Policy::key_format);
    format.map_or(0, |format| format.length.into())
}

/// Whether two keys are the same, in constant time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn routescope_same_key(
    one: *const c_char,
    one_length: usize,
    other: *const c_char,
    other_length: usize,
) -> bool {
    let one = Text {
        data: one,
        length: one_length,
    };
    let other = Text {
        data: other,
        length: other_length,
    };
    // SAFETY: the header's contract.
    let (one, other) = unsafe { (one.bytes(), other.bytes()) };
    match (one, other) {
        // An unused entry of a table must not open for an empty key.
        (Some(one), Some(other)) => !one.is_empty() && one.ct_eq(other).into(),
        _ => false,
    }
}
