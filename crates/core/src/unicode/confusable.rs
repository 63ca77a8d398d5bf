//! Code points that look like a delimiter, look like nothing, or turn into
//! something else when a back end normalises Unicode or converts it to a code page.
//!
//! `scripts/unicode-tables` derives them from Unicode's files and writes the tables.

use super::tables::{CONFUSABLE, CONFUSABLE_BEYOND};
use crate::swar::HAS_64_BIT_WORDS;

/// The first code point beyond the basic multilingual plane.
const BEYOND_BMP: u32 = 0x1_0000;

/// Whether a decoded path segment may not contain a character beyond ASCII.
#[inline]
pub(crate) fn is_confusable(code_point: u32) -> bool {
    if HAS_64_BIT_WORDS && code_point < BEYOND_BMP {
        !is_distinct(code_point)
    } else {
        is_in_ranges(code_point)
    }
}

/// The definition, by binary search.
fn is_in_ranges(code_point: u32) -> bool {
    // The last two code points of every plane are noncharacters.
    code_point & 0xFFFE == 0xFFFE
        || match u16::try_from(code_point) {
            Ok(code_point) => is_within(&CONFUSABLE, code_point),
            Err(_) => is_within(&CONFUSABLE_BEYOND, code_point),
        }
}

/// Whether one of the sorted ranges contains a code point.
fn is_within<T: Copy + PartialOrd>(ranges: &[(T, T)], code_point: T) -> bool {
    let at = ranges.partition_point(|&(_, last)| last < code_point);
    ranges
        .get(at)
        .is_some_and(|&(first, _)| first <= code_point)
}

/// Whether a code point below [`BEYOND_BMP`] is a character beyond ASCII that is not
/// confusable.
///
/// Two loads instead of a search through the ranges, for processors with memory to spare.
/// Every code point costs the same.
#[inline]
fn is_distinct(code_point: u32) -> bool {
    let block = usize::try_from(code_point >> 6).unwrap_or(usize::MAX);
    let kind = BLOCKS.kinds.get(block).copied().unwrap_or_default();
    let distinct = BLOCKS.distinct.get(usize::from(kind) % KINDS);
    distinct.copied().unwrap_or_default() >> (code_point & 63) & 1 != 0
}

/// A power of two that is more than the number of different blocks.
const KINDS: usize = 64;

/// The code points below U+10000, in blocks of 64.
struct Blocks {
    /// The index in `distinct` of the set of each block.
    kinds: [u8; 1024],
    /// The different sets: a bit for each code point of a block that [`is_distinct`]. The
    /// first set is empty.
    distinct: [u64; KINDS],
}

static BLOCKS: Blocks = Blocks::new();

#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a constant: an index out of range would not build"
)]
impl Blocks {
    const fn new() -> Self {
        let mut blocks = Self {
            kinds: [0; 1024],
            distinct: [0; KINDS],
        };
        let mut count = 1;
        let mut block = 0;
        while block < blocks.kinds.len() {
            let distinct = Self::distinct(block as u32 * 64);
            let mut kind = 0;
            while kind < count && blocks.distinct[kind] != distinct {
                kind += 1;
            }
            if kind == count {
                blocks.distinct[kind] = distinct;
                count += 1;
            }
            blocks.kinds[block] = kind as u8;
            block += 1;
        }
        blocks
    }

    /// The set of the 64 code points from `start` on.
    const fn distinct(start: u32) -> u64 {
        let is_ascii = start < 0x80;
        let is_surrogate = 0xD800 <= start && start <= 0xDFFF;
        if is_ascii || is_surrogate {
            return 0;
        }
        // The last two code points are in no range.
        let mut distinct = if start == 0xFFC0 {
            u64::MAX >> 2
        } else {
            u64::MAX
        };
        let mut i = 0;
        while i < CONFUSABLE.len() {
            let (first, last) = (CONFUSABLE[i].0 as u32, CONFUSABLE[i].1 as u32);
            if first < start + 64 && start <= last {
                let from = first.saturating_sub(start);
                let to = if last < start + 63 { last - start } else { 63 };
                distinct &= !(u64::MAX >> (63 - to) & u64::MAX << from);
            }
            i += 1;
        }
        distinct
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_equal_ranges() {
        for code_point in 0..BEYOND_BMP {
            let character = char::from_u32(code_point).is_some_and(|c| !c.is_ascii());
            let expected = character && !is_in_ranges(code_point);
            assert_eq!(is_distinct(code_point), expected, "{code_point:04X}");
        }
        assert!(!is_distinct(BEYOND_BMP));
        assert!(!is_distinct(u32::MAX));
    }
}
