//! Policies that are loaded from bytes, into memory of the caller's.

use core::ffi::c_void;
use core::mem::{align_of, offset_of};

use routescope::{LoadError, Loader};

use crate::code::{
    Answer, BAD_CHECKSUM, BAD_FORMAT, BAD_LENGTH, BAD_SIZE, BAD_TEXT, MALFORMED_POLICY,
    NOT_A_POLICY, OK, OLD_REVISION, UNSOUND_POLICY, WRONG_NAME,
};
use crate::handle::{Handle, Loaded, policy_of};
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
    /// The format, the length or the revision of the bytes, as goes with `answer`.
    pub found: u32,
    /// The one that was expected.
    pub expected: u32,
    /// `MALFORMED_POLICY` and `UNSOUND_POLICY`: which field, or which table and why.
    pub detail: Text,
    /// Aligned as C aligns its words.
    words: [u64; 0],
}

/// A loaded policy of C with all that lies in its words. The tables' header is in it; the tables
/// stay in the caller's bytes.
#[repr(C)]
struct Whole {
    head: LoadedPolicy,
    loaded: Loaded,
}

const _: () = assert!(
    size_of::<Whole>() <= MOST
        && offset_of!(Whole, loaded) == size_of::<LoadedPolicy>()
        && align_of::<Whole>() == align_of::<LoadedPolicy>()
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
    // SAFETY: the size is that of the whole.
    let here = unsafe { &raw mut (*loaded.cast::<Whole>()).loaded };
    // A refused load leaves no policy, and every handle that was given out denies.
    // SAFETY: as above.
    unsafe { Loaded::clear(here) };
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
    let said = match texts {
        (Some(bytes), Some(name)) => match loader(name, min_revision).load(bytes) {
            Ok(policy) => {
                // SAFETY: as above.
                unsafe { Loaded::put(here, policy) };
                Report::bare(OK)
            }
            Err(error) => Report::of(&error),
        },
        _ => Report::bare(BAD_TEXT),
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
    let loaded = unsafe { &raw const (*loaded.cast::<Whole>()).loaded };
    // It is the first in it.
    let handle = loaded.cast::<Handle>();
    // SAFETY: as above, and a handle that is not at its own address is noticed.
    match unsafe { policy_of(handle) } {
        Some(_) => handle,
        None => core::ptr::null(),
    }
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
    size as usize >= size_of::<Whole>() && size as usize <= MOST
}

/// The result of a load, for C.
struct Report {
    answer: Answer,
    found: u32,
    expected: u32,
    detail: Text,
}

impl Report {
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
