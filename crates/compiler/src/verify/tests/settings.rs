//! Faults in what a policy says about itself and its keys.

use routescope_core::__private::Features;
use routescope_core::{Alphabet, Case, TrailingSlash, Values};

use crate::layout::owned::OwnedTables;

/// A setting of the policy that a fault changes.
#[derive(Clone, Debug)]
pub(super) enum Setting {
    Name,
    Updated,
    Revision,
    Umbrella,
    Digest(usize),
    Case,
    Slash,
    Colons,
    Affixes,
    NoKey,
    KeyPrefix,
    KeyLength,
    KeyAlphabet,
}

impl Setting {
    pub(super) fn plant(&self, into: &mut OwnedTables) {
        let key = into.key.as_mut();
        match *self {
            Self::Name => into.name.push('x'),
            Self::Updated => into.updated = "1999-12-31".into(),
            Self::Revision => into.revision += 1,
            Self::Umbrella => into.umbrella = "orders".into(),
            Self::Digest(at) => into.digest[at] ^= 1,
            Self::Case => {
                into.options.case = match into.options.case {
                    Case::Exact => Case::Insensitive,
                    Case::Insensitive => Case::Exact,
                }
            }
            Self::Slash => {
                into.options.trailing_slash = match into.options.trailing_slash {
                    TrailingSlash::Exact => TrailingSlash::Optional,
                    TrailingSlash::Optional => TrailingSlash::Exact,
                }
            }
            Self::Colons => {
                into.options.values = match into.options.values {
                    Values::Any => Values::NoColon,
                    Values::NoColon => Values::Any,
                }
            }
            Self::Affixes => {
                let bits = into.features.bits() ^ Features::AFFIXES.bits();
                into.features = Features::from_bits(bits).unwrap();
            }
            Self::NoKey => into.key = None,
            Self::KeyPrefix => key.unwrap().prefix.push('x'),
            Self::KeyLength => key.unwrap().length += 1,
            Self::KeyAlphabet => key.unwrap().alphabet = Alphabet::Base64Url,
        }
    }

    pub(super) fn all(tables: &OwnedTables) -> Vec<Self> {
        let mut all = vec![
            Self::Name,
            Self::Updated,
            Self::Revision,
            Self::Umbrella,
            Self::Case,
            Self::Slash,
            Self::Colons,
            Self::Affixes,
        ];
        all.extend((0..32).map(Self::Digest));
        if tables.key.is_some() {
            all.extend([
                Self::NoKey,
                Self::KeyPrefix,
                Self::KeyLength,
                Self::KeyAlphabet,
            ]);
        }
        all
    }
}
