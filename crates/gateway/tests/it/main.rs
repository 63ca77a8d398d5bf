//! The server as gateways and operators see it: the real program, on loopback.
#![cfg(unix)]

mod admin;
mod answers;
mod check_requests;
mod commands;
mod connection_limits;
mod fixture;
#[cfg(feature = "grpc")]
mod grpc;
#[cfg(all(feature = "grpc", feature = "tls"))]
#[path = "../../../tower/tests/it/h2_bytes.rs"]
#[allow(dead_code, reason = "others use the rest")]
mod h2_bytes;
mod healthcheck;
mod hostile;
mod http;
mod keys;
mod log_output;
mod open_files;
#[path = "../../../tower/tests/it/path_cases.rs"]
mod path_cases;
mod reload;
#[path = "../../../guard/tests/it/requirement_cases.rs"]
#[allow(dead_code, reason = "others use the rest")]
mod requirement_cases;
mod requirements;
mod secrecy;
mod server;
mod sockets;
mod stop;
#[cfg(feature = "tls")]
mod tls;
mod told;
mod trial;
