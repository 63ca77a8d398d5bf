//! Policy, API keys and bearer tokens as one snapshot that is reloaded while it decides.

pub mod keys;

pub use keys::{HashSecret, KeyEntry, KeyFile, KeyFileError, KeyHash, PreviousKey, StoredHash};
