//! Tests of the guard from outside.

mod log;
mod metrics;
mod requests;
mod secrecy;
mod shadow;
mod status;
