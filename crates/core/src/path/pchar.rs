//! The bytes that a segment may contain unescaped: `pchar` of RFC 3986 section 3.3 without `%`,
//! and without `;`, at which servlet containers cut.

use crate::swar;

/// Whether a segment may contain `byte` unescaped.
#[inline]
pub(crate) fn is_pchar(byte: u8) -> bool {
    let bits = PCHARS.get(usize::from(byte >> 5)).copied();
    bits.unwrap_or_default() >> (byte & 31) & 1 != 0
}

/// The bytes of [`swar::pchar_mask`], one bit each.
#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a constant: an index out of range would not build"
)]
pub(crate) const PCHARS: [u32; 8] = {
    let mut bits = [0; 8];
    let mut byte = 0;
    while byte < 128 {
        if swar::pchar_mask(byte) & 0x80 != 0 {
            bits[byte as usize / 32] |= 1 << (byte % 32);
        }
        byte += 1;
    }
    bits
};

/// The offset of the first `byte` in `text`, else its length.
pub(crate) fn position(text: &[u8], byte: u8) -> usize {
    let found = text.iter().position(|&here| here == byte);
    found.unwrap_or(text.len())
}
