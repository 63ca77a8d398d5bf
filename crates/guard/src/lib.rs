//! Policy, API keys and bearer tokens as one snapshot that is reloaded while it decides.

mod keys;

pub use keys::{HashSecret, KeyEntry, KeyHash, PreviousKey, StoredHash};
