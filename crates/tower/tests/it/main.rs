//! The layer in front of real servers, over real sockets.

mod answers;
mod attacks;
mod concurrency;
mod echo;
mod examples;
mod framing;
mod grpc;
mod guards;
mod h2_bytes;
mod h2_frames;
mod headers;
mod hidden;
mod lookup;
#[cfg(feature = "axum")]
mod nested;
mod path_cases;
mod paths;
mod preflight;
mod readiness;
#[path = "../../../guard/tests/it/requirement_cases.rs"]
#[allow(dead_code, reason = "others use the rest")]
mod requirement_cases;
mod requirements;
mod server;
mod shadow;
mod wire;
