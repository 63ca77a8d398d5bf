//! The form of API keys. Only the embedder knows who owns one.

/// The bytes that the part of a key after its prefix may consist of.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Alphabet {
    /// `A-Z a-z 0-9`
    Alphanumeric,
    /// `0-9 a-f`
    LowerHex,
    /// `A-Z a-z 0-9 - _` (RFC 4648 section 5)
    Base64Url,
}

impl Alphabet {
    /// Every alphabet.
    pub const ALL: [Self; 3] = [Self::Alphanumeric, Self::LowerHex, Self::Base64Url];

    /// The name in `routes.yaml`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alphanumeric => "alphanumeric",
            Self::LowerHex => "lower-hex",
            Self::Base64Url => "base64url",
        }
    }

    /// Whether `byte` belongs to it.
    #[must_use]
    pub const fn contains(self, byte: u8) -> bool {
        match self {
            Self::Alphanumeric => byte.is_ascii_alphanumeric(),
            Self::LowerHex => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            Self::Base64Url => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
        }
    }
}

/// The form that a policy's API keys have.
///
/// ```
/// use routescope_core::{Alphabet, KeyFormat};
///
/// let format = KeyFormat { prefix: "k-", length: 6, alphabet: Alphabet::LowerHex };
/// assert!(format.matches(b"k-0a1b"));
/// assert!(!format.matches(b"k-0A1B"));
/// assert!(!format.matches(b"k-0a1b2"));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct KeyFormat<'t> {
    /// The text that every key begins with.
    pub prefix: &'t str,
    /// The length of a whole key in bytes, prefix included.
    pub length: u16,
    /// The bytes that the rest of a key may consist of.
    pub alphabet: Alphabet,
}

impl KeyFormat<'_> {
    /// Whether `key` has this form. Says nothing about whether it exists.
    ///
    /// Cost: one pass over a key of the right length. The time depends on
    /// where a malformed key breaks the form, which is public, not on the
    /// value of a well-formed one.
    #[must_use]
    pub fn matches(&self, key: &[u8]) -> bool {
        key.len() == usize::from(self.length)
            && key
                .strip_prefix(self.prefix.as_bytes())
                .is_some_and(|rest| {
                    rest.iter()
                        .fold(true, |all, &byte| all & self.alphabet.contains(byte))
                })
    }
}
