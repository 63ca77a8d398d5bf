//! Policies that are loaded from bytes, into memory of the caller's.

use core::ffi::c_void;
use core::mem::{MaybeUninit, align_of, offset_of};

use routescope::{LoadError, Loader, Policy};

use crate::code::{
    Answer, BAD_CHECKSUM, BAD_FORMAT, BAD_LENGTH, BAD_SIZE, BAD_TEXT, MALFORMED_POLICY,
    NOT_A_POLICY, OK, OLD_REVISION, UNSOUND_POLICY, WRONG_NAME,
};
use crate::handle::{Handle, policy_of};
use crate::output::MOST;
use crate::text::Text;

/// The beginning of a loaded policy: what C reads of it.
#[derive(Debug)]
#[repr(C)]
pub struct LoadedPolicy {
    /// The caller's `sizeof`. Set by the caller, never changed.
    pub size: u32,
    /// [`OK`] once a policy is loaded, or why the bytes were refused.
    pub answer: Answer,
    /// What the bytes have: their format, their length or their revision, as goes with `answer`.
    pub found: u32,
    /// What was asked for instead.
    pub expected: u32,
    /// `MALFORMED_POLICY` and `UNSOUND_POLICY`: which field, or which table and why.
    pub detail: Text,
    /// Aligned as C aligns its words.
    words: [u64; 0],
}

/// A loaded policy of C with what lies in its words. The tables' header is in it; the tables
/// stay in the caller's bytes.
#[repr(C)]
struct Loaded {
    head: LoadedPolicy,
    handle: Handle,
    policy: MaybeUninit<routescope::LoadedPolicy<'static>>,
}

/// The distance from the handle to the policy.
#[allow(clippy::arithmetic_side_effects, reason = "the handle comes first")]
const POLICY: usize = offset_of!(Loaded, policy) - offset_of!(Loaded, handle);

const _: () = assert!(
    size_of::<Loaded>() <= MOST
        && offset_of!(Loaded, handle) == size_of::<LoadedPolicy>()
        && align_of::<Loaded>() == align_of::<LoadedPolicy>()
);

/// Reads a policy from bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn routescope_policy_load(
    loaded: *mut LoadedPolicy,
    bytes: *const c_void,
    length: usize,
    name: Text,
    min_revision: u32,
) -> bool {
    // SAFETY: the header's contract.
    let Some(size) = (unsafe { size_of_loaded(loaded) }) else {
        return false;
    };
    if !is_size(size) {
        if size >= 8 {
            // SAFETY: `answer` lies within the size that the caller vouches for, or within
            // every such struct if that size was never set.
            unsafe { (&raw mut (*loaded).answer).write(BAD_SIZE) };
        }
        return false;
    }
    let whole = loaded.cast::<Loaded>();
    // A refused load leaves no policy, and every handle that was given out denies.
    // SAFETY: the size is that of the whole.
    unsafe { (&raw mut (*whole).handle).write(Handle::REFUSED) };
    // SAFETY: the header's contract; bytes that a loaded policy borrows outlive it.
    let texts = unsafe {
        (
            Text {
                data: bytes.cast(),
                length,
            }
            .bytes(),
            name.bytes(),
        )
    };
    let result = match texts {
        (Some(bytes), Some(name)) => loader(name, min_revision)
            .load(bytes)
            .map_err(|error| Refusal::of(&error)),
        _ => Err(Refusal::bare(BAD_TEXT)),
    };
    let said = match result {
        Ok(policy) => {
            // SAFETY: the size is that of the whole.
            unsafe { (*whole).policy.write(policy) };
            // SAFETY: as above, and the policy is there.
            unsafe {
                (&raw mut (*whole).handle).write(Handle::loaded_at(&raw const (*whole).handle))
            };
            Refusal::bare(OK)
        }
        Err(refusal) => refusal,
    };
    // SAFETY: as above.
    unsafe { said.write_to(loaded) };
    said.answer == OK
}

/// The handle of the policy that was loaded, for all other functions.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn routescope_loaded_policy_handle(
    loaded: *const LoadedPolicy,
) -> *const Handle {
    // SAFETY: the header's contract.
    let size = unsafe { size_of_loaded(loaded) };
    if !size.is_some_and(is_size) {
        return core::ptr::null();
    }
    // SAFETY: the size is that of the whole.
    let handle = unsafe { &raw const (*loaded.cast::<Loaded>()).handle };
    // SAFETY: as above, and a handle that is not at its own address is noticed.
    match unsafe { policy_of(handle) } {
        Some(_) => handle,
        None => core::ptr::null(),
    }
}

/// The policy behind the handle of a loaded one.
///
/// # Safety
///
/// The handle must be part of a [`Loaded`] that has its policy, and its bytes must not change.
#[inline]
pub(crate) unsafe fn policy_behind(handle: *const Handle) -> Policy<'static> {
    // SAFETY: the caller vouches for it.
    let policy = unsafe { handle.byte_add(POLICY) };
    // SAFETY: as above; the whole is aligned, and so is its policy.
    unsafe { &*policy.cast::<routescope::LoadedPolicy<'static>>() }.policy()
}

fn loader(name: &[u8], min_revision: u32) -> Loader<'_> {
    let loader = Loader::new().min_revision(min_revision);
    if name.is_empty() {
        return loader;
    }
    // A name that is not UTF-8 is no policy's, as is a NUL.
    loader.name(str::from_utf8(name).unwrap_or("\0"))
}

/// The size, unless the struct is null or misaligned.
///
/// # Safety
///
/// Otherwise, `loaded` must be valid for reads of 4 bytes.
unsafe fn size_of_loaded(loaded: *const LoadedPolicy) -> Option<u32> {
    if loaded.is_null() || !loaded.is_aligned() {
        return None;
    }
    // SAFETY: every such struct begins with its size.
    Some(unsafe { (&raw const (*loaded).size).read() })
}

/// Whether a struct of this size has room for a policy. Headers give it more than it needs, so
/// that later versions of the library have room too.
const fn is_size(size: u32) -> bool {
    size as usize >= size_of::<Loaded>() && size as usize <= MOST
}

/// What C is told of a load.
struct Refusal {
    answer: Answer,
    found: u32,
    expected: u32,
    detail: Text,
}

impl Refusal {
    const fn bare(answer: Answer) -> Self {
        Self {
            answer,
            found: 0,
            expected: 0,
            detail: Text::EMPTY,
        }
    }

    fn of(error: &LoadError) -> Self {
        match *error {
            LoadError::NotAPolicy => Self::bare(NOT_A_POLICY),
            LoadError::Format { found, supported } => Self {
                found,
                expected: supported,
                ..Self::bare(BAD_FORMAT)
            },
            LoadError::Length { expected, found } => Self {
                found: u32::try_from(found).unwrap_or(u32::MAX),
                expected: u32::try_from(expected).unwrap_or(u32::MAX),
                ..Self::bare(BAD_LENGTH)
            },
            LoadError::Checksum => Self::bare(BAD_CHECKSUM),
            LoadError::Name => Self::bare(WRONG_NAME),
            LoadError::Revision { found, minimum } => Self {
                found,
                expected: minimum,
                ..Self::bare(OLD_REVISION)
            },
            LoadError::Malformed { field } => Self {
                detail: Text::of(field),
                ..Self::bare(MALFORMED_POLICY)
            },
            LoadError::Unsound(error) => Self {
                detail: Text::of(error.as_str()),
                ..Self::bare(UNSOUND_POLICY)
            },
            // A reason of a later engine, which this library has no number for.
            _ => Self::bare(MALFORMED_POLICY),
        }
    }

    /// # Safety
    ///
    /// `to` must be aligned and valid for writes.
    unsafe fn write_to(&self, to: *mut LoadedPolicy) {
        // SAFETY: the caller vouches for it. The size stays the caller's.
        unsafe {
            (&raw mut (*to).answer).write(self.answer);
            (&raw mut (*to).found).write(self.found);
            (&raw mut (*to).expected).write(self.expected);
            (&raw mut (*to).detail).write(self.detail);
        }
    }
}
