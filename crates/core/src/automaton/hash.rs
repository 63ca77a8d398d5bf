//! Where rows are: the functions by which the compiler places them and a look-up finds
//! them, and the number that tells whether both are of one version.

use crate::automaton::{End, State};
use crate::lookalike;
use crate::swar::word;
use crate::{Method, Methods};

/// What tables are laid out by: another number in each version that finds a row
/// elsewhere or takes a field for something else. In tables of another layout a
/// literal would not be found, and what it is not found for could be a value.
pub const LAYOUT: u64 = {
    /// To be raised when a field takes another meaning, or what is hashed is cut or read
    /// otherwise: that is not seen below.
    const MEANING: u64 = 3;
    let state = State {
        seed: 0xA5C3,
        shape: State::shape(5, 12),
        ..State::EMPTY
    };
    let edge = edge_key(7, lookalike::SAMPLE);
    let end = End::new(3, Methods::NONE.with(Method::Put)).winning(true, false);
    let found = [
        MEANING,
        bucket(edge, 1 << 16) as u64,
        place(edge, 0x1234, 1_000_003) as u64,
        state.row(0x0123_4567_89AB_CDEF) as u64,
        State::length(0x1234) as u64,
        end.bits() as u64,
    ];
    let [a, b, c, d, e, f] = found;
    let mixed = edge_key(a as u32, b) ^ edge_key(c as u32, d).rotate_left(21);
    mixed ^ edge_key(e as u32, f).rotate_left(42)
};

/// What an edge is known by: one number for its state and its label's hash.
#[must_use]
#[inline]
pub const fn edge_key(state: u32, hash: u64) -> u64 {
    (hash ^ (state as u64).wrapping_mul(0x2545_F491_4F6C_DD1D)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// What a whole path is known by: its length and its last `words` words, as far
/// as it has them.
#[must_use]
#[inline]
pub fn path_key(path: &[u8], words: u8) -> u64 {
    let mut key = (path.len() as u64).wrapping_mul(0x2545_F491_4F6C_DD1D);
    let mut before = path;
    for _ in 0..words {
        let word = match before.split_last_chunk() {
            Some((rest, chunk)) => {
                before = rest;
                u64::from_le_bytes(*chunk)
            }
            None => word(path, 0),
        };
        key = (key.rotate_left(25) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    key ^ key >> 32
}

/// The displacement that an edge is placed by, of `count`, a power of two.
#[must_use]
#[inline]
#[allow(clippy::cast_possible_truncation, reason = "less than `count`")]
pub const fn bucket(key: u64, count: usize) -> usize {
    // The highest bits: every byte of what was multiplied last has a part in them.
    (key >> 1).wrapping_shr(63u32.wrapping_sub(count.trailing_zeros())) as usize
}

/// The slot, of `slots`, that an edge has under a displacement.
#[must_use]
#[inline]
#[allow(
    clippy::cast_possible_truncation,
    reason = "the upper half of a product of 32-bit numbers"
)]
pub const fn place(key: u64, displacement: u16, slots: u32) -> u32 {
    // By an odd number: the product still has all of the key, and its upper half counts.
    let mixed = key.wrapping_mul((displacement as u64) << 1 | 1);
    ((mixed >> 32).wrapping_mul(slots as u64) >> 32) as u32
}
