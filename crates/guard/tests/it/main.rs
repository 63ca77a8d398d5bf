//! The guard as a gateway uses it.

mod log;
mod metrics;
mod requests;
mod secrecy;
mod shadow;
mod status;
