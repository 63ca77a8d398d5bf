//! The exact map: a perfect hash of whole paths, for templates without parameters.
//!
//! It only saves time. The automaton gives the same answer for every path in it.

use super::hash::{path_hash, slot_of};
use super::{Accept, RouteRow, Tables};
use crate::swar::equal;

impl Tables<'_> {
    /// The template that equals `path`, byte for byte, if it is in the exact map. Such a path
    /// keeps the path rules, because templates do.
    #[must_use]
    // Without 64-bit registers, a hash takes so much code that its callers share one copy.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub fn exact(&self, path: &[u8]) -> Option<Accept> {
        let hash = path_hash(path, self.exact_hash_words);
        // Rejects most other paths after one load, so that a mispredicted branch is resolved
        // early.
        if !self.exact_filter_contains(hash) {
            return None;
        }
        let accept = Accept::from_bits(u32::from_le_bytes(
            *self.exact.get(self.exact_slot(hash) as usize)?,
        ));
        let route = RouteRow::from_bytes(self.routes.get(accept.first_route() as usize)?);
        if usize::from(route.template.len) != path.len() {
            return None;
        }
        let start = route.template.start as usize;
        let template = self.text.as_bytes().get(start..)?.get(..path.len())?;
        equal(template, path).then_some(accept)
    }

    /// Whether the Bloom filter may contain a path with this [hash](path_hash).
    #[must_use]
    #[inline]
    pub fn exact_filter_contains(&self, hash: u64) -> bool {
        let word = (hash >> 6) as usize & self.exact_filter.len().wrapping_sub(1);
        let bits = self.exact_filter.get(word).copied().unwrap_or_default();
        u64::from_le_bytes(bits) >> (hash & 63) & 1 != 0
    }

    /// The slot of a path with this [hash](path_hash).
    #[must_use]
    #[inline]
    pub fn exact_slot(&self, hash: u64) -> u32 {
        slot_of(hash, self.exact_displacements, self.exact.len() as u32)
    }
}
