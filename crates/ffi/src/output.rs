//! Structs of the caller's that the library fills.
//!
//! Each begins with `size`, the caller's `sizeof`, then `answer`, then `filled`,
//! which says how far the library came. So caller and library may be of
//! different versions: a caller of an older header gets the fields that it
//! knows; one of a newer header sees in `filled` which fields the library knew.

use crate::code::{Answer, BAD_SIZE};

/// More than any version will have. A `size` above this was never set; the
/// struct it stands in then still has the first two fields.
pub(crate) const MOST: usize = 1024;

/// A struct that begins with `size`, `answer` and `filled`. Made by [`output!`].
///
/// # Safety
///
/// It must be `repr(C)`, begin with these three as `u32`, consist of integers
/// and raw pointers, and [`Output::ENDS`] must hold the end offset of each
/// field from `answer` on, in rising order, the last one at most its size.
pub(crate) unsafe trait Output: Copy {
    const ENDS: &'static [usize];
    /// Nothing but `answer`.
    fn only(answer: Answer) -> Self;
    fn stamp(&mut self, size: u32, filled: u32);
}

macro_rules! output {
    (
        $(#[$attribute:meta])*
        pub struct $name:ident { $($(#[$about:meta])* pub $field:ident: $type:ty = $empty:expr,)* }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug)]
        #[repr(C)]
        pub struct $name {
            /// The caller's `sizeof`. Set by the caller, never changed.
            pub size: u32,
            /// The answer of the function that filled it.
            pub answer: $crate::code::Answer,
            /// The number of bytes of the struct that the library has written.
            pub filled: u32,
            $($(#[$about])* pub $field: $type,)*
        }

        // SAFETY: the struct is written here, in this order; offsets are the
        // compiler's.
        unsafe impl $crate::output::Output for $name {
            const ENDS: &'static [usize] = &[
                8,
                12,
                $(core::mem::offset_of!($name, $field).saturating_add(size_of::<$type>()),)*
            ];

            fn only(answer: $crate::code::Answer) -> Self {
                Self { size: 0, answer, filled: 0, $($field: $empty,)* }
            }

            fn stamp(&mut self, size: u32, filled: u32) {
                self.size = size;
                self.filled = filled;
            }
        }
    };
}
pub(crate) use output;

/// Hands `value` to the caller, as many of its fields as fit. `false` if there
/// is nowhere to write to: the value must then not be acted on.
///
/// # Safety
///
/// `to` must be null or misaligned, which is noticed, or valid for reads and
/// writes of as many bytes as its `size` says, but at least 8 where that
/// is above [`MOST`].
pub(crate) unsafe fn fill<O: Output>(to: *mut O, value: &mut O) -> bool {
    if to.is_null() || !to.is_aligned() {
        return false;
    }
    // SAFETY: every output begins with its size; the caller vouches for it.
    let size = unsafe { to.cast::<u32>().read() };
    if size as usize > MOST {
        // Only the fields that every output has are certain here.
        // SAFETY: every output has an answer after its size.
        unsafe { to.cast::<u32>().add(1).write(BAD_SIZE) };
        return false;
    }
    let Some(end) = last_end::<O>(size as usize) else {
        return false;
    };
    value.stamp(size, u32::try_from(end).unwrap_or_default());
    // SAFETY: `end` is at most the size of O and at most the caller's room; a
    // value on our stack does not overlap the caller's.
    unsafe { core::ptr::copy_nonoverlapping((&raw const *value).cast::<u8>(), to.cast(), end) };
    true
}

/// Takes back what [`fill`] wrote, or what the caller has put in its place.
///
/// # Safety
///
/// As for [`fill`], reads only.
pub(crate) unsafe fn read<O: Output>(from: *const O) -> Option<O> {
    if from.is_null() || !from.is_aligned() {
        return None;
    }
    // SAFETY: every output begins with its size; the caller vouches for it.
    let size = unsafe { from.cast::<u32>().read() } as usize;
    if size > MOST {
        return None;
    }
    let end = last_end::<O>(size)?;
    let mut value = O::only(0);
    // SAFETY: `end` is at most the size of O and at most that of the caller's
    // struct; any bytes make an O, which has integers and raw pointers only.
    unsafe {
        core::ptr::copy_nonoverlapping(from.cast::<u8>(), (&raw mut value).cast::<u8>(), end);
    }
    Some(value)
}

/// The end of the last field that fits whole; none if not even `answer` does.
fn last_end<O: Output>(room: usize) -> Option<usize> {
    O::ENDS.iter().rev().copied().find(|&end| end <= room)
}
