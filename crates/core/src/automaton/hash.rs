//! The hash functions by which the compiler lays tables out and a look-up finds its row, and a
//! fingerprint of the layout.

use super::{
    Accept, Dispatch, HashedEdge, Lengths, Outcome, RouteRow, ScopeRow, SlashPair, State, StateId,
    StateKind, TextRange, Window,
};
use crate::lookalike;
use crate::swar::{load, load_padded};
use crate::{Method, Methods};

/// Fingerprint of the hash functions and field encodings. Tables with another one are
/// rejected: read wrongly, a static segment would be missed and accepted as a parameter,
/// which is a wrong Allow.
pub const LAYOUT: u64 = {
    /// To be raised when a field gets another meaning, or the text that is hashed is cut or
    /// normalised otherwise. The samples below do not show that.
    const MEANING: u64 = 6;
    let dispatch = Dispatch {
        first: 0,
        log2_rows: 12,
        seed: 0xA5C3,
        window: Window {
            offset: 3,
            width: 5,
        },
    };
    let accept = Accept::template(3, Methods::NONE.with(Method::Put)).when(true, false);
    let state = State {
        label: TextRange {
            start: 0x0102_0304,
            len: 0x0506,
        },
        accept,
        kind: StateKind::ParamThenStatic {
            after_param: Accept::slash_pair(7),
            dispatch,
        },
    };
    let text = TextRange {
        start: 0x0708_090A,
        len: 0x0B0C,
    };
    let hashed_edge = HashedEdge {
        key: 0x1112_1314,
        target: StateId::new(0x1516_1718),
        label: text,
        next_collision: 0x191A,
    };
    let route = RouteRow {
        template: text,
        accepted: 0x2122_2324,
        method: 6,
    };
    let scope = ScopeRow {
        name: text,
        declared: true,
    };
    let pair = SlashPair {
        without_slash: Outcome::Accept(accept),
        with_slash: Outcome::Refused { segment: 5 },
    };
    let edge = edge_hash(7, lookalike::SAMPLE_HASH);
    let samples = [
        MEANING,
        bucket(edge, 1 << 16) as u64,
        slot(edge, 0x1234, 1_000_003) as u64,
        dispatch.row(0x0123_4567_89AB_CDEF) as u64,
        Lengths::NONE.with(0x1234).bits() as u64,
        accept.bits() as u64,
    ];
    let [a, b, c, d, e, f] = samples;
    let mut mixed = edge_hash(a as u32, b) ^ edge_hash(c as u32, d).rotate_left(21);
    mixed ^= edge_hash(e as u32, f).rotate_left(42);
    mixed = mix_bytes(mixed, state.to_bytes().as_flattened());
    mixed = mix_bytes(mixed, &hashed_edge.to_bytes());
    mixed = mix_bytes(mixed, &route.to_bytes());
    mixed = mix_bytes(mixed, &scope.to_bytes());
    mixed = mix_bytes(mixed, &pair.to_bytes());
    // Generated code lists these numbers without names.
    mixed = mix_numbers(mixed, &state.to_numbers());
    mixed = mix_numbers(mixed, &hashed_edge.to_numbers());
    mixed = mix_numbers(mixed, &route.to_numbers());
    mixed = mix_numbers(mixed, &scope.to_numbers());
    mixed
};

const fn mix_bytes(mixed: u64, bytes: &[u8]) -> u64 {
    let (mut mixed, mut rest) = (mixed, bytes);
    while let Some((byte, after)) = rest.split_first() {
        mixed = edge_hash(*byte as u32, mixed);
        rest = after;
    }
    mixed
}

const fn mix_numbers(mixed: u64, numbers: &[u32]) -> u64 {
    let (mut mixed, mut rest) = (mixed, numbers);
    while let Some((number, after)) = rest.split_first() {
        mixed = edge_hash(*number, mixed);
        rest = after;
    }
    mixed
}

/// The hash of a static edge, from the key of the state that it leaves and the
/// [hash](lookalike::hash) of its label.
#[must_use]
#[inline]
pub const fn edge_hash(key: u32, label: u64) -> u64 {
    (label ^ (key as u64).wrapping_mul(0x2545_F491_4F6C_DD1D)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The hash of a whole path, from its length and its last `words` words of eight bytes, as far
/// as it has them.
#[must_use]
#[inline]
pub fn path_hash(path: &[u8], words: u8) -> u64 {
    let mut hash = hash_of_len(path.len());
    let mut before = path;
    for _ in 0..words {
        let word = match before.split_last_chunk() {
            Some((rest, chunk)) => {
                before = rest;
                u64::from_le_bytes(*chunk)
            }
            None => load(path, 0),
        };
        hash = mix_word(hash, word);
    }
    hash ^ hash >> 32
}

/// The hash of a scope's name, from its length, its last eight bytes and `words` more words of
/// eight bytes before them, the first of which may overlap the second. Of a shorter name, from
/// all of it.
#[must_use]
#[inline]
pub fn scope_hash(name: &[u8], words: u8) -> u64 {
    let (Some(first), Some((mut before, last))) = (name.first_chunk(), name.split_last_chunk())
    else {
        return short_scope_hash(name);
    };
    let mut hash = mix_word(hash_of_len(name.len()), u64::from_le_bytes(*last));
    for _ in 0..words {
        let chunk = match before.split_last_chunk() {
            Some((rest, chunk)) => {
                before = rest;
                chunk
            }
            None => first,
        };
        hash = mix_word(hash, u64::from_le_bytes(*chunk));
    }
    hash ^ hash >> 32
}

/// Never inlined: few names are so short, and a call within the loop above would cost the others
/// their registers.
#[inline(never)]
fn short_scope_hash(name: &[u8]) -> u64 {
    let hash = mix_word(hash_of_len(name.len()), load_padded(name, 0));
    hash ^ hash >> 32
}

#[inline(always)]
const fn hash_of_len(len: usize) -> u64 {
    (len as u64).wrapping_mul(0x2545_F491_4F6C_DD1D)
}

#[inline(always)]
const fn mix_word(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(25) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The bucket of a hash, of `count` buckets, which is a power of two. Each bucket has one
/// displacement.
#[must_use]
#[inline]
#[allow(clippy::cast_possible_truncation, reason = "less than `count`")]
pub const fn bucket(hash: u64, count: usize) -> usize {
    // Of a product, the highest bits depend on every byte of the factors.
    (hash >> 1).wrapping_shr(63u32.wrapping_sub(count.trailing_zeros())) as usize
}

/// The slot of a hash, of `slots` slots, by the displacement of its bucket (CHD).
#[must_use]
#[inline]
#[allow(
    clippy::cast_possible_truncation,
    reason = "the upper half of a product of 32-bit numbers"
)]
pub const fn slot(hash: u64, displacement: u16, slots: u32) -> u32 {
    // An odd factor loses no bit of the hash, and the upper half of the product is used.
    let mixed = hash.wrapping_mul((displacement as u64) << 1 | 1);
    ((mixed >> 32).wrapping_mul(slots as u64) >> 32) as u32
}

/// The slot of a hash, of `slots` slots, in a perfect hash with these displacements.
#[must_use]
#[inline]
pub(super) fn slot_of(hash: u64, displacements: &[[u8; 2]], slots: u32) -> u32 {
    let displacement = displacements.get(bucket(hash, displacements.len()));
    let displacement = u16::from_le_bytes(displacement.copied().unwrap_or_default());
    slot(hash, displacement, slots)
}
