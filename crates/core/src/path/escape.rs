//! Percent-escapes (RFC 3986 section 2.1) and the UTF-8 (RFC 3629) that they encode.

use crate::swar::HAS_64_BIT_WORDS;

/// Decodes the `%HH` at the start of a text, if there is one.
///
/// Not inlined on 32-bit processors, to save flash.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(not(target_pointer_width = "64"), inline(never))]
pub(crate) fn decode(text: &[u8]) -> Option<u8> {
    decode_inlined(text)
}

#[inline(always)]
fn decode_inlined(text: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = text else {
        return None;
    };
    let (high, low) = (hex_digit(*high), hex_digit(*low));
    (high | low <= 0x0F).then_some(high << 4 | low)
}

/// The text after the escape that it starts with.
#[inline]
pub(crate) fn after(text: &[u8]) -> &[u8] {
    text.get(3..).unwrap_or_default()
}

/// Decodes a code point of two to four escaped bytes, and returns the text after it. `text`
/// has all of its escapes but the first, whose byte is `lead`. `None` if they are not the
/// shortest form of a character.
///
/// Not inlined on 32-bit processors, to save flash.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(not(target_pointer_width = "64"), inline(never))]
pub(crate) fn decode_code_point(lead: u8, text: &[u8]) -> Option<(u32, &[u8])> {
    // RFC 3629 section 3: the lead byte tells the number of bytes that follow, its payload,
    // and the smallest code point that needs that many.
    let (following, payload, smallest) = match lead {
        0xC2..=0xDF => (1, lead & 0x1F, 0x80),
        0xE0..=0xEF => (2, lead & 0x0F, 0x800),
        0xF0..=0xF4 => (3, lead & 0x07, 0x1_0000),
        _ => return None,
    };
    let mut code_point = u32::from(payload);
    let mut rest = text;
    for _ in 0..following {
        // Inlined everywhere: this is the deepest call, and the stacks of firmware are small.
        match decode_inlined(rest) {
            Some(byte @ 0x80..=0xBF) => code_point = code_point << 6 | u32::from(byte & 0x3F),
            _ => return None,
        }
        rest = after(rest);
    }
    let is_surrogate = matches!(code_point, 0xD800..=0xDFFF);
    if code_point < smallest || code_point > 0x10_FFFF || is_surrogate {
        return None;
    }
    Some((code_point, rest))
}

/// The value of a hexadecimal digit; more than 15 for any other byte.
#[inline]
fn hex_digit(byte: u8) -> u8 {
    if HAS_64_BIT_WORDS {
        return HEX_DIGITS
            .get(usize::from(byte))
            .copied()
            .unwrap_or(NO_DIGIT);
    }
    compute_hex_digit(byte)
}

const NO_DIGIT: u8 = 0xFF;

const fn compute_hex_digit(byte: u8) -> u8 {
    let number = byte.wrapping_sub(b'0');
    if number < 10 {
        return number;
    }
    let letter = (byte | 0x20).wrapping_sub(b'a');
    if letter < 6 {
        letter.wrapping_add(10)
    } else {
        NO_DIGIT
    }
}

/// A table, because it takes a fifth less time for a segment of escapes than arithmetic.
#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a constant: an index out of range would not build"
)]
static HEX_DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut byte = 0;
    while byte < digits.len() {
        digits[byte] = compute_hex_digit(byte as u8);
        byte += 1;
    }
    digits
};

/// Whether an ASCII character may be written as an escape.
#[inline]
pub(super) fn is_allowed(ascii: u8) -> bool {
    let bits = ALLOWED.get(usize::from(ascii >> 5)).copied();
    bits.unwrap_or_default() >> (ascii & 31) & 1 != 0
}

/// The ASCII characters that may be written as an escape: the space and visible ASCII,
/// without letters, digits, `-`, `.` and `_`, and without the delimiters `/ \ % ; ? #`.
pub(crate) const ALLOWED_CHARACTERS: &[u8] = br#" !"$&'()*+,:<=>@[]^`{|}~"#;

/// [`ALLOWED_CHARACTERS`], one bit each.
#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a constant: an index out of range would not build"
)]
const ALLOWED: [u32; 4] = {
    let mut bits = [0; 4];
    let mut i = 0;
    while i < ALLOWED_CHARACTERS.len() {
        let character = ALLOWED_CHARACTERS[i];
        bits[character as usize / 32] |= 1 << (character % 32);
        i += 1;
    }
    bits
};
