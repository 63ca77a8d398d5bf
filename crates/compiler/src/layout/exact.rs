//! The perfect hash of whole paths, for templates without parameters.

use std::collections::HashSet;

use routescope_core::__private::{Accept, path_hash};

use crate::layout::perfect_hash::{Placement, assign_slots};
use crate::model::Model;
use crate::model::template::Segment;

/// The exact map of a policy.
pub(crate) struct ExactMap {
    pub(crate) slots: Vec<Accept>,
    pub(crate) displacements: Vec<u16>,
    pub(crate) hash_words: u8,
    pub(crate) filter: Vec<u64>,
}

/// The most words at the end of a path that are hashed. Paths that differ only before them are
/// left to the automaton.
const MAX_WORDS: u8 = 12;

impl ExactMap {
    /// Places the templates without parameters, each by its text as the file writes it first.
    pub(crate) fn new(model: &Model, accepts: &[Accept]) -> Self {
        let paths: Vec<(&str, Accept)> = model
            .templates
            .iter()
            .zip(accepts)
            .filter(|(listing, _)| {
                let segments = &listing.template.segments;
                segments
                    .iter()
                    .all(|segment| matches!(segment, Segment::Literal(_)))
            })
            .filter_map(|(listing, accept)| Some((listing.routes.first()?.text.as_str(), *accept)))
            .collect();
        // Every request pays for each word, so that a word must tell some paths apart. A run of
        // the automaton costs about as much as this number of words.
        const AUTOMATON: usize = 64;
        let gain = |words: &u8| {
            let hashes: HashSet<u64> = hashes(&paths, *words).collect();
            let cost = usize::from(*words) * model.templates.len();
            (
                (hashes.len() * AUTOMATON).saturating_sub(cost),
                std::cmp::Reverse(*words),
            )
        };
        let words = (0..=MAX_WORDS).max_by_key(gain).unwrap_or_default();
        let mut seen = HashSet::new();
        let placed: Vec<(u64, Accept)> = hashes(&paths, words)
            .zip(&paths)
            .map(|(hash, (_, accept))| (hash, *accept))
            .filter(|(hash, _)| seen.insert(*hash))
            .collect();
        let hashes: Vec<u64> = placed.iter().map(|(hash, _)| *hash).collect();
        // Distinct hashes can be placed. If they cannot, the automaton finds the paths.
        let Placement {
            slots,
            displacements,
            slot_of,
        } = assign_slots(&hashes).unwrap_or_else(Placement::none);
        // An unused slot repeats some path, which a look-up never finds there.
        let unused = placed.first().map_or(Accept::NONE, |(_, accept)| *accept);
        let mut map = vec![unused; slots as usize];
        for ((_, accept), slot) in placed.into_iter().zip(slot_of) {
            map[slot as usize] = accept;
        }
        // Eight bits for each path: the filter lets one other path in eight through, or fewer.
        let filter_words = (hashes.len() * 8).div_ceil(64).next_power_of_two();
        let mut filter = vec![0; filter_words];
        for hash in hashes {
            filter[(hash >> 6) as usize & (filter_words - 1)] |= 1 << (hash & 63);
        }
        Self {
            slots: map,
            displacements,
            hash_words: words,
            filter,
        }
    }
}

fn hashes<'p>(paths: &'p [(&str, Accept)], words: u8) -> impl Iterator<Item = u64> + 'p {
    let paths = paths.iter();
    paths.map(move |(path, _)| path_hash(path.as_bytes(), words))
}

#[cfg(test)]
mod tests {
    /// An unused slot must not stand for the first route, whose text, if it has a parameter, is
    /// no path.
    #[test]
    fn every_slot_is_of_a_path() {
        let mut source = String::from("version: 1\nname: t\nscopes:\n  \"a:read\":\n    routes:\n");
        source.push_str("      - GET /a/{b}\n");
        for number in 0..1100 {
            source.push_str(&format!("      - GET /literal/number/{number}\n"));
        }
        let compiled = crate::compile("t.yaml", &source).unwrap();
        let tables = compiled.policy().tables().exact.to_vec();
        assert!(tables.len() > 1100, "there are unused slots");
        assert!(!tables.contains(&[0; 4]));
    }
}
