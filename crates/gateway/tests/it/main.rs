//! The server as gateways and operators see it: the real program, on loopback.
#![cfg(unix)]

mod http;
mod keys;
mod server;
mod stop;
