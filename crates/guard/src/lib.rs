//! Policy, API keys and bearer tokens as one snapshot that is reloaded while it decides.

mod answer;
mod builder;
mod counters;
mod guard;
mod header;
mod identity;
mod keys;
mod lookup;
mod policy_origin;
mod reason;
mod reload;
mod shadow;
mod snapshot;
mod sync;
mod texts;
mod verdict;

pub use answer::Answer;
pub use builder::Builder;
pub use counters::{Counts, RouteCounts};
pub use guard::Guard;
pub use header::IDENTITY_HEADERS;
pub use keys::{HashSecret, KeyEntry, KeyFile, KeyFileError, KeyHash, PreviousKey, StoredHash};
pub use lookup::{FoundKey, KeyLookup, LookupFailed};
pub use policy_origin::PolicyOrigin;
pub use reason::{CheckFault, DenyReason};
pub use reload::{Reload, ReloadError};
pub use routescope::Reason;
pub use shadow::Shadow;
