//! Texts that cross the border: a pointer and a length.

use core::ffi::c_char;

/// Bytes of somebody else's: neither NUL-terminated nor necessarily UTF-8.
///
/// In outputs, `data` is never null, and points into memory that never changes
/// or, for a key, into the caller's.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Text {
    /// The first byte. May be null where `length` is 0.
    pub data: *const c_char,
    /// The number of bytes.
    pub length: usize,
}

impl Text {
    pub(crate) const EMPTY: Self = Self::of("");

    pub(crate) const fn of(text: &str) -> Self {
        Self::of_bytes(text.as_bytes())
    }

    pub(crate) const fn of_bytes(bytes: &[u8]) -> Self {
        Self {
            data: bytes.as_ptr().cast(),
            length: bytes.len(),
        }
    }

    /// The bytes, or `None` if there cannot be such: null with a length, or a
    /// length that leads out of memory.
    ///
    /// # Safety
    ///
    /// Otherwise, `data` must be valid for reads of `length` bytes, which do
    /// not change, for as long as the result is used.
    pub(crate) unsafe fn bytes<'a>(self) -> Option<&'a [u8]> {
        if self.length == 0 {
            return Some(&[]);
        }
        let fits = isize::try_from(self.length).is_ok()
            && self.data.addr().checked_add(self.length).is_some();
        if self.data.is_null() || !fits {
            return None;
        }
        // SAFETY: not null, not longer than a slice may be, and the caller
        // vouches for the rest. Bytes have no alignment.
        Some(unsafe { core::slice::from_raw_parts(self.data.cast(), self.length) })
    }

    /// The first `most` bytes of the text, for a reader that treats all longer
    /// texts alike.
    pub(crate) fn at_most(self, most: usize) -> Self {
        Self {
            data: self.data,
            length: self.length.min(most),
        }
    }

    /// An output of this library as Rust sees it.
    #[cfg(test)]
    #[allow(clippy::unwrap_used, reason = "a test")]
    pub(crate) fn as_static(self) -> &'static str {
        // SAFETY: only called on texts from this library, which are static.
        core::str::from_utf8(unsafe { self.bytes() }.unwrap()).unwrap()
    }
}
