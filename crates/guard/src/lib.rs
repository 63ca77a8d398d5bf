// README's links, for rustdoc: the first definition of a link counts, and README's own lead
// nowhere there. Files are found from `target/doc/routescope_guard`.
//! [docs/guard.md]: ../../../docs/guard.md
//! [docs/reload.md]: ../../../docs/reload.md
//! [docs/command.md]: ../../../docs/command.md
//! [the example]: ../../../crates/guard/examples/reload.rs
//! [routescope-tower]: ../../../crates/tower/README.md
//!
#![doc = include_str!("../README.md")]
//!
//! # The way through this page
//!
//! [`Guard::builder`] takes a [`PolicyOrigin`] and makes a [`Builder`], which makes a [`Guard`].
//! [`Guard::decide`] and [`Guard::decide_with`] (with a [`KeyLookup`]) make an [`Answer`], whose
//! [`DenyReason`] says why not. [`Guard::reload`] and its relatives return a [`Reload`] or a
//! [`ReloadError`]. [`Guard::status`], [`Guard::counts`] and [`Guard::metrics`] tell of a guard
//! in use, a [`DecisionLog`] of its decisions; a [`Shadow`] lets some denials through. The module [`keys`] reads, makes and changes key files.

mod answer;
mod builder;
mod clock;
mod counters;
mod events;
mod file_stamp;
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
mod problem_details;
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
pub use clock::seconds_since_1970;
pub use counters::{Counts, RouteCounts};
pub use file_stamp::FileStamp;
pub use guard::Guard;
pub use header::{IDENTITY_HEADERS, OVERRIDE_HEADERS, is_same_header};
pub use keys::{HashSecret, KeyEntry, KeyFile, KeyFileError, KeyHash, PreviousKey, StoredHash};
pub use log::{DecisionLog, LogSink};
pub use lookup::{FoundKey, KeyLookup, LookupFailed};
pub use policy_origin::PolicyOrigin;
pub use reason::{CheckFault, DenyReason};
pub use reload::Reload;
pub use reload_error::ReloadError;
pub use routescope::{By, Reason};
pub use shadow::Shadow;
pub use status::{ListenerStatus, Status};
#[cfg(feature = "tokens")]
pub use tokens::{
    IgnoredKey, MAX_TOKEN_BYTES, RsaAlgorithm, ScopeClaim, TokenDenial, TokenKeys, TokenKeysError,
    TokenKeysReader, TokenRules, TokenRulesError, TokenVerifier, UnknownRsaAlgorithm,
    VerifiedToken, has_token_form,
};
pub use trusted_file::{FileProblem, read_secret_file, read_trusted_file};

// The examples of the pages that are about this crate run as its documentation tests. No package
// has the pages, and no other build reads them.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guard.md")]
mod guard_page {}

#[cfg(doctest)]
#[doc = include_str!("../../../docs/reload.md")]
mod reload_page {}
