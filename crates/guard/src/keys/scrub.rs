//! Wipes what a hash function leaves on the stack.

use std::hint::black_box;

/// More words than a hash of a key uses of the stack: its state, a block, and the schedule where
/// the processor has no instructions for SHA-256. Code that is not optimised uses up to 6,000
/// bytes.
const DEPTH: usize = if cfg!(debug_assertions) { 1024 } else { 256 };

/// Overwrites the stack below its caller, where the functions that the caller called before have
/// kept parts of a key.
#[inline(never)]
pub(crate) fn scrub_stack() {
    let stack = [0u64; DEPTH];
    // Somebody might look at it, so the compiler has to write it. That it does is a promise of
    // nobody: the test `no_copy_in_memory` looks.
    black_box(&stack);
}
