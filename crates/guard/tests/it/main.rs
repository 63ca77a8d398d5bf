//! The guard from the outside.

mod bad_key_files;
mod key_file_edits;
mod key_files;
