//! The server as gateways and operators see it: the real program, on loopback.
#![cfg(unix)]

mod admin;
mod answers;
mod check_requests;
mod commands;
mod connection_limits;
mod fixture;
mod healthcheck;
mod hostile;
mod http;
mod keys;
mod log_output;
mod reload;
mod server;
mod stop;
mod told;
mod trial;
