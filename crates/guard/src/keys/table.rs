//! The keys of a snapshot, found by their hashes.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use routescope::{Policy, ScopeSet};

use super::scrub::scrub_stack;
use super::{HashSecret, KeyEntry, KeyHash, StoredHash};
use crate::identity::Identity;

/// The keys of a snapshot with their scopes, prepared for its policy.
pub(crate) struct KeyTable {
    sha256: Hashes,
    hmac_sha256: Hashes,
    secret: Option<Arc<HashSecret>>,
    /// Whose keys they are.
    owners: Box<[Arc<Identity>]>,
    sets: Sets,
}

type Hashes = HashMap<KeyHash, Found, BuildHasherDefault<FirstBytes>>;

/// A key that was found. Everything that a decision needs is in its 16 bytes beside the hash,
/// because each place in memory that is looked at costs as much as half a decision.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    /// The first second at which it is no longer valid, or [`NEVER`].
    expires: u64,
    /// Whose key it is: an index for [`KeyTable::identity`].
    owner: u32,
    /// The index of its scope set, doubled, and 1 more for a key that another one replaces.
    set_and_previous: u32,
}

/// The time at which a key without an expiry expires.
const NEVER: u64 = u64::MAX;

impl Found {
    fn new(owner: u32, set: u32, expires: Option<u64>, is_previous: bool) -> Self {
        Self {
            // The last second there is stands for no expiry, so a key that expires in it expires
            // in the one before.
            expires: expires.map_or(NEVER, |expires| expires.min(NEVER - 1)),
            owner,
            set_and_previous: set << 1 | u32::from(is_previous),
        }
    }

    pub(crate) const fn owner(self) -> u32 {
        self.owner
    }

    /// The first second at which it is no longer valid.
    pub(crate) fn expires(self) -> Option<u64> {
        (self.expires != NEVER).then_some(self.expires)
    }

    /// Whether it is one that another key replaces.
    pub(crate) const fn is_previous(self) -> bool {
        self.set_and_previous & 1 == 1
    }
}

/// Scope sets, one for all keys with the same scopes. Where the policy has at most 64 scopes,
/// which is usual, a set takes 24 bytes in place of 528.
enum Sets {
    Small(Box<[ScopeSet<1>]>),
    Any(Box<[ScopeSet]>),
}

/// The prepared scopes of a key.
pub(crate) enum HeldSet<'s> {
    Small(&'s ScopeSet<1>),
    Any(&'s ScopeSet),
}

/// Why keys make no table.
#[derive(Clone, Debug)]
pub(crate) enum KeyTableError {
    /// Some key is stored as a keyed hash, and there is no secret to compute one.
    MissingSecret,
    /// An id is empty, or belongs to two keys.
    BadId { id: String },
    /// Two entries have the same key; this is the id of the second one.
    Duplicate { id: String },
}

impl KeyTable {
    /// Prepares keys for a policy.
    pub(crate) fn new(
        entries: &[KeyEntry],
        secret: Option<Arc<HashSecret>>,
        policy: Policy<'_>,
    ) -> Result<Self, KeyTableError> {
        let mut sha256 = Hashes::with_capacity_and_hasher(entries.len(), Default::default());
        let mut hmac_sha256 = Hashes::default();
        let mut owners = Vec::with_capacity(entries.len());
        let mut sets: Vec<&[String]> = Vec::new();
        let mut known: HashMap<&[String], u32> = HashMap::new();
        let mut ids: HashSet<&str> = HashSet::with_capacity(entries.len());
        for (owner, entry) in (0..).zip(entries) {
            if entry.id.is_empty() || !ids.insert(&entry.id) {
                return Err(KeyTableError::BadId {
                    id: entry.id.clone(),
                });
            }
            let set = *known.entry(&entry.scopes).or_insert_with(|| {
                sets.push(&entry.scopes);
                u32::try_from(sets.len() - 1).unwrap_or(u32::MAX)
            });
            owners.push(Arc::new(Identity::new(&entry.id)));
            let previous = entry.previous.map(|previous| {
                // It never outlives the key that replaces it.
                let expires = entry.expires.unwrap_or(NEVER).min(previous.expires);
                let found = Found::new(owner, set, Some(expires), true);
                (previous.hash, found)
            });
            let current = Found::new(owner, set, entry.expires, false);
            for (hash, found) in previous.into_iter().chain([(entry.hash, current)]) {
                let known = match hash {
                    StoredHash::Sha256(hash) => sha256.insert(hash, found),
                    StoredHash::HmacSha256(hash) => hmac_sha256.insert(hash, found),
                };
                if known.is_some() {
                    return Err(KeyTableError::Duplicate {
                        id: entry.id.clone(),
                    });
                }
            }
        }
        if secret.is_none() && !hmac_sha256.is_empty() {
            return Err(KeyTableError::MissingSecret);
        }
        let sets = if policy.scope_words() <= 1 {
            let prepare = |names: &&[String]| policy.scope_set_in::<1>(*names);
            Sets::Small(sets.iter().map(prepare).collect())
        } else {
            let prepare = |names: &&[String]| policy.scope_set(*names);
            Sets::Any(sets.iter().map(prepare).collect())
        };
        Ok(Self {
            sha256,
            hmac_sha256,
            secret,
            owners: owners.into(),
            sets,
        })
    }

    /// The stored key with this text. Only hashes are compared, in constant time, and nothing of
    /// the text stays in memory.
    #[inline]
    pub(crate) fn find(&self, key: &[u8]) -> Option<Found> {
        let mut found = None;
        if !self.sha256.is_empty() {
            found = self.sha256.get(&KeyHash::sha256(key)).copied();
        }
        if found.is_none()
            && !self.hmac_sha256.is_empty()
            && let Some(secret) = &self.secret
        {
            found = self.hmac_sha256.get(&secret.hash(key)).copied();
        }
        scrub_stack();
        found
    }

    /// The hash by which a store elsewhere finds a key: keyed, if there is a secret.
    pub(crate) fn hash(&self, key: &[u8]) -> KeyHash {
        let hash = match &self.secret {
            Some(secret) => secret.hash(key),
            None => KeyHash::sha256(key),
        };
        scrub_stack();
        hash
    }

    /// Whose key it is that was found.
    pub(crate) fn identity(&self, owner: u32) -> Option<&Arc<Identity>> {
        self.owners.get(owner as usize)
    }

    /// The scopes of a key that was found.
    #[inline]
    pub(crate) fn held(&self, found: Found) -> Option<HeldSet<'_>> {
        let set = (found.set_and_previous >> 1) as usize;
        match &self.sets {
            Sets::Small(sets) => sets.get(set).map(HeldSet::Small),
            Sets::Any(sets) => sets.get(set).map(HeldSet::Any),
        }
    }

    /// The number of keys, without those that another one replaces.
    pub(crate) fn len(&self) -> usize {
        self.owners.len()
    }
}

impl fmt::Debug for KeyTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyTable")
            .field("keys", &self.len())
            .finish_non_exhaustive()
    }
}

/// Takes the first bytes of a hash of a key for its place in a map: they are as good as random,
/// and only the owner of the key file decides which of them are in the map.
#[derive(Default)]
struct FirstBytes(u64);

impl Hasher for FirstBytes {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}
