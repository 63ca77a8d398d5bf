//! Files of the computer that QEMU runs on, in the place of the network that updates come from.

use cortex_m_semihosting::syscall;

const OPEN_BINARY: usize = 1;
const FAILED: usize = usize::MAX;

/// Reads a file into a buffer; its length, if it could be read and fits.
pub fn read(path: &core::ffi::CStr, buffer: &mut [u8]) -> Option<usize> {
    // SAFETY: the path ends with a NUL, and its length is without that.
    let file = unsafe { syscall!(OPEN, path.as_ptr(), OPEN_BINARY, path.to_bytes().len()) };
    if file == FAILED {
        return None;
    }
    // SAFETY: the host writes at most as many bytes as the buffer has.
    let unread = unsafe { syscall!(READ, file, buffer.as_mut_ptr(), buffer.len()) };
    // SAFETY: the file is open.
    unsafe { syscall!(CLOSE, file) };
    // A buffer that is full may not be all of the file.
    (unread > 0).then(|| buffer.len().checked_sub(unread))?
}
