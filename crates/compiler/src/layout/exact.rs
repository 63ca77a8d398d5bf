//! The exact map: a perfect hash of whole paths, for templates without parameters.

use std::collections::HashSet;

use routescope_core::table::{End, path_key};

use crate::layout::perfect_hash::{Placement, assign_slots};
use crate::model::Model;
use crate::model::template::Segment;

/// The tables of the exact map.
pub(crate) struct ExactMap {
    pub(crate) literals: Vec<End>,
    pub(crate) literal_displacements: Vec<u16>,
    pub(crate) literal_words: u8,
    pub(crate) literal_filter: Vec<u64>,
}

/// The most 8-byte words of a path that are hashed, from its end backwards. Paths
/// that differ only before them are left to the automaton.
const MAX_WORDS: u8 = 12;

impl ExactMap {
    /// Places the templates that are paths, each by its text as the file
    /// writes it first.
    pub(crate) fn of(model: &Model, ends: &[End]) -> Self {
        let paths: Vec<(&str, End)> = model
            .templates
            .iter()
            .zip(ends)
            .filter(|(listing, _)| {
                let segments = &listing.template.segments;
                segments
                    .iter()
                    .all(|segment| matches!(segment, Segment::Literal(_)))
            })
            .filter_map(|(listing, end)| Some((listing.routes.first()?.text.as_str(), *end)))
            .collect();
        // Every request pays for each word, so a word must tell some paths apart. Running
        // the automaton costs about as much as hashing this many words.
        const WALK: usize = 64;
        let gain = |words: &u8| {
            let keys: HashSet<u64> = keys(&paths, *words).collect();
            let cost = usize::from(*words) * model.templates.len();
            (
                (keys.len() * WALK).saturating_sub(cost),
                std::cmp::Reverse(*words),
            )
        };
        let words = (0..=MAX_WORDS).max_by_key(gain).unwrap_or_default();
        let mut seen = HashSet::new();
        let placed: Vec<(u64, End)> = keys(&paths, words)
            .zip(&paths)
            .map(|(key, (_, end))| (key, *end))
            .filter(|(key, _)| seen.insert(*key))
            .collect();
        let keys: Vec<u64> = placed.iter().map(|(key, _)| *key).collect();
        // Distinct keys can be placed. If not, the automaton still finds the paths.
        let Placement {
            slots,
            displacements,
            slot_of,
        } = assign_slots(&keys).unwrap_or_else(Placement::none);
        // Unused slots repeat some entry; a look-up that lands there fails the
        // comparison.
        let free = placed.first().map_or(End::NONE, |(_, end)| *end);
        let mut literals = vec![free; slots as usize];
        for ((_, end), slot) in placed.into_iter().zip(slot_of) {
            literals[slot as usize] = end;
        }
        // A Bloom filter of eight bits a path lets at most one other path in eight through.
        let words_of_filter = (keys.len() * 8).div_ceil(64).next_power_of_two();
        let mut filter = vec![0; words_of_filter];
        for key in keys {
            filter[(key >> 6) as usize & (words_of_filter - 1)] |= 1 << (key & 63);
        }
        Self {
            literal_filter: filter,
            literals,
            literal_displacements: displacements,
            literal_words: words,
        }
    }
}

fn keys<'p>(paths: &'p [(&str, End)], words: u8) -> impl Iterator<Item = u64> + 'p {
    paths
        .iter()
        .map(move |(path, _)| path_key(path.as_bytes(), words))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A free slot must not stand for the first route, whose text, if it has a
    /// parameter, is no path.
    #[test]
    fn every_slot_is_of_a_path() {
        let mut source = String::from("version: 1\nname: t\nscopes:\n  \"a:read\":\n    routes:\n");
        source.push_str("      - GET /a/{b}\n");
        for number in 0..1100 {
            source.push_str(&format!("      - GET /literal/number/{number}\n"));
        }
        let compiled = crate::compile("t.yaml", &source).unwrap();
        let tables = compiled.policy().tables().literals.to_vec();
        assert!(tables.len() > 1100, "there are free slots");
        assert!(!tables.contains(&End::NONE));
    }
}
