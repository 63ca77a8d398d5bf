//! SWAR ("SIMD within a register"): eight bytes of a text at a time in one `u64`, whose
//! lowest byte is the first of the text.
//!
//! Each byte of a word is a lane. A comparison returns a [`LaneMask`], which has the top bit
//! of each lane that matches. All of it is safe, portable code.

/// The top bit of some lanes of a word; all other bits are zero.
pub(crate) type LaneMask = u64;

/// Whether the processor has 64-bit registers. Where it has not, texts are read byte by byte,
/// which takes much less code.
///
/// `--cfg routescope_narrow` answers no on any machine, so that tests can run both ways.
pub const HAS_64_BIT_WORDS: bool = cfg!(all(target_pointer_width = "64", not(routescope_narrow)));

/// Every lane set.
const ALL_LANES: LaneMask = splat(0x80);

/// A word of eight equal bytes.
pub(crate) const fn splat(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// The index of the first set lane, or 8 if none is set.
#[inline]
pub(crate) const fn first_lane(mask: LaneMask) -> usize {
    (mask.trailing_zeros() >> 3) as usize
}

/// The number of lanes after the last set one.
#[inline]
pub(crate) const fn trailing_lanes(mask: LaneMask) -> usize {
    (mask.leading_zeros() >> 3) as usize
}

/// The complement of a mask.
#[inline]
pub(crate) const fn complement(mask: LaneMask) -> LaneMask {
    mask ^ ALL_LANES
}

/// The lanes that equal `byte`.
#[inline]
pub(crate) const fn eq_mask(word: u64, byte: u8) -> LaneMask {
    let difference = word ^ splat(byte);
    // Seven bits plus 0x7F carry into the eighth unless all seven are zero.
    !((difference & !ALL_LANES).wrapping_add(!ALL_LANES) | difference) & ALL_LANES
}

/// The lanes in a range of ASCII. `ascii` has no top bits: the caller masks lanes that are
/// not ASCII.
#[inline]
const fn range_mask(ascii: u64, first: u8, last: u8) -> LaneMask {
    let at_least_first = ascii.wrapping_add(splat(0x80u8.wrapping_sub(first)));
    let over_last = ascii.wrapping_add(splat(0x7Fu8.wrapping_sub(last)));
    at_least_first & !over_last
}

/// The lanes that a path segment may contain unescaped: `pchar` of RFC 3986 section 3.3
/// without `%`, and without `;`, at which servlet containers cut.
#[inline]
pub(crate) const fn pchar_mask(word: u64) -> LaneMask {
    let ascii = word & !ALL_LANES;
    let marks = range_mask(ascii, b'!', b'!')
        | range_mask(ascii, b'$', b'$')
        | range_mask(ascii, b'&', b'.')
        | range_mask(ascii, b'=', b'=')
        | range_mask(ascii, b'_', b'_')
        | range_mask(ascii, b'~', b'~');
    let digits_and_colon = range_mask(ascii, b'0', b':');
    let at_and_letters = range_mask(ascii, b'@', b'Z') | range_mask(ascii, b'a', b'z');
    (marks | digits_and_colon | at_and_letters) & !word & ALL_LANES
}

/// The eight bytes at `at`, or zero if the text has fewer there.
#[inline]
pub(crate) fn load(text: &[u8], at: usize) -> u64 {
    text.get(at..)
        .and_then(<[u8]>::first_chunk)
        .map_or(0, |chunk| u64::from_le_bytes(*chunk))
}

/// The eight bytes at `at`, padded with zeros after the end of the text. `at` is less than
/// 2^32, which spares a comparison; no text is longer.
#[must_use]
#[inline(always)]
pub fn load_padded(text: &[u8], at: usize) -> u64 {
    let start = at & u32::MAX as usize;
    match text
        .get(start..start.wrapping_add(8))
        .and_then(<[u8]>::first_chunk)
    {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => load_last(text, text.len().saturating_sub(at)),
    }
}

/// The last `count` bytes of a text, less than eight, padded with zeros.
#[inline]
fn load_last(text: &[u8], count: usize) -> u64 {
    match text.last_chunk() {
        // The last eight bytes are shifted in two steps, since a shift by 64 bits is none.
        Some(chunk) => (u64::from_le_bytes(*chunk) >> 1) >> (63usize.wrapping_sub(count << 3) & 63),
        None => load_short(text, count),
    }
}

/// As [`load_last`], for a text of less than eight bytes.
#[cold]
fn load_short(text: &[u8], count: usize) -> u64 {
    let rest = text.get(text.len().saturating_sub(count)..);
    let mut word = [0; 8];
    for (lane, byte) in word.iter_mut().zip(rest.unwrap_or_default()) {
        *lane = *byte;
    }
    u64::from_le_bytes(word)
}

/// The offset of the first byte at or after `at` that `stops` marks, else the length of the
/// text. `stops` must mark NUL, which pads the last word.
#[inline]
pub(crate) fn find(text: &[u8], at: usize, mut stops: impl FnMut(u64) -> LaneMask) -> usize {
    let mut at = at;
    while let Some(chunk) = text.get(at..).and_then(<[u8]>::first_chunk) {
        let found = stops(u64::from_le_bytes(*chunk));
        if found != 0 {
            return at.wrapping_add(first_lane(found));
        }
        at = at.wrapping_add(8);
    }
    let left = text.len().saturating_sub(at);
    at.wrapping_add(first_lane(stops(load_last(text, left))))
        .min(text.len())
}

/// Whether two texts are equal. They are short, so that a call of `memcmp` would cost more
/// instructions than the comparison.
#[inline(always)]
pub(crate) fn equal(a: &[u8], b: &[u8]) -> bool {
    // The two loads overlap in the middle.
    fn both_ends_equal<const N: usize>(a: &[u8], b: &[u8]) -> Option<bool> {
        Some(
            (a.first_chunk::<N>()? == b.first_chunk::<N>()?)
                & (a.last_chunk::<N>()? == b.last_chunk::<N>()?),
        )
    }
    if !HAS_64_BIT_WORDS {
        return a == b;
    }
    if a.len() != b.len() {
        return false;
    }
    if a.len() < 16 {
        return both_ends_equal::<8>(a, b)
            .or_else(|| both_ends_equal::<4>(a, b))
            .or_else(|| both_ends_equal::<2>(a, b))
            .unwrap_or_else(|| a.first() == b.first());
    }
    if !outer_blocks_equal(a, b) {
        return false;
    }
    a.len() <= 32 || {
        let mut blocks = a.as_chunks::<16>().0.iter().zip(b.as_chunks::<16>().0);
        blocks.all(|(a, b)| a == b)
    }
}

/// Whether the first and the last 16 bytes of two texts are equal. Both have at least 16.
#[inline(always)]
fn outer_blocks_equal(a: &[u8], b: &[u8]) -> bool {
    let outer = |text: &[u8]| {
        let (first, last) = (text.first_chunk()?, text.last_chunk()?);
        Some((u128::from_ne_bytes(*first), u128::from_ne_bytes(*last)))
    };
    match (outer(a), outer(b)) {
        (Some(a), Some(b)) => (a.0 ^ b.0) | (a.1 ^ b.1) == 0,
        _ => false,
    }
}

#[cfg(test)]
#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may panic"
)]
mod tests {
    use super::*;

    /// Each byte in each lane, beside bytes whose carry could disturb it.
    #[test]
    fn masks_of_every_byte() {
        let pchars =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,=:@";
        let is_pchar = |byte: u8| pchars.contains(&byte);
        for filler in [0, 1, b'/', b'a', 0x7F, 0x80, 0xFF] {
            for lane in 0..8 {
                for byte in 0..=255 {
                    let mut bytes = [filler; 8];
                    bytes[lane] = byte;
                    let expected = |wanted: &dyn Fn(u8) -> bool| {
                        u64::from_le_bytes(bytes.map(|byte| if wanted(byte) { 0x80 } else { 0 }))
                    };
                    let word = u64::from_le_bytes(bytes);
                    assert_eq!(pchar_mask(word), expected(&is_pchar), "{bytes:x?}");
                    assert_eq!(eq_mask(word, filler), expected(&|byte| byte == filler));
                    assert_eq!(eq_mask(word, b'/'), expected(&|byte| byte == b'/'));
                    assert_eq!(
                        complement(eq_mask(word, b'/')),
                        expected(&|byte| byte != b'/')
                    );
                }
            }
        }
    }

    #[test]
    fn find_stops_at_every_offset_of_every_length() {
        let text = b"0123456789abcdefghijklmnopqrst";
        for len in 0..text.len() {
            for start in 0..=len {
                let stop = |word| eq_mask(word, b'/') | complement(pchar_mask(word));
                assert_eq!(find(&text[..len], start, stop), len);
                for slash in start..len {
                    let mut text = text[..len].to_vec();
                    text[slash] = b'/';
                    assert_eq!(find(&text, start, stop), slash);
                }
            }
        }
    }

    #[test]
    fn loads_are_padded() {
        let text = b"abcdefghijklmnop";
        for len in 0..=text.len() {
            let text = &text[..len];
            for at in 0..len + 12 {
                let mut word = [0; 8];
                for (slot, byte) in word.iter_mut().zip(text.get(at..).unwrap_or_default()) {
                    *slot = *byte;
                }
                assert_eq!(
                    load_padded(text, at),
                    u64::from_le_bytes(word),
                    "{at} of {len}"
                );
            }
        }
    }

    #[test]
    fn equal_is_equal() {
        let text = b"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
        for len in 0..text.len() {
            let same = &text[..len];
            assert!(equal(same, same));
            for at in 0..len {
                let mut other = *text;
                other[at] ^= 1;
                assert!(!equal(same, &other[..len]), "{len} {at}");
            }
            assert!(!equal(same, &text[..len + 1]));
        }
    }
}
