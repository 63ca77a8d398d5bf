//! The guard from the outside.

mod bad_key_files;
mod key_files;
