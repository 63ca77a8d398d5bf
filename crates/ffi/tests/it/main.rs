//! The header against the code, and what C sees of more than one policy.

// It compares all functions, the PBX policy's among them.
mod common;
#[cfg(feature = "pbx")]
mod header;
#[cfg(feature = "pbx")]
mod names;
mod policies;
mod scopes;
