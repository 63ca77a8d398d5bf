//! The response headers that tell the client why a request is denied.

use core::ffi::c_char;
use core::fmt::{self, Write};

use routescope::{Denial, KeyDenial, Reason, RouteDenial};

use crate::code::reason_of;
use crate::decision::Decision;
use crate::handle::{Handle, policy_of};
use crate::output;
use crate::policy::find_route;

/// The value of `WWW-Authenticate`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn routescope_challenge(
    policy: *const Handle,
    decision: *const Decision,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    // SAFETY: the header's contract.
    let denial = unsafe { denial_of(policy, decision) };
    let challenge = denial.and_then(|denial| denial.challenge());
    // SAFETY: the header's contract.
    unsafe { write(buffer, capacity, challenge) }
}

/// The value of `X-Accepted-Scopes`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn routescope_accepted_header(
    policy: *const Handle,
    decision: *const Decision,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    // SAFETY: the header's contract.
    let denial = unsafe { denial_of(policy, decision) };
    let header = denial.and_then(|denial| denial.alternatives());
    // SAFETY: the header's contract.
    unsafe { write(buffer, capacity, header) }
}

/// The denial that a decision is, if clients are told anything of it.
///
/// # Safety
///
/// The header's contract.
unsafe fn denial_of(policy: *const Handle, decision: *const Decision) -> Option<Denial<'static>> {
    // SAFETY: the caller vouches for it.
    let decision = unsafe { output::read(decision) }?;
    let denial = match reason_of(decision.answer)? {
        Reason::MissingKey => KeyDenial::Missing.into(),
        Reason::MalformedKey => KeyDenial::Malformed.into(),
        Reason::UnknownKey => KeyDenial::Unknown.into(),
        Reason::ExpiredKey => KeyDenial::Expired.into(),
        Reason::MissingScope => {
            // SAFETY: the caller vouches for it.
            let policy = unsafe { policy_of(policy) }?;
            let route = find_route(policy, decision.method, decision.path_template)?;
            RouteDenial::MissingScope(route).into()
        }
        Reason::BadMethod | Reason::BadPath | Reason::UnknownRoute | Reason::MethodNotListed => {
            return None;
        }
    };
    Some(denial)
}

/// Writes what fits and a NUL; the length of the whole.
///
/// # Safety
///
/// `buffer` must be null or valid for writes of `capacity` bytes.
unsafe fn write(buffer: *mut c_char, capacity: usize, value: Option<impl fmt::Display>) -> usize {
    let room = if buffer.is_null() { 0 } else { capacity };
    let mut writer = Writer {
        buffer: buffer.cast(),
        room: room.saturating_sub(1),
        needed: 0,
    };
    if let Some(value) = value {
        // Neither the writer nor the values ever fail.
        let _ = write!(writer, "{value}");
    }
    if room > 0 {
        // SAFETY: at most `capacity - 1`, for which the caller vouches.
        let end = unsafe { writer.buffer.add(writer.needed.min(writer.room)) };
        // SAFETY: as above.
        unsafe { end.write(0) };
    }
    writer.needed
}

struct Writer {
    buffer: *mut u8,
    /// The size of the buffer in bytes.
    room: usize,
    /// The number of bytes that were written, or would have been in a larger buffer.
    needed: usize,
}

impl Write for Writer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let left = self.room.saturating_sub(self.needed);
        let count = text.len().min(left);
        if count > 0 {
            // SAFETY: `needed` is below `room`.
            let to = unsafe { self.buffer.add(self.needed) };
            // SAFETY: `count` bytes from there are within `room`, and the
            // caller's buffer overlaps no text of a policy.
            unsafe { core::ptr::copy_nonoverlapping(text.as_ptr(), to, count) };
        }
        self.needed = self.needed.saturating_add(text.len());
        Ok(())
    }
}
