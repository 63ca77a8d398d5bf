//! Policy, API keys and bearer tokens as one snapshot that is reloaded while it decides.

mod answer;
mod builder;
mod counters;
mod events;
mod guard;
mod header;
mod history;
mod identity;
pub mod keys;
mod listener;
mod log;
mod lookup;
#[cfg(feature = "compiler")]
mod mask;
mod metrics;
mod policy_origin;
mod reason;
mod reload;
mod reload_error;
mod reloader;
mod shadow;
mod snapshot;
mod sources;
mod status;
mod sync;
mod texts;
#[cfg(feature = "tokens")]
mod tokens;
#[cfg(feature = "tracing")]
mod trace;
mod trusted_file;
mod verdict;

pub use answer::Answer;
pub use builder::Builder;
pub use counters::{Counts, RouteCounts};
pub use guard::Guard;
pub use header::{IDENTITY_HEADERS, OVERRIDE_HEADERS, is_same_header};
pub use keys::{HashSecret, KeyEntry, KeyFile, KeyFileError, KeyHash, PreviousKey, StoredHash};
pub use log::{DecisionLog, LogSink};
pub use lookup::{FoundKey, KeyLookup, LookupFailed};
pub use policy_origin::PolicyOrigin;
pub use reason::{CheckFault, DenyReason};
pub use reload::Reload;
pub use reload_error::ReloadError;
pub use routescope::Reason;
pub use shadow::Shadow;
pub use status::{ListenerStatus, Status};
#[cfg(feature = "tokens")]
pub use tokens::{
    IgnoredKey, MAX_TOKEN_BYTES, RsaAlgorithm, ScopeClaim, TokenDenial, TokenKeys, TokenKeysError,
    TokenKeysReader, TokenRules, TokenRulesError, TokenVerifier, UnknownRsaAlgorithm,
    VerifiedToken, has_token_form,
};
pub use trusted_file::FileProblem;
