//! Vectorised scan of a target, 16 bytes at a time.
//!
//! A target of common bytes whose segments all end well keeps every path rule. The scan
//! accepts such a target and returns a bitmask of its slashes, or returns the offset at which
//! the exact check has to continue.
//!
//! The code is written so that LLVM turns it into vector instructions: a lane depends on
//! nothing but its own byte and the byte before it. Its speed depends on this spelling. Simpler
//! spellings of the same loop cost 25 to 115 % more instructions, so change it only with the
//! instruction counts of `benches/peers/instructions` at hand.

use core::iter::Zip;
use core::num::NonZero;
use core::slice::Iter;

use super::rule::{FEW_SEGMENTS_LEN, MAX_SEGMENTS};
use crate::swar::{HAS_64_BIT_WORDS, load_padded};

/// Bytes of a block.
const BLOCK: usize = 16;
type Block = [u8; BLOCK];

/// The longest target that the scan can accept, in bytes.
pub(crate) const MAX_LEN: usize = 255;

/// The slashes of a target: bit `i` of `lo` stands for byte `i + 1`, bit `i` of `hi` for byte
/// `i + 65`. The end of the target counts as a slash. The first byte has no bit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct SlashMask {
    lo: u64,
    hi: u64,
}

impl SlashMask {
    /// No slash is known.
    pub(crate) const EMPTY: Self = Self { lo: 0, hi: 0 };

    /// The offset of the first slash at or after `at`, which is at least 1, if the mask knows
    /// one.
    #[inline(always)]
    pub(crate) const fn next(self, at: usize) -> Option<usize> {
        let bit = at.wrapping_sub(1);
        if bit < 64 {
            let rest = self.lo >> bit;
            if rest != 0 {
                return Some(at.wrapping_add(rest.trailing_zeros() as usize));
            }
            if self.hi != 0 {
                return Some(65usize.wrapping_add(self.hi.trailing_zeros() as usize));
            }
        } else if bit < 128 {
            let rest = self.hi >> (bit & 63);
            if rest != 0 {
                return Some(at.wrapping_add(rest.trailing_zeros() as usize));
            }
        }
        None
    }

    /// The number of slashes. Slashes are never adjacent, so that each mask fits into every
    /// second bit, and one population count serves both. A final slash and the end of the
    /// target merge into one bit, which is correct: no segment lies between them.
    #[inline(always)]
    const fn count(self) -> u32 {
        const EVEN: u64 = 0x5555_5555_5555_5555;
        let both = (self.lo | self.lo >> 1) & EVEN | (self.hi | self.hi << 1) & !EVEN;
        both.count_ones()
    }
}

/// The place at which the scan stopped.
#[derive(Clone, Copy)]
pub(crate) struct Stop {
    /// The start of the block that contains it.
    block: usize,
    /// A bit for each byte of the block that the scan does not accept.
    rejected: u32,
    /// The slashes before the block, if it begins in the first word of a [`SlashMask`].
    before: u64,
}

impl Stop {
    /// The scan did not look at the target, or it may have too many segments. Its offset is 0,
    /// which stands for none.
    const UNKNOWN: Self = Self {
        block: 0,
        rejected: 1,
        before: 0,
    };

    /// The length of the accepted prefix, or `None` if none is known.
    #[inline(always)]
    pub(crate) const fn offset(self) -> Option<NonZero<usize>> {
        NonZero::new(
            self.block
                .wrapping_add(self.rejected.trailing_zeros() as usize),
        )
    }

    /// The slashes of the accepted prefix of `target`, as [`scan`] returns them for it alone.
    ///
    /// `None` if the prefix has over [`FEW_SEGMENTS_LEN`] bytes, since only its scan counts its
    /// segments. Also if the target has no whole block, or if no offset is known.
    #[inline(always)]
    pub(crate) fn slashes(self, target: &[u8]) -> Option<SlashMask> {
        // So short a prefix has a bit in the first word for each byte after the first.
        const { assert!(FEW_SEGMENTS_LEN <= 64) };
        if self.offset()?.get() > FEW_SEGMENTS_LEN {
            return None;
        }
        let block = target.get(self.block..)?.first_chunk()?;
        // The prefix ends at the first byte that is rejected. Slashes after it do not count.
        let end = self.rejected & self.rejected.wrapping_neg();
        let in_block = u64::from(eq_movemask(block, b'/') & end.wrapping_sub(1) | end);
        let lo = self.before | in_block << (self.block.wrapping_sub(1) & 63);
        Some(SlashMask { lo, hi: 0 })
    }
}

/// Scans a target and returns its slashes if it consists of letters, digits, `_`, ASCII from
/// `&` to `:`, and slashes that end no empty segment and none that ends in a dot, in at most
/// [`MAX_SEGMENTS`] segments.
///
/// The caller checks that the first byte is a slash and that the last is no dot.
///
/// # Errors
///
/// The first other byte, or [`Stop::UNKNOWN`].
#[inline(always)]
pub(crate) fn scan(target: &[u8]) -> Result<SlashMask, Stop> {
    // `previous` is the byte before each of `bytes`.
    let (Some((_, bytes)), Some((_, previous))) = (target.split_first(), target.split_last())
    else {
        return Err(Stop::UNKNOWN);
    };
    if !HAS_64_BIT_WORDS || target.len() > MAX_LEN {
        return Err(Stop::UNKNOWN);
    }
    let (Some(last_previous), Some(last_bytes)) = (previous.last_chunk(), bytes.last_chunk())
    else {
        return scan_short(bytes).map(|lo| SlashMask { lo, hi: 0 });
    };
    let mut blocks = Blocks {
        at: 1,
        rest: previous.as_chunks().0.iter().zip(bytes.as_chunks().0),
    };
    let mut mask = SlashMask {
        lo: blocks.next_four()?,
        hi: 0,
    };
    // After 128 bytes, slashes are only counted.
    let mut uncovered = 0u32;
    if blocks.rest.len() > 0 {
        mask.hi = blocks.next_four()?;
        while let Some(slashes) = blocks.next()? {
            uncovered = uncovered.wrapping_add(slashes.count_ones());
        }
    }
    // The last block overlaps the one before it. One more bit stands for the end.
    let last = bytes.len().wrapping_sub(BLOCK);
    let end = scan_block(last.wrapping_add(1), last_previous, last_bytes).map_err(|stop| Stop {
        before: mask.lo,
        ..stop
    })? | 1 << BLOCK;
    if last < 64 {
        mask.lo |= end << last;
        mask.hi |= end >> 1 >> (63usize.wrapping_sub(last));
    } else if last < 128 - BLOCK {
        mask.hi |= end << (last & 63);
    } else {
        // The mask has no room for all of them. Those it has room for are in it already.
        uncovered = uncovered.wrapping_add(end.count_ones());
    }
    // The overlap may count slashes twice. A false alarm only costs the exact check.
    let is_long = bytes.len() >= FEW_SEGMENTS_LEN;
    if is_long && mask.count().wrapping_add(uncovered) > MAX_SEGMENTS as u32 {
        return Err(Stop::UNKNOWN);
    }
    Ok(mask)
}

/// Whether each byte is legal in a query: visible ASCII without `#`.
#[inline(never)]
pub(crate) fn is_query(text: &[u8]) -> bool {
    let is_rejected = |byte: u8| !in_range(byte, b'!', b'~') | (byte == b'#');
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    let is_accepted = |block: &Block| {
        !block
            .iter()
            .fold(false, |rejected, &byte| rejected | is_rejected(byte))
    };
    blocks.iter().all(is_accepted)
        && match text.last_chunk() {
            Some(block) => is_accepted(block),
            None => !rest.iter().any(|&byte| is_rejected(byte)),
        }
}

/// As [`scan`], for the less than [`BLOCK`] bytes after the first slash.
#[inline(never)]
fn scan_short(bytes: &[u8]) -> Result<u64, Stop> {
    // The rest of the block is filled with a byte that the scan accepts.
    const FILL: u128 = u128::from_ne_bytes([b'a'; BLOCK]);
    let text = u128::from(load_padded(bytes, 8)) << 64 | u128::from(load_padded(bytes, 0));
    let block = text | FILL << (bytes.len() << 3);
    let previous = block << 8 | u128::from(b'/');
    let slashes = scan_block(1, &previous.to_le_bytes(), &block.to_le_bytes())?;
    Ok(slashes | 1 << bytes.len())
}

/// The blocks of a target, one after the other.
struct Blocks<'t> {
    /// The offset of the next block.
    at: usize,
    /// The remaining blocks, each after the block of the bytes before its own.
    rest: Zip<Iter<'t, Block>, Iter<'t, Block>>,
}

impl Blocks<'_> {
    /// The slashes of the next four blocks, or of those that remain.
    #[inline(always)]
    fn next_four(&mut self) -> Result<u64, Stop> {
        let mut mask = 0;
        let _has_four = self.rotate_in(&mut mask)?
            && self.rotate_in(&mut mask)?
            && self.rotate_in(&mut mask)?
            && self.rotate_in(&mut mask)?;
        Ok(mask.rotate_left(self.at.wrapping_sub(1) as u32))
    }

    /// Adds the slashes of the next block to a mask, if there is a block. The mask is rotated
    /// by a constant instead of shifting the slashes by a variable: LLVM then keeps one
    /// movemask for each block.
    #[inline(always)]
    fn rotate_in(&mut self, mask: &mut u64) -> Result<bool, Stop> {
        let before = mask.rotate_left(self.at.wrapping_sub(1) as u32);
        let Some(slashes) = self.next().map_err(|stop| Stop { before, ..stop })? else {
            return Ok(false);
        };
        *mask = (*mask | slashes).rotate_right(BLOCK as u32);
        Ok(true)
    }

    /// The slashes of the next block.
    #[inline(always)]
    fn next(&mut self) -> Result<Option<u64>, Stop> {
        let Some((previous, bytes)) = self.rest.next() else {
            return Ok(None);
        };
        let slashes = scan_block(self.at, previous, bytes)?;
        self.at = self.at.wrapping_add(BLOCK);
        Ok(Some(slashes))
    }
}

/// A bit for each slash of the block at offset `at`, if the scan accepts every byte of it.
#[inline(always)]
fn scan_block(at: usize, previous: &Block, bytes: &Block) -> Result<u64, Stop> {
    let mut rejected = [0; BLOCK];
    for ((rejected, previous), byte) in rejected.iter_mut().zip(previous).zip(bytes) {
        *rejected = u8::from(is_rejected(*previous, *byte));
    }
    let rejected = eq_movemask(&rejected, 1);
    if rejected != 0 {
        return Err(Stop {
            block: at,
            rejected,
            before: 0,
        });
    }
    Ok(eq_movemask(bytes, b'/').into())
}

/// A bit for each byte of a block that equals `byte`. Written in fours, which LLVM recognises
/// as one movemask instruction where there is one.
#[inline(always)]
fn eq_movemask(block: &Block, byte: u8) -> u32 {
    let bit = |here: u8| u32::from(here == byte);
    let four = |[a, b, c, d]: &[u8; 4]| bit(*a) | bit(*b) << 1 | bit(*c) << 2 | bit(*d) << 3;
    match block.as_chunks().0 {
        [a, b, c, d] => four(a) | four(b) << 4 | four(c) << 8 | four(d) << 12,
        // A block has four fours, so this is unreachable, and it rejects.
        _ => u32::MAX,
    }
}

/// Whether the scan rejects a byte: it is not one of the common bytes, or it is a slash after
/// an empty segment or a dot.
#[inline(always)]
const fn is_rejected(previous: u8, byte: u8) -> bool {
    let common = in_range(byte | 0x20, b'a', b'z') | in_range(byte, b'&', b':') | (byte == b'_');
    let ends_badly = (byte == b'/') & in_range(previous, b'.', b'/');
    !common | ends_badly
}

/// Whether a byte is in a range. Signed comparison takes one vector instruction less.
#[inline(always)]
const fn in_range(byte: u8, first: u8, last: u8) -> bool {
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

    /// Interesting bytes at each offset of targets of each length, against a plain loop.
    #[test]
    fn scan_is_the_plain_loop() {
        let mut target = [0; MAX_LEN + 5];
        for len in 0..=target.len() {
            for at in 1..len.max(2) {
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
                        if at < len {
                            target[at] = byte;
                        }
                        check_scan(&target[..len]);
                    }
                }
            }
        }
    }

    /// Each byte at each offset of texts of each length up to three blocks.
    #[test]
    fn query_bytes() {
        for len in 0..3 * BLOCK {
            for at in 0..len {
                for byte in 0..=255 {
                    let mut text = [b'a'; 3 * BLOCK];
                    text[at] = byte;
                    let expected = (0x21..=0x7E).contains(&byte) && byte != b'#';
                    assert_eq!(is_query(&text[..len]), expected, "{len} {at} {byte}");
                }
            }
        }
    }

    fn check_scan(target: &[u8]) {
        let pairs = || target.windows(2).map(|pair| (pair[0], pair[1]));
        let common = |byte: u8| byte.is_ascii_alphanumeric() || b"&'()*+,-./:_".contains(&byte);
        let rejected =
            |(previous, byte)| !common(byte) || byte == b'/' && matches!(previous, b'.' | b'/');
        let stop = pairs().position(rejected).map_or(target.len(), |at| at + 1);
        // A slash at the end begins no segment.
        let begun = &target[..target.len() - usize::from(target.ends_with(b"/"))];
        let segments = begun.iter().filter(|&&byte| byte == b'/').count();
        match scan(target) {
            Ok(mask) => {
                assert!(HAS_64_BIT_WORDS && stop == target.len() && segments <= MAX_SEGMENTS);
                let bits = pairs().map(|(_, byte)| byte == b'/').chain([true]);
                let mut all = [0; 2];
                for (at, bit) in bits.enumerate().take(128) {
                    all[at / 64] |= u64::from(bit) << (at % 64);
                }
                assert_eq!([mask.lo, mask.hi], all, "{target:?}");
                for at in 1..=target.len().min(128) {
                    let next = (at..target.len()).find(|&at| target[at] == b'/');
                    assert_eq!(
                        mask.next(at).unwrap_or(target.len()),
                        next.filter(|slash| *slash <= 128).unwrap_or(target.len()),
                        "{target:?} from {at}"
                    );
                }
            }
            Err(unknown) if unknown.offset().is_none() => {
                let scanned = HAS_64_BIT_WORDS && (BLOCK + 1..=MAX_LEN).contains(&target.len());
                let crowded = segments > MAX_SEGMENTS - BLOCK / 2 - 1;
                assert!(!scanned || crowded, "{target:?}");
                let short = HAS_64_BIT_WORDS && (1..=BLOCK).contains(&target.len());
                assert!(!short || stop < target.len(), "{target:?}");
            }
            Err(other) => {
                assert_eq!(other.offset().map(NonZero::get), Some(stop), "{target:?}");
                assert!(stop < target.len());
                // The stop knows the slashes of a short prefix, as a scan of the prefix does.
                let known = target.len() > BLOCK && stop <= FEW_SEGMENTS_LEN;
                let prefix = known.then(|| scan(&target[..stop]).ok());
                assert_eq!(other.slashes(target).map(Some), prefix, "{target:?}");
            }
        }
    }
}
