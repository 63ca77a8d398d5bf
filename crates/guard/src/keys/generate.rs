//! New keys.

use std::fmt;

use routescope::{Alphabet, KeyFormat};
use zeroize::Zeroizing;

use super::{HashSecret, KeyHash, StoredHash};

/// The form of new keys where the policy declares none: 43 characters after the prefix have 258
/// random bits. The prefix lets scanners of repositories find keys that should not be there.
pub const DEFAULT_FORMAT: KeyFormat<'static> = KeyFormat {
    prefix: "rsk-",
    length: 47,
    alphabet: Alphabet::Base64Url,
};

/// The least entropy of a key in bits. SHA-256 without a salt protects a key that cannot be
/// guessed, and no other.
pub const MIN_ENTROPY_BITS: u32 = 128;

/// The number of random bits in a key of a format, rounded down.
///
/// ```
/// use routescope::{Alphabet, KeyFormat};
/// use routescope_guard::keys::entropy_bits;
///
/// let pin = KeyFormat { prefix: "k-", length: 10, alphabet: Alphabet::LowerHex };
/// assert_eq!(entropy_bits(&pin), 32);
/// ```
#[must_use]
pub fn entropy_bits(format: &KeyFormat<'_>) -> u32 {
    // At most 65,535 characters of 6 bits.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "see above"
    )]
    let bits =
        (random_length(format) as f64 * (symbols(format.alphabet).len() as f64).log2()) as u32;
    bits
}

/// A key that was just made. It is shown once, by [`expose`](Self::expose).
///
/// `Debug` redacts it, there is no `Display`, and its memory is wiped when it is dropped.
pub struct NewKey(Zeroizing<String>);

/// Why no key was made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NewKeyError {
    /// Keys of the format have this number of bits of entropy, which is below
    /// [`MIN_ENTROPY_BITS`].
    Weak(u32),
    /// The system gives no random bytes.
    NoEntropy,
}

impl NewKey {
    /// A random key of a policy's format; without one, of [`DEFAULT_FORMAT`].
    ///
    /// Each character is as likely as any other of the alphabet, and comes from the system's
    /// source of random bytes.
    ///
    /// # Errors
    ///
    /// - [`NewKeyError::Weak`]: the format is too short for a key that cannot be guessed;
    /// - [`NewKeyError::NoEntropy`]: the system's source fails.
    ///
    /// ```
    /// use routescope_guard::keys::NewKey;
    ///
    /// let key = NewKey::generate(None)?;
    /// assert!(key.expose().starts_with("rsk-"));
    /// assert_eq!(format!("{key:?}"), "NewKey(redacted)");
    /// # Ok::<(), routescope_guard::keys::NewKeyError>(())
    /// ```
    pub fn generate(format: Option<&KeyFormat<'_>>) -> Result<Self, NewKeyError> {
        let format = format.unwrap_or(&DEFAULT_FORMAT);
        let bits = entropy_bits(format);
        if bits < MIN_ENTROPY_BITS {
            return Err(NewKeyError::Weak(bits));
        }
        let symbols = symbols(format.alphabet);
        let length = usize::from(format.length);
        // Never grows, so that no copy of its beginning is left in memory.
        let mut key = Zeroizing::new(String::with_capacity(length));
        key.push_str(format.prefix);
        let mut random = Zeroizing::new([0; 256]);
        while key.len() < length {
            getrandom::fill(random.as_mut_slice()).map_err(|_| NewKeyError::NoEntropy)?;
            let characters = random.iter().filter_map(|&byte| unbiased(byte, symbols));
            let missing = length - key.len();
            characters.take(missing).for_each(|symbol| key.push(symbol));
        }
        Ok(Self(key))
    }

    /// The key itself, to be shown to its owner. Keep it out of logs.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The hash to store for it: keyed, if the gateway has a secret.
    #[must_use]
    pub fn hash(&self, secret: Option<&HashSecret>) -> StoredHash {
        match secret {
            Some(secret) => StoredHash::HmacSha256(secret.hash(self.0.as_bytes())),
            None => StoredHash::Sha256(KeyHash::sha256(self.0.as_bytes())),
        }
    }
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewKey(redacted)")
    }
}

impl fmt::Display for NewKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weak(bits) => write!(
                f,
                "keys of the policy's format have {bits} bits of entropy, and a key that is stored as a hash needs {MIN_ENTROPY_BITS}"
            ),
            Self::NoEntropy => f.write_str("the system gives no random bytes"),
        }
    }
}

impl std::error::Error for NewKeyError {}

/// The characters of an alphabet.
fn symbols(alphabet: Alphabet) -> &'static [u8] {
    const ALL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    match alphabet {
        Alphabet::Alphanumeric => ALL.split_at(62).0,
        Alphabet::LowerHex => b"0123456789abcdef",
        Alphabet::Base64Url => ALL,
    }
}

fn random_length(format: &KeyFormat<'_>) -> usize {
    usize::from(format.length).saturating_sub(format.prefix.len())
}

/// The character for a random byte. Bytes past the last whole round of the alphabet are
/// rejected: they would make its first characters likelier.
fn unbiased(byte: u8, symbols: &[u8]) -> Option<char> {
    let rounds = 256 / symbols.len();
    let byte = usize::from(byte);
    (byte < rounds * symbols.len()).then(|| char::from(symbols[byte % symbols.len()]))
}

#[cfg(test)]
mod tests {
    use routescope::ApiKey;

    use super::*;

    #[test]
    fn keys_have_the_form_that_the_policy_asks_for() {
        for (prefix, length, alphabet) in [
            ("wsk-v1-", 100, Alphabet::Alphanumeric),
            ("", 32, Alphabet::LowerHex),
            ("k", 4096, Alphabet::Base64Url),
        ] {
            let format = KeyFormat {
                prefix,
                length,
                alphabet,
            };
            let keys: Vec<NewKey> = (0..20)
                .map(|_| NewKey::generate(Some(&format)).unwrap())
                .collect();
            for (number, key) in keys.iter().enumerate() {
                assert!(format.matches(key.expose().as_bytes()), "{prefix}");
                assert!(
                    keys[..number]
                        .iter()
                        .all(|other| other.expose() != key.expose())
                );
                assert_eq!(key.0.capacity(), usize::from(length));
            }
        }
        let key = NewKey::generate(None).unwrap();
        let header = format!("Bearer {}", key.expose());
        assert!(ApiKey::from_headers(Some(header.as_bytes()), None).is_ok());
    }

    #[test]
    fn weak_formats_are_refused() {
        for (length, alphabet, bits) in [
            (31, Alphabet::LowerHex, 124),
            (21, Alphabet::Base64Url, 126),
            (21, Alphabet::Alphanumeric, 125),
            (0, Alphabet::Alphanumeric, 0),
        ] {
            let format = KeyFormat {
                prefix: "",
                length,
                alphabet,
            };
            assert_eq!(
                NewKey::generate(Some(&format)).unwrap_err(),
                NewKeyError::Weak(bits)
            );
            let longer = KeyFormat {
                length: 32,
                ..format
            };
            assert!(entropy_bits(&longer) >= MIN_ENTROPY_BITS);
        }
    }

    /// Of all bytes, each character comes of as many, and of every alphabet each character comes.
    #[test]
    fn no_character_is_likelier() {
        for alphabet in Alphabet::ALL {
            let symbols = symbols(alphabet);
            let all = (0..=u8::MAX)
                .filter(|&byte| alphabet.contains(byte))
                .count();
            assert_eq!(symbols.len(), all);
            for &symbol in symbols {
                assert!(alphabet.contains(symbol));
                let bytes = (0..=u8::MAX)
                    .filter(|&byte| unbiased(byte, symbols) == Some(char::from(symbol)));
                assert_eq!(bytes.count(), 256 / symbols.len());
            }
        }
    }
}
