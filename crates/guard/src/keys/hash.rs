//! Hashes of keys: what is stored in place of a key, and how a presented key is looked up.

use std::fmt;
use std::hash::{Hash, Hasher};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The hash of a key: SHA-256, or HMAC-SHA-256 with a secret of the gateway.
///
/// Comparing takes the same time wherever two hashes differ. `Debug` shows the first bytes, which
/// tell two keys apart in a log and find no key.
#[derive(Clone, Copy)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// SHA-256 of a key.
    ///
    /// Nothing of the key stays in memory: the state of the hash is wiped.
    ///
    /// Cost: two blocks for a key of 56 to 119 bytes; some 100 ns with the processor's
    /// instructions for SHA-256, which are used where there are any.
    #[must_use]
    #[inline(never)]
    pub fn sha256(key: &[u8]) -> Self {
        Self(Sha256::digest(key).into())
    }

    /// A hash that is known.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    fn words(&self) -> impl Iterator<Item = u64> {
        let (words, _) = self.0.as_chunks::<8>();
        words.iter().map(|word| u64::from_le_bytes(*word))
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// All words are looked at before anything depends on one of them. (`subtle` compares slices byte
/// by byte, each behind a barrier, which takes longer than the rest of a look-up.)
impl PartialEq for KeyHash {
    fn eq(&self, other: &Self) -> bool {
        let difference = |all, (a, b): (u64, u64)| all | (a ^ b);
        let words = self.words().zip(other.words());
        words.fold(0, difference).ct_eq(&0).into()
    }
}

impl Eq for KeyHash {}

/// By the first eight bytes, which are as good as random.
impl Hash for KeyHash {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        state.write_u64(u64::from_le_bytes([a, b, c, d, e, f, g, h]));
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "KeyHash({a:02x}{b:02x}{c:02x}{d:02x}...)")
    }
}

/// The secret of keyed hashes: somebody who has the key file and not this secret cannot test
/// guesses.
pub struct HashSecret {
    /// The state of the hash after the secret, so that a key costs no more blocks than it must.
    keyed: Hmac<Sha256>,
}

impl HashSecret {
    /// The least length of a secret in bytes: as many as the hash has (RFC 2104 section 3).
    pub const MIN_LENGTH: usize = 32;

    /// A secret of at least [`Self::MIN_LENGTH`] bytes; `None` if it is shorter.
    #[must_use]
    pub fn new(secret: &[u8]) -> Option<Self> {
        if secret.len() < Self::MIN_LENGTH {
            return None;
        }
        let keyed = Hmac::new_from_slice(secret).ok()?;
        Some(Self { keyed })
    }

    /// HMAC-SHA-256 of a key (RFC 2104).
    #[must_use]
    #[inline(never)]
    pub fn hash(&self, key: &[u8]) -> KeyHash {
        let mut mac = self.keyed.clone();
        mac.update(key);
        KeyHash(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for HashSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashSecret(redacted)")
    }
}
