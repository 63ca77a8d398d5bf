//! The guard as a gateway uses it.

mod log;
mod metrics;
mod reload_under_load;
mod requests;
mod secrecy;
mod shadow;
mod status;
