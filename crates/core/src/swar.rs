//! Eight bytes of a text at a time, in one 64-bit number: the first byte is the
//! lowest. Safe code that any processor runs; nothing here knows what the bytes
//! are for but the masks of paths.
//!
//! A mask has the top bit of each byte that is meant.

/// The top bit of some bytes of a word.
pub(crate) type Mask = u64;

/// The bytes that are meant when all are.
const ALL: Mask = repeat(0x80);

/// The same byte eight times.
pub(crate) const fn repeat(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// The place of the first byte meant, 0 to 7, or 8 if none is.
#[inline]
pub(crate) const fn first(mask: Mask) -> usize {
    (mask.trailing_zeros() >> 3) as usize
}

/// How many bytes of a word are behind the last one meant.
#[inline]
pub(crate) const fn behind_last(mask: Mask) -> usize {
    (mask.leading_zeros() >> 3) as usize
}

/// The eight bytes at `at`, or zeros where there are not so many.
#[inline]
pub(crate) fn word(text: &[u8], at: usize) -> u64 {
    text.get(at..)
        .and_then(<[u8]>::first_chunk)
        .map_or(0, |chunk| u64::from_le_bytes(*chunk))
}

/// The eight bytes of `text` from `at` on, padded with zeros behind the end. `at` is
/// less than 2^32: more than any text is long, and one comparison less.
#[must_use]
#[inline(always)]
pub fn word_at(text: &[u8], at: usize) -> u64 {
    let start = at & u32::MAX as usize;
    match text
        .get(start..start.wrapping_add(8))
        .and_then(<[u8]>::first_chunk)
    {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => padded(text, text.len().saturating_sub(at)),
    }
}

/// The last bytes of a text, less than eight.
#[inline]
fn padded(text: &[u8], count: usize) -> u64 {
    match text.last_chunk() {
        // The last eight, shifted; in two steps, since one of 64 bits is none.
        Some(chunk) => (u64::from_le_bytes(*chunk) >> 1) >> (63usize.wrapping_sub(count << 3) & 63),
        None => short(text, count),
    }
}

#[cold]
fn short(text: &[u8], count: usize) -> u64 {
    let rest = text.get(text.len().saturating_sub(count)..);
    let mut word = [0; 8];
    for (slot, byte) in word.iter_mut().zip(rest.unwrap_or_default()) {
        *slot = *byte;
    }
    u64::from_le_bytes(word)
}

/// Whether the processor has registers for a word. Where it has not, texts are
/// read byte by byte, which is much less code.
/// `--cfg routescope_narrow` decides so on any machine, for tests.
pub const WIDE: bool = cfg!(all(target_pointer_width = "64", not(routescope_narrow)));

/// Where, from `at` on, the first byte stands that `stops` means, or the length
/// of the text. Zeros must be meant: they pad the last word.
#[inline]
pub(crate) fn find(text: &[u8], at: usize, mut stops: impl FnMut(u64) -> Mask) -> usize {
    let mut at = at;
    while let Some(chunk) = text.get(at..).and_then(<[u8]>::first_chunk) {
        let found = stops(u64::from_le_bytes(*chunk));
        if found != 0 {
            return at.wrapping_add(first(found));
        }
        at = at.wrapping_add(8);
    }
    let left = text.len().saturating_sub(at);
    at.wrapping_add(first(stops(padded(text, left))))
        .min(text.len())
}

/// Which bytes are `byte`.
#[inline]
pub(crate) const fn is(word: u64, byte: u8) -> Mask {
    let other = word ^ repeat(byte);
    // Seven bits and 0x7F carry into the eighth unless all seven are zero.
    !((other & !ALL).wrapping_add(!ALL) | other) & ALL
}

/// Which bytes are in a range of ASCII; of others, any.
#[inline]
const fn within(ascii: u64, first: u8, last: u8) -> Mask {
    let reaches = ascii.wrapping_add(repeat(0x80u8.wrapping_sub(first)));
    let passes = ascii.wrapping_add(repeat(0x7Fu8.wrapping_sub(last)));
    reaches & !passes
}

/// Which bytes can stand in a segment as they are: RFC 3986 `pchar`, less `;`,
/// which servlet containers cut at, and less `%`.
#[inline]
pub(crate) const fn plain(word: u64) -> Mask {
    let ascii = word & !ALL;
    let marks = within(ascii, b'!', b'!')
        | within(ascii, b'$', b'$')
        | within(ascii, b'&', b'.')
        | within(ascii, b'=', b'=')
        | within(ascii, b'_', b'_')
        | within(ascii, b'~', b'~');
    let numbers = within(ascii, b'0', b':');
    let letters = within(ascii, b'@', b'Z') | within(ascii, b'a', b'z');
    (marks | numbers | letters) & !word & ALL
}

/// The bytes that are not meant.
#[inline]
pub(crate) const fn not(mask: Mask) -> Mask {
    mask ^ ALL
}

/// Whether two texts are the same. They are short: a call of `memcmp` would cost
/// more than the comparison.
#[inline(always)]
pub(crate) fn equal(a: &[u8], b: &[u8]) -> bool {
    // Loads that overlap in the middle.
    fn ends_equal<const N: usize>(a: &[u8], b: &[u8]) -> Option<bool> {
        Some(
            (a.first_chunk::<N>()? == b.first_chunk::<N>()?)
                & (a.last_chunk::<N>()? == b.last_chunk::<N>()?),
        )
    }
    if !WIDE {
        return a == b;
    }
    if a.len() != b.len() {
        return false;
    }
    if a.len() < 16 {
        return ends_equal::<8>(a, b)
            .or_else(|| ends_equal::<4>(a, b))
            .or_else(|| ends_equal::<2>(a, b))
            .unwrap_or_else(|| a.first() == b.first());
    }
    if !sixteens_equal(a, b) {
        return false;
    }
    a.len() <= 32 || {
        let mut pairs = a.as_chunks::<16>().0.iter().zip(b.as_chunks::<16>().0);
        pairs.all(|(a, b)| a == b)
    }
}

/// Of two texts of 16 bytes or more: whether both their first and their last 16 are the
/// same.
#[inline(always)]
fn sixteens_equal(a: &[u8], b: &[u8]) -> bool {
    let ends = |text: &[u8]| {
        let (first, last) = (text.first_chunk()?, text.last_chunk()?);
        Some((u128::from_ne_bytes(*first), u128::from_ne_bytes(*last)))
    };
    match (ends(a), ends(b)) {
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

    /// Each byte in each place, beside bytes that could disturb it.
    #[test]
    fn masks_of_every_byte() {
        let plain_bytes =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,=:@";
        let is_plain = |byte: u8| plain_bytes.contains(&byte);
        for filler in [0, 1, b'/', b'a', 0x7F, 0x80, 0xFF] {
            for place in 0..8 {
                for byte in 0..=255 {
                    let mut bytes = [filler; 8];
                    bytes[place] = byte;
                    let expected = |is: &dyn Fn(u8) -> bool| {
                        u64::from_le_bytes(bytes.map(|byte| if is(byte) { 0x80 } else { 0 }))
                    };
                    let word = u64::from_le_bytes(bytes);
                    assert_eq!(plain(word), expected(&is_plain), "{bytes:x?}");
                    assert_eq!(is(word, filler), expected(&|byte| byte == filler));
                    assert_eq!(is(word, b'/'), expected(&|byte| byte == b'/'));
                    assert_eq!(not(is(word, b'/')), expected(&|byte| byte != b'/'));
                }
            }
        }
    }

    #[test]
    fn the_first_of_every_length_and_place() {
        let text = b"0123456789abcdefghijklmnopqrst";
        for len in 0..text.len() {
            for start in 0..=len {
                let stop = |word| is(word, b'/') | not(plain(word));
                assert_eq!(find(&text[..len], start, stop), len);
                for odd in start..len {
                    let mut text = text[..len].to_vec();
                    text[odd] = b'/';
                    assert_eq!(find(&text, start, stop), odd);
                }
            }
        }
    }

    #[test]
    fn words_are_padded() {
        let text = b"abcdefghijklmnop";
        for len in 0..=text.len() {
            let text = &text[..len];
            for at in 0..len + 12 {
                let mut word = [0; 8];
                for (slot, byte) in word.iter_mut().zip(text.get(at..).unwrap_or_default()) {
                    *slot = *byte;
                }
                assert_eq!(word_at(text, at), u64::from_le_bytes(word), "{at} of {len}");
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
