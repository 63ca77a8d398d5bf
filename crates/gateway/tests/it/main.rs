//! The server as gateways and operators see it: the real program, on loopback.
#![cfg(unix)]

mod answers;
mod check_requests;
#[cfg(feature = "grpc")]
mod grpc;
mod hostile;
mod http;
mod keys;
mod secrecy;
mod server;
mod sockets;
mod stop;
#[cfg(feature = "tls")]
mod tls;
mod told;
