//! The guard as a gateway uses it.

mod bad_key_files;
mod key_file_edits;
mod key_files;
mod log;
mod metrics;
mod reload;
#[cfg(feature = "compiler")]
mod reload_example;
mod requests;
mod requirement_cases;
mod requirements;
mod secrecy;
mod shadow;
mod stale;
mod status;

#[cfg(feature = "compiler")]
mod wider;

#[cfg(feature = "tokens")]
#[allow(dead_code, reason = "the tests of tokens use more of it")]
#[path = "../tokens/sign.rs"]
mod sign;
