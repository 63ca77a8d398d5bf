//! A first look at a target: nearly all of them consist of a few kinds of bytes,
//! and sixteen at a time are enough to see it.

use core::iter::Zip;
use core::slice::Iter;

use crate::path::{MAX_SEGMENTS, SHORT};
use crate::swar::{WIDE, word_at};

/// Bytes that are looked at together.
const LANES: usize = 16;
type Lane = [u8; LANES];
/// Longer targets are not looked at.
pub(crate) const MOST: usize = 255;
/// Where the slashes are that a look shows: a bit for each of the 128 bytes behind
/// the first slash, and one for the target's end, if that is one of them.
pub(crate) type Slashes = [u64; 2];

/// Where a target stops being clean.
#[derive(Clone, Copy)]
pub(crate) struct Odd {
    /// So many bytes from the start are clean.
    clean: usize,
    /// A bit for each byte of the lane behind them that is not.
    odd: u32,
}

impl Odd {
    /// Nothing was looked at, or there may be too many segments.
    const UNKNOWN: Self = Self { clean: 0, odd: 1 };

    /// The place of the first byte that is not clean; 0 if it is not known.
    #[inline(always)]
    pub(crate) const fn first(self) -> usize {
        self.clean.wrapping_add(self.odd.trailing_zeros() as usize)
    }
}

/// Where the slashes of a target are, if it is clean. That is, it consists of
/// letters, digits, `_`, what stands from `&` to `:` in ASCII, and slashes, at none of
/// which a segment ends that is empty or has a dot at its end; and it has at most
/// [`MAX_SEGMENTS`].
///
/// Takes its first byte for a slash, and does not see what the last segment ends in:
/// both are for the caller to check.
///
/// Written so that compilers make vector instructions of it, where there are
/// any: nothing depends on a byte but its own lane and the byte before it.
///
/// # Errors
///
/// The target is not clean, or [`Odd::UNKNOWN`].
#[inline(always)]
pub(crate) fn glance(target: &[u8]) -> Result<Slashes, Odd> {
    let (Some((_, bytes)), Some((_, befores))) = (target.split_first(), target.split_last()) else {
        return Err(Odd::UNKNOWN);
    };
    if !WIDE || target.len() > MOST {
        return Err(Odd::UNKNOWN);
    }
    let (Some(last_befores), Some(last_bytes)) = (befores.last_chunk(), bytes.last_chunk()) else {
        return glance_short(bytes).map(|near| [near, 0]);
    };
    let mut lanes = Lanes {
        clean: 1,
        rest: befores.as_chunks().0.iter().zip(bytes.as_chunks().0),
    };
    let mut near = lanes.word()?;
    let mut far = 0;
    // Behind those bytes, only how many.
    let mut more = 0u32;
    if lanes.rest.len() > 0 {
        far = lanes.word()?;
        while let Some(slashes) = lanes.slashes()? {
            more = more.wrapping_add(slashes.count_ones());
        }
    }
    // At the end, some bytes once more; and a bit for the end.
    let last = bytes.len().wrapping_sub(LANES);
    let end = slashes(last.wrapping_add(1), last_befores, last_bytes)? | 1 << LANES;
    if last < 64 {
        near |= end << last;
        far |= end >> 1 >> (63usize.wrapping_sub(last));
    } else if last < 128 - LANES {
        far |= end << (last & 63);
    } else {
        // Not all of them find room. What does has been looked at.
        more = more.wrapping_add(end.count_ones());
    }
    // Some may be counted twice here, which sends a proper target to the longer look.
    if bytes.len() >= SHORT && count([near, far]).wrapping_add(more) > MAX_SEGMENTS as u32 {
        return Err(Odd::UNKNOWN);
    }
    Ok([near, far])
}

/// Whether each byte of a query can stand in one: visible ASCII without `#`.
#[inline(never)]
pub(crate) fn is_visible(text: &[u8]) -> bool {
    let odd = |byte: u8| !within(byte, b'!', b'~') | (byte == b'#');
    let (lanes, rest) = text.as_chunks::<LANES>();
    let visible = |lane: &Lane| !lane.iter().fold(false, |any, &byte| any | odd(byte));
    lanes.iter().all(visible)
        && match text.last_chunk() {
            Some(lane) => visible(lane),
            None => !rest.iter().any(|&byte| odd(byte)),
        }
}

/// As [`glance`], for what follows the slash in front, less than [`LANES`] bytes.
#[inline(never)]
fn glance_short(bytes: &[u8]) -> Result<u64, Odd> {
    // Filled with what is clean.
    const ALL_A: u128 = u128::from_ne_bytes([b'a'; LANES]);
    let words = u128::from(word_at(bytes, 8)) << 64 | u128::from(word_at(bytes, 0));
    let here = words | ALL_A << (bytes.len() << 3);
    let before = here << 8 | u128::from(b'/');
    let slashes = slashes(1, &before.to_le_bytes(), &here.to_le_bytes())?;
    Ok(slashes | 1 << bytes.len())
}

/// The lanes of a target, one after the other.
struct Lanes<'t> {
    /// So many bytes from the start are clean.
    clean: usize,
    /// Those that were not looked at, each with the bytes before its own.
    rest: Zip<Iter<'t, Lane>, Iter<'t, Lane>>,
}

impl Lanes<'_> {
    /// The slashes of the next four, or of as many as there are.
    #[inline(always)]
    fn word(&mut self) -> Result<u64, Odd> {
        let mut word = 0;
        let _four = self.turn_into(&mut word)?
            && self.turn_into(&mut word)?
            && self.turn_into(&mut word)?
            && self.turn_into(&mut word)?;
        Ok(word.rotate_left(self.clean.wrapping_sub(1) as u32))
    }

    /// Puts the slashes of the next one into a word, if there is one. The word is turned
    /// until they are in their place, since compilers would shift them one by one.
    #[inline(always)]
    fn turn_into(&mut self, word: &mut u64) -> Result<bool, Odd> {
        let Some(slashes) = self.slashes()? else {
            return Ok(false);
        };
        *word = (*word | slashes).rotate_right(LANES as u32);
        Ok(true)
    }

    /// The slashes of the next one.
    #[inline(always)]
    fn slashes(&mut self) -> Result<Option<u64>, Odd> {
        let Some((befores, bytes)) = self.rest.next() else {
            return Ok(None);
        };
        let slashes = slashes(self.clean, befores, bytes)?;
        self.clean = self.clean.wrapping_add(LANES);
        Ok(Some(slashes))
    }
}

/// A bit for each byte of a lane that is a slash, if all are clean, as so many are
/// before it.
#[inline(always)]
fn slashes(clean: usize, befores: &Lane, bytes: &Lane) -> Result<u64, Odd> {
    let mut odd = [0; LANES];
    for ((odd, before), byte) in odd.iter_mut().zip(befores).zip(bytes) {
        *odd = u8::from(is_odd(*before, *byte));
    }
    let odd = gather(&odd, 1);
    if odd != 0 {
        return Err(Odd { clean, odd });
    }
    Ok(gather(bytes, b'/').into())
}

/// A bit for each byte of a lane that is this one. By fours, in which compilers see
/// what it is: one instruction, where there is one.
#[inline(always)]
fn gather(lane: &Lane, wanted: u8) -> u32 {
    let bit = |byte: u8| u32::from(byte == wanted);
    let four = |[a, b, c, d]: &[u8; 4]| bit(*a) | bit(*b) << 1 | bit(*c) << 2 | bit(*d) << 3;
    match lane.as_chunks().0 {
        [a, b, c, d] => four(a) | four(b) << 4 | four(c) << 8 | four(d) << 12,
        // Not a lane.
        _ => u32::MAX,
    }
}

/// How many bits there are: no two slashes stand side by side, so that those of both
/// words find room in one. Of a slash and the end behind it one bit may be left, which
/// is right: no segment begins between them.
#[inline(always)]
const fn count([near, far]: Slashes) -> u32 {
    const EVEN: u64 = 0x5555_5555_5555_5555;
    let both = (near | near >> 1) & EVEN | (far | far << 1) & !EVEN;
    both.count_ones()
}

/// Whether a byte, or the end of a segment at it, may break a rule.
#[inline(always)]
const fn is_odd(before: u8, byte: u8) -> bool {
    let common = within(byte | 0x20, b'a', b'z') | within(byte, b'&', b':') | (byte == b'_');
    let ends_badly = (byte == b'/') & within(before, b'.', b'/');
    !common | ends_badly
}

/// Whether a byte is in a range. As signed numbers, which take one instruction less to
/// compare.
#[inline(always)]
const fn within(byte: u8, first: u8, last: u8) -> bool {
    let lowest = first ^ 0x80;
    byte.wrapping_sub(lowest).cast_signed() <= last.wrapping_sub(lowest).cast_signed()
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
                    for filler in [
                        &b"/ab/c-d/e.f/1_2/Xy/"[..],
                        b"/a",
                        b"/a/bc",
                        b"/aaa",
                        b"/aa/aaa",
                    ] {
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

    /// Each byte in each place of texts of each length up to three lanes.
    #[test]
    fn what_may_stand_in_a_query() {
        for len in 0..3 * LANES {
            for place in 0..len {
                for byte in 0..=255 {
                    let mut text = [b'a'; 3 * LANES];
                    text[place] = byte;
                    let visible = (0x21..=0x7E).contains(&byte) && byte != b'#';
                    assert_eq!(is_visible(&text[..len]), visible, "{len} {place} {byte}");
                }
            }
        }
    }

    fn looked_at(target: &[u8]) {
        let pairs = || target.windows(2).map(|pair| (pair[0], pair[1]));
        let common = |byte: u8| byte.is_ascii_alphanumeric() || b"&'()*+,-./:_".contains(&byte);
        let odd = |(before, byte)| !common(byte) || byte == b'/' && matches!(before, b'.' | b'/');
        let first_odd = pairs().position(odd).map_or(target.len(), |at| at + 1);
        // A slash at the end begins none.
        let begun = &target[..target.len() - usize::from(target.ends_with(b"/"))];
        let segments = begun.iter().filter(|&&byte| byte == b'/').count();
        match glance(target) {
            Ok(slashes) => {
                assert!(WIDE && first_odd == target.len() && segments <= MAX_SEGMENTS);
                let bits = pairs().map(|(_, byte)| byte == b'/').chain([true]);
                let mut all = [0; 2];
                for (at, bit) in bits.enumerate().take(128) {
                    all[at / 64] |= u64::from(bit) << (at % 64);
                }
                assert_eq!(slashes, all, "{target:?}");
            }
            Err(odd) if odd.first() == 0 => {
                let looked_at = WIDE && (LANES + 1..=MOST).contains(&target.len());
                let crowded = segments > MAX_SEGMENTS - LANES / 2 - 1;
                assert!(!looked_at || crowded, "{target:?}");
                let short = WIDE && (1..=LANES).contains(&target.len());
                assert!(!short || first_odd < target.len(), "{target:?}");
            }
            Err(odd) => {
                assert_eq!(odd.first(), first_odd, "{target:?}");
                assert!(first_odd < target.len());
            }
        }
    }
}
