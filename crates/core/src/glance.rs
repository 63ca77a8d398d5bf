//! A first look at a target: nearly all of them consist of a few kinds of bytes,
//! and sixteen at a time are enough to see it.

use crate::path::{MAX_SEGMENTS, SHORT};
use crate::words::{WIDE, word_at};

/// Bytes that are looked at together.
const LANES: usize = 16;
/// Longer targets are not looked at.
pub(crate) const MOST: usize = 255;

/// What a first look shows.
#[derive(Clone, Copy)]
pub(crate) struct Glance {
    /// So many bytes from the start are clean: letters, digits, `_`, what stands from
    /// `&` to `:` in ASCII, and slashes, at none of which a segment ends that is empty
    /// or has a dot at its end. The next byte, if there is one, is not. 0 if nothing was
    /// looked at, or there may be too many segments.
    pub(crate) clean: usize,
    /// Which of the 64 bytes behind the first slash are slashes, and where the
    /// target ends; if that is not known, none.
    pub(crate) slashes: u64,
}

impl Glance {
    const NONE: Self = Self::up_to(0);

    const fn up_to(clean: usize) -> Self {
        Self { clean, slashes: 0 }
    }
}

/// Looks at a target. Takes its first byte for a slash, and does not see what the
/// last segment ends in: both are for the caller to check.
///
/// Written so that compilers make vector instructions of it, where there are
/// any: nothing depends on a byte but its own lane and the byte before it. Not
/// to be inlined: beside other code it comes apart.
#[inline(never)]
pub(crate) fn glance(target: &[u8]) -> Glance {
    let (Some((_, bytes)), Some((_, befores))) = (target.split_first(), target.split_last()) else {
        return Glance::NONE;
    };
    if !WIDE || target.len() > MOST {
        return Glance::NONE;
    }
    let (Some(last_befores), Some(last_bytes)) = (befores.last_chunk(), bytes.last_chunk()) else {
        return glance_short(bytes);
    };
    let chunks = befores.as_chunks().0.iter().zip(bytes.as_chunks().0);
    let mut at = 0usize;
    let mut near = 0;
    let mut count = [0; LANES];
    for (before, here) in chunks {
        let Some(slashes) = slashes(before, here, &mut count) else {
            return odd_behind(at, before, here);
        };
        if at < 64 {
            near |= slashes << at;
        }
        at = at.wrapping_add(LANES);
    }
    // At the end, some bytes once more; and a bit for the end.
    let last = bytes.len().wrapping_sub(LANES);
    let Some(slashes) = slashes(last_befores, last_bytes, &mut count) else {
        return odd_behind(last, last_befores, last_bytes);
    };
    if last < 64 {
        near |= (slashes | 1 << LANES) << last;
    }
    // Some are counted twice, which may send a proper path to the longer look.
    if bytes.len() >= SHORT && sum(count) >= MAX_SEGMENTS as u32 {
        return Glance::NONE;
    }
    Glance {
        clean: target.len(),
        slashes: near,
    }
}

/// As [`glance`], for what follows the slash in front, less than [`LANES`] bytes.
#[inline(never)]
fn glance_short(bytes: &[u8]) -> Glance {
    // Filled with what is clean.
    let filler = ALL_A << (bytes.len() << 3);
    let words = u128::from(word_at(bytes, 8)) << 64 | u128::from(word_at(bytes, 0));
    let here = words | filler;
    let before = here << 8 | u128::from(b'/');
    let [before, here] = [before, here].map(u128::to_le_bytes);
    match slashes(&before, &here, &mut [0; LANES]) {
        Some(slashes) => Glance {
            clean: bytes.len().wrapping_add(1),
            slashes: slashes | 1 << bytes.len(),
        },
        None => odd_behind(0, &before, &here),
    }
}

const ALL_A: u128 = u128::from_ne_bytes([b'a'; LANES]);

/// A target of which so many bytes behind the first are clean, and one of these is
/// not.
#[inline(never)]
fn odd_behind(clean: usize, befores: &[u8; LANES], bytes: &[u8; LANES]) -> Glance {
    let mut odd = [0; LANES];
    for ((odd, before), byte) in odd.iter_mut().zip(befores).zip(bytes) {
        *odd = u8::from(is_odd(*before, *byte));
    }
    let first = u128::from_le_bytes(odd).trailing_zeros() >> 3;
    Glance::up_to(clean.wrapping_add(first as usize).wrapping_add(1))
}

/// Which bytes are slashes, if all are clean; and counts them in each lane.
#[inline(always)]
fn slashes(befores: &[u8; LANES], bytes: &[u8; LANES], count: &mut [u8; LANES]) -> Option<u64> {
    let mut odd = [false; LANES];
    let mut slash = [0; LANES];
    for (((odd, slash), before), byte) in odd.iter_mut().zip(&mut slash).zip(befores).zip(bytes) {
        *odd = is_odd(*before, *byte);
        *slash = u8::from(*byte == b'/');
    }
    if odd.contains(&true) {
        return None;
    }
    for (count, slash) in count.iter_mut().zip(slash) {
        *count = count.wrapping_add(slash);
    }
    let [low, high] = [0, 64].map(|by| (u128::from_le_bytes(slash) >> by) as u64);
    Some(gathered(low) | gathered(high) << 8)
}

/// Whether a byte, or the end of a segment at it, may break a rule.
#[inline(always)]
const fn is_odd(before: u8, byte: u8) -> bool {
    const fn within(byte: u8, first: u8, last: u8) -> bool {
        byte.wrapping_sub(first) <= last.wrapping_sub(first)
    }
    let common = within(byte | 0x20, b'a', b'z') | within(byte, b'&', b':') | (byte == b'_');
    let ends_badly = (byte == b'/') & within(before, b'.', b'/');
    !common | ends_badly
}

/// The lowest bits of eight bytes, of which no other is set, side by side.
#[inline(always)]
const fn gathered(bits: u64) -> u64 {
    bits.wrapping_mul(0x0102_0408_1020_4080) >> 56
}

fn sum(counts: [u8; LANES]) -> u32 {
    counts.into_iter().map(u32::from).sum()
}

#[cfg(test)]
#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may panic"
)]
mod tests {
    use super::*;

    /// Each byte in each place of targets of each length, byte by byte.
    #[test]
    fn as_one_byte_after_the_other() {
        let mut target = [0; MOST + 5];
        for len in 0..=target.len() {
            for place in 1..len.max(2) {
                for byte in [
                    b'a', b'/', b'.', b'?', b'_', b'-', b'&', b'%', b':', b';', 0, 0xAF, 0x80,
                ] {
                    for filler in [&b"/ab/c-d/e.f/1_2/Xy/"[..], b"/a", b"/a/bc"] {
                        for (slot, byte) in target.iter_mut().zip(filler.iter().cycle()) {
                            *slot = *byte;
                        }
                        if place < len {
                            target[place] = byte;
                        }
                        looked_at(&target[..len]);
                    }
                }
            }
        }
    }

    fn looked_at(target: &[u8]) {
        let Glance { clean, slashes } = glance(target);
        if !WIDE || target.is_empty() || target.len() > MOST {
            assert_eq!((clean, slashes), (0, 0));
            return;
        }
        let pairs = || target.windows(2).map(|pair| (pair[0], pair[1]));
        let common = |byte: u8| byte.is_ascii_alphanumeric() || b"&'()*+,-./:_".contains(&byte);
        let odd = |(before, byte)| !common(byte) || byte == b'/' && matches!(before, b'.' | b'/');
        let first_odd = pairs().position(odd).map_or(target.len(), |at| at + 1);
        let segments = target.iter().filter(|&&byte| byte == b'/').count();
        if clean == 0 && first_odd == target.len() {
            assert!(segments > MAX_SEGMENTS - LANES / 2, "{target:?}");
            return;
        }
        assert_eq!(clean, first_odd, "{target:?}");
        assert!(segments <= MAX_SEGMENTS || clean < target.len());
        let bytes = pairs().map(|(_, byte)| byte == b'/').chain([true]);
        let bits = bytes
            .take(64)
            .zip(0..)
            .map(|(bit, at)| u64::from(bit) << at);
        let known = clean == target.len();
        assert_eq!(slashes, if known { bits.sum() } else { 0 }, "{target:?}");
    }
}
