//! The perfect hash of scope names.

use std::collections::HashSet;

use routescope_core::__private::scope_hash;

use crate::automaton::no_tables::NoTables;
use crate::layout::perfect_hash::assign_slots;
use crate::model::ScopeName;

/// The hash of the scopes of a policy.
#[derive(Debug)]
pub(crate) struct ScopeHash {
    /// The row of the scope in each slot.
    pub(crate) slots: Vec<u16>,
    pub(crate) displacements: Vec<u16>,
    pub(crate) words: u8,
}

/// As many words cover the longest name.
const MAX_WORDS: u8 = ScopeName::MAX_LEN.div_ceil(8) as u8;

impl ScopeHash {
    /// Places names, in the order of their rows.
    pub(crate) fn new(names: &[String]) -> Result<Self, NoTables> {
        let hashes = |words| {
            let hash = move |name: &String| scope_hash(name.as_bytes(), words);
            names.iter().map(hash).collect::<Vec<u64>>()
        };
        // Every look-up pays for each word, so that there are no more than tell the names apart.
        let tells_apart = |words: &u8| {
            let mut seen = HashSet::new();
            hashes(*words).into_iter().all(|hash| seen.insert(hash))
        };
        let words = (0..=MAX_WORDS).find(tells_apart);
        let words = words.ok_or(NoTables::ScopeHash)?;
        let placement = assign_slots(&hashes(words)).ok_or(NoTables::ScopeHash)?;
        // An unused slot repeats the first row, which a look-up never finds there.
        let mut slots = vec![0; placement.slots as usize];
        for (row, slot) in (0u16..).zip(&placement.slot_of) {
            slots[*slot as usize] = row;
        }
        if names.is_empty() {
            slots.clear();
        }
        Ok(Self {
            slots,
            displacements: placement.displacements,
            words,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(count: usize, name: impl Fn(usize) -> String) -> Vec<String> {
        (0..count).map(name).collect()
    }

    #[test]
    fn every_name_has_its_slot() {
        let cases = [
            ("none", names(0, |_| String::new())),
            ("one", names(1, |_| "orders:read".into())),
            (
                "short",
                names(20, |i| format!("{}:r", (b'a' + i as u8) as char)),
            ),
            ("long with one end", names(40, |i| format!("{i:0250}:read"))),
            (
                "differ at the start",
                names(9, |i| format!("{i}{}:read", "x".repeat(249))),
            ),
            (
                "as many as a policy has",
                names(4096, |i| format!("resource-{i}:*")),
            ),
        ];
        for (case, names) in cases {
            let hash = ScopeHash::new(&names).expect(case);
            let mut rows = hash.slots.clone();
            rows.sort_unstable();
            rows.dedup();
            assert_eq!(rows.len(), names.len(), "{case}");
            assert!(hash.displacements.len().is_power_of_two(), "{case}");
        }
    }

    /// Two names with the same hash would need the same slot.
    #[test]
    fn equal_hashes_are_an_error() {
        let twice = names(2, |_| "orders:read".into());
        assert!(matches!(ScopeHash::new(&twice), Err(NoTables::ScopeHash)));
    }
}
