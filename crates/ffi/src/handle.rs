//! The handle by which C holds a policy.

use core::fmt;
use core::mem::MaybeUninit;

use routescope::{LoadedPolicy, Policy};

/// C holds a policy by a pointer to this: from a function made by
/// [`export_policy!`](crate::export_policy) for a constant policy, and from
/// `routescope_loaded_policy_handle` for one that was loaded.
#[repr(transparent)]
pub struct Handle {
    word: Word,
}

union Word {
    /// Of a constant policy: the pointer to its tables, which is even.
    constant: Policy<'static>,
    /// Of a loaded one: where the handle lies, and [`LOADED`].
    mark: usize,
}

/// The bit that a pointer to tables does not have.
const LOADED: usize = 1;

// A policy is a pointer to its tables, whose alignment leaves the lowest bit free: loaded
// tables are the same ones.
const _: () = assert!(
    size_of::<Policy<'_>>() == size_of::<usize>() && align_of::<LoadedPolicy<'_>>() > LOADED
);

impl Handle {
    /// The handle of a constant policy.
    #[must_use]
    pub const fn new(policy: Policy<'static>) -> Self {
        Self {
            word: Word { constant: policy },
        }
    }
}

/// A loaded policy behind its handle, so that a pointer to the handle leads to both.
#[repr(C)]
pub(crate) struct Loaded {
    handle: Handle,
    policy: MaybeUninit<LoadedPolicy<'static>>,
}

impl Loaded {
    /// Leaves no policy here: its handle denies from now on.
    ///
    /// # Safety
    ///
    /// `here` must be aligned and valid for writes.
    pub(crate) unsafe fn clear(here: *mut Self) {
        // Nothing lies at this address.
        let word = Word { mark: LOADED };
        // SAFETY: the caller vouches for it.
        unsafe { (&raw mut (*here).handle.word).write(word) };
    }

    /// Puts a policy here.
    ///
    /// # Safety
    ///
    /// `here` must be aligned and valid for writes.
    pub(crate) unsafe fn put(here: *mut Self, policy: LoadedPolicy<'static>) {
        let mark = here.addr() | LOADED;
        // SAFETY: the caller vouches for it.
        unsafe { (*here).policy.write(policy) };
        // SAFETY: as above; the handle comes first, and its policy is there.
        unsafe { (&raw mut (*here).handle.word).write(Word { mark }) };
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A reference to the handle leads to no more than its own bytes, not to a policy behind it.
        f.debug_tuple("Handle").finish_non_exhaustive()
    }
}

/// The policy that a handle stands for, unless that is null or misaligned, zeroed, that of a
/// refused policy, or was copied out of a loaded one.
///
/// # Safety
///
/// Otherwise, it must come from a function made by `export_policy!` or from
/// `routescope_loaded_policy_handle`, and what that one says of its policy must hold.
#[inline]
pub(crate) unsafe fn policy_of(handle: *const Handle) -> Option<Policy<'static>> {
    if handle.is_null() || !handle.is_aligned() {
        return None;
    }
    // SAFETY: not null, aligned, and the caller vouches for the rest. Any bytes make a mark.
    let mark = unsafe { (*handle).word.mark };
    if mark & LOADED == 0 {
        // SAFETY: even and not zero, it is a constant's.
        return (mark != 0).then(|| unsafe { (*handle).word.constant });
    }
    if mark != handle.addr() | LOADED {
        return None;
    }
    // SAFETY: a handle names its own address once its policy lies behind it.
    let loaded = unsafe { &*handle.cast::<Loaded>() };
    // SAFETY: as above.
    Some(unsafe { loaded.policy.assume_init_ref() }.policy())
}
