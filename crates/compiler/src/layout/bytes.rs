//! Writes tables as bytes, which `Policy::from_bytes` reads. The form is described in core's
//! `format.rs`.

use routescope_core::__private::Features;
use routescope_core::__private::format::{HEADER, MAGIC, NO_COLON, SECTIONS, VERSION, checksum};
use routescope_core::{Alphabet, Case, PathOptions, TrailingSlash, Values};

use crate::layout::owned::OwnedTables;
use crate::source::document::Key;

/// The bytes of a policy.
pub(crate) fn to_bytes(tables: &OwnedTables) -> Vec<u8> {
    // No `..`: a new field must be written out.
    let OwnedTables {
        name,
        updated,
        revision,
        umbrella,
        digest,
        layout,
        features,
        options,
        key,
        states,
        slash_pairs,
        edge_slots,
        edges,
        edge_displacements,
        exact,
        exact_displacements,
        exact_hash_words,
        exact_filter,
        routes,
        accepted,
        scopes,
        scope_slots,
        scope_displacements,
        scope_hash_words,
        text,
    } = tables;
    let prefix = key.as_ref().map_or("", |key| key.prefix.as_str());
    let sections: [(usize, &[u8]); SECTIONS] = [
        (name.len(), name.as_bytes()),
        (updated.len(), updated.as_bytes()),
        (umbrella.len(), umbrella.as_bytes()),
        (prefix.len(), prefix.as_bytes()),
        (states.len(), states.as_flattened().as_flattened()),
        (slash_pairs.len(), slash_pairs.as_flattened()),
        (edges.len(), edges.as_flattened()),
        (edge_displacements.len(), edge_displacements.as_flattened()),
        (exact.len(), exact.as_flattened()),
        (
            exact_displacements.len(),
            exact_displacements.as_flattened(),
        ),
        (exact_filter.len(), exact_filter.as_flattened()),
        (routes.len(), routes.as_flattened()),
        (accepted.len(), accepted.as_flattened()),
        (scopes.len(), scopes.as_flattened()),
        (scope_slots.len(), scope_slots.as_flattened()),
        (
            scope_displacements.len(),
            scope_displacements.as_flattened(),
        ),
        (text.len(), text.as_bytes()),
    ];
    let content: usize = sections.iter().map(|(_, bytes)| bytes.len()).sum();
    let total = HEADER + content + size_of::<u64>();
    let mut bytes = Vec::with_capacity(total);
    bytes.extend(MAGIC);
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend(number(total));
    bytes.extend(layout.to_le_bytes());
    bytes.extend(digest);
    bytes.extend(revision.to_le_bytes());
    bytes.extend(edge_slots.to_le_bytes());
    bytes.extend(settings(
        *options,
        *features,
        [*exact_hash_words, *scope_hash_words],
        key.as_ref(),
    ));
    for (rows, _) in &sections {
        bytes.extend(number(*rows));
    }
    debug_assert_eq!(bytes.len(), HEADER, "the header has the length it states");
    for (_, section) in &sections {
        bytes.extend_from_slice(section);
    }
    let sum = checksum(&bytes);
    bytes.extend(sum.to_le_bytes());
    bytes
}

/// A length. No policy of 100,000 routes, the most there are, comes near the largest; bytes
/// with a length that is not theirs are refused.
fn number(len: usize) -> [u8; 4] {
    u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes()
}

fn settings(
    options: PathOptions,
    features: Features,
    [exact_hash_words, scope_hash_words]: [u8; 2],
    key: Option<&Key>,
) -> [u8; 8] {
    let PathOptions {
        case,
        trailing_slash,
        values,
    } = options;
    let case = match case {
        Case::Exact => 0,
        Case::Insensitive => 1,
    };
    let trailing_slash = match trailing_slash {
        TrailingSlash::Exact => 0,
        TrailingSlash::Optional => 1,
    };
    let features = match values {
        Values::Any => features.bits(),
        Values::NoColon => features.bits() | NO_COLON,
    };
    let alphabet = key.map_or(0, |key| match key.alphabet {
        Alphabet::Alphanumeric => 1,
        Alphabet::LowerHex => 2,
        Alphabet::Base64Url => 3,
    });
    let [low, high] = key.map_or(0, |key| key.length).to_le_bytes();
    [
        case,
        trailing_slash,
        exact_hash_words,
        scope_hash_words,
        alphabet,
        features,
        low,
        high,
    ]
}
