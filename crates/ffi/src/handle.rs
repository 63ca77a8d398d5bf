//! The handle by which C holds a policy.

use core::fmt;
use routescope::Policy;

use crate::loaded;

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
    size_of::<Policy<'_>>() == size_of::<usize>()
        && align_of::<routescope::LoadedPolicy<'_>>() > LOADED
);

impl Handle {
    /// The handle of no policy.
    pub(crate) const REFUSED: Self = Self {
        word: Word { mark: LOADED },
    };

    /// The handle of a constant policy.
    #[must_use]
    pub const fn new(policy: Policy<'static>) -> Self {
        Self {
            word: Word { constant: policy },
        }
    }

    /// The handle that is to lie here, of the loaded policy behind it.
    pub(crate) fn loaded_at(here: *const Self) -> Self {
        let mark = here.addr() | LOADED;
        Self {
            word: Word { mark },
        }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: a reference of Rust, so that it points at a whole handle.
        let policy = unsafe { policy_of(self) };
        f.debug_tuple("Handle").field(&policy).finish()
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
    // SAFETY: the handle's own address is written into it once the tables behind it are whole.
    (mark == handle.addr() | LOADED).then(|| unsafe { loaded::policy_behind(handle) })
}
